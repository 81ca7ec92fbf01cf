"""Hide what partners let out on an approval whose last day is over, by this country's own calendar.

The owner takes it back by itself; this does not wait for it, so that a node that forgets, or does not want to, keeps
nothing in sight.
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
    """Hide them; return how many."""
    hidden = 0
    with register.work(system(register.partition, "worker")) as work:
        for partner in others(register.partition):
            log = ReceivedLog(work, partner, _ANY_INCARNATION, register.keys.peppers)
            hidden += log.hide_run_out(register.today(), AT_ONCE_MAX)
    return hidden
