"""Intakes over HTTP: record, list, read, amend, take back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import PageWanted, linked
from api.routes.preconditions import KeyWanted, VersionWanted, in_changes, tagged
from register.domain.desk.intake import IntakeId
from register.services.desk import keep_intakes as service
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut, IntakeSummary, TakeBackIn
from schemas.form import Page

router = APIRouter(prefix="/v1/intakes", tags=["records"], dependencies=JSON_ONLY)


@router.post("", status_code=201)
def record_intake(
    register: Registered, caller: SignedIn, form: IntakeIn, key: KeyWanted, response: Response
) -> IntakeOut:
    """Record an intake interview, linked to a signal or to none."""
    made = service.record_intake(register, caller, form, key)
    response.headers["Location"] = f"/v1/intakes/{made.id}"
    return tagged(response, made)


@router.get("")
def list_intakes(register: Registered, caller: SignedIn, page: PageWanted, response: Response) -> Page[IntakeSummary]:
    """List intakes of the own country, newest first: coded fields, no name."""
    found = service.list_intakes(register, caller, cursor=page.cursor, limit=page.limit)
    return linked(response, "/v1/intakes", found, page)


@router.get("/{intake_id}")
def read_intake(register: Registered, caller: SignedIn, intake_id: UUID, response: Response) -> IntakeOut:
    """Read one intake; the reading is logged."""
    return tagged(response, service.read_intake(register, caller, IntakeId(intake_id)))


@router.patch("/{intake_id}")
def amend_intake(
    register: Registered, caller: SignedIn, intake_id: UUID, change: AmendIntakeIn, version: VersionWanted,
    response: Response,
) -> IntakeOut:  # fmt: skip
    """Correct or complete an intake, with a reason."""
    with in_changes():
        made = service.amend_intake(register, caller, IntakeId(intake_id), change, version=version)
    return tagged(response, made)


@router.post("/{intake_id}/withdrawal")
def withdraw_intake(
    register: Registered, caller: SignedIn, intake_id: UUID, withdrawal: TakeBackIn, version: VersionWanted,
    response: Response,
) -> IntakeOut:  # fmt: skip
    """Take an intake back, with a reason: it counts no more, and what names the person opens no more."""
    made = service.withdraw_intake(register, caller, IntakeId(intake_id), withdrawal, version=version)
    return tagged(response, made)
