"""From the effects of a step to the rows they stand for, in the order in which they were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from register.domain.exchange import KeptReceipt, Listed, Lost, NewQuarantine, NewRecord, NewStub
from register.logs import logger
from register.services.received_log import ReceivedLog
from schemas import canonical
from schemas.exchange import document, parse_instant
from sync.protocol import effects as fx
from sync.protocol.effects import Effect
from sync.protocol.entries import StubVerdict
from sync.protocol.page import Entry
from sync.protocol.receipt import mark_after
from sync.protocol.stub import LogId


def carry_out(log: LogId, rows: ReceivedLog, effects: Sequence[Effect]) -> None:
    """Carry out a step's effects in the open transaction that `rows` stands in."""
    stubs: dict[int, NewStub] = {}
    for effect in effects:
        if isinstance(effect, fx.KeepStubs):
            stubs = {kept.entry.stub.seq: _new_stub(kept.entry, kept.verdict) for kept in effect.stubs}
    pages = {e.first_seq: e.jws for e in effects if isinstance(e, fx.KeepEvidence)}
    for first, jws in pages.items():
        rows.keep_page(first, max(stubs), jws)
    for effect in effects:
        if not (_entries(rows, effect, stubs) or _quarantine(rows, effect) or _receipts(rows, effect)):
            _place(log, rows, effect)


def _entries(rows: ReceivedLog, effect: Effect, stubs: dict[int, NewStub]) -> bool:
    match effect:
        case fx.KeepEvidence():
            pass  # above, since it names the page's end
        case fx.KeepStubs():
            rows.keep_stubs(list(stubs.values()), stale=sum(s.verdict == StubVerdict.STALE for s in stubs.values()))
        case fx.ApplyRecords(records):
            rows.hold([NewRecord(stubs[r.seq], r.put, r.body, r.salt) for r in records])
        case fx.WriteTombstones(tombstones):
            rows.lose([Lost(stubs[t.seq], t.reason) for t in tombstones])
        case fx.Withhold(objects):
            rows.lose([Lost(stubs[o.seq]) for o in objects])
        case fx.ListEntries(entries):
            rows.list_entries([Listed(stubs[e.stub.seq], e.line.body, e.line.salt) for e in entries])
        case fx.KeepWords(words):
            rows.keep_words([(UUID(word.object), word.entry) for word in words])
        case _:
            return False
    return True


def _quarantine(rows: ReceivedLog, effect: Effect) -> bool:
    match effect:
        case fx.Quarantine(found):
            rows.quarantine([NewQuarantine(row.seq, row.code, row.rule) for row in found])
        case fx.ReleaseQuarantine(below):
            rows.release({UUID(name): version for name, version in below.items()})
        case fx.ClearQuarantine(seq):
            rows.clear_quarantine(seq)
        case _:
            return False
    return True


def _receipts(rows: ReceivedLog, effect: Effect) -> bool:
    match effect:
        case fx.GiveReceipt(n, jws, receipt):
            rows.give(KeptReceipt(n, jws, document(receipt)), mark_after(receipt, jws).digest)
        case fx.VoidReceipts():
            rows.void_receipts()
        case fx.PostReceiptAgain():
            rows.post_again()
        case _:
            return False
    return True


def _place(log: LogId, rows: ReceivedLog, effect: Effect) -> None:
    match effect:
        case fx.MoveCursor(_, applied_to, last, roster):
            rows.move(applied_to, last, roster)
        case fx.NoteHead():
            rows.note_head(effect.tip_seq, parse_instant(effect.at))
        case fx.Halt(code, evidence):
            rows.halt(code, evidence)
        case fx.Alarm(code, message):
            logger().error("exchange.alarm", partition=log.recipient, partner=log.origin, code=code, detail=message)
        case _:
            pass  # AskAgain: every pull asks from where the cursor stands


def _new_stub(entry: Entry, verdict: StubVerdict) -> NewStub:
    stub = entry.stub
    return NewStub(
        seq=stub.seq,
        object=UUID(stub.object),
        version=stub.version,
        type=stub.type,
        commitment=canonical.unb64(stub.commitment),
        stub=entry.line.stub,
        entry_hash=entry.entry_hash,
        verdict=verdict.value,
    )
