"""What a reader can deduce, exactly: the range of every figure of a two-way table from all that is known of it.

Bounds on cells, margins and the total make a circulation (`network`), so the ranges are those of whole numbers and
no solver is needed. Bounds come from the rounding, from figures already public, from other releases and from the
rules themselves: an attacker has the program. Nothing here decides; R7 and the harness do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeAlias

from register.statistics.network import Circulation
from register.statistics.tables import TOTAL, Spot, Table

ENDLESS: Final = 10**9
"""No count reaches it."""
SMALL: Final = 4
"""A figure from 1 to 4 can stand for a person somebody knows."""


class Interval(NamedTuple):
    """From the lowest to the highest whole number still possible."""

    low: int
    high: int

    def meets(self, other: Interval) -> Interval:
        """What both allow; empty if the lowest is above the highest."""
        return Interval(max(self.low, other.low), min(self.high, other.high))

    @property
    def is_exact(self) -> bool:
        """Only one number is left."""
        return self.low == self.high


ANY: Final = Interval(0, ENDLESS)
Bounds: TypeAlias = Mapping[Spot, Interval]


class Contradiction(ValueError):
    """No table agrees with all that is said to be known: one of the statements is wrong."""


def of_rounded(table: Table, base: int) -> dict[Spot, Interval]:
    """What a table rounded to a base says about the exact one: every figure within base - 1, none below 0."""
    reach = base - 1
    return {spot: Interval(max(0, table.at(spot) - reach), table.at(spot) + reach) for spot in table.spots()}


def combine_bounds(*all_bounds: Bounds) -> dict[Spot, Interval]:
    """All bounds at once."""
    met: dict[Spot, Interval] = {}
    for bounds in all_bounds:
        for spot, interval in bounds.items():
            met[spot] = met.get(spot, ANY).meets(interval)
    return met


def derive_ranges(table: Table, bounds: Bounds) -> dict[Spot, Interval]:
    """Return the range of every figure of a table of this shape; the table's own counts are not looked at.

    Args:
        table: gives the headings.
        bounds: by spot; a spot left out is any count.

    Raises:
        Contradiction: no table is within all bounds.
    """
    network, edges = _build_network(table, bounds)
    if not network.settle():
        raise Contradiction("no table agrees with all bounds")
    return {spot: Interval(*network.range_of(edges[spot])) for spot in table.spots()}


def is_possible(table: Table, bounds: Bounds) -> bool:
    """Whether any table of this shape is within the bounds."""
    return _build_network(table, bounds)[0].settle()


def exact_spots(found: Bounds, *, but: Bounds | None = None) -> list[Spot]:
    """The spots whose figure is known exactly and not zero, except those that are so in `but` too.

    Args:
        found: ranges with the release.
        but: ranges without it: what somebody knows anyhow, the release does not give away.
    """
    known = {spot for spot, interval in (but or {}).items() if interval.is_exact}
    return [s for s, interval in found.items() if interval.is_exact and interval.low > 0 and s not in known]


def places_of_update(before: tuple[Table, int], after: tuple[Table, int], known: Bounds | None = None) -> list[Spot]:
    """The inner cells that may have gained the one record that two releases of a table differ by.

    Args:
        before: the earlier rounded table and its base.
        after: the later one and its base.
        known: bounds on the earlier exact table.
    """
    earlier = combine_bounds(of_rounded(*before), known or {})
    later = of_rounded(*after)
    return [
        cell
        for cell in before[0].inner_spots()
        if is_possible(before[0], combine_bounds(earlier, {s: _one_less(later[s], s, cell) for s in later}))
    ]


Atoms: TypeAlias = AbstractSet[str]


def derive_differences(views: Sequence[tuple[Atoms, Interval]], *, turns: int = 2) -> dict[frozenset[str], Interval]:
    """Return what published unions of cells say about each other: differences of nested ones, sums of disjoint ones.

    Args:
        views: which smallest cells a published figure adds up, and what it says about their sum.
        turns: how often what was found is used again; two turns reach the difference of a union and a nested union.
    """
    found: dict[frozenset[str], Interval] = {}
    for atoms, interval in views:
        _note_interval(found, frozenset(atoms), interval)
    for _ in range(turns):
        before = list(found.items())
        for a, of_a in before:
            for b, of_b in before:
                if a < b:
                    _note_interval(found, b - a, Interval(max(0, of_b.low - of_a.high), of_b.high - of_a.low))
                elif not a & b:
                    _note_interval(found, a | b, Interval(of_a.low + of_b.low, of_a.high + of_b.high))
    return found


def _note_interval(found: dict[frozenset[str], Interval], atoms: frozenset[str], interval: Interval) -> None:
    found[atoms] = found.get(atoms, ANY).meets(interval)


def _one_less(interval: Interval, spot: Spot, cell: Spot) -> Interval:
    """The bounds on the earlier figure, if the record came into this cell."""
    holds = all(at is None or at == of for at, of in zip(spot, cell, strict=True))
    return Interval(interval.low - holds, interval.high - holds)


def _build_network(table: Table, bounds: Bounds) -> tuple[Circulation, dict[Spot, int]]:
    """Start -> rows -> columns -> end -> start; every figure is one edge."""
    height, width = len(table.rows), len(table.columns)
    start, end = height + width, height + width + 1
    network = Circulation(height + width + 2)

    def edge(tail: int, head: int, *spots: Spot) -> int:
        allowed = Interval(0, ENDLESS)
        for spot in spots:
            allowed = allowed.meets(bounds.get(spot, ANY))
        return network.edge(tail, head, *allowed)

    edges = {Spot(i, j): edge(i, height + j, Spot(i, j)) for i, j in _list_pairs(height, width)}
    edges |= {Spot(i, None): edge(start, i, Spot(i, None)) for i in range(height)}
    edges |= {Spot(None, j): edge(height + j, end, Spot(None, j)) for j in range(width)}
    edges[TOTAL] = edge(end, start, TOTAL)
    return network, edges


def _list_pairs(height: int, width: int) -> Iterable[tuple[int, int]]:
    return ((i, j) for i in range(height) for j in range(width))
