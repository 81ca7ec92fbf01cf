"""The page on the exchange, for coordinators and register units; from the same service as the API's."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.exchange.words import STATES, State, describe_overview
from api.web.frame.guard import PageRoute, SignedInHere, show
from register.domain.access.caller import Task
from sync.status import read_exchange_status

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/exchange")
def exchange(request: Request, here: SignedInHere) -> Response:
    """Per partner how it stands, what it means and what to do."""
    status = read_exchange_status(here.register, here.caller)
    return show(
        request,
        here,
        "exchange/exchange.html",
        overview=describe_overview(status, here.register.clock.now()),
        State=State,
        states=STATES,
        rules=here.register.edition.rules,
        tickets=here.caller.may(Task.REGISTER),
    )
