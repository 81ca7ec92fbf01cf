"""What a step asks to be done: bulk, in this order, in one transaction with the new state.

The rows for the outbox and for `search_key` follow from the objects named in `ApplyRecords`, `WriteTombstones` and
`Withhold`. These three also set the stored version of an object, which the next step is handed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from schemas.codes import RetractReason
from schemas.exchange.wire import IndicatorPut, Receipt
from schemas.statistics.entry import StatisticsEntry
from sync.protocol.documents.page import Entry
from sync.protocol.entries import StubVerdict


@dataclass(frozen=True, slots=True)
class KeepEvidence:
    """Keep the page's signed header."""

    first_seq: int
    jws: bytes


@dataclass(frozen=True, slots=True)
class KeptStub:
    """A stub with what became of its entry."""

    entry: Entry
    verdict: StubVerdict


@dataclass(frozen=True, slots=True)
class KeepStubs:
    """Write these stubs; where a number is there already (pulled anew), only its verdict changes."""

    stubs: tuple[KeptStub, ...]


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record to hold: its body as read, and the bytes that were committed to, to be stored sealed."""

    seq: int
    object: str
    version: int
    put: IndicatorPut
    body: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class ApplyRecords:
    """Hold these records in place of any older version."""

    records: tuple[HeldRecord, ...]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a retracted object. reason: None where the retract's body could not be read."""

    seq: int
    object: str
    version: int
    reason: RetractReason | None


@dataclass(frozen=True, slots=True)
class WriteTombstones:
    """Remove the bodies of these objects for good; write the row even where nothing was held."""

    tombstones: tuple[Tombstone, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """An object whose newest version is not here: quarantined, or without a body."""

    seq: int
    object: str
    version: int


@dataclass(frozen=True, slots=True)
class Withhold:
    """Remove older bodies of these objects, if any, and note the version: their origin no longer stands by them."""

    objects: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """An entry that is not applied: its number, why, and the rule it rests on. No body."""

    seq: int
    code: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Write these rows, or renew them."""

    rows: tuple[QuarantineRow, ...]


@dataclass(frozen=True, slots=True)
class ReleaseQuarantine:
    """Drop quarantine rows of these objects with a version below the one named; their stubs become `gone`."""

    below: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClearQuarantine:
    """Drop the quarantine row of this number."""

    seq: int


@dataclass(frozen=True, slots=True)
class ListEntries:
    """Keep these entries, sealed, and show that they came: nothing acts on their type yet."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What the origin said about statistics, under the id it travels by."""

    object: str
    entry: StatisticsEntry


@dataclass(frozen=True, slots=True)
class KeepWords:
    """Keep these words on statistics; one that is there already stays as it is."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class MoveCursor:
    """Everything up to here is applied."""

    incarnation: int
    applied_to: int
    last: bytes
    roster: int


@dataclass(frozen=True, slots=True)
class NoteHead:
    """How far the log went by its newest head, and when (`at` as `exchange.instant` writes it): for `as_of`.

    Attributes:
        behind: the head as signed, where it ends before what the origin gave us: the proof that it was set back.
    """

    tip_seq: int
    tip_hash: bytes
    at: str
    roster: int
    editions: tuple[str, ...]
    behind: bytes | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Pull from after this number."""

    after: int


@dataclass(frozen=True, slots=True)
class PostReceiptAgain:
    """Post the newest receipt again: the partner may have lost it."""


@dataclass(frozen=True, slots=True)
class GiveReceipt:
    """Store this receipt with the step, and post it afterwards.

    Attributes:
        more_done: retractions are left for the next receipt.
    """

    n: int
    jws: bytes
    receipt: Receipt
    more_done: bool


@dataclass(frozen=True, slots=True)
class VoidReceipts:
    """Forget our receipts, since we cannot know which of them the origin took; list all that is done again.

    The origin marks a retraction done once, so listing it twice does no harm.
    """


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop following this log, and keep what proves why."""

    code: str
    evidence: bytes


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell the operator: a stable code and one sentence without any content."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class KeepReceipt:
    """Store a receipt that a partner gave."""

    n: int
    jws: bytes
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class PassOver:
    """Count the number of this disowned receipt, and believe nothing that it says."""

    digest: bytes


@dataclass(frozen=True, slots=True)
class MarkDone:
    """The recipient's index confirmed these retractions; `n` is the receipt that says so."""

    n: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StopAppending:
    """Append nothing more to this log; registering goes on."""

    code: str


EntryEffect: TypeAlias = KeepEvidence | KeepStubs | ApplyRecords | WriteTombstones | Withhold | ListEntries | KeepWords
"""What becomes of the entries of a page."""

QuarantineEffect: TypeAlias = Quarantine | ReleaseQuarantine | ClearQuarantine
"""What becomes of the quarantine."""

GivingEffect: TypeAlias = GiveReceipt | VoidReceipts | PostReceiptAgain
"""What becomes of the receipts that are given."""

PlaceEffect: TypeAlias = MoveCursor | NoteHead | AskAgain | Halt | Alarm
"""Where the receiver stands in the log, and who is told."""

Effect: TypeAlias = EntryEffect | QuarantineEffect | GivingEffect | PlaceEffect
"""Effects of a receiver's step. A new one joins one of the four families; `carry` then fails the type check."""

OriginEffect: TypeAlias = KeepReceipt | PassOver | MarkDone | StopAppending | Alarm
"""Effects of a receipt at the origin."""
