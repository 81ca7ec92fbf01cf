"""Releases and how far each has come; their cells, approvals and linkages (statistics.md 4).

State, drafter and approvals stand in clear and are sealed beside it: whoever may write rows cannot have approved. A
release whose seal does not open is told as a draft that nobody approved, and as not `sealed`; an approval that does not
open counts for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from register.clock import Clock
from register.domain.statistics.rows import CellRow, ReleaseRow
from register.errors import NotFound, OperatorError
from register.store.models.running import data_key, data_key_end
from register.store.models.statistics import linkage, release, release_approval, release_cell
from register.store.running.sealing import DataKeys, KeyEnd, OpenKey, Place
from register.store.running.server.bulk import read_together
from schemas.codes import Partition

_COLUMNS: Final = tuple(f.name for f in fields(ReleaseRow) if f.name not in {"approved_by", "sealed"})
_STEP: Final = ("state", "drafted_by", "drafted_at", "superseded_by")
_KEPT: Final = timedelta(days=50 * 366)
"""Of what was published, and of who approved it; assumed."""


class NoSuchRelease(NotFound):
    """This register has no release with this hash."""

    code = "no-such-release"
    advice = "List the releases; each country's register holds those that were drafted there."


class Releases:
    """The releases of one country's register, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock
        self.differ = False
        """Whether something that was read here was not sealed for what it says."""

    def add(self, row: ReleaseRow, cells: Sequence[CellRow]) -> bool:
        """Write a draft; False where the same bytes were drafted before, which stays as it is."""
        values = {name: getattr(row, name) for name in _COLUMNS}
        key = self._key()
        values |= {"said": self._seal_step(key, values), "data_key": key.id}
        done = self._connection.execute(
            insert(release).values(country=self._country, **values).on_conflict_do_nothing().returning(release.c.tier)
        )
        if done.first() is None:
            self._keys.end([key.id], KeyEnd.DROPPED)
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
        query = self._all().where(*self._is(digest))
        row = self._connection.execute(query.with_for_update(of=release) if lock else query).mappings().one_or_none()
        if row is None:
            raise NoSuchRelease("this register has no release with that hash")
        return self._row(row)

    def has(self, digest: str) -> bool:
        """Whether there is a release with this hash."""
        return bool(self._connection.execute(sa.select(sa.exists().where(*self._is(digest)))).scalar_one())

    def list(self, **where: str) -> list[ReleaseRow]:
        """The releases whose columns have these values, newest draft first."""
        query = (
            self._all()
            .where(release.c.country == self._country, *(release.c[name] == value for name, value in where.items()))
            .order_by(release.c.drafted_at.desc(), release.c.digest)
        )
        return [self._row(row) for row in self._connection.execute(query).mappings().all()]

    def page(self, after: str | None, limit: int) -> Sequence[ReleaseRow]:
        """At most `limit` releases, newest draft first, from behind the one with the hash `after`."""
        query = self._all().where(release.c.country == self._country)
        if after is not None:
            last = sa.select(release.c.drafted_at).where(*self._is(after)).scalar_subquery()
            behind = sa.and_(release.c.drafted_at == last, release.c.digest > after)
            query = query.where(sa.or_(release.c.drafted_at < last, behind))
        rows = self._connection.execute(query.order_by(release.c.drafted_at.desc(), release.c.digest).limit(limit))
        return [self._row(row) for row in rows.mappings().all()]

    def cells(self, digest: str) -> Sequence[CellRow]:
        """The printed figures of a release, in print order."""
        return [CellRow(*row) for row in self._connection.execute(self._cells(digest))]

    def beside(self, row: ReleaseRow, period: str) -> tuple[Sequence[CellRow], ReleaseRow | None, Sequence[CellRow]]:
        """The cells of a release, and the frozen release of the same tier and table in another period with its cells.

        The figures of both in one statement, so that a page may show both.

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
                "other": sa.select(release.c.digest).where(
                    release.c.country == self._country, release.c.digest == other
                ),
                "other_cells": self._cells(other),
            },
        )
        last = self.get(found["other"][0]["digest"]) if found["other"] else None
        return [CellRow(**c) for c in found["cells"]], last, [CellRow(**c) for c in found["other_cells"]]

    def set(self, row: ReleaseRow, **values: Any) -> None:
        """Set columns of a release: its state and what goes with it, sealed anew."""
        was = sa.select(release.c.data_key).where(*self._is(row.digest))
        if (old := self._connection.execute(was).scalar_one()) is not None:
            # The seal of an earlier step opens no more, or a release could be brought back to it.
            self._keys.end([old], KeyEnd.REPLACED)
        key = self._key()
        now = {name: getattr(row, name) for name in ("digest", *_STEP)} | values
        sealed = {"said": self._seal_step(key, now), "data_key": key.id}
        self._connection.execute(sa.update(release).where(*self._is(row.digest)).values(**values, **sealed))

    def approve(self, digest: str, actor: str) -> bool:
        """Note one person's approval; False where there is a row of that person, which somebody else wrote."""
        key, now = self._key(), self._clock.now()
        sealed = key.seal_json(self._approved(digest, actor, now), "said", "approved")
        row = {
            "country": self._country, "digest": digest, "actor": actor, "at": now, "said": sealed, "data_key": key.id,
        }  # fmt: skip
        made = insert(release_approval).values([row]).on_conflict_do_nothing().returning(release_approval.c.actor)
        if self._connection.execute(made).first() is not None:
            return True
        self._keys.end([key.id], KeyEnd.DROPPED)
        self.differ = True
        return False

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

    def _all(self) -> sa.Select[Any]:
        """Releases with their approvals, each with the key that opens it: one statement, whatever a page shows."""
        own, key, end = release_approval.c, data_key.c, data_key_end.c
        said = sa.func.jsonb_build_object(
            "actor", own.actor, "at", own.at, "said", sa.func.encode(own.said, "hex"), "key_id", own.data_key,
            "key_kek", key.kek, "key_wrapped", sa.func.encode(key.wrapped, "hex"), "key_end", end.reason,
        )  # fmt: skip
        joined = release_approval.outerjoin(
            data_key, sa.and_(key.country == own.country, key.id == own.data_key)
        ).outerjoin(data_key_end, sa.and_(end.country == own.country, end.id == own.data_key))
        approvals = (
            sa.select(sa.func.jsonb_agg(aggregate_order_by(said, own.at, own.actor)))
            .select_from(joined)
            .where(own.country == release.c.country, own.digest == release.c.digest)
            .correlate(release)
            .scalar_subquery()
        )
        whole = sa.select(*release.c[_COLUMNS], release.c.said, approvals.label("approvals"))
        return self._keys.beside(whole, release)

    def _cells(self, digest: str | sa.ScalarSelect[str]) -> sa.Select[Any]:
        return (
            sa.select(*release_cell.c["area", "row_code", "column_code", "value", "marker", "reach"])
            .where(release_cell.c.country == self._country, release_cell.c.digest == digest)
            .order_by(release_cell.c.n)
        )

    def _row(self, row: Mapping[Any, Any]) -> ReleaseRow:
        values = {name: row[name] for name in _COLUMNS}
        if self._opens(row, self._step(values)):
            return ReleaseRow(**values, approved_by=self._approvers(row["digest"], row["approvals"] or ()), sealed=True)
        return ReleaseRow(**values | {"state": "draft"}, sealed=False)

    def _approvers(self, digest: str, approvals: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        """Who approved it, in order of time; only what was sealed for it."""
        opened = []
        for one in approvals:
            key_id, said, wrapped = (one[name] for name in ("key_id", "said", "key_wrapped"))
            row = {
                **one,
                "key_id": None if key_id is None else UUID(key_id),
                "said": None if said is None else bytes.fromhex(said),
                "key_wrapped": None if wrapped is None else bytes.fromhex(wrapped),
            }
            if self._opens(row, self._approved(digest, one["actor"], datetime.fromisoformat(one["at"]))):
                opened.append(str(one["actor"]))
        return tuple(opened)

    def _opens(self, row: Mapping[Any, Any], place: Place) -> bool:
        try:
            key = self._keys.of_row(row)
            if key is not None:
                key.open(place, "said", row["said"])
                return True
        except OperatorError:  # it was not sealed for this
            pass
        self.differ = True
        return False

    def _key(self) -> OpenKey:
        return self._keys.make((self._clock.now() + _KEPT).date())

    def _seal_step(self, key: OpenKey, values: Mapping[str, Any]) -> bytes:
        return key.seal_json(self._step(values), "said", "state")

    def _step(self, values: Mapping[str, Any]) -> Place:
        at = values["drafted_at"].astimezone(UTC).isoformat()
        bound = [values["state"], values["drafted_by"], at, values["superseded_by"]]
        return Place(self._country, "release", values["digest"], bound=json.dumps(bound))

    def _approved(self, digest: str, actor: str, at: datetime) -> Place:
        bound = json.dumps([actor, at.astimezone(UTC).isoformat()])
        return Place(self._country, "release_approval", digest, bound=bound)

    def _is(self, digest: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (release.c.country == self._country, release.c.digest == digest)
