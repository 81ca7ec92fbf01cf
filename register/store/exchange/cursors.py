"""How fresh what we hold of a partner is: read from the cursor of its log."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from register.store.models.exchange import partner_cursor
from schemas.codes import Partition


class Cursors:
    """The cursors of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def stale_since(self, partner: Partition, *, now: datetime, after: timedelta) -> datetime | None:
        """The time of the partner's newest head if its part may be out of date, else None.

        Out of date is what is behind the partner's own tip, or whose newest head is older than `after`. A partner
        that was never reached is out of date since the beginning of time as far as we know: since now.
        """
        row = self._connection.execute(
            sa.select(*partner_cursor.c["applied_to", "head_seq", "head_at"])
            .where(partner_cursor.c.country == self._country, partner_cursor.c.partner == partner)
            .order_by(partner_cursor.c.incarnation.desc())
            .limit(1)
        ).first()
        if row is None or row.head_at is None:
            return now
        behind = row.head_seq is not None and row.applied_to < row.head_seq
        head_at: datetime = row.head_at
        return head_at if behind or now - head_at > after else None
