"""What waits for somebody, inside one transaction: written where something begins to wait, closed where it is settled.

`bring` takes the present state of one thing and leaves the table in step with it, whatever stood there before: the
same call after every change, so that a step which nobody thought of cannot leave a to-do behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.access.caller import Caller, Task
from register.domain.paging import BadCursor
from register.domain.partition import day_in
from register.domain.running.to_do import Count, ToDo, Waiting, kinds_for
from register.store.models.access import organisation
from register.store.models.running import to_do
from register.store.running.server.rls import child_name
from schemas.codes import Partition, ToDoKind, Urgency

KEPT: Final = timedelta(days=400)
"""Long enough to tell a year how soon things were settled, and no longer."""


class ToDos:
    """The to-dos of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def bring(self, one: ToDo) -> None:
        """Open a to-do, bring it to its present urgency, or close it; each of them may be so already."""
        if not one.waits:
            self.close(one.kind, [one.object], detail=one.detail)
            return
        now = self._clock.now()
        statement = insert(to_do).values(
            country=self._country,
            id=self._clock.new_id(),
            kind=one.kind,
            object=one.object,
            detail=one.detail,
            unit=one.unit,
            person=one.person,
            signal_id=one.signal,
            reference=one.reference,
            urgency=one.urgency,
            opened_at=now,
            due_at=now + one.within,
        )
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "kind", "object", "detail"],
                index_where=to_do.c.done_at.is_(None),
                # It waits since it was opened, whatever was changed about it since.
                set_={
                    "urgency": fresh.urgency,
                    "unit": fresh.unit,
                    "due_at": to_do.c.opened_at + (fresh.due_at - fresh.opened_at),
                },
            )
        )

    def keep_pace(self, one: ToDo) -> None:
        """Bring a to-do to its present urgency if it stands open; what somebody settled stays settled."""
        self._connection.execute(
            sa.update(to_do)
            .where(*self._open(), to_do.c.kind == one.kind, to_do.c.object == one.object, to_do.c.detail == one.detail)
            .values(urgency=one.urgency, due_at=to_do.c.opened_at + one.within)
        )

    def due(self, kind: ToDoKind, about: UUID) -> datetime | None:
        """Until when something may wait about an object; None where nothing of this kind does."""
        found = sa.select(to_do.c.due_at).where(*self._open(), to_do.c.kind == kind, to_do.c.object == about).limit(1)
        due: datetime | None = self._connection.execute(found).scalar_one_or_none()
        return due

    def last_opened(self, kind: ToDoKind, about: UUID) -> datetime | None:
        """When something of this kind began to wait about an object for the last time; None where it never did.

        What was settled more than `KEPT` ago is not known any more.
        """
        query = sa.select(sa.func.max(to_do.c.opened_at)).where(
            to_do.c.country == self._country, to_do.c.kind == kind, to_do.c.object == about
        )
        found: datetime | None = self._connection.execute(query).scalar_one()
        return found

    def close(self, kind: ToDoKind, objects: Collection[UUID], *, detail: str | None = None) -> None:
        """What waited about these objects is settled; None closes it whatever its detail."""
        if not objects:
            return
        found = sa.and_(*self._open(), to_do.c.kind == kind, to_do.c.object.in_(list(objects)))
        if detail is not None:
            found = sa.and_(found, to_do.c.detail == detail)
        self._connection.execute(sa.update(to_do).where(found).values(done_at=self._clock.now()))

    def has_of_signal(self, kind: ToDoKind, signal: UUID) -> bool:
        """Whether something of this kind waits about a signal."""
        found = sa.select(to_do.c.id).where(*self._open(), to_do.c.kind == kind, to_do.c.signal_id == signal).limit(1)
        return self._connection.execute(found).first() is not None

    def close_of_signal(self, kind: ToDoKind, signal: UUID, *, detail: str | None = None) -> None:
        """What waited of this kind about a signal is settled; None whatever its detail."""
        found = sa.and_(*self._open(), to_do.c.kind == kind, to_do.c.signal_id == signal)
        if detail is not None:
            found = sa.and_(found, to_do.c.detail == detail)
        self._connection.execute(sa.update(to_do).where(found).values(done_at=self._clock.now()))

    def page(self, caller: Caller, *, after: UUID | None, limit: int) -> list[Waiting]:
        """What waits for a caller: the most urgent first, then what is due first.

        Raises:
            BadCursor: there never was a to-do of the id `after`.
        """
        query = sa.select(to_do).where(*self._open(), self._for(caller))
        if after is not None:
            query = query.where(sa.tuple_(*ORDER) > sa.tuple_(*self._place(after)))
        now = self._clock.now()
        rows = self._connection.execute(query.order_by(*ORDER).limit(limit)).mappings()
        return [_read_waiting(row, now) for row in rows]

    def counts(self, caller: Caller) -> dict[ToDoKind, Count]:
        """How many wait for a caller, by kind; kinds of which none does are left out."""
        overdue = sa.func.count().filter(to_do.c.due_at < self._clock.now())
        rows = self._connection.execute(
            sa.select(to_do.c.kind, sa.func.count(), overdue)
            .where(*self._open(), self._for(caller))
            .group_by(to_do.c.kind)
        )
        return {ToDoKind(kind): Count(waiting, late) for kind, waiting, late in rows}

    def forget_done(self) -> int:
        """Forget what was settled long ago; return how many."""
        child = child_name(to_do, self._country)
        done = self._connection.execute(
            sa.text(f"DELETE FROM {child} WHERE country = :country AND done_at < :before"),
            {"country": self._country, "before": self._clock.now() - KEPT},
        )
        return int(done.rowcount)

    def _open(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (to_do.c.country == self._country, to_do.c.done_at.is_(None))

    def _for(self, caller: Caller) -> sa.ColumnElement[bool]:
        own = sa.and_(
            to_do.c.kind.in_(sorted(kinds_for(caller))),
            sa.or_(to_do.c.unit.is_(None), to_do.c.unit == caller.organisation),
            sa.or_(to_do.c.person.is_(None), to_do.c.person == caller.actor),
        )
        if not caller.may(Task.REGISTER):
            return own
        # Nobody signs in for an organisation that has ended: what waits there waits for the register unit.
        ended = sa.select(organisation.c.code).where(
            organisation.c.country == self._country,
            organisation.c.valid_to < day_in(self._country, self._clock.now()),
        )
        return sa.or_(own, to_do.c.unit.in_(ended))

    def _place(self, which: UUID) -> tuple[Any, ...]:
        query = sa.select(*ORDER).where(to_do.c.country == self._country, to_do.c.id == which)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise BadCursor("the cursor is none that this list gave out")
        return tuple(row)


RANK: Final = sa.case(
    {urgency.value: n for n, urgency in enumerate(Urgency)}, value=to_do.c.urgency, else_=len(Urgency)
)
"""The most urgent first."""
ORDER: Final = (RANK, to_do.c.due_at, to_do.c.id)


def waits_by_signal(country: Partition) -> sa.Subquery:
    """What waits about each signal of a country: `rank` of the most urgent, `waits_since` and `due_at` of the first."""
    return (
        sa.select(
            to_do.c.signal_id,
            sa.func.min(RANK).label("rank"),
            sa.func.min(to_do.c.opened_at).label("waits_since"),
            sa.func.min(to_do.c.due_at).label("due_at"),
        )
        .where(to_do.c.country == country, to_do.c.done_at.is_(None), to_do.c.signal_id.is_not(None))
        .group_by(to_do.c.signal_id)
        .subquery("waits")
    )


def _read_waiting(row: Mapping[Any, Any], now: datetime) -> Waiting:
    return Waiting(
        id=row["id"],
        kind=ToDoKind(row["kind"]),
        object=row["object"],
        detail=row["detail"],
        urgency=Urgency(row["urgency"]),
        unit=row["unit"],
        signal=row["signal_id"],
        reference=row["reference"],
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        overdue=row["due_at"] < now,
    )
