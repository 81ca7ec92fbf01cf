"""Tables of three variables: the same question, behind a port, since they are no network and need a solver.

No solver ships. Where none is given the answer is a refusal, and the ladder leads to two-way tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from register.statistics.attack import Interval
from register.statistics.refusals import Refusal, Rule

CELLS_MAX: Final = 150
SECONDS_MAX: Final = 10.0
Place = tuple[int | None, ...]
"""A figure by its place on each side; None is the margin over that side."""


class SolverTimeout(Exception):
    """The solver has not answered in time."""


@dataclass(frozen=True, slots=True)
class Cube:
    """An exact table of three variables: sizes of its sides, and counts by place (all others are 0)."""

    sides: tuple[int, int, int]
    counts: Mapping[tuple[int, int, int], int]

    @property
    def inner(self) -> int:
        """How many inner cells there are."""
        return self.sides[0] * self.sides[1] * self.sides[2]


class Solver(Protocol):
    """An integer solver; both answers hold for margins too, and raise `SolverTimeout` after `seconds`."""

    def rounded(self, cube: Cube, base: int, seed: bytes, seconds: float, /) -> Cube:
        """A table in multiples of the base, each figure within base - 1, the same for the same seed."""

    def ranges(self, cube: Cube, bounds: Mapping[Place, Interval], seconds: float, /) -> Mapping[Place, Interval]:
        """The range of every figure of a table of that shape."""


def rounded_cube(cube: Cube, base: int, seed: bytes, solver: Solver | None = None) -> Cube | Refusal:
    """Round a table of three variables, or say why not: needs-solver, too-large or solver-timeout."""
    if cube.inner > CELLS_MAX:
        return _no("too-large", f"The table has more than {CELLS_MAX} cells.", "A table with fewer rows.")
    if solver is None:
        return _no(
            "needs-solver",
            "A table of three variables needs an integer solver, and none is installed.",
            "Read the two-way tables of its ladder, or install the optional solver.",
        )
    try:
        return solver.rounded(cube, base, seed, SECONDS_MAX)
    except SolverTimeout:
        return _no("solver-timeout", f"No rounding was found in {SECONDS_MAX:.0f} seconds.", "A coarser table.")


def _no(code: str, says: str, would_pass: str) -> Refusal:
    return Refusal(Rule.ROUNDING, code, says, would_pass)
