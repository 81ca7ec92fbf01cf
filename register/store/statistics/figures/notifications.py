"""Notifications of a span, as registered; repeats count once, withdrawn ones and submissions never (domain.md 0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from register.domain.signals.protecting.finding import TOLD_ALIKE
from register.store.models.signals import blind_index, signal
from register.store.statistics.figures.spans import days
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Group:
    """How many notifications of a span share these codes."""

    source: str
    anonymous: bool
    channel: str
    type_registered: str
    forwarded: bool
    count: int


class Notifications:
    """The notifications of one country, counted by the day they were received."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By source, channel, type, and whether handed on."""
        return self._grouped(
            (
                signal.c.source,
                signal.c.channel,
                signal.c.type_registered.label("signal_type"),
                sa.case((signal.c.forwarded_at.is_not(None), "YES"), else_="NO").label("forwarded"),
            ),
            first,
            last,
        )

    def as_printed(self, first: date, last: date) -> sa.Select[Any]:
        """All that the contact point's own tables print beside it, as the members of `Group`."""
        return self._grouped(
            (
                signal.c.source,
                signal.c.reporter_anonymous.label("anonymous"),
                signal.c.channel,
                signal.c.type_registered,
                signal.c.forwarded_at.is_not(None).label("forwarded"),
            ),
            first,
            last,
        )

    def began(self) -> sa.Select[Any]:
        """The day the first one was received."""
        return sa.select(sa.func.min(signal.c.received_on).label("began")).where(self._counted())

    def newest(self) -> sa.Select[Any]:
        """The day the last one was received, as `newest`."""
        return sa.select(sa.func.max(signal.c.received_on).label("newest")).where(self._counted())

    def _grouped(self, columns: Iterable[sa.ColumnElement[Any]], first: date, last: date) -> sa.Select[Any]:
        # Grouped by names: a CASE would be bound anew in GROUP BY and then be another expression to the server.
        named = list(columns)
        return (
            sa.select(*named, sa.func.count().label("how_many"))
            .where(self._counted(), days(signal.c.received_on, first, last))
            .group_by(*(sa.literal_column(str(place)) for place in range(1, len(named) + 1)))
        )

    def _counted(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            signal.c.country == self._country,
            signal.c.kind == "notification",
            signal.c.withdrawn_at.is_(None),
            _is_first_telling(),
        )


def _is_first_telling() -> sa.ColumnElement[bool]:
    """Whether no earlier report of the same organisation that holds says the same as this one.

    Told by the keyed value of the report as it was told, in the country's own index: nothing is opened for it. Another
    day of telling, another urgency, other signs, accents or capitals make no second one. The first that holds counts;
    where it is withdrawn or corrected, the next one does. What only resembles another, by a word or a value, counts
    until a person says that it is the same, by withdrawing it.
    """
    earlier, ours, theirs = signal.alias("earlier"), blind_index.alias("ours"), blind_index.alias("theirs")
    repeat = (
        sa.select(sa.literal(1))
        .select_from(ours)
        .join(theirs, sa.and_(theirs.c.country == ours.c.country, theirs.c.blind == ours.c.blind))
        .join(earlier, sa.and_(earlier.c.country == theirs.c.country, earlier.c.id == theirs.c.signal_id))
        .where(
            ours.c.country == signal.c.country,
            ours.c.signal_id == signal.c.id,
            ours.c.family == TOLD_ALIKE,
            earlier.c.organisation == signal.c.organisation,
            earlier.c.withdrawn_at.is_(None),
            sa.tuple_(earlier.c.created_at, earlier.c.id) < sa.tuple_(signal.c.created_at, signal.c.id),
        )
    )
    return ~repeat.correlate(signal).exists()
