"""A year's tables beside the year before, in the reader's language: for the page, its pictures and the workbook.

Knows no table by its content: whatever tables the statistics bring are shown. A cell below five is starred, since it
leaves the country only rounded; a year before the register began is `..`, which is no zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from api.release.charts import Bar, Legend, Mark, draw_bars
from api.web.frame.languages import N_, Text, Words
from api.web.statistics.travelling import describe_travelling
from register.services.statistics.owner_statistics import YearBeside
from register.statistics.deduction import Interval
from register.statistics.release.release import Marker
from register.statistics.trend import Trend, derive_trend
from schemas.codes import UnknownCode, code_list
from schemas.statistics.owner import CountRow, CountTable

NOT_REPORTED: Final = Marker.NOT_REPORTED.value
STAR: Final = "*"
_TITLES: Final = {
    "by source": N_("Notifications by who told us"),
    "by channel": N_("Notifications by the way they came"),
    "by type": N_("Notifications by what they seem to be"),
}
_PARTS: Final = {
    "anonymous": N_("of whom anonymous"),
    "mixed": N_("of which trafficking and smuggling at once"),
}
TRENDS: Final = {
    Trend.UP: N_("More: %(rows)s."),
    Trend.SLIGHTLY_UP: N_("Slightly more: %(rows)s."),
    Trend.FIRST: N_("For the first time: %(rows)s."),
    Trend.SLIGHTLY_DOWN: N_("Slightly less: %(rows)s."),
    Trend.DOWN: N_("Less: %(rows)s."),
    Trend.SAME: N_("The same: %(rows)s."),
}
"""What may be said of exact figures; the order in which it is said."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. value: None where nothing was collected. starred: it travels only rounded."""

    value: int | None
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row. part: it is counted in the row above it already."""

    label: str
    now: Cell
    before: Cell
    part: bool = False

    @property
    def change(self) -> int | None:
        """How much more than the year before; None where that is not known."""
        if self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value


@dataclass(frozen=True, slots=True)
class Shown:
    """One table.

    Attributes:
        id: for the page's anchors; no two tables of a page share one.
        rows: in the report's order, parts behind the row they belong to.
        total: of the rows that are no parts.
        trends: (what is said, the rows' labels); empty while it cannot be said.
        travels: for each tier, in a sentence, how the table may leave the country or why it stays.
        only_total: it has rows, and they are not shown.
    """

    id: str
    title: str
    rows: tuple[Row, ...]
    total: Row
    trends: tuple[tuple[Text, tuple[str, ...]], ...]
    travels: tuple[str, ...] = ()
    only_total: bool = False

    @property
    def has_before(self) -> bool:
        """Whether there is a figure of the year before."""
        return self.total.before.value is not None

    @property
    def starred(self) -> bool:
        """Whether any figure is starred."""
        return any(cell.starred for row in self.rows for cell in (row.now, row.before))


def show_notified_tables(years: YearBeside, words: Words, *, is_over: bool) -> tuple[Shown, ...]:
    """Return the contact point's tables; `is_over`: the year has ended, so that a trend may be named."""
    before = {table.name: table for table in years.before.tables} if years.notified_before else {}
    travels = {table.id: describe_travelling(table, words) for table in years.this.registered}
    return tuple(
        _show_table(table, before.get(table.name), words, travels.get(registered_as(table), ()), is_over=is_over)
        for table in years.this.tables
    )


def registered_as(table: CountTable) -> str:
    """The registered table that leaves the country in place of one of the contact point's."""
    return f"notifications-{_id_of(table)}"


def draw_picture(shown: Shown, words: Words, year: int) -> Markup | None:
    """Draw a table; parts, and rows with nothing in either year, are in the table only. None if that leaves nothing."""
    rows = [
        Bar(row.label, _draw_mark(row.now, words), _draw_mark(row.before, words) if shown.has_before else None)
        for row in shown.rows
        if not row.part and (row.now.value or row.before.value)
    ]
    if not rows:
        return None
    said = words.plain("Bars of the figures in the table that follows.")
    return draw_bars(shown.id, shown.title, said, rows, Legend(str(year), str(year - 1) if shown.has_before else ""))


def write_cell(cell: Cell, words: Words) -> str:
    """A figure as it is read."""
    return NOT_REPORTED if cell.value is None else words.number(cell.value) + (STAR if cell.starred else "")


def write_change(change: int | None, words: Words) -> str:
    """A change as it is read: with its sign, and a real minus."""
    if change is None:
        return NOT_REPORTED
    return ("+" if change > 0 else "−" if change < 0 else "") + words.number(abs(change))


def trends(rows: Sequence[Row]) -> tuple[tuple[Text, tuple[str, ...]], ...]:
    """What may be said of whole rows of a year that is over, beside the year before."""
    found: dict[Trend, list[str]] = {}
    for row in rows:
        if row.part or row.now.value is None or row.before.value is None or row.now.value == row.before.value == 0:
            continue
        exact = (Interval(value, value) for value in (row.before.value, row.now.value))
        found.setdefault(derive_trend(*exact), []).append(row.label)
    return tuple((says, tuple(found[kind])) for kind, says in TRENDS.items() if kind in found)


def _show_table(
    now: CountTable, before: CountTable | None, words: Words, travels: tuple[str, ...], *, is_over: bool
) -> Shown:
    earlier = {row.row: row for row in before.rows} if before else None
    rows = tuple(_list_rows(now, earlier, words))
    whole = [row for row in rows if not row.part]
    total = Row(
        words.plain("Total"),
        Cell(sum(row.now.value or 0 for row in whole)),
        Cell(sum(row.before.value or 0 for row in whole) if before else None),
    )
    return Shown(
        id=_id_of(now),
        title=words.plain(_TITLES.get(now.name, Text(now.name.capitalize()))),
        rows=rows,
        total=total,
        trends=trends(rows) if is_over and before else (),
        travels=travels,
    )


def _id_of(table: CountTable) -> str:
    return re.sub("[^a-z0-9]+", "-", table.name.lower()).strip("-")


def _list_rows(table: CountTable, earlier: dict[str, CountRow] | None, words: Words) -> Iterator[Row]:
    for row in table.rows:
        last = earlier.get(row.row) if earlier is not None else None
        missing = Cell(None if last is None else last.count, last is not None and last.flagged)
        yield Row(_find_label(table, row, words), Cell(row.count, row.flagged), missing)
        for part in dict.fromkeys((*row.of_which, *(last.of_which if last else ()))):
            said = words.plain(_PARTS.get(part, Text(part.replace("_", " ").lower())))
            then = None if last is None else last.of_which.get(part, 0)
            yield Row(said, Cell(row.of_which.get(part, 0)), Cell(then), part=True)


def _find_label(table: CountTable, row: CountRow, words: Words) -> str:
    try:
        codes = code_list(table.code_list)
    except UnknownCode:
        return row.label
    found = next((one for one in codes.rows if one.row == row.row), None)
    if found is not None:
        return found.label(words.language)
    return codes[row.row].label(words.language) if row.row in codes else row.label


def _draw_mark(cell: Cell, words: Words) -> Mark:
    return Mark(write_cell(cell, words), cell.value)
