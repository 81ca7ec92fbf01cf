"""Own signals of the last days that carry the same phone, document, plate or person: a report told twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from register.store.models.signals import blind_index, signal
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """One signal that may be the same report."""

    signal_id: UUID
    reference: str
    organisation: str
    recorded_at: datetime


class NearDuplicates:
    """Looks in one country's blind index, inside one transaction; what it compares is keyed and names nobody."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def of(
        self, blinds: Sequence[bytes], *, since: datetime, organisation: str | None, most: int
    ) -> list[NearDuplicate]:
        """Return signals that share one of these values, newest first.

        Args:
            blinds: of the report at hand.
            since: older ones are no duplicates but the past.
            organisation: whose signals may be looked at; None for the whole country's.
            most: how many.
        """
        own = signal.c
        query = (
            sa.select(own.id, own.reference, own.organisation, own.created_at)
            .distinct()
            .join(blind_index, sa.and_(own.country == blind_index.c.country, own.id == blind_index.c.signal_id))
            .where(
                blind_index.c.country == self._country,
                blind_index.c.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary))),
                own.country == self._country,
                own.withdrawn_at.is_(None),
                own.created_at >= since,
            )
            .order_by(own.created_at.desc())
            .limit(most)
        )
        if organisation is not None:
            query = query.where(own.organisation == organisation)
        return [NearDuplicate(r.id, r.reference, r.organisation, r.created_at) for r in self._connection.execute(query)]
