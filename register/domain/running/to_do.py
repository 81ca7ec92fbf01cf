"""What waits for somebody: one value for all kinds, and for each kind who acts on it and how long it may wait.

Pure: who may see a to-do is decided here, for the list, the counts and the pages alike. A to-do holds codes and ids
only: what it is about is read where it stands, by the rights of whoever reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid5

from register.domain.access.caller import Caller, Task
from schemas.codes import Finding, Partition, ToDoKind, Urgency

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What holds of every to-do of a kind.

    Attributes:
        tasks: any one of them lets somebody act on it.
        within: how long it may wait, by urgency; after that it is overdue.
    """

    tasks: frozenset[Task]
    within: Mapping[Urgency, timedelta]


def _build_time_limits(now: timedelta, day: timedelta, normal: timedelta) -> Mapping[Urgency, timedelta]:
    return MappingProxyType({Urgency.NOW: now, Urgency.DAY: day, Urgency.NORMAL: normal})


KINDS: Final[Mapping[ToDoKind, KindFacts]] = MappingProxyType(
    {
        ToDoKind.REFERRAL: KindFacts(
            frozenset({Task.SUBMIT, Task.READ_OWN, Task.ENRICH}), _build_time_limits(HOUR, DAY, WEEK)
        ),
        # Nobody has it any more: the register unit has as long as the first addressee had, from then on.
        ToDoKind.REFERRED_BACK: KindFacts(frozenset({Task.REGISTER}), _build_time_limits(HOUR, DAY, WEEK)),
        ToDoKind.CONFIRM: KindFacts(frozenset({Task.REGISTER}), _build_time_limits(HOUR, DAY, WEEK)),
        # Of whoever keeps the exit gate: the tasks that the editions name, at the organisation that it waits for.
        ToDoKind.APPROVAL: KindFacts(frozenset({Task.CONSENT, Task.PROSECUTE}), _build_time_limits(HOUR, DAY, WEEK)),
        # Domain.md 7: within a day, within an hour where the victim is marked in danger.
        ToDoKind.FINDING: KindFacts(frozenset({Task.REGISTER}), _build_time_limits(HOUR, DAY, DAY)),
        # Of the victim's side; until it answers the person stays protected, so nothing is lost by its taking a week.
        ToDoKind.LIFTING: KindFacts(
            frozenset({Task.SUBMIT, Task.ENRICH, Task.REGISTER}), _build_time_limits(DAY, DAY, WEEK)
        ),
        # Of whoever entered the report of the protected person: what two let go may leave meanwhile, so not a week.
        ToDoKind.LET_GO: KindFacts(
            frozenset({Task.SUBMIT, Task.READ_OWN, Task.ENRICH}), _build_time_limits(HOUR, DAY, DAY)
        ),
        # The register unit sees that something stands still and calls the operator, who has `rtr index dead-letters`.
        ToDoKind.DEAD_LETTER: KindFacts(frozenset({Task.REGISTER}), _build_time_limits(HOUR, DAY, DAY)),
        # Assumed: an alarm is looked at on the next day at the latest, a week's searches within the next week.
        ToDoKind.ALARM: KindFacts(frozenset({Task.PRIVACY}), _build_time_limits(HOUR, DAY, DAY)),
        ToDoKind.SAMPLE: KindFacts(frozenset({Task.PRIVACY}), _build_time_limits(DAY, DAY, WEEK)),
        # Whoever became a protected person since is still found there: a deadline of victim safety, domain.md 7.
        ToDoKind.LOG_STOPPED: KindFacts(frozenset({Task.REGISTER, Task.PRIVACY}), _build_time_limits(HOUR, HOUR, HOUR)),
        # The same danger, where a partner is told and does not show that it acted.
        ToDoKind.WITHDRAWALS_UNPROVEN: KindFacts(
            frozenset({Task.REGISTER, Task.PRIVACY}), _build_time_limits(HOUR, HOUR, HOUR)
        ),
        # Assumed: what another country asks for waits a day; it runs for thirty at most.
        ToDoKind.TICKET: KindFacts(frozenset({Task.REGISTER}), _build_time_limits(DAY, DAY, DAY)),
    }
)
"""Urgency says what its words say: at once is an hour, within a day a day. A week for the rest is assumed."""

DETAILS: Final[Mapping[ToDoKind, str]] = MappingProxyType(
    {
        ToDoKind.REFERRAL: "referral_kind",
        ToDoKind.REFERRED_BACK: "referral_kind",
        ToDoKind.FINDING: "finding",
        ToDoKind.LET_GO: "finding",
        ToDoKind.ALARM: "alarm_kind",
        ToDoKind.LOG_STOPPED: "partition",
        ToDoKind.WITHDRAWALS_UNPROVEN: "partition",
        ToDoKind.TICKET: "partition",
    }
)
"""Of which list the detail of a kind is a code."""

ACTING: Final = frozenset(task for facts in KINDS.values() for task in facts.tasks)
"""Whoever holds one of these may have something waiting for him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Something that waits, as the transaction that makes it wait writes it.

    Attributes:
        object: id of what waits.
        detail: a code that tells two of the same object apart and says more: what a referral is for, which finding.
        unit: the organisation that it waits for; None where it waits for whoever holds a task of its kind.
        person: the one person that it waits for; None where it waits for all of the unit.
        signal: the signal that it is about, and its reference; None where it is about none.
        within: counted from when it began to wait.
        waits: False where it is settled: whoever says so need not know whether it ever waited.
    """

    kind: ToDoKind
    object: UUID
    detail: str
    urgency: Urgency
    within: timedelta
    unit: str | None = None
    person: str | None = None
    signal: UUID | None = None
    reference: str | None = None
    waits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A to-do that stands open.

    Attributes:
        overdue: it waits longer than it may.
    """

    id: UUID
    kind: ToDoKind
    object: UUID
    detail: str
    urgency: Urgency
    unit: str | None
    signal: UUID | None
    reference: str | None
    opened_at: datetime
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many to-dos of a kind stand open, and how many of them wait longer than they may."""

    waiting: int
    overdue: int


def finding(
    found: Finding, about: UUID, urgency: Urgency, *, signal: UUID | None = None, reference: str | None = None
) -> ToDo:
    """What the register found and leaves to the register unit; `urgency` is NOW where a victim is marked in danger."""
    kind = ToDoKind.FINDING
    return ToDo(
        kind=kind,
        object=about,
        detail=found.value,
        urgency=urgency,
        within=KINDS[kind].within[urgency],
        signal=signal,
        reference=reference,
    )


def dead_letter(about: UUID, consumer: str, *, waits: bool = True) -> ToDo:
    """Work of the register's own that does not get on."""
    kind, urgency = ToDoKind.DEAD_LETTER, Urgency.NORMAL
    return ToDo(
        kind=kind,
        object=about,
        detail=consumer,
        urgency=urgency,
        within=KINDS[kind].within[urgency],
        waits=waits,
    )


def ticket_waits(ticket: UUID, asker: Partition, *, waits: bool = True) -> ToDo:
    """A partner's ticket that no node signs by itself."""
    kind, urgency = ToDoKind.TICKET, Urgency.DAY
    return ToDo(
        kind=kind,
        object=ticket,
        detail=asker.value,
        urgency=urgency,
        within=KINDS[kind].within[urgency],
        waits=waits,
    )


def rows_damaged(place: str, origin: Partition, *, waits: bool = True) -> ToDo:
    """Rows of a country do not open here; one for each place and country, however many they are."""
    return dead_letter(uuid5(_LOGS, f"{place}/{origin}"), f"damaged-{place}-{origin}", waits=waits)


def report_damaged(reference: str) -> ToDo:
    """An own report does not open: by its name, so that its unit knows what it cannot rely on."""
    return replace(dead_letter(uuid5(_LOGS, f"report/{reference}"), "damaged-signal"), reference=reference)


def log_stopped(partner: Partition, *, waits: bool = True) -> ToDo:
    """Nothing more is told to a partner, removals neither; one for each partner, whatever stopped its log."""
    return _of_partner(ToDoKind.LOG_STOPPED, uuid5(_LOGS, partner), partner, waits=waits)


def withdrawals_unproven(partner: Partition, *, waits: bool = True) -> ToDo:
    """A partner has not shown in time that it removed what it was to remove, or says what cannot be right."""
    about = uuid5(_LOGS, f"withdrawals/{partner}")
    return _of_partner(ToDoKind.WITHDRAWALS_UNPROVEN, about, partner, waits=waits)


def _of_partner(kind: ToDoKind, about: UUID, partner: Partition, *, waits: bool) -> ToDo:
    urgency = Urgency.NOW
    return ToDo(
        kind=kind,
        object=about,
        detail=partner.value,
        urgency=urgency,
        within=KINDS[kind].within[urgency],
        waits=waits,
    )


_LOGS: Final = UUID("01900000-0000-7000-8000-6c6f67000000")
"""Makes an id of a partner's letters, since what waits is named by one."""


def kinds_for(caller: Caller) -> frozenset[ToDoKind]:
    """The kinds on which this caller may act, if they wait for his organisation, for him or for everybody."""
    return frozenset(kind for kind, facts in KINDS.items() if facts.tasks & caller.tasks)


def waits_for(caller: Caller, kind: ToDoKind, unit: str | None, person: str | None) -> bool:
    """Whether a to-do waits for this caller; the store says the same in SQL, and a test holds the two together."""
    return kind in kinds_for(caller) and unit in {None, caller.organisation} and person in {None, caller.actor}
