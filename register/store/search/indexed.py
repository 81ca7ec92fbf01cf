"""To which version the engine was last brought for each record, and what it refused."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.running.to_do import dead_letter
from register.store.models.exchange import indexed_record
from register.store.running.outbox import Stuck
from register.store.running.to_do import ToDos
from schemas.codes import Partition


class Indexed:
    """Notes of one host about its engine, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def reserve(self, origin: Partition, record: UUID, least: int) -> int:
        """Return a version that the engine was never given of an object, at least `least`; held until commit.

        What the engine shall hold is read after this, in the same transaction: of two writers the later version then
        has the later content, whichever of them dies on its way.
        """
        statement = insert(indexed_record).values(
            country=self._country, origin=origin, object=record, version=least, at=self._clock.now()
        )
        return int(
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["country", "origin", "object"],
                    set_={"version": sa.func.greatest(indexed_record.c.version + 1, statement.excluded.version)},
                ).returning(indexed_record.c.version)
            ).scalar_one()
        )

    def version(self, origin: Partition, record: UUID) -> int:
        """The highest version that the engine was given, or was to be, of an object; 0 where there is none."""
        query = sa.select(indexed_record.c.version).where(
            indexed_record.c.country == self._country,
            indexed_record.c.origin == origin,
            indexed_record.c.object == record,
        )
        return int(self._connection.execute(query).scalar_one_or_none() or 0)

    def note(self, origin: Partition, record: UUID, version: int, refused: str | None) -> None:
        """The engine was brought to this version, or refused it for this reason, which then waits for a person.

        Not where a newer version is on its way already: its writer notes what became of that.
        """
        statement = insert(indexed_record).values(
            country=self._country,
            origin=origin,
            object=record,
            version=version,
            dead_letter=refused,
            at=self._clock.now(),
        )
        fresh, old = statement.excluded, indexed_record.alias()
        before = sa.select(old.c.dead_letter).where(
            old.c.country == self._country, old.c.origin == origin, old.c.object == record
        )
        noted = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "origin", "object"],
                set_={c: fresh[c] for c in ("version", "dead_letter", "at")},
                where=indexed_record.c.version <= fresh.version,
            ).returning(before.scalar_subquery())  # read as of before this statement
        ).one_or_none()
        if noted is None:
            return
        was_refused = noted[0]
        if was_refused is not None or refused is not None:
            to_do = dead_letter(record, f"index-{origin}", waits=refused is not None)
            ToDos(self._connection, self._country, self._clock).bring(to_do)

    def dead_letters(self) -> list[Stuck]:
        """What the engine refused for what it holds, the longest first."""
        query = (
            sa.select(*indexed_record.c["origin", "object", "dead_letter", "at"])
            .where(indexed_record.c.country == self._country, indexed_record.c.dead_letter.is_not(None))
            .order_by(indexed_record.c.at)
        )
        return [Stuck(f"index-{r.origin}", r.object, r.dead_letter, r.at, 1) for r in self._connection.execute(query)]

    def objects(self, origin: Partition) -> list[UUID]:
        """All of an origin that the engine was ever brought to something of."""
        query = sa.select(indexed_record.c.object).where(
            indexed_record.c.country == self._country, indexed_record.c.origin == origin
        )
        return list(self._connection.execute(query).scalars())

    def hold_rebuild(self, origin: Partition) -> bool:
        """Hold, until this transaction ends, the right to rebuild an origin's index; False while another holds it."""
        name = f"rebuild|{self._country}|{origin}"
        query = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
        return bool(self._connection.execute(query, {"name": name}).scalar_one())
