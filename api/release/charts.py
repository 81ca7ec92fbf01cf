"""Pictures of tables, made on the server as SVG: horizontal bars, this period beside the one before.

A picture never stands alone: whoever shows one puts the table with the same figures beside it. It holds no script and
no `style`, so the policy of the pages stays as strict as it is; colours are attributes, so it is whole without a
stylesheet too. Widths are in per cent and heights in `em`: it fits a narrow screen, and grows with the letters.
Nothing here knows a language: every word and every figure comes as it is to be read.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

WRAP_AT: Final = 32
"""Letters of a label that fit into one line on a screen of 320 px."""
_LONGEST: Final = 72.0
"""The longest bar, in per cent of the width: behind it there is room for its figure."""
_LINE, _THICK, _THIN, _GAP, _LEGEND = 1.35, 1.15, 1.15, 0.8, 1.6
_NOW, _BEFORE, _INK = "#1d4f91", "#7d8794", "#1b1f24"


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure.

    Attributes:
        shown: as it is read: the number in the reader's language, or the marker for what is not shown.
        value: what the bar's length is; None draws no bar, only `shown`.
        reach: the true value lies at most so far below or above; drawn as an open end of the bar.
    """

    shown: str
    value: int | None = None
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the table: its words, its figure, and the figure of the period before where there is one."""

    label: str
    now: Mark
    before: Mark | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """What the bars are, as it is read.

    Attributes:
        now: for instance `2023`.
        before: for instance `2022`; empty where no figure of a period before is drawn.
        reach: what the open end of a bar means; empty where no figure has a reach.
    """

    now: str
    before: str = ""
    reach: str = ""


def find_longest_bar(rows: Sequence[Bar]) -> int:
    """Return how far the longest bar goes, its open end included; 0 where none is drawn."""
    marks = [mark for row in rows for mark in (row.now, row.before) if mark is not None]
    return max((mark.value + mark.reach for mark in marks if mark.value is not None), default=0)


def key(legend: Legend) -> list[tuple[Markup, str]]:
    """Return the legend to stand once beside several pictures: a sample of each kind of bar, and what it is."""
    return [
        (
            _TAG_SAMPLE.format(rect=_TAG_RECT.format(x="1", y="1", width="1.6em", height=_write_em(0.9), paint=paint)),
            text,
        )
        for text, paint in _list_kinds(legend)
    ]


def draw_bars(
    name: str, title: str, description: str, rows: Sequence[Bar], legend: Legend, *, most: int | None = None
) -> Markup:
    """Return the picture as an `<svg>` element to put into a page.

    Args:
        name: begins the ids inside, so it must be another for each picture of a page; letters, digits and hyphens.
        title: said by a screen reader as the picture's name.
        description: said after it: what there is to see, and where the table is.
        rows: from top to bottom; all texts are escaped here.
        legend: what is printed above the bars; empty where `key` stands beside several pictures.
        most: the length of the whole scale, for pictures that are compared; None takes the longest bar.

    Raises:
        ValueError: the name is none, a figure or reach is below zero, or a bar is longer than the scale.
    """
    if not name or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name):
        raise ValueError("the name of a picture has letters, digits and hyphens only")
    marks = [mark for row in rows for mark in (row.now, row.before) if mark is not None]
    if any((mark.value or 0) < 0 or mark.reach < 0 for mark in marks):
        raise ValueError("a bar cannot be shorter than nothing")
    if most is not None and find_longest_bar(rows) > most:
        raise ValueError("a bar cannot be longer than the scale that pictures share")
    scale = _LONGEST / max(1, find_longest_bar(rows) if most is None else most)
    drawn: list[Markup] = []
    y = 0.0
    for part, height in (*_draw_legend(legend), *(_draw_row(row, scale) for row in rows)):
        drawn.append(_TAG_GROUP.format(y=_write_em(y), inside=part))
        y += height
    return _TAG_SVG.format(
        name=name, title=title, description=description, height=_write_em(y), ink=_INK, inside=Markup("").join(drawn)
    )


# Nested <svg> elements move by `y` in em; a <g> could only be moved in pixels.
_TAG_GROUP: Final = Markup('<svg y="{y}" overflow="visible">{inside}</svg>')
_TAG_SVG: Final = Markup(
    '<svg class="chart" role="img" aria-labelledby="{name}-title {name}-desc" width="100%" height="{height}" '
    'fill="{ink}" stroke-width="2" xmlns="http://www.w3.org/2000/svg"><title id="{name}-title">{title}</title>'
    '<desc id="{name}-desc">{description}</desc>{inside}</svg>'
)
_TAG_SAMPLE: Final = Markup(
    '<svg class="sample" aria-hidden="true" stroke-width="2" width="1.8em" height="1.1em">{rect}</svg>'
)
_TAG_RECT: Final = Markup('<rect x="{x}" y="{y}" width="{width}" height="{height}" {paint}/>')
_TAG_LINE: Final = Markup('<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="{ink}"{more}/>')
_TAG_TEXT: Final = Markup('<text x="{x}" y="{y}"{more}>{text}</text>')


def _list_kinds(legend: Legend) -> list[tuple[str, Markup]]:
    said = (
        (legend.now, _write_fill(_NOW)),
        (legend.before, _write_fill(_BEFORE)),
        (legend.reach, _write_outline(_NOW)),
    )
    return [(text, paint) for text, paint in said if text]


def _draw_legend(legend: Legend) -> Iterator[tuple[Markup, float]]:
    lines = _list_kinds(legend)
    for number, (text, paint) in enumerate(lines, start=1):
        box = _TAG_RECT.format(x="1", y=_write_em(0.25), width="1.6em", height=_write_em(0.9), paint=paint)
        wrapped = _wrap_text(text)
        words = [_draw_text(line, "2.2em", 1.0 + at * _LINE) for at, line in enumerate(wrapped)]
        room = _GAP if number == len(lines) else 0.0
        yield Markup("").join([box, *words]), _LEGEND + (len(wrapped) - 1) * _LINE + room


def _draw_row(row: Bar, scale: float) -> tuple[Markup, float]:
    wrapped = _wrap_text(row.label)
    parts = [_draw_text(line, "0", 1.0 + at * _LINE, ' font-weight="600"') for at, line in enumerate(wrapped)]
    y = len(wrapped) * _LINE
    parts += _draw_bar(row.now, scale, y, _THICK, _NOW)
    y += _THICK + 0.1
    if row.before is not None:
        parts += _draw_bar(row.before, scale, y, _THIN, _BEFORE)
        y += _THIN + 0.1
    return Markup("").join(parts), y + _GAP


def _draw_bar(mark: Mark, scale: float, y: float, height: float, ink: str) -> Iterable[Markup]:
    foot = y + height / 2 + 0.36
    if mark.value is None:
        yield _TAG_LINE.format(
            x1="0", x2="2.4em", y1=_write_em(y + height / 2), y2=_write_em(y + height / 2), ink=ink,
            more=Markup(' stroke-dasharray="3 3"'),
        )  # fmt: skip
        yield _draw_text(mark.shown, "2.9em", foot)
        return
    least, most = max(0, mark.value - mark.reach), mark.value + mark.reach
    thin = {"y": _write_em(y + 0.15), "height": _write_em(height - 0.3)}
    # A bar of nothing still has its foot on the line, so that a zero is seen to be one and not a hole.
    yield _TAG_LINE.format(x1="1", x2="1", y1=_write_em(y + 0.1), y2=_write_em(y + height - 0.1), ink=ink, more="")
    if least:
        yield _TAG_RECT.format(x="0", width=_write_percent(least * scale), paint=_write_fill(ink), **thin)
    if mark.reach:
        width = _write_percent((most - least) * scale)
        yield _TAG_RECT.format(x=_write_percent(least * scale), width=width, paint=_write_outline(ink), **thin)
        at = _write_percent(mark.value * scale)
        yield _TAG_LINE.format(x1=at, x2=at, y1=_write_em(y), y2=_write_em(y + height), ink=_INK, more="")
    yield _draw_text(mark.shown, _write_percent(most * scale), foot, ' dx=".45em"')


def _draw_text(text: str, x: str, y: float, more: str = "") -> Markup:
    return _TAG_TEXT.format(x=x, y=_write_em(y), more=Markup(more), text=escape(text))  # noqa: S704 - `more` is written in this file


def _wrap_text(text: str) -> list[str]:
    return textwrap.wrap(text, WRAP_AT) or [""]


def _write_fill(ink: str) -> Markup:
    return Markup('fill="{}"').format(ink)


def _write_outline(ink: str) -> Markup:
    return Markup('fill="#fff" stroke="{}"').format(ink)


def _write_em(length: float) -> str:
    return f"{_shorten_number(length)}em"


def _write_percent(length: float) -> str:
    return f"{_shorten_number(length)}%"


def _shorten_number(length: float) -> str:
    """To the hundredth, without what says nothing: a page of panels has thousands of lengths."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
