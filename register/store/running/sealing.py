"""How the store keeps what names a person: the port to the country's keys, and sealed records behind it.

The associated data of a field is canonical over (country, table, record id, field, schema version, data-key id,
handling), so a sealed value belongs to exactly one place (security.md 2). Routes and services never see ciphertext.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.running.month_keys import month_key
from register.errors import DoesNotOpen, NotFound, OperatorError, Unreadable
from register.logs import logger
from register.store.known_keys import HasKeys, KnownKeys
from register.store.models.running import data_key, data_key_end
from register.store.running.server.bulk import insert_rows
from register.store.running.server.rls import child_name
from schemas.codes import Partition

T = TypeVar("T")
_PARTS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True)
_KEY: Final = ("id", "kek", "wrapped", "end")
SEALED_SCHEMA = 1
"""Version of what is sealed; stored beside each record and part of the associated data."""


_ANY_ENDED: Final = sa.text(
    "SELECT EXISTS (SELECT FROM rtr.data_key_end WHERE country = :country AND destroyed_at IS NULL)"
)


class Sealer(HasKeys, Protocol):
    """What the keys of a country do for its store; `register.keys.envelope` implements it."""

    def new_key(self, kek: str, key_id: bytes) -> tuple[bytes, bytes]:
        """A data key under a month's key that is there: (wrapped key, key)."""
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


class KeyEnd(StrEnum):
    """Why a data key ends; stands in the queue and in the audit log."""

    REPLACED = "replaced"
    """What it sealed was changed, and is sealed anew under another."""
    WITHDRAWN = "withdrawn"
    """What it sealed was taken back."""
    ERASED = "erased"
    DROPPED = "dropped"
    """What it sealed was sent on or thrown away by whoever had begun it."""
    EXPIRED = "expired"
    """What it sealed has had its time."""


@dataclass(frozen=True, slots=True)
class EndedKeys:
    """Data keys that were destroyed together, since one person ended them for one reason."""

    reason: str
    by: str
    keys: tuple[UUID, ...]


class Erased(NotFound, Unreadable):
    """What was sealed here has been erased: its data key was ended, and is destroyed or opens nothing until it is."""

    code = "erased"
    advice = "Nothing can bring it back; the audit log has when its key was ended, and why."


class DataKeyLost(DoesNotOpen):
    """The data key of what is sealed here is gone, and nobody ended it; or it was replaced, and the row is of before.

    A loss must not be told as an erasure: what was erased nobody looks for any more.
    """

    code = "data-key-lost"
    advice = (
        "Nobody erased it: put the data key back from the newest backup (guide, rows that were damaged), and the row "
        "too where it is of an older day."
    )


def read_settled(read: Callable[[], T], *also: type[Exception]) -> T:
    """What `read` gives; read once more where a key is lost: what was changed between row and key is no damage.

    Args:
        read: a row, and then its key, by two statements.
        also: other errors that a change in between may look like.
    """
    lost: tuple[type[Exception], ...] = (DataKeyLost, *also)
    try:
        return read()
    except lost:
        return read()


class NotSealed(DoesNotOpen):
    """A row that opens something to whom it names was not sealed for both, or names a data key that is not there."""

    code = "row-not-sealed"
    advice = (
        "Run rtr doctor: it says whether a data key was lost, which a backup brings back. If none was, somebody wrote "
        "to the database beside the register: change its log-ins and look through what changed."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed record lives; a field's associated data is made from it.

    Attributes:
        bound: what stands in clear beside it and cannot be changed without it, as a hash; empty where nothing is.
    """

    country: Partition
    table: str
    record: str
    handling: str = ""
    schema: int = SEALED_SCHEMA
    bound: str = ""

    def of(self, field: str, key_id: UUID) -> bytes:
        """The associated data of one field."""
        parts = [self.country, self.table, self.record, field, self.schema, str(key_id), self.handling]
        if self.bound:
            parts.append(self.bound)
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
        """Open one field of the place.

        A field that is gone while its key is here was not erased, which ends the key: it does not open, as any other
        that was changed beside the register.
        """
        return self._sealer.open(self._plain, place.of(field, self.id), sealed or b"")

    def open_unbound(self, place: Place, field: str, sealed: bytes) -> Any:
        """Open a JSON value that an older release sealed for this row, whatever stands beside it; or as `open_json`."""
        try:
            return self.open_json(place, field, sealed)
        except OperatorError:
            return self.open_json(replace(place, bound=""), field, sealed)

    def seal_json(self, place: Place, field: str, value: Mapping[str, Any] | str) -> bytes:
        """Seal a JSON value."""
        return self.seal(place, field, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, place: Place, field: str, sealed: bytes | None) -> Any:
        """Open a JSON value."""
        return json.loads(self.open(place, field, sealed))


class DataKeys:
    """The data keys of one country, inside one transaction.

    Fresh ones are stored together, before the transaction commits: `register.work` sees to it. A key goes in two
    steps, since the role of the api may neither delete nor change one: whoever erases ends it (`end`), in the
    transaction of what is erased, and from there on it opens nothing; the worker destroys what has ended
    (`destroy_ended`) and logs it. Nobody can take an end back, and no key vanishes without a leaf that says by whom.
    That it ended stays beside the keys for good, without who ended it: a key that is gone without it was lost.
    """

    def __init__(
        self, connection: sa.Connection, country: Partition, sealer: Sealer, clock: Clock, *, actor: str
    ) -> None:
        self._connection, self._country, self._sealer, self._clock = connection, country, sealer, clock
        self._actor = actor
        self._made: list[dict[str, Any]] = []
        self.known = KnownKeys(connection, country, clock)

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
        """A fresh data key and the row that must be stored for it in the same transaction.

        Raises:
            KeyStoreOlder, KeyStoreDiffers: the key store lacks the month's key that rows rest on already.
        """
        key_id, kek = self._clock.new_id(), month_key(ends)
        self.known.agree_on(kek, self._sealer)
        wrapped, plain = self._sealer.new_key(kek, key_id.bytes)
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
            Erased: it has ended.
            DataKeyLost: it is gone and has not.
        """
        keys = self.get_many([key_id])
        if key_id not in keys:
            raise Erased("what was sealed here has been erased")
        return keys[key_id]

    def get_many(self, key_ids: Collection[UUID]) -> dict[UUID, OpenKey]:
        """Open many data keys in one statement; those that have ended are left out, destroyed yet or not.

        Raises:
            DataKeyLost: one of them is gone and has not ended.
        """
        opened = {row.id: self._open(row) for row in self._rows(key_ids)}
        return {key_id: key for key_id, key in opened.items() if key is not None}

    def try_many(self, key_ids: Collection[UUID]) -> dict[UUID, OpenKey | OperatorError]:
        """The same, for who examines what is stored: one that does not open is told by its error and stops no other."""
        tried: dict[UUID, OpenKey | OperatorError] = {}
        for row in self._rows(key_ids):
            try:
                key = self._open(row)
            except OperatorError as error:
                tried[row.id] = error
            else:
                if key is not None:
                    tried[row.id] = key
        return tried

    def beside(self, query: sa.Select[Any], sealed: sa.Table) -> sa.Select[Any]:
        """The query with each row's own data key, for `of_row`: content and key in one statement."""
        self.settle()
        own = sa.and_(data_key.c.country == sealed.c.country, data_key.c.id == sealed.c.data_key)
        ended = sa.and_(data_key_end.c.country == sealed.c.country, data_key_end.c.id == sealed.c.data_key)
        columns = {
            "id": sealed.c.data_key, "kek": data_key.c.kek, "wrapped": data_key.c.wrapped, "end": data_key_end.c.reason,
        }  # fmt: skip
        named = query.add_columns(*(column.label(f"key_{name}") for name, column in columns.items()))
        return named.join_from(sealed, data_key, own, isouter=True).join(data_key_end, ended, isouter=True)

    def of_row(self, row: Mapping[Any, Any]) -> OpenKey | None:
        """The data key of a row that `beside` has read; None where it has ended, or the row never had one.

        Raises:
            DataKeyLost: it is gone and has not ended.
        """
        return None if row["key_id"] is None else self._opened(*(row[f"key_{name}"] for name in _KEY))

    def of_listed(self, row: Mapping[Any, Any]) -> OpenKey | None:
        """The same of one among many: one that is lost is logged, and None as if it had ended: it hides no other."""
        try:
            return self.of_row(row)
        except DataKeyLost as error:
            logger().error("row.damaged", partition=self._country, key_id=str(row["key_id"]), code=error.code)
            return None

    def end(self, key_ids: Sequence[UUID], reason: KeyEnd) -> None:
        """End data keys: when this transaction commits, what was sealed under them opens for nobody any more.

        The worker destroys them at its next turn; a key that was made in this transaction is not stored at all.
        """
        ending = set(key_ids)
        never_stored = {row["id"] for row in self._made} & ending
        self._made = [row for row in self._made if row["id"] not in ending]
        now = self._clock.now()
        rows = [
            {"country": self._country, "id": one, "reason": reason, "ended_by": self._actor, "ended_at": now}
            for one in sorted(ending - never_stored)
        ]
        insert_rows(self._connection, data_key_end, rows, on_conflict="ON CONFLICT (country, id) DO NOTHING")

    def destroy_ended(self, limit: int) -> list[EndedKeys]:
        """Destroy at most `limit` data keys that have ended, the first to end first; for the worker's role only."""
        own = data_key_end.c
        waiting = sa.select(own.id, own.reason, own.ended_by).where(
            own.country == self._country, own.destroyed_at.is_(None)
        )
        first = waiting.order_by(own.ended_at, own.id).limit(limit).with_for_update()
        gone = self._connection.execute(first).all()
        if not gone:
            return []
        ids = sa.any_(sa.cast([row.id for row in gone], sa.ARRAY(sa.Uuid)))
        self._connection.execute(
            sa.update(data_key_end)
            .where(own.country == self._country, own.id == ids)
            .values(destroyed_at=self._clock.now(), ended_by=None)
        )
        keys = child_name(data_key, self._country)
        self._connection.execute(sa.text(f"DELETE FROM {keys} WHERE id = ANY(:ids)"), {"ids": [row.id for row in gone]})
        together: dict[tuple[str, str], list[UUID]] = {}
        for row in gone:
            together.setdefault((row.reason, row.ended_by), []).append(row.id)
        return [EndedKeys(reason, by, tuple(sorted(ids))) for (reason, by), ids in sorted(together.items())]

    def any_ended(self) -> bool:
        """Whether there is a key for `destroy_ended` to destroy."""
        return bool(self._connection.execute(_ANY_ENDED, {"country": self._country}).scalar_one())

    def _rows(self, key_ids: Collection[UUID]) -> sa.CursorResult[Any]:
        """Of each id once what there is of it: the key, and why it ended."""
        self.settle()
        ids = sa.cast(sorted(set(key_ids)), sa.ARRAY(sa.Uuid))
        asked = sa.func.unnest(ids).table_valued(sa.column("id", sa.Uuid), name="asked").render_derived()
        key = sa.and_(data_key.c.country == self._country, data_key.c.id == asked.c.id)
        ended = sa.and_(data_key_end.c.country == self._country, data_key_end.c.id == asked.c.id)
        columns = (asked.c.id, data_key.c.kek, data_key.c.wrapped, data_key_end.c.reason.label("end"))
        query = sa.select(*columns).select_from(asked).join(data_key, key, isouter=True)
        return self._connection.execute(query.join(data_key_end, ended, isouter=True))

    def _open(self, row: Any) -> OpenKey | None:
        return self._opened(*(getattr(row, name) for name in _KEY))

    def _opened(self, key_id: UUID, kek: str | None, wrapped: bytes | None, end: str | None) -> OpenKey | None:
        """The key; None where it has ended, whether it is destroyed yet or not."""
        if end == KeyEnd.REPLACED:
            raise DataKeyLost(f"data key {key_id} was replaced, and what it opened is here again")
        if end is not None:
            return None
        if kek is None or wrapped is None:
            raise DataKeyLost(f"data key {key_id} is gone, and nobody ended it")
        try:
            plain = self._sealer.unwrap(kek, wrapped, key_id.bytes)
        except DoesNotOpen as error:
            # A key store of an older day and a row that somebody forged look the same from here.
            raise self.known.why_not(kek, self._sealer, error) from error
        return OpenKey(key_id, plain, self._sealer)
