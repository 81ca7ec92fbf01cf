"""The page on figures and its download, for a country's own statisticians; from the same service as the API's."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, show
from api.web.frame.languages import N_
from api.web.frame.rendering import page_headers, words_of
from api.web.statistics.book import build_book
from api.web.statistics.registered import counted_by, not_collected, show_registered_tables
from api.web.statistics.tables import draw_picture, show_notified_tables, write_cell, write_change
from api.web.statistics.topics import FIRST, TOPICS
from register.errors import NotFound
from register.services.statistics.owner_statistics import BadYear, owner_year_beside

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_YEARS_OFFERED: Final = 6
Year = Annotated[str, Query(max_length=40)]
TopicName = Annotated[str, Query(max_length=40)]


@router.get("/figures")
def figures(request: Request, here: SignedInHere, year: Year = "", topic: TopicName = FIRST) -> Response:
    """One topic of a year beside the year before, exact; without a year, of the newest that holds anything."""
    about = TOPICS.get(topic)
    if about is None:
        raise NotFound("no such topic")
    register, words = here.register, words_of(request, here.register.partition, intake=False)
    try:
        years = owner_year_beside(register, here.caller, _read_year(year), about.populations)
    except BadYear:
        return show(request, here, "statistics/no_year.html", typed={"year": year}, faults=[_NO_YEAR], topic=topic)
    today = register.today()
    is_over = years.this.year < today.year
    own = show_notified_tables(years, words, is_over=is_over) if topic == FIRST else ()
    shown = (*own, *show_registered_tables(years, words, is_over=is_over, of=about))
    newest = max(years.last or 0, years.this.year)
    oldest = max(min(years.first or newest, years.this.year), newest - _YEARS_OFFERED + 1)
    return show(
        request,
        here,
        "statistics/figures.html",
        years=years,
        is_over=is_over,
        topics=[(word, one.title) for word, one in TOPICS.items()],
        topic=topic,
        is_first=topic == FIRST,
        offered=sorted({*range(oldest, newest + 1), years.this.year}, reverse=True),
        shown=shown,
        missing=not_collected(years, words, about),
        counted_by=counted_by(years, words),
        pictures={one.id: draw_picture(one, words, years.this.year) for one in shown},
        written=lambda cell: write_cell(cell, words),
        signed=lambda change: write_change(change, words),
        typed={},
        faults=[],
    )


@router.get("/figures/{year:int}.xlsx")
def download(request: Request, here: SignedInHere, year: int) -> Response:
    """All topics of the year as a workbook, in the reader's language."""
    register, words = here.register, words_of(request, here.register.partition, intake=False)
    years = owner_year_beside(register, here.caller, year)
    today = register.today()
    is_over = year < today.year
    shown = (
        *show_notified_tables(years, words, is_over=is_over),
        *show_registered_tables(years, words, is_over=is_over),
    )
    made = build_book(years, shown, not_collected(years, words), words, today)
    name = f"figures-{register.partition}-{year}.xlsx"
    headers = page_headers() | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made, media_type=_XLSX, headers=headers)


_NO_YEAR: Final = {"field": "year", "says": N_("Type a year of four digits, for instance 2023.")}


def _read_year(typed: str) -> int | None:
    """Read the year that was typed; None where none was.

    Raises:
        BadYear: it is no number.
    """
    if not typed.strip():
        return None
    try:
        return int(typed)
    except ValueError:
        raise BadYear("the year is no number") from None
