"""A circuit breaker before the engine: after some failures in a row it is left alone for a while."""

from __future__ import annotations

import threading
from typing import Final

from register.clock import Clock

FAILURES: Final = 2
OPEN_S: Final = 5.0


class Breaker:
    """Counts failures in a row; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    @property
    def open(self) -> bool:
        """Whether the engine is to be left alone now."""
        return self._clock.monotonic() < self._closed_again_at

    def succeeded(self) -> None:
        """The engine answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The engine did not answer."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._closed_again_at = self._clock.monotonic() + OPEN_S
