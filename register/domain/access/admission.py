"""Who is let in: what a list of organisations or of authorisations would change, and what speaks against it.

Pure: the state before and what is wanted come in as values, `today` is the day in the country. A list with one fault
changes nothing. Nothing is ever deleted: a row ends by a day, and what a list leaves out stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from typing import Final

from register.domain.access.caller import Task
from register.domain.access.organisation import RETENTION_DAYS, Authorisation, Organisation, Unit
from schemas.codes import Partition, code_list
from schemas.exchange.lists import ACTORS_MAX, ORGANISATIONS_MAX, UNITS_MAX

Place = tuple[str | int, ...]
"""Where in a list: for instance ("organisation", 3, "unit", 0, "name"), counted from 0."""

LEGAL_PROFILES: Final = ("police", "justice", "non-police")
EXCLUDED: Final[Mapping[Task, frozenset[Task]]] = MappingProxyType(
    {
        Task.SUBMIT: frozenset(),
        Task.REGISTER: frozenset(),
        Task.ENRICH: frozenset(),
        Task.READ_OWN: frozenset(),
        Task.SEARCH_SHARED: frozenset(),
        Task.CONSENT: frozenset(),
        # A gate is kept by somebody who brought nothing to it, and never by whom it has to hold back (domain.md 7).
        Task.PROSECUTE: frozenset({Task.SUBMIT, Task.REGISTER, Task.ENRICH, Task.SEARCH_SHARED, Task.CONSENT}),
        Task.STATISTICS: frozenset(),
        # Who reads the log of what others do is none of those it tells of (domain.md 6.2, 9: insider).
        Task.AUDIT: frozenset(Task) - {Task.AUDIT},
        # And who is shown what others ask asks nothing himself: nobody ticks his own search (the log is another's).
        Task.PRIVACY: frozenset(Task) - {Task.PRIVACY, Task.AUDIT},
    }
)
"""Tasks that nobody holds on the same day as the one they stand beside; each pair stands once."""
_NODES_OWN: Final = ("system:", "partner:")
"""How the log names the node and its partners; nobody else is called so."""


class Outcome(StrEnum):
    """What a list does to one row."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a list and what becomes of it.

    Attributes:
        what: organisation, unit or authorisation.
        name: which one.
        says: what differs, in plain words; empty where nothing does.
    """

    outcome: Outcome
    what: str
    name: str
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a list is not applied: where, what is wrong, and what to do."""

    at: Place
    says: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """An organisation of a list, with its units."""

    organisation: Organisation
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list comes to.

    Attributes:
        changes: one a row, in the list's order, and one for each authorisation that ends with its organisation.
        faults: if there is one, nothing is applied.
        left_out: names of rows that stand in the register and not in the list; they stay.
        organisations, units, authorisations: the rows to write.
    """

    changes: tuple[Change, ...] = ()
    faults: tuple[Fault, ...] = ()
    left_out: tuple[str, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    units: tuple[Unit, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register of one country holds."""

    country: Partition
    organisations: Mapping[str, Organisation]
    units: Mapping[str, Unit]
    authorisations: tuple[Authorisation, ...] = ()


def plan_organisations(standing: Standing, given: Sequence[Admitted], today: date) -> Plan:
    """Return what a list of organisations with their units would change."""
    wanted = {one.organisation.code: one.organisation for one in given}
    units = {unit.name: unit for one in given for unit in one.units}
    faults = [*_faults_of_organisations(standing, given), *_faults_of_units(standing, given)]
    faults += [*_faults_of_days(standing, given, units, today), *_faults_of_contacts(standing, given, units, today)]
    if len({*standing.organisations, *wanted}) > ORGANISATIONS_MAX or len({*standing.units, *units}) > UNITS_MAX:
        says = f"A country has at most {ORGANISATIONS_MAX} organisations and {UNITS_MAX} units, ended ones included."
        faults.append(Fault(("organisation",), says))
    changes: list[Change] = []
    for one in given:
        organisation = one.organisation
        before = standing.organisations.get(organisation.code)
        changes.append(
            _describe_change(
                "organisation",
                organisation.code,
                None if before is None else _words_of(before),
                _words_of(organisation),
            )
        )
        changes += [
            _describe_change("unit", unit.name, _known_words(standing.units.get(unit.name)), _words_of_unit(unit))
            for unit in one.units
        ]
    # Who was let in for an organisation goes with it, and does not come back when it does.
    outlived = [grant for grant in standing.authorisations if _is_outliving(grant, wanted.get(grant.organisation))]
    ended = [replace(grant, ends=wanted[grant.organisation].valid_to) for grant in outlived]
    changes += [
        Change(Outcome.ENDED, "authorisation", name_of(grant), (f"ends with its organisation on {grant.ends}",))
        for grant in ended
    ]
    return Plan(
        changes=tuple(changes),
        faults=tuple(faults),
        left_out=tuple(sorted({*standing.organisations, *standing.units} - {*wanted, *units})),
        organisations=tuple(one for code, one in wanted.items() if one != standing.organisations.get(code)),
        units=tuple(unit for name, unit in units.items() if unit != standing.units.get(name)),
        authorisations=tuple(ended),
    )


def plan_authorisations(standing: Standing, given: Sequence[Authorisation], today: date) -> Plan:
    """Return what a list of authorisations would change."""
    before = {key_of(grant): grant for grant in standing.authorisations}
    wanted: dict[tuple[str, str, date], int] = {}
    faults: list[Fault] = []
    changes: list[Change] = []
    for number, grant in enumerate(given):
        at: Place = ("authorisation", number)
        key, known = key_of(grant), before.get(key_of(grant))
        if key in wanted:
            faults.append(Fault(at, f"The same as number {wanted[key] + 1}: actor, organisation and begin; keep one."))
            continue
        wanted[key] = number
        changes.append(
            _describe_change(
                "authorisation",
                name_of(grant),
                None if known is None else _words_of_grant(known),
                _words_of_grant(grant),
            )
        )
        if grant != known:
            faults += [Fault((*at, *where), says) for where, says in _faults_of_grant(standing, grant, known, today)]
    faults += _faults_together(before, {key: given[number] for key, number in wanted.items()}, wanted)
    asking = {key for key, grant in before.items() if grant.asks_evaluators}
    asking |= {key for key, number in wanted.items() if given[number].asks_evaluators}
    if len(asking) > ACTORS_MAX:
        says = f"A country has at most {ACTORS_MAX} authorisations to report or to search, ended ones included."
        faults.append(Fault(("authorisation",), says))
    return Plan(
        changes=tuple(changes),
        faults=tuple(faults),
        left_out=tuple(sorted(name_of(grant) for key, grant in before.items() if key not in wanted)),
        authorisations=tuple(given[number] for key, number in wanted.items() if given[number] != before.get(key)),
    )


def key_of(grant: Authorisation) -> tuple[str, str, date]:
    """What makes an authorisation the same one: for whom, at which organisation, from which day."""
    return grant.actor, grant.organisation, grant.begins


def name_of(grant: Authorisation) -> str:
    """An authorisation as lists name it."""
    return f"{grant.actor} at {grant.organisation} from {grant.begins}"


# --- organisations ---


def _faults_of_organisations(standing: Standing, given: Sequence[Admitted]) -> Iterable[Fault]:
    country, seen = standing.country, dict[str, int]()
    for number, one in enumerate(given):
        organisation, at = one.organisation, ("organisation", number)
        if organisation.partition is not country or not organisation.code.startswith(f"{country}-"):
            yield Fault(
                (*at, "code"),
                f"Organisations of {country} have a code that begins with {country}-; each country lets in its own.",
            )
        if organisation.code in seen:
            yield Fault((*at, "code"), f"The same code as number {seen[organisation.code] + 1}; keep one of them.")
        seen.setdefault(organisation.code, number)
        if organisation.legal_profile not in LEGAL_PROFILES:
            yield Fault((*at, "legal_profile"), f"Give one of {', '.join(LEGAL_PROFILES)}.")
        if organisation.valid_to is not None and organisation.valid_to < organisation.valid_from:
            yield Fault((*at, "ends"), "It ends before it begins; correct one of the two days.")
        profile = organisation.profile
        bases = code_list("legal_basis")[profile.legal_basis].extra["partitions"]
        if country not in bases:
            yield Fault((*at, "profile", "legal_basis"), f"No law of {country}; give one that is.")
        if profile.retention_class not in RETENTION_DAYS:
            yield Fault((*at, "profile", "retention"), f"Give one of {', '.join(RETENTION_DAYS)}.")


def _faults_of_units(standing: Standing, given: Sequence[Admitted]) -> Iterable[Fault]:
    seen: dict[str, str] = {name: unit.organisation for name, unit in standing.units.items()}
    listed: set[str] = set()
    for number, one in enumerate(given):
        organisation = one.organisation
        for place, unit in enumerate(one.units):
            at: Place = ("organisation", number, "unit", place)
            holder = seen.setdefault(unit.name, unit.organisation)
            if holder != unit.organisation:
                yield Fault(
                    (*at, "name"), f"A unit of this name belongs to {holder}; names of units are one in a country."
                )
            elif unit.name in listed:
                yield Fault((*at, "name"), "The list has this unit twice; keep one of them.")
            listed.add(unit.name)
            if unit.ends is not None and unit.ends < unit.begins:
                yield Fault((*at, "ends"), "It ends before it begins; correct one of the two days.")
            if unit.begins < organisation.valid_from:
                yield Fault((*at, "begins"), "It begins before its organisation does; correct one of the two days.")
            if organisation.valid_to is not None and (unit.ends is None or unit.ends > organisation.valid_to):
                yield Fault(
                    (*at, "ends"), f"Its organisation ends on {organisation.valid_to}; give the unit an end, too."
                )


def _faults_of_days(
    standing: Standing, given: Sequence[Admitted], units: Mapping[str, Unit], today: date
) -> Iterable[Fault]:
    """What an organisation did on a day that has passed is a fact, and what is its own ends with it."""
    yesterday = today - timedelta(days=1)
    for number, one in enumerate(given):
        organisation, at = one.organisation, ("organisation", number)
        known, last = standing.organisations.get(organisation.code), organisation.valid_to
        began = [each.begins for each in standing.authorisations if each.organisation == organisation.code]
        if known is not None and began and organisation.valid_from > max(known.valid_from, min(began)):
            yield Fault((*at, "begins"), f"Somebody was let in for it on {min(began)}; it cannot begin after that.")
        if known is not None and last is not None and last != known.valid_to and last < yesterday:
            yield Fault(
                (*at, "ends"),
                f"It was in force until today; {yesterday} is the earliest last day, and ends it at once.",
            )
        left = sorted(
            unit.name
            for unit in standing.units.values()
            if unit.organisation == organisation.code and unit.name not in units
            if last is not None and (unit.ends is None or unit.ends > last)
        )
        if left:
            yield Fault((*at, "ends"), f"Units of it stand without an end: {', '.join(left)}. List them with one, too.")


def _faults_of_contacts(
    standing: Standing, given: Sequence[Admitted], units: Mapping[str, Unit], today: date
) -> Iterable[Fault]:
    """Partners refuse an extract that names a unit which the country's list does not have."""
    known = {**standing.units, **units}
    for number, one in enumerate(given):
        organisation, at = one.organisation, ("organisation", number, "profile", "contact")
        if organisation.valid_to is not None and organisation.valid_to < today:
            continue
        unit = known.get(organisation.profile.contact_unit)
        if unit is None:
            yield Fault(at, "No unit of this name is in the list or in the register; add it, or name another.")
        elif unit.ends is not None and unit.ends < today:
            yield Fault(at, f"This unit ended on {unit.ends}; name one that stands.")
        elif unit.begins > max(today, organisation.valid_from):
            yield Fault(at, f"This unit begins on {unit.begins} only; name one that stands.")
    listed = {one.organisation.code for one in given}
    for code, organisation in standing.organisations.items():
        unit = units.get(organisation.profile.contact_unit)
        if code in listed or not organisation.in_force(today) or unit is None or unit.ends is None:
            continue
        if organisation.valid_to is None or unit.ends < organisation.valid_to:
            says = f"{code} names the unit {unit.name} as its contact, which ends: list it with another contact, too."
            yield Fault(("organisation",), says)


def _is_outliving(grant: Authorisation, organisation: Organisation | None) -> bool:
    last = None if organisation is None else organisation.valid_to
    # One that was to begin later is ended, too: it would begin if the organisation came back.
    return last is not None and (grant.ends is None or grant.ends > last)


# --- authorisations ---


def _faults_of_grant(
    standing: Standing, grant: Authorisation, known: Authorisation | None, today: date
) -> Iterable[tuple[Place, str]]:
    organisation = standing.organisations.get(grant.organisation)
    if organisation is None or grant.partition is not standing.country:
        yield (
            ("organisation",),
            f"There is no such organisation in {standing.country}; let it in first, by its own list.",
        )
    elif grant.begins < organisation.valid_from:
        yield ("begins",), f"The organisation takes part from {organisation.valid_from}; begin then or later."
    elif organisation.valid_to is not None and (grant.ends is None or grant.ends > organisation.valid_to):
        yield ("ends",), f"The organisation ends on {organisation.valid_to}; give an end by then."
    if grant.actor.startswith(_NODES_OWN):
        yield ("actor",), "Names that begin so are the node's own; give the subject as the provider does."
    if not grant.tasks:
        yield ("tasks",), "Give at least one task."
    for one, other in _find_excluded_pairs(grant.tasks):
        yield ("tasks",), f"{one} and {other} exclude each other; give them to two persons."
    if grant.ends is not None and grant.ends < grant.begins:
        yield ("ends",), "It ends before it begins; correct one of the two days."
    yield from _faults_of_training(grant, known, today)
    if known is not None:
        yield from _faults_of_change(grant, known, today)


def _faults_of_training(grant: Authorisation, known: Authorisation | None, today: date) -> Iterable[tuple[Place, str]]:
    training = grant.training
    if training is None:
        if grant.actor_kind == "person":
            yield (
                ("training",),
                "A person is let in after a training: say which, on which day, and until when it counts.",
            )
        return
    if training.on > today:
        yield ("training", "on"), "This training is still to come; let the person in after it."
    if known is None and training.on > grant.begins:
        yield ("training", "on"), f"This training was held after {grant.begins}; a person is let in after it."
    if training.until is not None and training.until < training.on:
        yield ("training", "until"), "It runs out before it was held; correct one of the two days."
    elif training.until is not None and training.until < today and (known is None or training != known.training):
        yield ("training", "until"), f"This training ran out on {training.until}; train the person again first."


def _faults_of_change(grant: Authorisation, known: Authorisation, today: date) -> Iterable[tuple[Place, str]]:
    """What somebody was allowed on a day that has passed is a fact; only what is still to come can change."""
    for member in ("tasks", "scope", "actor_kind"):
        if getattr(grant, member) != getattr(known, member):
            yield (
                ("tasks" if member == "tasks" else member,),
                "An authorisation keeps what it was given for: end this one, and add another with a begin of its own.",
            )
    yesterday = today - timedelta(days=1)
    if grant.ends == known.ends:
        return
    if known.ends is not None and known.ends < today:
        yield ("ends",), f"It ended on {known.ends} for good; add another with a begin of its own."
    elif grant.ends is not None and grant.ends < yesterday:
        yield ("ends",), f"It was in force until today; {yesterday} is the earliest last day, and ends it at once."


def _faults_together(
    before: Mapping[tuple[str, str, date], Authorisation],
    wanted: Mapping[tuple[str, str, date], Authorisation],
    numbers: Mapping[tuple[str, str, date], int],
) -> Iterable[Fault]:
    """What no row shows by itself: the same actor on the same day at two organisations, or for tasks that exclude."""
    by_actor: dict[str, list[Authorisation]] = {}
    for grant in {**before, **wanted}.values():
        by_actor.setdefault(grant.actor, []).append(grant)
    for grants in by_actor.values():
        for one, other in combinations(grants, 2):
            # Of two that stood before, nothing is said: the list is not what brought them together.
            named = max((numbers[key] for key in (key_of(one), key_of(other)) if key in numbers), default=None)
            if named is None or not _is_overlapping(one, other):
                continue
            theirs = name_of(other if numbers.get(key_of(one)) == named else one)
            at: Place = ("authorisation", named)
            if one.organisation != other.organisation:
                yield Fault(
                    (*at, "organisation"), f"Nobody works for two organisations on one day; end “{theirs}” first."
                )
            for first, second in _find_excluded_pairs(one.tasks | other.tasks):
                if not any({first, second} <= grant.tasks for grant in (one, other)):
                    yield Fault(
                        (*at, "tasks"),
                        f"{first} and {second} exclude each other; “{theirs}” holds one of them; end it first.",
                    )


def _is_overlapping(one: Authorisation, other: Authorisation) -> bool:
    return (one.ends is None or other.begins <= one.ends) and (other.ends is None or one.begins <= other.ends)


def _find_excluded_pairs(tasks: frozenset[Task]) -> list[tuple[Task, Task]]:
    return [(one, other) for one in EXCLUDED for other in Task if {one, other} <= tasks and other in EXCLUDED[one]]


# --- words ---


def _describe_change(what: str, name: str, before: Mapping[str, str] | None, after: Mapping[str, str]) -> Change:
    if before is None:
        return Change(Outcome.ADDED, what, name, tuple(f"{k}: {v}" for k, v in after.items() if v != "-"))
    says = tuple(f"{k}: {before[k]} -> {after[k]}" for k in after if before[k] != after[k])
    if not says:
        return Change(Outcome.UNCHANGED, what, name)
    ends = after["ends"] != before["ends"] and after["ends"] != "-"
    return Change(Outcome.ENDED if ends else Outcome.CHANGED, what, name, says)


def _words_of(organisation: Organisation) -> dict[str, str]:
    profile = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in organisation.profile.as_row().items()
    }
    return {
        "name": organisation.name,
        "kind": organisation.kind,
        "legal profile": organisation.legal_profile,
        "begins": str(organisation.valid_from),
        "ends": str(organisation.valid_to or "-"),
        **{name.replace("_", " "): value for name, value in profile.items()},
    }


def _known_words(unit: Unit | None) -> dict[str, str] | None:
    return None if unit is None else _words_of_unit(unit)


def _words_of_unit(unit: Unit) -> dict[str, str]:
    addresses = ", ".join(f"{one.address} (confirmed {one.confirmed_on})" for one in unit.addresses)
    return {
        "of": unit.organisation,
        "begins": str(unit.begins),
        "ends": str(unit.ends or "-"),
        "addresses": addresses or "-",
    }


def _words_of_grant(grant: Authorisation) -> dict[str, str]:
    training = grant.training
    return {
        "is a": grant.actor_kind,
        "tasks": ", ".join(sorted(grant.tasks)),
        "scope": grant.scope,
        "begins": str(grant.begins),
        "ends": str(grant.ends or "-"),
        "training": "-" if training is None else f"{training.which}, {training.on} to {training.until or '-'}",
    }
