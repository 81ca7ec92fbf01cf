"""Small upkeep that nobody waits for: forget what has had its time. Nothing is forgotten by a clock that jumped.

What is forgotten does not come back, and a clock set a year ahead would end everything at once. So whoever keeps house
watches from the start of the process whether the clock goes as fast as the seconds that never run backwards.
"""

from __future__ import annotations

from typing import Final

from register.clock import Clock
from register.core import Register
from register.domain.access.caller import system
from register.errors import OperatorError

JUMP_S: Final = 300.0
"""What a clock may be corrected by in all: as much as partners' clocks may differ."""


class ClockJumped(OperatorError):
    """The machine's clock was set by more than five minutes while the worker ran; nothing is forgotten by it."""

    code = "clock-jumped"
    advice = "Set the machine's clock right and restart the worker; until then nothing that has had its time goes."


class Housekeeper:
    """Keeps one country's house for as long as the clock is to be believed."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._ahead_s = _ahead(register.clock)

    def turn(self) -> int:
        """Forget what has had its time; return how many.

        Raises:
            ClockJumped: nothing was forgotten.
        """
        jumped_s = _ahead(self._register.clock) - self._ahead_s
        if abs(jumped_s) > JUMP_S:
            raise ClockJumped(f"the clock is {jumped_s:.0f} s from where it would be, had nobody set it")
        return keep_house(self._register)


def _ahead(clock: Clock) -> float:
    return clock.now().timestamp() - clock.monotonic()


def keep_house(register: Register) -> int:
    """Forget what has had its time, and return how much of it there was.

    Answers kept for repeats, sessions, unsent reports, settled to-dos and counts of questions.

    The pages forget them too, when somebody begins anew; this holds also where nobody comes any more.
    """
    with register.work(system(register.partition, "worker")) as work:
        answers = work.idempotency.purge()
        sessions, drafts = work.sessions.forget_ended(), work.form_drafts.forget_ended()
        settled, asked = work.to_do.forget_done(), work.search_budgets.forget_old(register.today())
        if answers or sessions or drafts or settled or asked:
            work.audit.note(
                "house.kept", "-", answers=answers, sessions=sessions, drafts=drafts, settled=settled, questions=asked
            )
    return answers + sessions + drafts + settled + asked
