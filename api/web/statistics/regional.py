"""A frozen regional release as a page shows it: a panel an island, and apart the four together and the Netherlands.

The islands' pictures have the same rows and one scale, so that they can be compared; each of the others has its own,
since its bars would leave nothing of the islands'. The figures are those of the released cells as they are, laid out as
in the release's workbook and in its words; what is withheld is said, never left blank, and what nobody collects is said
once. A rounded figure comes with the numbers it lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.release.charts import Bar, Legend, Mark, bars, key, longest
from api.web.frame.languages import Words
from register.statistics.formats import words as said_in_files
from register.statistics.formats.layout import Laid, drawn, interval, laid_out, sign_of, withheld
from register.statistics.formats.layout import Line as LaidLine
from register.statistics.formats.publication import Publication
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker
from register.statistics.tables import ALL

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
        panels: the islands, drawn on one scale.
        apart: the four together and the Netherlands, each on a scale of its own.
        key: what the bars are, for all pictures; empty where none is drawn.
        most: the length of the panels' scale.
        not_collected: rows of which no country holds anything.
        silent: areas that reported nothing.
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
    panels: Sequence[Area]
    apart: Sequence[Area]
    key: Sequence[tuple[Markup, str]]
    most: str
    not_collected: Sequence[str]
    silent: Sequence[str]
    withheld: Sequence[tuple[str, str, str]]
    notes: Sequence[str]
    markers: Sequence[tuple[str, str]]
    period: str
    last: str
    trends: Sequence[str]


def regional(publication: Publication, words: Words) -> Regional:
    """Lay out the latest release of a publication of one table in the reader's language."""
    spoken = said_in_files.Words(words.language if words.language in said_in_files.LANGUAGES else "en")
    laid = laid_out(publication, spoken)[0]
    release = laid.release
    everybody = (*laid.islands, *laid.netherlands)
    silent = [code for code in everybody if _says_nothing(laid.lines, [code])]
    reporting = [code for code in everybody if code not in silent]
    lines = [line for line in laid.lines if not _says_nothing([line], reporting)]
    islands = [code for code in laid.islands if code in reporting and code != CARIBBEAN_AREA]
    page = _Page(laid, lines, words, spoken)
    most = max((longest(page.bars(code, islands)) for code in islands), default=0)
    panels = [page.area(code, islands, most) for code in islands]
    apart = [page.area(code, [code]) for code in reporting if code not in islands]
    return Regional(
        title=laid.title,
        tier=spoken.tier(release.tier.value),
        heads=laid.heads,
        panels=panels,
        apart=apart,
        key=page.key(reporting) if any(area.picture for area in (*panels, *apart)) else (),
        most=words.number(most),
        not_collected=["; ".join(line.words) for line in laid.lines if line not in lines] if lines else (),
        silent=[spoken.area(code) for code in silent],
        withheld=withheld(laid, publication.catalogue, spoken),
        notes=laid.notes,
        markers=tuple(spoken.markers().items()),
        period=str(release.period),
        last="" if laid.before is None else laid.last,
        trends=laid.trends,
    )


def _says_nothing(lines: Sequence[LaidLine], areas: Sequence[str]) -> bool:
    """Whether these areas hold nothing in these lines, in this period and the one before."""
    cells = [c for line in lines for a in areas for c in (line.figures[a].now, line.figures[a].before) if c is not None]
    return all(cell.marker is Marker.NOT_REPORTED for cell in cells)


@dataclass(frozen=True, slots=True)
class _Page:
    """A table on its way to a page: its lines that say something, in the reader's words."""

    laid: Laid
    lines: Sequence[LaidLine]
    words: Words
    spoken: said_in_files.Words

    def area(self, code: str, beside: Sequence[str], most: int | None = None) -> Area:
        """One area, with its picture among those that are drawn with it."""
        lines = [
            Line(
                line.words,
                line.is_sum,
                _shown(pair.now, self.words, self.spoken),
                _between(pair.now, self.words, self.spoken),
                "" if pair.before is None else _shown(pair.before, self.words, self.spoken),
            )
            for line in self.lines
            for pair in [line.figures[code]]
        ]
        return Area(code.lower(), self.spoken.area(code), lines, self._picture(code, beside, most))

    def bars(self, code: str, beside: Sequence[str]) -> list[Bar]:
        """The rows of an area's picture: those that any of the areas beside it shows, so that all have the same.

        An area of which no row is shown has its total alone: rows of markers would be no picture.
        """
        own = {line.codes for line in drawn(self.laid, code)}
        shown = {line.codes for one in beside for line in drawn(self.laid, one)}
        has_rows = any(ALL not in codes for codes in own)
        return [
            Bar(line.words[0], self._mark(pair.now), None if pair.before is None else self._mark(pair.before))
            for line in self.lines
            if line.codes in (shown if has_rows else own)
            for pair in [line.figures[code]]
        ]

    def key(self, areas: Sequence[str]) -> list[tuple[Markup, str]]:
        """What the bars are."""
        cells = [c for line in self.lines for a in areas for c in (line.figures[a].now, line.figures[a].before)]
        has_reach = any(cell is not None and cell.reach for cell in cells)
        before = "" if self.laid.before is None else self.laid.last
        reach = self.spoken.say("chart_reach") if has_reach else ""
        return key(Legend(str(self.laid.release.period), before, reach))

    def _picture(self, code: str, beside: Sequence[str], most: int | None) -> Markup | None:
        rows = self.bars(code, beside)
        if len(rows) < _PICTURE_ROWS_MIN and len(beside) == 1:
            return None
        return bars(
            f"picture-{code.lower()}",
            f"{self.laid.title}: {self.spoken.area(code)}",
            self.words.plain("Bars of the figures in the table that follows."),
            rows,
            Legend(""),
            most=most,
        )

    def _mark(self, cell: Cell) -> Mark:
        """A bar; none where there is no figure, or where it is of other years than those beside it."""
        shown = _shown(cell, self.words, self.spoken)
        return Mark(shown) if cell.marker is Marker.POOLED else Mark(shown, cell.value, cell.reach)


def _shown(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    if cell.value is None:
        return f"{cell.marker.value} ({spoken.short(cell.marker.value)})"
    return words.number(cell.value) + sign_of(cell)


def _between(cell: Cell, words: Words, spoken: said_in_files.Words) -> str:
    room = interval(cell)
    if room is None or room.is_exact:
        return ""
    return spoken.say("range", low=words.number(room.low), high=words.number(room.high))
