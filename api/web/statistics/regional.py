"""A frozen regional release as a page shows it: each island, the four together, the Netherlands apart.

The figures are those of the released cells as they are, laid out as in the release's workbook and in its words; what
is withheld is said, never left blank. A rounded figure comes with the numbers it lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.release.charts import Bar, Legend, Mark, bars
from api.web.frame.languages import Words
from register.services.statistics.releases.released import Released
from register.statistics.formats import words as said_in_files
from register.statistics.formats.layout import Laid, Pair, drawn, interval, laid_out, withheld
from register.statistics.release.release import Cell, Marker

_PICTURE_ROWS_MIN = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its words, whether it is a sum, its figure or marker in words, and between which numbers it lies.

    Attributes:
        before: the same of the period before; empty where that release is not there.
    """

    labels: tuple[str, ...]
    is_sum: bool
    shown: str
    between: str
    before: str = ""


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
        period: as printed.
        last: the period before, where its release is there; else empty.
        trends: what may be said of the totals beside last year's.
    """

    title: str
    tier: str
    heads: tuple[str, ...]
    areas: Sequence[Area]
    withheld: Sequence[tuple[str, str, str]]
    notes: Sequence[str]
    markers: Sequence[tuple[str, str]]
    period: str
    last: str
    trends: Sequence[str]


def regional(released: Released, words: Words) -> Regional:
    """Lay a release out in the reader's language; one of a table that is not registered is refused (`NoRelease`)."""
    spoken = said_in_files.Words(words.language if words.language in said_in_files.LANGUAGES else "en")
    publication = released.publication()
    laid = laid_out(publication, spoken)[0]
    release = laid.release
    return Regional(
        title=laid.title,
        tier=spoken.tier(release.tier.value),
        heads=laid.heads,
        areas=[_area(laid, code, words, spoken) for code in (*laid.islands, *laid.netherlands)],
        withheld=withheld(laid, publication.catalogue, spoken),
        notes=laid.notes,
        markers=tuple(spoken.markers().items()),
        period=str(release.period),
        last="" if laid.before is None else laid.last,
        trends=laid.trends,
    )


def _area(laid: Laid, code: str, words: Words, spoken: said_in_files.Words) -> Area:
    lines = [
        Line(
            line.words,
            line.is_sum,
            _shown(pair.now, words, spoken),
            _between(pair.now, words, spoken),
            "" if pair.before is None else _shown(pair.before, words, spoken),
        )
        for line in laid.lines
        for pair in [line.figures[code]]
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
            Bar(line.words[0], _mark(pair.now, words, spoken), _mark_before(pair, words, spoken))
            for line in lines
            for pair in [line.figures[code]]
        ],
        Legend(
            str(laid.release.period),
            "" if laid.before is None else laid.last,
            reach=spoken.say("chart_reach") if any(c.reach for c in cells) else "",
        ),
    )


def _mark_before(pair: Pair, words: Words, spoken: said_in_files.Words) -> Mark | None:
    return None if pair.before is None else _mark(pair.before, words, spoken)


def _mark(cell: Cell, words: Words, spoken: said_in_files.Words) -> Mark:
    return Mark(_shown(cell, words, spoken), cell.value, cell.reach)


def _shown(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    if cell.value is None:
        return f"{cell.marker.value} ({spoken.short(cell.marker.value)})"
    return words.number(cell.value) + ("*" if cell.marker is Marker.AS_PUBLISHED else "")


def _between(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    room = interval(cell)
    if room is None or room.is_exact:
        return ""
    return spoken.say("range", low=words.number(room.low), high=words.number(room.high))
