"""What the exchange keeps, as values: the log of what we tell, and what we have of what we were told.

How entries are chained, signed and judged is the business of the protocol; these are the rows it works on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.codes import Partition, RetractReason
from schemas.exchange.wire import IndicatorPut

# --- what we tell ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogHead:
    """The end of the log for one partner.

    Attributes:
        tip_hash: 32 raw bytes.
        stopped: code of why nothing more is appended; `stopped_at` since when.
    """

    incarnation: int
    tip_seq: int
    tip_hash: bytes
    stopped: str | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft without a number yet.

    Attributes:
        content_hash: keyed hash of what it says; None where what comes behind it says it.
        mark: keyed hash of all that stands in clear of it, by which the program knows it as its own.
    """

    id: UUID
    object: UUID
    version: int
    type: str
    schema: str
    commitment: bytes
    content_hash: bytes | None
    mark: bytes


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A draft with its place in the log: canonical stub bytes and entry hash."""

    seq: int
    draft: WaitingDraft
    stub: bytes
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of our own log, opened; body and salt are None once erased."""

    seq: int
    type: str
    object: UUID
    version: int
    stub: bytes
    entry_hash: bytes
    body: bytes | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class LiveRow:
    """An object that a log leaves in being."""

    object: UUID
    version: int
    commitment: bytes


# --- what we were told -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far we are with one partner's log.

    Attributes:
        last: entry hash of the last entry applied.
        receipt_n, receipt_digest: the newest receipt given; 0 and None before the first.
        head_seq, head_at: of the newest head.
        origin_behind_at: since when the origin's heads end before what it gave us; None where they do not.
    """

    incarnation: int
    applied_to: int
    last: bytes
    roster: int
    halted: str | None = None
    receipt_n: int = 0
    receipt_digest: bytes | None = None
    head_seq: int | None = None
    head_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    stale_entries: int = 0
    origin_behind_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewStub:
    """A received stub with the verdict on its entry."""

    seq: int
    object: UUID
    version: int
    type: str
    commitment: bytes
    stub: bytes
    entry_hash: bytes
    verdict: str


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to hold; body and salt are the bytes that its stub commits to."""

    stub: NewStub
    put: IndicatorPut
    body: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """An object whose body is not to be here: retracted (`reason`, where it could be read), or not held."""

    stub: NewStub
    reason: RetractReason | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a type that nothing here acts on; body and salt may be absent."""

    stub: NewStub
    body: bytes | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class NewQuarantine:
    """An entry that is not applied, and why."""

    seq: int
    code: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A quarantined entry as it stands."""

    seq: int
    code: str
    rule: str | None
    seen_at: datetime
    looked_again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """A stored entry as the chain has it: canonical stub bytes and entry hash."""

    seq: int
    stub: bytes
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class KeptStub:
    """A stored stub: where its chain stands, and the newest version known of its object."""

    seq: int
    entry_hash: bytes
    newest: int


# --- receipts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt as it is kept, given or got; jws: compact serialisation."""

    n: int
    jws: bytes
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedReceipt:
    """A receipt that stopped a log, and is kept as evidence.

    Attributes:
        incarnation: of which it speaks.
        digest: SHA-256 of its compact JWS.
        code: why it stopped the log.
    """

    incarnation: int
    receipt: KeptReceipt
    digest: bytes
    code: str


@dataclass(frozen=True, slots=True)
class ReceiptMatter:
    """What the next receipt has to say, besides where the cursor stands.

    Attributes:
        done: numbers of retracts whose removal the index confirmed and no receipt listed; at most one more than fits.
        quarantined: (number, code) of all rows, by number.
        stale: how many stubs of this log were stale.
        newest: claims of the newest receipt given; None before the first.
    """

    done: tuple[int, ...]
    quarantined: tuple[tuple[int, str], ...]
    stale: int
    newest: Mapping[str, Any] | None


ORIGIN_BEHIND: Final = "origin-behind"
"""A partner's log ends before what it gave us."""
ORIGIN_RESTORED: Final = "origin-restored"
"""A partner acknowledged more of our log than we remember."""


@dataclass(frozen=True, slots=True)
class OutOfDate:
    """Since when what we hold of a partner may be out of date.

    Attributes:
        cut_off: nothing more that it says reaches us, whatever it decides, until operators have acted.
    """

    since: datetime
    cut_off: bool = False


# --- how it stands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How far a partner is with our log.

    Attributes:
        waiting: drafts that have no number yet.
        last_receipt_at: when the newest receipt came.
        open_retracts: how many retractions no receipt has listed as done, whatever was told of their objects since.
        overdue: the objects of those that are past their time, the oldest first; at most 100.
        retracts_refused: numbers of the retractions that the newest receipt keeps in quarantine, where none may be.
        held_back: where the log is stopped, how many objects that the partner has were taken back or changed since,
            without its being told; `held_back_since` when the first was.
    """

    partner: Partition
    head: LogHead | None
    waiting: int
    newest_receipt: KeptReceipt | None
    last_receipt_at: datetime | None
    open_retracts: int
    overdue: tuple[UUID, ...]
    retracts_refused: tuple[int, ...] = ()
    held_back: int = 0
    held_back_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandsStill:
    """A log that does not go on until somebody acts.

    Attributes:
        ours: what we tell the partner; else what it tells us.
        code: why: of our own log as `LogHead.stopped`, of a partner's as `Cursor.halted` or `ORIGIN_BEHIND`.
        since: None where that was not kept.
        held_back, held_back_since: as in `Telling`; of a partner's log none.
    """

    partner: Partition
    ours: bool
    code: str
    since: datetime | None
    held_back: int = 0
    held_back_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How far we are with a partner's log.

    Attributes:
        cursor: None before the first pull.
        unconfirmed: tombstones that the index has not confirmed.
        unacknowledged: receipts given that the partner has not taken yet.
    """

    partner: Partition
    cursor: Cursor | None
    quarantine: tuple[QuarantineRow, ...]
    unconfirmed: int
    unacknowledged: int
