"""Signals over HTTP: submit, read, list, amend, reclassify, move on, refer, withdraw."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.preconditions import KeyWanted, VersionWanted, in_changes, tagged
from register.domain.signals.signal import SignalId
from register.errors import Unreadable
from register.services.signals.approving.approve_signal import (
    approve_signal,
    confirm_signal,
    consent_to_provision,
    lift_single_approval,
)
from register.services.signals.change_signal import (
    amend_signal,
    move_signal,
    reclassify_signal,
    refer_signal,
    withdraw_signal,
)
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_history, read_sharing, read_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.withdraw_unread import erase_signal, withdraw_unread
from schemas.codes import RetractReason, SignalState
from schemas.form import PAGE_MAX, Day, Note, Page
from schemas.signals.changes import AmendIn, ApproveIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.coded import OrganisationCode
from schemas.signals.out import SignalOrder, SignalOut, SignalSummary, WithdrawnUnread
from schemas.signals.sharing import SharingOut
from schemas.signals.signal import SignalIn

router = APIRouter(prefix="/v1/signals", tags=["signals"], dependencies=JSON_ONLY)
FilterCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,40}$")]
Printed = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,20}$")]


class HistoryOut(BaseModel):
    """One line of a signal's timeline."""

    model_config = ConfigDict(frozen=True)
    at: datetime
    what: str
    actor: str
    facts: dict[str, Any]
    reason: str | None


class StepIn(BaseModel):
    """A step in the workflow, with its reason."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    state: SignalState
    reason: Note


class ReasonIn(BaseModel):
    """Why somebody says yes; kept in the timeline."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    reason: Note


class Filters(BaseModel):
    """Equal-to filters on coded columns, the days of receipt (both inclusive), and the page wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    kind: FilterCode | None = None
    state: FilterCode | None = None
    type_assessed: FilterCode | None = None
    type_registered: FilterCode | None = None
    island: FilterCode | None = None
    source: FilterCode | None = None
    channel: FilterCode | None = None
    urgency: FilterCode | None = None
    organisation: OrganisationCode | None = None
    received_from: Day | None = None
    received_to: Day | None = None
    sort: SignalOrder = SignalOrder.NEWEST
    cursor: str | None = Field(default=None, max_length=64)
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)


@router.post("", status_code=201)
def submit(register: Registered, caller: SignedIn, form: SignalIn, key: KeyWanted, response: Response) -> SignalOut:
    """Register a signal. The answer says who may receive what, by which rule, and what happens next."""
    made = record_signal(register, caller, form, key)
    response.headers["Location"] = f"/v1/signals/{made.id}"
    return tagged(response, made)


@router.get("")
def listing(
    register: Registered, caller: SignedIn, filters: Annotated[Filters, Query()], response: Response
) -> Page[SignalSummary]:
    """List signals of the own country, newest first; follow `next`, which the `Link` header names too.

    The register unit may have them by what waits: the most urgent first, and of these what waits longest.
    """
    wanted = filters.model_dump(exclude={"cursor", "limit", "sort"}, exclude_none=True)
    page = list_signals(
        register, caller, filters=wanted, cursor=filters.cursor, limit=filters.limit, order=filters.sort
    )
    if page.next is not None:
        order = {} if filters.sort is SignalOrder.NEWEST else {"sort": filters.sort}
        following = urlencode({**wanted, **order, "cursor": page.next, "limit": filters.limit})
        response.headers["Link"] = f'</v1/signals?{following}>; rel="next"'
    return page


@router.get("/by-reference/{reference}")
def by_reference(register: Registered, caller: SignedIn, reference: Printed, response: Response) -> SignalOut:
    """Read a signal by the reference that people use."""
    return tagged(response, read_signal(register, caller, reference))


@router.get("/{signal_id}")
def read(register: Registered, caller: SignedIn, signal_id: UUID, response: Response) -> SignalOut:
    """Read one signal of the own country; the reading is logged."""
    return tagged(response, read_signal(register, caller, SignalId(signal_id)))


@router.get("/{signal_id}/history")
def history(register: Registered, caller: SignedIn, signal_id: UUID) -> list[HistoryOut]:
    """The signal's timeline, oldest first, with what partners were told and acknowledged."""
    return [
        HistoryOut(at=x.at, what=x.what or "other", actor=x.actor, facts=dict(x.facts), reason=x.reason)
        for x in read_history(register, caller, SignalId(signal_id))
    ]


@router.get("/{signal_id}/sharing")
def sharing(register: Registered, caller: SignedIn, signal_id: UUID) -> list[SharingOut]:
    """Who may receive the extract of this signal, by which rule, and who has it by its own receipts."""
    return read_sharing(register, caller, SignalId(signal_id))


@router.patch("/{signal_id}")
def amend(
    register: Registered, caller: SignedIn, signal_id: UUID, change: AmendIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Correct or complete a signal, with a reason."""
    with in_changes():
        return tagged(response, amend_signal(register, caller, SignalId(signal_id), change, version=version))


@router.post("/{signal_id}/reclassifications")
def reclassify(
    register: Registered, caller: SignedIn, signal_id: UUID, change: ReclassifyIn, version: VersionWanted,
    response: Response,
) -> SignalOut:  # fmt: skip
    """Assess the type anew, with a reason; the type as registered stays."""
    return tagged(response, reclassify_signal(register, caller, SignalId(signal_id), change, version=version))


@router.post("/{signal_id}/steps")
def step(
    register: Registered, caller: SignedIn, signal_id: UUID, change: StepIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Take the signal one step on in the workflow, with a reason."""
    made = move_signal(register, caller, SignalId(signal_id), change.state, change.reason, version=version)
    return tagged(response, made)


@router.post("/{signal_id}/confirmation")
def confirm(
    register: Registered, caller: SignedIn, signal_id: UUID, why: ReasonIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Confirm, as the register unit, what the organisation's profile filled in."""
    return tagged(response, confirm_signal(register, caller, SignalId(signal_id), why.reason, version=version))


@router.post("/{signal_id}/approval")
def approve(
    register: Registered, caller: SignedIn, signal_id: UUID, yes: ApproveIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Approve, as the keeper of the country's exit gate, that this one record leaves as it now is.

    `recipients` names the only partners that it may go to; left out, all that the rules allow.
    """
    named = frozenset(yes.recipients)
    made = approve_signal(register, caller, SignalId(signal_id), yes.reason, version=version, recipients=named)
    return tagged(response, made)


@router.post("/{signal_id}/consent")
def consent(
    register: Registered, caller: SignedIn, signal_id: UUID, why: ReasonIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Consent, as the prosecutor, that this one record is provided, where its legal basis asks for that."""
    return tagged(response, consent_to_provision(register, caller, SignalId(signal_id), why.reason, version=version))


@router.post("/{signal_id}/lifting")
def lift(
    register: Registered, caller: SignedIn, signal_id: UUID, why: ReasonIn, version: VersionWanted, response: Response
) -> SignalOut:
    """Take off, as the keeper of the exit gate, the mark that asks for an approval of this one record."""
    return tagged(response, lift_single_approval(register, caller, SignalId(signal_id), why.reason, version=version))


@router.post("/{signal_id}/referrals")
def refer(
    register: Registered, caller: SignedIn, signal_id: UUID, referral: ReferIn, version: VersionWanted,
    response: Response,
) -> SignalOut:  # fmt: skip
    """Refer the signal to another organisation, beside whatever runs already."""
    return tagged(response, refer_signal(register, caller, SignalId(signal_id), referral, version=version))


@router.post("/{signal_id}/withdrawal")
def withdraw(
    register: Registered, caller: SignedIn, signal_id: UUID, withdrawal: WithdrawIn, version: VersionWanted,
    response: Response,
) -> SignalOut | WithdrawnUnread:  # fmt: skip
    """Withdraw the signal everywhere, with a reason; also where its content does not open any more.

    With the code `erased` it is destroyed here as well, for good: for the register unit, signed in just now, by
    somebody who neither recorded nor changed it.
    """
    if withdrawal.code is RetractReason.ERASED:
        erased = erase_signal(register, caller, SignalId(signal_id), withdrawal.reason, version=version)
        return tagged(response, erased)
    try:
        return tagged(response, withdraw_signal(register, caller, SignalId(signal_id), withdrawal, version=version))
    except Unreadable:
        return tagged(response, withdraw_unread(register, caller, SignalId(signal_id), withdrawal, version=version))
