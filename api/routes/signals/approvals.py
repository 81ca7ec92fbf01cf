"""Approvals of the exit gate that the keeper's organisation signs: asked for, handed in, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.preconditions import VersionWanted, tagged
from api.routes.signals.signals import ReasonIn
from register.domain.signals.signal import SignalId
from register.services.signals.approving import ask_approval, keep_approval
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn, WaitingApprovalOut
from schemas.signals.out import SignalOut
from sync.protocol.documents.roster import Rosters
from sync.trust import approval_under

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
