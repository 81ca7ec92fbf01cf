"""Signed lists of partners in the store: the newest of each kind, as it was received.

An evaluator keeps those it needs in its own schema: its role reaches no other.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.models.evaluations import evaluation_list
from register.store.models.exchange import partner_list
from schemas.codes import Partition


class PartnerLists:
    """What partners signed about themselves, inside one transaction."""

    def __init__(
        self, connection: sa.Connection, country: Partition, clock: Clock, *, of_evaluator: bool = False
    ) -> None:
        self._connection, self._country, self._clock = connection, country, clock
        self._table = evaluation_list if of_evaluator else partner_list

    def newest(self, partner: Partition, kind: str) -> bytes | None:
        """The compact JWS of the newest list; None where there was none yet."""
        found = self._connection.execute(
            sa.select(self._table.c.document).where(
                self._table.c.country == self._country,
                self._table.c.partner == partner,
                self._table.c.kind == kind,
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
        statement = insert(self._table).values([row])
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "partner", "kind"],
                set_={c: fresh[c] for c in ("number", "document", "fetched_at")},
                where=self._table.c.number < fresh.number,
            )
        )
