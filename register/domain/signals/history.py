"""The timeline of a signal: what its owner's people did, and what partners were told and acknowledged, in one order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from register.domain.signals.telling import Told

SHARED: Final = "shared"
RECEIVED: Final = "share-received"
REFUSED: Final = "share-refused"
RECALLED: Final = "recalled"
RECALL_CONFIRMED: Final = "recall-confirmed"
VERSIONED: Final = frozenset(
    {
        "recorded",
        "amended",
        "reclassified",
        "moved",
        "confirmed",
        "approved",
        "approval-lifted",
        "approval-withdrawn",
        "approval-ended",
        "consented",
        "consent-withdrawn",
        "referred",
        "withdrawn",
    }
)
"""What raises a signal's version, by one each."""
OBJECTED: Final = "objected"
LET_STAND: Final = "let-stand"
ANSWERS: Final = frozenset({OBJECTED, LET_STAND})
"""What whoever entered the report says to it that somebody in it, or a value of theirs, was let go."""
TAKEN_BACK: Final = "referral-taken-back"
EVENTS: Final = VERSIONED | ANSWERS | {"referral-answered", "referral-closed", TAKEN_BACK}
"""Everything that the owner's people do: what becomes of a referral or a finding is no change of the signal."""
_WORKER: Final = "system:worker"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a signal's timeline.

    Attributes:
        what: one of `EVENTS`, or of the exchange: shared, share-received, share-refused, recalled, recall-confirmed.
        actor: who did it: an opaque id; `partner:CW` of a receipt.
        facts: codes and ids only.
        reason: in the words of who did it, where one was given.
    """

    at: datetime
    what: str
    actor: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


def timeline(events: Iterable[HistoryLine], told: Iterable[Told]) -> list[HistoryLine]:
    """Return the events and what the exchange adds to them, oldest first; of one moment in the order given."""
    return sorted([*events, *(line for one in told for line in _lines(one))], key=lambda line: line.at)


def _lines(one: Told) -> Iterator[HistoryLine]:
    facts, partner = {"partner": str(one.partner), "version": one.version}, f"partner:{one.partner}"
    yield HistoryLine(one.decided_at, RECALLED if one.withdrawal else SHARED, _WORKER, facts)
    if one.withdrawal:
        # That a withdrawal arrived is not yet that anything is gone: only the receipt that says so counts.
        if one.done_at is not None:
            yield HistoryLine(one.done_at, RECALL_CONFIRMED, partner, facts)
    elif one.received_at is not None:
        yield HistoryLine(one.received_at, REFUSED if one.refused else RECEIVED, partner, facts)
