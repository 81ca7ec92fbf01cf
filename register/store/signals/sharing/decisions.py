"""What was decided for each partner about a signal, by which rules: the grounds that people are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.store.models.running import outbox
from register.store.models.signals import sharing, signal
from schemas.codes import Partition


class Sharing:
    """The decisions about one country's signals, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def set(
        self, signal_id: SignalId, decisions: Mapping[Partition, tuple[bool, Sequence[str]]], edition: str, at: datetime
    ) -> None:
        """Keep what was decided for each partner, with its rules; replaces what was decided before."""
        statement = insert(sharing).values(
            [
                {
                    "country": self._country, "signal_id": signal_id, "recipient": recipient, "allowed": allowed,
                    "rules": list(rules), "edition": edition, "decided_at": at,
                }
                for recipient, (allowed, rules) in decisions.items()
            ]
        )  # fmt: skip
        fresh = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "signal_id", "recipient"],
                set_={c: fresh[c] for c in ("allowed", "rules", "edition", "decided_at")},
            )
        )

    def waiting_for(self, rules: Collection[str], organisations: Collection[str], limit: int) -> list[SignalId]:
        """Signals of these organisations that some partner may not have for these rules and no other, oldest first."""
        own, at = sharing.c, sa.func.min(sharing.c.decided_at)
        query = (
            sa.select(own.signal_id)
            .join(signal, sa.and_(signal.c.country == own.country, signal.c.id == own.signal_id))
            .where(own.country == self._country, own.allowed.is_(False), own.rules.contained_by(sorted(rules)))
            .where(signal.c.organisation.in_(sorted(organisations)))
            .group_by(own.signal_id)
            .order_by(at, own.signal_id)
            .limit(limit)
        )
        return [SignalId(one) for one in self._connection.scalars(query)]

    def held_back_by(self, rule: str, *, legal_basis: str, visibility: str, purpose: str) -> list[SignalId]:
        """Signals on these terms that some partner may not have, by this rule among others."""
        own = sharing.c
        query = (
            sa.select(own.signal_id)
            .join(signal, sa.and_(signal.c.country == own.country, signal.c.id == own.signal_id))
            .where(own.country == self._country, own.allowed.is_(False), own.rules.contains([rule]))
            .where(signal.c.legal_basis == legal_basis, signal.c.visibility == visibility)
            .where(signal.c.purpose == purpose, signal.c.withdrawn_at.is_(None))
            .group_by(own.signal_id)
        )
        return [SignalId(one) for one in self._connection.scalars(query)]

    def refused(self, recipient: Partition, signals: Collection[SignalId]) -> frozenset[SignalId]:
        """Those of these signals that a partner may not have."""
        own = sharing.c
        query = sa.select(own.signal_id).where(
            own.country == self._country,
            own.recipient == recipient,
            own.allowed.is_(False),
            own.signal_id == sa.any_(sa.cast(list(signals), sa.ARRAY(sa.Uuid))),
        )
        return frozenset(SignalId(one) for one in self._connection.scalars(query))

    def overlooked(self, signals: Collection[SignalId], states: Collection[str], consumer: Consumer) -> list[SignalId]:
        """Those of these signals whose pseudonyms are in one of these states, and that wait for no consumer."""
        waits = (
            sa.exists()
            .where(outbox.c.country == self._country, outbox.c.consumer == consumer)
            .where(outbox.c.object == signal.c.id)
        )
        query = sa.select(signal.c.id).where(
            signal.c.country == self._country,
            signal.c.id == sa.any_(sa.cast(list(signals), sa.ARRAY(sa.Uuid))),
            signal.c.pseudonyms.in_(sorted(states)),
            ~waits,
        )
        return [SignalId(one) for one in self._connection.scalars(query)]

    def of(self, signal_id: SignalId) -> dict[Partition, tuple[bool, tuple[str, ...]]]:
        """What the worker decided for each partner; empty until it has."""
        query = sa.select(sharing).where(sharing.c.country == self._country, sharing.c.signal_id == signal_id)
        return {Partition(r.recipient): (r.allowed, tuple(r.rules)) for r in self._connection.execute(query)}
