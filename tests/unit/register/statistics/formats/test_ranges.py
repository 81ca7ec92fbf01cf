"""The range that is printed beside a rounded figure holds every figure that could stand behind it, and no fewer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from register.statistics.definition import PUBLIC_BASE, Tier
from register.statistics.formats.layout import derive_interval
from register.statistics.formats.words import LANGUAGES, Words
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker, Release
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
        room = derive_interval(cell)
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
            room = derive_interval(cell)
            if cell.marker is not Marker.ROUNDED or room is None or cell.value is None:
                continue
            again = 0 if own == PUBLIC_BASE else PUBLIC_BASE - 1
            reach = len(release.coverage) * (own - 1) + again
            assert (room.low, room.high) == (max(0, cell.value - reach), cell.value + reach), cell
            seen.add(own)
    assert seen


def one_way(one: Release) -> bool:
    return {cell.column for cell in one.cells} == {ALL}


def test_what_the_notes_say_of_adding_up_is_true_of_every_table() -> None:
    """C41: "rows add up to their totals" in every table, and "one total in all", were untrue of published figures."""
    totals: dict[tuple[str, str, str], set[int]] = {}
    with_star, starred_apart = 0, 0
    for item in made(Tier.WORKING_GROUP, more=6).publication.items:
        one = item.release
        for area in {cell.area for cell in one.cells}:
            cells = {(cell.row, cell.column): cell for cell in one.figures(area)}
            total = cells[ALL, ALL]
            if total.marker is Marker.ROUNDED and area != CARIBBEAN_AREA:
                totals.setdefault((area, one.population, str(one.period)), set()).add(total.value or 0)
            margins = {place for place in cells if place[0] == ALL or (place[1] == ALL) is not one_way(one)}
            inner = [cell.value for place, cell in cells.items() if place not in margins and cell.value is not None]
            if total.value is None or not inner:
                continue
            if Marker.AS_PUBLISHED in {cell.marker for cell in cells.values()}:
                with_star += 1
                starred_apart += sum(inner) != total.value
            elif {cell.marker for cell in cells.values()} == {Marker.ROUNDED}:
                assert sum(inner) == total.value, (one.table_id, area)
    assert totals
    assert all(len(found) == 1 for found in totals.values())
    assert 0 < starred_apart <= with_star
    for language in LANGUAGES:
        assert any("*" in sign for sign in Words(language).markers())
        first = Words(language).paragraphs("notes")[0]
        assert ("with a star" if language == "en" else "met een ster") in first
