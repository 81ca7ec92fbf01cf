"""Worked examples of statistical disclosure control with known answers, written from their figures."""

from __future__ import annotations

from register.statistics.deduction import Interval, derive_differences, derive_ranges, exact_spots, of_rounded
from register.statistics.rules.rounding import derive_seeds, round_table
from register.statistics.rules.rules import check_homogeneity, check_recodings
from register.statistics.tables import Spot, Table
from tests.unit.register.statistics.support import counts, table

INVESTMENT = Table(("I", "II", "III"), ("A", "B", "C"), ((20, 50, 10), (8, 19, 22), (17, 32, 12)))
"""Investment by activity and region: the small table on which the methods are usually explained."""
MARKED = {Spot(1, 0), Spot(1, 2), Spot(2, 0), Spot(2, 2)}


def test_interval_example_of_four_suppressed_cells() -> None:
    """With (II,A), (II,C), (III,A), (III,C) suppressed, 22 can be anything from 5 to 30."""
    bounds = {
        s: Interval(0, 10**6) if s in MARKED else Interval(INVESTMENT.at(s), INVESTMENT.at(s))
        for s in INVESTMENT.spots()
    }
    found = derive_ranges(INVESTMENT, bounds)
    assert {s: tuple(found[s]) for s in MARKED} == {
        Spot(1, 0): (0, 25),
        Spot(1, 2): (5, 30),
        Spot(2, 0): (0, 25),
        Spot(2, 2): (4, 29),
    }


def test_one_suppressed_cell_in_a_row_is_the_margin_minus_the_rest() -> None:
    bounds = {s: Interval(INVESTMENT.at(s), INVESTMENT.at(s)) for s in INVESTMENT.spots() if s != Spot(1, 2)}
    assert derive_ranges(INVESTMENT, bounds)[Spot(1, 2)] == (22, 22)


def test_controlled_rounding_example_base_5() -> None:
    """The rounded table printed beside it adds up, and says no more than within 4 of each figure."""
    printed = Table(INVESTMENT.rows, INVESTMENT.columns, ((20, 50, 10), (10, 20, 20), (15, 30, 15)))
    assert (printed.row_totals, printed.column_totals, printed.total) == ((80, 50, 60), (45, 100, 45), 190)
    found = derive_ranges(printed, of_rounded(printed, 5))
    assert all(found[s].low <= INVESTMENT.at(s) <= found[s].high for s in INVESTMENT.spots())
    assert not exact_spots(found)
    ours = {round_table(INVESTMENT, 5, derive_seeds(b"k" * 32, "t", "p", str(n), INVESTMENT)) for n in range(60)}
    assert printed in ours


def test_controlled_rounding_example_base_3() -> None:
    """Conventional rounding to threes does not add up here; controlled rounding does, within 2 of each figure."""
    exact = Table.one_way({"a": 1, "b": 1, "c": 1, "d": 1})
    assert sum(round(n / 3) * 3 for (n,) in exact.cells) == 0
    for n in range(20):
        ours = round_table(exact, 3, derive_seeds(b"k" * 32, "t", "p", str(n), exact))
        assert ours.total in {3, 6}
        assert sum(n for (n,) in ours.cells) == ours.total


def test_two_groupings_of_an_age_give_a_year_away() -> None:
    """15-19 in one table and 15-20 in another: those aged 20 are the difference."""
    found = derive_differences(
        [
            (frozenset({"15", "16", "17", "18", "19"}), Interval(31, 31)),
            (frozenset({"15", "16", "17", "18", "19", "20"}), Interval(33, 33)),
        ]
    )
    assert found[frozenset({"20"})] == (2, 2)


def test_such_groupings_are_refused_by_r1() -> None:
    years = [str(age) for age in range(15, 25)]
    to = {"a": dict.fromkeys(years[:5], "15-19") | dict.fromkeys(years[5:], "20-24")}
    to["b"] = dict.fromkeys(years[:6], "15-20") | dict.fromkeys(years[6:], "21-24")
    assert [r.code for r in check_recodings(to)] == ["recodings-do-not-nest"]
    del to["b"]
    to["years"] = {age: age for age in years}
    assert check_recodings(to) == []


def test_nested_union_minus_its_parts_gives_the_rest_away() -> None:
    found = derive_differences(
        [
            (frozenset("ab"), Interval(10, 10)),
            (frozenset("cd"), Interval(20, 20)),
            (frozenset("abcde"), Interval(33, 33)),
        ]
    )
    assert found[frozenset("e")] == (3, 3)


def test_group_disclosure_passes_a_threshold_but_not_r4() -> None:
    """All 12 Colombian: no cell is small, and every member's nationality is told."""
    intakes = table("intakes-by-nationality")
    exact = counts(intakes, (12, 0, 0, 0, 0, 0))
    assert min(n for (n,) in exact.cells if n) > 4
    assert [r.code for r in check_homogeneity(intakes, exact)] == ["group-all-alike"]


def test_all_but_one_is_group_disclosure_to_the_one() -> None:
    intakes = table("intakes-by-nationality")
    assert check_homogeneity(intakes, counts(intakes, (11, 1, 0, 0, 0, 0)))
    assert not check_homogeneity(intakes, counts(intakes, (10, 2, 0, 0, 0, 0)))
    assert not check_homogeneity(intakes, counts(intakes, (10, 1, 1, 0, 0, 0)))
