"""The rules for any figures: what is let through obeys them, and what is refused says why."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from register.statistics.definition import Tier, Unit, all_nest, is_nested
from register.statistics.release.assemble import assemble_release
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.release.ledger import Ledger
from register.statistics.release.regional_rules import check_contributors, check_dominance
from register.statistics.release.release import CARIBBEAN, Marker
from register.statistics.rules.rules import check_homogeneity, check_revision
from register.statistics.tables import Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, YEAR, contribution, counts, grain, table

ONE_WAY = ("notifications-by-type", "notifications-by-source", "intakes-by-sex", "victims-by-form")
W, P = Tier.WORKING_GROUP, Tier.PUBLIC


@st.composite
def figures(draw: st.DrawFn, table_id: str, *, most: int = 40) -> Table:
    definition = table(table_id)
    height = len(definition.headings()[0])
    return counts(definition, draw(st.lists(st.integers(0, most), min_size=height, max_size=height)))


@given(st.data(), st.sampled_from(ONE_WAY))
def test_what_is_shown_in_full_is_dense_and_not_alike(data: st.DataObject, table_id: str) -> None:
    """R3 and R4, checked by hand on what comes out."""
    exact = data.draw(figures(table_id))
    definition = table(table_id)
    made = contribution(table_id, Partition.AW, exact, pooled_total=exact.total)
    for tier in (W, P):
        if grain(made, tier) is Grain.FULL:
            persons = definition.population.unit is Unit.PERSONS
            assert made.table is not None
            assert made.table.total >= (5 if persons or tier is P else 3) * len(exact.rows)
            assert not persons or made.table.total - max(made.table.row_totals) >= 2
    ranks = [Grain.FULL, Grain.TOTAL, Grain.POOLED, Grain.WITHHELD]
    assert ranks.index(grain(made, P)) >= ranks.index(grain(made, W))


@given(st.data(), st.sampled_from(ONE_WAY))
def test_nothing_exact_leaves_the_owner(data: st.DataObject, table_id: str) -> None:
    made = contribution(table_id, Partition.CW, data.draw(figures(table_id)))
    numbers = [n for line in made.table.cells for n in line] if made.table else []
    assert all(n % made.base == 0 for n in [*numbers, made.total or 0, made.pooled or 0])
    assert made == Contribution.read(made.document())


@given(st.data(), st.sampled_from(ONE_WAY), st.randoms(use_true_random=False))
def test_release_adds_up_in_any_order_of_arrival(data: st.DataObject, table_id: str, random: object) -> None:
    parts = [(contribution(table_id, c, data.draw(figures(table_id))), c.value) for c in Partition]
    orders = list(permutations(parts))
    order = list(orders[getattr(random, "randrange")(len(orders))])  # noqa: B009 - a random of hypothesis
    for tier in (W, P):
        one = assemble_release(CATALOGUE, table(table_id), tier, YEAR, parts, Ledger())
        assert (
            assemble_release(CATALOGUE, table(table_id), tier, YEAR, order, Ledger()).release.digest
            == one.release.digest
        )
        for area in {c.area for c in one.release.cells}:
            cells = one.release.figures(area)
            inner = [c.value for c in cells if c.row != "ALL"]
            if None not in inner and (area != "CARIBBEAN" or tier is P):
                assert sum(v or 0 for v in inner) == cells[-1].value
        base = one.release.base
        assert all(c.value is None or c.value % base == 0 for c in one.release.cells)


@given(st.data(), st.sampled_from(ONE_WAY), st.sets(st.sampled_from(CARIBBEAN)))
def test_regional_figure_has_three_contributors(data: st.DataObject, table_id: str, who: set[Partition]) -> None:
    """R5."""
    parts = [(contribution(table_id, c, data.draw(figures(table_id))), c.value) for c in sorted(who)]
    for tier in (W, P):
        release = assemble_release(CATALOGUE, table(table_id), tier, YEAR, parts, Ledger()).release
        full = [c for c, _ in parts if grain(c, tier) is Grain.FULL]
        total = [c for c, _ in parts if grain(c, tier) in {Grain.FULL, Grain.TOTAL}]
        cells = release.figures("CARIBBEAN")
        assert cells[-1].value is None or len(total) >= 3
        assert all(c.value is None for c in cells[:-1]) or len(full) >= 3
        assert all(c.value is not None or c.marker in {Marker.WITHHELD, Marker.NOT_REPORTED} for c in cells)


@given(st.data())
def test_homogeneity_refuses_exactly_when_fewer_than_two_differ(data: st.DataObject) -> None:
    exact = data.draw(figures("victims-by-form", most=6))
    refused = bool(check_homogeneity(table("victims-by-form"), exact))
    assert refused is (exact.total > 0 and exact.total - max(exact.row_totals) <= 1)


@given(st.data())
def test_revision_passes_only_with_five_changes_or_none(data: st.DataObject) -> None:
    before, after = (data.draw(figures("notifications-by-type", most=8)) for _ in range(2))
    changed = before.changed_records(after)
    assert bool(check_revision(1, after, [before])) is (0 < changed < 5)
    assert changed == after.changed_records(before)


@given(st.lists(st.integers(0, 30).map(lambda n: 3 * n), max_size=6))
def test_dominance_asks_for_a_tenth_of_the_largest(figures_: list[int]) -> None:
    ordered = sorted(figures_, reverse=True)
    room = sum(ordered[2:]) + 2
    assert bool(check_dominance(figures_, 3)) is (bool(ordered) and room < ordered[0] / 10)


@given(st.integers(0, 10))
def test_contributors_are_three_or_more(unpublished: int) -> None:
    assert bool(check_contributors(unpublished)) is (unpublished < 3)


groupings = st.lists(st.sampled_from("xyz"), min_size=5, max_size=5).map(
    lambda rows: dict(zip("abcde", rows, strict=True))
)


@given(groupings, groupings)
def test_groupings_nest_when_no_two_groups_overlap_in_part(one: dict[str, str], other: dict[str, str]) -> None:
    """Two families of groups in which any two groups are apart or one lies within the other, all one way."""

    def groups(of: dict[str, str]) -> list[set[str]]:
        return [{c for c in of if of[c] == row} for row in set(of.values())]

    finer = all(any(a <= b for b in groups(other)) for a in groups(one))
    assert is_nested(one, other) is finer
    assert all_nest({"1": one, "2": other}) is (finer or is_nested(other, one))
