"""Whether the clock is to be believed, for what nobody could undo that was done by a clock that jumped.

A clock set a year ahead would end everything at once. So whoever ends something by the day watches from the start of
the process whether the clock goes as fast as the seconds that never run backwards.
"""

from __future__ import annotations

from typing import Final

from register.clock import Clock
from register.errors import OperatorError

JUMP_S: Final = 300.0
"""What a clock may be corrected by in all: as much as partners' clocks may differ."""


class ClockJumped(OperatorError):
    """The machine's clock was set by more than five minutes while the worker ran; nothing is ended by it."""

    code = "clock-jumped"
    advice = (
        "Set the machine's clock right and restart the worker; until then nothing that has had its time is forgotten, "
        "taken back or hidden."
    )


class ClockWatch:
    """Watches one clock from when it is made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_s = self._ahead()

    def check(self) -> None:
        """Do nothing while the clock is to be believed; raise `ClockJumped` once it was set."""
        jumped_s = self._ahead() - self._ahead_s
        if abs(jumped_s) > JUMP_S:
            raise ClockJumped(f"the clock is {jumped_s:.0f} s from where it would be, had nobody set it")

    def _ahead(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
