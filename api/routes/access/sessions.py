"""Sessions at the pages of whoever asks: listed, and ended. Nobody sees or ends another's."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.http.caller import Registered, SignedIn
from register.core import Register
from register.domain.access.caller import Caller
from register.services.access.own_sessions import end_other_sessions, end_session, list_sessions
from schemas.access.sessions import SessionsOut

router = APIRouter(prefix="/v1/sessions", tags=["me"])


@router.get("")
def sessions(register: Registered, caller: SignedIn) -> SessionsOut:
    """Where the caller is signed in at the pages, the session last used first."""
    return _list_present_sessions(register, caller)


@router.post("/end")
def end_all_sessions(register: Registered, caller: SignedIn) -> SessionsOut:
    """End all sessions of the caller at the pages, at once; tokens of programs live on until they expire."""
    end_other_sessions(register, caller, token=None)
    return _list_present_sessions(register, caller)


@router.post("/{session_id}/end")
def end_one_session(register: Registered, caller: SignedIn, session_id: UUID) -> SessionsOut:
    """End one session of the caller at the pages, at once; the answer names those that are left."""
    end_session(register, caller, session_id)
    return _list_present_sessions(register, caller)


def _list_present_sessions(register: Register, caller: Caller) -> SessionsOut:
    return SessionsOut(sessions=tuple(list_sessions(register, caller, token=None)))
