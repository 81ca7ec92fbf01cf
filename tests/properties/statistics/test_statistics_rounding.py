"""R6 for any table: what controlled rounding promises, and what it lets nobody deduce."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from register.statistics.deduction import derive_ranges, of_rounded, places_of_update
from register.statistics.rules.rounding import derive_seeds, round_table, rounded_total
from register.statistics.tables import Spot, Table

bases = st.sampled_from((3, 5))
keys = st.binary(min_size=32, max_size=32)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    line = st.lists(st.integers(0, 30) | st.integers(0, 3), min_size=width, max_size=width).map(tuple)
    cells = draw(st.lists(line, min_size=height, max_size=height))
    return Table(tuple(f"r{i}" for i in range(height)), tuple(f"c{j}" for j in range(width)), tuple(cells))


@given(tables(), bases, keys)
def test_every_figure_goes_to_a_multiple_next_to_it_and_the_table_adds_up(exact: Table, base: int, key: bytes) -> None:
    """The table type adds margins up itself, so margins within the base prove additivity."""
    shown = round_table(exact, base, derive_seeds(key, "t", "p", "2023", exact))
    for spot in exact.spots():
        assert shown.at(spot) % base == 0
        assert abs(shown.at(spot) - exact.at(spot)) < base
        if exact.at(spot) % base == 0:
            assert shown.at(spot) == exact.at(spot)


@given(tables(), bases, keys)
def test_same_inputs_make_the_same_table(exact: Table, base: int, key: bytes) -> None:
    again = Table(exact.rows, exact.columns, tuple(tuple(line) for line in exact.cells))
    first = round_table(exact, base, derive_seeds(key, "t", "p", "2023", exact))
    assert first == round_table(again, base, derive_seeds(bytes(key), "t", "p", "2023", again))


@given(tables(), bases, keys)
def test_total_is_the_one_that_every_table_of_the_population_shows(exact: Table, base: int, key: bytes) -> None:
    alone = Table.only_total(exact.total)
    by = derive_seeds(key, "total", "p", "2023", alone)
    shown = round_table(exact, base, derive_seeds(key, "t", "p", "2023", exact))
    assert shown.total == rounded_total(exact.total, base, by)


@given(tables(), bases, keys)
def test_rounded_table_alone_gives_nothing_away(exact: Table, base: int, key: bytes) -> None:
    """Margins narrow no figure: any single one can be off by all that the base allows, the others as printed."""
    shown = round_table(exact, base, derive_seeds(key, "t", "p", "2023", exact))
    found = derive_ranges(shown, of_rounded(shown, base))
    assert found == of_rounded(shown, base)
    assert all(interval.low <= exact.at(spot) <= interval.high for spot, interval in found.items())
    assert all(interval.high - interval.low >= base - 1 for interval in found.values())


@given(tables(), bases, keys, st.data())
def test_update_by_one_record_points_at_no_cell(exact: Table, base: int, key: bytes, data: st.DataObject) -> None:
    cell = data.draw(st.sampled_from(list(exact.inner_spots())))
    after = exact.plus(cell, 1)
    before_shown, after_shown = (round_table(t, base, derive_seeds(key, "t", "p", "2023", t)) for t in (exact, after))
    left = places_of_update((before_shown, base), (after_shown, base))
    assert cell in left
    assert len(left) >= min(5, exact.inner)


@given(tables(), keys, st.integers(1, 9))
def test_base_3_and_5_stay_within_their_reach_for_one_way_tables(exact: Table, key: bytes, times: int) -> None:
    """The public brief rounds the sum of rounded tables again: at most 2 for each country and 4 more."""
    shown = [round_table(exact, 3, derive_seeds(key, f"t{n}", f"p{n}", "2023", exact)) for n in range(times)]
    cells = tuple(tuple(sum(s.at(Spot(i, j)) for s in shown) for _, j in row) for i, row in _by_row(exact))
    total = Table(exact.rows, exact.columns, cells)
    brief = round_table(total, 5, derive_seeds(key, "brief", "p", "2023", total))
    for spot in exact.spots():
        assert abs(brief.at(spot) - times * exact.at(spot)) <= 2 * times + 4


def _by_row(table: Table) -> list[tuple[int, list[tuple[int, int]]]]:
    return [(i, [(i, j) for j in range(len(table.columns))]) for i in range(len(table.rows))]
