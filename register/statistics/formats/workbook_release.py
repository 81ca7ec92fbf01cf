"""The Excel workbook of a publication, with one sheet a table between what must be said before and after them.

A view of the released cells in English or Dutch. On each sheet the islands stand together and the Netherlands apart,
every figure beside that of a year earlier.
"""

from __future__ import annotations

from collections.abc import Sequence

from register.statistics.formats.layout import Laid, Line, derive_interval, laid_out, sign_of, withheld
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import Words
from register.statistics.formats.workbook import Bars, Column, Cover, Sheet, Starred, Value, build_workbook, sheet_name
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker

_CHARTED_ROWS = 12
_HIDING = frozenset({Marker.WITHHELD, Marker.NOT_APPLICABLE, Marker.NOT_REPORTED})


def release_workbook(publication: Publication, language: str) -> bytes:
    """Return the workbook (.xlsx); the same publication and language give the same bytes."""
    words = Words(language)
    tables = laid_out(publication, words)
    sheets = [_build_markers_sheet(words), _build_withheld_sheet(publication, tables, words)]
    for table in [one for one in tables if one.is_collected]:
        sheets.append(_build_table_sheet(table, words, [sheet.name for sheet in sheets]))
    sheets += [
        _not_collected(tables, words),
        _build_text_sheet("method", words),
        _build_revisions_sheet(publication, words),
        _build_signature_sheet(publication, words),
    ]
    return build_workbook(_build_cover(publication, tables, words), sheets)


def show_cell(cell: Cell | None) -> Value:
    """A figure as a cell of a sheet: the number, the number with a star, or the marker."""
    if cell is None:
        return None
    if cell.value is None or cell.marker in _HIDING:
        return cell.marker
    sign = sign_of(cell)
    return Starred(cell.value, sign) if sign else cell.value


def _build_cover(publication: Publication, tables: Sequence[Laid], words: Words) -> Cover:
    periods = dict.fromkeys(str(table.release.period) for table in tables)
    first = publication.main()[0].release
    return Cover(
        name=words.say("cover"),
        title=words.say("title", period=publication.until.year),
        subtitle=words.say("subtitle"),
        facts=(
            (words.say("reader"), words.tier(publication.tier.value)),
            (words.say("period"), ", ".join(periods)),
            (words.say("tables"), str(len(tables))),
            (words.say("ruleset"), first.ruleset),
            (words.say("catalogue"), ", ".join(dict.fromkeys(table.release.catalogue for table in tables))),
            (words.say("digest"), publication.digest),
        ),
        notes=(*words.paragraphs("brief"), *words.paragraphs("notes")),
        contents=words.say("contents"),
        created=publication.until,
    )


def _build_markers_sheet(words: Words) -> Sheet:
    return Sheet(
        name=words.say("notes"),
        title=words.say("notes"),
        notes=words.paragraphs("notes"),
        columns=(Column(words.say("marker"), 12), Column(words.say("meaning"), 84)),
        rows=tuple(words.markers().items()),
    )


def _build_withheld_sheet(publication: Publication, tables: Sequence[Laid], words: Words) -> Sheet:
    rows = [
        (table.title, area, what, instead)
        for table in tables
        for area, what, instead in withheld(table, publication.catalogue, words)
    ]
    heads = (words.say("table"), words.say("area"), words.say("what"), words.say("instead"))
    return Sheet(
        name=words.say("withheld"),
        title=words.say("withheld"),
        notes=(words.markers()["c"],),
        columns=tuple(Column(head, width) for head, width in zip(heads, (52, 24, 32, 44), strict=True)),
        rows=tuple(rows),
        fixed=0,
    )


def _not_collected(tables: Sequence[Laid], words: Words) -> Sheet:
    """Tables that no country has records for: a sheet each, full of markers, would say no more."""
    return Sheet(
        name=words.say("not_yet"),
        title=words.say("not_yet"),
        notes=(words.say("not_yet_why"),),
        columns=(Column(words.say("table"), 70), Column(words.say("marker"), 12)),
        rows=tuple((one.title, Marker.NOT_REPORTED) for one in tables if not one.is_collected),
        fixed=0,
    )


def _build_table_sheet(table: Laid, words: Words, taken: Sequence[str]) -> Sheet:
    """Words | last year and this of each island | what the Caribbean sum can be | apart: the Netherlands."""
    heads = [Column(head, 30 if at == 0 else 24) for at, head in enumerate(table.heads)]
    years = [Column(year, 11) for year in (table.last, str(table.release.period))]
    groups = [("", len(heads)), *((words.area(area), 2) for area in table.islands)]
    columns = [*heads, *(year for _ in table.islands for year in years)]
    has_room = any(line.figures[CARIBBEAN_AREA].now.reach for line in table.lines)
    if has_room:
        groups.append((words.say("together_is", area=words.area(CARIBBEAN_AREA), period=table.release.period), 2))
        columns += [Column(words.say(name), 15) for name in ("lowest", "highest")]
    for area in table.netherlands:
        groups += [("", 1), (words.area(area), 2)]
        columns += [Column("", 3), *years]
    return Sheet(
        name=sheet_name(words.of(table.definition.title), taken),
        title=table.title,
        notes=(*table.trends, *table.notes, words.say("source", rule=words.rule(table.definition.period_rule))),
        columns=tuple(columns),
        rows=tuple(_build_row(table, line, has_room=has_room) for line in table.lines),
        groups=tuple(groups),
        strong=frozenset(at for at, line in enumerate(table.lines) if line.is_sum),
        fixed=len(heads),
        chart=_build_chart(table, len(heads), words),
    )


def _build_row(table: Laid, line: Line, *, has_room: bool) -> tuple[Value, ...]:
    room = derive_interval(line.figures[CARIBBEAN_AREA].now) if has_room else None
    return (
        *line.words,
        *(value for area in table.islands for value in _show_both_years(line, area)),
        *((room or (None, None)) if has_room else ()),
        *(value for area in table.netherlands for value in (None, *_show_both_years(line, area))),
    )


def _show_both_years(line: Line, area: str) -> tuple[Value, Value]:
    return show_cell(line.figures[area].before), show_cell(line.figures[area].now)


def _build_chart(table: Laid, heads: int, words: Words) -> Bars | None:
    """The Caribbean sum by row, for tables of one variable whose rows are all shown."""
    lines = [line for line in table.lines if not line.is_sum]
    now = [line.figures[CARIBBEAN_AREA].now for line in lines]
    if heads != 1 or not 1 < len(lines) <= _CHARTED_ROWS or any(cell.value is None for cell in now):
        return None
    at = heads + 2 * table.islands.index(CARIBBEAN_AREA)
    has_last = any(b is not None and b.value is not None for b in (li.figures[CARIBBEAN_AREA].before for li in lines))
    title = words.say("chart", area=words.area(CARIBBEAN_AREA), last=table.last, period=table.release.period)
    if not has_last:
        title = f"{words.area(CARIBBEAN_AREA)}, {table.release.period}"
    return Bars(
        title=title,
        first=0,
        last=len(lines) - 1,
        label=0,
        series=(at, at + 1) if has_last else (at + 1,),
        reach=tuple(cell.reach for cell in now) if any(cell.reach for cell in now) else (),
    )


def _build_text_sheet(name: str, words: Words) -> Sheet:
    return Sheet(
        name=words.say(name),
        title=words.say(name),
        notes=(),
        columns=(Column("", 4), Column("", 100)),
        rows=tuple((str(at), text) for at, text in enumerate(words.paragraphs(name), start=1)),
        fixed=0,
    )


def _build_revisions_sheet(publication: Publication, words: Words) -> Sheet:
    items = sorted(
        publication.items,
        key=lambda i: (publication.definition(i.release).title["en"], i.release.period, i.release.revision),
    )
    heads = (words.say("table"), words.say("period"), words.say("revision"), words.say("digest"))
    return Sheet(
        name=words.say("revisions"),
        title=words.say("revisions"),
        notes=words.paragraphs("revisions"),
        columns=tuple(Column(head, width) for head, width in zip(heads, (52, 12, 12, 68), strict=True)),
        rows=tuple(
            (
                words.of(publication.definition(i.release).title),
                str(i.release.period),
                i.release.revision,
                i.release.digest,
            )
            for i in items
        ),
        fixed=0,
    )


def _build_signature_sheet(publication: Publication, words: Words) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for item in publication.main():
        title = words.heading(publication.definition(item.release).title, item.release)
        rows.append((title, words.say("release"), item.release.digest, item.signature or words.say("unsigned")))
        rows += [
            (title, words.area(signed.country.value), signed.digest, signed.signature)
            for signed in item.release.contributions
        ]
    heads = (words.say("table"), words.say("area"), words.say("digest"), words.say("signature"))
    return Sheet(
        name=words.say("signature"),
        title=words.say("signature"),
        notes=words.paragraphs("signature"),
        columns=tuple(Column(head, width) for head, width in zip(heads, (46, 24, 68, 60), strict=True)),
        rows=tuple(rows),
        fixed=0,
    )
