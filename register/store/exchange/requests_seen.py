"""The signed requests of partners that were taken already, by their `jti`: each is good for once.

Kept until none of them can be accepted any more; what a request did is kept elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.errors import PartnerError
from register.store.models.exchange import request_seen
from register.store.running.server.rls import child_name
from schemas.codes import Partition

KEPT: Final = timedelta(seconds=300 + 120 + 300)
"""Until exp + 300 s, whenever it was seen: by a slow clock that may be 300 s before its `iat`."""


class RequestReplayed(PartnerError):
    """A signed request came a second time; nothing was done again."""

    code = "request-replayed"
    advice = "Sign each sending anew, with a fresh `jti`. If the partner did, something between repeats requests."


class RequestsSeen:
    """The requests that one country has seen, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock
        self._child = child_name(request_seen, country)

    def remember(self, partner: Partition, jti: UUID) -> None:
        """Keep the request's id, and forget those whose time is over.

        Raises:
            RequestReplayed: it was kept before.
        """
        now = self._clock.now()
        self._connection.execute(sa.text(f"DELETE FROM {self._child} WHERE seen_at < :before"), {"before": now - KEPT})
        row = {"country": self._country, "partner": partner, "jti": str(jti), "seen_at": now}
        kept = insert(request_seen).values([row]).on_conflict_do_nothing().returning(request_seen.c.jti)
        if self._connection.execute(kept).first() is None:
            raise RequestReplayed(f"{partner} sent request {jti} before", jti=str(jti))
