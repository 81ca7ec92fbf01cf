"""The counts of several years at once, for a page that shows one beside another with few questions asked."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from register.store.figures import Group
from register.store.models.signals import signal
from schemas.codes import Partition


class Yearly:
    """Counts of one country by year, inside one transaction. Withdrawn notifications are not counted."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def span(self) -> tuple[int, int] | None:
        """The years of the oldest and the newest notification; None where there is none."""
        oldest, newest = sa.func.min(signal.c.received_on), sa.func.max(signal.c.received_on)
        row = self._connection.execute(sa.select(oldest, newest).where(*self._counted())).one()
        return None if row[0] is None else (row[0].year, row[1].year)

    def notifications(self, first: int, last: int) -> dict[int, list[Group]]:
        """Groups of notifications of each of these years, as registered; a year without any has none."""
        year = sa.cast(sa.extract("year", signal.c.received_on), sa.Integer).label("year")
        columns = (
            signal.c.source,
            signal.c.reporter_anonymous.label("anonymous"),
            signal.c.channel,
            signal.c.type_registered,
            signal.c.forwarded_at.is_not(None).label("forwarded"),
        )
        rows = self._connection.execute(
            sa.select(year, *columns, sa.func.count().label("how_many"))
            .where(*self._counted(), signal.c.received_on.between(date(first, 1, 1), date(last, 12, 31)))
            .group_by(year, *columns)
        )
        found: dict[int, list[Group]] = {one: [] for one in range(first, last + 1)}
        for r in rows:
            group = Group(r.source, r.anonymous, r.channel, r.type_registered, r.forwarded, r.how_many)
            found[r.year].append(group)
        return found

    def _counted(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (signal.c.country == self._country, signal.c.kind == "notification", signal.c.withdrawn_at.is_(None))
