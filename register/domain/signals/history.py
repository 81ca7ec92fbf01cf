"""The timeline of a signal: what its owner's people did, and what partners were told and acknowledged, in one order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Any, Final, Self

from register.domain.running.audit_action import AuditAction
from register.domain.signals.telling import Told
from schemas.codes import Partition


@unique
class SignalEvent(StrEnum):
    """What the owner's people do with a signal; its timeline keeps the value for good.

    Attributes:
        action: of the leaf that stands in the audit log beside it.
    """

    action: AuditAction

    def __new__(cls, value: str, action: AuditAction) -> Self:
        """One event, with the leaf's action."""
        member = str.__new__(cls, value)
        member._value_, member.action = value, action
        return member

    @property
    def is_versioned(self) -> bool:
        """Whether it raises the signal's version, by one: what becomes of a referral or a finding does not."""
        return self.action.startswith("signal.")

    RECORDED = "recorded", AuditAction.SIGNAL_RECORDED
    AMENDED = "amended", AuditAction.SIGNAL_AMENDED
    RECLASSIFIED = "reclassified", AuditAction.SIGNAL_RECLASSIFIED
    MOVED = "moved", AuditAction.SIGNAL_MOVED
    CONFIRMED = "confirmed", AuditAction.SIGNAL_CONFIRMED
    APPROVED = "approved", AuditAction.SIGNAL_APPROVED
    APPROVAL_LIFTED = "approval-lifted", AuditAction.SIGNAL_APPROVAL_LIFTED
    APPROVAL_WITHDRAWN = "approval-withdrawn", AuditAction.SIGNAL_APPROVAL_WITHDRAWN
    APPROVAL_ENDED = "approval-ended", AuditAction.SIGNAL_APPROVAL_ENDED
    CONSENTED = "consented", AuditAction.SIGNAL_CONSENTED
    CONSENT_WITHDRAWN = "consent-withdrawn", AuditAction.SIGNAL_CONSENT_WITHDRAWN
    REFERRED = "referred", AuditAction.SIGNAL_REFERRED
    WITHDRAWN = "withdrawn", AuditAction.SIGNAL_WITHDRAWN
    REFERRAL_ANSWERED = "referral-answered", AuditAction.REFERRAL_ANSWERED
    REFERRAL_CLOSED = "referral-closed", AuditAction.REFERRAL_CLOSED
    REFERRAL_TAKEN_BACK = "referral-taken-back", AuditAction.REFERRAL_TAKEN_BACK
    OBJECTED = "objected", AuditAction.FINDING_OBJECTED
    LET_STAND = "let-stand", AuditAction.FINDING_NOT_OBJECTED


ANSWERS: Final = frozenset({SignalEvent.OBJECTED, SignalEvent.LET_STAND})
"""What whoever entered the report says to it that somebody in it, or a value of theirs, was let go."""


@unique
class ExchangeEvent(StrEnum):
    """What partners were told of a signal, and what their receipts say; nobody's hand writes it."""

    SHARED = "shared"
    RECEIVED = "share-received"
    REFUSED = "share-refused"
    RECALLED = "recalled"
    RECALL_CONFIRMED = "recall-confirmed"
    # Decided here, and not told: the log for the partner is stopped, and no receipt covers it.
    SHARE_HELD = "share-held"
    RECALL_HELD = "recall-held"


@unique
class FindingEvent(StrEnum):
    """What findings about a signal, or about persons it protects, add to its timeline; no hand writes it there."""

    ASKED = "finding-asked"
    DECIDED = "finding-decided"
    LET_GO = "let-go"


_WORKER: Final = "system:worker"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a signal's timeline.

    Attributes:
        what: None where the timeline has a word that this release does not know.
        actor: who did it: an opaque id; `partner:CW` of a receipt.
        facts: codes and ids only.
        reason: in the words of who did it, where one was given.
    """

    at: datetime
    what: SignalEvent | ExchangeEvent | FindingEvent | None
    actor: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


def build_timeline(
    events: Iterable[HistoryLine], told: Iterable[Told], stopped: Collection[Partition] = ()
) -> list[HistoryLine]:
    """Return the events and what the exchange adds to them, oldest first; of one moment in the order given.

    `stopped`: the partners whose logs go on no more.
    """
    lines = (
        line for one in told for line in _list_told_lines(one, held=one.partner in stopped and one.received_at is None)
    )
    return sorted([*events, *lines], key=lambda line: line.at)


def _list_told_lines(one: Told, *, held: bool) -> Iterator[HistoryLine]:
    facts, partner = {"partner": str(one.partner), "version": one.version}, f"partner:{one.partner}"
    said, waits = (
        (ExchangeEvent.RECALLED, ExchangeEvent.RECALL_HELD)
        if one.withdrawal
        else (ExchangeEvent.SHARED, ExchangeEvent.SHARE_HELD)
    )
    yield HistoryLine(one.decided_at, waits if held else said, _WORKER, facts)
    if one.withdrawal:
        # That a withdrawal arrived is not yet that anything is gone: only the receipt that says so counts.
        if one.done_at is not None:
            yield HistoryLine(one.done_at, ExchangeEvent.RECALL_CONFIRMED, partner, facts)
    elif one.received_at is not None:
        yield HistoryLine(
            one.received_at, ExchangeEvent.REFUSED if one.refused else ExchangeEvent.RECEIVED, partner, facts
        )
