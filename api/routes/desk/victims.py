"""The victim ladder over HTTP: put a person on it, add a status, list, read, take off, and who may assign what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.desk.kit import Routes, add_one, router_of
from api.routes.pages import Paging
from api.routes.preconditions import VersionWanted, tagged
from register.domain.desk.victim import VictimId
from register.services.desk import keep_victims as service
from schemas.desk.victim import AssigningRule, StatusCode, StatusIn, VictimOut, VictimSummary


class Wanted(Paging):
    """The page wanted, and of which status."""

    status: StatusCode | None = None


_ROUTES = Routes(
    path="/v1/victims",
    keeping=service.VICTIMS,
    line=VictimSummary,
    paging=Annotated[Wanted, Query()],
    record="Put a person on the victim ladder with a first status. Help never depends on it.",
    list_="List persons of the own country's ladder, newest first: coded fields, no name.",
    read="Read a person's history; the reading is logged.",
    withdraw="Take a person off who was entered by mistake, with a reason; what is sealed opens no more.",
)
router = router_of(_ROUTES)


@router.get("/assigning-rules")
def victim_rules(register: Registered, caller: SignedIn) -> list[AssigningRule]:
    """Who may assign which status in this country, and on what that rests."""
    return list(service.assigning_rules(register, caller))


@router.post("/{victim_id}/statuses")
def assign_status(
    register: Registered, caller: SignedIn, victim_id: UUID, status: StatusIn, version: VersionWanted,
    response: Response,
) -> VictimOut:  # fmt: skip
    """Add a status to the person's history, with a reason; what was decided before stays."""
    return tagged(response, service.assign_status(register, caller, VictimId(victim_id), status, version=version))


add_one(router, _ROUTES)
