"""The brief: one HTML file a language that says what a publication holds, with pictures and the tables beside them.

It stands alone: no script, nothing loaded, and a policy of its own in the file that allows neither, wherever it is
opened. Figures are those of the released cells, laid out as in the workbook.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from babel.numbers import format_decimal
from markupsafe import Markup

from api.web.charts import Bar, Legend, Mark, bars
from api.web.rendering import render_file
from register.statistics.formats.folder import write_release
from register.statistics.formats.layout import Laid, drawn, interval, laid_out, withheld
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import LANGUAGES, Words
from register.statistics.release import CARIBBEAN_AREA, Cell, Marker
from schemas.codes import Partition

_TEMPLATE: Final = "brief.html"
_STYLE: Final = "brief.css"


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell as it is read.

    Attributes:
        shown: the number in the reader's language, with a star if it is as published; or the marker.
        means: the marker in words, for those who hear the page; empty for a number.
        between: the room that rounding leaves, in words; empty where there is none.
    """

    shown: str
    means: str = ""
    between: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One area on its own, or the region: its name, the picture, and the table with the same figures."""

    name: str
    chart: Markup | None
    rows: Sequence[tuple[tuple[str, ...], bool, Figure, Figure]]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the brief: the region, the islands side by side, and the Netherlands apart."""

    id: str
    table: Laid
    region: Block | None
    islands: Sequence[str]
    by_island: Sequence[tuple[tuple[str, ...], bool, Sequence[tuple[Figure, Figure]]]]
    netherlands: Block | None


def brief(publication: Publication, language: str) -> bytes:
    """Return the brief as one HTML file; the same publication and language give the same bytes."""
    words = Words(language)
    tables = laid_out(publication, words)
    with_figures = [table for table in tables if not table.is_empty]
    style = resources.files("api.web").joinpath("static", _STYLE).read_text(encoding="utf-8")
    return render_file(
        _TEMPLATE,
        words=words,
        title=words.say("title", period=publication.until.year),
        tier=words.tier(publication.tier.value),
        style=Markup(style),  # noqa: S704 - our own file
        policy=policy(style),
        sections=[_section(table, words) for table in with_figures],
        in_short=_in_short(with_figures, words),
        hidden=[
            (table.title, found)
            for table in tables
            if table.is_collected and (found := withheld(table, publication.catalogue, words))
        ],
        not_collected=[words.of(table.definition.title) for table in tables if not table.is_collected],
        digest=publication.digest,
        ruleset=publication.main()[0].release.ruleset,
        say=words.say,
    )


def policy(style: str) -> str:
    """The Content-Security-Policy of the file: its own style sheet by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def release_folder(publication: Publication) -> Mapping[str, bytes]:
    """Return the complete release folder, the brief in each language included."""
    return write_release(
        publication, {f"brief-{language}.html": brief(publication, language) for language in LANGUAGES}
    )


def _section(table: Laid, words: Words) -> Section:
    islands = [area for area in table.islands if area != CARIBBEAN_AREA]
    of_islands = [
        (line.words, line.is_sum, [_both(line.figures[area].now, line.figures[area].before, words) for area in islands])
        for line in table.lines
    ]
    name = f"{table.definition.id}-{table.release.period}".replace("/", "-")
    return Section(
        id=name,
        table=table,
        region=_block(table, CARIBBEAN_AREA, name, words),
        islands=[words.area(area) for area in islands],
        by_island=of_islands if _is_any_shown(table, islands) else [],
        netherlands=_block(table, Partition.NL.value, name, words) if table.netherlands else None,
    )


def _is_any_shown(table: Laid, areas: Sequence[str]) -> bool:
    return any(line.figures[area].now.value is not None for line in table.lines for area in areas)


def _block(table: Laid, area: str, name: str, words: Words) -> Block | None:
    """An area's picture and table; None where nothing of it is shown, which the list at the end says."""
    if not _is_any_shown(table, [area]):
        return None
    rows = [
        (line.words, line.is_sum, *_both(line.figures[area].now, line.figures[area].before, words))
        for line in table.lines
    ]
    return Block(words.area(area), _chart(table, area, f"{name}-{area.lower()}", words), rows)


def _chart(table: Laid, area: str, name: str, words: Words) -> Markup | None:
    lines = drawn(table, area)
    if not lines:
        return None
    pairs = [(line.words[0], line.figures[area]) for line in lines]
    has_last = any(pair.before is not None and pair.before.value is not None for _, pair in pairs)
    has_reach = any(cell is not None and cell.reach for _, p in pairs for cell in (p.now, p.before))
    period = str(table.release.period)
    return bars(
        name,
        f"{table.title}: {words.area(area)}",
        words.say("chart_says", period=period, last=table.last),
        [
            Bar(label, _mark(p.now, words), _mark(p.before, words) if p.before and has_last else None)
            for label, p in pairs
        ],
        Legend(period, table.last if has_last else "", words.say("chart_reach") if has_reach else ""),
    )


def _mark(cell: Cell, words: Words) -> Mark:
    figure = _figure(cell, words)
    return Mark(figure.means or figure.shown, cell.value, cell.reach)


def _both(now: Cell, before: Cell | None, words: Words) -> tuple[Figure, Figure]:
    return _figure(now, words), Figure("–", words.say("no_figure")) if before is None else _figure(before, words)


def _figure(cell: Cell, words: Words) -> Figure:
    room = interval(cell)
    if cell.value is None or room is None:
        return Figure(cell.marker.value, words.short(cell.marker.value))
    number = _number(cell.value, words)
    if cell.marker is Marker.AS_PUBLISHED:
        return Figure(f"{number}*")
    if room.is_exact:
        return Figure(number)
    return Figure(number, between=words.say("range", low=_number(room.low, words), high=_number(room.high, words)))


def _number(value: int, words: Words) -> str:
    return format_decimal(value, locale=words.language)


def _in_short(tables: Sequence[Laid], words: Words) -> list[str]:
    """The total of each population for the islands together, and what may be said of it beside last year's."""
    said: dict[tuple[str, str], str] = {}
    for table in tables:
        key = table.definition.population.name, str(table.release.period)
        total = table.lines[-1].figures[CARIBBEAN_AREA].now
        room = interval(total)
        if key in said or room is None or total.value is None:
            continue
        title = f"{words.of(table.definition.population.title)}, {table.release.period}"
        name = "so_much" if room.is_exact else "so_much_between"
        low, high = (_number(n, words) for n in room)
        sentence = words.say(name, title=title, figure=_number(total.value, words), low=low, high=high)
        trend = next((t for t in table.trends if t.startswith(words.area(CARIBBEAN_AREA))), "")
        said[key] = f"{sentence} {trend}".strip()
    return list(said.values())
