"""Small upkeep that nobody waits for: forget what has had its time."""

from __future__ import annotations

from register.core import Register
from register.domain.caller import system


def keep_house(register: Register) -> int:
    """Forget answers kept for repeats that are past their 72 hours; return how many."""
    with register.work(system(register.partition, "worker")) as work:
        return work.idempotency.purge()
