"""Rows that were found damaged, until they are mended, and how far the look at what is stored has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.running.to_do import report_damaged, rows_damaged
from register.store.models.exchange import damage, walk
from register.store.running.server.bulk import insert_rows
from register.store.running.server.database import database_now
from register.store.running.server.rls import child_name
from register.store.running.to_do import ToDos
from schemas.codes import Partition, ToDoKind

BY_REFERENCE: Final = 20
"""So many own reports that do not open are each told to the register unit; more are a case for the whole backup."""


class Stored(StrEnum):
    """What is looked at: of each a row is named by its own name."""

    RECEIVED = "received_record"
    """Named by the object."""
    SIGNAL = "signal"
    """Named by the reference."""
    LOG_ENTRY = "log_entry"
    """What partners were told, named by the number; `origin` is the partner."""
    DRAFT = "draft"
    """What was written into our log beside the program, and got no number; named by its id, `origin` is the partner."""
    STUB = "received_stub"
    """What partners told, named by the number."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is damaged of one kind and origin.

    Attributes:
        rows: the names of those that were found first, a few.
        count: of all.
        since: when the first was found.
    """

    place: Stored
    origin: Partition
    rows: tuple[str, ...]
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """One round through what is stored.

    Attributes:
        after: the name of the row that was looked at last, empty at the beginning; None where the round has ended.
    """

    after: str | None
    began_at: datetime


class Damages:
    """The damaged rows of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country = connection, country
        self._to_do = ToDos(connection, country, clock)

    def note(self, place: Stored, origin: Partition, rows: Sequence[str]) -> None:
        """Note rows as damaged, and tell the register unit; one that is noted already keeps its time.

        Of a few own reports each by its reference; of more, as of all else, how it stands with all together.
        """
        if not rows:
            return
        now = self._connection.execute(sa.select(database_now())).scalar_one()
        insert_rows(
            self._connection,
            damage,
            [
                {"country": self._country, "place": place, "origin": origin, "record": row, "found_at": now}
                for row in sorted(rows)
            ],
            on_conflict="ON CONFLICT (country, place, origin, record) DO NOTHING",
        )
        if place is Stored.SIGNAL and len(self.first(place, origin, BY_REFERENCE + 1)) <= BY_REFERENCE:
            for row in rows:
                self._to_do.bring(report_damaged(row))
        else:
            self._to_do.bring(rows_damaged(place, origin))

    def clear(self, place: Stored, origin: Partition, rows: Sequence[str]) -> None:
        """Forget rows that are as they should be, or gone."""
        gone = self._connection.execute(
            sa.text(
                f"DELETE FROM {child_name(damage, self._country)} "
                "WHERE place = :place AND origin = :origin AND record = ANY(:rows)"
            ),
            {"place": place, "origin": origin, "rows": list(rows)},
        )
        if not gone.rowcount:
            return
        if place is Stored.SIGNAL:
            mended = [report_damaged(row).object for row in rows]
            self._to_do.close(ToDoKind.DEAD_LETTER, mended)
        if not self.first(place, origin, 1):
            self._to_do.bring(rows_damaged(place, origin, waits=False))

    def first(self, place: Stored, origin: Partition, most: int) -> list[str]:
        """The names of so many damaged rows of one kind and origin, the first found first."""
        own = damage.c
        query = (
            sa.select(own.record)
            .where(own.country == self._country, own.place == place, own.origin == origin)
            .order_by(own.found_at, own.record)
            .limit(most)
        )
        return list(self._connection.execute(query).scalars())

    def told(self, most: int) -> list[Damage]:
        """What is damaged, by kind and origin; of each the names of the first found, at most so many."""
        own = damage.c
        query = (
            sa.select(own.place, own.origin, sa.func.count(), sa.func.min(own.found_at))
            .where(own.country == self._country, own.place.in_(list(Stored)), own.origin.in_(list(Partition)))
            .group_by(own.place, own.origin)
            .order_by(own.place, own.origin)
        )
        groups = [(Stored(r[0]), Partition(r[1]), r[2], r[3]) for r in self._connection.execute(query)]
        return [
            Damage(place, origin, tuple(self.first(place, origin, most)), count, since)
            for place, origin, count, since in groups
        ]

    def count_received(self) -> dict[Partition, int]:
        """How many received extracts of each partner cannot be read or found here."""
        query = (
            sa.select(damage.c.origin, sa.func.count())
            .where(damage.c.country == self._country, damage.c.place == Stored.RECEIVED)
            .group_by(damage.c.origin)
        )
        return {Partition(origin): n for origin, n in self._connection.execute(query)}

    def walk(self, name: str) -> Walk | None:
        """How far the round of this name has come; None before the first."""
        row = self._connection.execute(
            sa.select(walk.c.after, walk.c.began_at).where(walk.c.country == self._country, walk.c.name == name)
        ).one_or_none()
        return None if row is None else Walk(*row)

    def move(self, name: str, to: Walk) -> None:
        """Keep how far it has come."""
        values = {"after": to.after, "began_at": to.began_at}
        self._connection.execute(
            insert(walk)
            .values(country=self._country, name=name, **values)
            .on_conflict_do_update(index_elements=["country", "name"], set_=values)
        )
