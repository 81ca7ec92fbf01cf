"""What countries said about statistics, own and received; and what own contributions were made of, sealed.

Nothing here is changed once it is written. A word that is there already may be written again and changes nothing; of
two different words on one place and number the first stays, and whoever writes the second has seen that beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import takewhile
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.statistics.rows import Basis, KeptRow, SaidRow
from register.store.models.statistics import (
    contribution,
    contribution_basis,
    kept_row,
    outside_fact,
    release_word,
)
from register.store.running.sealing import DataKeys, Place
from schemas.codes import Partition
from schemas.statistics.entry import StatementKind

_TABLE: Final = {
    StatementKind.CONTRIBUTION: contribution,
    StatementKind.FACT: outside_fact,
    StatementKind.RELEASE: release_word,
}
_COLUMNS: Final = ("origin", "place", "number", "body", "digest", "signature", "object", "at")


class Statements:
    """The words that one country holds, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def keep(self, kind: StatementKind, row: SaidRow) -> bool:
        """Write a word; False where there was one on this place and number already, which stays."""
        table = _TABLE[kind]
        values = {name: getattr(row, name) for name in _COLUMNS}
        done = self._connection.execute(
            insert(table).values(country=self._country, **values).on_conflict_do_nothing().returning(table.c.number)
        )
        return done.first() is not None

    def all(self, kind: StatementKind) -> list[SaidRow]:
        """Every word of a kind, by origin, place and number."""
        return self._read(kind)

    def of(self, kind: StatementKind, origin: Partition, place: str) -> list[SaidRow]:
        """What a country said on a place, first word first."""
        table = _TABLE[kind]
        return self._read(kind, table.c.origin == origin, table.c.place == place)

    def digest_at(self, kind: StatementKind, origin: Partition, place: str, number: int) -> str | None:
        """The hash of one word; None where a country has not said it."""
        table = _TABLE[kind]
        query = sa.select(table.c.digest).where(
            table.c.country == self._country,
            table.c.origin == origin,
            table.c.place == place,
            table.c.number == number,
        )
        return self._connection.execute(query).scalar_one_or_none()

    def about(self, kind: StatementKind, names: Collection[str]) -> list[SaidRow]:
        """The words whose place begins with one of these names: of a table, or of a population."""
        return self._read(kind, sa.func.split_part(_TABLE[kind].c.place, "|", 1).in_(list(names)))

    def on(self, kind: StatementKind, place: str) -> list[SaidRow]:
        """What all countries said on a place."""
        return self._read(kind, _TABLE[kind].c.place == place)

    def by_digest(self, kind: StatementKind, digests: Collection[str]) -> dict[str, SaidRow]:
        """The words with these hashes."""
        table = _TABLE[kind]
        return {row.digest: row for row in self._read(kind, table.c.digest.in_(list(digests)))}

    def own_objects(self) -> list[UUID]:
        """Under which ids the country's own words go to partners."""
        own = [
            sa.select(table.c.object).where(table.c.country == self._country, table.c.origin == self._country)
            for table in _TABLE.values()
        ]
        return list(self._connection.execute(sa.union_all(*own)).scalars())

    def of_objects(self, objects: Collection[UUID]) -> list[tuple[StatementKind, SaidRow]]:
        """The own words under these ids."""
        return [
            (kind, row)
            for kind, table in _TABLE.items()
            for row in self._read(kind, table.c.origin == self._country, table.c.object.in_(objects))
        ]

    def _read(self, kind: StatementKind, *where: sa.ColumnElement[bool]) -> list[SaidRow]:
        table = _TABLE[kind]
        query = (
            sa.select(*table.c[_COLUMNS])
            .where(table.c.country == self._country, *where)
            .order_by(table.c.origin, table.c.place, table.c.number)
        )
        return [
            SaidRow(Partition(r.origin), r.place, r.number, r.body, r.digest, r.signature, r.object, r.at)
            for r in self._connection.execute(query)
        ]

    # --- the owner's own figures ---

    def keep_basis(
        self, place: str, number: int, exact: dict[str, Any] | None, *, key_check: str, by: str, ends: date
    ) -> None:
        """Keep what a contribution was made of, sealed; it can be read until `ends`, and by nobody else."""
        row: dict[str, Any] = {"exact_sealed": None, "data_key": None}
        if exact is not None:
            key = self._keys.make(ends)
            row = {"exact_sealed": key.seal_json(self._place(place, number), "exact", exact), "data_key": key.id}
        self._connection.execute(
            sa.insert(contribution_basis),
            [{"country": self._country, "place": place, "number": number, "key_check": key_check, "decided_by": by}
             | row],
        )  # fmt: skip

    def alone(self, by: str) -> int:
        """How many periods, back from the one that was contributed last, this person contributed to and nobody else."""
        mine, said = contribution_basis.c, contribution.c
        period = sa.func.split_part(mine.place, "|", 3)
        query = (
            sa.select(sa.func.bool_and(mine.decided_by == by))
            .join(
                contribution,
                sa.and_(
                    said.country == mine.country,
                    said.origin == mine.country,
                    said.place == mine.place,
                    said.number == mine.number,
                ),
            )
            .where(mine.country == self._country)
            .group_by(period)
            .order_by(sa.func.max(said.at).desc(), period.desc())
        )
        return sum(1 for _ in takewhile(bool, self._connection.execute(query).scalars()))

    def bases(self, place: str) -> list[Basis]:
        """What the own contributions to a place were made of, first one first."""
        query = (
            sa.select(*contribution_basis.c["number", "key_check", "exact_sealed", "data_key"])
            .where(contribution_basis.c.country == self._country, contribution_basis.c.place == place)
            .order_by(contribution_basis.c.number)
        )
        rows = self._connection.execute(query).all()
        keys = self._keys.get_many([r.data_key for r in rows if r.data_key is not None])
        found = []
        for row in rows:
            exact = None
            if row.data_key in keys:
                exact = keys[row.data_key].open_json(self._place(place, row.number), "exact", row.exact_sealed)
            found.append(Basis(row.number, row.key_check, exact, erased=row.data_key is not None and exact is None))
        return found

    def _place(self, place: str, number: int) -> Place:
        return Place(self._country, "contribution_basis", f"{place}/{number}")

    # --- optional rows ---

    def keep_row(self, row: KeptRow, *, by: str) -> bool:
        """Note that the country keeps an optional row from a day on; False where it does already."""
        done = self._connection.execute(
            insert(kept_row)
            .values(
                country=self._country,
                variable=row.variable,
                code=row.code,
                since=row.since,
                declared_by=by,
                declared_at=self._clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(kept_row.c.code)
        )
        return done.first() is not None

    def kept_rows(self) -> Sequence[KeptRow]:
        """The optional rows that the country keeps."""
        query = (
            sa.select(*kept_row.c["variable", "code", "since"])
            .where(kept_row.c.country == self._country)
            .order_by(kept_row.c.variable, kept_row.c.code)
        )
        return [KeptRow(*row) for row in self._connection.execute(query)]
