"""Approvals of the exit gate that the keeper's organisation signs: what waits for one, and what is handed in."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.codes import Partition
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Instant, Note
from schemas.signals.coded import LegalBasisCode, OrganisationCode, PurposeCode, Reference, VisibilityCode


class WaitingApprovalOut(Form):
    """A signal that only an approval of the exit gate keeps from some partner."""

    id: UUID
    reference: Reference
    version: Annotated[int, Field(ge=1)]
    organisation: OrganisationCode


class ApprovalAskedOut(Form):
    """What an approval of one signal would be given for, as it would leave.

    Attributes:
        object: id of its extract.
        record: the record part of the extract, as every partner would have it. Whoever signs works its hash out of
            what they were shown.
        partners: those that may have it once it is approved.
        keeper, task, actor: who would approve: the caller, as partners may know of them.
        retain_until: after which nobody may hold it.
    """

    id: UUID
    reference: Reference
    version: Annotated[int, Field(ge=1)]
    object: UUID
    record: dict[str, Any]
    purpose: PurposeCode
    legal_basis: LegalBasisCode
    visibility: VisibilityCode
    handling: Annotated[str, in_list("handling")]
    partners: tuple[Annotated[Partition, in_list("partition")], ...]
    keeper: OrganisationCode
    task: str
    actor: str
    today: Day
    retain_until: Day


class ClassOut(Form):
    """Records of which basis, at which visibilities, the edition lets a keeper approve as a class."""

    legal_basis: LegalBasisCode
    visibilities: tuple[VisibilityCode, ...]


class ClassAskedOut(Form):
    """What the caller could approve as a class, by the edition in force.

    Attributes:
        country: whose gate.
        edition: hash of the edition; under another one the approval covers nothing.
        days_max: from its first day to its last.
        source, assumed: on what the edition rests this.
        partners: all of them; the rules say of each record besides who may have it.
        keeper, task, actor: who would approve: the caller, as partners may know of them.
    """

    country: Annotated[Partition, in_list("partition")]
    edition: str
    classes: tuple[ClassOut, ...]
    days_max: Annotated[int, Field(ge=1)]
    source: str
    assumed: bool
    partners: tuple[Annotated[Partition, in_list("partition")], ...]
    keeper: OrganisationCode
    task: str
    actor: str
    today: Day


class ClassApprovalOut(Form):
    """An approval of a class of records.

    Attributes:
        by: who gave it.
        ended: how it ended; null while it is in force, or its first day is to come.
        out: how many signals are out on it now.
    """

    id: UUID
    keeper: OrganisationCode
    by: str
    legal_basis: LegalBasisCode
    visibility: VisibilityCode
    edition: str
    purpose: PurposeCode
    recipients: tuple[Annotated[Partition, in_list("partition")], ...]
    given: Day
    expires: Day
    handed_in_at: Instant
    reason: str | None
    ended: Literal["withdrawn", "expired"] | None
    ended_at: Instant | None
    ended_by: str | None
    end_reason: str | None
    out: Annotated[int, Field(ge=0)]


class UnderClassOut(Form):
    """A signal that left on an approval of its class, since when, and until when; still, where `until` is null."""

    id: UUID
    reference: Reference
    since: Instant
    until: Instant | None


class SignedApprovalIn(Form):
    """A signed approval (`rtr-gate-approval+jws`), and why it was given; the reason stays in the own register."""

    approval: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=4_096)
    ]
    reason: Note
