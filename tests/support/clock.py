"""A clock that a test moves by hand; ids are real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from register.clock import SystemClock


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
