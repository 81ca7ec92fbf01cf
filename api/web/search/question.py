"""What is asked, carried from page to page in the form itself: the ground first, then one entry for each thing known.

Nothing of a question is kept on the server before it is asked, and nothing of it is ever in an address or in the
browser's storage. What comes back is read as strictly as what is typed, since a browser may send anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from api.web.frame.guard import Posted, UnreadableForm
from api.web.frame.languages import N_, Text
from api.web.signals.reporting.answers import Reader, Typed
from api.web.signals.reporting.known import EMAIL, REFUSED, birth_of, read_born, read_mark, selector_of
from register.domain.access.case import CaseRefused
from register.domain.typed_day import read_month
from schemas.codes.countries import ISSUERS, NATIONALITIES
from schemas.search.question import SELECTORS_MAX, AskedSubject, SearchIn

Thing = Mapping[str, str]
"""One entry: its kind, and the fields of its page as typed."""

GROUND: Final = ("purpose", "legal_basis", "case")
PERSON: Final = "person"
UNREAL: Final = "unreal"
"""The day of a birth date that does not exist: it is asked without the day, and the page says so."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        PERSON: ("name", "year", "month", "day", "nationality", UNREAL),
        "phone": ("number",),
        "document": ("document_type", "number", "country"),
        "plate": ("number", "country"),
        "email": ("number",),
        "handle": ("platform", "number"),
        "mark": ("mark_type", "number", "country"),
    }
)
"""The kinds of things that can be asked about, with the fields of each."""
_THING: Final[TypeAdapter[dict[str, str]]] = TypeAdapter(dict[str, str])
_LATEST: Final = date.max
_DAYS_MOST: Final = 31
_FAULTY: Final = N_(
    "Give the reference of the case as it stands in your own administration: at least four letters and digits, one "
    "digit among them, for instance 2026-04117. A word for none, a row of equal or running digits, a year that never "
    "was, or a number that is looked up (of a telephone, a document, an account) is no case."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is being asked, as far as it has come.

    Attributes:
        ground: purpose, legal basis and case, as chosen and typed.
        things: what is known of the one person or thing that it is about.
    """

    ground: Mapping[str, str]
    things: Sequence[Thing] = ()

    @property
    def carried(self) -> list[str]:
        """The things as the form carries them on."""
        return [json.dumps(dict(thing), ensure_ascii=False, separators=(",", ":")) for thing in self.things]

    def with_thing(self, thing: Thing) -> Question:
        """The question with one thing more."""
        return Question(self.ground, [*self.things, thing])

    def without(self, number: int) -> Question:
        """The question without one of its things; the same where there is no such thing."""
        return Question(self.ground, [thing for n, thing in enumerate(self.things) if n != number])

    def has_room(self, kind: str) -> bool:
        """Whether one more thing of this kind can be asked about at once."""
        of_person = sum(thing["kind"] == PERSON for thing in self.things)
        return of_person == 0 if kind == PERSON else len(self.things) - of_person < SELECTORS_MAX


def question_of(posted: Posted) -> Question:
    """Read the question that a form carries.

    Raises:
        UnreadableForm: it carries a thing that no page of ours has taken.
    """
    things = [_read_held_thing(text) for text in posted.many("thing")]
    question = Question({name: posted.one(name) for name in GROUND}, things)
    if any(not Question({}, things[:n]).has_room(thing["kind"]) for n, thing in enumerate(things)):
        raise UnreadableForm("the form carries more than one question holds")
    return question


def read_ground(
    reader: Reader, bases: Sequence[str], purposes: Sequence[str], case_of: Callable[[str], str]
) -> Mapping[str, str]:
    """Check purpose, legal basis and case, of those that the person's organisation may ask on; faults are noted.

    Args:
        reader: of the page.
        bases: those that the organisation may ask on.
        purposes: and for which.
        case_of: a case as it is counted; raises `CaseRefused`.

    Returns:
        The ground with the case as it is counted, so that whoever typed it sees that.
    """
    if reader.text("purpose") not in purposes:
        reader.fault("purpose", N_("Choose for what you ask."))
    if reader.text("legal_basis") not in bases:
        reader.fault("legal_basis", N_("Choose on what ground you ask. Your privacy officer knows which it is."))
    typed = {name: reader.text(name) for name in GROUND}
    try:
        return {**typed, "case": case_of(reader.text("case"))}
    except CaseRefused:
        reader.fault("case", _FAULTY)
        return typed


def read_thing(kind: str, reader: Reader) -> Thing | None:
    """Check what was typed on a page; return the entry, or None with the faults noted."""
    if kind == PERSON:
        reader.typed = _without_unreal_day(reader.typed)
    _PAGES[kind](reader)
    return None if reader.faults else {"kind": kind, **{name: reader.text(name) for name in FIELDS[kind]}}


def subject_of(things: Sequence[Thing]) -> AskedSubject | None:
    """What is known, as the search takes it; None where it is too little to match anything."""
    person = next((thing for thing in things if thing["kind"] == PERSON), None)
    known: dict[str, Any] = {"selectors": [_build_selector(thing) for thing in things if thing["kind"] != PERSON]}
    if person is not None:
        known |= {"name": person["name"], "birth": birth_of(person), "nationality": person["nationality"] or None}
    try:
        return AskedSubject.model_validate(known)
    except ValidationError:
        return None


def search_of(question: Question, subject: AskedSubject) -> SearchIn:
    """The question in the form of the search; for a ground that `read_ground` has let pass."""
    return SearchIn.model_validate({**question.ground, "subject": subject})


def probe_of(thing: Thing) -> AskedSubject | None:
    """One thing alone, to see whether its value can be read; a name gets a nationality, since it needs one more."""
    return subject_of([{**thing, "nationality": thing["nationality"] or "AW"} if thing["kind"] == PERSON else thing])


def _without_unreal_day(typed: Typed) -> Typed:
    """A birth date that does not exist (31 June), without its day: the month and the year may still be right."""
    try:
        year, month, day = int(str(typed["year"])), read_month(str(typed["month"])), int(str(typed["day"]))
    except (KeyError, ValueError):
        return typed
    if month is None or not 1 <= day <= _DAYS_MOST:
        return typed
    try:
        date(year, month, day)
    except ValueError:
        return {**typed, "day": "", UNREAL: str(day)} if 1 <= year <= _LATEST.year else typed
    return typed


def _read_held_thing(text: str) -> Thing:
    try:
        held = _THING.validate_json(text)
        kind = held["kind"]
        names = FIELDS[kind]
    except (ValidationError, KeyError):
        raise UnreadableForm("the form carries something that is no thing to ask about") from None
    typed: Typed = {name: held.get(name, "") for name in names}
    # A day that has come, whatever the clock says: what was let pass today is not refused after midnight.
    found = read_thing(kind, Reader(typed, _LATEST))
    if found is None:
        raise UnreadableForm("the form carries a thing that was not taken")
    return found


def _build_selector(thing: Thing) -> dict[str, Any]:
    match thing["kind"]:
        case "email":
            return selector_of({**thing, "kind": "online", "platform": EMAIL})
        case "handle":
            return selector_of({**thing, "kind": "online"})
        case "document":
            return selector_of({**thing, "use": ""})
        case "phone" | "plate" | "mark":
            return selector_of(thing)
        case kind:
            raise ValueError(f"no selector is made of a thing of kind {kind}")


def _require_number(code: str) -> Callable[[Reader], None]:
    return lambda reader: _read_line(reader, REFUSED[code])


def _read_line(reader: Reader, says: Text) -> None:
    reader.line("number", "value", says)


def _read_person(reader: Reader) -> None:
    reader.line("name", "name", N_("Give the name, or ask about a number instead."))
    read_born(reader)
    reader.number(UNREAL, 1, _DAYS_MOST, REFUSED["person-refused"])
    reader.country("nationality", needed=False, among=NATIONALITIES)


def _read_document(reader: Reader) -> None:
    reader.code("document_type", "document_type", N_("Choose the type of the document."))
    _read_line(reader, REFUSED["document-refused"])
    reader.country("country", needed=True, among=ISSUERS)


def _read_plate(reader: Reader) -> None:
    _read_line(reader, REFUSED["plate-refused"])
    reader.country("country", needed=True)


def _read_handle(reader: Reader) -> None:
    reader.code("platform", "platform", N_("Choose the platform."))
    _read_line(reader, REFUSED["handle-refused"])


_PAGES: Final[Mapping[str, Callable[[Reader], None]]] = MappingProxyType(
    {
        PERSON: _read_person,
        "phone": _require_number("phone-refused"),
        "document": _read_document,
        "plate": _read_plate,
        "email": _require_number("email-refused"),
        "handle": _read_handle,
        "mark": read_mark,
    }
)
