"""A signal as its owner's staff see it: whole, in a list, with its referrals and who may receive it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from schemas.codes import Partition, SignalState
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Instant
from schemas.signals.coded import (
    ChannelCode,
    IslandCode,
    Kind,
    OrganisationCode,
    Reference,
    SignalTypeCode,
    SourceCode,
    UrgencyCode,
)
from schemas.signals.reading import ReadingOut
from schemas.signals.signal import SignalIn


class ReferralOut(Form):
    """One referral and how far it has come; `outcome` is what the other organisation says came of it."""

    id: UUID
    kind: Annotated[str, in_list("referral_kind")]
    to: OrganisationCode
    on: Day
    state: Annotated[str, in_list("referral_state")]
    outcome: Annotated[str, in_list("referral_outcome")] | None = None
    answered_on: Day | None = None


class SharingPreview(Form):
    """Whether one partner may have the extract of a signal, by which rules, in words for the reader.

    Attributes:
        not_told_since: since when nothing that is decided here goes to it, of this signal or another: the log for it is
            stopped until operators have acted. Whoever has to know there is telephoned.
    """

    recipient: Partition
    allowed: StrictBool
    rules: tuple[str, ...] = Field(max_length=100)
    sentences: tuple[str, ...] = Field(max_length=100)
    not_told_since: Instant | None = None


class SignalOrder(StrEnum):
    """In which order signals are listed: a log by when they were recorded, or a worklist by what waits."""

    NEWEST = "newest"
    WAITING = "waiting"


class SignalSummary(Form):
    """A signal in a list: what tells it from the next one, without any person in it.

    Attributes:
        withdrawn: it was taken back everywhere.
        held_by: how many partners have its extract, by what their receipts acknowledge.
        waits_since: since when something about it waits, for the register unit in the order of what waits; else none.
        due_at: by when the first of what waits is due, and `overdue` whether that has passed.
    """

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
    withdrawn: StrictBool = False
    held_by: Annotated[int, Field(ge=0)] = 0
    waits_since: Instant | None = None
    due_at: Instant | None = None
    overdue: StrictBool = False


class ResemblesOut(Form):
    """An own report of the last days that a new one may repeat; a person tells them apart.

    Attributes:
        identical: every answer is the same, to the letter; else it is the same written otherwise, or shares a phone,
            document, plate, account or person.
        withdrawn: it was withdrawn since.
    """

    reference: Reference
    recorded_at: Instant
    identical: StrictBool = False
    withdrawn: StrictBool = False


class WithdrawnUnread(Form):
    """A signal that was withdrawn and does not open, or was erased with it; nothing of it is told but that."""

    id: UUID
    reference: Reference
    version: Annotated[int, Field(ge=1)]
    withdrawn_at: Instant
    next_steps: tuple[str, ...]


class SignalOut(Form):
    """A signal as its owner's staff see it; `version` is also its ETag.

    Attributes:
        sharing: a preview for each partner; what the worker decides when it drafts the extract is what counts.
        pseudonyms: `pending` until enough evaluators have answered, `partial` where it goes to partners without some
            that a limit of the evaluators holds up, `none` where there is nothing to compute.
        readings: how each value was read, or why it is compared with nothing.
        resembles: reports of the last fourteen days that the caller may read and that this one may repeat; told once,
            when it is registered.
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
    pseudonyms: Literal["pending", "partial", "done", "none"] = "pending"
    readings: tuple[ReadingOut, ...] = Field(default=(), max_length=900)
    resembles: tuple[ResemblesOut, ...] = Field(default=(), max_length=5)
    referrals: tuple[ReferralOut, ...] = Field(default=(), max_length=200)
    emergency: str | None = None
    questions: tuple[str, ...] = Field(default=(), max_length=20)
    next_steps: tuple[str, ...] = Field(default=(), max_length=20)
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None = None
