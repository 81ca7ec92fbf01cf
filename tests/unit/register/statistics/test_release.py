"""The regional release, its life, and the rules that every node runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from register.statistics.definition import Tier
from register.statistics.period import Period
from register.statistics.release.assemble import Candidate, assemble_release
from register.statistics.release.contribution import Contribution, ContributionRefused, Grain, Shown
from register.statistics.release.ledger import Ledger, OutsideFact
from register.statistics.release.life import BreachFound, Life, OtherBytes, ReleaseState, SamePerson, WrongState
from register.statistics.release.release import Cell, Marker
from register.statistics.tables import Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import (
    CATALOGUE,
    ISLANDS,
    YEAR,
    by_type,
    contribution,
    contributions,
    counts,
    grain,
    table,
)

W, P = Tier.WORKING_GROUP, Tier.PUBLIC
BY_TYPE = "notifications-by-type"
DENSE = {country: by_type(21, 8, 31) for country in ISLANDS}
TOTAL_OF_AW = OutsideFact(Partition.AW, "notifications", YEAR, frozenset(), 24, "annual report 2023")


def candidate(
    tier: Tier,
    received: list[tuple[Contribution, str]] | None = None,
    ledger: Ledger | None = None,
    table_id: str = BY_TYPE,
    of: Period = YEAR,
) -> Candidate:
    parts = contributions() if received is None else received
    return assemble_release(CATALOGUE, table(table_id), tier, of, parts, ledger or Ledger())


def figures(found: Candidate, area: str) -> dict[str, Cell]:
    return {cell.row: cell for cell in found.release.figures(area)}


def test_order_of_arrival_changes_no_byte() -> None:
    made = {candidate(W, list(order)).release.canonical() for order in permutations(contributions())}
    assert len(made) == 1


def test_release_is_the_same_after_a_restore() -> None:
    """Nodes that read the contributions back from their bytes compute the same release."""
    back = [(Contribution.read(json.loads(c.canonical())), signature) for c, signature in contributions()]
    assert candidate(W, back).release.digest == candidate(W).release.digest
    assert len({candidate(P, contributions()).release.digest for _ in range(100)}) == 1


def test_countries_stand_side_by_side_and_the_netherlands_apart() -> None:
    parts = [*contributions(), (contribution(BY_TYPE, Partition.NL, by_type(300, 50, 450)), "nl")]
    found = candidate(W, parts)
    assert [c.area for c in found.release.cells if c.row == "ALL"] == ["AW", "BQ", "CW", "SX", "CARIBBEAN", "NL"]
    region = figures(found, "CARIBBEAN")
    assert region["ALL"].value == sum(c.total or 0 for c, _ in contributions())
    assert region["ALL"].value < 100


def test_regional_figures_are_the_sums_of_what_stands_beside_them() -> None:
    found = candidate(W, contributions(DENSE))
    region = figures(found, "CARIBBEAN")
    for row in ("HT", "MS", "OTHER", "ALL"):
        assert region[row].value == sum(figures(found, c.value)[row].value or 0 for c in DENSE)
        assert region[row].reach == 4 * 2


@pytest.mark.parametrize("more", range(12))
def test_true_sum_lies_in_the_range_that_the_public_brief_prints(more: int) -> None:
    """C34: rounded by each island to threes and once more to fives, a sum is off by both."""
    exact = {country: by_type(21 + more, 8 + n, 31 + more * n) for n, country in enumerate(ISLANDS)}
    region = figures(candidate(P, contributions(exact)), "CARIBBEAN")
    for place, row in enumerate(("HT", "MS", "OTHER")):
        assert abs((region[row].value or 0) - sum(one.row_totals[place] for one in exact.values())) <= region[row].reach
    assert {region[row].reach for row in ("HT", "MS", "OTHER", "ALL")} == {4 * 2 + 4}


def test_a_total_is_over_the_same_countries_as_its_rows() -> None:
    """C38: rows over three islands under a total over four would not add up, and say nothing of the fourth."""
    thin = {**DENSE, Partition.BQ: by_type(1, 0, 5)}
    found = candidate(W, contributions(thin))
    assert found.release.coverage == (Partition.AW, Partition.CW, Partition.SX)
    assert figures(found, "BQ")["HT"].value is None
    assert figures(found, "BQ")["ALL"].value, "stands apart, beside the sum"
    region = figures(found, "CARIBBEAN")
    assert region["ALL"].value == sum(region[row].value or 0 for row in ("HT", "MS", "OTHER"))
    assert {cell.reach for cell in region.values()} == {3 * 2}


def test_thin_countries_show_their_total_and_one_marker() -> None:
    thin = {**ISLANDS, Partition.BQ: by_type(1, 0, 3)}
    found = candidate(W, contributions(thin))
    bq = figures(found, "BQ")
    assert {bq[row].marker for row in ("HT", "MS", "OTHER")} == {Marker.WITHHELD}
    assert bq["ALL"].value in {3, 6}
    assert figures(found, "CARIBBEAN")["HT"].value is not None


def test_missing_country_is_not_reported_and_never_zero() -> None:
    found = candidate(W, contributions()[:3])
    sx = figures(found, "SX")
    assert {(c.value, c.marker) for c in sx.values()} == {(None, Marker.NOT_REPORTED)}


def test_table_that_no_record_holds_is_not_reported_anywhere() -> None:
    parts = [(contribution("victims-by-movement", c, None), "s") for c in ISLANDS]
    found = candidate(W, parts, table_id="victims-by-movement")
    assert {(c.value, c.marker) for c in found.release.cells} == {(None, Marker.NOT_REPORTED)}


@pytest.mark.parametrize("tier", [W, P])
def test_exact_table_that_nobody_contributed_to_is_not_zero(tier: Tier) -> None:
    found = candidate(tier, [], table_id="trainings-by-recipient")
    assert {(c.value, c.marker) for c in found.release.cells} == {(None, Marker.NOT_REPORTED)}


def test_exact_figures_of_a_broken_partner_do_not_get_in() -> None:
    """Base 1 is for process counts and trainings; a document cannot choose it for itself."""
    part = contributions()[0][0]
    exact = replace(part, base=1, table=by_type(7, 1, 16), total=24)
    for wrong in (
        exact,
        replace(part, version=2),
        replace(part, period=Period(2022)),
        replace(part, table=Table(("HT", "MS", "REST"), ("ALL",), ((9,), (0,), (15,))), total=24),
    ):
        with pytest.raises(ContributionRefused):
            candidate(W, [(wrong, "aw")])


@pytest.mark.parametrize("other", [{"ruleset": "regional/0"}, {"catalogue": "0"}])
@pytest.mark.parametrize("tier", [W, P])
def test_country_with_other_rules_is_not_reported_and_the_rest_is_released(other: dict[str, Any], tier: Tier) -> None:
    parts = contributions(DENSE)
    behind = (replace(parts[0][0], **other), parts[0][1])
    found = candidate(tier, [behind, *parts[1:]])
    without = candidate(tier, parts[1:])
    assert found.release.canonical() == without.release.canonical()
    assert {c.marker for c in figures(found, "AW").values()} == {Marker.NOT_REPORTED}
    assert [(r.code, "AW" in r.says) for r in found.withheld] == [("made-by-other-rules", True)]
    assert not found.refusals


def test_country_contributes_once() -> None:
    part = contributions()[0]
    with pytest.raises(ContributionRefused, match="one contribution"):
        candidate(W, [part, part])


def test_table_for_the_working_group_only_is_not_shown_to_the_public() -> None:
    dense = table("victims-status-by-form")
    part = contribution(dense.id, Partition.AW, counts(dense, ((30,) * 3,) * 4), signs_public=True)
    assert part.table is not None
    shown = candidate(P, [(part, "aw")], table_id=dense.id)
    assert {cell.marker for cell in shown.release.figures("AW")} == {Marker.WITHHELD}


def test_second_grain_beside_the_working_groups_is_refused() -> None:
    """It is a second bound on the same exact figures, decided by who knows where."""
    part = contribution("notifications-by-type", Partition.AW, by_type(7, 1, 16))
    second = replace(part, shown={**part.shown, P: Shown(Grain.WITHHELD)})
    with pytest.raises(ContributionRefused, match="one grain"):
        candidate(P, [(second, "aw")])


def test_contribution_of_earlier_rules_reads_back_to_the_bytes_that_were_signed() -> None:
    part = contribution("notifications-by-type", Partition.AW, by_type(7, 1, 16))
    earlier = replace(part, ruleset="regional/2", shown={**part.shown, P: Shown(Grain.FULL)})
    assert Contribution.read(earlier.document()).digest == earlier.digest
    assert figures(candidate(W, [(earlier, "aw")]), "AW")["ALL"].marker is Marker.NOT_REPORTED


def test_row_that_a_country_does_not_keep_is_not_applicable() -> None:
    channel = table("notifications-by-channel")
    with_desk = channel.count([{"channel": c} for c in ("EMAIL", "PHONE", "WALK_IN") for _ in range(9)], ["WALK_IN"])
    plain = channel.count([{"channel": c} for c in ("EMAIL", "PHONE") for _ in range(9)])
    parts = [
        (contribution(channel.id, Partition.AW, with_desk), "aw"),
        (contribution(channel.id, Partition.CW, plain), "cw"),
    ]
    found = candidate(W, parts, table_id=channel.id)
    assert figures(found, "AW")["WALK_IN"].value == 9
    assert figures(found, "CW")["WALK_IN"].marker is Marker.NOT_APPLICABLE


def test_fewer_than_three_countries_make_no_regional_figure() -> None:
    found = candidate(W, contributions()[:2])
    assert [r.code for r in found.withheld] == ["too-few-contributors"]
    assert {c.marker for c in figures(found, "CARIBBEAN").values()} == {Marker.WITHHELD}


def test_country_whose_figure_is_public_does_not_count_as_contributor() -> None:
    parts = [p for p in contributions(DENSE) if p[0].country is not Partition.BQ]
    assert candidate(W, parts).withheld == ()
    known = candidate(W, parts, Ledger().with_fact(replace(TOTAL_OF_AW, value=60)))
    assert [r.code for r in known.withheld] == ["too-few-contributors"]


def test_a_figure_that_its_country_contradicts_is_left_out_and_counts_as_public_all_the_same() -> None:
    """Which word is true nobody knows: the figure is not printed, and no sum is built on its secrecy."""
    parts = [p for p in contributions(DENSE) if p[0].country is not Partition.BQ]
    known = candidate(W, parts, Ledger().with_fact(replace(TOTAL_OF_AW, value=9_000)))
    assert (figures(known, "AW")["ALL"].value, figures(known, "AW")["ALL"].marker) == (None, Marker.WITHHELD)
    assert [r.code for r in known.withheld] == ["figure-disagrees", "too-few-contributors"]
    assert known.refusals == ()


@pytest.mark.parametrize(("where", "value"), [({}, 9_000), ({"signal_type": "HT"}, 9_000), ({"signal_type": "HT"}, 0)])
def test_figures_are_compared_where_the_table_has_them(where: dict[str, str], value: int) -> None:
    fact = OutsideFact(Partition.AW, "notifications", YEAR, frozenset(where.items()), value, "made up")
    known = candidate(W, contributions(DENSE), Ledger().with_fact(fact))
    assert [r.code for r in known.withheld][:1] == ["figure-disagrees"]
    row = where.get("signal_type", "ALL")
    assert {r: c.value is None for r, c in figures(known, "AW").items()} == {
        r: r == row for r in ("HT", "MS", "OTHER", "ALL")
    }


def test_figures_that_cannot_be_true_together_are_all_left_out() -> None:
    """Each of them lies within the rounding; their sum and the total do not."""
    of = {"HT": 23, "MS": 10, "OTHER": 33}
    ledger = Ledger().with_fact(replace(TOTAL_OF_AW, value=58))
    for row, value in of.items():
        ledger = ledger.with_fact(replace(TOTAL_OF_AW, where=frozenset({("signal_type", row)}), value=value))
    known = candidate(W, contributions(DENSE), ledger)
    assert [r.code for r in known.withheld] == ["figure-disagrees"] * 4
    assert known.refusals == ()


def test_published_figure_is_printed_exact_and_marked() -> None:
    found = candidate(W, None, Ledger().with_fact(TOTAL_OF_AW))
    total = figures(found, "AW")["ALL"]
    assert (total.value, total.marker, total.reach) == (24, Marker.AS_PUBLISHED, 0)


def test_brief_holds_no_country_that_has_not_signed() -> None:
    found = candidate(P, contributions(DENSE))
    assert {c.area for c in found.release.cells if c.value is not None} == {"CARIBBEAN"}
    assert all(c.value is None or c.value % 5 == 0 for c in found.release.cells)


def test_country_that_signed_has_a_row_in_the_brief() -> None:
    signed = [(contribution(BY_TYPE, Partition.AW, DENSE[Partition.AW], signs_public=True), "aw")]
    parts = signed + [p for p in contributions(DENSE) if p[0].country is not Partition.AW]
    found = candidate(P, parts)
    assert figures(found, "AW")["ALL"].value in {55, 60, 65}
    assert found.withheld == ()
    fewer = candidate(P, parts[:3])
    assert [r.code for r in fewer.withheld] == ["too-few-contributors"]


def test_brief_is_a_function_of_the_working_groups_table() -> None:
    """Never a second draw: the same rounded contributions make the same brief, whatever was rounded."""
    again = [(Contribution.read(c.document()), s) for c, s in contributions(DENSE)]
    assert candidate(P, again).release.cells == candidate(P, contributions(DENSE)).release.cells


def test_brief_shows_only_the_total_where_one_country_is_down_to_it() -> None:
    """Else the rows and the total would differ by that one country."""
    found = candidate(P, contributions({**DENSE, Partition.BQ: by_type(2, 0, 6)}))
    region = figures(found, "CARIBBEAN")
    assert region["ALL"].value is not None
    assert {region[row].value for row in ("HT", "MS", "OTHER")} == {None}


def test_second_draw_of_one_revision_is_refused() -> None:
    first, other = (contribution(BY_TYPE, Partition.AW, t) for t in (by_type(7, 1, 16), by_type(9, 1, 30)))
    ledger = Ledger().with_contributions(table(BY_TYPE), [first])
    assert candidate(W, [(first, "aw")], ledger).refusals == ()
    assert "drawn-again" in {r.code for r in candidate(W, [(other, "aw")], ledger).refusals}


def test_figure_that_public_facts_and_the_table_give_away_is_refused_by_r7() -> None:
    """Printed 6, 3, 15. Public are the total 22 and the first row 8: the rest is 14, and 1 + 13 is the least it can be.

    Neither the facts nor the table alone tell the 1.
    """
    part = replace(contributions()[0][0], table=Table(("HT", "MS", "OTHER"), ("ALL",), ((6,), (3,), (15,))), total=24)
    row = OutsideFact(Partition.AW, "notifications", YEAR, frozenset({("signal_type", "HT")}), 8, "report")
    total = replace(TOTAL_OF_AW, value=22)
    assert candidate(W, [(part, "aw")], Ledger().with_fact(row)).refusals == ()
    assert candidate(W, [(part, "aw")], Ledger().with_fact(total)).refusals == ()
    both = candidate(W, [(part, "aw")], Ledger().with_fact(row).with_fact(total))
    assert [r.code for r in both.refusals] == ["recoverable"]


def test_what_facts_alone_give_away_is_not_held_against_the_table() -> None:
    part = contributions()[0][0]
    facts = Ledger().with_fact(TOTAL_OF_AW)
    for code, value in (("HT", 7), ("MS", 1)):
        where = frozenset({("signal_type", code)})
        facts = facts.with_fact(OutsideFact(Partition.AW, "notifications", YEAR, where, value, "report"))
    assert candidate(W, [(part, "aw")], facts).refusals == ()


def test_total_of_three_years_that_gives_a_year_away_is_refused() -> None:
    """4, 4 and 0 printed as 6, 6 and withheld, and together as 6: the years can only be 4, 4 and 0."""
    ledger = Ledger()
    for year in (2021, 2022):
        early = contribution(BY_TYPE, Partition.SX, by_type(0, 0, 6), of=Period(year))
        assert early.total == 6
        ledger = ledger.with_contributions(table(BY_TYPE), [early])
    late = contribution(BY_TYPE, Partition.SX, by_type(0, 0, 0), pooled_total=6)
    assert grain(late, W) is Grain.POOLED
    assert "recoverable" in {r.code for r in candidate(W, [(late, "sx")], ledger).refusals}
    roomy = contribution(BY_TYPE, Partition.SX, by_type(0, 0, 0), pooled_total=12)
    assert candidate(W, [(roomy, "sx")], ledger).refusals == ()


def test_rows_of_three_years_that_give_a_year_away_are_refused() -> None:
    """Smuggling printed 3, 3 and 0 in three years and 0 for all three together: it can only be 1, 1 and 0."""
    three_years = table("notifications-by-type-three-years")

    def printed(table_id: str, of: Period, *figures: int) -> Contribution:
        made = contribution(table_id, Partition.AW, by_type(30, 30, 30), of=of)
        return replace(
            made, table=Table(("HT", "MS", "OTHER"), ("ALL",), tuple((n,) for n in figures)), total=sum(figures)
        )

    ledger = Ledger().with_contributions(
        table(BY_TYPE),
        [printed(BY_TYPE, Period(year), 30, smuggling, 30) for year, smuggling in ((2021, 3), (2022, 3), (2023, 0))],
    )
    of = Period(2023, years=3)
    for smuggling, codes in ((0, ["recoverable"]), (3, [])):
        part = printed(three_years.id, of, 90, smuggling, 90)
        found = candidate(W, [(part, "aw")], ledger, three_years.id, of)
        assert [r.code for r in found.refusals] == codes
    backwards = Ledger().with_contributions(three_years, [printed(three_years.id, of, 90, 0, 90)])
    backwards = backwards.with_contributions(
        table(BY_TYPE), [printed(BY_TYPE, Period(y), 30, 3, 30) for y in (2021, 2022)]
    )
    last = printed(BY_TYPE, Period(2023), 30, 0, 30)
    assert [r.code for r in candidate(W, [(last, "aw")], backwards).refusals] == ["recoverable"]


def test_linked_tables_that_disagree_are_refused() -> None:
    source = table("notifications-by-source")
    exact = source.count([{"source": "CITIZEN"}] * 60)
    ledger = Ledger().with_contributions(source, [contribution(source.id, Partition.AW, exact)])
    assert "disagrees" in {r.code for r in candidate(W, contributions(), ledger).refusals}


@pytest.mark.parametrize(
    "change",
    [
        {"total": 25},
        {"cells": [[7], [1], [16]]},
        {"base": 4},
        {"shown": {"W": {"grain": "withheld", "instead": None}}},
        {"country": "DE"},
        {"cells": [["6"], [0], [18]]},
        {"revision": -1},
        {"rows": ["HT", "HT", "OTHER"]},
    ],
)
def test_contribution_that_our_rules_cannot_have_made_is_refused(change: dict[str, object]) -> None:
    document = contributions()[0][0].document()
    assert Contribution.read(document) == contributions()[0][0]
    with pytest.raises(ContributionRefused):
        Contribution.read({**document, **change})


def life() -> Life:
    return Life("d1", drafted_by="anna")


def test_release_is_approved_by_two_others_and_then_frozen() -> None:
    done = life().attacked("d1", breaches=0).approved("d1", by="bea").approved("d1", by="cor").frozen("d1")
    assert (done.state, done.approved_by) == (ReleaseState.FROZEN, ("bea", "cor"))
    assert done.superseded("d2").state is ReleaseState.SUPERSEDED


def test_breach_stops_a_release() -> None:
    with pytest.raises(BreachFound):
        life().attacked("d1", breaches=1)


@pytest.mark.parametrize("by", ["anna", "bea"])
def test_nobody_approves_their_own_draft_or_twice(by: str) -> None:
    one = life().attacked("d1", breaches=0).approved("d1", by="bea")
    with pytest.raises(SamePerson):
        one.approved("d1", by=by)


def test_other_bytes_than_those_attacked_are_not_approved() -> None:
    with pytest.raises(OtherBytes):
        life().attacked("d1", breaches=0).approved("d2", by="bea")


def test_steps_are_taken_in_their_order_only() -> None:
    attacked = life().attacked("d1", breaches=0)
    steps: list[Callable[[], Life]] = [
        lambda: life().approved("d1", by="bea"),
        lambda: life().frozen("d1"),
        lambda: attacked.frozen("d1"),
        lambda: attacked.approved("d1", by="bea").frozen("d1"),
        lambda: attacked.attacked("d1", breaches=0),
        lambda: life().superseded("d2"),
    ]
    for step in steps:
        with pytest.raises(WrongState):
            step()


def test_release_can_be_superseded_only_by_another() -> None:
    frozen = Life("d1", "anna", ReleaseState.FROZEN, ("bea", "cor"))
    with pytest.raises(OtherBytes):
        frozen.superseded("d1")


def test_total_of_three_years_stands_in_the_place_of_the_years_and_is_marked() -> None:
    """The ladder does not end in a blank."""
    sex = table("victims-by-sex")
    parts = [
        (contribution(sex.id, country, Table.one_way({"FEMALE": 1, "MALE": 1}), pooled_total=7), "s")
        for country in ISLANDS
    ]
    found = candidate(W, parts, table_id=sex.id)
    for country in ISLANDS:
        cells = figures(found, country.value)
        assert cells["ALL"].marker is Marker.POOLED
        assert (cells["ALL"].value in {5, 10}, cells["ALL"].reach) == (True, 4)
        assert cells["FEMALE"].marker is Marker.WITHHELD
    assert figures(found, "CARIBBEAN")["ALL"].marker is Marker.WITHHELD


def test_total_of_three_years_is_public_only_where_its_coordinator_signed() -> None:
    sex = table("victims-by-sex")
    exact = Table.one_way({"FEMALE": 1, "MALE": 1})
    signed, silent = (
        contribution(sex.id, c, exact, pooled_total=7, signs_public=c is Partition.AW)
        for c in (Partition.AW, Partition.CW)
    )
    found = candidate(P, [(signed, "aw"), (silent, "cw")], table_id=sex.id)
    assert figures(found, "AW")["ALL"].marker is Marker.POOLED
    assert figures(found, "CW")["ALL"].marker is Marker.WITHHELD
