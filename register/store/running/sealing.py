"""How the store keeps what names a person: the port to the country's keys, and sealed records behind it.

The associated data of a field is canonical over (country, table, record id, field, schema version, data-key id,
handling), so a sealed value belongs to exactly one place (security.md 2). Routes and services never see ciphertext.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.errors import NotFound
from register.store.models.running import data_key
from register.store.running.bulk import insert_rows
from register.store.running.rls import child_name
from schemas.codes import Partition

_PARTS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True)
SEALED_SCHEMA = 1
"""Version of what is sealed; stored beside each record and part of the associated data."""


class Sealer(Protocol):
    """What the keys of a country do for its store; `register.keys.envelope` implements it."""

    def new_key(self, month: str, key_id: bytes) -> tuple[str, bytes, bytes]:
        """A data key for a record that ends in a month: (name of the month's key, wrapped key, key)."""
        ...

    def unwrap(self, kek: str, wrapped: bytes, key_id: bytes) -> bytes:
        """Open a wrapped data key."""
        ...

    def seal(self, key: bytes, place: bytes, plain: bytes) -> bytes:
        """Seal a field for a place."""
        ...

    def open(self, key: bytes, place: bytes, sealed: bytes) -> bytes:
        """Open a field of a place."""
        ...


class Erased(NotFound):
    """What was sealed here has been erased: its data key is gone."""

    code = "erased"
    advice = "Nothing can bring it back; the timeline says when it was erased and on what ground."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed record lives; a field's associated data is made from it."""

    country: Partition
    table: str
    record: str
    handling: str = ""
    schema: int = SEALED_SCHEMA

    def of(self, field: str, key_id: UUID) -> bytes:
        """The associated data of one field."""
        parts = [self.country, self.table, self.record, field, self.schema, str(key_id), self.handling]
        return _PARTS.encode(parts).encode()


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A data key in use within one transaction."""

    id: UUID
    _plain: bytes
    _sealer: Sealer

    def seal(self, place: Place, field: str, plain: bytes) -> bytes:
        """Seal one field of the place."""
        return self._sealer.seal(self._plain, place.of(field, self.id), plain)

    def open(self, place: Place, field: str, sealed: bytes | None) -> bytes:
        """Open one field of the place; a field that was set to null is erased."""
        if sealed is None:
            raise Erased(f"{field} of {place.table} {place.record} has been erased")
        return self._sealer.open(self._plain, place.of(field, self.id), sealed)

    def seal_json(self, place: Place, field: str, value: Mapping[str, Any] | str) -> bytes:
        """Seal a JSON value."""
        return self.seal(place, field, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, place: Place, field: str, sealed: bytes | None) -> Any:
        """Open a JSON value."""
        return json.loads(self.open(place, field, sealed))


class DataKeys:
    """The data keys of one country, inside one transaction.

    Fresh ones are stored together, before the transaction commits: `register.work` sees to it.
    """

    def __init__(self, connection: sa.Connection, country: Partition, sealer: Sealer, clock: Clock) -> None:
        self._connection, self._country, self._sealer, self._clock = connection, country, sealer, clock
        self._made: list[dict[str, Any]] = []

    def make(self, ends: date) -> OpenKey:
        """A fresh data key for a record that ends on a day; any change of a record takes a new one."""
        key, row = self.prepare(ends)
        self._made.append(row)
        return key

    def settle(self) -> None:
        """Store the fresh data keys."""
        made, self._made = self._made, []
        insert_rows(self._connection, data_key, made)

    def prepare(self, ends: date) -> tuple[OpenKey, dict[str, Any]]:
        """A fresh data key and the row that must be stored for it in the same transaction."""
        key_id = self._clock.new_id()
        kek, wrapped, plain = self._sealer.new_key(f"{ends:%Y-%m}", key_id.bytes)
        row = {
            "country": self._country,
            "id": key_id,
            "kek": kek,
            "wrapped": wrapped,
            "made_at": self._clock.now(),
        }
        return OpenKey(key_id, plain, self._sealer), row

    def get(self, key_id: UUID) -> OpenKey:
        """Open a data key.

        Raises:
            Erased: it has been destroyed.
        """
        keys = self.get_many([key_id])
        if key_id not in keys:
            raise Erased("what was sealed here has been erased")
        return keys[key_id]

    def get_many(self, key_ids: list[UUID]) -> dict[UUID, OpenKey]:
        """Open many data keys in one statement; destroyed ones are left out."""
        self.settle()
        rows = self._connection.execute(
            sa.select(data_key.c.id, data_key.c.kek, data_key.c.wrapped).where(
                data_key.c.country == self._country, data_key.c.id == sa.any_(sa.cast(key_ids, sa.ARRAY(sa.Uuid)))
            )
        )
        return {r.id: OpenKey(r.id, self._sealer.unwrap(r.kek, r.wrapped, r.id.bytes), self._sealer) for r in rows}

    def destroy(self, key_ids: list[UUID]) -> None:
        """Destroy data keys: whatever was sealed under them is unreadable from now on."""
        self.settle()
        child = child_name(data_key, self._country)
        self._connection.execute(sa.text(f"DELETE FROM {child} WHERE id = ANY(:ids)"), {"ids": key_ids})
