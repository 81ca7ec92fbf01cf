"""One country's node, reduced to what the protocol needs: tables as dictionaries, transactions as copies.

The protocol is the real module; only storage, index, keys and transport are made up. A crash may come before any
effect and before the commit: what was staged is lost, as in a database, unless a planted bug says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from register.errors import PartnerError
from schemas.codes import EntryType, Partition, Visibility
from schemas.exchange import wire
from schemas.exchange.wire import IndicatorPut, PageAnswer, Receipt, Stub, Typ, document
from sync.protocol import effects as fx
from sync.protocol.documents.head import build_head, check_pull, read_head
from sync.protocol.documents.page import StoredEntry, build_page, seal_info
from sync.protocol.documents.receipt import OriginView, ReceiptArrived, ReceiptFacts, ReceiptMark, Refused, take_receipt
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Trust, read_signed
from sync.protocol.documents.stub import DraftStub, LogId, Tip, chain, commit
from sync.protocol.effects import Effect
from sync.protocol.entries import Rules, StubVerdict
from sync.protocol.events import (
    EntryAnew,
    Event,
    HeadArrived,
    PageArrived,
    ReceiptDue,
    ReceiptsLost,
    ReceiverState,
    Step,
)
from sync.protocol.liveset import LiveSet
from sync.protocol.ports import Judgement
from sync.protocol.stream import examine, examine_anew, step
from tests.simulator.builders import EDITION, an_id, newest_of, salt_of
from tests.simulator.fakes import FakeOpener, FakeSigner, FakeVerifier, fake_key, fake_seal, seal_kid, sign_kid

A_TIME = datetime(2026, 2, 1, tzinfo=UTC)


class Crash(Exception):
    """The node stops here; what is not committed is lost."""


@dataclass(slots=True)
class Outbox:
    """What an origin keeps for one recipient."""

    log: LogId
    view: OriginView
    drafts: tuple[tuple[DraftStub, bytes, bytes], ...] = ()
    entries: tuple[StoredEntry, ...] = ()
    receipts: dict[int, tuple[bytes, Receipt]] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()

    def hash_at(self) -> dict[int, bytes]:
        """Entry hashes by number."""
        return {entry.seq: entry.entry_hash for entry in self.entries}


@dataclass(slots=True)
class Kept:
    """A received stub with its verdict, and whether index and receipt followed."""

    stub: Stub
    entry_hash: bytes
    verdict: StubVerdict
    indexed: bool = False
    receipt: int | None = None


@dataclass(slots=True)
class Inbox:
    """What a receiver keeps of one origin. `records` holds (version, body); body None where it is not here."""

    state: ReceiverState
    stubs: dict[int, Kept] = field(default_factory=dict)
    records: dict[str, tuple[int, bytes | None]] = field(default_factory=dict)
    quarantine: dict[int, str] = field(default_factory=dict)
    receipts: dict[int, bytes] = field(default_factory=dict)
    to_index: frozenset[str] = frozenset()
    tip_seen: int = 0
    alarms: tuple[str, ...] = ()

    def copy(self) -> Inbox:
        """A copy to stage changes in."""
        return Inbox(
            self.state,
            {seq: replace(kept) for seq, kept in self.stubs.items()},
            dict(self.records),
            dict(self.quarantine),
            dict(self.receipts),
            self.to_index,
            self.tip_seen,
            self.alarms,
        )


@dataclass(frozen=True, slots=True)
class Bugs:
    """Mistakes to plant, so that the simulator proves it would find them."""

    cursor_before_apply: bool = False
    ignore_retract: bool = False
    receipt_before_index: bool = False
    hold_anything: bool = False
    narrow_without_retract: bool = False
    append_twice: bool = False


@dataclass(slots=True)
class Node:
    """A node: what it gives to four partners, what it has of them, and an index that survives no transaction."""

    me: Partition
    rosters: Rosters
    bugs: Bugs
    crash: Callable[[], None]
    outboxes: dict[Partition, Outbox] = field(default_factory=dict)
    inboxes: dict[Partition, Inbox] = field(default_factory=dict)
    index: dict[tuple[Partition, str], int] = field(default_factory=dict)
    asked: dict[Partition, str] = field(default_factory=dict)
    editions: frozenset[str] = frozenset({EDITION})
    drafted: int = 0

    def __post_init__(self) -> None:
        for partner in Partition:
            if partner is not self.me:
                there, here = LogId(self.me, partner), LogId(partner, self.me)
                self.outboxes[partner] = Outbox(there, OriginView(there, there.start(), ReceiptMark.none(there)))
                self.inboxes[partner] = Inbox(ReceiverState.opening(here))

    # --- as origin ---

    def draft(self, partner: Partition, type_: EntryType, name: str, version: int, body: bytes) -> None:
        """Write a draft, as the deciding transaction does."""
        self.drafted += 1
        salt = salt_of(self.drafted)
        stub = DraftStub(an_id(self.drafted), type_.value, name, version, wire.SCHEMA_VERSION, commit(body, salt))
        outbox = self.outboxes[partner]
        outbox.drafts = (*outbox.drafts, (stub, body, salt))

    def append(self, partner: Partition) -> None:
        """Chain all drafts for one partner, in one transaction."""
        outbox = self.outboxes[partner]
        entries, tip = chain(outbox.view.tip, [stub for stub, _, _ in outbox.drafts])
        stored = [
            StoredEntry(e.seq, e.draft.type, e.draft.object, e.draft.version, e.stub, e.entry_hash, body, salt)
            for e, (_, body, salt) in zip(entries, outbox.drafts, strict=True)
        ]
        self.crash()
        if self.bugs.append_twice:
            outbox.entries, outbox.view = (*outbox.entries, *stored), replace(outbox.view, tip=tip)
            self.crash()
            outbox.drafts = ()
        outbox.entries, outbox.view, outbox.drafts = (
            outbox.entries if self.bugs.append_twice else (*outbox.entries, *stored),
            replace(outbox.view, tip=tip),
            (),
        )

    def erase_superseded(self, partner: Partition) -> None:
        """Forget the bodies that no recipient may have any more."""
        outbox = self.outboxes[partner]
        newest = newest_of(list(outbox.entries))
        outbox.entries = tuple(
            replace(entry, body=None, salt=None) if entry.version < newest[entry.object] else entry
            for entry in outbox.entries
        )

    def answer_pull(self, partner: Partition, after: int, nonce: str, limit: int) -> bytes:
        """Answer a pull with a head and perhaps a page."""
        outbox = self.outboxes[partner]
        check_pull(outbox.log, outbox.view.tip, incarnation=outbox.log.incarnation, after=after)
        head = build_head(outbox.log, outbox.view.tip, at=A_TIME, nonce=nonce, roster=1)
        signed = self._sign(Typ.HEAD, document(head))
        if after == outbox.view.tip.seq:
            return wire.frame(PageAnswer(signed, b"", b""))
        before = outbox.log.start() if after == 0 else Tip(after, outbox.entries[after - 1].entry_hash)
        rest = outbox.entries[after:]
        header, block = build_page(
            outbox.log, before, rest, newest_of(list(outbox.entries)), roster=1, limit=limit, max_bytes=20_000
        )
        page = self._sign(Typ.PAGE, document(header))
        return wire.frame(PageAnswer(signed, page, fake_seal(block, fake_key(seal_kid(partner)), seal_info(page))))

    def take_receipt(self, partner: Partition, jws: bytes) -> None:
        """Take a receipt, or raise what is refused."""
        outbox = self.outboxes[partner]
        receipt = read_signed(jws, Typ.RECEIPT, Receipt, self._trust(partner))
        digests = {
            n: read_signed(old, Typ.RECEIPT, Receipt, self._trust(partner)).digest
            for n, (old, _) in outbox.receipts.items()
            if n == receipt.claims.n
        }
        retracts = {entry.seq for entry in outbox.entries if entry.type == EntryType.INDICATOR_RETRACT}
        taken = take_receipt(outbox.view, ReceiptArrived(receipt, outbox.hash_at(), digests, retracts))
        self.crash()
        for effect in taken.effects:
            if isinstance(effect, fx.KeepReceipt):
                outbox.receipts = {**outbox.receipts, effect.n: (effect.jws, effect.receipt)}
            if isinstance(effect, fx.Alarm | fx.StopAppending):
                outbox.alarms = (*outbox.alarms, effect.code)
        outbox.view = taken.view
        if isinstance(taken.verdict, Refused):
            raise taken.verdict.refusal

    # --- as receiver ---

    def take_answer(self, partner: Partition, frame: bytes, nonce: str) -> None:
        """Take what came back from a pull; a head that answers an older question is passed over."""
        try:
            answer = wire.unframe(frame)
        except ValueError:
            return
        trust, inbox = self._trust(partner), self.inboxes[partner]
        if answer.page:
            page = examine(inbox.state, answer.page, answer.sealed, trust, self._opener())
            versions = {name: inbox.records[name][0] for name in page.objects if name in inbox.records}
            hashes = {seq: kept.entry_hash for seq, kept in inbox.stubs.items()}
            self._step(partner, PageArrived(page, self._rules(), versions, hashes))
        try:
            head = read_head(answer.head, trust, nonce=self.asked.get(partner, nonce))
        except PartnerError:
            return
        inbox = self.inboxes[partner]
        self._step(partner, HeadArrived(head, {seq: kept.entry_hash for seq, kept in inbox.stubs.items()}))

    def take_anew(self, partner: Partition, seq: int, frame: bytes) -> None:
        """Take one entry that was asked for again."""
        inbox = self.inboxes[partner]
        if seq not in inbox.quarantine:
            return
        try:
            answer = wire.unframe(frame)
        except ValueError:
            return
        page = examine_anew(inbox.state, answer.page, answer.sealed, self._trust(partner), self._opener())
        kept = inbox.stubs[seq]
        newest = inbox.records[kept.stub.object][0]
        self._step(partner, EntryAnew(page, self._rules(), seq, kept.entry_hash, newest))

    def feed_index(self, partner: Partition) -> None:
        """Bring the index to the records' state, then note it: two stores, so it may stop in between."""
        inbox = self.inboxes[partner]
        for name in sorted(inbox.to_index):
            version, body = inbox.records[name]
            if body is None:
                self.index.pop((partner, name), None)
            else:
                self.index[partner, name] = version
            self.crash()
            for kept in inbox.stubs.values():
                if kept.stub.object == name and kept.stub.version <= version:
                    kept.indexed = True
            inbox.to_index -= {name}

    def give_receipt(self, partner: Partition) -> None:
        """Sign and store the next receipt."""
        inbox = self.inboxes[partner]
        done = [seq for seq, kept in inbox.stubs.items() if self._is_done(kept)]
        at_tip = inbox.state.applied.seq >= inbox.tip_seen
        facts = ReceiptFacts(
            at=wire.instant(A_TIME),
            roster=1,
            live_root=LiveSet(kept.stub for kept in inbox.stubs.values()).root() if at_tip else None,
            done=done,
            quarantined=inbox.quarantine.items(),
            stale=sum(kept.verdict is StubVerdict.STALE for kept in inbox.stubs.values()),
        )
        self._step(partner, ReceiptDue(facts, FakeSigner(sign_kid(self.me))))

    def renumber(self, partner: Partition, newest: ReceiptMark) -> None:
        """Go on after the newest receipt that the origin knows."""
        self._step(partner, ReceiptsLost(newest))

    def _is_done(self, kept: Kept) -> bool:
        confirmed = kept.indexed or self.bugs.receipt_before_index
        return kept.verdict is StubVerdict.TOMBSTONE and confirmed and kept.receipt is None

    def _step(self, partner: Partition, event: Event) -> None:
        done: Step = step(self.inboxes[partner].state, event)
        if self.bugs.ignore_retract:
            done = done._replace(effects=tuple(e for e in done.effects if not isinstance(e, fx.WriteTombstones)))
        if self.bugs.cursor_before_apply:
            for effect in sorted(done.effects, key=lambda effect: not isinstance(effect, fx.MoveCursor)):
                if isinstance(effect, fx.MoveCursor):
                    self.inboxes[partner].state = done.state
                self.crash()
                _carry_out(self.inboxes[partner], effect)
            self.inboxes[partner].state = done.state
            return
        staged = self.inboxes[partner].copy()
        for effect in done.effects:
            self.crash()
            _carry_out(staged, effect)
        staged.state = done.state
        self.crash()
        self.inboxes[partner] = staged

    def _rules(self) -> Rules:
        return Rules(self.me, self._may_hold)

    def _may_hold(self, put: IndicatorPut, _about: str) -> Judgement:
        if put.label.edition not in self.editions:
            return Judgement(held=False, code="unknown-edition")
        return Judgement(held=self.bugs.hold_anything or put.label.visibility is not Visibility.V3, rule="EXCHANGE-4")

    def _trust(self, partner: Partition) -> Trust:
        return Trust(self.me, partner, self.rosters, FakeVerifier())

    def _opener(self) -> FakeOpener:
        return FakeOpener(fake_key(seal_kid(self.me)))

    def _sign(self, typ: Typ, claims: dict[str, object]) -> bytes:
        return FakeSigner(sign_kid(self.me)).sign(typ, claims)


def _carry_out(inbox: Inbox, effect: Effect) -> None:
    match effect:
        case fx.KeepStubs(stubs):
            for new in stubs:
                inbox.stubs[new.entry.stub.seq] = Kept(new.entry.stub, new.entry.entry_hash, new.verdict)
        case fx.ApplyRecords(records):
            for record in records:
                _set(inbox, record.object, record.version, record.body)
        case fx.WriteTombstones(lost) | fx.Withhold(lost):
            for row in lost:
                _set(inbox, row.object, row.version, None)
        case fx.NoteHead():
            inbox.tip_seen = effect.tip_seq
        case fx.Alarm(code, _):
            inbox.alarms = (*inbox.alarms, code)
        case fx.GiveReceipt() | fx.VoidReceipts():
            _carry_out_receipt(inbox, effect)
        case fx.Quarantine() | fx.ReleaseQuarantine() | fx.ClearQuarantine():
            _carry_out_quarantine(inbox, effect)
        case _:
            pass


def _carry_out_quarantine(inbox: Inbox, effect: fx.Quarantine | fx.ReleaseQuarantine | fx.ClearQuarantine) -> None:
    match effect:
        case fx.Quarantine(rows):
            inbox.quarantine.update({row.seq: row.code for row in rows})
        case fx.ReleaseQuarantine(below):
            for seq in list(inbox.quarantine):
                kept = inbox.stubs[seq]
                if kept.stub.version < below.get(kept.stub.object, 0):
                    del inbox.quarantine[seq]
                    kept.verdict = StubVerdict.GONE
        case fx.ClearQuarantine(seq):
            inbox.quarantine.pop(seq, None)


def _carry_out_receipt(inbox: Inbox, effect: fx.GiveReceipt | fx.VoidReceipts) -> None:
    match effect:
        case fx.GiveReceipt():
            inbox.receipts[effect.n] = effect.jws
            for seq in effect.receipt.retracted_done:
                inbox.stubs[seq].receipt = effect.n
        case fx.VoidReceipts():
            inbox.receipts = {}
            for kept in inbox.stubs.values():
                kept.receipt = None


def _set(inbox: Inbox, name: str, version: int, body: bytes | None) -> None:
    inbox.records[name] = (version, body)
    inbox.to_index |= {name}


def pairs(nodes: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """Every ordered pair: who tells, who is told."""
    return ((origin, receiver) for origin in nodes for receiver in nodes if origin is not receiver)
