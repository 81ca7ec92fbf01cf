"""Hear what committed transactions call for, and see that calls are heard at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.logs import logger
from register.store.calls import REMOVED, Line, drafted_for

__all__ = ["PROBE_EVERY_S", "REMOVED", "Ear", "drafted_for", "is_waited_for"]

PROBE_EVERY_S: Final = 30.0
HEARD_WITHIN_S: Final = 5.0
_FUNCTION: Final = "worker"
_PROBE: Final = "probe/"


def is_waited_for(register: Register, consumer: str) -> bool:
    """Whether any object waits for a consumer: due, put off, or held by a worker that may be gone."""
    with register.work(system(register.partition, _FUNCTION)) as work:
        return work.outbox.has_any(consumer)


class Ear:
    """Listens for one country; `listen` again and again, in one thread.

    What it hears is checked, not believed: every half minute it is called over another connection, as everybody calls.
    Where that does not come through (a pooler that hands connections round), it says that it is deaf.
    """

    def __init__(self, register: Register, called: Callable[[str], None], all_called: Callable[[], None]) -> None:
        """Take who is to be told.

        Args:
            register: the country's.
            called: told each kind of work that is called for.
            all_called: told when calls may have been missed.
        """
        self._register, self._called, self._all_called = register, called, all_called
        self._line: Line | None = None
        self._lock, self._ended = threading.Lock(), False
        self._name = f"{_PROBE}{register.clock.new_id()}"
        self._probed_at = 0.0
        self._answered = self._deaf = self._hears = False

    @property
    def hears(self) -> bool:
        """Whether calls come through, as far as is known."""
        return self._hears

    def listen(self) -> None:
        """Hear what comes until it is time to see whether anything comes.

        Raises:
            DatabaseUnavailable: the server does not answer, or went away.
        """
        try:
            line = self._line or self._open()
            if line is None:
                return
            for kind in line.hear(self._wait_s()):
                self._take(kind)
            self._check()
        except Exception:
            self._lose()
            raise

    def interrupt(self) -> None:
        """Let `listen` return at once, and from now on."""
        with self._lock:
            self._ended = True
            if self._line is not None:
                self._line.interrupt()

    def close(self) -> None:
        """Listen no more; by the thread that listened, or after it."""
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _open(self) -> Line | None:
        line = Line(self._register.database, _FUNCTION, self._register.channel())
        with self._lock:
            if self._ended:
                line.close()
                return None
            self._line = line
        self._probe()
        return line

    def _take(self, kind: str) -> None:
        if kind == self._name:
            self._answered, self._deaf = True, False
            if not self._hears:
                # Only now is it known that no call is missed; what was called before may have been.
                self._hears = True
                self._all_called()
        elif not kind.startswith(_PROBE):
            self._called(kind)

    def _check(self) -> None:
        since_s = self._register.clock.monotonic() - self._probed_at
        if since_s >= PROBE_EVERY_S:
            self._probe()
        elif since_s >= HEARD_WITHIN_S and not self._answered and not self._deaf:
            logger().warning("calls.not-heard", partition=self._register.partition)
            self._hears, self._deaf = False, True
            self._all_called()

    def _wait_s(self) -> float:
        within_s = PROBE_EVERY_S if self._answered or self._deaf else HEARD_WITHIN_S
        return max(0.0, self._probed_at + within_s - self._register.clock.monotonic())

    def _probe(self) -> None:
        self._probed_at, self._answered = self._register.clock.monotonic(), False
        with self._register.work(system(self._register.partition, _FUNCTION)) as work:
            work.calls.call(self._name)

    def _lose(self) -> None:
        self.close()
        if self._hears:
            self._hears = False
            self._all_called()
