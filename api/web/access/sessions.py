"""Where somebody is signed in: the person's own sessions, each with its browser, to be ended singly or all others."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, show, to
from register.services.access.own_sessions import end_other_sessions, end_session, list_sessions

router = APIRouter(prefix="/sessions", include_in_schema=False, route_class=PageRoute)


@router.get("")
def sessions(request: Request, here: SignedInHere, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """All of the visitor's sessions, this one named."""
    found = list_sessions(here.register, here.caller, token=here.token)
    return show(request, here, "access/sessions.html", sessions=found, done=done == "ended")


@router.post("/end-others")
def end_others(sent: SentHere) -> Response:
    """End all sessions but this one."""
    here = sent.visitor
    end_other_sessions(here.register, here.caller, token=here.token)
    return to("/sessions?done=ended")


@router.post("/{session_id}/end")
def end(sent: SentHere, session_id: UUID) -> Response:
    """End one session; whoever ends this one is signed out with it."""
    end_session(sent.visitor.register, sent.visitor.caller, session_id)
    return to("/sessions?done=ended")
