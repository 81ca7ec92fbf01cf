"""Whether the clock is to be believed, for what nobody could undo that was done by a wrong one.

A clock that is a year ahead would end everything at once, whether it was set while the process ran or was wrong from
the start. So whoever ends something by the day asks before each turn: does the clock go as fast as the seconds that
never run backwards, does it agree with the database's, and does the database's follow on what was known before?
What is then ended goes by the database's clock. Whether it is held stands in the database, so that starting anew
makes no clock true.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from register.clock import Clock
from register.core import Register
from register.domain.access.caller import system
from register.domain.running.moments import Moments
from register.errors import OperatorError
from register.store.running.audit_leaves import APART_MAX_S, ClockDiffers

JUMP_S: Final = 300.0
"""What a clock may be corrected by in all: as much as partners' clocks may differ."""


class ClockJumped(OperatorError):
    """The machine's clock was set by more than five minutes while the worker ran; nothing is ended by it."""

    code = "clock-jumped"
    advice = (
        "Set the machine's clock right and restart the worker; until then nothing that has had its time is forgotten, "
        "taken back or hidden."
    )


class ClockNotBelieved(OperatorError):
    """The database's clock lies far after, or before, what the register last knew; nothing is ended by it."""

    code = "clock-not-believed"
    advice = (
        "Compare the clock of PostgreSQL's machine with another one (`rtr clock`). If it is wrong, set it right: the "
        "node goes on by itself. If it is right, and the node stood still for so long or the clock was wrong before, "
        "run `rtr clock --believe`; what has had its time is then forgotten for good."
    )


class ClockWatch:
    """Watches the clock of one country's process from when it is made."""

    def __init__(self, register: Register) -> None:
        self._register, self._clock = register, register.clock
        self._ahead_s = self._ahead()

    def check(self) -> Register:
        """Return the register with a clock that goes by the database's, for one turn of what ends by the day.

        Raises:
            ClockJumped, ClockDiffers, ClockNotBelieved: nothing may be ended; it is also written down.
            DatabaseUnavailable: nothing can be known.
        """
        with self._register.work(system(self._register.partition, "worker")) as work:
            moments = work.running.beats.read_moments()
            doubt = self._find_jump() or find_doubt(moments, self._clock.now())
            work.running.beats.keep_verdict(moments, doubt.code if doubt else None)
        if doubt is not None:
            raise doubt
        return replace(self._register, clock=_BelievedClock(self._clock, moments.database))

    def _find_jump(self) -> ClockJumped | None:
        jumped_s = self._ahead() - self._ahead_s
        if abs(jumped_s) <= JUMP_S:
            return None
        return ClockJumped(f"the clock is {jumped_s:.0f} s from where it would be, had nobody set it")

    def _ahead(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


def find_doubt(moments: Moments, own: datetime) -> ClockDiffers | ClockNotBelieved | None:
    """Why the clock is not to be believed; None where it is.

    Args:
        moments: as they were read just now.
        own: the process's clock at that moment.
    """
    if abs((own - moments.database).total_seconds()) > APART_MAX_S:
        return ClockDiffers(
            f"this machine's clock says {_format_minute(own)}, PostgreSQL's {_format_minute(moments.database)}"
        )
    jump = moments.find_jump()
    if jump is None:
        return None
    where = f"{abs(jump) / timedelta(days=1):.1f} days {'after' if jump > timedelta() else 'before'}"
    return ClockNotBelieved(
        f"PostgreSQL's clock says {_format_minute(moments.database)}, which is {where} what the register last knew"
    )


def _format_minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


class _BelievedClock:
    """Goes on from a moment of the database's clock by the seconds that never run backwards."""

    def __init__(self, clock: Clock, at: datetime) -> None:
        self._clock, self._at, self._began = clock, at, clock.monotonic()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._at + timedelta(seconds=self._clock.monotonic() - self._began)

    def new_id(self) -> UUID:
        """A fresh UUIDv7, by the process's own clock: where that was set meanwhile, no leaf is written."""
        return self._clock.new_id()

    def monotonic(self) -> float:
        """Seconds that never run backwards; for durations only."""
        return self._clock.monotonic()
