"""Alarms: what about the way in which is asked the privacy officer should look at. An alarm refuses nobody.

Pure. All figures are assumed until the countries confirm them. None of this holds a value that was asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from register.domain.running.to_do import KINDS, ToDo
from register.errors import Conflict
from schemas.codes import AlarmKind, ToDoKind, Urgency

WINDOW: Final = timedelta(days=7)
"""How long what was asked is looked at together."""
NEARLY: Final = 0.8
"""The share of a budget from which on it rings."""
NEIGHBOURS_MAX: Final = 8
"""So many values of one neighbourhood are asked about by whoever looks for somebody, not by whoever sweeps."""
MISSES_FROM: Final = 60
MISSES_SHARE: Final = 0.85
"""So many values of which so large a share was found nowhere: of some thirty questions, with two values each.

Lower than seven in eight, so that one value that is known hides no seven others of its question.
"""
TAKEN_BACK_WITHIN: Final = timedelta(days=30)
TAKEN_BACK_FROM: Final = 3
"""So many reports of which the register unit was asked something are withdrawn by one person who makes mistakes."""
ENTERED_AGAIN_FROM: Final = 5
"""So many reports of a week with one value are entered by whoever tries it, not for a case (assumed)."""
ALONE_FROM: Final = 4
"""So many periods in a row, a year of quarters, are not left to one person (assumed)."""
SAMPLE: Final = 20
"""Searches of a week that are drawn by lot; all where there were fewer."""


class AlreadySaid(Conflict):
    """The privacy officer has said something to this before; what was said stays."""

    code = "already-said"
    advice = "Nothing to do: what was said stands beside it, with the day. A new alarm opens if it rings again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm as it rings.

    Attributes:
        whose: of what `about` is the opaque name: `person`, `case`, `organisation`, `own` (a person's questions to the
            own register), `partner` or `register` (a kind of row that is stored here).
        actor, organisation: who asked last; None for partners.
        case: as typed, where it is about a case.
    """

    kind: AlarmKind
    whose: str
    about: str
    actor: str | None = None
    organisation: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Alarm):
    """An alarm that rang.

    Attributes:
        times: how often, until it was acknowledged.
        acknowledged_by, acknowledged_at, reason: None while nobody has.
    """

    id: UUID
    times: int
    raised_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    reason: str | None = None


def rows_differ(kind: str) -> Alarm:
    """Rows of a kind do not agree with what was sealed with them; one for all of a kind, so that none drowns it."""
    return Alarm(kind=AlarmKind.ROWS_DIFFER, whose="register", about=kind)


def misses_ring(asked: int, missed: int) -> bool:
    """Whether so many of a window's values that were found nowhere are too many."""
    return asked >= MISSES_FROM and missed >= MISSES_SHARE * asked


def budget_rings(spent: int, most: int, *, last: int) -> bool:
    """Whether a budget of a day passes the share from which on it rings, with the last of these values."""
    return spent - last < NEARLY * most <= spent


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def alarm_waits(about: UUID, kind: AlarmKind) -> ToDo:
    """What the privacy officer finds in his list."""
    return _build_to_do(ToDoKind.ALARM, about, kind.value, Urgency.DAY)


def sample_waits(about: UUID, week: date, *, waits: bool = True) -> ToDo:
    """The searches of a week, one line for all of them; `about` is the first that was drawn."""
    return _build_to_do(ToDoKind.SAMPLE, about, week.isoformat(), Urgency.NORMAL, waits=waits)


def _build_to_do(kind: ToDoKind, about: UUID, detail: str, urgency: Urgency, *, waits: bool = True) -> ToDo:
    within = KINDS[kind].within[urgency]
    return ToDo(kind=kind, object=about, detail=detail, urgency=urgency, within=within, waits=waits)
