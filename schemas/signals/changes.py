"""How a signal changes: amended, reclassified, withdrawn or referred, each with its reason."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from schemas.codes import Partition, RetractReason
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Line, Note, refuse
from schemas.signals.coded import (
    Acts,
    ChannelCode,
    CrimeClassCode,
    ExploitationForms,
    LegalBasisCode,
    Means,
    MovementCode,
    OrganisationCode,
    PurposeCode,
    RecruitmentMethods,
    SectorCode,
    SexualFormCode,
    SignalTypeCode,
    SmugglingElements,
    SourceCode,
    UrgencyCode,
    VictimRelationCode,
    VisibilityCode,
)
from schemas.signals.parts import (
    SUBJECTS_MAX,
    EvaluationIn,
    GuaranteeIn,
    HandlingIn,
    IndicatorIn,
    Period,
    PersonsSeen,
    Place,
    SelectorIn,
    SubjectIn,
)
from schemas.signals.signal import LOOSE_SELECTORS_MAX, Account, SignalIn


class SignalChanges(Form):
    """The parts of a signal that an amendment replaces; what is left out stays, null takes a part away.

    A list is replaced as a whole. Kind never changes, and the type changes by `ReclassifyIn`.
    """

    urgency: UrgencyCode | None = None
    account: Account | None = Field(default=None, repr=False)
    received_on: Day | None = None
    period: Period | None = None
    place: Place | None = None
    source: SourceCode | None = None
    reporter_anonymous: StrictBool | None = None
    channel: ChannelCode | None = None
    subjects: tuple[SubjectIn, ...] | None = Field(default=None, max_length=SUBJECTS_MAX)
    selectors: tuple[SelectorIn, ...] | None = Field(default=None, max_length=LOOSE_SELECTORS_MAX)
    nothing_known: StrictBool | None = None
    guarantees: tuple[GuaranteeIn, ...] | None = Field(default=None, max_length=200)
    indicators: tuple[IndicatorIn, ...] | None = Field(default=None, max_length=200)
    exploitation_forms: ExploitationForms | None = None
    sexual_form: SexualFormCode | None = None
    acts: Acts | None = None
    means: Means | None = None
    smuggling_elements: SmugglingElements | None = None
    recruitment: RecruitmentMethods | None = None
    sector: SectorCode | None = None
    movement: MovementCode | None = None
    operation: Line | None = None
    victim_relation: VictimRelationCode | None = None
    persons_seen: PersonsSeen | None = None
    purpose: PurposeCode | None = None
    legal_basis: LegalBasisCode | None = None
    crime_class: CrimeClassCode | None = None
    evaluation: EvaluationIn | None = None
    handling: HandlingIn | None = None
    visibility: VisibilityCode | None = None
    single_approval: StrictBool | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if not self.model_fields_set:
            raise refuse("no-change", "Name at least one part that changes")
        return self


class AmendIn(Form):
    """An amendment: what changes, and why; the reason stays in the signal's history."""

    changes: SignalChanges
    reason: Note

    def applied_to(self, form: SignalIn) -> SignalIn:
        """Return the form with the changes made, checked again as a whole.

        Raises:
            pydantic.ValidationError: the changed form breaks a rule of the form; located as in `SignalIn`.
        """
        changed = self.changes.model_dump(exclude_unset=True)
        return SignalIn.model_validate({**form.model_dump(), **changed})


class ReclassifyIn(Form):
    """A new assessment of the type; the type as registered is kept beside it and is what a year's report counts."""

    signal_type: SignalTypeCode
    reason: Note


class WithdrawIn(Form):
    """Takes a signal back, everywhere: every partner that has its extract is told and answers with a receipt.

    With the code `erased` nothing of it can be read here any more either.
    """

    reason: Note
    code: Annotated[
        Literal[RetractReason.WITHDRAWN, RetractReason.CORRECTED, RetractReason.ERASED],
        in_list("retract_reason"),
    ]


class ApproveIn(Form):
    """The yes of the exit gate's keeper to one record as it is; it may name the only countries that it is for."""

    reason: Note
    recipients: Annotated[tuple[Annotated[Partition, in_list("partition")], ...], Field(max_length=4)] = ()


class ReferIn(Form):
    """Hands a signal to another organisation; several referrals run side by side."""

    kind: Annotated[str, in_list("referral_kind")]
    to: OrganisationCode
    note: Note | None = Field(default=None, repr=False)
