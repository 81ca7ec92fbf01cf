"""What changes once the register unit has taken a report up: who reported may add, and no longer take away.

Until then a report is its submitter's to correct. Afterwards others rest on it, and one account alone must be able
neither to make it vanish nor to put another person in the place of the one it was about. To take it back from
partners at once, who reported can always narrow it (visibility, single approval).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from register.domain.access.caller import Caller, Task
from register.domain.signals.history import SignalEvent
from register.errors import NotPermitted
from schemas.codes import PersonCategory, code_list
from schemas.signals.parts import SubjectIn
from schemas.signals.signal import SignalIn

TAKES_UP: Final = frozenset({SignalEvent.CONFIRMED, SignalEvent.MOVED, SignalEvent.RECLASSIFIED, SignalEvent.REFERRED})
"""Events of the timeline that only the register unit, and those who enrich, bring about."""

HANDS: Final = frozenset({SignalEvent.RECORDED, SignalEvent.AMENDED, SignalEvent.RECLASSIFIED, SignalEvent.CONFIRMED})
"""Events of the timeline by which somebody has a hand in what a report says."""


def only_brought_in(caller: Caller, organisation: str) -> bool:
    """Whether the caller has no more to do with a report of the organisation than that it brought it in.

    Who enriches reports for the country is no stranger to those of others; of the own organisation's he is a party.
    """
    if caller.may(Task.REGISTER):
        return False
    return caller.organisation == organisation or not caller.may(Task.ENRICH)


class TakenUp(NotPermitted):
    """The register unit has taken the report up; what takes away of it is the unit's."""

    code = "taken-up"
    advice = (
        "Ask the register unit to do it. Adding is still yours, and with visibility V3 every partner loses the report "
        "at once while it stays here."
    )


def takes_away(before: SignalIn, after: SignalIn) -> tuple[int, ...]:
    """The numbers of the persons of whom something would be gone, or another thing said.

    That a person is a victim, or a minor, may be said at any time: it protects.
    """
    now = {s.n: s for s in after.subjects}
    return tuple(s.n for s in before.subjects if s.n not in now or not _is_keeping_person(s, now[s.n]))


def _is_keeping_person(before: SubjectIn, after: SubjectIn) -> bool:
    protects = code_list("subject_role")[after.role].extra["person_category"] == PersonCategory.VICTIM
    same_role = protects or after.role == before.role
    return same_role and frozenset(_list_told_facts(before)) <= frozenset(_list_told_facts(after))


def _list_told_facts(subject: SubjectIn) -> Iterator[tuple[str, object]]:
    """What a report tells of who somebody is."""
    if subject.kind != "unknown":
        yield "kind", subject.kind
    if subject.minor:
        yield "minor", True
    if subject.name:
        yield "name", subject.name
    if subject.birth is not None:
        yield from (("birth." + part, v) for part, v in _drop_missing_parts(subject.birth.model_dump().items()))
    if subject.nationality:
        yield "nationality", subject.nationality
    yield from (("selector", (one.type, one.value, one.country)) for one in subject.selectors)


def _drop_missing_parts(parts: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in parts if value is not None)
