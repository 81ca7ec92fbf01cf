"""Tickets that partners showed this country's evaluator, and what was said of each, inside one transaction.

Signatures are kept as they came, and looked at anew each time a ticket is used: a key may be revoked meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.models.evaluations import evaluation_ticket
from register.store.running.server.rls import child_name
from schemas.codes import Partition
from schemas.exchange.tickets import Ticket
from schemas.exchange.wire import parse_instant

KEPT_AFTER: Final = timedelta(days=400)
"""How long a ticket stays after its end: as long as a year's are looked through."""
SHOWN_MAX: Final = 50
"""Of one country, tickets that have not ended: who shows more floods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTicket:
    """A ticket as it is kept.

    Attributes:
        document: the compact JWS of the country that asks.
        state: `waiting`, `signed` or `refused`, here.
        reason: why it waits for a person, or was refused.
        signature: this evaluator's own.
        signatures: all that came, and the own one, by country.
    """

    requester: Partition
    id: UUID
    document: str
    digest: str
    state: str
    reason: str | None
    signature: str | None
    signatures: Mapping[Partition, str]


class ShownTickets:
    """The tickets of partners at one evaluator."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def keep(self, ticket: Ticket, document: str) -> ShownTicket:
        """Keep a ticket that is shown for the first time; of one that is known, what is kept of it."""
        row = {
            "country": self._country, "requester": ticket.iss, "id": UUID(ticket.id), "document": document,
            "digest": ticket.digest(), "state": "waiting", "signatures": {}, "keys": ticket.keys,
            "asked_at": self._clock.now(), "until": parse_instant(ticket.until),
        }  # fmt: skip
        self._connection.execute(insert(evaluation_ticket).values([row]).on_conflict_do_nothing())
        found = self.get(ticket.iss, UUID(ticket.id))
        if found is None:
            raise ValueError("a ticket that was kept just now is there")
        return found

    def get(self, requester: Partition, ticket_id: UUID) -> ShownTicket | None:
        """A country's ticket; None where it was never shown."""
        table = evaluation_ticket.c
        row = self._connection.execute(self._all().where(table.requester == requester, table.id == ticket_id)).first()
        return None if row is None else _read_shown_ticket(row)

    def is_of_another(self, requester: Partition, ticket_id: UUID) -> bool:
        """Whether some other country showed a ticket of this id."""
        table = evaluation_ticket.c
        query = self._all().where(table.requester != requester, table.id == ticket_id)
        return self._connection.execute(query).first() is not None

    def all(self, *, until: datetime) -> list[ShownTicket]:
        """Those that had not ended at a moment, the oldest first."""
        table = evaluation_ticket.c
        query = self._all().where(table.until >= until).order_by(table.asked_at, table.id)
        return [_read_shown_ticket(row) for row in self._connection.execute(query)]

    def open_of(self, requester: Partition) -> int:
        """How many tickets of a country have not ended."""
        table = evaluation_ticket.c
        query = sa.select(sa.func.count()).where(
            table.country == self._country, table.requester == requester, table.until > self._clock.now()
        )
        return int(self._connection.execute(query).scalar_one())

    def signed_today(self, requester: Partition) -> int:
        """Keys of a country's tickets that this node signed by itself on this day of UTC."""
        table = evaluation_ticket.c
        midnight = datetime.combine(self._clock.now().astimezone(UTC).date(), time(), UTC)
        query = sa.select(sa.func.coalesce(sa.func.sum(table["keys"]), 0)).where(
            table.country == self._country,
            table.requester == requester,
            table.state == "signed",
            table.by == "node",
            table.signed_at >= midnight,
        )
        return int(self._connection.execute(query).scalar_one())

    def say(
        self, one: ShownTicket, state: str, *, by: str | None, reason: str | None = None, signature: str | None = None
    ) -> bool:
        """Keep what was said of a ticket that waits; False where something was said before, which stays."""
        table = evaluation_ticket.c
        said = self._connection.execute(
            sa.update(evaluation_ticket)
            .where(*self._is(one), table.state == "waiting")
            .values(
                state=state,
                by=by,
                reason=reason,
                signature=signature,
                signed_at=self._clock.now() if state == "signed" else None,
            )
        )
        return bool(said.rowcount)

    def add_signatures(self, one: ShownTicket, signatures: Mapping[Partition, str]) -> None:
        """Keep good signatures beside those that are kept; a country's newest counts."""
        if signatures:
            more = sa.cast(
                {str(country): jws for country, jws in signatures.items()}, evaluation_ticket.c.signatures.type
            )
            self._connection.execute(
                sa.update(evaluation_ticket)
                .where(*self._is(one))
                .values(signatures=evaluation_ticket.c.signatures.op("||")(more))
            )

    def forget_old(self) -> None:
        """Forget tickets that ended long ago."""
        child = child_name(evaluation_ticket, self._country)
        before = {"before": self._clock.now() - KEPT_AFTER}
        self._connection.execute(sa.text(f"DELETE FROM {child} WHERE until < :before"), before)

    def _all(self) -> sa.Select[Any]:
        return sa.select(evaluation_ticket).where(evaluation_ticket.c.country == self._country)

    def _is(self, one: ShownTicket) -> tuple[sa.ColumnElement[bool], ...]:
        table = evaluation_ticket.c
        return table.country == self._country, table.requester == one.requester, table.id == one.id


def _read_shown_ticket(row: Any) -> ShownTicket:
    return ShownTicket(
        requester=Partition(row.requester),
        id=row.id,
        document=row.document,
        digest=row.digest,
        state=row.state,
        reason=row.reason,
        signature=row.signature,
        signatures={Partition(country): jws for country, jws in row.signatures.items()},
    )
