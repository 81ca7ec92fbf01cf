"""Releases and how far each has come; their cells, approvals and linkages (statistics.md 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from register.clock import Clock
from register.domain.statistics.rows import CellRow, ReleaseRow
from register.errors import NotFound
from register.store.models.statistics import linkage, release, release_approval, release_cell
from register.store.running.bulk import Row, read_together
from schemas.codes import Partition

_COLUMNS: Final = tuple(f.name for f in fields(ReleaseRow) if f.name != "approved_by")
_BY_TIME: Final = (release_approval.c.at, release_approval.c.actor)


class NoSuchRelease(NotFound):
    """This register has no release with this hash."""

    code = "no-such-release"
    advice = "List the releases; each country's register holds those that were drafted there."


class Releases:
    """The releases of one country's register, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def add(self, row: ReleaseRow, cells: Sequence[CellRow]) -> bool:
        """Write a draft; False where the same bytes were drafted before, which stays as it is."""
        values = {name: getattr(row, name) for name in _COLUMNS}
        done = self._connection.execute(
            insert(release).values(country=self._country, **values).on_conflict_do_nothing().returning(release.c.tier)
        )
        if done.first() is None:
            return False
        self._connection.execute(
            sa.insert(release_cell),
            [{"country": self._country, "digest": row.digest, "n": n} | asdict(cell) for n, cell in enumerate(cells)],
        )
        return True

    def get(self, digest: str, *, lock: bool = False) -> ReleaseRow:
        """A release.

        Args:
            digest: of its canonical bytes.
            lock: until the transaction ends, for a step of its life.

        Raises:
            NoSuchRelease: there is none.
        """
        query = self._whole().where(*self._is(digest))
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
        if row is None:
            raise NoSuchRelease("this register has no release with that hash")
        return _release_row(row)

    def has(self, digest: str) -> bool:
        """Whether there is a release with this hash."""
        return bool(self._connection.execute(sa.select(sa.exists().where(*self._is(digest)))).scalar_one())

    def list(self, **where: str) -> list[ReleaseRow]:
        """The releases whose columns have these values, newest draft first."""
        query = (
            sa.select(*release.c[_COLUMNS])
            .where(release.c.country == self._country, *(release.c[name] == value for name, value in where.items()))
            .order_by(release.c.drafted_at.desc(), release.c.digest)
        )
        rows = self._connection.execute(query).mappings().all()
        approvals = self._approvals([row["digest"] for row in rows])
        return [self._row(row, approvals.get(row["digest"], ())) for row in rows]

    def page(self, after: str | None, limit: int) -> Sequence[ReleaseRow]:
        """At most `limit` releases, newest draft first, from behind the one with the hash `after`."""
        query = sa.select(*release.c[_COLUMNS]).where(release.c.country == self._country)
        if after is not None:
            last = sa.select(release.c.drafted_at).where(*self._is(after)).scalar_subquery()
            behind = sa.and_(release.c.drafted_at == last, release.c.digest > after)
            query = query.where(sa.or_(release.c.drafted_at < last, behind))
        rows = self._connection.execute(query.order_by(release.c.drafted_at.desc(), release.c.digest).limit(limit))
        found = rows.mappings().all()
        approvals = self._approvals([row["digest"] for row in found])
        return [self._row(row, approvals.get(row["digest"], ())) for row in found]

    def cells(self, digest: str) -> Sequence[CellRow]:
        """The printed figures of a release, in print order."""
        return [CellRow(*row) for row in self._connection.execute(self._cells(digest))]

    def beside(self, row: ReleaseRow, period: str) -> tuple[Sequence[CellRow], ReleaseRow | None, Sequence[CellRow]]:
        """The cells of a release, and the frozen release of the same tier and table in another period with its cells.

        One statement, so that a page may show both.

        Args:
            row: the release.
            period: the other one, as printed.
        """
        same = (
            release.c.country == self._country,
            release.c.tier == row.tier,
            release.c.table_id == row.table_id,
            release.c.version == row.version,
            release.c.period == period,
            release.c.state == "frozen",
        )
        other = sa.select(release.c.digest).where(*same).order_by(release.c.revision.desc()).limit(1).scalar_subquery()
        found = read_together(
            self._connection,
            {
                "cells": self._cells(row.digest),
                "other": self._whole().where(release.c.country == self._country, release.c.digest == other),
                "other_cells": self._cells(other),
            },
        )
        last = _release_row(found["other"][0]) if found["other"] else None
        return [CellRow(**c) for c in found["cells"]], last, [CellRow(**c) for c in found["other_cells"]]

    def set(self, digest: str, **values: Any) -> None:
        """Set columns of a release: its state and what goes with it."""
        self._connection.execute(sa.update(release).where(*self._is(digest)).values(**values))

    def approve(self, digest: str, actor: str) -> None:
        """Note one person's approval."""
        self._connection.execute(
            sa.insert(release_approval),
            [{"country": self._country, "digest": digest, "actor": actor, "at": self._clock.now()}],
        )

    def link(self, digest: str, linked: Iterable[tuple[str, int]], population: str) -> None:
        """Note which other tables share the population of a release."""
        rows = [
            {
                "country": self._country,
                "digest": digest,
                "table_id": table_id,
                "version": version,
                "population": population,
            }
            for table_id, version in linked
        ]
        if rows:
            self._connection.execute(insert(linkage).values(rows).on_conflict_do_nothing())

    def linked(self, digest: str) -> Sequence[str]:
        """The tables that share the population of a release."""
        query = (
            sa.select(linkage.c.table_id)
            .where(linkage.c.country == self._country, linkage.c.digest == digest)
            .order_by(linkage.c.table_id)
        )
        return list(self._connection.execute(query).scalars())

    def _approvals(self, digests: Sequence[str]) -> dict[str, tuple[str, ...]]:
        query = (
            sa.select(*release_approval.c["digest", "actor"])
            .where(release_approval.c.country == self._country, release_approval.c.digest.in_(digests))
            .order_by(release_approval.c.at, release_approval.c.actor)
        )
        found: dict[str, tuple[str, ...]] = {}
        for row in self._connection.execute(query):
            found[row.digest] = (*found.get(row.digest, ()), row.actor)
        return found

    def _whole(self) -> sa.Select[Any]:
        """Releases with who approved them, in order of time."""
        approved = (
            sa.select(sa.func.array_agg(aggregate_order_by(release_approval.c.actor, *_BY_TIME)))
            .where(release_approval.c.country == release.c.country, release_approval.c.digest == release.c.digest)
            .correlate(release)
            .scalar_subquery()
        )
        return sa.select(*release.c[_COLUMNS], approved.label("approved_by"))

    def _cells(self, digest: str | sa.ScalarSelect[str]) -> sa.Select[Any]:
        return (
            sa.select(*release_cell.c["area", "row_code", "column_code", "value", "marker", "reach"])
            .where(release_cell.c.country == self._country, release_cell.c.digest == digest)
            .order_by(release_cell.c.n)
        )

    def _row(self, row: sa.RowMapping, approved_by: tuple[str, ...]) -> ReleaseRow:
        return ReleaseRow(**row, approved_by=approved_by)

    def _is(self, digest: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (release.c.country == self._country, release.c.digest == digest)


def _release_row(row: Row | sa.RowMapping) -> ReleaseRow:
    return ReleaseRow(**{**row, "approved_by": tuple(row["approved_by"] or ())})
