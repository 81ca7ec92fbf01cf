"""What becomes of one entry at its receiver, once the page around it was proven (sync/README.md, step 5).

An entry that cannot be applied goes to quarantine as stub and reason, without its body: the log goes on, and looking
again pulls that number anew. A retract is never quarantined: its stub alone removes the object.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import EntryType, Partition, RetractReason
from schemas.exchange import wire
from schemas.exchange.wire import Document, IndicatorPut, IndicatorRetract
from schemas.statistics.entry import StatisticsEntry
from sync.protocol.documents.page import Entry
from sync.protocol.documents.versions import reads_body
from sync.protocol.ports import Judgement, MayHold, MayKeep, keeps_nothing

B = TypeVar("B", bound=Document)
STATEFUL: Final = frozenset({EntryType.INDICATOR_PUT.value, EntryType.INDICATOR_RETRACT.value})
"""Types that put an object into a state; for these alone versions are compared."""


VERSION_JUMP_MAX: Final = 2**20
"""By how much a version may lie above the one before: an origin counts them one by one."""
VERSION_MAX: Final = 2**31 - 1
"""What is counted as a version here at most, and stored; a retract that says more removes its object all the same."""


class StubVerdict(StrEnum):
    """What is stored beside a received stub (wire.md 5)."""

    HELD = "held"
    GONE = "gone"
    STALE = "stale"
    QUARANTINED = "quarantined"
    TOMBSTONE = "tombstone"
    LISTED = "listed"


class QuarantineCode(StrEnum):
    """Why this module quarantines an entry; `may_hold` has codes of its own."""

    SCHEMA_UNKNOWN = "schema-unknown"  # a body version whose major is not read here
    SCHEMA_INVALID = "schema-invalid"  # readable JSON that is not the body its schema says
    BODY_UNREADABLE = "body-unreadable"  # not canonical JSON within the bounds
    ENTRY_TOO_LARGE = "entry-too-large"  # longer than 256 KiB
    CRITICAL_UNKNOWN = "critical-unknown"  # a critical extension that is not understood here
    LABEL_AUDIENCE = "label-audience"  # the label does not name this country
    EXT_TOO_LARGE = "ext-too-large"  # what it brings beside the agreed form is longer than 2 KiB
    VERSION_JUMP = "version-jump"  # its version is further above the one before than any origin comes


Reading: TypeAlias = IndicatorPut | QuarantineCode
"""What the body of a put says, or why it cannot be read: a function of the entry alone."""


@dataclass(frozen=True, slots=True)
class Rules:
    """By what this node judges entries.

    Attributes:
        me: this country.
        may_hold: the rules of the MoU.
        critical: names of critical extensions that are understood here.
        may_keep: the judge of words on statistics.
    """

    me: Partition
    may_hold: MayHold
    critical: AbstractSet[str] = field(default_factory=frozenset)
    may_keep: MayKeep = keeps_nothing


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one entry, with what its verdict needs.

    Attributes:
        put, word: the body, where held. reason: of a retract, where its body could be read.
        code, rule: of a quarantine.
    """

    verdict: StubVerdict
    put: IndicatorPut | None = None
    word: StatisticsEntry | None = None
    reason: RetractReason | None = None
    code: str | None = None
    rule: str | None = None


def read_bodies(entries: Iterable[Entry]) -> dict[int, Reading]:
    """Read the bodies of puts, by number. Nothing is decided yet, so it can be done before anything is locked."""
    return {
        entry.stub.seq: _read_put(entry, entry.line.body)
        for entry in entries
        if entry.line.body is not None and entry.stub.type == EntryType.INDICATOR_PUT
    }


def judge_entry(entry: Entry, stored: int, rules: Rules, reading: Reading | None = None) -> Judged:
    """Return what becomes of an entry.

    Args:
        entry: proven by its page.
        stored: highest version seen of its object in this log, 0 for none.
        rules: by what bodies are judged.
        reading: of its body, as `read_bodies` gives it; read here where it is None.
    """
    stub = entry.stub
    if stub.type == EntryType.STATISTICS and entry.line.body is not None:
        return _judge_word(entry, entry.line.body, rules)
    if stub.type not in STATEFUL:
        # Its body is kept for whoever acts on it one day, so its length is all that can be judged.
        too_large = entry.line.body is not None and len(entry.line.body) > wire.BODY_BYTES_MAX
        return _quarantine_entry(QuarantineCode.ENTRY_TOO_LARGE) if too_large else Judged(StubVerdict.LISTED)
    # Before the body is looked at: of a stale entry nothing would be applied, so nothing of it is quarantined either.
    if stub.version <= stored:
        return Judged(StubVerdict.STALE)
    if stub.type == EntryType.INDICATOR_RETRACT:
        return Judged(StubVerdict.TOMBSTONE, reason=_read_retract_reason(entry))
    # A retract is never refused for it: then a number would keep something standing that its owner took back.
    if stub.version > min(stored + VERSION_JUMP_MAX, VERSION_MAX):
        return _quarantine_entry(QuarantineCode.VERSION_JUMP)
    if entry.line.body is None:
        return Judged(StubVerdict.GONE)
    put = _read_put(entry, entry.line.body) if reading is None else reading
    return _quarantine_entry(put) if isinstance(put, QuarantineCode) else _judge_put(put, stub.object, rules)


def _read_put(entry: Entry, body: bytes) -> Reading:
    refused = _find_unread_code(entry, body)
    if refused is not None:
        return refused
    written = _as_we_write_it(body)
    return _read_strictly(body, IndicatorPut) if written is None else written


def _as_we_write_it(body: bytes) -> IndicatorPut | None:
    """The body, where it is byte for byte what this node would have written; None where that cannot be told.

    Equal bytes prove the canonical form, so the strict parse is saved for what differs. An extension is never taken
    this way: the schema bounds all else, and what stands there is bounded by the strict parse alone.
    """
    try:
        put = wire.read(IndicatorPut, body)
        if put.ext.optional or put.ext.critical or wire.encode_body(put) != body:
            return None
    except DocumentRefused:
        return None
    return put


def _judge_put(put: IndicatorPut, about: str, rules: Rules) -> Judged:
    if not put.ext.critical.keys() <= rules.critical:
        return _quarantine_entry(QuarantineCode.CRITICAL_UNKNOWN)
    if put.ext.optional and len(canonical.dumps(put.ext.optional)) > wire.EXT_BYTES_MAX:
        return _quarantine_entry(QuarantineCode.EXT_TOO_LARGE)
    if put.label.audience != (rules.me,):
        return _quarantine_entry(QuarantineCode.LABEL_AUDIENCE)
    judgement: Judgement = rules.may_hold(put, about)
    if not judgement.held:
        return _quarantine_entry(judgement.code, judgement.rule)
    return Judged(StubVerdict.HELD, put=put)


def _judge_word(entry: Entry, body: bytes, rules: Rules) -> Judged:
    word = _find_unread_code(entry, body) or _read_strictly(body, StatisticsEntry)
    if isinstance(word, QuarantineCode):
        return _quarantine_entry(word)
    judgement: Judgement = rules.may_keep(word)
    if not judgement.held:
        return _quarantine_entry(judgement.code, judgement.rule)
    return Judged(StubVerdict.HELD, word=word)


def _find_unread_code(entry: Entry, body: bytes) -> QuarantineCode | None:
    """Why a body is not even parsed."""
    if len(body) > wire.BODY_BYTES_MAX:
        return QuarantineCode.ENTRY_TOO_LARGE
    return None if reads_body(entry.stub.schema_) else QuarantineCode.SCHEMA_UNKNOWN


def _read_strictly(body: bytes, model: type[B]) -> B | QuarantineCode:
    try:
        canonical.loads(body, wire.BODY_BYTES_MAX, canonical=True)
    except DocumentRefused:
        return QuarantineCode.BODY_UNREADABLE
    try:
        return wire.read(model, body)
    except DocumentRefused:
        return QuarantineCode.SCHEMA_INVALID


def _quarantine_entry(code: str, rule: str | None = None) -> Judged:
    return Judged(StubVerdict.QUARANTINED, code=str(code), rule=rule)


def _read_retract_reason(entry: Entry) -> RetractReason | None:
    body = entry.line.body
    if body is None or len(body) > wire.BODY_BYTES_MAX or not reads_body(entry.stub.schema_):
        return None
    try:
        canonical.loads(body, wire.BODY_BYTES_MAX)
        return wire.read(IndicatorRetract, body).reason
    except DocumentRefused:
        return None
