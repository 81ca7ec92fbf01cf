"""The made-up data of the demo and of the tests, read from the TOML files beside this module and typed.

Organisations and people with their defaults, the 110 signals of the story (each one a checked form, ready to be
sent), and what the story must show. Nobody and nothing in it is real. Nothing here sends, stores or decides.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from register.domain.access.admission import Admitted
from register.domain.access.caller import Task
from register.domain.access.organisation import Organisation as Registered
from register.domain.access.organisation import Profile, Training, Unit
from schemas.codes import Handling, LegalBasis, Partition, Purpose, Visibility
from schemas.signals.parts import EvaluationIn, SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

GROUPS: Final = ("cmma-2023", "story", "switchboard", "noise")
"""The groups that make up the 110; `cut` stands apart and is sent only while the cable is cut."""

_strict = ConfigDict(extra="forbid")


def _read_letters(value: object) -> object:
    return frozenset(Task.of_letter(letter) for letter in value) if isinstance(value, str) else value


Tasks = Annotated[frozenset[Task], BeforeValidator(_read_letters)]


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Organisation:
    """One organisation with what its submitters need not type.

    Attributes:
        code: for instance `AW-DIMAS`; `client` is the id of its program at the issuer.
        legal_profile: police, non-police or justice.
        retention: retention class of its records.
        acquisition: how it comes by what it submits.
        source: what stands in a form as the source unless the submitter says otherwise.
        contact: the unit a foreign coordinator turns to after a hit.
        routes: police or legal assistance.
        units: those of its own that foreign coordinators turn to.
        submits: whether it is one of the 18 services of the story.
        made_up: stands for any of its kind; where false only its name is real.
    """

    code: str
    name: str
    kind: str
    country: Partition
    legal_profile: str
    legal_basis: LegalBasis
    purpose: Purpose
    evaluation: EvaluationIn
    handling: Handling
    visibility: Visibility
    retention: str
    acquisition: str
    source: str
    contact: str
    routes: tuple[str, ...]
    channels: tuple[str, ...]
    tasks: Tasks
    valid_from: date
    valid_to: date | None = None
    units: tuple[str, ...] = ()
    submits: bool = False
    made_up: bool = False

    @property
    def client(self) -> str:
        """The client id of its program, for instance `aw-dimas`."""
        return self.code.lower()

    def admitted(self) -> Admitted:
        """The same as the country lets it in, with its units."""
        units = (Unit(unit, self.code, self.valid_from, self.valid_to) for unit in self.units)
        return Admitted(self.registered(), tuple(units))

    def registered(self) -> Registered:
        """The same as the register holds it."""
        given = self.evaluation
        profile = Profile(
            legal_basis=self.legal_basis,
            purpose=self.purpose,
            evaluation=(given.scheme, given.source, given.information),
            handling=self.handling,
            visibility=self.visibility,
            retention_class=self.retention,
            acquisition=self.acquisition,
            contact_unit=self.contact,
            routes=self.routes,
        )
        return Registered(
            partition=self.country,
            code=self.code,
            name=self.name,
            kind=self.kind,
            legal_profile=self.legal_profile,
            profile=profile,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Person:
    """A persona with the authorisation that its country's register holds for it."""

    key: str
    title: str
    persona: str
    organisation: str
    tasks: Tasks
    begins: date
    ends: date | None = None
    trained_on: date

    @property
    def training(self) -> Training:
        """What it was taught; made up to count for as long as anybody plays the demo."""
        return Training("Working with the register", self.trained_on, date(2099, 12, 31))

    @property
    def country(self) -> Partition:
        """The country whose issuer signs this person in."""
        return Partition(self.organisation[:2])


@dataclass(frozen=True, slots=True)
class DemoSignal:
    """One signal of the story.

    Attributes:
        key: how expectations name it, for instance `guarantor-cw-1`; not its reference, which the register draws.
        group: one of `GROUPS`, or `cut`.
        organisation: code of the service that submits it.
        form: the checked form.
        body: the same as it is posted, ready for JSON; to be read, not changed.
    """

    key: str
    group: str
    organisation: str
    form: SignalIn
    body: dict[str, Any]

    @property
    def country(self) -> Partition:
        """The owner."""
        return Partition(self.organisation[:2])


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class ExpectedHit:
    """A hit that a question must bring: the signals behind it, and what may be shown of them."""

    country: Partition
    strength: str
    signals: tuple[str, ...]
    months: tuple[str, str]
    contact: str
    routes: tuple[str, ...]
    role: str | None = None
    use: str | None = None
    location_type: str | None = None
    conditions: tuple[str, ...] = ()


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Question:
    """A question of a coordinator with its answer by country.

    Attributes:
        id: `a` to `e` as in the story, and `withdrawn`.
        subject: the person asked for; or else
        selector: the number or document asked for.
        own: signals of the asker's own register that it must find.
        hit: hits abroad.
        nothing: countries that answer "nothing that may be shown".
        no_match: signals that must not come up, for all that they look alike.
        not_asked_in_strict: countries that edition `strict` does not let be asked.
        too_common: records that carry the value, by country.
    """

    id: str
    asker: str
    case: str
    purpose: Purpose
    legal_basis: LegalBasis
    reason: str
    subject: SubjectIn | None = None
    selector: SelectorIn | None = None
    own: tuple[str, ...] = ()
    hit: tuple[ExpectedHit, ...] = ()
    nothing: tuple[Partition, ...] = ()
    no_match: tuple[str, ...] = ()
    not_asked_in_strict: tuple[Partition, ...] = ()
    too_common: Mapping[Partition, int] = field(default_factory=dict)


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Counts:
    """How many of each kind the story holds."""

    notifications: int
    submissions: int
    services: int
    groups: Mapping[str, int]


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Airport:
    """The signal whose preview is shown: who may get the extract, and who is next."""

    signal: str
    goes_to: frozenset[Partition]
    next: str


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Reclassified:
    """The signal entered as smuggling and changed to mixed, with the reason given."""

    signal: str
    by: str
    was: str
    becomes: str
    cue: str
    reason: str


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class KeptHome:
    """A signal of which no extract leaves; because: theme, minor, victim or prosecutor."""

    signal: str
    because: str


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Withdrawal:
    """The signal that is taken back, and how many receipts must confirm it."""

    signal: str
    by: str
    reason: str
    receipts: int


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Cut:
    """The country whose cable is cut, and what it registers meanwhile."""

    country: Partition
    signals: tuple[str, ...]


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class AnnualReport:
    """The printed figures of one country and year, by reporting row."""

    country: Partition
    year: int
    notifications: int
    forwarded: int
    anonymous: int
    source: Mapping[str, int]
    channel: Mapping[str, int]
    signal_type: Mapping[str, int]

    @property
    def figures(self) -> int:
        """How many figures the report prints."""
        return 3 + len(self.source) + len(self.channel) + len(self.signal_type)


@checked(frozen=True, slots=True, kw_only=True, config=_strict)
class Expectations:
    """What the story must show, step by step; the people it names are made up."""

    made_up: bool
    counts: Counts
    airport: Airport
    reclassified: Reclassified
    kept_home: tuple[KeptHome, ...]
    question: tuple[Question, ...]
    withdrawal: Withdrawal
    cut: Cut
    report_2023: AnnualReport

    def asked(self, question: str) -> Question:
        """The question of that id."""
        return next(one for one in self.question if one.id == question)


@cache
def organisations() -> tuple[Organisation, ...]:
    """All organisations of the five countries, those of the story and those beside it."""
    table = _read_table("organisations.toml")
    return tuple(_read_organisation(row, table["profile"]) for row in table["organisation"])


@cache
def people() -> tuple[Person, ...]:
    """Per country an officer, a coordinator and a register unit, of two persons in Aruba and Curaçao.

    For some who prosecutes, counts or approves.
    """
    adapter = TypeAdapter(Person)
    return tuple(adapter.validate_python(row) for row in _read_table("people.toml")["person"])


@cache
def signals() -> tuple[DemoSignal, ...]:
    """The 110 signals: 24 notifications of 2023, then 86 submissions of 2026, in the order in which they are sent."""
    return tuple(one for name in GROUPS for one in _read_signals(f"signals_{name.replace('-', '_')}.toml"))


@cache
def signals_during_cut() -> tuple[DemoSignal, ...]:
    """The reports made while the cable is cut; not among the 110."""
    return tuple(_read_signals("signals_cut.toml"))


@cache
def expectations() -> Expectations:
    """What the story must show."""
    return TypeAdapter(Expectations).validate_python(_read_table("expect.toml"))


@cache
def canaries() -> tuple[str, ...]:
    """Every name, number, document, plate, address and handle of the signals, as typed and without its spaces.

    None of them may ever be found in an index, an opened page of the exchange, a log or a plain column.
    """
    typed = {value for one in (*signals(), *signals_during_cut()) for value in _list_identifying_values(one.form)}
    return tuple(sorted(typed | {value.replace(" ", "") for value in typed if any(map(str.isdigit, value))}))


def _read_organisation(row: dict[str, Any], profiles: Mapping[str, Mapping[str, Any]]) -> Organisation:
    merged = {**profiles[row["profile"]], **row}
    merged.pop("profile")
    merged["valid_from"], merged["valid_to"] = merged.pop("from"), merged.pop("until", None)
    return TypeAdapter(Organisation).validate_python(merged)


def _read_signals(name: str) -> Iterator[DemoSignal]:
    table = _read_table(name)
    for row in table["signal"]:
        body = {**table["defaults"], **row}
        key, organisation = body.pop("key"), body.pop("organisation")
        form = SignalIn.model_validate(body)
        yield DemoSignal(key, table["group"], organisation, form, body)


def _list_identifying_values(form: SignalIn) -> Iterator[str]:
    for subject in form.subjects:
        if subject.name is not None:
            yield subject.name
        yield from (selector.value for selector in subject.selectors)
    yield from (selector.value for selector in form.selectors)


def _read_table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("rtr_trial.demo.made_up").joinpath(name).read_text(encoding="utf-8"))
