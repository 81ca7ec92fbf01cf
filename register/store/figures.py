"""Counts for the owner's own tables: grouped in the database, so that no record leaves it to be counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from register.store.models.signals import signal
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Group:
    """How many notifications of a year share these codes."""

    source: str
    anonymous: bool
    channel: str
    type_registered: str
    forwarded: bool
    count: int


class Figures:
    """The counts of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def notifications(self, year: int) -> list[Group]:
        """Notifications received in a year, as registered; withdrawn ones are not counted."""
        columns = (
            signal.c.source,
            signal.c.reporter_anonymous.label("anonymous"),
            signal.c.channel,
            signal.c.type_registered,
            signal.c.forwarded_at.is_not(None).label("forwarded"),
        )
        rows = self._connection.execute(
            sa.select(*columns, sa.func.count().label("how_many"))
            .where(
                signal.c.country == self._country,
                signal.c.kind == "notification",
                signal.c.received_on >= date(year, 1, 1),
                signal.c.received_on <= date(year, 12, 31),
                signal.c.withdrawn_at.is_(None),
            )
            .group_by(*columns)
        )
        return [Group(r.source, r.anonymous, r.channel, r.type_registered, r.forwarded, r.how_many) for r in rows]
