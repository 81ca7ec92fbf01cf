"""The lists by which a country lets organisations and people in, as an operator writes them in a file.

A list says how its rows are to stand; what it leaves out stays as it is. Whether it may be so is judged by
`register.domain.access.admission`; here is the form only.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from schemas.codes import Handling, Partition
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Line, Name, refuse
from schemas.signals.coded import LegalBasisCode, OrganisationCode, PurposeCode, VisibilityCode
from schemas.signals.parts import EvaluationIn

T = TypeVar("T")
CASE_LEAST = 4
"""Letters and digits of a case's reference."""
ROWS_MAX = 5_000
"""Rows of one list."""

TASKS = (
    "SUBMIT", "REGISTER", "ENRICH", "READ_OWN", "SEARCH_SHARED", "CONSENT", "PROSECUTE", "STATISTICS", "AUDIT",
    "PRIVACY",
)  # fmt: skip
"""What somebody can be authorised for; a test holds it to the tasks of the register."""


def _task(value: str) -> str:
    if value not in TASKS:
        raise refuse("no-such-task", "Give a task by its name, for instance READ_OWN")
    return value


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    # Not by `min_length`, which would say of a list with faulty rows only that it is empty as well.
    if not values:
        raise refuse("nothing-given", "Give at least one")
    return values


def _subject(value: str) -> str:
    if not value.isprintable() or any(char.isspace() for char in value):
        raise refuse(
            "not-a-subject", "Give the subject as the provider does, without spaces; it is no name of a person"
        )
    return value


def _case_form(value: str) -> str:
    if "#" not in value or sum(char.isalnum() or char in "#@" for char in value) < CASE_LEAST:
        raise refuse(
            "case-form", "Give at least four letters and digits, one # among them, in capitals: for instance ZAAK-####"
        )
    return value


CaseForm = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Z0-9#@ ./_:-]+$"), AfterValidator(_case_form)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_subject)]


class ContactAddressIn(Form):
    """Where a unit is reached; an address of the function, that the unit has answered from."""

    use: Literal["mail", "telephone"]
    address: Line
    confirmed_on: Day


class UnitIn(Form):
    """A unit that partners turn to."""

    name: Name
    begins: Day
    ends: Day | None = None
    address: Annotated[tuple[ContactAddressIn, ...], Field(max_length=10)] = ()


class ProfileIn(Form):
    """What the organisation's reports are taken to be unless a form says otherwise.

    Attributes:
        case_forms: how the references of its cases look, where searches are to take no others: `#` is a digit, `@` a
            letter, a letter or digit stands for itself, and signs and spaces make no difference: `ZAAK-####-##`.
    """

    legal_basis: LegalBasisCode
    purpose: PurposeCode
    evaluation: EvaluationIn
    handling: Annotated[Handling, in_list("handling")]
    visibility: VisibilityCode
    retention: Line
    acquisition: Literal["OWN_TASK", "TOLD"]
    contact: Name
    routes: Annotated[tuple[Annotated[str, in_list("request_route")], ...], AfterValidator(_some)]
    case_forms: Annotated[tuple[CaseForm, ...], Field(max_length=10)] = ()


class AdmittedOrganisationIn(Form):
    """One organisation; it ends by a day, its last."""

    code: OrganisationCode
    name: Name
    kind: Annotated[str, in_list("organisation_kind")]
    legal_profile: Literal["police", "justice", "non-police"]
    begins: Day
    ends: Day | None = None
    profile: ProfileIn
    unit: Annotated[tuple[UnitIn, ...], Field(max_length=50)] = ()


class OrganisationsIn(Form):
    """The list of one country's organisations."""

    country: Partition
    organisation: Annotated[tuple[AdmittedOrganisationIn, ...], Field(max_length=ROWS_MAX), AfterValidator(_some)]


class TrainingIn(Form):
    """What the person was taught, when, and until when it counts."""

    which: Line
    on: Day
    until: Day


class AuthorisationIn(Form):
    """What one person or program may do; `actor` is the subject at the country's provider."""

    actor: Subject
    kind: Literal["person", "service"]
    organisation: OrganisationCode
    tasks: Annotated[tuple[Annotated[str, AfterValidator(_task)], ...], AfterValidator(_some)]
    begins: Day
    ends: Day | None = None
    training: TrainingIn | None = None


class AuthorisationsIn(Form):
    """The list of those who may use one country's register."""

    country: Partition
    authorisation: Annotated[tuple[AuthorisationIn, ...], Field(max_length=ROWS_MAX), AfterValidator(_some)]
