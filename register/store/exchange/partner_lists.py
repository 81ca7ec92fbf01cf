"""Signed lists of partners in the store: the newest of each kind, as it was received."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.models.exchange import partner_list
from schemas.codes import Partition


class PartnerLists:
    """What partners signed about themselves, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def newest(self, partner: Partition, kind: str) -> bytes | None:
        """The compact JWS of the newest list; None where there was none yet."""
        found = self._connection.execute(
            sa.select(partner_list.c.document).where(
                partner_list.c.country == self._country,
                partner_list.c.partner == partner,
                partner_list.c.kind == kind,
            )
        ).scalar()
        return None if found is None else found.encode("ascii")

    def keep(self, partner: Partition, kind: str, number: int, document: bytes) -> None:
        """Keep a list in place of an older one; whoever comes late with a lower number changes nothing."""
        row = {
            "country": self._country,
            "partner": partner,
            "kind": kind,
            "number": number,
            "document": document.decode("ascii"),
            "fetched_at": self._clock.now(),
        }
        statement = insert(partner_list).values([row])
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "partner", "kind"],
                set_={c: fresh[c] for c in ("number", "document", "fetched_at")},
                where=partner_list.c.number < fresh.number,
            )
        )
