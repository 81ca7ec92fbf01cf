"""What waits for somebody, as he lists it: codes and references, nothing of what it is about."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from schemas.codes import ToDoKind, Urgency
from schemas.codes.fields import in_list
from schemas.form import Form, Instant
from schemas.signals.coded import OrganisationCode, Reference


class ToDoOut(Form):
    """Something that waits for the caller.

    Attributes:
        object: id of what waits: a referral, a signal, or a record of the register's own work.
        detail: says more, by kind: what a referral is for, which finding, which work does not get on; else empty.
        unit: the organisation that it waits for; none where it waits for whoever holds the task.
        signal: id of the signal that it is about, and `reference` its reference; the signal shows to those who may
            read it.
        overdue: it waits longer than it may.
        subject: of a finding, the number of the person of whom it asks, 0 where a value stands under nobody.
        family: of a finding, what kind of value it asks about; never the value.
        also: of a finding, the reference of the report of the protected person, in which the value stands too: the
            same as `reference` where one report says both.
        withdrawn: of a finding, the report that it is about was withdrawn before anybody answered.
    """

    id: UUID
    kind: Annotated[ToDoKind, in_list("to_do_kind")]
    object: UUID
    detail: Annotated[str, Field(max_length=100)]
    urgency: Annotated[Urgency, in_list("urgency")]
    unit: OrganisationCode | None
    signal: UUID | None
    reference: Reference | None
    opened_at: Instant
    due_at: Instant
    overdue: StrictBool
    subject: Annotated[int, Field(ge=0)] | None = None
    family: Annotated[str, Field(max_length=40)] | None = None
    also: Reference | None = None
    withdrawn: StrictBool = False
