"""Read the rosters that this node was given, as documents; whether to believe them is decided by the exchange."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller


def known_rosters(register: Register, caller: Caller) -> list[bytes]:
    """Return the canonical bytes of roster 1, 2, 3 ... as they are stored."""
    with register.work(caller) as work:
        return work.rosters.all()
