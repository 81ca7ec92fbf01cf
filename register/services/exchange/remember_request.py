"""Take a partner's signed request once: a second time it is a replay."""

from __future__ import annotations

from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from schemas.codes import Partition


def remember_request(register: Register, caller: Caller, partner: Partition, jti: UUID) -> None:
    """Keep the id of a request whose signature was found good, in a transaction of its own, before it is served.

    Raises:
        RequestReplayed: it was served or refused before.
    """
    with register.work(caller) as work:
        work.exchange.requests_seen.remember(partner, jti)
