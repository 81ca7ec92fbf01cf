"""Exact figures of notifications for registered tables, counted in the database; other records are not counted yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition
from register.statistics.owner import Figures
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.tables import Table
from register.store.figures import Figures as Counted

NOTIFICATIONS: Final = "notifications"
_WAYS_MAX: Final = 2


def exact_figures(
    counted: Counted, definition: Definition, of: Period, *, kept: Collection[str] = (), catalogue: Catalogue
) -> Figures:
    """Return the owner's exact figures of one table and period; no table where no record holds them.

    Raises:
        RowNotKept: a record belongs in an optional row that the country does not keep.
    """
    if definition.population.name != NOTIFICATIONS or not definition.collected or of.quarter is not None:
        return Figures(exact=None)
    records = _records(counted, of)
    rungs = [catalogue.tables[rung] for rung in definition.ladder if rung in catalogue.tables]
    return Figures(
        exact=_table(definition, records, kept),
        coarser={d.id: table for d in rungs if (table := _table(d, records, kept)) is not None},
        pooled_total=None if of.years > 1 else len(_records(counted, of.pooled())) if _has_three(counted, of) else None,
    )


def _table(definition: Definition, records: list[Mapping[str, str]], kept: Collection[str]) -> Table | None:
    return definition.count(records, kept) if len(definition.variables) <= _WAYS_MAX else None


def _has_three(counted: Counted, of: Period) -> bool:
    return bool(counted.notifications(of.year - POOLED_YEARS + 1))


def _records(counted: Counted, of: Period) -> list[Mapping[str, str]]:
    return [record for back in range(of.years) for record in _of_year(counted, of.year - back)]


def _of_year(counted: Counted, year: int) -> Iterator[Mapping[str, str]]:
    for group in counted.notifications(year):
        record = {
            "source": group.source,
            "channel": group.channel,
            "signal_type": group.type_registered,
            "forwarded": "YES" if group.forwarded else "NO",
        }
        yield from [record] * group.count
