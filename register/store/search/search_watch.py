"""How somebody asks, and the searches that a week's sample is drawn from: hashes, counts and codes, no value."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.access.alarm import SAMPLE, WINDOW, AlreadySaid, sample_waits, week_of
from register.errors import NotFound
from register.store.models.access import search_neighbour, search_outcome, searched
from register.store.running.sealing import DataKeys, KeyEnd, OpenKey, Place
from register.store.running.server.bulk import insert_rows
from register.store.running.server.rls import child_name
from register.store.running.to_do import ToDos
from schemas.codes import Partition, SampleVerdict

DRAWN_KEPT: Final = timedelta(days=366)
"""Of searches that were drawn; assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search as it was asked, and what the privacy officer says of it once it was drawn.

    Attributes:
        id: of the leaf of its intent.
        own, hits: how many records of the own register, and of others', were shown; None where it was never answered.
        case: as typed; None once it was erased.
    """

    id: UUID
    at: datetime
    actor: str
    organisation: str | None
    purpose: str
    legal_basis: str
    families: tuple[str, ...]
    asked: tuple[str, ...]
    case: str | None
    own: int | None = None
    hits: int | None = None
    verdict: SampleVerdict | None = None
    verdict_at: datetime | None = None
    note: str | None = None


class SearchWatch:
    """What is remembered of the searches of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock
        self._to_do = ToDos(connection, country, clock)

    # --- how somebody asks ---

    def neighbours(self, seen: Iterable[tuple[bytes, bytes]], today: date) -> Mapping[bytes, int]:
        """Note values by what they share with their neighbours; return how many of each neighbourhood a week has."""
        rows = [{"country": self._country, "bucket": b, "value": v, "day": today} for b, v in sorted(set(seen))]
        if not rows:
            return {}
        noted = "ON CONFLICT (country, bucket, value) DO UPDATE SET day = greatest(search_neighbour.day, excluded.day)"
        insert_rows(self._connection, search_neighbour, rows, on_conflict=noted)
        table = search_neighbour.c
        counts = (
            sa.select(table.bucket, sa.func.count())
            .where(
                table.country == self._country,
                table.bucket.in_(sorted({row["bucket"] for row in rows})),
                table.day > today - WINDOW,
            )
            .group_by(table.bucket)
        )
        return {bytes(bucket): int(n) for bucket, n in self._connection.execute(counts)}

    def outcome(
        self, whose: Sequence[tuple[str, str]], today: date, *, asked: int, missed: int
    ) -> dict[str, tuple[int, int]]:
        """Count the values of one search; return those of the window and its misses, by person and case."""
        if not whose:
            return {}
        rows = [
            {"country": self._country, "whose": w, "about": a, "day": today, "asked": asked, "missed": missed}
            for w, a in sorted(whose)
        ]
        counted = (
            "ON CONFLICT (country, whose, about, day) DO UPDATE SET asked = search_outcome.asked + excluded.asked, "
            "missed = search_outcome.missed + excluded.missed"
        )
        insert_rows(self._connection, search_outcome, rows, on_conflict=counted)
        table = search_outcome.c
        totals = (
            sa.select(table.whose, sa.func.sum(table.asked), sa.func.sum(table.missed))
            .where(
                table.country == self._country,
                sa.tuple_(table.whose, table.about).in_(list(whose)),
                table.day > today - WINDOW,
            )
            .group_by(table.whose)
        )
        return {w: (int(values), int(misses)) for w, values, misses in self._connection.execute(totals)}

    # --- the sample ---

    def note(self, one: Searched, today: date) -> None:
        """Remember a search until its week is over."""
        key = self._keys.make((one.at + DRAWN_KEPT).date())
        self._connection.execute(
            sa.insert(searched),
            [
                {
                    "country": self._country, "id": one.id, "week": week_of(today), "at": one.at, "actor": one.actor,
                    "organisation": one.organisation, "purpose": one.purpose, "legal_basis": one.legal_basis,
                    "families": list(one.families), "asked": list(one.asked), "data_key": key.id, "drawn": False,
                    "case_reference": key.seal_json(self._place(one.id), "case_reference", one.case or ""),
                }
            ],
        )  # fmt: skip

    def answered(self, search: UUID, *, own: int, hits: int) -> None:
        """What a search showed."""
        self._connection.execute(sa.update(searched).where(*self._is(search)).values(own=own, hits=hits))

    def draw(self, today: date) -> int:
        """Draw by lot from each week that is over, and forget what was not drawn; return how many were drawn."""
        table, drawn = searched.c, 0
        weeks = self._connection.execute(
            sa.select(table.week)
            .where(table.country == self._country, table.week < week_of(today), table.drawn.is_(False))
            .distinct()
            .order_by(table.week)
        ).scalars()
        for week in list(weeks):
            of_week = (table.country == self._country, table.week == week, table.drawn.is_(False))
            held = sa.select(table.id).where(*of_week).order_by(table.id).with_for_update()
            ids = list(self._connection.execute(held).scalars())
            if not ids:  # another worker drew meanwhile
                continue
            # Nobody who asks can know whether his search will be looked at, nor choose which are.
            lot = sorted(secrets.SystemRandom().sample(ids, min(SAMPLE, len(ids))))
            self._connection.execute(
                sa.update(searched).where(table.country == self._country, table.id.in_(lot)).values(drawn=True)
            )
            self._forget("week = :week AND NOT drawn", week=week)
            self._to_do.bring(sample_waits(lot[0], week))
            drawn += len(lot)
        return drawn

    def sample(self, *, ticked: bool | None, before: UUID | None, limit: int) -> list[Searched]:
        """Searches that were drawn, opened, newest first; only those that were ticked, or were not, or any."""
        query = self._all().where(searched.c.drawn.is_(True))
        if ticked is not None:
            query = query.where(searched.c.verdict.is_not(None) if ticked else searched.c.verdict.is_(None))
        if before is not None:
            query = query.where(searched.c.id < before)
        return self._opened(self._connection.execute(query.order_by(searched.c.id.desc()).limit(limit)).mappings())

    def tick(self, search: UUID, verdict: SampleVerdict, note: str | None, by: str) -> Searched:
        """Keep what the privacy officer says of a search that was drawn, once; the week's line goes with its last.

        Raises:
            NotFound: it was not drawn, or there is none.
            AlreadySaid: somebody has said something to it.
        """
        row = self._connection.execute(
            sa.select(searched.c.data_key, searched.c.week).where(*self._is(search), searched.c.drawn.is_(True))
        ).one_or_none()
        if row is None:
            raise NotFound(f"no search {search} was drawn in this register")
        sealed = None if note is None else self._keys.get(row.data_key).seal_json(self._place(search), "note", note)
        said = self._connection.execute(
            sa.update(searched)
            .where(*self._is(search), searched.c.verdict.is_(None))
            .values(verdict=verdict, note=sealed, verdict_by=by, verdict_at=self._clock.now())
        )
        if not said.rowcount:
            raise AlreadySaid("something was said to this search before")
        of_week = (searched.c.country == self._country, searched.c.week == row.week, searched.c.drawn.is_(True))
        left = sa.select(sa.func.count()).where(*of_week, searched.c.verdict.is_(None))
        if not self._connection.execute(left).scalar_one():
            first = self._connection.execute(
                sa.select(searched.c.id).where(*of_week).order_by(searched.c.id).limit(1)
            ).scalar_one()
            self._to_do.bring(sample_waits(first, row.week, waits=False))
        return self._opened(self._connection.execute(self._all().where(searched.c.id == search)).mappings())[0]

    def forget_old(self, today: date) -> int:
        """Forget what has had its time; return how many rows went."""
        gone = self._forget("drawn AND week < :before", before=today - DRAWN_KEPT)
        for table in (search_neighbour, search_outcome):
            child = child_name(table, self._country)
            before = {"before": today - WINDOW}
            gone += self._connection.execute(sa.text(f"DELETE FROM {child} WHERE day <= :before"), before).rowcount
        return gone

    def _forget(self, which: str, **values: date) -> int:
        child = child_name(searched, self._country)
        rows = self._connection.execute(sa.text(f"DELETE FROM {child} WHERE {which} RETURNING data_key"), values)
        keys = list(rows.scalars())
        self._keys.end(keys, KeyEnd.EXPIRED)
        return len(keys)

    def _is(self, search: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return searched.c.country == self._country, searched.c.id == search

    def _all(self) -> sa.Select[Any]:
        return self._keys.beside(sa.select(searched), searched).where(searched.c.country == self._country)

    def _opened(self, found: Iterable[Mapping[Any, Any]]) -> list[Searched]:
        return [self._searched(row, self._keys.of_listed(row)) for row in found]

    def _searched(self, row: Mapping[Any, Any], key: OpenKey | None) -> Searched:
        def opened(field: str) -> str | None:
            sealed = row[field]
            return None if key is None or sealed is None else str(key.open_json(self._place(row["id"]), field, sealed))

        return Searched(
            id=row["id"],
            at=row["at"],
            actor=row["actor"],
            organisation=row["organisation"],
            purpose=row["purpose"],
            legal_basis=row["legal_basis"],
            families=tuple(row["families"]),
            asked=tuple(row["asked"]),
            case=opened("case_reference"),
            own=row["own"],
            hits=row["hits"],
            verdict=None if row["verdict"] is None else SampleVerdict(row["verdict"]),
            verdict_at=row["verdict_at"],
            note=opened("note"),
        )

    def _place(self, search: UUID) -> Place:
        return Place(self._country, "searched", str(search))
