"""Rows that an older release sealed beside nothing, as they stood when the database was migrated.

A migration has no keys. It marks such rows, with a hash of what decides of each, and the worker seals them anew, once
(`register.services.running.keep_house`). Only the migration can mark: no role of a node may insert here, and a row
that was written or changed since is not the one that was marked. So nobody has the worker seal what they forge
afterwards; what somebody had forged before the migration is sealed as it stands (operator's guide).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.store.models.running import sealed_before
from register.store.running.server.rls import child_name
from schemas.codes import Partition


class Marked(StrEnum):
    """The tables whose rows can be marked."""

    REFERRAL = "referral"
    LIFTING = "lifting"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Mark:
    """One row that waits to be sealed anew."""

    place: Marked
    id: UUID


# As the migration hashed them.
_DECIDES: Final = MappingProxyType(
    {
        Marked.REFERRAL: "t.signal_id, t.kind, t.referred_to, encode(t.note, 'hex'), t.data_key",
        Marked.LIFTING: "t.signal_id, t.subject_n, t.protection, t.because, t.asked_by, t.asked_for, t.second, "
        "encode(t.note, 'hex'), t.data_key",
        Marked.ALARM: "t.acknowledged_by, extract(epoch FROM t.acknowledged_at), encode(t.reason, 'hex'), t.data_key",
    }
)


class SealedBefore:
    """The marks of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def waiting(self, limit: int) -> list[Mark]:
        """At most `limit` marks: those that were never tried first, then the one that was tried longest ago."""
        own = sealed_before.c
        query = sa.select(own.place, own.id).where(own.country == self._country)
        rows = self._connection.execute(query.order_by(own.tried_at.nulls_first(), own.id).limit(limit))
        return [Mark(Marked(row.place), row.id) for row in rows]

    def count(self) -> int:
        """How many rows wait."""
        own = sealed_before.c
        query = sa.select(sa.func.count()).where(own.country == self._country)
        return int(self._connection.scalar(query) or 0)

    def untried(self) -> bool:
        """Whether some of them have not had their turn."""
        own = sealed_before.c
        query = sa.select(own.id).where(own.country == self._country, own.tried_at.is_(None)).limit(1)
        return self._connection.execute(query).first() is not None

    def awaits(self, place: Marked, about: UUID) -> bool:
        """Whether a row is as it was marked and has not had its turn."""
        return bool(find_awaited(self._connection, self._country, place, [about]))

    def is_as_marked(self, mark: Mark) -> bool | None:
        """Whether the row is the one that was marked, held until commit; None where it is gone."""
        query = sa.text(
            f"SELECT {_write_hash(mark.place)} = b.fixed FROM rtr.sealed_before b "
            f"JOIN rtr.{mark.place} t ON t.country = b.country AND t.id = b.id "
            "WHERE b.country = :country AND b.place = :place AND b.id = :id FOR UPDATE OF t"
        )
        named = {"country": self._country, "place": mark.place, "id": mark.id}
        found: bool | None = self._connection.scalar(query, named)
        return found

    def keep_tried(self, mark: Mark) -> None:
        """Say that a row could not be sealed now; it is tried again after the others."""
        own = sealed_before.c
        same = own.country == self._country, own.place == mark.place, own.id == mark.id
        self._connection.execute(sa.update(sealed_before).where(*same).values(tried_at=self._clock.now()))

    def forget(self, mark: Mark) -> None:
        """Say that a row waits no more."""
        child = child_name(sealed_before, self._country)
        query = sa.text(f"DELETE FROM {child} WHERE place = :place AND id = :id")
        self._connection.execute(query, {"place": mark.place, "id": mark.id})


def find_awaited(connection: sa.Connection, country: Partition, place: Marked, ids: Collection[UUID]) -> set[UUID]:
    """Those of these rows that are as they were marked and have not had their turn: they do not open yet."""
    if not ids:
        return set()
    query = sa.text(
        f"SELECT b.id FROM rtr.sealed_before b JOIN rtr.{place} t ON t.country = b.country AND t.id = b.id "
        "WHERE b.country = :country AND b.place = :place AND b.id = ANY(:ids) AND b.tried_at IS NULL "
        f"AND {_write_hash(place)} = b.fixed"
    )
    return set(connection.scalars(query, {"country": country, "place": place, "ids": sorted(ids)}))


def _write_hash(place: Marked) -> str:
    return f"sha256(convert_to(jsonb_build_array({_DECIDES[place]})::text, 'UTF8'))"
