"""From the counts of a country's records to what the rules and the rounding work on: exact, for one table and period.

Pure: who counts the records is a port, implemented by the store inside one transaction (`work.statistics.figures`). A
figure is 0 only where the country keeps such records: before its first one there is no figure at all (`..`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol, TypeAlias

from register.statistics.catalogue import Catalogue, default_catalogue
from register.statistics.definition import Definition
from register.statistics.owner.owner import Figures
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.tables import Table

Group: TypeAlias = tuple[Mapping[str, str], int]
"""Stored codes by variable, without recodings, and how many have them: records, or people where people are counted."""
_TWO_WAYS = 2


class Counts(Protocol):
    """The records of one country, counted."""

    def count(self, population: str, first: date, last: date) -> Sequence[Group]:
        """The groups of a population whose day, by its period rule, lies in a span; both days are in it."""
        ...

    def began(self, population: str) -> date | None:
        """The day of the first record of a population; None where the country holds none, or nothing records it."""
        ...


def exact_figures(
    counts: Counts,
    definition: Definition,
    of: Period,
    *,
    kept: Collection[str] = (),
    catalogue: Catalogue | None = None,
) -> Figures:
    """Return a country's exact figures for one registered table and period.

    Several years are the sum of their years: a person who is on the ladder in two of them counts in both, as in the
    yearly tables. Nothing is said of earlier contributions (`before`).

    Args:
        counts: of the country; `work.statistics.figures` of a unit of work.
        definition: a registered table.
        of: a period of the length that the table is made for.
        kept: optional rows that the country has declared to keep; the owner's own table takes `optional_rows`.
        catalogue: where the ladder's tables are; None takes the one that ships.

    Returns:
        No table, no coarser ones and no pooled total where the country has no such records, or had none yet when the
        period ended.

    Raises:
        RowNotKept: a record belongs in an optional row that is not kept.
    """
    figures = figures_of_period(counts, definition, of, kept=kept, catalogue=catalogue)
    if figures.exact is None and not figures.coarser:
        return figures
    return replace(figures, pooled_total=pooled_total(counts, definition.population.name, of))


def figures_of_period(
    counts: Counts,
    definition: Definition,
    of: Period,
    *,
    kept: Collection[str] = (),
    catalogue: Catalogue | None = None,
) -> Figures:
    """The same without the pooled total, so that nothing is counted but the years of the period."""
    population = definition.population.name
    began = counts.began(population) if definition.collected else None
    if began is None or began > of.last_day:
        return Figures(exact=None)
    groups = _count_groups(counts, population, of)
    tables = (catalogue or default_catalogue()).tables
    return Figures(
        exact=_fill_table(definition, groups, kept),
        coarser={
            rung: table
            for rung in definition.ladder
            if rung in tables and (table := _fill_table(tables[rung], groups, kept)) is not None
        },
    )


def _count_groups(counts: Counts, population: str, of: Period) -> list[Group]:
    return [group for year in of.each_year() for group in counts.count(population, year.first_day, year.last_day)]


def _fill_table(definition: Definition, groups: Iterable[Group], kept: Collection[str]) -> Table | None:
    if len(definition.variables) > _TWO_WAYS:
        return None
    return definition.add_up(groups, definition.optional_rows & frozenset(kept))


def pooled_total(counts: Counts, population: str, of: Period) -> int | None:
    """The total of three years; None for a quarter, whose year may be open, and where there are not yet three."""
    pooled = of.pooled()
    if of.quarter is not None or of.years > 1:
        return None
    began = counts.began(population)
    if began is None or began.year > of.year - POOLED_YEARS + 1:
        return None
    return sum(how_many for _, how_many in _count_groups(counts, population, pooled))
