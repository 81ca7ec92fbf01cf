"""The one home of the time and of fresh ids: everything else is handed a clock.

Times are UTC and aware. Order never depends on them (ids are UUIDv7 for locality in indexes, not for order).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7


class Clock(Protocol):
    """What a use case may ask of the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def new_id(self) -> UUID:
        """A fresh UUIDv7."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; for durations only."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """A fresh UUIDv7."""
        return uuid7()

    def monotonic(self) -> float:
        """Seconds that never run backwards; for durations only."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait; only the loops of processes do."""
        time.sleep(seconds)
