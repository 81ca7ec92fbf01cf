"""The brief: one HTML file a language that says what a publication holds, with pictures and the tables beside them.

It stands alone: no script, nothing loaded, and a policy of its own in the file that allows neither, wherever it is
opened. Figures are those of the released cells; each table has the same panels as the page of its release.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.release.charts import Bar, Legend, Mark, draw_bars
from api.release.panels import Panels, panels
from register.statistics.formats.layout import Laid, Pair, derive_interval, laid_out, sign_of, withheld
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import Words
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker

_TEMPLATE: Final = "brief.html"
_STYLE: Final = "brief.css"
_ROWS_MIN: Final = 2


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
    """The islands' totals: the picture, and the table with the same figures."""

    name: str
    chart: Markup
    rows: Sequence[tuple[tuple[str, ...], bool, Figure, Figure]]


@dataclass(frozen=True, slots=True)
class Overview:
    """One population: its totals by island with the picture, what may be said of them, and the Netherlands apart."""

    id: str
    title: str
    heads: Sequence[str]
    last: str
    period: str
    block: Block
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the brief: the same panels as at its release's page, and what must be said of it."""

    id: str
    panels: Panels
    notes: tuple[str, ...]


def build_brief(publication: Publication, language: str) -> bytes:
    """Return the brief as one HTML file; the same publication and language give the same bytes."""
    words = Words(language)
    tables = laid_out(publication, words)
    with_figures = [table for table in tables if not table.is_empty]
    style = resources.files("api.release").joinpath("templates", _STYLE).read_text(encoding="utf-8")
    template = _environment().get_template(_TEMPLATE)
    # Nothing of a session or a request is in it: the file is read without the register.
    text = template.render(
        words=words,
        title=words.say("title", period=publication.until.year),
        tier=words.tier(publication.tier.value),
        style=Markup(style),  # noqa: S704 - our own file
        policy=write_policy(style),
        sections=[_build_section(table, words) for table in with_figures if _has_rows(table)],
        overviews=_list_overviews(with_figures, words),
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
    return text.encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("api.release"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_policy(style: str) -> str:
    """The Content-Security-Policy of the file: its own style sheet by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _build_section(table: Laid, words: Words) -> Section:
    name = f"{table.definition.id}-{table.release.period}".replace("/", "-")
    return Section(name, panels(table, words, f"{name}-"), table.notes)


def _list_areas(table: Laid) -> tuple[str, ...]:
    return (*table.islands, *table.netherlands)


def _has_rows(table: Laid) -> bool:
    """Whether a row is shown beside the total; a table without one says no more than the overview does."""
    pairs = ([line.figures[area] for area in _list_areas(table)] for line in table.lines)
    shown = [
        any(cell and cell.marker is not Marker.WITHHELD for p in row for cell in (p.now, p.before)) for row in pairs
    ]
    return shown.count(True) >= _ROWS_MIN


def _draw_bars(table: Laid, name: str, title: str, pairs: Sequence[tuple[str, Pair]], words: Words) -> Markup:
    has_last = any(pair.before is not None and pair.before.value is not None for _, pair in pairs)
    has_reach = any(cell is not None and cell.reach for _, p in pairs for cell in (p.now, p.before))
    period = str(table.release.period)
    return draw_bars(
        name,
        title,
        words.say("chart_says", period=period, last=table.last),
        [
            Bar(label, _draw_mark(p.now, words), _draw_mark(p.before, words) if p.before and has_last else None)
            for label, p in pairs
        ],
        Legend(period, table.last if has_last else "", words.say("chart_reach") if has_reach else ""),
    )


def _draw_mark(cell: Cell, words: Words) -> Mark:
    """A bar; none where there is no figure, or where it is of other years than those beside it."""
    figure = _show_figure(cell, words)
    if cell.marker is Marker.POOLED:
        return Mark(figure.shown)
    return Mark(figure.means or figure.shown, cell.value, cell.reach)


def _show_both_figures(now: Cell, before: Cell | None, words: Words) -> tuple[Figure, Figure]:
    return _show_figure(now, words), Figure("–", words.say("no_figure")) if before is None else _show_figure(
        before, words
    )


def _show_figure(cell: Cell, words: Words) -> Figure:
    room = derive_interval(cell)
    if cell.value is None or room is None:
        return Figure(cell.marker.value, words.short(cell.marker.value))
    number = _format_number(cell.value, words) + sign_of(cell)
    if room.is_exact:
        return Figure(number)
    return Figure(
        number, between=words.say("range", low=_format_number(room.low, words), high=_format_number(room.high, words))
    )


def _format_number(value: int, words: Words) -> str:
    return format_decimal(value, locale=words.language)


def _list_overviews(tables: Sequence[Laid], words: Words) -> list[Overview]:
    """One for each population and period with a total, of its first table: a country's is the same in all."""
    found: dict[tuple[str, str], Overview] = {}
    for table in tables:
        key = table.definition.population.name, str(table.release.period)
        if key not in found and any(table.lines[-1].figures[area].now.value is not None for area in _list_areas(table)):
            found[key] = _build_overview(table, "-".join(key).replace("/", "-"), words)
    return list(found.values())


def _build_overview(table: Laid, name: str, words: Words) -> Overview:
    totals = table.lines[-1].figures
    title = words.heading(table.definition.population.title, table.release)
    pairs = [(words.area(area), totals[area]) for area in table.islands]
    rows = [
        ((words.area(area),), area == CARIBBEAN_AREA, *_show_both_figures(totals[area].now, totals[area].before, words))
        for area in table.islands
    ]
    return Overview(
        id=name,
        title=title,
        heads=(words.say("area"),),
        last=table.last,
        period=str(table.release.period),
        block=Block(words.say("islands"), _draw_bars(table, f"{name}-islands", title, pairs, words), rows),
        said=[
            *_describe_netherlands(table, words),
            *_describe_coverage(table, words),
            *_three_years(table, words),
            *table.trends,
        ],
    )


def _describe_coverage(table: Laid, words: Words) -> list[str]:
    """Who is in the Caribbean sum: where one of the islands beside it is not, they do not add up to it."""
    if not table.release.coverage or table.release.base == 1:
        return []
    return [words.say("covered", areas=", ".join(words.area(country.value) for country in table.release.coverage))]


def _three_years(table: Laid, words: Words) -> list[str]:
    """What the dagger means, where a total has one."""
    of = table.release.period
    cells = [pair.now for pair in table.lines[-1].figures.values()]
    return [words.say("three_years", sign=sign, period=of.pooled()) for sign in {*map(sign_of, cells)} & {"†"}]


def _describe_netherlands(table: Laid, words: Words) -> list[str]:
    return [
        words.say(
            "so_much_between" if figure.between else "so_much",
            title=words.area(area),
            figure=figure.shown,
            range=figure.between,
        )
        for area in table.netherlands
        for figure in [_show_figure(table.lines[-1].figures[area].now, words)]
        if not figure.means
    ]
