"""The range that is printed beside a rounded figure holds every figure that could stand behind it, and no fewer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from register.statistics.definition import PUBLIC_BASE, Tier
from register.statistics.formats.layout import interval
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker
from register.statistics.tables import ALL, Spot, Table
from tests.unit.register.statistics.publications import Made, made
from tests.unit.register.statistics.support import CATALOGUE


def true_figure(of: Made, table: str, period: str, cell: Cell, covered: tuple[str, ...]) -> int | None:
    """The exact figure behind a cell; None where the owner's tables are not at hand."""
    areas = covered if cell.area == CARIBBEAN_AREA else (cell.area,)
    truths = [of.truths.get((table, period, area)) for area in areas]
    if not areas or None in truths:
        return None
    return sum(_at(truth, cell) for truth in truths if truth is not None)


def _at(truth: Table, cell: Cell) -> int:
    row = None if cell.row == ALL else truth.rows.index(cell.row)
    column = None if cell.column == ALL else truth.columns.index(cell.column)
    return truth.at(Spot(row, column))


def pairs(tier: Tier) -> Iterator[tuple[int, Cell]]:
    """The true figure of every rounded cell of two made-up years, and the cell."""
    of = made(tier, more=2)
    for item in of.publication.items:
        release = item.release
        for cell in release.cells:
            if cell.marker is Marker.ROUNDED and cell.reach:
                covered = tuple(country.value for country in release.coverage)
                truth = true_figure(of, release.table_id, str(release.period), cell, covered)
                if truth is not None:
                    yield truth, cell


@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
def test_every_true_figure_lies_in_the_range_that_is_printed_beside_it(tier: Tier) -> None:
    """C34: the public brief printed too narrow a range. Figures at its very ends show that no narrower one holds."""
    ends = set()
    for truth, cell in pairs(tier):
        room = interval(cell)
        assert room is not None
        assert room.low <= truth <= room.high, (cell, truth)
        ends |= {"low"} if truth == room.low else set()
        ends |= {"high"} if truth == room.high else set()
    assert tier is Tier.PUBLIC or ends == {"low", "high"}, "or a narrower range would hold as well"


def test_region_in_the_brief_has_the_range_of_every_rounding_behind_it() -> None:
    """Each island's is rounded, their sum is, and that once more for the public: the ends are too rare to be drawn."""
    seen = set()
    for item in made(Tier.PUBLIC, more=2).publication.items:
        release = item.release
        own = CATALOGUE.tables[release.table_id].population.base
        for cell in release.figures(CARIBBEAN_AREA):
            room = interval(cell)
            if cell.marker is not Marker.ROUNDED or room is None or cell.value is None:
                continue
            again = 0 if own == PUBLIC_BASE else PUBLIC_BASE - 1
            reach = len(release.coverage) * (own - 1) + again
            assert (room.low, room.high) == (max(0, cell.value - reach), cell.value + reach), cell
            seen.add(own)
    assert seen
