"""Approvals of the exit gate that the keeper's organisation signs: what waits for one, and what is handed in."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.codes import Partition
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Note
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


class SignedApprovalIn(Form):
    """A signed approval (`rtr-gate-approval+jws`), and why it was given; the reason stays in the own register."""

    approval: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=4_096)
    ]
    reason: Note
