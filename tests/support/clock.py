"""A clock that a test moves by hand, and leases that it makes old; ids are real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from register.clock import SystemClock
from register.store.models.exchange import appender_lease
from register.store.models.running import outbox


class HandClock(SystemClock):
    """Stands still until it is moved."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at or datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where the hands stand."""
        return self._at

    def monotonic(self) -> float:
        """Seconds, by the same hands."""
        return self._at.timestamp()

    def move(self, seconds: float) -> None:
        """Move on."""
        self._at += timedelta(seconds=seconds)

    def for_the_servers(self) -> sa.ColumnElement[datetime]:
        """The same hands in the place of the server's clock, in a statement that is made now."""
        return sa.literal(self._at, sa.DateTime(timezone=True))


class WrongClock(SystemClock):
    """The machine's clock, so many days off from the start: what it says and the ids that it makes."""

    def __init__(self, days: float) -> None:
        self.off = timedelta(days=days)

    def now(self) -> datetime:
        """The present moment, wrong."""
        return super().now() + self.off

    def new_id(self) -> UUID:
        """A fresh UUIDv7 of that moment."""
        made = super().new_id()
        return UUID(int=made.int + (int(self.off.total_seconds() * 1000) << 80))


def age_leases(connection: sa.Connection, seconds: float) -> None:
    """Let the leases of the caller's country, and what is put off, be so many seconds older.

    They run by the server's clock, which stays.
    """
    for column in (outbox.c.leased_until, outbox.c.not_before, appender_lease.c.until):
        connection.execute(sa.update(column.table).values({column: column - timedelta(seconds=seconds)}))
