"""To which version the engine was last brought for each record, and what it refused."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.models.exchange import indexed_record
from schemas.codes import Partition


class Indexed:
    """Notes of one host about its engine, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def note(self, origin: Partition, record: UUID, version: int, dead_letter: str | None) -> None:
        """The engine was brought to this version, or refused it for this reason."""
        statement = insert(indexed_record).values(
            country=self._country,
            origin=origin,
            object=record,
            version=version,
            dead_letter=dead_letter,
            at=self._clock.now(),
        )
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "origin", "object"],
                set_={c: fresh[c] for c in ("version", "dead_letter", "at")},
            )
        )

    def dead_letters(self) -> int:
        """How many records the engine refused."""
        query = sa.select(sa.func.count()).where(
            indexed_record.c.country == self._country, indexed_record.c.dead_letter.is_not(None)
        )
        return int(self._connection.execute(query).scalar_one())
