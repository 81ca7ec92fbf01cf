"""The parts of a signal: period, place, subjects, selectors, guarantees, indicators, evaluation and handling."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import DocumentUse, Handling, HandlingCondition, SubjectRole, code_list
from schemas.codes.countries import COUNTRIES
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Issuer, Line, Name, Nationality, Value, refuse
from schemas.signals.coded import HandlingConditions, IslandCode, LocationTypeCode

SUBJECTS_MAX = 32  # a record of the exchange holds no more
SELECTORS_MAX = 24  # of one subject; a subject has at most 24 tokens

IDENTITY_DOCUMENTS = frozenset({"PASSPORT", "NATIONAL_ID", "RESIDENCE_PERMIT"})
"""Selectors whose value means nothing without the country that issued it and the type of document."""

KEYED_TYPES = IDENTITY_DOCUMENTS | {
    "PHONE", "EMAIL", "PLATE", "SOCIAL_HANDLE", "BANK_ACCOUNT", "VESSEL", "COMPANY_REG",
}  # fmt: skip
"""Selectors that a match key may be made of; what is of another type is kept, and compared with nothing yet."""

TELLS_WHO = IDENTITY_DOCUMENTS | {"PHONE", "EMAIL", "SOCIAL_HANDLE", "BANK_ACCOUNT"}
"""Selectors that tell who somebody is: without an owner, in a report by somebody unnamed, they may be theirs."""

_NEEDS_COUNTRY = IDENTITY_DOCUMENTS | {"PLATE", "COMPANY_REG"}  # the same number exists in several countries
_IMPLIED_DOCUMENT = {"PASSPORT": "PASSPORT", "RESIDENCE_PERMIT": "RESIDENCE_PERMIT"}

PERSONS_SEEN_MAX = 2_000  # adults, and as many children

Count = Annotated[int, Field(strict=True, ge=0, le=PERSONS_SEEN_MAX)]
SubjectNumber = Annotated[int, Field(strict=True, ge=1, le=SUBJECTS_MAX)]


class Period(Form):
    """When it happened, by day; `to` is None while it goes on or when only the beginning is known."""

    from_: Day = Field(alias="from")
    to: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise refuse("period-reversed", "The period ends before it begins")
        return self


class Place(Form):
    """Where it happened. The locality is kept at home: an extract names the kind of place only."""

    island: IslandCode
    location_type: LocationTypeCode
    locality: Name | None = Field(default=None, repr=False)


class SelectorIn(Form):
    """One value that identifies: a number, a document, a plate, a handle. A name and birth date stand in a subject.

    Attributes:
        country: where the number is from; of a document, who issued it: AN for the Netherlands Antilles, XXX if nobody
            knows.
        of_nobody: somebody says that it belongs to none of the persons in the signal. Beside a protected person a
            value without an owner stays at home until it is given one, or this is said and the register unit agrees.
        of_reporter: it belongs to whoever told this, who is no person of the signal: found by nobody abroad.
    """

    type: Annotated[str, in_list("identifier_type")]
    value: Value = Field(repr=False)
    country: Issuer | None = None
    platform: Annotated[str, in_list("platform")] | None = None
    document_type: Annotated[str, in_list("document_type")] | None = None
    use: Annotated[DocumentUse, in_list("document_use")] | None = None
    of_nobody: StrictBool = False
    of_reporter: StrictBool = False

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
            raise refuse("name-as-selector", "Give a name and birth date as a subject, not as a selector")
        if self.type in _NEEDS_COUNTRY and self.country is None:
            raise refuse("country-missing", "This number means nothing without its country; give the country")
        if self.type not in IDENTITY_DOCUMENTS and self.country is not None and self.country not in COUNTRIES:
            raise refuse("unknown-country", "Only a document has an issuer that is no country of today")
        if self.type in IDENTITY_DOCUMENTS and self.document_type is None:
            raise refuse("document-type-missing", "Give the type of the document")
        if _IMPLIED_DOCUMENT.get(self.type, self.document_type) != self.document_type:
            raise refuse("document-type", "The kind of number and the type of document contradict each other")
        if self.type not in IDENTITY_DOCUMENTS and (self.document_type or self.use):
            raise refuse("not-a-document", "Only a document has a document type and a use")
        if self.of_nobody and self.of_reporter:
            raise refuse("of-nobody", "What is the reporter's belongs to somebody; choose of_nobody or of_reporter")
        if (self.type == "SOCIAL_HANDLE") != (self.platform is not None):
            raise refuse("platform", "A social media name needs its platform, and nothing else has one")
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
            raise refuse("birth-date", "A birth day needs its month")
        try:
            date(self.year, self.month, self.day)
        except ValueError:
            raise refuse("birth-date", "There is no such day in that month") from None
        return self


class SubjectIn(Form):
    """A person, company or group in the signal, with the role that is the ground for registering it."""

    n: SubjectNumber
    role: Annotated[SubjectRole, in_list("subject_role")]
    kind: Annotated[Literal["person", "company", "group", "unknown"], in_list("subject_kind")]
    name: Name | None = Field(default=None, repr=False)
    birth: Birth | None = Field(default=None, repr=False)
    nationality: Nationality | None = Field(default=None, repr=False)
    minor: StrictBool | None = None
    selectors: tuple[SelectorIn, ...] = Field(default=(), max_length=SELECTORS_MAX)

    @model_validator(mode="after")
    def _owns_what_it_has(self) -> Self:
        if any(selector.of_nobody or selector.of_reporter for selector in self.selectors):
            raise refuse(
                "of-nobody",
                "What stands under a person is theirs; of_nobody and of_reporter are for values beside them",
            )
        return self

    @model_validator(mode="after")
    def _only_people_are_born(self) -> Self:
        if self.kind in {"company", "group"} and (self.birth or self.nationality or self.minor is not None):
            raise refuse("not-a-person", "Only a person has a birth date, a nationality or an age")
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
            raise refuse("handling-conditions", "H3 needs at least one condition, and only H3 has any")
        if (HandlingCondition.EXPIRY in self.conditions) != (self.expires is not None):
            raise refuse("handling-expiry", "The condition EXPIRY and the date it expires go together")
        return self
