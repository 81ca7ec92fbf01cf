"""The form of a signal: what a service sends in, what it gets back, and how it changes what it sent.

A form is checked by itself: bounds, codes, and references inside it. What needs a clock (a date in the future), the
register (is this organisation known) or a rule (may this be shared) is not decided here. No error and no `repr`
of a form gives back a name, a selector or the account; who sends errors out must leave out their `input`, and the
names of members that the form does not know.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Generic, Literal, LiteralString, Self, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas.codes import (
    CrimeClass,
    DocumentUse,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    Purpose,
    RetractReason,
    SignalState,
    SubjectRole,
    Visibility,
    code_list,
)
from schemas.codes.countries import COUNTRIES
from schemas.codes.fields import in_list

SUBJECTS_MAX = 32  # a record of the exchange holds no more
SELECTORS_MAX = 24  # of one subject; a subject has at most 24 tokens
LOOSE_SELECTORS_MAX = 64  # of a signal, tied to nobody
ACCOUNT_MAX = 8_000  # characters
PAGE_MAX = 200  # items

IDENTITY_DOCUMENTS = frozenset({"PASSPORT", "NATIONAL_ID", "RESIDENCE_PERMIT"})
"""Selectors whose value means nothing without the country that issued it and the type of document."""

_NEEDS_COUNTRY = IDENTITY_DOCUMENTS | {"PLATE", "COMPANY_REG"}  # the same number exists in several countries
_IMPLIED_DOCUMENT = {"PASSPORT": "PASSPORT", "RESIDENCE_PERMIT": "RESIDENCE_PERMIT"}
T = TypeVar("T")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _refuse(code: LiteralString, message: LiteralString) -> PydanticCustomError:
    # `says` is what renderers may show: a sentence of ours, never pydantic's, which may quote the input.
    return PydanticCustomError(code, message, {"says": message + "."})


def _day(value: object) -> object:
    # Numbers and times of day would be taken for dates otherwise: 0 for 1970, a time zone's midnight for a day.
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _refuse("not-a-date", "Give a date as YYYY-MM-DD")


def _prose(value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\r\t" for char in value):
        raise _refuse("control-character", "The text holds control characters; leave them out")
    return value


def _line(value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise _refuse("control-character", "Give one line of text without control characters")
    return value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise _refuse("unknown-country", "Not a country of ISO 3166-1; give its two capital letters, for instance CO")
    return value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise _refuse("given-twice", "The same code is given twice")
    return values


def _utc_ms(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31)), BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, PlainSerializer(_utc_ms, return_type=str, when_used="json")]
Country = Annotated[str, StringConstraints(min_length=2, max_length=2), AfterValidator(_country)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_line)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_line)]
Value = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_line)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000), AfterValidator(_prose)]
Account = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=ACCOUNT_MAX), AfterValidator(_prose)
]
Count = Annotated[int, Field(strict=True, ge=0, le=2_000)]
SubjectNumber = Annotated[int, Field(strict=True, ge=1, le=SUBJECTS_MAX)]
OrganisationCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^(AW|BQ|CW|NL|SX)-[0-9]{4}-[0-9]{4,9}$")]

Kind = Annotated[Literal["notification", "submission"], in_list("signal_kind")]
UrgencyCode = Annotated[str, in_list("urgency")]
IslandCode = Annotated[str, in_list("island")]
LocationTypeCode = Annotated[str, in_list("location_type")]
SignalTypeCode = Annotated[str, in_list("signal_type")]
SourceCode = Annotated[str, in_list("source")]
ChannelCode = Annotated[str, in_list("channel")]
SectorCode = Annotated[str, in_list("sector")]
MovementCode = Annotated[str, in_list("movement")]
VictimRelationCode = Annotated[str, in_list("victim_relation")]
SexualFormCode = Annotated[str, in_list("sexual_form")]
ExploitationForms = Annotated[
    tuple[Annotated[str, in_list("exploitation_form")], ...], Field(max_length=50), AfterValidator(_distinct)
]
Acts = Annotated[tuple[Annotated[str, in_list("act")], ...], Field(max_length=50), AfterValidator(_distinct)]
Means = Annotated[tuple[Annotated[str, in_list("means")], ...], Field(max_length=50), AfterValidator(_distinct)]
SmugglingElements = Annotated[
    tuple[Annotated[str, in_list("smuggling_element")], ...], Field(max_length=50), AfterValidator(_distinct)
]
RecruitmentMethods = Annotated[
    tuple[Annotated[str, in_list("recruitment_method")], ...], Field(max_length=50), AfterValidator(_distinct)
]
HandlingConditions = Annotated[
    tuple[Annotated[HandlingCondition, in_list("handling_condition")], ...],
    Field(max_length=10),
    AfterValidator(_distinct),
]
PurposeCode = Annotated[Purpose, in_list("purpose")]
LegalBasisCode = Annotated[LegalBasis, in_list("legal_basis")]
CrimeClassCode = Annotated[CrimeClass, in_list("crime_class")]
VisibilityCode = Annotated[Visibility, in_list("visibility")]


class Form(BaseModel):
    """The strict base: unknown members are refused, values never change, errors hide what was typed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, serialize_by_alias=True)


class Period(Form):
    """When it happened, by day; `to` is None while it goes on or when only the beginning is known."""

    from_: Day = Field(alias="from")
    to: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise _refuse("period-reversed", "The period ends before it begins")
        return self


class Place(Form):
    """Where it happened. The locality is kept at home: an extract names the kind of place only."""

    island: IslandCode
    location_type: LocationTypeCode
    locality: Name | None = Field(default=None, repr=False)


class SelectorIn(Form):
    """One value that identifies: a number, a document, a plate, a handle. A name and birth date stand in a subject."""

    type: Annotated[str, in_list("identifier_type")]
    value: Value = Field(repr=False)
    country: Country | None = None
    platform: Annotated[str, in_list("platform")] | None = None
    document_type: Annotated[str, in_list("document_type")] | None = None
    use: Annotated[DocumentUse, in_list("document_use")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_the_document(cls, values: object) -> object:
        # "Passport" says its document type already; asking for it again would only cost the submitter time.
        if not isinstance(values, dict) or values.get("document_type") is not None:
            return values
        kind = values.get("type")
        implied = _IMPLIED_DOCUMENT.get(kind) if isinstance(kind, str) else None
        return {**values, "document_type": implied} if implied else values

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "NAME_DOB":
            raise _refuse("name-as-selector", "Give a name and birth date as a subject, not as a selector")
        if self.type in _NEEDS_COUNTRY and self.country is None:
            raise _refuse("country-missing", "This number means nothing without its country; give the country")
        if self.type in IDENTITY_DOCUMENTS and self.document_type is None:
            raise _refuse("document-type-missing", "Give the type of the document")
        if _IMPLIED_DOCUMENT.get(self.type, self.document_type) != self.document_type:
            raise _refuse("document-type", "The kind of number and the type of document contradict each other")
        if self.type not in IDENTITY_DOCUMENTS and (self.document_type or self.use):
            raise _refuse("not-a-document", "Only a document has a document type and a use")
        if (self.type == "SOCIAL_HANDLE") != (self.platform is not None):
            raise _refuse("platform", "A social media name needs its platform, and nothing else has one")
        return self


class Birth(Form):
    """A birth date as far as it is known: the year, then the month, then the day."""

    year: Annotated[int, Field(strict=True, ge=1900, le=2199)]
    month: Annotated[int, Field(strict=True, ge=1, le=12)] | None = None
    day: Annotated[int, Field(strict=True, ge=1, le=31)] | None = None

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.day is None:
            return self
        if self.month is None:
            raise _refuse("birth-date", "A birth day needs its month")
        try:
            date(self.year, self.month, self.day)
        except ValueError:
            raise _refuse("birth-date", "There is no such day in that month") from None
        return self


class SubjectIn(Form):
    """A person, company or group in the signal, with the role that is the ground for registering it."""

    n: SubjectNumber
    role: Annotated[SubjectRole, in_list("subject_role")]
    kind: Annotated[Literal["person", "company", "group", "unknown"], in_list("subject_kind")]
    name: Name | None = Field(default=None, repr=False)
    birth: Birth | None = Field(default=None, repr=False)
    nationality: Country | None = Field(default=None, repr=False)
    minor: StrictBool | None = None
    selectors: tuple[SelectorIn, ...] = Field(default=(), max_length=SELECTORS_MAX)

    @model_validator(mode="after")
    def _only_people_are_born(self) -> Self:
        if self.kind in {"company", "group"} and (self.birth or self.nationality or self.minor is not None):
            raise _refuse("not-a-person", "Only a person has a birth date, a nationality or an age")
        return self


class GuaranteeIn(Form):
    """One letter of guarantee: who stood surety, to which service, for whom; lawful in itself."""

    kind: Annotated[str, in_list("guarantee_kind")]
    service: Line
    on: Day
    guarantor: SubjectNumber
    beneficiary: SubjectNumber | None = None


class IndicatorIn(Form):
    """One sign that was seen, by group and strength; the same pair may be given as often as it was seen."""

    group: Annotated[str, in_list("indicator_group")]
    strength: Annotated[str, in_list("strength")]


class PersonsSeen(Form):
    """How many people were seen, whether or not anything is known of them."""

    adults: Count = 0
    children: Count = 0


class EvaluationIn(Form):
    """How far source and information are to be trusted, in the scheme of the service; never converted."""

    scheme: Annotated[str, in_list("evaluation_scheme")]
    source: Annotated[str, StringConstraints(max_length=2)]
    information: Annotated[str, StringConstraints(max_length=2)]

    @model_validator(mode="after")
    def _in_its_scheme(self) -> Self:
        scheme = code_list("evaluation_scheme")[self.scheme].extra
        for axis, value in (("source", self.source), ("information", self.information)):
            allowed = list(scheme[axis])
            if value not in allowed:
                words = {
                    "says": f"This scheme has no such {axis} code.",
                    "allowed": allowed,
                    "codes": ", ".join(allowed),
                }
                raise PydanticCustomError("unknown-code", "{says} Allowed are: {codes}", words)
        return self


class HandlingIn(Form):
    """How a receiver may use the record. H3 says by its conditions what the restriction is."""

    code: Annotated[Handling, in_list("handling")]
    conditions: HandlingConditions = ()
    expires: Day | None = None

    @model_validator(mode="after")
    def _conditions_belong_to_h3(self) -> Self:
        if (self.code is Handling.H3) != bool(self.conditions):
            raise _refuse("handling-conditions", "H3 needs at least one condition, and only H3 has any")
        if (HandlingCondition.EXPIRY in self.conditions) != (self.expires is not None):
            raise _refuse("handling-expiry", "The condition EXPIRY and the date it expires go together")
        return self


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

    @model_validator(mode="after")
    def _question_eight_is_answered(self) -> Self:
        known = bool(self.subjects or self.selectors)
        if not known and not self.nothing_known:
            raise _refuse(
                "nothing-known",
                "Say what you know of persons, phones, documents and plates, or that nothing is known (nothing_known)",
            )
        if known and self.nothing_known:
            raise _refuse("nothing-known", "Something is known, so nothing_known cannot be true as well")
        return self

    @model_validator(mode="after")
    def _subjects_can_be_told_apart(self) -> Self:
        numbers = [subject.n for subject in self.subjects]
        if len(set(numbers)) != len(numbers):
            raise _refuse("subject-number", "Two subjects have the same number")
        named = {g.guarantor for g in self.guarantees}
        named |= {g.beneficiary for g in self.guarantees if g.beneficiary is not None}
        if not named <= set(numbers):
            raise _refuse("subject-number", "A guarantee names a subject that this signal does not have")
        if any(g.guarantor == g.beneficiary for g in self.guarantees):
            raise _refuse("subject-number", "Nobody is a guarantor for himself or herself")
        return self

    @model_validator(mode="after")
    def _sexual_form_belongs_to_sexual_exploitation(self) -> Self:
        if self.sexual_form is not None and "SEX" not in self.exploitation_forms:
            raise _refuse("sexual-form", "A form of sexual exploitation needs SEX among the exploitation forms")
        return self


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
            raise _refuse("no-change", "Name at least one part that changes")
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
    """Takes a signal back, everywhere: every partner that has its extract is told and answers with a receipt."""

    reason: Note
    code: Annotated[
        Literal[RetractReason.WITHDRAWN, RetractReason.CORRECTED, RetractReason.ERASED],
        in_list("retract_reason"),
    ]


class ReferIn(Form):
    """Hands a signal to another organisation; several referrals run side by side."""

    kind: Annotated[str, in_list("referral_kind")]
    to: OrganisationCode
    note: Note | None = Field(default=None, repr=False)


class ReferralOut(Form):
    """One referral and how far it has come."""

    kind: Annotated[str, in_list("referral_kind")]
    to: OrganisationCode
    on: Day
    state: Annotated[str, in_list("referral_state")]


class SharingPreview(Form):
    """Whether one partner may have the extract of a signal, by which rules, in words for the reader."""

    recipient: Partition
    allowed: StrictBool
    rules: tuple[str, ...] = Field(max_length=100)
    sentences: tuple[str, ...] = Field(max_length=100)


class SignalSummary(Form):
    """A signal in a list: what tells it from the next one, without any person in it."""

    id: UUID
    reference: Reference
    kind: Kind
    state: Annotated[SignalState, in_list("signal_state")]
    version: Annotated[int, Field(ge=1)]
    type_registered: SignalTypeCode
    type_assessed: SignalTypeCode
    urgency: UrgencyCode
    source: SourceCode
    channel: ChannelCode
    island: IslandCode
    organisation: OrganisationCode
    received_on: Day
    recorded_at: Instant
    changed_at: Instant


class SignalOut(Form):
    """A signal as its owner's staff see it; `version` is also its ETag.

    Attributes:
        sharing: a preview for each partner; what the worker decides when it drafts the extract is what counts.
        pseudonyms: `pending` until enough evaluators have answered, `none` where there is nothing to compute.
        emergency: the country's emergency number, given when the urgency is NOW.
        questions: what the form suggests asking next, for instance trafficking too, where a fee is worked off.
        next_steps: what happens now, one line each.
    """

    id: UUID
    reference: Reference
    kind: Kind
    state: Annotated[SignalState, in_list("signal_state")]
    version: Annotated[int, Field(ge=1)]
    type_registered: SignalTypeCode
    type_assessed: SignalTypeCode
    organisation: OrganisationCode
    form: SignalIn
    sharing: tuple[SharingPreview, ...] = Field(default=(), max_length=4)
    pseudonyms: Literal["pending", "done", "none"] = "pending"
    referrals: tuple[ReferralOut, ...] = Field(default=(), max_length=200)
    emergency: str | None = None
    questions: tuple[str, ...] = Field(default=(), max_length=20)
    next_steps: tuple[str, ...] = Field(default=(), max_length=20)
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None = None


class Page(Form, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, None on the last one."""

    items: tuple[T, ...] = Field(max_length=PAGE_MAX)
    next: str | None = None
