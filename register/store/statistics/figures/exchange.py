"""What the exchange did, by partner: process counts of the working group, from our own side of each log.

An extract counts once for each partner, on the day it was first drafted or applied; a later version of it is a
correction. A draft that was never numbered has not been sent.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from register.store.models.exchange import draft, received_record
from register.store.statistics.figures.spans import moments
from schemas.codes import EntryType, Partition


class ExtractsShared:
    """Extracts that each partner was sent for the first time."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By partner."""
        sent = self._sent().subquery()
        query = sa.select(sent.c.partner, sa.func.count().label("how_many"))
        return query.where(moments(sent.c.at, first, last, country=self._country)).group_by(sent.c.partner)

    def began(self) -> sa.Select[Any]:
        """The moment of the first one."""
        return sa.select(sa.func.min(self._sent().subquery().c.at).label("began"))

    def _sent(self) -> sa.Select[Any]:
        return (
            sa.select(draft.c.partner, sa.func.min(draft.c.made_at).label("at"))
            .where(
                draft.c.country == self._country,
                draft.c.type == EntryType.INDICATOR_PUT.value,
                draft.c.appended_seq.is_not(None),
            )
            .group_by(draft.c.partner, draft.c.object)
        )


class ExtractsReceived:
    """Extracts that each partner sent us for the first time."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By partner; also of extracts that were withdrawn since."""
        return (
            sa.select(received_record.c.partner, sa.func.count().label("how_many"))
            .where(
                received_record.c.country == self._country,
                moments(received_record.c.first_held_at, first, last, country=self._country),
            )
            .group_by(received_record.c.partner)
        )

    def began(self) -> sa.Select[Any]:
        """The moment of the first one."""
        query = sa.select(sa.func.min(received_record.c.first_held_at).label("began"))
        return query.where(received_record.c.country == self._country)


class Corrections:
    """Later versions of extracts that a partner had, and withdrawals: what it was told to change."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By partner."""
        return (
            sa.select(draft.c.partner, sa.func.count().label("how_many"))
            .where(
                draft.c.country == self._country,
                draft.c.appended_seq.is_not(None),
                draft.c.version > 1,
                draft.c.type.in_([EntryType.INDICATOR_PUT.value, EntryType.INDICATOR_RETRACT.value]),
                moments(draft.c.made_at, first, last, country=self._country),
            )
            .group_by(draft.c.partner)
        )

    def began(self) -> sa.Select[Any]:
        """The moment of the first extract shared: from then on, no correction is a figure of 0."""
        return ExtractsShared(self._country).began()
