"""Tables of three variables and linked tables: worked examples with known answers, limits and refusals."""

from __future__ import annotations

import sys
from itertools import product

import pytest

from register.statistics.deduction import Contradiction, Interval
from register.statistics.refusals import Refusal
from register.statistics.rules.rounding import RoundingError, Seeds, derive_seeds, rounded_total
from register.statistics.rules.solver import Highs, find_installed_solver
from register.statistics.rules.three_way import (
    CELLS_MAX,
    WHOLE,
    Cube,
    NoRounding,
    Place,
    SolverTimeout,
    of_rounded_cube,
    ranges_of_cube,
    rounded_cube,
    seeds_of_cube,
)
from register.statistics.tables import Table

SECONDS = 60.0
KEY = b"k" * 32


def cube_of(sides: tuple[int, int, int], *counts: int) -> Cube:
    """A cube from its counts in order."""
    return Cube(sides, dict(zip(Cube(sides, {}).cells(), counts, strict=True)))


LADDER = cube_of((4, 2, 3), 5, 2, 0, 3, 1, 0, 2, 2, 1, 0, 4, 0, 1, 1, 0, 2, 0, 1, 6, 3, 0, 1, 2, 2)
"""Made up: status by sex by form."""


def exact(cube: Cube, *places: Place) -> dict[Place, Interval]:
    return {place: Interval(cube.at(place), cube.at(place)) for place in places}


def margins(cube: Cube, *sides: tuple[bool, bool, bool]) -> dict[Place, Interval]:
    """What is known with tables of these sides published exact."""
    kept = [p for p in cube.places() if tuple(at is not None for at in p) in sides]
    return exact(cube, *kept)


def test_bounds_of_two_linked_tables_are_those_of_the_literature() -> None:
    """Dobra and Fienberg: with a x b and b x c known, a cell is from max(0, ab + bc - b) to min(ab, bc)."""
    known = margins(LADDER, (True, True, False), (False, True, True))
    found = Highs().ranges(LADDER, known, SECONDS)
    for i, j, k in LADDER.cells():
        ab, bc, b = LADDER.at((i, j, None)), LADDER.at((None, j, k)), LADDER.at((None, j, None))
        assert found[i, j, k] == (max(0, ab + bc - b), min(ab, bc))


def test_cube_of_two_by_two_by_two_has_one_way_to_move() -> None:
    """With all three faces known, adding one to a cell takes one from or adds one to each other: a single range."""
    cube = cube_of((2, 2, 2), 3, 5, 4, 1, 2, 6, 7, 2)
    known = margins(cube, (True, True, False), (True, False, True), (False, True, True))
    found = Highs().ranges(cube, known, SECONDS)
    even = [cell for cell in cube.cells() if sum(cell) % 2 == 0]
    odd = [cell for cell in cube.cells() if sum(cell) % 2]
    up, down = min(cube.counts[c] for c in odd), min(cube.counts[c] for c in even)
    for cell in even:
        assert found[cell] == (cube.counts[cell] - down, cube.counts[cell] + up)
    for cell in odd:
        assert found[cell] == (cube.counts[cell] - up, cube.counts[cell] + down)


def test_exact_faces_give_a_cell_away_and_rounded_ones_do_not() -> None:
    """Negative control: a zero that is seen settles the whole cube."""
    cube = cube_of((2, 2, 2), 3, 0, 4, 1, 2, 6, 7, 0)
    faces = margins(cube, (True, True, False), (True, False, True), (False, True, True))
    known = {**faces, (0, 0, 1): Interval(0, 0), (1, 1, 1): Interval(0, 0)}
    assert all(interval.is_exact for interval in Highs().ranges(cube, known, SECONDS).values())
    made = rounded_cube(LADDER, 5, seeds_of_cube(KEY, "t/1", "victims", "2023", LADDER), Highs())
    assert isinstance(made, Cube)
    found = ranges_of_cube(made, of_rounded_cube(made, 5), Highs())
    assert not isinstance(found, Refusal)
    assert not [p for p, i in found.items() if i.is_exact and i.low > 0]


def test_linked_two_way_tables_agree_since_they_are_faces_of_one_rounding() -> None:
    made = Highs().rounded(LADDER, 5, Seeds(b"a", b"b"), SECONDS)
    for i in range(4):
        assert sum(made.at((i, j, None)) for j in range(2)) == sum(made.at((i, None, k)) for k in range(3))


def test_total_is_the_one_that_the_other_tables_of_the_population_show() -> None:
    by = seeds_of_cube(KEY, "three/1", "victims", "2023", LADDER)
    flat = Table.only_total(LADDER.at(WHOLE))
    same = derive_seeds(KEY, "other/1", "victims", "2023", flat)
    assert by.total == same.total
    assert Highs().rounded(LADDER, 5, by, SECONDS).at(WHOLE) == rounded_total(flat.total, 5, same)


def test_changed_table_is_drawn_anew() -> None:
    more = Cube(LADDER.sides, {**LADDER.counts, (0, 0, 0): 6})
    made = [seeds_of_cube(KEY, "t/1", "victims", "2023", cube).table for cube in (LADDER, more)]
    assert made[0] != made[1]


def test_figures_are_right_on_average_but_for_the_price_of_adding_up() -> None:
    """The nearest table that adds up is not quite the drawn one: over many keys a figure is off by a record at most."""
    draws = [Highs().rounded(LADDER, 5, Seeds(b"t%d" % n, b"s%d" % n), SECONDS) for n in range(150)]
    for cell in LADDER.cells():
        assert abs(sum(d.at(cell) for d in draws) / len(draws) - LADDER.at(cell)) < 1


def test_table_that_cannot_be_rounded_in_three_ways_is_refused() -> None:
    """In two ways there is always a controlled rounding, in three there need not be: here none with a total of 9."""
    cube = cube_of((2, 2, 2), 1, 0, 0, 2, 2, 1, 1, 1)
    places = list(cube.places())
    near = []
    for ups in product((0, 1), repeat=8):
        made = Cube(cube.sides, {
            c: n - n % 3 + 3 * up for (c, n), up in zip(cube.counts.items(), ups, strict=True)
        })  # fmt: skip
        if all(abs(made.at(p) - cube.at(p)) < 3 for p in places):
            near.append(made.at(WHOLE))
    totals = {}
    for n in range(20):
        by = Seeds(b"table", b"total%d" % n)
        totals[rounded_total(8, 3, by)] = rounded_cube(cube, 3, by, Highs())
    assert totals.keys() == {6, 9}
    for total, found in totals.items():
        if total in near:
            assert isinstance(found, Cube)
        else:
            assert getattr(found, "code", "") == "no-rounding"
    assert {6, 9} - set(near)


def test_limits_are_refusals_with_a_code() -> None:
    by = Seeds(b"a", b"b")
    large = Cube((6, 26, 1), {})
    assert large.inner > CELLS_MAX
    assert getattr(rounded_cube(large, 3, by, Highs()), "code", "") == "too-large"
    assert getattr(ranges_of_cube(large, {}, Highs()), "code", "") == "too-large"
    assert getattr(ranges_of_cube(LADDER, {}, None), "code", "") == "needs-solver"
    assert isinstance(rounded_cube(Cube((5, 5, 6), {(0, 0, 0): 4}), 3, by, Highs()), Cube)


def test_solver_stops_when_its_time_is_up() -> None:
    with pytest.raises(SolverTimeout):
        Highs().ranges(LADDER, of_rounded_cube(LADDER, 3), 1e-9)
    with pytest.raises(SolverTimeout):
        Highs().rounded(LADDER, 3, Seeds(b"a", b"b"), 0.0)


def test_bounds_that_cannot_all_hold_are_a_contradiction() -> None:
    with pytest.raises(Contradiction):
        Highs().ranges(LADDER, {WHOLE: Interval(5, 4)}, SECONDS)
    with pytest.raises(Contradiction):
        Highs().ranges(LADDER, {WHOLE: Interval(0, 4), (0, 0, 0): Interval(5, 9)}, SECONDS)


def test_base_is_three_or_five() -> None:
    with pytest.raises(RoundingError):
        Highs().rounded(LADDER, 4, Seeds(b"a", b"b"), SECONDS)


def test_without_the_extra_there_is_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(find_installed_solver(), Highs)
    monkeypatch.setitem(sys.modules, "highspy", None)
    assert find_installed_solver() is None
    assert getattr(rounded_cube(LADDER, 3, Seeds(b"a", b"b"), find_installed_solver()), "code", "") == "needs-solver"


def test_no_rounding_is_said_by_the_port() -> None:
    cube = cube_of((2, 2, 2), 1, 0, 0, 2, 2, 1, 1, 1)
    said: set[type] = set()
    for n in range(20):
        try:
            said.add(type(Highs().rounded(cube, 3, Seeds(b"t", b"x%d" % n), SECONDS)))
        except NoRounding:
            said.add(NoRounding)
    assert said == {Cube, NoRounding}
