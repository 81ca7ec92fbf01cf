"""Exact tables of counts: at most two ways here, with margins that are computed and therefore add up.

A table of one variable has one column named `ALL`; the table that is only a total has also one row `ALL`. Tables of
three ways and more are another shape (`three_way`). Nothing here protects anything: these are the owner's figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

ALL: Final = "ALL"


class TableError(ValueError):
    """A table has another shape than its headings say, or holds what is no count; names the place."""


class Spot(NamedTuple):
    """A figure of a table by place; None stands for the margin over that side, both None for the total."""

    row: int | None
    column: int | None


TOTAL: Final = Spot(None, None)


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by rows and columns.

    Attributes:
        rows, columns: codes in print order.
        cells: one tuple a row, whole numbers from 0.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        for heads in (self.rows, self.columns):
            if not heads or len(set(heads)) != len(heads):
                raise TableError("expected headings that differ")
        if len(self.cells) != len(self.rows) or any(len(row) != len(self.columns) for row in self.cells):
            raise TableError(f"expected {len(self.rows)} x {len(self.columns)} cells")
        if any(cell < 0 for row in self.cells for cell in row):
            raise TableError("expected counts from 0")

    @classmethod
    def one_way(cls, counts: Mapping[str, int]) -> Table:
        """A table of one variable from its counts, in their order."""
        return cls(tuple(counts), (ALL,), tuple((n,) for n in counts.values()))

    def cleared(self) -> Table:
        """The same rows and columns without a record in them."""
        return Table(self.rows, self.columns, tuple((0,) * len(line) for line in self.cells))

    @classmethod
    def only_total(cls, total: int) -> Table:
        """The table that is nothing but its total."""
        return cls((ALL,), (ALL,), ((total,),))

    @property
    def row_totals(self) -> tuple[int, ...]:
        """Sums along the rows."""
        return tuple(sum(row) for row in self.cells)

    @property
    def column_totals(self) -> tuple[int, ...]:
        """Sums down the columns."""
        return tuple(sum(column) for column in zip(*self.cells, strict=True))

    @property
    def total(self) -> int:
        """The sum of all cells."""
        return sum(map(sum, self.cells))

    @property
    def inner(self) -> int:
        """How many inner cells there are."""
        return len(self.rows) * len(self.columns)

    @property
    def is_two_way(self) -> bool:
        """Whether both sides have more than one heading."""
        return len(self.rows) > 1 and len(self.columns) > 1

    def spots(self) -> Iterator[Spot]:
        """Every figure once: inner cells, margins where they say something new, the total last."""
        if self.inner > 1:
            yield from self.inner_spots()
        if self.is_two_way:
            yield from (Spot(i, None) for i in range(len(self.rows)))
            yield from (Spot(None, j) for j in range(len(self.columns)))
        yield TOTAL

    def inner_spots(self) -> Iterator[Spot]:
        """The inner cells, row by row."""
        yield from (Spot(i, j) for i in range(len(self.rows)) for j in range(len(self.columns)))

    def at(self, spot: Spot) -> int:
        """The figure at a spot."""
        row, column = spot
        if row is None:
            return self.total if column is None else sum(line[column] for line in self.cells)
        return sum(self.cells[row]) if column is None else self.cells[row][column]

    def plus(self, spot: Spot, by: int) -> Table:
        """The table with one inner cell changed."""
        row, column = spot
        cells = [list(line) for line in self.cells]
        if row is None or column is None:
            raise TableError("only an inner cell can change")
        cells[row][column] += by
        return Table(self.rows, self.columns, tuple(map(tuple, cells)))

    def recoded(self, rows: Mapping[str, Sequence[str]]) -> Table:
        """The table with rows put together: new row to its old ones, all of them, each once.

        Raises:
            TableError: a row is left out or counted twice.
        """
        if sorted(old for olds in rows.values() for old in olds) != sorted(self.rows):
            raise TableError("expected every old row exactly once")
        at = dict(zip(self.rows, self.cells, strict=True))
        return Table(
            tuple(rows),
            self.columns,
            tuple(tuple(map(sum, zip(*(at[old] for old in olds), strict=True))) for olds in rows.values()),
        )

    def collapsed(self) -> Table:
        """Only the total."""
        return Table.only_total(self.total)

    def changed_records(self, other: Table) -> int:
        """The least number of records added, taken away or moved that make the other table of this one."""
        if (self.rows, self.columns) != (other.rows, other.columns):
            raise TableError("expected the same headings")
        by = [
            b - a
            for ours, theirs in zip(self.cells, other.cells, strict=True)
            for a, b in zip(ours, theirs, strict=True)
        ]
        return max(sum(d for d in by if d > 0), -sum(d for d in by if d < 0))


def add_tables(tables: Sequence[Table]) -> Table:
    """The sum of tables with the same headings, cell by cell.

    Raises:
        TableError: none given, or headings differ.
    """
    if not tables or any((t.rows, t.columns) != (tables[0].rows, tables[0].columns) for t in tables):
        raise TableError("expected tables with the same headings")
    cells = tuple(tuple(map(sum, zip(*lines, strict=True))) for lines in zip(*(t.cells for t in tables), strict=True))
    return Table(tables[0].rows, tables[0].columns, cells)
