"""Keyed rounding: unbiased, bound to key and inputs, one total a population."""

from __future__ import annotations

from collections import Counter

import pytest

from register.statistics.rules.rounding import RoundingError, derive_seeds, round_table, rounded_total
from register.statistics.tables import Spot, Table

KEY = b"k" * 32
WIDE = Table.one_way(dict.fromkeys("abcdefgh", 4))
DRAWS = 1500
SMALL = Table(("a", "b", "c"), ("x", "y"), ((1, 2), (0, 4), (7, 3)))


def draw(exact: Table, number: int, *, base: int = 3, key: bytes = KEY) -> Table:
    return round_table(exact, base, derive_seeds(key, "t/1", "p", str(number), exact))


@pytest.mark.parametrize("base", [3, 5])
@pytest.mark.parametrize("exact", [SMALL, Table.one_way({"a": 1, "b": 3, "c": 7, "d": 0})])
def test_every_figure_is_right_on_average_margins_too(exact: Table, base: int) -> None:
    """A draw is off by at most the base, so the mean of 1,500 is within about five standard errors."""
    sums: Counter[object] = Counter()
    for number in range(DRAWS):
        one = draw(exact, number, base=base)
        for spot in exact.spots():
            sums[spot] += one.at(spot)
    for spot in exact.spots():
        assert abs(sums[spot] / DRAWS - exact.at(spot)) < 0.07 * base


def test_tables_of_one_population_show_one_total() -> None:
    by_source, by_type = Table.one_way({"a": 12, "b": 9, "c": 4}), Table.one_way({"x": 7, "y": 18})
    for period in map(str, range(50)):
        seen = {
            round_table(t, 3, derive_seeds(KEY, name, "notifications", period, t)).total
            for name, t in (("source/1", by_source), ("type/1", by_type))
        }
        alone = rounded_total(25, 3, derive_seeds(KEY, "total/1", "notifications", period, Table.only_total(25)))
        assert seen == {alone}


def test_change_of_one_record_draws_all_cells_anew() -> None:
    """Otherwise the cells that stay the same point at the one that changed."""
    more = WIDE.plus(Spot(0, 0), 1)
    changed: Counter[int] = Counter()
    for number in range(60):
        before, after = draw(WIDE, number), draw(more, number)
        changed.update(i for i in range(8) if before.cells[i] != after.cells[i])
    assert min(changed[i] for i in range(8)) >= 10


def test_another_key_makes_another_table() -> None:
    assert len({draw(WIDE, 1, key=bytes([n]) * 32).cells for n in range(20)}) > 10


def test_other_periods_and_tables_are_drawn_apart() -> None:
    assert len({draw(WIDE, number).cells for number in range(20)}) > 10


def test_multiples_of_the_base_stay() -> None:
    exact = Table.one_way({"a": 0, "b": 3, "c": 300})
    assert draw(exact, 1) == exact


def test_total_alone_is_next_to_the_exact_one() -> None:
    assert {rounded_total(24, 5, derive_seeds(KEY, "t", "p", str(n), Table.only_total(24))) for n in range(40)} == {
        20,
        25,
    }


def test_short_key_and_odd_base_are_refused() -> None:
    with pytest.raises(RoundingError, match="32 bytes"):
        derive_seeds(b"short", "t", "p", "2023", SMALL)
    with pytest.raises(RoundingError, match="base"):
        round_table(SMALL, 4, derive_seeds(KEY, "t", "p", "2023", SMALL))


def test_seeds_do_not_show_themselves() -> None:
    assert repr(derive_seeds(KEY, "t", "p", "2023", SMALL)) == "Seeds(...)"


def test_parts_of_a_seed_cannot_be_shifted_into_each_other() -> None:
    a, b = derive_seeds(KEY, "t1", "p", "2", SMALL), derive_seeds(KEY, "t", "p", "12", SMALL)
    assert a.table != b.table
    assert len({derive_seeds(KEY, "t", "p", p, SMALL).total for p in ("1", "2")}) == 2


def test_rounding_keeps_its_figures_for_ever() -> None:
    """A figure once drawn is drawn the same in every later version of this program."""
    drawn = [draw(SMALL, n).cells for n in range(3)]
    assert drawn == [((3, 0), (0, 6), (6, 3)), ((0, 3), (0, 3), (6, 3)), ((3, 0), (0, 6), (6, 3))]
