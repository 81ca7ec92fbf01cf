"""How a released table is laid out for people: the islands side by side, the Netherlands apart, last year beside it.

One layout for the workbook and the brief, so that both say the same. Figures come from the cells as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from register.statistics.catalogue import Catalogue
from register.statistics.deduction import Interval
from register.statistics.definition import Definition, Tier
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import Words
from register.statistics.release.release import CARIBBEAN, CARIBBEAN_AREA, Cell, Marker, Release
from register.statistics.tables import ALL
from register.statistics.trend import derive_trend
from schemas.codes import Partition

ISLANDS: Final = (*(country.value for country in CARIBBEAN), CARIBBEAN_AREA)
NETHERLANDS: Final = (Partition.NL.value,)


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure and the same one a year earlier, None where there is no such release or row."""

    now: Cell
    before: Cell | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: its codes and words (one or two), whether it is a sum, and the figures by area."""

    codes: tuple[str, ...]
    words: tuple[str, ...]
    is_sum: bool
    figures: Mapping[str, Pair]


@dataclass(frozen=True, slots=True)
class Laid:
    """One table as people read it.

    Attributes:
        release, before: this period's and the one a span earlier, if it is there.
        definition: of the table.
        title: with its period.
        heads: over the words of each line; one or two.
        lines: from top to bottom.
        islands, netherlands: areas with figures in this tier, as codes; the two blocks stand apart.
        notes: what must be said of the table.
        trends: what may be said of the totals beside last year's.
        is_empty: whether no figure at all is shown.
    """

    release: Release
    before: Release | None
    definition: Definition
    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    islands: tuple[str, ...]
    netherlands: tuple[str, ...]
    notes: tuple[str, ...]
    trends: tuple[str, ...]
    is_empty: bool

    @property
    def is_collected(self) -> bool:
        """Whether any country holds such records."""
        return any(c.marker is not Marker.NOT_REPORTED for c in self.release.cells)

    @property
    def last(self) -> str:
        """The period a span earlier, as printed."""
        return str(self.release.period.before())


def list_drawn_lines(table: Laid, area: str) -> list[Line]:
    """The lines to draw of an area: the rows where any is shown, else the total; of two variables the first one's."""
    rows = [line for line in table.lines if line.codes[0] != ALL and line.codes[1:] in {(), (ALL,)}]
    if any(line.figures[area].now.value is not None for line in rows):
        return rows
    return [line for line in table.lines[-1:] if line.figures[area].now.value is not None]


def laid_out(publication: Publication, words: Words) -> list[Laid]:
    """Lay out the tables of the latest period, in the catalogue's order."""
    return [_lay_out_release(publication, item.release, words) for item in publication.main()]


def plain_code(code: str) -> str:
    """A code as CSV files write it: `12_17` for `12-17`, which a spreadsheet reads as a day of December or of 2017."""
    return code.replace("-", "_") if _LIKE_A_DATE.fullmatch(code) else code


_LIKE_A_DATE: Final = re.compile(r"[0-9]{1,4}-[0-9]{1,4}(?:-[0-9]{1,4})?")


def derive_interval(cell: Cell) -> Interval | None:
    """Between which numbers the exact figure lies; None where no figure is shown."""
    return None if cell.value is None else Interval(max(0, cell.value - cell.reach), cell.value + cell.reach)


def sign_of(cell: Cell) -> str:
    """What stands behind a figure that is not as the others: a star as published, a dagger for three years."""
    return {Marker.AS_PUBLISHED: "*", Marker.POOLED: "†"}.get(cell.marker, "")


def withheld(table: Laid, tables: Catalogue, words: Words) -> list[tuple[str, str, str]]:
    """What a table withholds: whose, what of it, and the table to read instead."""
    instead = {country.value: name for country, name in table.release.instead}
    found = []
    for area in (*table.islands, *table.netherlands):
        hidden = [line for line in table.lines if line.figures[area].now.marker is Marker.WITHHELD]
        if not hidden:
            continue
        total = table.lines[-1].figures[area].now.marker
        kept = {Marker.WITHHELD: "everything", Marker.POOLED: "pooled_only"}.get(total, "rows_only")
        what = words.say(kept)
        other = tables.tables.get(instead.get(area, ""))
        found.append((words.area(area), what, words.say("nothing") if other is None else words.of(other.title)))
    return found


def _lay_out_release(publication: Publication, release: Release, words: Words) -> Laid:
    definition = publication.definition(release)
    before = publication.before(release)
    earlier = {} if before is None else {(c.area, c.row, c.column): c for c in before.cells}
    places = list(dict.fromkeys((c.row, c.column) for c in release.cells))
    cells = {(c.area, c.row, c.column): c for c in release.cells}
    # What has three variables is released as its total only.
    variables = definition.variables if len(definition.variables) <= len(("row", "column")) else ()
    lines = []
    for place in places:
        codes = place[: max(1, len(variables))]
        figures = {area: Pair(cells[area, *place], earlier.get((area, *place))) for area in (*ISLANDS, *NETHERLANDS)}
        labels = tuple(words.row(variable, code) for variable, code in zip_longest(variables, codes))
        lines.append(Line(codes, labels, ALL in codes, figures))
    shown = {area for area in (*ISLANDS, *NETHERLANDS) if _has_rows(release, before, area)}
    laid = Laid(
        release=release,
        before=before,
        definition=definition,
        title=words.heading(definition.title, release),
        heads=tuple(words.of(v.title) for v in variables) or (words.say("counted"),),
        lines=tuple(lines),
        islands=tuple(a for a in ISLANDS if a in shown),
        netherlands=tuple(a for a in NETHERLANDS if a in shown),
        notes=(),
        trends=(),
        is_empty=all(c.value is None for c in release.cells),
    )
    return _with_sentences(laid, words)


def _has_rows(release: Release, before: Release | None, area: str) -> bool:
    """In the brief, a country that has not signed has no rows, rather than rows of markers."""
    if release.tier is not Tier.PUBLIC or area == CARIBBEAN_AREA:
        return True
    both = [*release.figures(area), *([] if before is None else before.figures(area))]
    return any(cell.marker is not Marker.WITHHELD for cell in both)


def _with_sentences(laid: Laid, words: Words) -> Laid:
    return replace(laid, notes=tuple(_list_notes(laid, words)), trends=tuple(_list_trends(laid, words)))


def _list_notes(laid: Laid, words: Words) -> list[str]:
    release = laid.release
    if not laid.is_collected:
        return [words.say("not_collected")]
    notes = []
    if laid.is_empty:
        notes.append(words.say("empty"))
    if release.base == 1:
        notes.append(words.say("exact"))
    else:
        own = max((c.reach for c in release.cells if c.area != CARIBBEAN_AREA), default=0)
        if any(c.marker is Marker.POOLED for c in release.cells):
            notes.append(words.say("three_years", sign="†", period=release.period.pooled()))
        if own:
            notes.append(words.say("rounded", base=release.base, reach=own))
        elif not laid.is_empty:
            notes.append(words.say("rounded_only", base=release.base))
        together = max((c.reach for c in release.figures(CARIBBEAN_AREA)), default=0)
        if together:
            notes.append(words.say("sum_reach", reach=together))
        covered = ", ".join(words.area(c.value) for c in release.coverage)
        notes.append(words.say("covered", areas=covered) if covered else words.say("not_covered"))
        notes += _rows_of_fewer(laid, words)
    if missing := [a for a in (*ISLANDS, *NETHERLANDS) if a not in (*laid.islands, *laid.netherlands)]:
        notes.append(words.say("own_rows", areas=", ".join(map(words.area, missing))))
    if laid.before is None:
        notes.append(words.say("no_last", period=laid.last))
    return notes


def _rows_of_fewer(laid: Laid, words: Words) -> list[str]:
    """The rows of the Caribbean sum that not all of its countries keep, by whose they are."""
    release = laid.release
    rows: dict[tuple[Partition, ...], list[str]] = {}
    for line in laid.lines:
        cell = line.figures[CARIBBEAN_AREA].now
        covered = release.coverage_of(cell.row, cell.column)
        if cell.value is not None and covered != release.coverage:
            rows.setdefault(covered, []).append(", ".join(line.words))
    return [
        words.say("covered_row", rows="; ".join(names), areas=", ".join(words.area(c.value) for c in covered))
        if covered
        else words.say("covered_by_none", rows="; ".join(names))
        for covered, names in rows.items()
    ]


def _list_trends(laid: Laid, words: Words) -> list[str]:
    said = []
    for area in (*laid.islands, *laid.netherlands):
        total = laid.lines[-1].figures[area]
        if Marker.POOLED in {total.now.marker, total.before and total.before.marker}:
            continue  # three years are not beside one
        this, last = derive_interval(total.now), None if total.before is None else derive_interval(total.before)
        if this is not None and last is not None:
            said.append(words.trend(derive_trend(last, this).value, area=words.area(area), last=laid.last))
    return said
