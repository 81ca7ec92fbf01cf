"""The first page: what one can do here, and the reports that were begun and not sent."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.web.exchange.words import says_still
from api.web.frame.guard import PageRoute, SessionIdle, show, visitor_of
from api.web.frame.rendering import render
from register.domain.access.caller import Task
from register.domain.exchange.log import ORIGIN_RESTORED
from register.services.exchange.exchange_state import standing_still
from register.services.signals.keep_draft import list_drafts

FORM = "report"

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
def home(request: Request, register: Registered) -> Response:
    """For somebody who is signed in what he can do; for anybody else the way in."""
    visitor = visitor_of(request, register)
    if visitor is None:
        return render(request, "welcome.html", country=register.partition, intake=True)
    if visitor.session.idle:
        raise SessionIdle("the session was not used for too long")
    may_submit = visitor.caller.may(Task.SUBMIT)
    return show(
        request,
        visitor,
        "home.html",
        drafts=list_drafts(register, visitor.caller, FORM) if may_submit else [],
        still=[(one, says_still(one)) for one in standing_still(register, visitor.caller)],
        restored=ORIGIN_RESTORED,
    )
