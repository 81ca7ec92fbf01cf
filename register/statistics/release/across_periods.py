"""What periods that contain each other say together: quarters and their year, years and three years (part of R7).

Printed 3, 3 and 0 in three years and 0 for the three together can only be 1, 1 and 0: rounding each alone is not
enough. Totals of all periods, overlapping or not, are differences of one running sum, so their ranges are shortest
paths; a one-way table of a whole and those of its parts are a two-way table, so theirs are a circulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from register.statistics.deduction import ANY, ENDLESS, Bounds, Contradiction, Interval, derive_ranges, exact_spots
from register.statistics.definition import Definition, Tier, Variable
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, Where, list_said_figures
from register.statistics.rules.rules import given_away, records_a_cell, told_of_exact
from register.statistics.tables import TOTAL, Spot, Table
from schemas.codes import Partition

_QUARTERS = 4


def totals_told(
    definition: Definition, contribution: Contribution, ledger: Ledger, tables: Mapping[str, Definition]
) -> list[Period]:
    """The periods whose total a reader can work out with this contribution, and could not from facts alone.

    Raises:
        Contradiction: the totals cannot all be true.
    """
    known = known_totals(definition, contribution.country, ledger, tables)
    for period, interval in _list_own_totals(definition, contribution):
        known[period] = known.get(period, ANY).meets(interval)
    alone = period_ranges(replace(ledger, contributions=()).totals(definition, contribution.country))
    found = period_ranges(known)
    return [p for p, i in found.items() if i.is_exact and i.low > 0 and not alone.get(p, ANY).is_exact]


def known_totals(
    definition: Definition, country: Partition, ledger: Ledger, tables: Mapping[str, Definition]
) -> dict[Period, Interval]:
    """What a reader who knows the rules has on the totals of all periods of a population."""
    known = ledger.totals(definition, country)
    for population, contribution in ledger.contributions:
        if (population, contribution.country) == (definition.population.name, country):
            for period, interval in _list_own_totals(tables[contribution.table_id], contribution):
                known[period] = known.get(period, ANY).meets(interval)
    return known


def rows_told(
    definition: Definition, contribution: Contribution, ledger: Ledger, tables: Mapping[str, Definition]
) -> list[tuple[Period, Where]]:
    """The rows of a one-way table that a reader can work out from a period and its parts.

    Raises:
        Contradiction: the tables cannot all be true.
    """
    if contribution.table is None or len(definition.variables) != 1:
        return []
    told: list[tuple[Period, Where]] = []
    for whole, parts in _find_period_families(contribution.period):
        known = {whole: _collect_known(definition, contribution, whole, ledger, tables)}
        if not known[whole]:
            continue  # of most wholes nothing is known, and looking their parts up is what takes the time
        known |= {p: _collect_known(definition, contribution, p, ledger, tables) for p in parts}
        if not any(known[p] for p in parts):
            continue
        facts = replace(ledger, contributions=())
        public = {p: facts.known(definition, contribution.country, p, tables) for p in (whole, *parts)}
        variable = definition.variables[0]
        shape = Table(tuple(map(str, parts)), tuple(variable.codes), tuple((0,) * len(variable.codes) for _ in parts))
        names = [frozenset({(variable.name, row)}) for row in variable.codes]
        for here in known.values():
            _not_kept(variable, here)
        found = derive_ranges(shape, _build_bounds(whole, parts, names, known))
        alone = derive_ranges(shape, _build_bounds(whole, parts, names, public))
        for row, column in exact_spots(found, but=alone):
            told.append((whole if row is None else parts[row], frozenset() if column is None else names[column]))
    return told


def period_ranges(totals: Mapping[Period, Interval]) -> dict[Period, Interval]:
    """Return the range of each period's total, by all of them together.

    Raises:
        Contradiction: the totals cannot all be true.
    """
    spans = {period: _derive_span(period) for period in totals}
    marks = sorted({mark for span in spans.values() for mark in span})
    least = {(a, b): 0 if a == b else ENDLESS for a in marks for b in marks}
    for a, b in pairwise(marks):
        least[b, a] = 0  # counts are not negative
    for period, (first, end) in spans.items():
        least[first, end] = min(least[first, end], totals[period].high)
        least[end, first] = min(least[end, first], -totals[period].low)
    for via in marks:
        for a in marks:
            for b in marks:
                least[a, b] = min(least[a, b], least[a, via] + least[via, b])
    if any(least[mark, mark] < 0 for mark in marks):
        raise Contradiction("totals of periods that contain each other cannot all be true")
    return {period: Interval(-least[end, first], least[first, end]) for period, (first, end) in spans.items()}


def _list_own_totals(definition: Definition, contribution: Contribution) -> Iterator[tuple[Period, Interval]]:
    """What a contribution says of totals: its own, or that there were too few, and that of three years."""
    if contribution.total is not None:
        total = Table.only_total(contribution.total)
        yield (
            contribution.period,
            _derive_interval(total.total, contribution.base).meets(given_away(definition, total)[TOTAL]),
        )
    elif contribution.pooled is not None:
        # Too few by the rounded total: the largest multiple of the base below the threshold, and what rounds to it.
        too_few = max(0, records_a_cell(definition, Tier.WORKING_GROUP) - 1)
        yield (
            contribution.period,
            told_of_exact(Interval(0, too_few - too_few % contribution.base), contribution.base),
        )
    if contribution.pooled is not None:
        yield contribution.period.pooled(), _derive_interval(contribution.pooled, contribution.base)


def _derive_interval(printed: int, base: int) -> Interval:
    return Interval(max(0, printed - base + 1), printed + base - 1)


def _derive_span(period: Period) -> tuple[int, int]:
    """First quarter and the one after the last, counted from the year 0."""
    if period.quarter is not None:
        first = period.year * _QUARTERS + period.quarter - 1
        return first, first + 1
    return (period.year - period.years + 1) * _QUARTERS, (period.year + 1) * _QUARTERS


def _find_period_families(period: Period) -> Iterator[tuple[Period, tuple[Period, ...]]]:
    """Every whole that the period is, or is a part of, with its parts."""
    if period.years == 1:
        yield Period(period.year), tuple(Period(period.year, quarter=q + 1) for q in range(_QUARTERS))
    if period.quarter is None:
        lasts = [period.year] if period.years > 1 else [period.year + later for later in range(POOLED_YEARS)]
        for last in lasts:
            yield Period(last).pooled(), tuple(Period(last - back) for back in range(POOLED_YEARS))


def _collect_known(
    definition: Definition, contribution: Contribution, of: Period, ledger: Ledger, tables: Mapping[str, Definition]
) -> dict[Where, Interval]:
    known = ledger.known(definition, contribution.country, of, tables)
    if of == contribution.period:
        for where, interval in list_said_figures(definition, contribution):
            known[where] = known.get(where, ANY).meets(interval)
    return known


def _not_kept(variable: Variable, known: dict[Where, Interval]) -> None:
    """Where a country's table is known, an optional row that is not in it counts nothing."""
    if all(frozenset({(variable.name, row)}) in known for row in variable.rows_kept(())):
        for row in variable.only_if_kept:
            known.setdefault(frozenset({(variable.name, row)}), Interval(0, 0))


def _build_bounds(
    whole: Period,
    parts: tuple[Period, ...],
    names: list[Where],
    known: Mapping[Period, Mapping[Where, Interval]],
) -> Bounds:
    bounds: dict[Spot, Interval] = {TOTAL: known[whole].get(frozenset(), ANY)}
    for j, name in enumerate(names):
        bounds[Spot(None, j)] = known[whole].get(name, ANY)
        for i, part in enumerate(parts):
            bounds[Spot(i, j)] = known[part].get(name, ANY)
            bounds[Spot(i, None)] = known[part].get(frozenset(), ANY)
    return bounds
