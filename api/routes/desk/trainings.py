"""Trainings over HTTP: record, list, read, amend, take back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import PageWanted, linked
from api.routes.preconditions import KeyWanted, VersionWanted, in_changes, tagged
from register.domain.desk.training import TrainingId
from register.services.desk import keep_trainings as service
from schemas.desk.intake import TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn, TrainingOut
from schemas.form import Page

router = APIRouter(prefix="/v1/trainings", tags=["records"], dependencies=JSON_ONLY)


@router.post("", status_code=201)
def record_training(
    register: Registered, caller: SignedIn, form: TrainingIn, key: KeyWanted, response: Response
) -> TrainingOut:
    """Record a training of one group: how many people, by which country for which."""
    made = service.record_training(register, caller, form, key)
    response.headers["Location"] = f"/v1/trainings/{made.id}"
    return tagged(response, made)


@router.get("")
def list_trainings(register: Registered, caller: SignedIn, page: PageWanted, response: Response) -> Page[TrainingOut]:
    """List trainings that this country recorded, newest first."""
    found = service.list_trainings(register, caller, cursor=page.cursor, limit=page.limit)
    return linked(response, "/v1/trainings", found, page)


@router.get("/{training_id}")
def read_training(register: Registered, caller: SignedIn, training_id: UUID, response: Response) -> TrainingOut:
    """Read one training."""
    return tagged(response, service.read_training(register, caller, TrainingId(training_id)))


@router.patch("/{training_id}")
def amend_training(
    register: Registered, caller: SignedIn, training_id: UUID, change: AmendTrainingIn, version: VersionWanted,
    response: Response,
) -> TrainingOut:  # fmt: skip
    """Correct a training, with a reason."""
    with in_changes():
        made = service.amend_training(register, caller, TrainingId(training_id), change, version=version)
    return tagged(response, made)


@router.post("/{training_id}/withdrawal")
def withdraw_training(
    register: Registered, caller: SignedIn, training_id: UUID, withdrawal: TakeBackIn, version: VersionWanted,
    response: Response,
) -> TrainingOut:  # fmt: skip
    """Take a training back, with a reason: it counts no more."""
    made = service.withdraw_training(register, caller, TrainingId(training_id), withdrawal, version=version)
    return tagged(response, made)
