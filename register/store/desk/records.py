"""What the stores of the desk's records share: one row a record, changed in place under its lock, listed newest first.

A kind of record names its table and says how its row and its value become each other. What names a person is sealed
under a key of its own: a change takes a fresh key and ends the old one, a withdrawal leaves none.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa

from register.domain.desk.record import Record
from register.errors import NotFound
from register.store.running.sealing import SEALED_SCHEMA, DataKeys, KeyEnd, OpenKey, Place, read_settled
from schemas.codes import Partition

R = TypeVar("R", bound=Record)


class Records(Generic[R]):
    """The records of one kind of one country, inside one transaction."""

    table: ClassVar[sa.Table]
    nothing: ClassVar[str]
    """What is said where there is none; the same to who may not know of it."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def add(self, record: R) -> None:
        """Store a new record."""
        self._connection.execute(sa.insert(self.table), [self._fixed(record) | self._changing(record)])

    def get(self, record_id: UUID, *, for_change: bool = False) -> R:
        """Return a record, opened, and locked where it is to be changed.

        Raises:
            NotFound: there is none in this country.
        """
        query = sa.select(self.table).where(*self._is(record_id))
        row = self._connection.execute(query.with_for_update() if for_change else query).mappings().one_or_none()
        if row is None:
            raise NotFound(self.nothing.format(record_id))
        return self._of_row(row)

    def replace(self, record: R) -> None:
        """Store a changed record that was locked."""
        self._connection.execute(sa.update(self.table).where(*self._is(record.id)).values(self._changing(record)))

    @abstractmethod
    def _of_row(self, row: sa.RowMapping) -> R: ...

    @abstractmethod
    def _changing(self, record: R) -> dict[str, Any]:
        """The columns that a change writes; `stamps_of` among them."""

    def _fixed(self, record: R) -> dict[str, Any]:
        """The columns that never change."""
        return {
            "country": self._country,
            "id": record.id,
            "organisation": record.organisation,
            "actor": record.actor,
            "created_at": record.recorded_at,
        }

    def _listed(
        self, columns: Sequence[sa.ColumnElement[Any]], *, before: UUID | None, limit: int, **narrowed: object
    ) -> Iterable[sa.RowMapping]:
        """The newest rows; a column that is named by a value other than None must have it."""
        query = sa.select(*columns).where(self.table.c.country == self._country)
        for name, value in narrowed.items():
            if value is not None:
                query = query.where(self.table.c[name] == value)
        if before is not None:
            query = query.where(self.table.c.id < before)
        return self._connection.execute(query.order_by(self.table.c.id.desc()).limit(limit)).mappings()

    def _is(self, record_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (self.table.c.country == self._country, self.table.c.id == record_id)


class SealedRecords(Records[R]):
    """Records of persons, whose names are sealed."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys) -> None:
        super().__init__(connection, country)
        self._keys = keys

    def get(self, record_id: UUID, *, for_change: bool = False) -> R:
        """As of any record; read once more where its key was ended between the row and the key."""
        return read_settled(lambda: super(SealedRecords, self).get(record_id, for_change=for_change))

    def _open(self, row: sa.RowMapping) -> dict[str, Any]:
        """What is sealed of a row; nothing once it has been destroyed."""
        if row["data_key"] is None:
            return {}
        place = self._place(row["id"], row["sealed_schema"])
        opened: dict[str, Any] = self._keys.get(row["data_key"]).open_json(place, "details", row["details"])
        return opened

    def _seal(self, record: R, key: OpenKey | None, details: Any) -> dict[str, Any]:
        """The columns of what is sealed; no key where nothing may be any more."""
        return {
            "details": None if key is None else key.seal_json(self._place(record.id), "details", details),
            "data_key": None if key is None else key.id,
            "sealed_schema": SEALED_SCHEMA,
        }

    def _end_key(self, record_id: UUID, reason: KeyEnd, *others: UUID | None) -> None:
        """Let the key of a row, and others, open nothing any more; before the row is written anew."""
        old = self._connection.execute(sa.select(self.table.c.data_key).where(*self._is(record_id))).scalar_one()
        if keys := [key for key in (old, *others) if key is not None]:
            self._keys.end(keys, reason)

    def _place(self, record_id: UUID, schema: int = SEALED_SCHEMA) -> Place:
        return Place(self._country, self.table.name, str(record_id), schema=schema)


def stamps_of(record: Record) -> dict[str, Any]:
    """The columns that every change writes."""
    return {"version": record.version, "updated_at": record.changed_at, "withdrawn_at": record.withdrawn_at}


def kept_of(row: sa.RowMapping) -> dict[str, Any]:
    """What every record has, from its row."""
    return {
        "id": row["id"],
        "version": row["version"],
        "organisation": row["organisation"],
        "actor": row["actor"],
        "recorded_at": row["created_at"],
        "changed_at": row["updated_at"],
        "withdrawn_at": row["withdrawn_at"],
    }


def summary_columns(table: sa.Table, *names: str) -> list[sa.ColumnElement[Any]]:
    """The columns of a line of a list: what every record has, and those named; nothing that is sealed."""
    return [
        *table.c["id", "version", "organisation", "withdrawn_at", *names],
        table.c.created_at.label("recorded_at"),
        table.c.updated_at.label("changed_at"),
    ]
