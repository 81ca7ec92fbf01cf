"""The attacks succeed on what is open, fail on what is released, and the drill counts both."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from functools import cache

import pytest
from typer.testing import CliRunner

from api.cli import app
from register.statistics.attacks import harness
from register.statistics.attacks.drill import run_drill
from register.statistics.attacks.drill_report import Report
from register.statistics.attacks.simulate import MEANS, simulate_year
from register.statistics.deduction import Contradiction, Interval, derive_ranges
from register.statistics.definition import Tier
from register.statistics.release.assemble import assemble_release
from register.statistics.release.ledger import Ledger
from register.statistics.rules.membership import MEMBERSHIP_MAX, membership_rate
from register.statistics.rules.rounding import Seeds, derive_seeds, round_table
from register.statistics.rules.suppression import Share, parts_behind, published_median, published_shares
from register.statistics.rules.three_way import Cube, Place, SolverTimeout, rounded_cube
from register.statistics.tables import Spot, Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, YEAR, by_type, contributions, counts, key_of, table

TRUTH = Table(("a", "b", "c"), ("x", "y", "z"), ((3, 11, 20), (9, 2, 14), (16, 7, 1)))


@cache
def _drilled() -> Report:
    return run_drill(1, "s")


def a_report() -> Report:
    """Of one year, to be changed."""
    return deepcopy(_drilled())


def shown(truth: Table, base: int = 3) -> Table:
    return round_table(truth, base, derive_seeds(b"k" * 32, "t", "p", "2023", truth))


def test_a1_finds_every_small_cell_of_an_exact_table_and_none_of_a_rounded_one() -> None:
    exact = {s: Interval(TRUTH.at(s), TRUTH.at(s)) for s in TRUTH.spots()}
    control = harness.score_bounds("A10", TRUTH, derive_ranges(TRUTH, exact))
    assert (control.attacked, control.recovered) == (3, 3)
    assert harness.a1_interval(TRUTH, shown(TRUTH), 3).recovered == 0


def test_suppressed_table_is_broken_by_whoever_knows_the_rules() -> None:
    """Each row and column has two marks, the textbook's protection; zeros and marks are seen."""
    truth = Table(("a", "b", "c"), ("x", "y", "z"), ((1, 1, 20), (1, 8, 14), (16, 7, 9)))
    found = harness.score_bounds("A10", truth, derive_ranges(truth, harness.suppress_small_cells(truth)))
    assert found.recovered > 0


def test_a4_of_an_exact_table_leaves_one_cell_and_of_a_rounded_one_all() -> None:
    after = TRUTH.plus(Spot(1, 1), 1)
    assert harness.a4_update((TRUTH, 1), (after, 1)) == 1
    assert harness.a4_update((shown(TRUTH), 3), (shown(after), 3)) == 9


def test_a5_notices_a_draw_that_changes() -> None:
    assert harness.a5_redraw(lambda: repr(shown(TRUTH)).encode())
    turn = iter(range(100))
    assert not harness.a5_redraw(lambda: bytes([next(turn)]))


def test_a7_insider_breaks_a_sum_that_is_exact() -> None:
    """With base 1 everything is exact; with rounding the others' small figures stay open."""
    truths = {"AW": Table.one_way({"a": 7, "b": 1}), "CW": Table.one_way({"a": 3, "b": 9})}
    assert harness.a7_insider(truths, truths, 1, "AW").recovered == 1
    protected = {c: shown(t) for c, t in truths.items()}
    found = harness.a7_insider(truths, protected, 3, "AW")
    assert (found.attacked, found.recovered) == (1, 0)


def test_a9_finds_a_secret_in_every_usual_spelling() -> None:
    key = key_of(Partition.AW)
    for text in (key, key.hex().encode(), b'{"key":"QVdBV0FXQVdBV0FXQVdBV0FXQVdBV0FXQVdBV0FXQVc"}'):
        assert harness.a9_bytes({"out.csv": b"x" + text, "clean": b"x"}, [key]) == ["out.csv"]


@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
def test_outputs_hold_no_key_no_seed_and_no_exact_figure(tier: Tier) -> None:
    made = assemble_release(CATALOGUE, table("notifications-by-type"), tier, YEAR, contributions(), Ledger())
    secrets = [key_of(c) for c in Partition]
    by = derive_seeds(key_of(Partition.AW), "notifications-by-type/1", "notifications", "2023", by_type(7, 1, 16))
    files = {"release": made.release.canonical(), **{c.country.value: c.canonical() for c, _ in contributions()}}
    assert harness.a9_bytes(files, [*secrets, by.table, by.total]) == []
    assert harness.a9_values(made.release) == []
    assert b"10%" not in files["release"]
    assert b"seed" not in files["release"]


def test_a9_finds_a_figure_that_was_not_rounded() -> None:
    exact = [(c, s) for c, s in contributions()]
    made = assemble_release(
        CATALOGUE, table("notifications-by-type"), Tier.WORKING_GROUP, YEAR, exact, Ledger()
    ).release
    cells = tuple(type(c)(c.area, c.row, c.column, 7, c.marker, c.reach) for c in made.cells[:1])
    broken = type(made)(**{name: getattr(made, name) for name in made.__slots__} | {"cells": cells})
    assert harness.a9_values(broken) == [("AW", "HT", "ALL")]


def test_membership_is_plain_where_one_country_stands_alone_and_hidden_in_a_sum() -> None:
    assert membership_rate([25], 5) > MEMBERSHIP_MAX
    assert membership_rate([25], 5) == membership_rate([10], 5)
    assert membership_rate([25, 15, 10], 5) < MEMBERSHIP_MAX


def test_membership_of_one_country_is_as_often_as_its_record_moves_what_is_printed() -> None:
    """One record moves a figure in one of five draws; printed in tens, such a move shows every second time."""
    assert membership_rate([25], 5) == Fraction(1, 5)
    assert membership_rate([25], 5, 10) == Fraction(1, 10)


def test_rules_that_contradict_each_other_are_noticed() -> None:
    with pytest.raises(Contradiction):
        derive_ranges(TRUTH, {Spot(0, 0): Interval(9, 9), Spot(0, None): Interval(5, 5)})


def test_drill_finds_nothing_and_its_controls_are_caught() -> None:
    report = run_drill(4, "test")
    assert report.is_passed
    assert report.recovered == 0
    assert {"A1", "A2", "A3", "A6", "A7"} <= report.findings.keys()
    assert all(f.attacked for f in report.findings.values())
    assert {
        "A1 on exact tables",
        "A2 on suppressed tables",
        "A2 on totals, by the rules",
        "A2 on totals, by sight",
        "A2 on homogeneity of exact counts",
        "A3 on exact groups",
    } == report.controls.keys()
    assert all(f.recovered for f in report.controls.values())


def test_drill_with_one_seed_gives_one_report() -> None:
    assert run_drill(1, "s").document() == a_report().document()
    assert a_report().document() != run_drill(1, "t").document()


def test_homogeneity_of_exact_counts_gives_a_child_away_and_that_of_the_print_does_not() -> None:
    """Forty intakes, one child, printed 5: by age it is shown, and 'adult or child' is not, so there is one at most."""
    fine, coarse = table("intakes-by-age"), table("intakes-adult-or-child")
    shown = counts(fine, (0, 5, 15, 10, 5, 5, 0))
    told = harness.a2_homogeneity(fine, counts(fine, (0, 1, 15, 10, 9, 5, 0)), shown, coarse, on_exact=True)
    assert told == harness.Finding("A2", 1, 1)
    for children in range(1, 5):
        truth = counts(fine, (0, children, 15, 10, 10 - children, 5, 0))
        assert harness.a2_homogeneity(fine, truth, shown, coarse).recovered == 0


def test_drill_that_recovers_or_whose_controls_see_nothing_fails() -> None:
    report = a_report()
    report.findings["A1"] = harness.Finding("A1", 5, 1)
    assert not report.is_passed
    blind = a_report()
    blind.controls["A1 on exact tables"] = harness.Finding("A1", 5, 0)
    assert not blind.is_passed


def test_made_up_years_have_the_agreed_means() -> None:
    for country, mean in MEANS.items():
        years = 60 if country is not Partition.NL else 3
        total = sum(len(simulate_year("m", country, n).records["notifications"]) for n in range(years))
        assert abs(total / years - mean) < 4 * (mean / years) ** 0.5


def test_command_prints_the_report_for_people_and_programs() -> None:
    run = CliRunner().invoke(app, ["stats", "drill", "--years", "1", "--seed", "s", "--json"])
    assert run.exit_code == 0
    assert json.loads(run.stdout)["passed"] is True
    people = CliRunner().invoke(app, ["stats", "drill", "--years", "1", "--seed", "s"])
    assert people.stdout.startswith("Passed: 1 made-up years")
    assert "Exact small totals of islands found: 0 of " in people.stdout
    assert json.loads(run.stdout)["exact_small_totals"]["found_by_control"] > 0


def test_small_shares_and_their_complements_are_withheld_under_one_marker() -> None:
    wide = Interval(18, 22)
    shares = [Share(2, 20), Share(18, 20), Share(0, 20), Share(20, 20), Share(10, 20), Share(2, 4)]
    assert published_shares(shares, [wide] * 6) == [None, None, None, None, 50, None]
    assert published_shares(shares[2:4], [wide] * 2, hide_zeros=False) == [0, 100]


def test_share_that_its_percentage_gives_away_is_withheld() -> None:
    """With an exact whole each percentage stands for one part."""
    assert parts_behind(50, Interval(20, 20)) == {10}
    assert published_shares([Share(10, 20)], [Interval(20, 20)]) == [None]
    assert parts_behind(50, Interval(18, 22)) == {9, 10, 11}


def test_median_needs_five_on_either_side() -> None:
    assert published_median([1, 2, 3, 4]) is None
    assert published_median([1, 2, 3, 4, 5]) is None
    assert published_median([1, 2, 3, 4, 5, 6, 7, 8, 9]) == 5
    assert published_median([3, 3, 3, 3, 3]) == 3


def test_share_of_more_than_the_whole_is_none() -> None:
    with pytest.raises(ValueError, match="part"):
        Share(3, 2)


SEEDS = Seeds(b"table", b"total")
CUBE = Cube((2, 2, 2), {(0, 0, 0): 4, (1, 1, 1): 7})


class Slow:
    def rounded(self, _cube: Cube, _base: int, _by: Seeds, _seconds: float, /) -> Cube:
        raise SolverTimeout

    def ranges(self, _cube: Cube, _bounds: object, _seconds: float, /) -> dict[Place, Interval]:
        raise SolverTimeout


class Downward(Slow):
    def rounded(self, cube: Cube, base: int, _by: Seeds, _seconds: float, /) -> Cube:
        return Cube(cube.sides, {place: n - n % base for place, n in cube.counts.items()})


def code(found: object) -> str:
    return getattr(found, "code", "")


def test_three_variables_need_a_solver_are_limited_and_wait_ten_seconds_at_most() -> None:
    assert code(rounded_cube(CUBE, 3, SEEDS)) == "needs-solver"
    assert code(rounded_cube(Cube((6, 6, 6), {}), 3, SEEDS, Downward())) == "too-large"
    assert code(rounded_cube(CUBE, 3, SEEDS, Slow())) == "solver-timeout"
    assert rounded_cube(CUBE, 3, SEEDS, Downward()) == Cube((2, 2, 2), {(0, 0, 0): 3, (1, 1, 1): 6})
