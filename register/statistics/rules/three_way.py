"""Tables of three variables, and two-way tables linked through them: the same questions as `rounding` and `attack`.

Such tables are no network, so an integer solver answers, behind a port (`solver` holds the one we know). Where none is
installed, the table is too large, it takes too long, or no rounding exists, the answer is a refusal, and the ladder
leads to two-way tables. Linked two-way tables are a cube of which only some figures are printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Protocol, TypeAlias, TypeVar

from register.statistics.deduction import Interval
from register.statistics.refusals import Refusal, Rule
from register.statistics.rules.rounding import Seeds, seeds_of
from schemas.canonical import dumps_plain

CELLS_MAX: Final = 150
SECONDS_MAX: Final = 10.0
Place: TypeAlias = tuple[int | None, int | None, int | None]
"""A figure by its place on each side; None is the margin over that side."""
_T = TypeVar("_T")
WHOLE: Final[Place] = (None, None, None)


class SolverTimeout(Exception):
    """The solver has not answered in time, or not with what holds when it is checked."""


class NoRounding(Exception):
    """No table in multiples of the base is near enough to every figure: in three ways there need not be one."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A table of three variables: sizes of its sides, and counts by place (all others are 0)."""

    sides: tuple[int, int, int]
    counts: Mapping[tuple[int, int, int], int]

    @property
    def inner(self) -> int:
        """How many inner cells there are."""
        return self.sides[0] * self.sides[1] * self.sides[2]

    def cells(self) -> Iterator[tuple[int, int, int]]:
        """The inner cells in order."""
        yield from product(*map(range, self.sides))

    def places(self) -> Iterator[Place]:
        """Every figure: inner cells, margins over one side or more, the total last; a side of one has no margin."""
        yield from product(*((*range(size), *((None,) if size > 1 else ())) for size in self.sides))

    def within(self, place: Place) -> list[tuple[int, int, int]]:
        """The inner cells that a figure adds up."""
        first, second, third = (range(s) if at is None else (at,) for at, s in zip(place, self.sides, strict=True))
        return list(product(first, second, third))

    def at(self, place: Place) -> int:
        """The figure at a place."""
        return sum(self.counts.get(cell, 0) for cell in self.within(place))


class Solver(Protocol):
    """An integer solver. Both raise `SolverTimeout` after so many seconds of its work."""

    def rounded(self, cube: Cube, base: int, by: Seeds, seconds: float, /) -> Cube:
        """A table in multiples of the base, each figure within base - 1, the same for the same seeds.

        Raises `NoRounding`.
        """

    def ranges(self, cube: Cube, bounds: Mapping[Place, Interval], seconds: float, /) -> Mapping[Place, Interval]:
        """The range of every figure of a table of that shape; raises `attack.Contradiction`."""


def seeds_of_cube(key: bytes, table_id: str, population: str, period: str, exact: Cube) -> Seeds:
    """The seeds of one table, as `rounding.seeds`: the total's are those of the population's other tables."""
    counts = [[*cell, exact.counts.get(cell, 0)] for cell in exact.cells()]
    content = hashlib.sha256(dumps_plain([list(exact.sides), counts])).hexdigest()
    return seeds_of(key, table_id, population, period, content, exact.at(WHOLE))


def rounded_cube(cube: Cube, base: int, by: Seeds, solver: Solver | None = None) -> Cube | Refusal:
    """Round a table of three variables, or say why not: needs-solver, too-large, solver-timeout or no-rounding."""
    return _ask_solver(cube, solver, lambda one: one.rounded(cube, base, by, SECONDS_MAX))


def ranges_of_cube(
    cube: Cube, bounds: Mapping[Place, Interval], solver: Solver | None = None
) -> Mapping[Place, Interval] | Refusal:
    """Return what a reader can deduce of every figure, or say why that cannot be told.

    Args:
        cube: gives the shape; its counts are not looked at.
        bounds: by place; a place left out is any count. For linked tables, those of their figures.
        solver: None where none is installed.

    Raises:
        attack.Contradiction: no table is within all bounds.
    """
    return _ask_solver(cube, solver, lambda one: one.ranges(cube, bounds, SECONDS_MAX))


def of_rounded_cube(cube: Cube, base: int) -> dict[Place, Interval]:
    """What a rounded table says about the exact one: every figure within base - 1, none below 0."""
    reach = base - 1
    printed = {place: cube.at(place) for place in cube.places()}
    return {place: Interval(max(0, n - reach), n + reach) for place, n in printed.items()}


def _ask_solver(cube: Cube, solver: Solver | None, question: Callable[[Solver], _T]) -> _T | Refusal:
    if cube.inner > CELLS_MAX:
        return _refuse_table("too-large", f"The table has more than {CELLS_MAX} cells.", "A table with fewer rows.")
    if solver is None:
        return _refuse_table(
            "needs-solver",
            "A table of three variables needs an integer solver, and none is installed.",
            "Read the two-way tables of its ladder, or install the optional solver.",
        )
    try:
        return question(solver)
    except SolverTimeout:
        return _refuse_table(
            "solver-timeout", f"The solver has not answered in {SECONDS_MAX:.0f} seconds.", "A coarser table."
        )
    except NoRounding:
        return _refuse_table(
            "no-rounding", "The table cannot be rounded so that it adds up in all three ways.", "A coarser table."
        )


def _refuse_table(code: str, says: str, would_pass: str) -> Refusal:
    return Refusal(Rule.ROUNDING, code, says, would_pass)
