"""The registered tables of a year beside the year before, of all records, in the reader's language.

A table of two variables is shown as the rows of its first, each with those of its second under it that have a figure in
either year: so it is read on a narrow screen too. What no record holds is named as not collected, which is no zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from api.web.frame.languages import N_, Text, Words
from api.web.statistics.tables import Cell, Row, Shown, registered_as, trends
from api.web.statistics.topics import Topic
from api.web.statistics.travelling import describe_travelling
from register.services.statistics.owner_statistics import YearBeside
from register.statistics.catalogue import Catalogue, default_catalogue
from register.statistics.definition import Definition
from register.statistics.owner.owner_view import FLAG_BELOW
from schemas.statistics.owner import RegisteredRow, RegisteredTable

_PERIOD_RULES: Final = {
    "date received": N_("by the day they were received"),
    "date held": N_("by the day they were held"),
    "date of the last status in the year": N_("by the last status that was decided in the year"),
    "date sent": N_("by the day they were sent"),
    "date appended": N_("by the day they were first sent"),
    "date applied": N_("by the day they were first received"),
    "date submitted": N_("by the day they were entered"),
}


def show_registered_tables(
    years: YearBeside, words: Words, *, is_over: bool, of: Topic | None = None
) -> tuple[Shown, ...]:
    """Return the registered tables that have a figure and are not the contact point's own.

    Args:
        years: as counted.
        words: of the reader.
        is_over: the year has ended, so that a trend may be named.
        of: which tables; all if None.
    """
    before = {table.id: table for table in years.before.registered}
    catalogue = default_catalogue()
    return tuple(
        _show_table(catalogue.tables[table.id], table, before[table.id], words, is_over=is_over)
        for table in _list_other_tables(years, of)
        if table.collected
    )


def not_collected(years: YearBeside, words: Words, of: Topic | None = None) -> tuple[str, ...]:
    """The titles of the tables that have no figure in the year."""
    catalogue = default_catalogue()
    return tuple(
        _choose_label(catalogue.tables[t.id].title, words) for t in _list_other_tables(years, of) if not t.collected
    )


def counted_by(years: YearBeside, words: Words) -> tuple[tuple[str, str], ...]:
    """What is counted in the tables that have a figure, and by which day it belongs to the year."""
    catalogue: Catalogue = default_catalogue()
    found = {
        _choose_label(catalogue.tables[table.id].population.title, words): words.plain(
            _PERIOD_RULES.get(table.period_rule, Text(table.period_rule))
        )
        for table in years.this.registered
        if table.collected
    }
    return tuple(found.items())


def _list_other_tables(years: YearBeside, of: Topic | None) -> Iterator[RegisteredTable]:
    printed = {registered_as(table) for table in years.this.tables}
    known = default_catalogue().tables
    return (t for t in years.this.registered if t.id not in printed and (of is None or of.has(known[t.id])))


def _show_table(
    definition: Definition, now: RegisteredTable, before: RegisteredTable, words: Words, *, is_over: bool
) -> Shown:
    rows = tuple(_list_rows(definition, now, before, words))
    return Shown(
        id=now.id,
        title=_choose_label(definition.title, words),
        rows=rows,
        total=Row(words.plain("Total"), Cell(now.total), Cell(before.total)),
        trends=trends(rows) if is_over and before.collected else (),
        travels=describe_travelling(now, words),
        only_total=bool(definition.variables) and not now.rows,
    )


def _list_rows(definition: Definition, now: RegisteredTable, before: RegisteredTable, words: Words) -> Iterator[Row]:
    """Rows of the first variable; now and before have the same, since the owner's own table has every row."""
    last = {row.row: row for row in before.rows}
    starred = not definition.population.unit.is_exact

    def cell(value: int | None) -> Cell:
        return Cell(value, starred and value is not None and 0 < value < FLAG_BELOW)

    for row in now.rows:
        then = last.get(row.row)
        label = _choose_label(definition.variables[0].codes[row.row], words)
        yield Row(label, cell(row.total), cell(None if then is None else then.total))
        for code, this, that in _list_parts(now, row, then):
            yield Row(_choose_label(definition.variables[1].codes[code], words), cell(this), cell(that), part=True)


def _list_parts(
    now: RegisteredTable, row: RegisteredRow, then: RegisteredRow | None
) -> Iterable[tuple[str, int, int | None]]:
    before = (None,) * len(row.cells) if then is None else then.cells
    columns = (column.code for column in now.columns)
    return [(code, this, that) for code, this, that in zip(columns, row.cells, before, strict=False) if this or that]


def _choose_label(labels: Mapping[str, str], words: Words) -> str:
    return labels.get(words.language) or labels["en"]
