"""Protections of persons over HTTP: why somebody is protected, and the lifting of what rests on a mistake."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from api.routes.preconditions import VersionWanted, tagged
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.signal import SignalId
from register.services.signals.protecting import lift_protection as service
from schemas.form import Page
from schemas.signals.lifting import DecideLiftingIn, LiftIn, LiftingOut, LiftingSummary, ProtectionOut

router = APIRouter(prefix="/v1", tags=["signals"], dependencies=JSON_ONLY)


@router.get("/signals/{signal_id}/protection")
def read_protection(register: Registered, caller: SignedIn, signal_id: UUID) -> ProtectionOut:
    """Read why each person is protected, and what was asked about it; for the register unit, and logged."""
    return service.read_protection(register, caller, SignalId(signal_id))


@router.post("/liftings", status_code=201)
def ask_lifting(register: Registered, caller: SignedIn, asked: LiftIn, response: Response) -> LiftingOut:
    """Ask the victim's side whether the fact behind a protection was wrong; nothing changes before it answers."""
    return tagged(response, service.ask_lifting(register, caller, asked))


@router.get("/liftings")
def list_liftings(
    register: Registered, caller: SignedIn, wanted: Annotated[Paging, Query()], response: Response
) -> Page[LiftingSummary]:
    """List liftings, newest first: all for the register unit, else what the own organisation was asked."""
    page = service.list_liftings(register, caller, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/liftings", page, wanted)


@router.get("/liftings/{lifting_id}")
def read_lifting(register: Registered, caller: SignedIn, lifting_id: UUID, response: Response) -> LiftingOut:
    """Read a lifting, with the person as the report now has them; the reading is logged."""
    return tagged(response, service.read_lifting(register, caller, LiftingId(lifting_id)))


@router.post("/liftings/{lifting_id}/decisions")
def decide_lifting(
    register: Registered,
    caller: SignedIn,
    lifting_id: UUID,
    said: DecideLiftingIn,
    version: VersionWanted,
    response: Response,
) -> LiftingOut:
    """Lift or refuse as the victim's side, take the question back as the unit, or reverse what was lifted."""
    return tagged(response, service.decide_lifting(register, caller, LiftingId(lifting_id), said, version=version))
