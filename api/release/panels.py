"""A regional release as panels: one an island, and apart the four together and the Netherlands.

The islands' pictures have the same rows and one scale, so that they can be compared; each of the others has its own,
since its bars would leave nothing of the islands'. One layout for the page and for the brief. The figures are those of
the released cells as they are; what is withheld is said, never left blank, and what nobody collects is said once. A
rounded figure comes with the numbers it lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from markupsafe import Markup

from api.release.charts import Bar, Legend, Mark, draw_bars, find_longest_bar, key
from register.statistics.formats.layout import Laid, derive_interval, list_drawn_lines, sign_of
from register.statistics.formats.layout import Line as LaidLine
from register.statistics.formats.words import Words
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker
from register.statistics.tables import ALL

_PICTURE_ROWS_MIN = 2
_COMPARED_MIN = 2


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
class Panel:
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
class Panels:
    """A table of a release, laid out.

    Attributes:
        title: of the table, with its period.
        heads: over the words of each line and over its figures; not over the room that rounding leaves.
        is_two_way: whether a line has two words before its figures, which want more room.
        has_before: whether the figures of the period before stand beside these.
        islands: drawn on one scale.
        apart: the four together and the Netherlands, each on a scale of its own.
        key: what the bars are, for all pictures; empty where none is drawn.
        scale: what is said of the pictures' scales; empty where there is nothing to compare.
        gaps: the rows of which no country holds anything, and the areas that reported nothing.
    """

    title: str
    heads: tuple[str, ...]
    is_two_way: bool
    has_before: bool
    islands: Sequence[Panel]
    apart: Sequence[Panel]
    key: Sequence[tuple[Markup, str]]
    scale: str
    gaps: tuple[str, ...]


def panels(laid: Laid, words: Words, prefix: str = "") -> Panels:
    """Lay out a table; `prefix` begins the ids, where a page has more tables than one."""
    everybody = (*laid.islands, *laid.netherlands)
    silent = [code for code in everybody if _says_nothing(laid.lines, [code])]
    reporting = [code for code in everybody if code not in silent]
    lines = [line for line in laid.lines if not _says_nothing([line], reporting)]
    islands = [code for code in laid.islands if code in reporting and code != CARIBBEAN_AREA]
    page = _Page(laid, lines, words, prefix)
    most = max((find_longest_bar(page.bars(code, islands)) for code in islands), default=0)
    side_by_side = [page.panel(code, islands, most) for code in islands]
    apart = [page.panel(code, [code]) for code in reporting if code not in islands]
    is_drawn = any(panel.picture for panel in (*side_by_side, *apart))
    return Panels(
        title=laid.title,
        heads=(
            *laid.heads,
            *((words.say("figure"),) if laid.before is None else (str(laid.release.period), laid.last)),
        ),
        is_two_way=len(laid.heads) > 1,
        has_before=laid.before is not None,
        islands=side_by_side,
        apart=apart,
        key=page.key(reporting) if is_drawn else (),
        scale=_describe_scale(side_by_side, apart, most, words),
        gaps=_describe_gaps(laid, lines, silent, words),
    )


def _describe_scale(islands: Sequence[Panel], apart: Sequence[Panel], most: int, words: Words) -> str:
    if len([panel for panel in islands if panel.picture]) < _COMPARED_MIN:
        return ""
    said = [words.say("one_scale", most=_format_number(most, words))]
    return " ".join([*said, words.say("own_scale")] if any(panel.picture for panel in apart) else said)


def _describe_gaps(laid: Laid, lines: Sequence[LaidLine], silent: Sequence[str], words: Words) -> tuple[str, ...]:
    missing = ["; ".join(line.words) for line in laid.lines if line not in lines] if lines else []
    found = [words.say("rows_of_nobody", rows=", ".join(missing))] if missing else []
    if silent:
        found.append(words.say("silent", areas=", ".join(map(words.area, silent))))
    return tuple(found)


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
    prefix: str

    def panel(self, code: str, beside: Sequence[str], most: int | None = None) -> Panel:
        """One area, with its picture among those that are drawn with it."""
        lines = [
            Line(
                line.words,
                line.is_sum,
                _show_cell(pair.now, self.words),
                _describe_range(pair.now, self.words),
                "" if pair.before is None else _show_cell(pair.before, self.words),
            )
            for line in self.lines
            for pair in [line.figures[code]]
        ]
        name = f"{self.prefix}{code.lower()}"
        return Panel(name, self.words.area(code), lines, self._picture(name, code, beside, most))

    def bars(self, code: str, beside: Sequence[str]) -> list[Bar]:
        """The rows of an area's picture: those that any of the areas beside it shows, so that all have the same.

        An area of which no row is shown has its total alone: rows of markers would be no picture.
        """
        own = {line.codes for line in list_drawn_lines(self.laid, code)}
        shown = {line.codes for one in beside for line in list_drawn_lines(self.laid, one)}
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
        reach = self.words.say("chart_reach") if has_reach else ""
        return key(Legend(str(self.laid.release.period), before, reach))

    def _picture(self, name: str, code: str, beside: Sequence[str], most: int | None) -> Markup | None:
        rows = self.bars(code, beside)
        if not rows or (len(rows) < _PICTURE_ROWS_MIN and len(beside) == 1):
            return None
        return draw_bars(
            f"picture-{name}",
            f"{self.laid.title}: {self.words.area(code)}",
            self.words.say("picture_says"),
            rows,
            Legend(""),
            most=most,
        )

    def _mark(self, cell: Cell) -> Mark:
        """A bar; none where there is no figure, or where it is of other years than those beside it."""
        shown = _show_cell(cell, self.words)
        return Mark(shown) if cell.marker is Marker.POOLED else Mark(shown, cell.value, cell.reach)


def _show_cell(cell: Cell, words: Words) -> str:
    if cell.value is None:
        return f"{cell.marker.value} ({words.short(cell.marker.value)})"
    return _format_number(cell.value, words) + sign_of(cell)


def _describe_range(cell: Cell, words: Words) -> str:
    room = derive_interval(cell)
    if room is None or room.is_exact:
        return ""
    return words.say("range", low=_format_number(room.low, words), high=_format_number(room.high, words))


def _format_number(value: int, words: Words) -> str:
    return format_decimal(value, locale=words.language)
