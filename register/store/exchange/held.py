"""Received extracts, opened for those who may see them: live ones only, in the version that is in force."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from register.domain.exchange.held import HeldExtract
from register.errors import OperatorError
from register.logs import logger
from register.store.models.exchange import received_record
from register.store.running.sealing import DataKeys, Place
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import IndicatorPut, read


def received_place(country: Partition, origin: Partition, record: UUID) -> Place:
    """Where a received extract's body is sealed."""
    return Place(country, "received_record", f"{origin}/{record}")


class Held:
    """The extracts that one host holds of others, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys) -> None:
        self._connection, self._country, self._keys = connection, country, keys

    def open(self, origin: Partition, records: Sequence[UUID], *, also_hidden: bool = False) -> dict[UUID, HeldExtract]:
        """The live ones among these records of an origin; those that are hidden only for what shows nothing.

        One that was taken in by an older version, in a form that is not read any more, is none until its owner tells it
        anew: the others are shown all the same, and the log names it.

        Raises:
            FieldSealBroken, UnknownSecret: one of them does not open.
        """
        found, damaged = self._open(origin, records, also_hidden=also_hidden)
        for error in damaged.values():
            raise error
        return found

    def try_open(
        self, origin: Partition, records: Sequence[UUID], *, also_hidden: bool = False
    ) -> tuple[dict[UUID, HeldExtract], list[UUID]]:
        """The same, for who goes on without those that do not open: (the others, these), and the log names each."""
        found, damaged = self._open(origin, records, also_hidden=also_hidden)
        for record, error in damaged.items():
            said = {"partition": self._country, "partner": origin, "object_id": str(record), "code": error.code}
            logger().error("extract.damaged", **said)
        return found, sorted(damaged)

    def _open(
        self, origin: Partition, records: Sequence[UUID], *, also_hidden: bool
    ) -> tuple[dict[UUID, HeldExtract], dict[UUID, OperatorError]]:
        rows = self._connection.execute(
            sa.select(*received_record.c["object", "version", "body_sealed", "data_key"]).where(
                received_record.c.country == self._country,
                received_record.c.partner == origin,
                received_record.c.object == sa.any_(sa.cast(list(records), sa.ARRAY(sa.Uuid))),
                received_record.c.live,
                *(() if also_hidden else (received_record.c.hidden_at.is_(None),)),
                received_record.c.body_sealed.is_not(None),
            )
        ).all()
        keys = self._keys.try_many([r.data_key for r in rows])
        found: dict[UUID, HeldExtract] = {}
        damaged: dict[UUID, OperatorError] = {}
        for row in rows:
            key = keys.get(row.data_key)
            if key is None:
                continue
            if isinstance(key, OperatorError):
                damaged[row.object] = key
                continue
            try:
                body = key.open(received_place(self._country, origin, row.object), "body", row.body_sealed)
            except OperatorError as error:
                damaged[row.object] = error
                continue
            try:
                put = read(IndicatorPut, body)
            except DocumentRefused:
                said = {"partition": self._country, "partner": origin, "object_id": str(row.object)}
                logger().error("extract.not-read-any-more", **said)
                continue
            found[row.object] = HeldExtract(origin, row.object, row.version, put)
        return found, damaged

    def origins_of(self, record: UUID) -> list[tuple[Partition, int, bool]]:
        """Whose extracts bear this id, each with its version and whether it is live; in fixed order.

        Honest nodes never share an id, but an id that a partner has seen it can use in its own log as well: neither
        extract may then stand in for the other.
        """
        query = sa.select(*received_record.c["partner", "version", "live"]).where(
            received_record.c.country == self._country, received_record.c.object == record
        )
        rows = self._connection.execute(query.order_by(received_record.c.partner))
        return [(Partition(r.partner), r.version, r.live) for r in rows]
