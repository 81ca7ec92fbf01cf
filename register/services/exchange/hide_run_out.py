"""Hide what partners let out on an approval whose last day is over, by this country's own calendar, and nothing else.

The owner takes it back by itself; this does not wait for it, so that a node that forgets, or does not want to, keeps
nothing in sight. What was hidden by a clock that was wrong is shown again: the rules refuse by the date anyway.
"""

from __future__ import annotations

from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.domain.partition import others
from register.services.exchange.received_log import ReceivedLog

AT_ONCE_MAX: Final = 500
_ANY_INCARNATION: Final = 1
"""Records are of a partner, whichever incarnation of its log they came in."""


def hide_run_out(register: Register) -> int:
    """Hide them, and show again what is not of them; return how many of both."""
    changed = 0
    for partner in others(register.partition):
        with register.work(system(register.partition, "worker")) as work:
            log = ReceivedLog(work, partner, _ANY_INCARNATION, register.keys.peppers)
            changed += log.hide_run_out(register.today(), AT_ONCE_MAX)
            changed += log.show_again(register.today(), AT_ONCE_MAX)
    return changed
