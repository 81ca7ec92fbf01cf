"""The first page: what one can do here, how much lies behind each entry, and the reports begun and not sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.web.exchange.words import says_still
from api.web.frame.guard import PageRoute, SessionIdle, show, visitor_of
from api.web.frame.languages import N_, Text
from api.web.frame.rendering import render
from api.web.signals.reporting.told import told_of
from register.domain.access.caller import Task
from register.domain.exchange.log import ORIGIN_RESTORED
from register.domain.running.behind import Behind
from register.services.exchange.exchange_state import standing_still
from register.services.running.count_behind import count_behind
from register.services.signals.keep_draft import list_drafts

FORM = "report"

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
def home(request: Request, register: Registered) -> Response:
    """For somebody who is signed in what he can do; for anybody else the way in."""
    visitor = visitor_of(request, register)
    if visitor is None:
        return render(request, "access/welcome.html", country=register.partition, intake=True)
    if visitor.session.idle:
        raise SessionIdle("the session was not used for too long")
    may_submit = visitor.caller.may(Task.SUBMIT)
    drafts = [told_of(one) for one in list_drafts(register, visitor.caller, FORM)] if may_submit else []
    still = [(one, says_still(one)) for one in standing_still(register, visitor.caller)]
    return show(
        request,
        visitor,
        "home.html",
        drafts=drafts,
        still=still,
        restored=ORIGIN_RESTORED,
        behind=_list_links_behind(count_behind(register, visitor.caller), drafts=len(drafts), still=len(still)),
    )


def _list_links_behind(
    counted: Mapping[Behind, int], *, drafts: int, still: int
) -> Mapping[str, list[tuple[str, Text]]]:
    """By the path of an entry of the first page: where each number leads, and the number in words."""
    found: dict[str, list[tuple[str, Text]]] = {}
    # One session is no news: one is signed in where one reads this.
    told = [(*_SAYS[one], number) for one, number in counted.items() if number >= (2 if one is Behind.SESSIONS else 1)]
    told += [("/report", "#begun", N_("begun and not sent: %(count)s"), drafts)] if drafts else []
    told += [("/exchange", "/exchange", N_("standing still: %(count)s"), still)] if still else []
    for entry, leads_to, says, number in told:
        found.setdefault(entry, []).append((leads_to, N_(says.message, count=number)))
    return found


_SAYS: Final[Mapping[Behind, tuple[str, str, Text]]] = MappingProxyType(
    {
        Behind.REFERRALS_UNREAD: ("/referrals", "/referrals", N_("not taken up yet: %(count)s")),
        Behind.REFERRALS_UNANSWERED: ("/referrals", "/referrals/all", N_("unanswered in the country: %(count)s")),
        Behind.REPORTS_UNCONFIRMED: ("/ours", "/ours", N_("waiting to be confirmed: %(count)s")),
        Behind.REQUESTS_DRAFTED: ("/search", "/search/requests", N_("drafted requests: %(count)s")),
        Behind.SESSIONS: ("/sessions", "/sessions", N_("browsers in which you are signed in: %(count)s")),
    }
)
"""Under which entry, where it leads, and how it is said."""
