"""The owner's side: rules R1 to R4 and R6, and the ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from register.statistics.deduction import ENDLESS, Interval
from register.statistics.definition import Tier
from register.statistics.owner.owner import printed_table, printed_total, stepped_down
from register.statistics.period import Period
from register.statistics.release.admission import find_misshape
from register.statistics.release.contribution import Grain, Shown
from register.statistics.rules.rules import (
    check_density,
    check_homogeneity,
    check_period,
    check_revision,
    given_away,
    records_a_cell,
    thresholds_say,
    told_of_exact,
)
from register.statistics.tables import TOTAL, Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import (
    YEAR,
    by_type,
    contribution,
    counts,
    grain,
    instead,
    key_of,
    outcome,
    table,
)

W, P = Tier.WORKING_GROUP, Tier.PUBLIC
BY_TYPE = table("notifications-by-type")
AW = Partition.AW


def codes(*refusals: object) -> list[str]:
    return [getattr(r, "code", "") for r in refusals]


def test_open_period_makes_no_contribution() -> None:
    made = outcome("notifications-by-type", AW, by_type(9, 9, 9), today=date(2023, 12, 31))
    assert made.contribution is None
    assert codes(*made.refusals[W]) == ["period-open"]
    assert "2023-12-31" in made.refusals[W][0].would_pass
    assert outcome("notifications-by-type", AW, by_type(9, 9, 9), today=date(2024, 1, 1)).contribution


def test_quarter_is_for_the_working_group_and_only_where_registered() -> None:
    quarter = Period(2023, quarter=2)
    made = outcome("notifications-by-type", AW, by_type(9, 9, 9), of=quarter).contribution
    assert made is not None
    assert (grain(made, W), grain(made, P)) == (Grain.FULL, Grain.WITHHELD)
    assert outcome("intakes-by-sex", AW, counts(table("intakes-by-sex"), (9, 9)), of=quarter).contribution is None


def test_no_quarter_is_asked_for_the_public_whatever_the_catalogue_registers() -> None:
    """R2: a year is the finest that the public gets; thinner cells give persons away."""
    quarter, today = Period(2023, quarter=2), date(2025, 1, 1)
    assert check_period(table("notifications-by-type"), W, quarter, today) == []
    assert codes(*check_period(table("notifications-by-type"), P, quarter, today)) == ["period-not-registered"]


def test_spans_of_three_years_do_not_overlap() -> None:
    codes_of = [
        codes(*outcome("notifications-by-type-three-years", AW, by_type(9, 9, 9), of=Period(y, years=3)).refusals[W])
        for y in (2020, 2021, 2022, 2023)
    ]
    assert codes_of == [[], ["windows-overlap"], ["windows-overlap"], []]


def test_revision_needs_five_changed_records_since_every_earlier_one() -> None:
    first, second = by_type(7, 1, 16), by_type(7, 1, 22)
    assert codes(*check_revision(1, by_type(7, 2, 19), [first])) == ["revision-too-small"]
    assert check_revision(1, second, [first]) == []
    assert codes(*check_revision(2, by_type(8, 1, 16), [first, second])) == ["revision-too-small"]


def test_record_that_moves_counts_once() -> None:
    assert by_type(7, 1, 16).changed_records(by_type(5, 3, 16)) == 2
    assert by_type(7, 1, 16).changed_records(by_type(5, 3, 20)) == 6


def test_fourth_revision_is_refused() -> None:
    before = [by_type(10 * n, 10 * n, 10 * n) for n in range(1, 6)]
    assert check_revision(3, by_type(99, 99, 99), before[:3]) == []
    made = outcome("notifications-by-type", AW, by_type(99, 99, 99), before=before[:4])
    assert made.contribution is None
    assert codes(*made.refusals[W]) == ["too-many-revisions"]


@pytest.mark.parametrize(("tier", "total", "passes"), [(W, 8, False), (W, 9, True), (P, 14, False), (P, 15, True)])
def test_density_of_events(tier: Tier, total: int, *, passes: bool) -> None:
    assert (check_density(BY_TYPE, tier, total, 3) == []) is passes


def test_density_of_persons_is_five_a_cell_in_every_shared_tier() -> None:
    sex = table("intakes-by-sex")
    assert [bool(check_density(sex, tier, 9, 2)) for tier in (W, P)] == [True, True]
    assert [bool(check_density(sex, tier, 10, 2)) for tier in (W, P)] == [False, False]


def test_process_counts_trainings_and_tables_about_the_work_are_exempt() -> None:
    for table_id in ("shared-per-partner", "trainings-by-group", "notifications-forwarded"):
        assert check_density(table(table_id), W, 0, 30) == []


def test_homogeneity_looks_at_every_group_of_both_variables() -> None:
    two_way = table("victims-status-by-sex")
    fine = counts(two_way, ((6, 5), (5, 4), (3, 3), (3, 4)))
    assert check_homogeneity(two_way, fine) == []
    one_status_all_women = counts(two_way, ((6, 5), (9, 0), (3, 3), (3, 4)))
    assert codes(*check_homogeneity(two_way, one_status_all_women)) == ["group-all-alike"]


def test_homogeneity_is_asked_of_persons_only() -> None:
    assert check_homogeneity(BY_TYPE, by_type(0, 0, 24)) == []


def test_ladder_names_the_coarser_table_then_total_then_three_years() -> None:
    source = table("notifications-by-source")
    thin = counts(source, (4, 3, 2, 1, 0))
    coarser = {"notifications-by-type": by_type(4, 1, 5)}
    made = contribution(source.id, AW, thin, coarser=coarser)
    assert (grain(made, W), instead(made, W)) == (Grain.TOTAL, "notifications-by-type")
    assert (made.table, made.total) == (None, made.total)
    assert (grain(made, P), instead(made, P)) == (Grain.TOTAL, None)
    thinner = contribution(source.id, AW, counts(source, (0, 0, 0, 0, 0)), pooled_total=14)
    assert (grain(thinner, W), thinner.total) == (Grain.POOLED, None)
    assert thinner.pooled in {12, 15}
    nothing = contribution(source.id, AW, counts(source, (0, 0, 0, 0, 0)), pooled_total=0)
    assert (grain(nothing, W), nothing.pooled) == (Grain.WITHHELD, None)


def test_table_of_three_variables_goes_down_its_ladder() -> None:
    status = table("victims-by-status")
    made = outcome(
        "victims-status-by-sex-by-form", Partition.NL, None, coarser={status.id: counts(status, (90, 40, 30, 40))}
    )
    assert "too-many-variables" in codes(*made.refusals[W])
    assert made.contribution is not None
    assert instead(made.contribution, W) == status.id
    assert grain(made.contribution, W) is Grain.TOTAL


def test_every_refusal_says_what_would_make_it_pass() -> None:
    thin = outcome("notifications-by-source", AW, counts(table("notifications-by-source"), (1, 0, 0, 0, 0)))
    assert all(r.says.endswith(".") and r.would_pass.endswith(".") for r in (*thin.refusals[W], *thin.refusals[P]))
    assert thin.refusals[P]


def test_contribution_steps_down_to_its_total_and_then_to_nothing() -> None:
    full = contribution("notifications-by-type", AW, by_type(7, 1, 16))
    total = stepped_down(full)
    assert (total.table, total.total) == (None, full.total)
    assert {grain(total, tier) for tier in (W, P)} == {Grain.TOTAL}
    nothing = stepped_down(total)
    assert (nothing.total, nothing.pooled) == (None, None)
    assert {grain(nothing, tier) for tier in (W, P)} == {Grain.WITHHELD}


def test_all_tables_of_a_population_print_one_total() -> None:
    source = contribution("notifications-by-source", AW, counts(table("notifications-by-source"), (11, 8, 4, 1, 1)))
    kind = contribution("notifications-by-type", AW, by_type(7, 2, 16))
    forwarded = contribution("notifications-forwarded", AW, counts(table("notifications-forwarded"), (25, 0)))
    assert len({c.total for c in (source, kind, forwarded)}) == 1


@pytest.mark.parametrize("total", range(40))
@pytest.mark.parametrize("table_id", ["notifications-by-type", "notifications-by-source", "victims-by-form"])
def test_what_is_shown_in_which_tier_says_no_more_than_what_is_printed(table_id: str, total: int) -> None:
    definition = table(table_id)
    base, inner = definition.population.base, len(definition.headings()[0])
    printed = printed_total(key_of(AW), definition, YEAR, total)
    near = Interval(max(0, printed - base + 1), printed + base - 1)
    assert near.meets(told_of_exact(thresholds_say(definition, inner, printed), base)) == near
    if printed >= records_a_cell(definition, W):
        assert near.meets(given_away(definition, Table.only_total(printed))[TOTAL]) == near


def test_two_exact_totals_that_are_printed_alike_are_shown_alike() -> None:
    """BQ 2023: printed 6 to the working group and not to the public said that there were 4."""
    shown: dict[int, set[tuple[Grain, Grain]]] = {}
    for n in range(1, 40):
        one = contribution("notifications-by-type", Partition.BQ, by_type(n // 3, n // 3, n - 2 * (n // 3)))
        printed = printed_total(key_of(Partition.BQ), BY_TYPE, YEAR, n)
        shown.setdefault(printed, set()).add((grain(one, W), grain(one, P)))
    assert max(map(len, shown.values())) == 1
    assert len({next(iter(grains)) for grains in shown.values()}) > 1, "thresholds are at work"


def test_two_exact_tables_of_persons_that_are_printed_alike_are_shown_alike() -> None:
    """R4 is asked of the print: with one other among ten it is not to be told from five others."""
    sex = table("intakes-by-sex")
    shown: dict[tuple[tuple[int, ...], ...], set[tuple[Grain, Grain]]] = {}
    for women in range(20):
        for men in range(20):
            exact = counts(sex, (women, men))
            one = contribution(sex.id, AW, exact)
            printed = printed_table(key_of(AW), sex, YEAR, exact).cells
            shown.setdefault(printed, set()).add((grain(one, W), grain(one, P)))
    assert max(map(len, shown.values())) == 1
    assert ((5,), (10,)) in shown
    assert shown[(10,), (0,)] == {(Grain.TOTAL, Grain.TOTAL)}, "who is printed all alike is withheld"


@pytest.mark.parametrize("table_id", ["notifications-by-type", "notifications-by-source", "intakes-by-sex"])
def test_one_grain_travels_and_the_public_one_follows_from_what_is_printed(table_id: str) -> None:
    definition = table(table_id)
    rows = len(definition.headings()[0])
    made = contribution(table_id, AW, counts(definition, (9,) * rows), pooled_total=60)
    assert set(made.document()["shown"]) == {"W"}
    told = replace(made, table=None, shown={W: Shown(Grain.TOTAL)}, total=definition.population.base)
    least = records_a_cell(definition, P)
    assert grain(told, P) is (Grain.TOTAL if definition.population.base >= least else Grain.WITHHELD)
    assert find_misshape(definition, replace(made, shown={**made.shown, P: Shown(Grain.WITHHELD)})) is not None


@pytest.mark.parametrize(
    ("period", "printed", "last_day"),
    [
        (Period(2023), "2023", date(2023, 12, 31)),
        (Period(2023, quarter=1), "2023-Q1", date(2023, 3, 31)),
        (Period(2023).pooled(), "2021/2023", date(2023, 12, 31)),
    ],
)
def test_period_prints_and_ends(period: Period, printed: str, last_day: date) -> None:
    assert (str(period), period.last_day) == (printed, last_day)


def test_period_of_a_quarter_of_three_years_is_none() -> None:
    with pytest.raises(ValueError, match="quarter"):
        Period(2023, quarter=5)
    with pytest.raises(ValueError, match="quarter"):
        Period(2023, quarter=1, years=3)
    with pytest.raises(ValueError, match="year"):
        Period(2023, years=0)


def test_persons_of_three_years_are_the_last_rung_and_have_no_threshold_in_the_working_group() -> None:
    """Else an island with one victim a year would be blank for ever, and the blank would say: fewer than five."""
    sex = table("victims-by-sex")
    made = contribution(sex.id, Partition.SX, counts(sex, (1, 0)), pooled_total=3)
    assert (grain(made, W), made.total) == (Grain.POOLED, None)
    assert made.pooled in {0, 5}
    assert grain(made, P) is (Grain.POOLED if made.pooled else Grain.WITHHELD), "by the figure that is printed"
    together = table("victims-by-form-three-years")
    whole = contribution(together.id, Partition.SX, counts(together, (2, 1, 0)), of=Period(2023, years=3))
    assert (grain(whole, W), whole.table) == (Grain.TOTAL, None)
    assert whole.total in {0, 5}
    assert grain(whole, P) is (Grain.TOTAL if whole.total else Grain.WITHHELD)


@pytest.mark.parametrize(
    ("said", "base", "exact"),
    [
        (Interval(6, 9), 3, Interval(4, 11)),  # 4 rounds up to 6, 11 down to 9; 3 and 12 are printed as they are
        (Interval(6, 6), 1, Interval(6, 6)),
        (Interval(0, 3), 3, Interval(0, 5)),
        (Interval(30, ENDLESS), 5, Interval(26, ENDLESS)),
    ],
)
def test_what_a_rounded_number_tells_of_the_exact_one_is_less_than_a_rounding_away(
    said: Interval, base: int, exact: Interval
) -> None:
    assert told_of_exact(said, base) == exact
