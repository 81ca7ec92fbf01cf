"""Referrals and their answers: what an organisation was asked for, and what it did, by the organisation itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import ReferralState
from schemas.codes.fields import in_list
from schemas.desk.record import Version
from schemas.form import Day, Form, Instant, Name, Note
from schemas.signals.coded import OrganisationCode, Reference, SignalTypeCode, UrgencyCode
from schemas.signals.signal import SignalIn

ReferralKindCode = Annotated[str, in_list("referral_kind")]
ReferralStateCode = Annotated[ReferralState, in_list("referral_state")]
OutcomeCode = Annotated[str, in_list("referral_outcome")]
_OUTCOME = "Give an outcome with ANSWERED, and with nothing else."
_STATE = "Say ACCEPTED, DECLINED or ANSWERED."


class AnswerIn(Form):
    """What the organisation says to a referral.

    Attributes:
        outcome: what came of it; with ANSWERED only.
        on: the day of the answer.
        note: sealed when stored.
    """

    state: ReferralStateCode
    outcome: OutcomeCode | None = None
    on: Day
    note: Note | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.state in (ReferralState.SENT, ReferralState.TAKEN_BACK):
            raise PydanticCustomError("no-answer", "Not an answer. {says}", {"says": _STATE})
        if (self.outcome is not None) != (self.state is ReferralState.ANSWERED):
            raise PydanticCustomError("outcome-does-not-fit", "Not an answer. {says}", {"says": _OUTCOME})
        return self


class ReferralSummary(Form):
    """A referral in a list, for the organisation referred to and for the register unit.

    Attributes:
        signal: reference of the signal; what was reported in it shows at `/v1/referrals/{id}/report`.
        due_at: until when the answer may wait; none where no answer is awaited any more.
        overdue: it waits longer than it may.
        withdrawn: the report was taken back since, and is not shown any more.
        taken_back_at: when the referral itself was, and `taken_back_by` whether by who sent it or the register unit.
    """

    id: UUID
    version: Version
    signal: Reference
    kind: ReferralKindCode
    to: OrganisationCode
    to_name: Name
    on: Day
    state: ReferralStateCode
    outcome: OutcomeCode | None
    answered_on: Day | None
    urgency: UrgencyCode
    due_at: Instant | None = None
    overdue: StrictBool = False
    withdrawn: StrictBool = False
    taken_back_at: Instant | None = None
    taken_back_by: Literal["sender", "unit"] | None = None


class ReferralDetail(ReferralSummary):
    """A referral with what was asked and answered; `version` is also its ETag.

    Attributes:
        note: what was asked; none once the report was withdrawn, nor for whoever declined it or had it taken back.
        answer: what was said; none once the report was withdrawn.
        back_until: for the register unit: it was declined or passed on, nobody of the register has it, and until then
            it may wait to be referred again or closed.
        may_take_back: the reader sent it, or is of the register unit, and it holds still.
        taken_back_because: why it was taken back, for who sent it and the register unit: it may name whom it is about.
    """

    note: str | None = Field(default=None, repr=False)
    answer: str | None = Field(default=None, repr=False)
    back_until: Instant | None = None
    may_take_back: StrictBool = False
    taken_back_because: str | None = Field(default=None, repr=False)


class CloseIn(Form):
    """Why nobody else need have what came back; the reason stays in the report's timeline."""

    reason: Note


class TakeReferralBackIn(Form):
    """Why a referral is taken back, for instance that it went to the wrong organisation; stays in the timeline."""

    reason: Note


class ReferredReport(Form):
    """What was referred: the report as it stands now, without what the register keeps beside it.

    Neither its timeline, its other referrals, who abroad has it, nor what it rests on in law is part of it.

    Attributes:
        organisation: code of the one that registered it, and `organisation_name` its name.
        type_assessed: what it seems to be by now.
        reported: what was told, whole; the members on law, evaluation, handling and operations are empty.
        changed: it was corrected or completed after it was referred.
    """

    referral: UUID
    signal: Reference
    organisation: OrganisationCode
    organisation_name: Name
    type_assessed: SignalTypeCode
    reported: SignalIn
    recorded_at: Instant
    changed: StrictBool
