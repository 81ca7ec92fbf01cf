"""Keyed, unbiased, controlled rounding of two-way tables (rule R6).

Every figure, margins included, becomes one of the two multiples of the base next to it, so `|r - a| < base`, a figure
that is a multiple already stays, and the table adds up. Each figure is right on average. The same inputs give the
same table for ever; a changed table is drawn anew in every cell.

How: the figures that are no multiples form cycles in the table with its margins. Along a cycle figures rise and fall
in turn by the same amount, as far as the first of them allows, up or down by a fair coin of the stream; each turn
settles at least one figure (the construction of Cox, 1987). All tables of one population and period share the
rounding of their common total: it is drawn first, from its own seed, and the coins of the cycles through the total
are weighed by where it must end, which leaves every average as it was. Drawn again in each table, the total's
draws would narrow it down.

No key or seed is kept or shown here, and neither may leave the owner.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from register.statistics.rules.stream import Stream, keyed_seed
from register.statistics.tables import TOTAL, Table
from schemas.canonical import dumps_plain

BASES: Final = (3, 5)
KEY_BYTES_MIN: Final = 32


class RoundingError(ValueError):
    """The base or the key is none to round with."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """What decides a rounding: a secret, since base and seed together lead back to the exact table.

    Attributes:
        table: from which the table's own draw comes.
        total: from which the draw of the total comes; equal in all tables of a population and period.
    """

    table: bytes
    total: bytes

    def __repr__(self) -> str:
        return "Seeds(...)"


def derive_seeds(key: bytes, table_id: str, population: str, period: str, exact: Table) -> Seeds:
    """Derive the seeds of one table: HMAC(owner's rounding key, table id, period, hash of the exact table).

    Args:
        key: the owner's rounding key, at least 32 bytes; it never leaves its partition.
        table_id: id and version of the definition.
        population: which tables share their total.
        period: as printed.
        exact: the owner's counts.

    Raises:
        RoundingError: the key is too short.
    """
    content = hashlib.sha256(dumps_plain([exact.rows, exact.columns, exact.cells])).hexdigest()
    return seeds_of(key, table_id, population, period, content, exact.total)


def seeds_of(key: bytes, table_id: str, population: str, period: str, content: str, total: int) -> Seeds:
    """The same from the hash of the exact table and its total, for tables of any shape. Raises `RoundingError`."""
    if len(key) < KEY_BYTES_MIN:
        raise RoundingError(f"expected a rounding key of at least {KEY_BYTES_MIN} bytes")
    return Seeds(
        table=keyed_seed(key, "table", table_id, period, content),
        total=keyed_seed(key, "total", population, period, total),
    )


def round_table(exact: Table, base: int, by: Seeds) -> Table:
    """Return the table in multiples of the base; see the module for what it promises.

    Raises:
        RoundingError: a base other than 3 or 5.
    """
    if base not in BASES:
        raise RoundingError(f"expected a base of {BASES}, got {base}")
    goes_up = Stream(by.total).below(base) < exact.total % base
    return _Draw(exact, base, Stream(by.table), total_ends=base if goes_up else 0).table()


def rounded_total(total: int, base: int, by: Seeds) -> int:
    """The total alone, as every table of its population shows it."""
    return round_table(Table.only_total(total), base, by).at(TOTAL)


_Edge = tuple[int, int]


class _Draw:
    """One table being rounded: the remainders of all figures, the margins as one more row and column."""

    def __init__(self, exact: Table, base: int, stream: Stream, *, total_ends: int) -> None:
        self._exact, self._base, self._stream, self._total_ends = exact, base, stream, total_ends
        self._corner = (len(exact.rows), len(exact.columns))
        figures = [(*line, total) for line, total in zip(exact.cells, exact.row_totals, strict=True)]
        figures.append((*exact.column_totals, exact.total))
        self._left = {(i, j): n % base for i, line in enumerate(figures) for j, n in enumerate(line) if n % base}
        self._at: dict[int, list[_Edge]] = {}
        for edge in self._left:
            for node in _find_edge_ends(edge):
                self._at.setdefault(node, []).append(edge)
        self._up: set[_Edge] = set()

    def table(self) -> Table:
        while self._left:
            self._turn(self._cycle())
        cells = tuple(
            tuple(n - n % self._base + (self._base if (i, j) in self._up else 0) for j, n in enumerate(line))
            for i, line in enumerate(self._exact.cells)
        )
        return Table(self._exact.rows, self._exact.columns, cells)

    def _cycle(self) -> list[_Edge]:
        """A cycle of unsettled figures, by turns along a row and a column.

        A walk always finds one: what is left in a row or column adds up to a multiple of the base, so a figure is
        never the only one there.
        """
        edges = list(self._left)
        node = _find_edge_ends(edges[self._stream.below(len(edges))])[0]
        seen, walk = {node: 0}, list[_Edge]()
        while True:
            choices = [edge for edge in self._at[node] if not walk or edge != walk[-1]]
            walk.append(choices[self._stream.below(len(choices))])
            node = next(end for end in _find_edge_ends(walk[-1]) if end != node)
            if node in seen:
                return walk[seen[node] :]
            seen[node] = len(walk)

    def _turn(self, cycle: list[_Edge]) -> None:
        """Move the figures of a cycle, half of them up, until one is settled; on average nothing moves."""
        ways = {edge: (-1 if place % 2 else 1) * self._sign(edge) for place, edge in enumerate(cycle)}
        forth = min(self._base - self._left[edge] if way > 0 else self._left[edge] for edge, way in ways.items())
        back = min(self._left[edge] if way > 0 else self._base - self._left[edge] for edge, way in ways.items())
        for_forth, for_back = back, forth
        if self._corner in ways:
            # Where the total must end is decided. Weighing each way by how likely that end is from there makes the
            # draw the plain one, given its end: each average stays as it was over both ends.
            left, way = self._left[self._corner], ways[self._corner]
            for_forth *= self._chance(left + way * forth)
            for_back *= self._chance(left - way * back)
        goes_forth = self._stream.below(for_forth + for_back) < for_forth
        for edge, way in ways.items():
            self._left[edge] += way * forth if goes_forth else -way * back
            if self._left[edge] % self._base == 0:
                self._settle(edge)

    def _chance(self, left: int) -> int:
        return left if self._total_ends else self._base - left

    def _sign(self, edge: _Edge) -> int:
        """Margins count against what they are the sum of, the total against the margins."""
        return -1 if (edge[0] == self._corner[0]) != (edge[1] == self._corner[1]) else 1

    def _settle(self, edge: _Edge) -> None:
        if self._left.pop(edge):
            self._up.add(edge)
        for node in _find_edge_ends(edge):
            self._at[node].remove(edge)


def _find_edge_ends(edge: _Edge) -> tuple[int, int]:
    """The two lines a figure stands in: rows count from 0 up, columns from -1 down."""
    return edge[0], ~edge[1]
