"""The form of a signal: what a service sends in, what it gets back, and how it changes what it sent.

This module is the form itself; `parts`, `changes` and `out` beside it are the rest.

A form is checked by itself: bounds, codes, and references inside it. What needs a clock (a date in the future), the
register (is this organisation known) or a rule (may this be shared) is not decided here. No error and no `repr`
of a form gives back a name, a selector or the account.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from schemas.form import Day, Form, Line, prose, refuse
from schemas.signals.coded import (
    Acts,
    ChannelCode,
    CrimeClassCode,
    ExploitationForms,
    Kind,
    LegalBasisCode,
    Means,
    MovementCode,
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
    KEYED_TYPES,
    SUBJECTS_MAX,
    TELLS_WHO,
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

LOOSE_SELECTORS_MAX = 64  # of a signal, tied to nobody
OF_ONE_MAX = 8
"""Values that one person or company is known by: as many as a question about one holds; assumed."""
ACCOUNT_MAX = 8_000  # characters

Account = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=ACCOUNT_MAX), AfterValidator(prose)
]


class SignalIn(Form):
    """A signal as a service sends it in: the eight questions, and all else only where it is known.

    The organisation's profile gives purpose, legal basis, evaluation, handling and visibility; naming one here
    overrides it for this signal. `account` is sealed when it is stored and never leaves the country.
    """

    kind: Kind
    urgency: UrgencyCode
    account: Account = Field(repr=False)
    received_on: Day
    period: Period
    place: Place
    signal_type: SignalTypeCode
    source: SourceCode
    reporter_anonymous: StrictBool = False
    channel: ChannelCode
    subjects: tuple[SubjectIn, ...] = Field(default=(), max_length=SUBJECTS_MAX)
    selectors: tuple[SelectorIn, ...] = Field(default=(), max_length=LOOSE_SELECTORS_MAX)
    nothing_known: StrictBool = False

    guarantees: tuple[GuaranteeIn, ...] = Field(default=(), max_length=200)
    indicators: tuple[IndicatorIn, ...] = Field(default=(), max_length=200)
    exploitation_forms: ExploitationForms = ()
    sexual_form: SexualFormCode | None = None
    acts: Acts = ()
    means: Means = ()
    smuggling_elements: SmugglingElements = ()
    recruitment: RecruitmentMethods = ()
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
    single_approval: StrictBool = False

    @property
    def loose_values(self) -> frozenset[SelectorIn]:
        """The values that other countries may be found by and that stand by themselves: registered, they work as asked.

        Tied to nobody, or to somebody without a name; and what a named one has beyond `OF_ONE_MAX`.
        """
        loose = [one for one in self.selectors if not one.of_reporter]
        for subject in self.subjects:
            loose += subject.selectors[0 if subject.name is None else OF_ONE_MAX :]
        return frozenset(one for one in loose if one.type in KEYED_TYPES)

    def perhaps_reporters(self, loose: SelectorIn) -> bool:
        """Whether a value without an owner may be that of a reporter who does not want to be known.

        It tells who somebody is, and nobody has said that it is; that it is nobody's may be what was meant by that.
        """
        return self.reporter_anonymous and loose.type in TELLS_WHO and not loose.of_reporter

    @model_validator(mode="after")
    def _question_eight_is_answered(self) -> Self:
        known = bool(self.subjects or self.selectors)
        if not known and not self.nothing_known:
            raise refuse(
                "nothing-known",
                "Say what you know of persons, phones, documents and plates, or that nothing is known (nothing_known)",
            )
        if known and self.nothing_known:
            raise refuse("nothing-known", "Something is known, so nothing_known cannot be true as well")
        return self

    @model_validator(mode="after")
    def _subjects_can_be_told_apart(self) -> Self:
        numbers = [subject.n for subject in self.subjects]
        if len(set(numbers)) != len(numbers):
            raise refuse("subject-number", "Two subjects have the same number")
        named = {g.guarantor for g in self.guarantees}
        named |= {g.beneficiary for g in self.guarantees if g.beneficiary is not None}
        if not named <= set(numbers):
            raise refuse("subject-number", "A guarantee names a subject that this signal does not have")
        if any(g.guarantor == g.beneficiary for g in self.guarantees):
            raise refuse("subject-number", "Nobody is a guarantor for himself or herself")
        return self

    @model_validator(mode="after")
    def _sexual_form_belongs_to_sexual_exploitation(self) -> Self:
        if self.sexual_form is not None and "SEX" not in self.exploitation_forms:
            raise refuse("sexual-form", "A form of sexual exploitation needs SEX among the exploitation forms")
        return self
