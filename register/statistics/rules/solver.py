"""The integer solver HiGHS behind the port of `three_way`; an optional extra, imported only when it is asked for.

What it answers is checked in whole numbers before it is believed: a rounded table must add up and stay near, and each
end of a range must be the figure of a table that is within all bounds. So a slip of the solver can make a range too
narrow, which refuses a table, and never too wide, which would let one through.

Rounding: each inner figure is drawn a direction, up as often as it is near the upper multiple, and the table nearest
to these draws is taken, at costs that are drawn too. They make the nearest table the only one, so that it is the same
with any version of the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Final

from register.statistics.deduction import ANY, ENDLESS, Contradiction, Interval
from register.statistics.rules.rounding import BASES, RoundingError, Seeds
from register.statistics.rules.stream import Stream
from register.statistics.rules.three_way import WHOLE, Cube, NoRounding, Place, Solver, SolverTimeout

_COST: Final = 1_000_000
"""Costs are drawn from here to twice as much: two tables cost the same less than once in a thousand draws."""
_GAP: Final = 0.5
"""Objectives are whole numbers: what is nearer than this to the best is the best."""


def find_installed_solver() -> Solver | None:
    """The solver, or None where the extra is not installed."""
    return Highs() if find_spec("highspy") else None


class Highs:
    """HiGHS, one thread, no output."""

    def rounded(self, cube: Cube, base: int, by: Seeds, seconds: float, /) -> Cube:
        """A table in multiples of the base next to each figure, that adds up; see the module and the port.

        Raises:
            NoRounding: there is none.
            SolverTimeout: it took longer than that.
            RoundingError: a base other than 3 or 5.
        """
        if base not in BASES:
            raise RoundingError(f"expected a base of {BASES}, got {base}")
        cells = list(cube.cells())
        exact = {cell: cube.counts.get(cell, 0) for cell in cells}
        stream = Stream(by.table)
        costs = []
        for cell in cells:
            goes_up = stream.below(base) < exact[cell] % base
            cost = _COST + stream.below(_COST)
            costs.append(-cost if goes_up else cost)
        goes_up = Stream(by.total).below(base) < cube.at(WHOLE) % base
        problem = _Problem([Interval(0, int(exact[cell] % base > 0)) for cell in cells], seconds)
        for place in cube.places():
            parts = cube.within(place)
            if len(parts) > 1:
                below = cube.at(place) // base - sum(exact[part] // base for part in parts)
                more = int(cube.at(place) % base > 0)
                least = more if place == _find_total_place(cube) and goes_up else 0
                most = 0 if place == _find_total_place(cube) and not goes_up else more
                problem.add([cells.index(part) for part in parts], Interval(below + least, below + most))
        found = problem.least(costs)
        if found is None:
            raise NoRounding
        made = Cube(cube.sides, {c: base * (exact[c] // base + up) for c, up in zip(cells, found, strict=True)})
        if any(abs(made.at(place) - cube.at(place)) >= base for place in cube.places()):
            raise SolverTimeout  # not believed
        return made

    def ranges(self, cube: Cube, bounds: Mapping[Place, Interval], seconds: float, /) -> Mapping[Place, Interval]:
        """The range of every figure of a table of that shape, exact in whole numbers.

        Raises:
            Contradiction: no table is within all bounds.
            SolverTimeout: it took longer than that.
        """
        cells = list(cube.cells())
        number = {cell: at for at, cell in enumerate(cells)}
        parts = {place: [number[cell] for cell in cube.within(place)] for place in cube.places()}
        allowed = {place: bounds.get(place, ANY).meets(ANY) for place in parts}
        # A side of one has no margin of its own: what is said of it is said of its one row.
        same = {tuple(inside): place for place, inside in parts.items()}
        for place, interval in bounds.items():
            meant = same[tuple(number[cell] for cell in cube.within(place))]
            allowed[meant] = allowed[meant].meets(interval)
        if any(interval.low > interval.high for interval in allowed.values()):
            raise Contradiction("no table is within all bounds")
        problem = _Problem([allowed[cell] for cell in cells], seconds)
        for place, inside in parts.items():
            if len(inside) > 1:
                problem.add(inside, allowed[place])
        return _Ranges(problem, parts, allowed).found()


def _find_total_place(cube: Cube) -> Place:
    """The total's place among `places`: a side of one has no margin."""
    first, second, third = (None if size > 1 else 0 for size in cube.sides)
    return first, second, third


class _Ranges:
    """The least and most of every figure; whatever any table found shows is used for all figures."""

    def __init__(
        self, problem: _Problem, parts: Mapping[Place, Sequence[int]], allowed: Mapping[Place, Interval]
    ) -> None:
        self._problem, self._parts, self._allowed = problem, parts, allowed
        self._seen: dict[Place, Interval] = {}

    def found(self) -> dict[Place, Interval]:
        nothing = [0] * self._problem.size
        if not self._take(self._problem.least(nothing)):
            raise Contradiction("no table is within all bounds")
        for sign in (1, -1):
            self._take(self._problem.least([sign] * self._problem.size))
        for place, inside in self._parts.items():
            for sign in (1, -1):
                if not self._is_at_bound(place, sign):
                    costs = list(nothing)
                    for at in inside:
                        costs[at] = sign
                    self._take(self._problem.least(costs))
        return self._seen

    def _is_at_bound(self, place: Place, sign: int) -> bool:
        seen, allowed = self._seen[place], self._allowed[place]
        return seen.low == allowed.low if sign > 0 else seen.high == allowed.high

    def _take(self, table: Sequence[int] | None) -> bool:
        """Widen what was seen by a table; only one within all bounds counts."""
        if table is None:
            return False
        figures = {place: sum(table[at] for at in inside) for place, inside in self._parts.items()}
        if any(not i.low <= figures[place] <= i.high for place, i in self._allowed.items()):
            raise SolverTimeout  # not believed
        for place, n in figures.items():
            seen = self._seen.get(place, Interval(n, n))
            self._seen[place] = Interval(min(seen.low, n), max(seen.high, n))
        return True


class _Problem:
    """Whole numbers within bounds, and bounds on sums of them; asked again and again for the least of a cost."""

    def __init__(self, bounds: Sequence[Interval], seconds: float) -> None:
        import highspy
        import numpy as np

        self.size, self._seconds, self._numpy = len(bounds), seconds, np
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # its constructor alone has no types
        self._highs.silent()
        for option, value in (("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0), ("mip_abs_gap", _GAP)):
            self._highs.setOptionValue(option, value)
        low, high = np.array([float(b.low) for b in bounds]), np.array([float(b.high) for b in bounds])
        self._highs.addVars(self.size, low, high)
        self._all = np.arange(self.size, dtype=np.int32)
        whole = np.full(self.size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._highs.changeColsIntegrality(self.size, self._all, whole)
        self._status = highspy.HighsModelStatus

    def add(self, inside: Iterable[int], interval: Interval) -> None:
        """Bound a sum."""
        at = self._numpy.array(sorted(inside), dtype=self._numpy.int32)
        high = float(interval.high) if interval.high < ENDLESS else self._highs.getInfinity()
        self._highs.addRow(float(interval.low), high, len(at), at, self._numpy.ones(len(at)))

    def least(self, costs: Sequence[int]) -> list[int] | None:
        """The numbers of least cost, or None if there are none within the bounds. Raises `SolverTimeout`."""
        # The solver's own stopwatch counts all its runs: no clock is needed here.
        left = self._seconds - self._highs.getRunTime()
        if left <= 0:
            raise SolverTimeout
        self._highs.setOptionValue("time_limit", left)
        self._highs.changeColsCost(self.size, self._all, self._numpy.array([float(c) for c in costs]))
        self._highs.run()
        match self._highs.getModelStatus():
            case self._status.kOptimal:
                return [round(value) for value in self._highs.getSolution().col_value]
            case self._status.kInfeasible | self._status.kUnboundedOrInfeasible:
                return None
            case _:
                raise SolverTimeout
