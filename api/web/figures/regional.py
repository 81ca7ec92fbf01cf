"""A frozen regional release as a page shows it: each island, the four together, and the Netherlands apart.

The figures are those of the released cells as they are, laid out as in the release's workbook and in its words; what
is withheld is said, never left blank. A rounded figure comes with the numbers it lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.web.charts import Bar, Legend, Mark, bars
from api.web.languages import Words
from register.statistics.catalogue import Catalogue
from register.statistics.formats import words as said_in_files
from register.statistics.formats.layout import Laid, drawn, interval, laid_out, withheld
from register.statistics.formats.publication import Publication, Published
from register.statistics.release import Cell, Marker, Release

_PICTURE_ROWS_MIN = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its words, whether it is a sum, its figure or marker in words, and between which numbers it lies."""

    labels: tuple[str, ...]
    is_sum: bool
    shown: str
    between: str


@dataclass(frozen=True, slots=True)
class Area:
    """One country or the region. id: for the page's anchors. picture: None where there is nothing to compare."""

    id: str
    name: str
    lines: Sequence[Line]
    picture: Markup | None

    @property
    def rounded(self) -> bool:
        """Whether any figure has a room around it."""
        return any(line.between for line in self.lines)


@dataclass(frozen=True, slots=True)
class Regional:
    """A release to show.

    Attributes:
        heads: over the words of each line.
        withheld: whose figures, what of them, and which table to read instead.
        notes: what must be said of the table.
        markers: each marker with what it means.
    """

    title: str
    tier: str
    heads: tuple[str, ...]
    areas: Sequence[Area]
    withheld: Sequence[tuple[str, str, str]]
    notes: Sequence[str]
    markers: Sequence[tuple[str, str]]


def regional(release: Release, catalogue: Catalogue, words: Words) -> Regional:
    """Lay a release out in the reader's language; one of a table that is not registered is refused (`NoRelease`)."""
    spoken = said_in_files.Words(words.language if words.language in said_in_files.LANGUAGES else "en")
    laid = laid_out(Publication(catalogue, (Published(release),)), spoken)[0]
    return Regional(
        title=laid.title,
        tier=spoken.tier(release.tier.value),
        heads=laid.heads,
        areas=[_area(laid, code, words, spoken) for code in (*laid.islands, *laid.netherlands)],
        withheld=withheld(laid, catalogue, spoken),
        # One release is shown, so nothing is said of another that there may be.
        notes=[note for note in laid.notes if note != spoken.say("no_last", period=laid.last)],
        markers=tuple(spoken.markers().items()),
    )


def _area(laid: Laid, code: str, words: Words, spoken: said_in_files.Words) -> Area:
    lines = [
        Line(line.words, line.is_sum, _shown(cell, words, spoken), _between(cell, words, spoken))
        for line in laid.lines
        for cell in [line.figures[code].now]
    ]
    return Area(code.lower(), spoken.area(code), lines, _picture(laid, code, words, spoken))


def _picture(laid: Laid, code: str, words: Words, spoken: said_in_files.Words) -> Markup | None:
    lines = drawn(laid, code)
    if len(lines) < _PICTURE_ROWS_MIN:
        return None
    cells = [line.figures[code].now for line in lines]
    return bars(
        f"picture-{code.lower()}",
        f"{laid.title}: {spoken.area(code)}",
        words.plain("Bars of the figures in the table that follows."),
        [
            Bar(line.words[0], Mark(_shown(cell, words, spoken), cell.value, cell.reach))
            for line, cell in zip(lines, cells, strict=True)
        ],
        Legend(str(laid.release.period), reach=spoken.say("chart_reach") if any(c.reach for c in cells) else ""),
    )


def _shown(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    if cell.value is None:
        return f"{cell.marker.value} ({spoken.short(cell.marker.value)})"
    return words.number(cell.value) + ("*" if cell.marker is Marker.AS_PUBLISHED else "")


def _between(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    room = interval(cell)
    if room is None or room.is_exact:
        return ""
    return spoken.say("range", low=words.number(room.low), high=words.number(room.high))
