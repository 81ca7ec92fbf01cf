"""Findings over HTTP, for the register unit: list, read, decide."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from api.routes.preconditions import VersionWanted, tagged
from register.domain.signals.protecting.finding import FindingId
from register.services.signals.protecting import decide_findings as service
from register.services.signals.protecting import object_to_letting_go as objecting
from schemas.form import Page
from schemas.signals.finding import DecideIn, FindingOut, LetGoOut, ObjectIn

router = APIRouter(prefix="/v1/findings", tags=["signals"], dependencies=JSON_ONLY)


class Wanted(Paging):
    """The page wanted; only what is decided, or what is not."""

    decided: bool | None = None


@router.get("")
def list_findings(
    register: Registered, caller: SignedIn, wanted: Annotated[Wanted, Query()], response: Response
) -> Page[FindingOut]:
    """List findings, newest first; for the register unit."""
    page = service.list_findings(register, caller, decided=wanted.decided, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/findings", page, wanted)


@router.get("/{finding_id}")
def read_finding(register: Registered, caller: SignedIn, finding_id: UUID, response: Response) -> FindingOut:
    """Read a finding: where it stands, and because of which record; the reading is logged."""
    return tagged(response, service.read_finding(register, caller, FindingId(finding_id)))


@router.post("/{finding_id}/decisions")
def decide_finding(
    register: Registered, caller: SignedIn, finding_id: UUID, said: DecideIn, version: VersionWanted, response: Response
) -> FindingOut:
    """Say what it is, also where something else was said before; what is withheld is taken back at once."""
    return tagged(response, service.decide_finding(register, caller, FindingId(finding_id), said, version=version))


@router.get("/{finding_id}/letting-go")
def read_letting_go(register: Registered, caller: SignedIn, finding_id: UUID) -> LetGoOut:
    """Read that somebody protected in an own report, or a value of theirs, was let go; for whoever entered it."""
    return objecting.read_letting_go(register, caller, FindingId(finding_id))


@router.post("/{finding_id}/objections")
def object_to_letting_go(register: Registered, caller: SignedIn, finding_id: UUID, said: ObjectIn) -> LetGoOut:
    """Object to it, which has the question asked anew and protects at once; or say that it may stand."""
    return objecting.object_to_letting_go(register, caller, FindingId(finding_id), said)
