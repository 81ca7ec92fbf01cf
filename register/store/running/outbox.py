"""What must happen after a transaction, as a row inside it: a to-do, not a log.

One row per (consumer, object). A consumer leases rows (SKIP LOCKED, with a fence), brings the object to its present
state, and settles the row in the transaction that records the result; if the object changed meanwhile (its
generation grew) the row stays and is due again. There is never a cursor over it: a lower number may commit after a
higher one.

All its times are the database's: workers on several machines have that clock in common, and one whose own was wrong
must put nothing off until its wrong day. What stands further ahead than anything is put off or leased for, as after
the database's clock was wrong, is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.running.consumer import Consumer
from register.domain.running.to_do import dead_letter
from register.store.models.running import outbox
from register.store.running.server.bulk import insert_rows
from register.store.running.server.database import database_now
from register.store.running.server.rls import child_name
from register.store.running.to_do import ToDos
from schemas.codes import Partition, ToDoKind

LEASE_S = 60.0
BACKOFF_MAX_S = 300.0
LONGEST_S: Final = 3_600.0
"""Nothing is leased or put off for longer, whatever the settings say: a time that lies further ahead is none."""
STUCK_AFTER = 10  # attempts in a row: about a quarter of an hour


_OVER: Final = "{0} <= statement_timestamp() OR {0} > statement_timestamp() + :longest"
_DUE: Final = sa.text(
    "SELECT c FROM unnest(CAST(:consumers AS text[])) AS c WHERE EXISTS ("
    f"SELECT FROM rtr.outbox WHERE country = :country AND consumer = c AND ({_OVER.format('not_before')}) "
    f"AND (leased_until IS NULL OR {_OVER.format('leased_until')}))"
)
"""Once for all consumers, by a statement that is not put together anew: workers that idle ask nothing else."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A row that this consumer may work on until its lease ends."""

    consumer: Consumer
    object: UUID
    generation: int
    fence: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """What does not get on, however often it is tried.

    Attributes:
        consumer: as the row has it: what somebody wrote beside the register is shown, too.
        code: what went wrong the last time.
        since: when it was first given up on; it is tried on all the same, unless the engine refused what it holds.
    """

    consumer: str
    object: UUID
    code: str
    since: datetime
    attempts: int


class Outbox:
    """The to-dos of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country = connection, country
        self._child = child_name(outbox, country)
        self._to_do = ToDos(connection, country, clock)

    def add(self, consumer: Consumer, *objects: UUID, urgent: bool = False) -> None:
        """Ask a consumer to look at objects; one that waits already is asked for a newer state."""
        self.add_for((consumer,), objects, urgent=urgent)

    def add_for(self, consumers: Iterable[Consumer], objects: Iterable[UUID], *, urgent: bool = False) -> None:
        """Ask several consumers to look at the same objects; at urgent ones, which are to be taken back, first."""
        ordered = sorted(set(objects))
        insert_rows(
            self._connection,
            outbox,
            [
                {
                    "country": self._country,
                    "consumer": consumer,
                    "object": o,
                    "generation": 1,
                    "fence": 0,
                    "attempts": 0,
                    "urgent": urgent,
                }
                # In one order for everybody: two transactions that add the same objects must not wait for each other.
                for consumer in sorted(set(consumers))
                for o in ordered
            ],
            on_conflict=(
                "ON CONFLICT (country, consumer, object) DO UPDATE "
                "SET generation = outbox.generation + 1, not_before = excluded.not_before, attempts = 0, "
                "urgent = outbox.urgent OR excluded.urgent"
            ),
        )

    def lease(self, consumer: Consumer, limit: int, *, seconds: float = LEASE_S) -> list[Lease]:
        """Take up to `limit` due rows for so many seconds of the server's clock; what others hold is passed over."""
        due = (
            sa.select(outbox.c.consumer, outbox.c.object)
            .where(
                outbox.c.country == self._country,
                outbox.c.consumer == consumer,
                _is_over(outbox.c.not_before),
                sa.or_(outbox.c.leased_until.is_(None), _is_over(outbox.c.leased_until)),
            )
            .order_by(outbox.c.urgent.desc(), outbox.c.not_before)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        rows = self._connection.execute(
            sa.update(outbox)
            .where(
                outbox.c.country == self._country,
                outbox.c.consumer == due.c.consumer,
                outbox.c.object == due.c.object,
            )
            .values(
                leased_until=database_now() + timedelta(seconds=min(seconds, LONGEST_S)),
                fence=outbox.c.fence + 1,
                attempts=outbox.c.attempts + 1,
            )
            .returning(outbox.c.consumer, outbox.c.object, outbox.c.generation, outbox.c.fence, outbox.c.attempts)
        )
        return [Lease(consumer, r.object, r.generation, r.fence, r.attempts) for r in rows]

    def settle(self, lease: Lease) -> bool:
        """Record, in the transaction of the result, that the object was brought to its present state.

        Returns:
            False where another consumer took the row over: the caller must roll back.
        """
        return self.settle_many([lease]) == 1

    def settle_many(self, leases: list[Lease]) -> int:
        """Settle leases of one consumer; returns how many were still this consumer's.

        A row whose object changed meanwhile stays, free to be leased again at once.
        """
        if not leases:
            return 0
        values = {
            "country": self._country,
            "consumer": leases[0].consumer,
            "objects": [x.object for x in leases],
            "generations": [x.generation for x in leases],
            "fences": [x.fence for x in leases],
        }
        mine = "consumer = :consumer AND object = l.o AND fence = l.f"
        lists = (
            "unnest(CAST(:objects AS uuid[]), CAST(:generations AS bigint[]), CAST(:fences AS bigint[])) AS l(o, g, f)"
        )
        done = self._connection.execute(
            sa.text(
                f"DELETE FROM {self._child} USING {lists} WHERE country = :country AND {mine} AND generation = l.g "
                "RETURNING object, stuck_since"
            ),
            values,
        ).all()
        # What it was stuck on has been done: a newer state of the object is tried afresh.
        changed = self._connection.execute(
            sa.text(
                f"WITH mine AS (SELECT o.consumer, o.object, o.stuck_since FROM rtr.outbox o JOIN {lists} "
                "ON o.consumer = :consumer AND o.object = l.o AND o.fence = l.f AND o.generation <> l.g "
                "WHERE o.country = :country FOR UPDATE OF o) "
                "UPDATE rtr.outbox u SET leased_until = NULL, stuck_since = NULL FROM mine "
                "WHERE u.country = :country AND u.consumer = mine.consumer AND u.object = mine.object "
                "RETURNING u.object, mine.stuck_since"
            ),
            values,
        ).all()
        loose = [row.object for row in (*done, *changed) if row.stuck_since is not None]
        self._to_do.close(ToDoKind.DEAD_LETTER, loose, detail=leases[0].consumer)
        return len(done) + len(changed)

    def postpone(self, lease: Lease, error: str, *, longest_s: float = BACKOFF_MAX_S) -> bool:
        """Try again later, with back-off; `error` is a stable code, never a message with content.

        What was tried often in vain waits for a person too, until it gets on.

        Returns:
            False where another consumer took the row over, as for `settle`.
        """
        wait = min(longest_s, LONGEST_S, 2.0 ** min(lease.attempts, 10) / 2)
        stuck = lease.attempts >= STUCK_AFTER
        put_off = self._connection.execute(
            sa.update(outbox)
            .where(
                outbox.c.country == self._country,
                outbox.c.consumer == lease.consumer,
                outbox.c.object == lease.object,
                outbox.c.fence == lease.fence,
            )
            .values(
                leased_until=None,
                not_before=database_now() + timedelta(seconds=wait),
                last_error=error,
                **({"stuck_since": sa.func.coalesce(outbox.c.stuck_since, database_now())} if stuck else {}),
            )
        )
        if stuck and put_off.rowcount:
            self._to_do.bring(dead_letter(lease.object, lease.consumer))
        return bool(put_off.rowcount)

    def due(self, consumers: Iterable[Consumer]) -> frozenset[Consumer]:
        """For which of these consumers `lease` would find something now."""
        by_name = {str(consumer): consumer for consumer in consumers}
        asked = {"country": self._country, "consumers": list(by_name), "longest": timedelta(seconds=LONGEST_S)}
        return frozenset(by_name[name] for name in self._connection.execute(_DUE, asked).scalars())

    def oldest_due(self) -> dict[str, datetime | None]:
        """Since when the longest due object waits for each consumer; what was put off waits from when it is due.

        None where an object was put off further than anything is: by a wrong clock, and since when nobody knows.
        """
        far = sa.func.bool_or(_is_too_far(outbox.c.not_before))
        query = (
            sa.select(outbox.c.consumer, sa.case((far, None), else_=sa.func.min(outbox.c.not_before)))
            .where(outbox.c.country == self._country, _is_over(outbox.c.not_before))
            .group_by(outbox.c.consumer)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def stuck(self) -> list[Stuck]:
        """What was tried often in vain, the longest first."""
        query = (
            sa.select(*outbox.c["consumer", "object", "last_error", "stuck_since", "attempts"])
            .where(outbox.c.country == self._country, outbox.c.stuck_since.is_not(None))
            .order_by(outbox.c.stuck_since)
        )
        return [Stuck(*row) for row in self._connection.execute(query)]

    def retry_stuck(self) -> int:
        """Have what was tried often in vain, or put off by a wrong clock, tried at once; return how much that is."""
        again = self._connection.execute(
            sa.update(outbox)
            .where(outbox.c.country == self._country)
            .where(sa.or_(outbox.c.stuck_since.is_not(None), _is_too_far(outbox.c.not_before)))
            .values(not_before=database_now())
        )
        return again.rowcount

    def waiting(self) -> dict[str, int]:
        """How many objects wait for each consumer."""
        rows = self._connection.execute(
            sa.select(outbox.c.consumer, sa.func.count())
            .where(outbox.c.country == self._country)
            .group_by(outbox.c.consumer)
        )
        return {r[0]: r[1] for r in rows}


def _is_over(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Whether a moment lies behind the database's clock, or so far ahead of it that it was never meant."""
    return sa.or_(moment <= database_now(), _is_too_far(moment))


def _is_too_far(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return moment > database_now() + timedelta(seconds=LONGEST_S)
