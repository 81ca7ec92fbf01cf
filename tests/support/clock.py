"""A clock that a test moves by hand, and leases that it makes old; ids are real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


def age_leases(connection: sa.Connection, seconds: float) -> None:
    """Let the leases of the caller's country be so many seconds older: they run by the server's clock, which stays."""
    for column in (outbox.c.leased_until, appender_lease.c.until):
        connection.execute(sa.update(column.table).values({column: column - timedelta(seconds=seconds)}))
