"""The same tables as a workbook, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from api.web.frame.languages import N_, Words
from api.web.statistics.tables import Cell, Row, Shown
from register.services.statistics.owner_statistics import YearBeside
from register.statistics.formats.workbook import Bars, Column, Cover, Sheet, Starred, Value, build_workbook, sheet_name
from register.statistics.release.release import Marker

_STAR_NOTE = N_("* Below five. Here it is exact; it leaves the country only rounded, or not at all.")
_DOTS_NOTE = N_(".. Not collected: the register holds nothing of that year.")
_THREE_NOTE = N_("Of three variables: here the total alone is shown.")
_NONE_NOTE = N_("No record of the register holds these, or none did by the end of the year. That is no zero.")
_SMALL_NOTE = N_("In numbers as small as these, one or two more or less can be chance.")


def build_book(years: YearBeside, shown: Sequence[Shown], missing: Sequence[str], words: Words, made: date) -> bytes:
    """Return the workbook (.xlsx); the same figures on the same day make the same bytes.

    Args:
        years: as counted.
        shown: a sheet each.
        missing: titles of the tables that are not collected; together on the last sheet.
        words: of the reader.
        made: the day.
    """
    this = years.this
    cover = Cover(
        name=words.plain("Cover"),
        title=words.plain("Figures of %(year)s, exact", year=this.year),
        subtitle=str(words.label("partition", this.country)),
        facts=(
            (words.plain("Notifications"), words.number(this.notifications)),
            (words.plain("of which forwarded"), words.number(this.forwarded)),
            (words.plain("A notification belongs to the year"), words.plain("in which it was received")),
            (words.plain("Made on"), words.day(made)),
            (words.plain("Code lists, by their content"), this.code_lists),
            (words.plain("Rules of counting"), this.rule_set),
        ),
        notes=(
            words.plain("For this country's own statisticians. These figures are exact: on a small island a table can name a person, so do not pass them on. What may leave the country is rounded first."),  # noqa: E501 - one message
            words.plain(_SMALL_NOTE),
        ),
        contents=words.plain("Contents"),
        created=made,
    )  # fmt: skip
    sheets: list[Sheet] = []
    for one in shown:
        sheets.append(_build_sheet(one, years, words, [cover.name, cover.contents, *(sheet.name for sheet in sheets)]))
    if missing:
        sheets.append(
            _build_missing_sheet(missing, years, words, [cover.name, cover.contents, *(sheet.name for sheet in sheets)])
        )
    return build_workbook(cover, sheets)


def _build_sheet(shown: Shown, years: YearBeside, words: Words, taken: Sequence[str]) -> Sheet:
    whole = [row for row in shown.rows if not row.part]
    lines = [*whole, shown.total, *_list_parts(shown.rows)]
    notes = [words.plain(_STAR_NOTE)] if shown.starred else []
    notes += [] if shown.has_before else [words.plain(_DOTS_NOTE)]
    notes += [words.plain(_THREE_NOTE)] if shown.only_total else []
    year = years.this.year
    return Sheet(
        name=sheet_name(shown.title, taken),
        title=f"{shown.title}, {year}",
        notes=(*shown.travels, *notes, words.plain(_SMALL_NOTE)),
        columns=_list_columns(year, words),
        rows=tuple(_build_line(row) for row in lines),
        strong=frozenset({len(whole)}),
        chart=Bars(shown.title, 0, len(whole) - 1, 0, (2, 1) if shown.has_before else (1,)) if whole else None,
    )


def _build_missing_sheet(titles: Sequence[str], years: YearBeside, words: Words, taken: Sequence[str]) -> Sheet:
    title = words.plain("Not collected")
    nothing = Marker.NOT_REPORTED
    return Sheet(
        name=sheet_name(title, taken),
        title=f"{title}, {years.this.year}",
        notes=(words.plain(_NONE_NOTE),),
        columns=_list_columns(years.this.year, words),
        rows=tuple((one, nothing, nothing, nothing) for one in titles),
    )


def _list_columns(year: int, words: Words) -> tuple[Column, ...]:
    return (
        Column("", 44),
        Column(str(year), 10),
        Column(str(year - 1), 10),
        Column(words.plain("Difference"), 10),
    )


def _list_parts(rows: Sequence[Row]) -> list[Row]:
    """The parts behind the total, each with the row it belongs to, so that the chart draws whole rows only."""
    found, of = [], ""
    for row in rows:
        if row.part:
            found.append(Row(f"{of}, {row.label}", row.now, row.before, part=True))
        else:
            of = row.label
    return found


def _build_line(row: Row) -> tuple[Value, ...]:
    change: Value = row.change if row.change is not None else Marker.NOT_REPORTED
    return (row.label, _build_value(row.now), _build_value(row.before), change)


def _build_value(cell: Cell) -> Value:
    if cell.value is None:
        return Marker.NOT_REPORTED
    return Starred(cell.value) if cell.starred else cell.value
