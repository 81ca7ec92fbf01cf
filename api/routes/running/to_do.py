"""What waits for whoever asks, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.http.caller import Registered, SignedIn
from api.routes.pages import PageWanted, linked
from register.services.running import list_to_do as service
from schemas.form import Page
from schemas.running.to_do import ToDoOut

router = APIRouter(prefix="/v1/to-do", tags=["to-do"])


@router.get("")
def list_to_do(register: Registered, caller: SignedIn, wanted: PageWanted, response: Response) -> Page[ToDoOut]:
    """List what waits for you, your organisation, or whoever holds your tasks; the most urgent and overdue first."""
    page = service.list_to_do(register, caller, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/to-do", page, wanted)
