"""Referrals over HTTP: list, read and answer, for the organisation referred to; close what came back, for the unit.

And take back what went to the wrong organisation, for who sent it.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import Paging, linked
from api.routes.preconditions import VersionWanted, tagged
from register.domain.signals.referral import ReferralId
from register.services.signals import answer_referrals as service
from schemas.form import Page
from schemas.signals.referral import (
    AnswerIn,
    CloseIn,
    ReferralDetail,
    ReferralStateCode,
    ReferralSummary,
    ReferredReport,
    TakeReferralBackIn,
)

router = APIRouter(prefix="/v1/referrals", tags=["records"], dependencies=JSON_ONLY)


class Wanted(Paging):
    """The page wanted, and in which state."""

    state: ReferralStateCode | None = None


@router.get("")
def list_referrals(
    register: Registered, caller: SignedIn, wanted: Annotated[Wanted, Query()], response: Response
) -> Page[ReferralSummary]:
    """List referrals to the own organisation, newest first; the register unit sees all of the country."""
    page = service.list_referrals(register, caller, state=wanted.state, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/referrals", page, wanted)


@router.get("/{referral_id}")
def read_referral(register: Registered, caller: SignedIn, referral_id: UUID, response: Response) -> ReferralDetail:
    """Read what is asked for, and what was answered; the reading is logged."""
    return tagged(response, service.read_referral(register, caller, ReferralId(referral_id)))


@router.get("/{referral_id}/report")
def read_referred_report(register: Registered, caller: SignedIn, referral_id: UUID) -> ReferredReport:
    """Read what was reported in the signal that was referred, while the referral holds; the reading is logged."""
    return service.read_referred_report(register, caller, ReferralId(referral_id))


@router.post("/{referral_id}/answers")
def answer_referral(
    register: Registered, caller: SignedIn, referral_id: UUID, answer: AnswerIn, version: VersionWanted,
    response: Response,
) -> ReferralDetail:  # fmt: skip
    """Say what becomes of the referral: taken up, declined, or answered with what came of it."""
    made = service.answer_referral(register, caller, ReferralId(referral_id), answer, version=version)
    return tagged(response, made)


@router.post("/{referral_id}/closing")
def close_referral(
    register: Registered, caller: SignedIn, referral_id: UUID, closing: CloseIn, version: VersionWanted,
    response: Response,
) -> ReferralDetail:  # fmt: skip
    """Say why nobody else need have what was declined or passed on; for the register unit, to whom it came back."""
    made = service.close_referral(register, caller, ReferralId(referral_id), closing, version=version)
    return tagged(response, made)


@router.post("/{referral_id}/taking-back")
def take_back_referral(
    register: Registered, caller: SignedIn, referral_id: UUID, why: TakeReferralBackIn, version: VersionWanted,
    response: Response,
) -> ReferralDetail:  # fmt: skip
    """Take back a referral that should not have been sent, by who sent it or the register unit; nobody reads by it."""
    made = service.take_back_referral(register, caller, ReferralId(referral_id), why, version=version)
    return tagged(response, made)
