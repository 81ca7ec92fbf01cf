"""Writes an Excel workbook from plain values: a cover, a list of contents, and sheets with one table each.

Bytes out, the same for the same arguments: the date of creation is given, and no user name or path gets in. Texts are
written as texts, so that none of them becomes a formula. What the figures mean is the caller's to say.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple, TypeAlias, assert_never

import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from register.statistics.release.release import Marker

NAME_MAX: Final = 31
"""Excel's limit for the name of a sheet, in characters."""
SIGNS: Final = ("*", "†")
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LINE_POINTS: Final = 15.5
_TITLE_POINTS: Final = 24
_COVER_WIDTHS: Final = (26, 70)
_BLOCK: Final = 3
"""Rows above the first line of a sheet: title, way back, empty."""


class Starred(NamedTuple):
    """A number shown with a sign behind it, which the notes explain: a star, or a dagger."""

    value: int
    sign: str = "*"


Value: TypeAlias = str | int | Marker | Starred | None
"""What a cell holds; None is empty. A marker is shown by its code, set like a number."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands above it, and its width in characters."""

    head: str
    width: int = 10


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart beside a table, with the room that rounding leaves as error bars.

    Attributes:
        title: over it.
        first, last: the rows of the table it draws, counted from 0.
        label: the column of the words.
        series: the columns of figures.
        reach: how far each drawn figure may be from the true one, by row; empty where figures are exact.
    """

    title: str
    first: int
    last: int
    label: int
    series: tuple[int, ...]
    reach: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a table with what must be said of it.

    Attributes:
        name: on the tab; see `sheet_name`.
        title: what is counted, and when.
        notes: sentences below the table, so that its head can stay in view.
        columns: from left to right.
        rows: as many values each as there are columns.
        groups: words over several columns and how many, from left to right; empty if there are none.
        strong: rows set in bold, such as totals, counted from 0.
        fixed: so many columns stay in view on the left.
        chart: below the table.
    """

    name: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    groups: tuple[tuple[str, int], ...] = ()
    strong: frozenset[int] = frozenset()
    fixed: int = 1
    chart: Bars | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """The first sheet, and the words of the second.

    Attributes:
        name: on its tab.
        title, subtitle: what it is.
        facts: pairs of a word and what is said under it.
        notes: sentences below them.
        contents: name and title of the sheet that lists the others.
        created: stands in the file's properties instead of the time it was made.
    """

    name: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    contents: str
    created: date


def build_workbook(cover: Cover, sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook (.xlsx): cover, contents with links, then the sheets in order.

    Raises:
        ValueError: two sheets have one name, or a row has another number of values than there are columns.
    """
    names = [cover.name, cover.contents, *(sheet.name for sheet in sheets)]
    if len({name.casefold() for name in names}) < len(names) or max(map(len, names)) > NAME_MAX:
        raise ValueError(f"expected names of sheets that differ, of at most {NAME_MAX} characters")
    into = io.BytesIO()
    with xlsxwriter.Workbook(into, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        made = datetime.combine(cover.created, time(), tzinfo=UTC).replace(tzinfo=None)
        book.set_properties({"title": cover.title, "author": "", "created": made})
        pen = _Pen(book)
        pen.cover(cover)
        pen.contents(cover, sheets)
        for sheet in sheets:
            pen.sheet(sheet, cover.contents)
    return into.getvalue()


def sheet_name(words: str, taken: Sequence[str] = ()) -> str:
    """Return a name that Excel allows for a tab, cut after a word to its limit and numbered where it is taken."""
    plain = " ".join(words.translate(_NOT_IN_NAMES).split())
    name, number = _cut_words(plain, NAME_MAX), 1
    while name.casefold() in {one.casefold() for one in taken}:
        number += 1
        name = f"{_cut_words(plain, NAME_MAX - len(str(number)) - 1)} {number}"
    return name


def _cut_words(words: str, most: int) -> str:
    if len(words) <= most:
        return words
    return (words[: most + 1].rpartition(" ")[0] or words[:most]).rstrip(" ,;.")


class _Pen:
    """Writes sheets of one book, all in the same hand."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        def style(**more: object) -> xlsxwriter.format.Format:
            return book.add_format({"font_name": "Calibri", "font_size": 11, "valign": "top", **more})

        self._book = book
        self._title = style(bold=True, font_size=16)
        self._text = style(text_wrap=True)
        self._soft = style(text_wrap=True, font_color="#4A525C")
        self._word = style(bold=True, text_wrap=True)
        self._link = style(font_color="#123F8C", underline=1)
        band = {"bold": True, "bg_color": "#F1F3F5", "text_wrap": True, "bottom": 1, "border_color": "#B4BAC2"}
        self._head = style(**band)
        self._head_of_number = style(**band, align="right")
        self._group = style(**band, align="center", left=1)
        line = {"bottom": 4, "bottom_color": "#B4BAC2"}
        self._cells = {
            strong: {
                "text": style(**line, bold=strong, text_wrap=True),
                "number": style(**line, bold=strong, num_format="#,##0"),
                **{sign: style(**line, bold=strong, num_format=f'#,##0"{sign}"') for sign in SIGNS},
                "marker": style(**line, align="right", font_color="#4A525C"),
            }
            for strong in (False, True)
        }

    def cover(self, cover: Cover) -> None:
        page = self._page(cover.name, _COVER_WIDTHS, landscape=False)
        page.write_string(0, 0, cover.title, self._title)
        page.write_string(1, 0, cover.subtitle)
        at = _BLOCK
        for word, said in cover.facts:
            page.write_string(at, 0, word, self._word)
            page.write_string(at, 1, said, self._text)
            page.set_row(at, _measure_height(said, _COVER_WIDTHS[1]))
            at += 1
        self._notes(page, at + 1, cover.notes, _COVER_WIDTHS)

    def contents(self, cover: Cover, sheets: Sequence[Sheet]) -> None:
        page = self._page(cover.contents, (34, 70), landscape=False)
        page.write_string(0, 0, cover.contents, self._title)
        for at, sheet in enumerate(sheets, start=2):
            page.write_url(at, 0, f"internal:'{sheet.name}'!A1", self._link, sheet.name)
            page.write_string(at, 1, sheet.title, self._text)
            page.set_row(at, _measure_height(sheet.title, 70))

    def sheet(self, sheet: Sheet, contents: str) -> None:
        widths = [column.width for column in sheet.columns]
        if any(len(row) != len(widths) for row in sheet.rows):
            raise ValueError(f"sheet {sheet.name}: expected {len(widths)} values in each row")
        page = self._page(sheet.name, widths, landscape=sum(widths) > sum(_COVER_WIDTHS))
        page.write_string(0, 0, sheet.title, self._title)
        page.write_url(1, 0, f"internal:'{contents}'!A1", self._link, f"‹ {contents}")
        top = _BLOCK
        if sheet.groups:
            self._groups(page, top, sheet.groups)
            top += 1
        numeric = [any(not isinstance(row[at], str | None) or isinstance(row[at], Marker) for row in sheet.rows)
                   for at in range(len(widths))]  # fmt: skip
        for at, column in enumerate(sheet.columns):
            page.write_string(top, at, column.head, self._head_of_number if numeric[at] else self._head)
        page.set_row(top, max(_measure_height(column.head, column.width) for column in sheet.columns))
        for number, row in enumerate(sheet.rows):
            for at, value in enumerate(row):
                self._cell(page, top + 1 + number, at, value, is_strong=number in sheet.strong)
            high = [_measure_height(v, widths[at]) for at, v in enumerate(row) if isinstance(v, str)]
            page.set_row(top + 1 + number, max(high, default=_LINE_POINTS))
        page.freeze_panes(top + 1, sheet.fixed)
        page.repeat_rows(_BLOCK, top)
        below = self._notes(page, top + len(sheet.rows) + 2, sheet.notes, widths)
        if sheet.chart is not None:
            self._chart(page, sheet, sheet.chart, top + 1, below + 1)

    def _page(self, name: str, widths: Sequence[int], *, landscape: bool) -> xlsxwriter.worksheet.Worksheet:
        page = self._book.add_worksheet(name)
        for at, width in enumerate(widths):
            page.set_column(at, at, width)
        page.set_row(0, _TITLE_POINTS)
        page.hide_gridlines(2)
        page.set_paper(9)
        if landscape:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.set_footer("&L&A&R&P / &N")
        return page

    def _notes(self, page: xlsxwriter.worksheet.Worksheet, at: int, notes: Sequence[str], widths: Sequence[int]) -> int:
        """Write notes across the columns; return the row below them."""
        for place, note in enumerate(notes, start=at):
            if len(widths) > 1:
                page.merge_range(place, 0, place, len(widths) - 1, "", self._soft)
            page.write_string(place, 0, note, self._soft)
            page.set_row(place, _measure_height(note, sum(widths)))
        return at + len(notes)

    def _groups(self, page: xlsxwriter.worksheet.Worksheet, row: int, groups: Sequence[tuple[str, int]]) -> None:
        at = 0
        for words, span in groups:
            if words and span > 1:
                page.merge_range(row, at, row, at + span - 1, words, self._group)
            elif words:
                page.write_string(row, at, words, self._group)
            at += span

    def _cell(self, page: xlsxwriter.worksheet.Worksheet, row: int, at: int, value: Value, *, is_strong: bool) -> None:
        style = self._cells[is_strong]
        match value:
            case Marker():
                page.write_string(row, at, value.value, style["marker"])
            case Starred(number, sign):
                page.write_number(row, at, number, style[sign])
            case str():
                page.write_string(row, at, value, style["text"])
            case None:
                page.write_blank(row, at, None, style["text"])
            case int():
                page.write_number(row, at, value, style["number"])
            case _:
                assert_never(value)

    def _chart(self, page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bars: Bars, top: int, at: int) -> None:
        chart = self._book.add_chart({"type": "bar"})
        first, last = top + bars.first, top + bars.last
        for place, column in enumerate(bars.series):
            room = {"type": "custom", "plus_values": list(bars.reach), "minus_values": list(bars.reach)}
            chart.add_series(
                {
                    "name": [sheet.name, top - 1, column],
                    "categories": [sheet.name, first, bars.label, last, bars.label],
                    "values": [sheet.name, first, column, last, column],
                    "fill": {"color": ("#9AA5B1", "#14532D")[place % 2]},
                    "gap": 60,
                    **({"x_error_bars": room} if bars.reach else {}),
                }
            )
        chart.set_title({"name": bars.title, "name_font": {"size": 12}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"min": 0, "num_format": "#,##0", "major_gridlines": {"visible": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 720, "height": 140 + 36 * (bars.last - bars.first + 1) * len(bars.series)})
        page.insert_chart(at, 0, chart, {"description": bars.title})


def _measure_height(text: str, width: int) -> float:
    """Points that a text takes in a column of so many characters, where it wraps; bold is a little wider."""
    return _LINE_POINTS * sum(max(1, len(textwrap.wrap(line, max(width - 2, 1)))) for line in text.split("\n"))
