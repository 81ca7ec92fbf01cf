"""The victim ladder over HTTP: put a person on it, add a status, list, read, take off, and who may assign what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from api.routes.preconditions import KeyWanted, VersionWanted, tagged
from register.domain.desk.victim import VictimId
from register.services.desk import keep_victims as service
from schemas.desk.intake import TakeBackIn
from schemas.desk.victim import AssigningRule, StatusCode, StatusIn, VictimIn, VictimOut, VictimSummary
from schemas.form import Page

router = APIRouter(prefix="/v1/victims", tags=["records"], dependencies=JSON_ONLY)


class Wanted(Paging):
    """The page wanted, and of which status."""

    status: StatusCode | None = None


@router.post("", status_code=201)
def record_victim(
    register: Registered, caller: SignedIn, form: VictimIn, key: KeyWanted, response: Response
) -> VictimOut:
    """Put a person on the victim ladder with a first status. Help never depends on it."""
    made = service.put_on_ladder(register, caller, form, key)
    response.headers["Location"] = f"/v1/victims/{made.id}"
    return tagged(response, made)


@router.get("")
def list_victims(
    register: Registered, caller: SignedIn, wanted: Annotated[Wanted, Query()], response: Response
) -> Page[VictimSummary]:
    """List persons of the own country's ladder, newest first: coded fields, no name."""
    page = service.list_victims(register, caller, status=wanted.status, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/victims", page, wanted)


@router.get("/assigning-rules")
def victim_rules(register: Registered, caller: SignedIn) -> list[AssigningRule]:
    """Who may assign which status in this country, and on what that rests."""
    return list(service.assigning_rules(register, caller))


@router.get("/{victim_id}")
def read_victim(register: Registered, caller: SignedIn, victim_id: UUID, response: Response) -> VictimOut:
    """Read a person's history; the reading is logged."""
    return tagged(response, service.read_victim(register, caller, VictimId(victim_id)))


@router.post("/{victim_id}/statuses")
def assign_status(
    register: Registered, caller: SignedIn, victim_id: UUID, status: StatusIn, version: VersionWanted,
    response: Response,
) -> VictimOut:  # fmt: skip
    """Add a status to the person's history, with a reason; what was decided before stays."""
    return tagged(response, service.assign_status(register, caller, VictimId(victim_id), status, version=version))


@router.post("/{victim_id}/withdrawal")
def withdraw_victim(
    register: Registered, caller: SignedIn, victim_id: UUID, withdrawal: TakeBackIn, version: VersionWanted,
    response: Response,
) -> VictimOut:  # fmt: skip
    """Take a person off who was entered by mistake, with a reason; what is sealed opens no more."""
    made = service.withdraw_victim(register, caller, VictimId(victim_id), withdrawal, version=version)
    return tagged(response, made)
