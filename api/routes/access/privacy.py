"""How is asked, over HTTP, for the privacy officer: alarms, searches of a week that were drawn, and evaluations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from register.services.access import oversee_asking as service
from register.services.access.oversee_evaluations import look_at_evaluations
from schemas.access.privacy import AcknowledgeIn, AlarmOut, EvaluationsOut, SearchedOut, TickIn
from schemas.form import Page

router = APIRouter(prefix="/v1", tags=["privacy"], dependencies=JSON_ONLY)


class AlarmsWanted(Paging):
    """The page wanted; only what is acknowledged, or what is not."""

    acknowledged: bool | None = None


class SampleWanted(Paging):
    """The page wanted; only what is ticked, or what is not."""

    ticked: bool | None = None


@router.get("/alarms")
def list_alarms(
    register: Registered, caller: SignedIn, wanted: Annotated[AlarmsWanted, Query()], response: Response
) -> Page[AlarmOut]:
    """List what rang about the way in which is asked, newest first."""
    page = service.list_alarms(
        register, caller, acknowledged=wanted.acknowledged, cursor=wanted.cursor, limit=wanted.limit
    )
    return linked(response, "/v1/alarms", page, wanted)


@router.post("/alarms/{alarm_id}/acknowledgement")
def acknowledge_alarm(register: Registered, caller: SignedIn, alarm_id: UUID, said: AcknowledgeIn) -> AlarmOut:
    """Say what was found about an alarm, once; it rings anew a day later at the earliest."""
    return service.acknowledge_alarm(register, caller, alarm_id, said)


@router.get("/drawn-searches")
def list_sample(
    register: Registered, caller: SignedIn, wanted: Annotated[SampleWanted, Query()], response: Response
) -> Page[SearchedOut]:
    """List the searches that were drawn by lot from weeks that are over, newest first."""
    page = service.list_sample(register, caller, ticked=wanted.ticked, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/drawn-searches", page, wanted)


@router.post("/drawn-searches/{search_id}/verdict")
def tick_search(register: Registered, caller: SignedIn, search_id: UUID, said: TickIn) -> SearchedOut:
    """Say of a search that was drawn whether it is in order, once."""
    return service.tick_search(register, caller, search_id, said)


@router.get("/evaluations")
def get_evaluations(register: Registered, caller: SignedIn) -> EvaluationsOut:
    """Show how each night's comparison with evaluators stands, and what was evaluated against what is published."""
    return look_at_evaluations(register, caller)
