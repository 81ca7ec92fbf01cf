"""The interval attack is exact: equal to trying every table, on tables small enough to try them all."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from register.statistics.deduction import (
    Contradiction,
    Interval,
    combine_bounds,
    derive_differences,
    derive_ranges,
    exact_spots,
    is_possible,
)
from register.statistics.period import Period
from register.statistics.release.across_periods import period_ranges
from register.statistics.tables import Spot, Table

HIGHEST = 3
SHAPE = Table(("a", "b"), ("x", "y"), ((0, 0), (0, 0)))
ALL_TABLES = [Table(("a", "b"), ("x", "y"), ((p, q), (r, s))) for p, q, r, s in product(range(HIGHEST + 1), repeat=4)]
intervals = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda p: Interval(min(p), max(p)))
bounds = st.dictionaries(st.sampled_from(list(SHAPE.spots())), intervals, max_size=9)
CELLS = {spot: Interval(0, HIGHEST) for spot in SHAPE.inner_spots()}


def within(table: Table, said: dict[Spot, Interval]) -> bool:
    return all(i.low <= table.at(s) <= i.high for s, i in said.items())


@given(bounds)
def test_ranges_are_those_of_all_tables_within_the_bounds(said: dict[Spot, Interval]) -> None:
    met = {**CELLS, **{s: i.meets(CELLS.get(s, i)) for s, i in said.items()}}
    fitting = [t for t in ALL_TABLES if within(t, met)]
    assert is_possible(SHAPE, met) is bool(fitting)
    if not fitting:
        try:
            derive_ranges(SHAPE, met)
        except Contradiction:
            return
        raise AssertionError("expected a contradiction")
    found = derive_ranges(SHAPE, met)
    for spot in SHAPE.spots():
        values = [t.at(spot) for t in fitting]
        assert found[spot] == (min(values), max(values))


@given(bounds, st.sampled_from(ALL_TABLES))
def test_knowing_more_never_widens(said: dict[Spot, Interval], truth: Table) -> None:
    true_bounds = {s: Interval(min(i.low, truth.at(s)), max(i.high, truth.at(s))) for s, i in said.items()}
    less = derive_ranges(truth, CELLS)
    more = derive_ranges(truth, combine_bounds(CELLS, true_bounds))
    for spot in SHAPE.spots():
        assert more[spot].low <= truth.at(spot) <= more[spot].high
        assert more[spot].low >= less[spot].low
        assert more[spot].high <= less[spot].high


@given(st.sampled_from(ALL_TABLES))
def test_exact_table_is_recovered_whole(truth: Table) -> None:
    """A10: an attack that cannot break what is open proves nothing."""
    found = derive_ranges(truth, {s: Interval(truth.at(s), truth.at(s)) for s in truth.spots()})
    assert set(exact_spots(found)) == {s for s in truth.spots() if truth.at(s)}


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 6), min_size=2), st.data())
def test_differences_hold_the_truth(truth: dict[str, int], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.sets(st.sampled_from(sorted(truth)), min_size=1), min_size=1, max_size=5))
    views = []
    for group in groups:
        value = sum(truth[a] for a in group)
        slack = data.draw(st.integers(0, 2))
        views.append((frozenset(group), Interval(max(0, value - slack), value + slack)))
    for atoms, interval in derive_differences(views).items():
        assert interval.low <= sum(truth[a] for a in atoms) <= interval.high


PERIODS = [
    Period(2020),
    Period(2021),
    Period(2022),
    Period(2021, quarter=1),
    Period(2022, years=3),
    Period(2022, years=2),
]


@given(st.lists(st.integers(0, 3), min_size=3, max_size=3), st.integers(0, 3), st.data())
def test_ranges_of_periods_are_those_of_all_years_within_them(
    years: list[int], quarter: int, data: st.DataObject
) -> None:
    """Tried against every three years with their first quarter of 2021; the truth is among them."""
    quarter = min(quarter, years[1])

    def totals(a: int, b: int, c: int, q: int) -> dict[Period, int]:
        return dict(zip(PERIODS, (a, b, c, q, a + b + c, b + c), strict=True))

    truth = totals(years[0], years[1], years[2], quarter)
    chosen = data.draw(st.lists(st.sampled_from(PERIODS), min_size=1, unique=True))
    said = {p: Interval(max(0, truth[p] - 1), truth[p] + 1) for p in chosen}
    found = period_ranges(said)
    fitting = [
        t
        for a, b, c in product(range(6), repeat=3)
        for q in range(b + 1)
        if all(i.low <= (t := totals(a, b, c, q))[p] <= i.high for p, i in said.items())
    ]
    for period, interval in found.items():
        values = [t[period] for t in fitting]
        assert interval.low == min(values)
        assert interval.high == max(values) or interval.high > 5
