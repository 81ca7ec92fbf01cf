"""Planted faults: places where a process kills itself, so that a drill can show what survives it.

A process is told one place and at which time it is reached (`RTR_FAILPOINT=name:n`); it then ends as by kill -9, with
nothing flushed and nothing said. Without it a place costs one comparison. Production refuses them.
"""

from __future__ import annotations

import os
import signal
import threading
from enum import StrEnum

from register.errors import OperatorError


class Failpoint(StrEnum):
    """The places, by what has just been done."""

    RECEIVER_VERIFIED = "receiver.verified"  # a page is checked, nothing of it is stored
    RECEIVER_WRITTEN = "receiver.written"  # stored, not committed
    RECEIVER_COMMITTED = "receiver.committed"  # committed, its receipt not posted
    APPENDER_CHAINED = "appender.chained"  # a batch is numbered and written, not committed
    APPENDER_COMMITTED = "appender.committed"
    SHARE_PSEUDONYMISED = "share.pseudonymised"  # partners have answered, nothing is stored
    SHARE_COMMITTED = "share.committed"
    INDEX_APPLIED = "index.applied"  # the engine has it, the outbox does not know yet


class BadFailpoint(OperatorError):
    """A planted fault is not `name:n`, or this is production."""

    code = "bad-failpoint"
    advice = "Remove `failpoint` (RTR_FAILPOINT), or write the name of a place, a colon and a number from 1."


class Failpoints:
    """The places of one process; harmless unless one of them was told."""

    def __init__(self, told: str = "", *, production: bool = False) -> None:
        """Take what the settings say.

        Args:
            told: `name:n`, or empty.
            production: whether this node is one; a planted fault is then refused.

        Raises:
            BadFailpoint: see its advice.
        """
        name, _, number = told.partition(":")
        if told and (production or name not in set(Failpoint) or not number.isdecimal() or int(number) < 1):
            where = " in production" if production else ""
            raise BadFailpoint(f"the failpoint {told!r} is refused{where}")
        self._name, self._left = name, int(number or 0)
        self._lock = threading.Lock()

    def hit(self, place: Failpoint) -> None:
        """Say that the process is here; does not return where it was told to end here."""
        if place != self._name:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
