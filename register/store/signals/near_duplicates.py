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
    """One signal that may be the same report; `identical` where every answer is the same, to the letter.

    Attributes:
        withdrawn: it was withdrawn since; it is kept, and compared, all the same.
        marked: it asks for an approval of its own.
    """

    signal_id: UUID
    reference: str
    organisation: str
    recorded_at: datetime
    identical: bool = False
    withdrawn: bool = False
    marked: bool = False


class NearDuplicates:
    """Looks in one country's blind index, inside one transaction; what it compares is keyed and names nobody."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def of(
        self,
        blinds: Sequence[bytes],
        *,
        whole: bytes,
        since: datetime,
        organisation: str | None,
        most: int,
        marked: bool = False,
        besides: UUID | None = None,
    ) -> list[NearDuplicate]:
        """Return signals, withdrawn ones too, that share one of these values or are the same as a whole, newest first.

        Args:
            blinds: of the values of the report at hand.
            whole: of the report as a whole.
            since: older ones are no duplicates but the past.
            organisation: whose signals may be looked at; None for the whole country's.
            most: how many.
            marked: only those that ask for an approval of their own.
            besides: the signal at hand, where it is stored already.
        """
        own = signal.c
        query = (
            sa.select(
                own.id,
                own.reference,
                own.organisation,
                own.created_at,
                sa.func.bool_or(blind_index.c.blind == whole).label("identical"),
                own.withdrawn_at.is_not(None).label("withdrawn"),
                own.single_approval.label("marked"),
            )
            .group_by(own.id, own.reference, own.organisation, own.created_at, own.withdrawn_at, own.single_approval)
            .join(blind_index, sa.and_(own.country == blind_index.c.country, own.id == blind_index.c.signal_id))
            .where(
                blind_index.c.country == self._country,
                blind_index.c.blind == sa.any_(sa.cast([*blinds, whole], sa.ARRAY(sa.LargeBinary))),
                own.country == self._country,
                own.created_at >= since,
            )
            .order_by(own.created_at.desc())
            .limit(most)
        )
        if organisation is not None:
            query = query.where(own.organisation == organisation)
        if marked:
            query = query.where(own.single_approval)
        if besides is not None:
            query = query.where(own.id != besides)
        return [NearDuplicate(*row) for row in self._connection.execute(query)]
