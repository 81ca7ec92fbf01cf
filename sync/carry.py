"""From the effects of a step to the rows they stand for, in the order in which they were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from register.domain.exchange.log import KeptReceipt, Listed, Lost, NewQuarantine, NewRecord, NewStub
from register.logs import logger
from register.services.exchange.received_log import ReceivedLog
from schemas import canonical
from schemas.exchange.wire import document, parse_instant
from sync.protocol import effects as fx
from sync.protocol.documents.page import Entry
from sync.protocol.documents.receipt import mark_after
from sync.protocol.documents.stub import LogId
from sync.protocol.effects import Effect, EntryEffect, GivingEffect, PlaceEffect, QuarantineEffect
from sync.protocol.entries import VERSION_MAX, StubVerdict


def carry_out(log: LogId, rows: ReceivedLog, effects: Sequence[Effect]) -> None:
    """Carry out a step's effects in the open transaction that `rows` stands in.

    Raises:
        AssertionError: one of them is none of `Effect`; nothing of the step may then be committed.
    """
    stubs: dict[int, NewStub] = {}
    for effect in effects:
        if isinstance(effect, fx.KeepStubs):
            stubs = {kept.entry.stub.seq: _new_stub(kept.entry, kept.verdict) for kept in effect.stubs}
    pages = {e.first_seq: e.jws for e in effects if isinstance(e, fx.KeepEvidence)}
    for first, jws in pages.items():
        rows.keep_page(first, max(stubs), jws)
    for effect in effects:
        _carry_out(log, rows, effect, stubs)


def _carry_out(log: LogId, rows: ReceivedLog, effect: Effect, stubs: dict[int, NewStub]) -> None:
    match effect:
        case fx.KeepEvidence() | fx.KeepStubs() | fx.ApplyRecords() | fx.WriteTombstones():
            _carry_entries(rows, effect, stubs)
        case fx.Withhold() | fx.ListEntries() | fx.KeepWords():
            _carry_entries(rows, effect, stubs)
        case fx.Quarantine() | fx.ReleaseQuarantine() | fx.ClearQuarantine():
            _carry_quarantine(rows, effect)
        case fx.GiveReceipt() | fx.VoidReceipts() | fx.PostReceiptAgain():
            _carry_receipts(rows, effect)
        case fx.MoveCursor() | fx.NoteHead() | fx.AskAgain() | fx.Halt() | fx.Alarm():
            _carry_place(log, rows, effect)
        case _:
            assert_never(effect)


def _carry_entries(rows: ReceivedLog, effect: EntryEffect, stubs: dict[int, NewStub]) -> None:
    match effect:
        case fx.KeepEvidence():
            pass  # in `carry_out`, since it names the page's end
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
            assert_never(effect)


def _carry_quarantine(rows: ReceivedLog, effect: QuarantineEffect) -> None:
    match effect:
        case fx.Quarantine(found):
            rows.quarantine([NewQuarantine(row.seq, row.code, row.rule) for row in found])
        case fx.ReleaseQuarantine(below):
            rows.release({UUID(name): version for name, version in below.items()})
        case fx.ClearQuarantine(seq):
            rows.clear_quarantine(seq)
        case _:
            assert_never(effect)


def _carry_receipts(rows: ReceivedLog, effect: GivingEffect) -> None:
    match effect:
        case fx.GiveReceipt(n, jws, receipt):
            rows.give(KeptReceipt(n, jws, document(receipt)), mark_after(receipt, jws).digest)
        case fx.VoidReceipts():
            rows.void_receipts()
        case fx.PostReceiptAgain():
            rows.post_again()
        case _:
            assert_never(effect)


def _carry_place(log: LogId, rows: ReceivedLog, effect: PlaceEffect) -> None:
    match effect:
        case fx.MoveCursor(_, applied_to, last, roster):
            rows.move(applied_to, last, roster)
        case fx.NoteHead():
            rows.note_head(effect.tip_seq, parse_instant(effect.at), behind=effect.behind)
        case fx.AskAgain():
            pass  # every pull asks from where the cursor stands
        case fx.Halt(code, evidence):
            rows.halt(code, evidence)
        case fx.Alarm(code, message):
            logger().error("exchange.alarm", partition=log.recipient, partner=log.origin, code=code, detail=message)
        case _:
            assert_never(effect)


def _new_stub(entry: Entry, verdict: StubVerdict) -> NewStub:
    stub = entry.stub
    return NewStub(
        seq=stub.seq,
        object=UUID(stub.object),
        version=min(stub.version, VERSION_MAX),
        type=stub.type,
        commitment=canonical.unb64(stub.commitment),
        stub=entry.line.stub,
        entry_hash=entry.entry_hash,
        verdict=verdict.value,
    )
