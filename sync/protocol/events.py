"""What a receiver knows of one log, what can happen to it, and what can become of that: values only.

`stream.step` takes a state and an event, and answers with a state, a verdict and effects (`effects.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from register.errors import PartnerError
from schemas.exchange.wire import Head, PageHeader
from sync.protocol.documents.page import Entry
from sync.protocol.documents.receipt import ReceiptFacts, ReceiptMark
from sync.protocol.documents.signed import Signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.effects import Effect
from sync.protocol.entries import STATEFUL, Reading, Rules, StubVerdict
from sync.protocol.ports import Signer


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """What we hold true of one log.

    Attributes:
        applied: number and hash of the last entry applied.
        roster: roster number of the last page; never falls.
        receipt: the newest receipt given.
        halted: code of why the log is followed no more.
    """

    log: LogId
    applied: Tip
    roster: int
    receipt: ReceiptMark
    halted: str | None = None

    @classmethod
    def opening(cls, log: LogId) -> ReceiverState:
        """Return the state before the first page."""
        return cls(log, log.start(), 0, ReceiptMark.none(log))


# --- what arrives ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Examined:
    """A page whose own bytes were checked.

    Attributes:
        entries: None where its place was wrong already, or it is refused.
        bodies: of its puts, by number, as far as they were read ahead.
    """

    header: Signed[PageHeader] | None
    entries: tuple[Entry, ...] | None = None
    refusal: PartnerError | None = None
    bodies: Mapping[int, Reading] = field(default_factory=dict)

    @property
    def objects(self) -> frozenset[str]:
        """The objects whose stored versions the step needs."""
        return frozenset(entry.stub.object for entry in self.entries or () if entry.stub.type in STATEFUL)


@dataclass(frozen=True, slots=True)
class PageArrived:
    """A page pulled or imported.

    Attributes:
        stored: highest version seen of each of the page's objects in this log; absent is 0.
        hash_at: stored entry hashes by number; needed: the page's `to`, where that is at or below the cursor.
    """

    page: Examined
    rules: Rules
    stored: Mapping[str, int] = field(default_factory=dict)
    hash_at: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EntryAnew:
    """A page of one entry, asked for because that number is quarantined or its record was found missing.

    Attributes:
        seq, entry_hash: of the stored stub.
        newest: highest version seen of its object in this log.
    """

    page: Examined
    rules: Rules
    seq: int
    entry_hash: bytes
    newest: int


@dataclass(frozen=True, slots=True)
class HeadArrived:
    """A head that answers our own question. hash_at: needed is its `tip_seq`, where that is below the cursor."""

    head: Signed[Head]
    hash_at: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiptDue:
    """Something to acknowledge: a page was applied, or the index confirmed removals."""

    facts: ReceiptFacts
    signer: Signer


@dataclass(frozen=True, slots=True)
class ReceiptsLost:
    """The origin refused a receipt with `receipt-conflict`: it knows others than we do, since we were restored.

    Attributes:
        newest: the newest one that it took, from the details of that refusal.
    """

    newest: ReceiptMark


Event: TypeAlias = PageArrived | EntryAnew | HeadArrived | ReceiptDue | ReceiptsLost

# --- what becomes of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """All entries from `first` to `last` have their verdict, and the cursor stands at `last`."""

    first: int
    last: int
    counts: Mapping[StubVerdict, int]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A page applied before, unchanged."""

    last: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A page that does not begin where we stand; nothing is wrong with it."""

    expected: int
    got: int


@dataclass(frozen=True, slots=True)
class Fork:
    """The origin signed another story than the one applied; from entry `seq` at the latest."""

    seq: int


@dataclass(frozen=True, slots=True)
class BadPage:
    """A page that moves nothing."""

    refusal: PartnerError


@dataclass(frozen=True, slots=True)
class Halted:
    """The log is followed no more, for the reason of this code."""

    code: str


@dataclass(frozen=True, slots=True)
class AppliedAnew:
    """An entry pulled anew, and what became of it."""

    seq: int
    verdict: StubVerdict


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """The origin is this many entries further than we are."""

    behind: int


@dataclass(frozen=True, slots=True)
class OriginBehind:
    """The origin's log is shorter than what it gave us: it was restored from an older state."""

    tip_seq: int


@dataclass(frozen=True, slots=True)
class Given:
    """A receipt was made."""

    n: int


@dataclass(frozen=True, slots=True)
class Renumbered:
    """Receipts go on after this number."""

    n: int


Verdict: TypeAlias = (
    Applied | Duplicate | Gap | Fork | BadPage | Halted | AppliedAnew | HeadSeen | OriginBehind | Given | Renumbered
)


class Step(NamedTuple):
    """The new state, the verdict, and what is to be done in the same transaction."""

    state: ReceiverState
    verdict: Verdict
    effects: tuple[Effect, ...]
