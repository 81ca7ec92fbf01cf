"""What the register found in a report, at the value or the person that it is about, and in the report's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.web.frame.languages import N_, Text
from register.core import Register
from register.domain.signals.dossier import Dossier
from register.domain.signals.history import FindingEvent, HistoryLine
from register.domain.signals.protecting.finding import LETS_GO, FindingId, Found
from register.services.signals.read_signal import places_of

WAITS: Final = N_("Waits for the register unit")
KEPT: Final = N_("Stays at home")


@dataclass(frozen=True, slots=True)
class Mark:
    """That a value or a person is not to be found abroad: a word and a shape, and why.

    Attributes:
        shape: `waits` or `kept`, as the stylesheet draws them.
    """

    shape: str
    says: Text
    found: Found
    same: bool


def marks_of(register: Register, dossier: Dossier) -> Mapping[str, list[Mark]]:
    """By place in the form, what waits there or stays at home, of what this reader may know."""
    shown = [(one, mark) for one in dossier.found if (mark := _mark(one, dossier.waiting)) is not None]
    places = places_of(register, dossier.signal.form, [one for one, _ in shown])
    marks: dict[str, list[Mark]] = {}
    for one, mark in shown:
        for place in places.get(one.id, ()):
            marks.setdefault(place, []).append(mark)
    return marks


def is_unplaced(dossier: Dossier) -> bool:
    """Whether something waits of which this reader is not told where it stands."""
    return bool(dossier.waiting - {one.id for one in dossier.found})


def lines_found(dossier: Dossier) -> list[HistoryLine]:
    """The timeline with what was asked of the register unit and what it said, oldest first."""
    lines = list(dossier.history)
    # What is asked as a report comes in is opened before its first line is written.
    first = dossier.events[0].at if dossier.events else None
    for one in dossier.found:
        asked = one.question
        facts = {
            "asked": asked.asked.value,
            "family": asked.family,
            "same": asked.about == asked.because,
            "subject": asked.subject_n,
            "decision": one.decision and one.decision.value,
        }
        opened = one.opened_at if first is None else max(first, one.opened_at)
        lines.append(HistoryLine(opened, FindingEvent.ASKED, "", facts))
        if one.decided_at is not None:
            lines.append(HistoryLine(one.decided_at, FindingEvent.DECIDED, "", facts))
    lines += [
        HistoryLine(one.decided_at, FindingEvent.LET_GO, "") for one in dossier.let_go if one.decided_at is not None
    ]
    return sorted(lines, key=lambda line: line.at)


def _mark(one: Found, waiting: frozenset[FindingId]) -> Mark | None:
    same = one.question.about == one.question.because
    if one.id in waiting:
        return Mark("waits", WAITS, one, same)
    if one.decision is not None and one.decision not in LETS_GO:
        return Mark("kept", KEPT, one, same)
    return None
