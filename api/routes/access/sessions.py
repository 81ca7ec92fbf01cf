"""Sessions at the pages of whoever asks: listed, and ended. Nobody sees or ends another's."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.http.caller import Registered, SignedIn
from register.services.access.own_sessions import end_other_sessions, end_session, list_sessions
from schemas.access.sessions import SessionsOut

router = APIRouter(prefix="/v1/sessions", tags=["me"])


@router.get("")
def sessions(register: Registered, caller: SignedIn) -> SessionsOut:
    """Where the caller is signed in at the pages, the session last used first."""
    return SessionsOut(sessions=tuple(list_sessions(register, caller, token=None)))


@router.delete("", status_code=204)
def end_all(register: Registered, caller: SignedIn) -> None:
    """End all sessions of the caller at the pages, at once; tokens of programs live on until they expire."""
    end_other_sessions(register, caller, token=None)


@router.delete("/{session_id}", status_code=204)
def end(register: Registered, caller: SignedIn, session_id: UUID) -> None:
    """End one session of the caller at the pages, at once."""
    end_session(register, caller, session_id)
