"""Approvals of the exit gate that the keeper's organisation signs: asked for, handed in, withdrawn.

Of one record, or of a class of records in advance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from api.routes.preconditions import VersionWanted, tagged
from api.routes.signals.signals import ReasonIn
from register.domain.signals.signal import SignalId
from register.services.signals.approving import approve_class, ask_approval, keep_approval, keep_consent
from schemas.form import Page
from schemas.signals.approvals import (
    ApprovalAskedOut,
    ClassApprovalOut,
    ClassAskedOut,
    SignedApprovalIn,
    UnderClassOut,
    WaitingApprovalOut,
)
from schemas.signals.out import SignalOut
from sync.protocol.documents.roster import Rosters
from sync.trust import approval_under, consent_under

router = APIRouter(prefix="/v1", tags=["signals"], dependencies=JSON_ONLY)


@router.get("/approvals")
def list_waiting_approvals(register: Registered, caller: SignedIn) -> list[WaitingApprovalOut]:
    """List the signals that wait for the caller's approval and nothing else, those waiting longest first."""
    return ask_approval.list_waiting_approvals(register, caller)


@router.get("/signals/{signal_id}/approval")
def read_asked_approval(
    register: Registered, caller: SignedIn, signal_id: UUID, response: Response
) -> ApprovalAskedOut:
    """What an approval of this signal would be given for, exactly as it would leave; the reading is logged."""
    return tagged(response, ask_approval.ask_approval(register, caller, SignalId(signal_id)))


@router.post("/signals/{signal_id}/signed-approval")
def hand_in_approval(
    request: Request,
    register: Registered,
    caller: SignedIn,
    signal_id: UUID,
    signed: SignedApprovalIn,
    version: VersionWanted,
    response: Response,
) -> SignalOut:
    """Hand in an approval that the caller's organisation signed, for this one record as it now is."""
    rosters: Callable[[], Rosters] = request.app.state.rosters
    prove = partial(approval_under, rosters=rosters())
    made = keep_approval.hand_in_approval(register, caller, SignalId(signal_id), signed, prove, version=version)
    return tagged(response, made)


@router.post("/signals/{signal_id}/approval-withdrawal")
def withdraw_approval(
    register: Registered, caller: SignedIn, signal_id: UUID, why: ReasonIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Take back, as the keeper of the exit gate, that a record may leave; partners lose it at once."""
    made = keep_approval.withdraw_approval(register, caller, SignalId(signal_id), why.reason, version=version)
    return tagged(response, made)


@router.get("/signals/{signal_id}/consent")
def read_asked_consent(register: Registered, caller: SignedIn, signal_id: UUID, response: Response) -> ApprovalAskedOut:
    """What the prosecutor's consent would be given for, exactly as it would leave; the reading is logged."""
    return tagged(response, keep_consent.ask_consent(register, caller, SignalId(signal_id)))


@router.post("/signals/{signal_id}/signed-consent")
def hand_in_consent(
    request: Request,
    register: Registered,
    caller: SignedIn,
    signal_id: UUID,
    signed: SignedApprovalIn,
    version: VersionWanted,
    response: Response,
) -> SignalOut:
    """Hand in a consent that the prosecutor's organisation signed, for this one record as it now is."""
    rosters: Callable[[], Rosters] = request.app.state.rosters
    prove = partial(consent_under, rosters=rosters())
    made = keep_consent.hand_in_consent(register, caller, SignalId(signal_id), signed, prove, version=version)
    return tagged(response, made)


@router.post("/signals/{signal_id}/consent-withdrawal")
def withdraw_consent(
    register: Registered, caller: SignedIn, signal_id: UUID, why: ReasonIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Take back, as the prosecutor, the consent to a provision; partners lose the record at once."""
    made = keep_consent.withdraw_consent(register, caller, SignalId(signal_id), why.reason, version=version)
    return tagged(response, made)


@router.get("/class-approvals")
def list_class_approvals(
    register: Registered, caller: SignedIn, wanted: Annotated[Paging, Query()], response: Response
) -> Page[ClassApprovalOut]:
    """List the approvals of classes of records, newest first, also those that have ended; for keepers of the gate."""
    page = approve_class.list_classes(register, caller, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/class-approvals", page, wanted)


@router.get("/class-approvals/asked")
def read_asked_class_approval(register: Registered, caller: SignedIn) -> ClassAskedOut:
    """What the caller could approve as a class, by the edition in force; the reading is logged."""
    return approve_class.ask_class(register, caller)


@router.post("/class-approvals", status_code=201)
def hand_in_class_approval(
    request: Request, register: Registered, caller: SignedIn, signed: SignedApprovalIn
) -> ClassApprovalOut:
    """Hand in an approval of a class of records that the caller's organisation signed."""
    rosters: Callable[[], Rosters] = request.app.state.rosters
    return approve_class.hand_in_class(register, caller, signed, partial(approval_under, rosters=rosters()))


@router.get("/class-approvals/{approval_id}/signals")
def list_under_class_approval(
    register: Registered, caller: SignedIn, approval_id: UUID, wanted: Annotated[Paging, Query()], response: Response
) -> Page[UnderClassOut]:
    """List what left on an approval of a class, since when, and until when; the reading is logged."""
    page = approve_class.list_under_class(register, caller, approval_id, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, f"/v1/class-approvals/{approval_id}/signals", page, wanted)


@router.post("/class-approvals/{approval_id}/withdrawal")
def withdraw_class_approval(
    register: Registered, caller: SignedIn, approval_id: UUID, why: ReasonIn
) -> ClassApprovalOut:
    """Withdraw an approval of a class, as a keeper of the gate; partners lose all that left on it."""
    return approve_class.withdraw_class(register, caller, approval_id, why.reason)
