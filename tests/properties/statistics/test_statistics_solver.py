"""The solver answers as the flow does where both can, and as trying every table does where only it can."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from register.statistics.deduction import Contradiction, Interval, derive_ranges, of_rounded
from register.statistics.rules.rounding import Seeds, rounded_total
from register.statistics.rules.solver import Highs
from register.statistics.rules.three_way import WHOLE, Cube, NoRounding, Place, of_rounded_cube
from register.statistics.tables import Spot, Table
from tests.support.runs.examples import share_of_examples

SECONDS = 60.0
few = settings(max_examples=share_of_examples(0.5))
HIGHEST = 2
TINY = (2, 2, 1), (1, 2, 2), (2, 2, 2)


@st.composite
def two_way(draw: st.DrawFn) -> Table:
    height, width = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    row = st.tuples(*[st.integers(0, 12)] * width)
    return Table(tuple("abcd"[:height]), tuple("wxyz"[:width]), draw(st.tuples(*[row] * height)))


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    sides = draw(st.sampled_from([(2, 2, 2), (3, 2, 2), (4, 2, 3)]))
    cells = list(Cube(sides, {}).cells())
    return Cube(sides, dict(zip(cells, draw(st.tuples(*[st.integers(0, 9)] * len(cells))), strict=True)))


def as_cube(table: Table) -> Cube:
    sides = (len(table.rows), len(table.columns), 1)
    return Cube(sides, {(i, j, 0): n for i, line in enumerate(table.cells) for j, n in enumerate(line)})


def spot(place: Place) -> Spot:
    return Spot(place[0], place[1])


bounds_of_spots = st.dictionaries(
    st.tuples(st.sampled_from([None, 0, 1]), st.sampled_from([None, 0, 1])),
    st.tuples(st.integers(0, 20), st.integers(0, 9)).map(lambda p: Interval(p[0], p[0] + p[1])),
    max_size=6,
)


@given(two_way(), bounds_of_spots)
def test_ranges_of_a_two_way_table_are_those_of_the_flow(
    table: Table, said: Mapping[tuple[int | None, int | None], Interval]
) -> None:
    known = of_rounded(table, 5)
    for (row, column), interval in said.items():
        where = Spot(row, column)
        met = known[where].meets(interval)
        known[where] = met if met.low <= met.high else known[where]
    bounds: dict[Place, Interval] = {(s.row, s.column, None): i for s, i in known.items()}
    try:
        expected = derive_ranges(table, known)
    except Contradiction:
        expected = None
    try:
        found = {spot(p): i for p, i in Highs().ranges(as_cube(table), bounds, SECONDS).items()}
    except Contradiction:
        found = None
    assert found == expected


@few
@given(st.sampled_from(TINY), st.data())
def test_ranges_are_those_of_all_tables_within_the_bounds(sides: tuple[int, int, int], data: st.DataObject) -> None:
    shape = Cube(sides, {})
    cells = list(shape.cells())
    limits: dict[Place, Interval] = {cell: Interval(0, HIGHEST) for cell in cells}
    margins = [place for place in shape.places() if None in place]
    interval = st.tuples(st.integers(0, 6), st.integers(0, 3)).map(lambda p: Interval(p[0], p[0] + p[1]))
    said = data.draw(st.dictionaries(st.sampled_from(margins), interval, max_size=3))
    every = (
        Cube(sides, dict(zip(cells, counts, strict=True))) for counts in product(range(HIGHEST + 1), repeat=len(cells))
    )
    fitting = [c for c in every if all(i.low <= c.at(p) <= i.high for p, i in said.items())]
    try:
        found = Highs().ranges(shape, {**limits, **said}, SECONDS)
    except Contradiction:
        assert not fitting
        return
    for place in shape.places():
        values = [cube.at(place) for cube in fitting]
        assert found[place] == (min(values), max(values))


@given(cubes(), st.sampled_from([3, 5]), st.binary(min_size=8, max_size=8))
def test_rounded_cube_adds_up_is_near_and_is_the_same_again(cube: Cube, base: int, seed: bytes) -> None:
    by = Seeds(seed, seed + b"total")
    try:
        made = Highs().rounded(cube, base, by, SECONDS)
    except NoRounding:
        return
    assert Highs().rounded(cube, base, by, SECONDS) == made
    for place in cube.places():
        assert made.at(place) % base == 0
        assert abs(made.at(place) - cube.at(place)) < base
        assert made.at(place) == cube.at(place) or cube.at(place) % base
    assert made.at(WHOLE) == rounded_total(cube.at(WHOLE), base, by)


@few
@given(cubes(), st.binary(min_size=8, max_size=8))
def test_true_cube_is_within_what_the_rounded_one_says(cube: Cube, seed: bytes) -> None:
    try:
        made = Highs().rounded(cube, 3, Seeds(seed, seed), SECONDS)
    except NoRounding:
        return
    found = Highs().ranges(made, of_rounded_cube(made, 3), SECONDS)
    assert all(found[p].low <= cube.at(p) <= found[p].high for p in cube.places())
    assert not any(i.is_exact and i.low > 0 for i in found.values())
