"""The list of the own register, narrowed by codes and days, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.ours.filters import CODES, read_filters
from api.web.signals.reporting.answers import Fault
from register.domain.access.caller import Task
from register.domain.signals.reading import reads_country
from register.errors import NotFound
from register.services.access.list_organisations import organisations_for
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import find_by_reference
from schemas.form import Page
from schemas.signals.out import SignalOrder, SignalSummary

router = APIRouter(include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
Sort = Annotated[str, Query(max_length=20)]
Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("/ours")
def ours(request: Request, here: SignedInHere, cursor: Cursor = None, sort: Sort = "") -> Response:
    """The own register: a worklist for the register unit; for all others, and on demand, the newest first."""
    return _show_list(request, here, cursor, sort)


@router.post("/ours/find")
def find(request: Request, post: SentHere) -> Response:
    """To the report of a reference, as people type it. Sent as a form: an address would keep a name typed into it."""
    here, typed = post.visitor, post.posted.one("reference")
    try:
        return to(f"/ours/{find_by_reference(here.register, here.caller, typed)}")
    except NotFound:
        says = N_("There is no report of this reference that you may read. Look at it again: the year, and each digit.")
        if not any(sign.isdecimal() for sign in typed):
            says = N_(
                "Type the reference that was given to you, for instance 2026-0168. Names are looked for by a search."
            )
        return _show_list(request, here, None, "", reference=typed, faults=[Fault("reference", says)])


def _show_list(
    request: Request, here: Visitor, cursor: str | None, sort: str, *, reference: str = "", faults: Sequence[Fault] = ()
) -> Response:
    names = {one.code: one.name for one in organisations_for(here.register, here.caller)}
    today = here.register.today()
    given = read_filters(request.query_params, today, names)
    unit = here.caller.may(Task.REGISTER)
    order = SignalOrder.WAITING if unit and sort != SignalOrder.NEWEST else SignalOrder.NEWEST
    more = "&sort=newest" if unit and order is SignalOrder.NEWEST else ""
    page: Page[SignalSummary] = Page(items=())
    if not given.faults:
        page = list_signals(here.register, here.caller, filters=given.wanted, cursor=cursor, limit=ROWS, order=order)
    return show(
        request,
        here,
        "signals/ours/list.html",
        typed={**given.typed, "reference": reference},
        faults=[*faults, *given.faults],
        mends=bool(given.faults),
        narrow=bool(given.wanted),
        wanted=given.wanted,
        codes_shown=list(CODES.items()),
        items=page.items,
        later=given.address("/ours", page.next) + more if page.next else None,
        first=cursor is None,
        unit=unit,
        worklist=order is SignalOrder.WAITING,
        whole=reads_country(here.caller),
        names=names,
        today=today,
    )
