"""Notifications of a span, as registered; withdrawn ones are not counted, submissions never (domain.md 0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from register.store.figures.spans import days
from register.store.models.signals import signal
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Group:
    """How many notifications of a span share these codes."""

    source: str
    anonymous: bool
    channel: str
    type_registered: str
    forwarded: bool
    count: int


class Notifications:
    """The notifications of one country, counted by the day they were received."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def groups(self, first: date, last: date) -> list[Group]:
        """All codes that the owner's own tables count by."""
        columns = (
            signal.c.source,
            signal.c.reporter_anonymous.label("anonymous"),
            signal.c.channel,
            signal.c.type_registered,
            signal.c.forwarded_at.is_not(None).label("forwarded"),
        )
        rows = self._connection.execute(
            sa.select(*columns, sa.func.count().label("how_many"))
            .where(self._counted(), days(signal.c.received_on, first, last))
            .group_by(*columns)
        )
        return [Group(r.source, r.anonymous, r.channel, r.type_registered, r.forwarded, r.how_many) for r in rows]

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """The same by the variables of the registered tables."""
        return [
            (
                {
                    "source": g.source,
                    "channel": g.channel,
                    "signal_type": g.type_registered,
                    "forwarded": "YES" if g.forwarded else "NO",
                },
                g.count,
            )
            for g in self.groups(first, last)
        ]

    def began(self) -> date | None:
        """The day the first one was received."""
        query = sa.select(sa.func.min(signal.c.received_on)).where(self._counted())
        first: date | None = self._connection.execute(query).scalar_one()
        return first

    def _counted(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            signal.c.country == self._country, signal.c.kind == "notification", signal.c.withdrawn_at.is_(None)
        )
