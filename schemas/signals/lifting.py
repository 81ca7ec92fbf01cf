"""Why persons of a report are protected, and the lifting of a protection that rests on a fact that was wrong."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from schemas.codes import LiftingDecision, LiftingState
from schemas.codes.fields import in_list
from schemas.desk.record import Version
from schemas.form import Form, Instant, Name, Nationality, Note
from schemas.signals.coded import OrganisationCode, Reference
from schemas.signals.parts import Birth

ProtectionCode = Annotated[str, in_list("protection")]
LiftingReasonCode = Annotated[str, in_list("lifting_reason")]
DecisionCode = Annotated[LiftingDecision, in_list("lifting_decision")]
SubjectNumber = Annotated[int, Field(ge=1)]


class LiftIn(Form):
    """The question of the register unit to the victim's side.

    Attributes:
        signal: id of the report.
        subject: number of the person in it.
        protection: the reason that is to protect the person no more.
        because: which fact was wrong; a code that goes with the reason.
        second: code of the organisation of the victim's side whose person is to say it too.
        note: what was wrong, and how it is known; sealed when stored.
    """

    signal: UUID
    subject: SubjectNumber
    protection: ProtectionCode
    because: LiftingReasonCode
    second: OrganisationCode
    note: Note = Field(repr=False)


class DecideLiftingIn(Form):
    """LIFT or REFUSE of the victim's side, TAKE_BACK of the register unit, REVERSE of either."""

    decision: DecisionCode


class LiftingSummary(Form):
    """A lifting in a list.

    Attributes:
        signal: reference of the report.
        in_force: it is why the reason does not protect the person now: False before it is decided, after it was
            reversed, and where a later fact protects again.
    """

    id: UUID
    version: Version
    signal: Reference
    subject: SubjectNumber
    protection: ProtectionCode
    because: LiftingReasonCode
    second: OrganisationCode
    state: Annotated[LiftingState, in_list("lifting_state")]
    asked_at: Instant
    decided_at: Instant | None = None
    reversed_at: Instant | None = None
    in_force: StrictBool = False


class LiftedPerson(Form):
    """The person as the report now has them, for whoever must say whether a fact about them was wrong."""

    role: str
    name: Name | None = Field(default=None, repr=False)
    birth: Birth | None = Field(default=None, repr=False)
    nationality: Nationality | None = Field(default=None, repr=False)
    minor: StrictBool | None = None


class LiftingOut(LiftingSummary):
    """A lifting with what was said; `version` is also its ETag.

    Attributes:
        signal_id: of the report.
        asked_by: who of the register unit asked, as the log has him; `decided_by` and `reversed_by` likewise.
        person: none where the report has the person no more, or does not open.
        damaged: the report does not open, so that nothing can be lifted in it; what was asked can be refused.
        others: the other reasons that protect the person, and would go on doing so.
        earlier: what was asked before about the same reason and person, of whomever, newest first, without the notes.
        offered: what the reader can say to it now.
    """

    signal_id: UUID
    asked_by: str
    decided_by: str | None = None
    reversed_by: str | None = None
    note: str | None = Field(default=None, repr=False)
    person: LiftedPerson | None = None
    damaged: bool = False
    others: tuple[ProtectionCode, ...] = ()
    earlier: tuple[LiftingSummary, ...] = ()
    offered: tuple[DecisionCode, ...] = ()


class ProtectedPerson(Form):
    """Why one person of a report is protected.

    Attributes:
        lifted: reasons that were found, and lifted since.
    """

    subject: SubjectNumber
    person: LiftedPerson | None = None
    reasons: tuple[ProtectionCode, ...] = ()
    lifted: tuple[ProtectionCode, ...] = ()


class ProtectionOut(Form):
    """Who is protected in a report and why, for the register unit; and what was asked about it, newest first."""

    signal: UUID
    reference: Reference
    persons: tuple[ProtectedPerson, ...]
    liftings: tuple[LiftingSummary, ...]
    seconds: tuple[OrganisationCode, ...]
