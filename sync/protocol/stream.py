"""What we hold true of one partner's log, and what becomes of the next thing it says (sync/README.md, step 5).

Values in, verdict and effects out: no IO, no clock of its own, so every rule can be tested with plain values. A step's
state and effects are stored in one transaction or not at all. Checks run in the order of step 5, and the first that
fails decides: roster, signature, audience, version (`examine`), sequence, chain, commitments, then entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from register.domain.exchange.log import ORIGIN_BEHIND
from register.errors import PartnerError
from schemas import canonical
from schemas.exchange.wire import PageHeader, Typ, document
from sync.protocol import effects as fx
from sync.protocol.bulk import Bulk
from sync.protocol.documents.page import Entry, read_entries, read_header
from sync.protocol.documents.receipt import draft_receipt, mark_after
from sync.protocol.documents.signed import Signed, Trust
from sync.protocol.documents.stub import Tip
from sync.protocol.entries import Judged, StubVerdict, judge_entry, read_bodies
from sync.protocol.events import (
    Applied,
    AppliedAnew,
    BadPage,
    Duplicate,
    EntryAnew,
    Event,
    Examined,
    Fork,
    Gap,
    Given,
    Halted,
    HeadArrived,
    HeadSeen,
    OriginBehind,
    PageArrived,
    ReceiptDue,
    ReceiptsLost,
    ReceiverState,
    Renumbered,
    Step,
)
from sync.protocol.ports import Opener
from sync.protocol.refusals import LogForked, RosterFell, WrongEntry, WrongIncarnation


def examine(state: ReceiverState, page_jws: bytes, sealed: bytes, trust: Trust, opener: Opener) -> Examined:
    """Check what a page says of itself, and open it if it is the next one. Needs no stored rows."""
    return _examine_arrived_page(state, page_jws, sealed, trust, opener, next_only=True)


def examine_anew(state: ReceiverState, page_jws: bytes, sealed: bytes, trust: Trust, opener: Opener) -> Examined:
    """Check and open a page that was asked for by number (`EntryAnew`)."""
    return _examine_arrived_page(state, page_jws, sealed, trust, opener, next_only=False)


def _examine_arrived_page(
    state: ReceiverState, page_jws: bytes, sealed: bytes, trust: Trust, opener: Opener, *, next_only: bool
) -> Examined:
    header = None
    try:
        header = read_header(page_jws, trust)
        if header.claims.inc != state.log.incarnation:
            raise WrongIncarnation(f"a page of incarnation {header.claims.inc}; we follow {state.log.incarnation}")
        if next_only and not _is_next_page(state, header.claims):
            return Examined(header)
        entries = read_entries(header, sealed, opener)
        return Examined(header, entries, bodies=read_bodies(entries))
    except PartnerError as refusal:
        return Examined(header, refusal=refusal)


def step(state: ReceiverState, event: Event) -> Step:
    """Return the new state, the verdict and the effects of one event; a partner's fault is a verdict, never an error.

    Raises:
        KeyError: the event lacks a stored hash that it must carry.
    """
    match event:
        case ReceiptDue():
            return _give_receipt(state, event)
        case ReceiptsLost(newest):
            return Step(replace(state, receipt=newest), Renumbered(newest.n), (fx.VoidReceipts(),))
        case _ if state.halted is not None:
            return Step(state, Halted(state.halted), ())
        case PageArrived():
            return _take_page(state, event)
        case EntryAnew():
            return _take_entry_anew(state, event)
        case HeadArrived():
            return _take_head(state, event)
        case _:
            assert_never(event)


def _take_page(state: ReceiverState, event: PageArrived) -> Step:
    page = event.page
    if page.header is None:
        return _refuse_page(state, page.refusal)
    claims = page.header.claims
    applied = state.applied
    # Sequence. A lower number is a replay: acknowledge it again and change nothing, since the partner may have lost our
    # receipt. A header alone proves a fork, whatever its block holds.
    if claims.inc == state.log.incarnation:
        if claims.last_seq <= applied.seq:
            if canonical.b64(_hash_at(state, claims.last_seq, event.hash_at)) != claims.last:
                return _halt_at_fork(state, claims.last_seq, page.header.jws)
            return Step(state, Duplicate(claims.last_seq), (fx.PostReceiptAgain(),))
        if claims.first_seq == applied.seq + 1 and claims.prev != canonical.b64(applied.hash):
            return _halt_at_fork(state, claims.first_seq, page.header.jws)
    if page.refusal is not None:
        return _refuse_page(state, page.refusal)
    if page.entries is None or not _is_next_page(state, claims):
        return Step(state, Gap(applied.seq + 1, claims.first_seq), (fx.AskAgain(applied.seq),))
    if claims.roster < state.roster:
        return _refuse_page(state, RosterFell(f"a page under roster {claims.roster} after one under {state.roster}"))
    return _apply_page(state, page.header, page.entries, event)


def _apply_page(
    state: ReceiverState, header: Signed[PageHeader], entries: tuple[Entry, ...], event: PageArrived
) -> Step:
    claims = header.claims
    last = entries[-1]
    bulk = Bulk(dict(event.stored))
    for entry in entries:
        stub = entry.stub
        reading = event.page.bodies.get(stub.seq)
        bulk.take(entry, judge_entry(entry, bulk.newest.get(stub.object, 0), event.rules, reading))
    move = fx.MoveCursor(claims.inc, last.stub.seq, last.entry_hash, claims.roster)
    state = replace(state, applied=Tip(last.stub.seq, last.entry_hash), roster=claims.roster)
    return Step(
        state,
        Applied(claims.first_seq, claims.last_seq, bulk.counts()),
        (fx.KeepEvidence(claims.first_seq, header.jws), *bulk.effects(), move),
    )


def _take_entry_anew(state: ReceiverState, event: EntryAnew) -> Step:
    page = event.page
    if page.refusal is not None or page.header is None or page.entries is None:
        return _refuse_page(state, page.refusal)
    entry = page.entries[0]
    if len(page.entries) != 1 or entry.stub.seq != event.seq or entry.entry_hash != event.entry_hash:
        return _refuse_page(state, WrongEntry(f"asked for entry {event.seq} as it is stored; got another"))
    superseded = entry.stub.version < event.newest
    # Its own stub is what made this version the stored one: it is no replay of itself.
    judged = Judged(StubVerdict.GONE) if superseded else judge_entry(entry, entry.stub.version - 1, event.rules)
    bulk = Bulk({entry.stub.object: event.newest})
    if superseded:
        bulk.stubs.append((entry, judged))
    else:
        bulk.take(entry, judged)
    clear = () if judged.verdict is StubVerdict.QUARANTINED else (fx.ClearQuarantine(event.seq),)
    return Step(state, AppliedAnew(event.seq, judged.verdict), (*bulk.effects(), *clear))


def _take_head(state: ReceiverState, event: HeadArrived) -> Step:
    head = event.head.claims
    applied = state.applied
    if head.inc != state.log.incarnation:
        return _refuse_page(
            state, WrongIncarnation(f"a head of incarnation {head.inc}; we follow {state.log.incarnation}")
        )
    if head.roster < state.roster:
        return _refuse_page(state, RosterFell(f"a head under roster {head.roster} after a page under {state.roster}"))
    if head.tip_seq <= applied.seq and canonical.b64(_hash_at(state, head.tip_seq, event.hash_at)) != head.tip_hash:
        return _halt_at_fork(state, head.tip_seq, event.head.jws)
    note = fx.NoteHead(head.tip_seq, canonical.unb64(head.tip_hash), head.at, head.roster, head.editions)
    if head.tip_seq < applied.seq:
        alarm = fx.Alarm(ORIGIN_BEHIND, f"{head.iss} gave us entry {applied.seq} and now ends at {head.tip_seq}")
        return Step(state, OriginBehind(head.tip_seq), (replace(note, behind=event.head.jws), alarm))
    return Step(state, HeadSeen(head.tip_seq - applied.seq), (note,))


def _give_receipt(state: ReceiverState, event: ReceiptDue) -> Step:
    receipt, more = draft_receipt(state.log, state.receipt, state.applied, event.facts)
    jws = event.signer.sign(Typ.RECEIPT, document(receipt))
    state = replace(state, receipt=mark_after(receipt, jws))
    return Step(state, Given(receipt.n), (fx.GiveReceipt(receipt.n, jws, receipt, more),))


def _is_next_page(state: ReceiverState, claims: PageHeader) -> bool:
    return claims.first_seq == state.applied.seq + 1 and claims.prev == canonical.b64(state.applied.hash)


def _hash_at(state: ReceiverState, seq: int, stored: Mapping[int, bytes]) -> bytes:
    return {0: state.log.start().hash, **stored, state.applied.seq: state.applied.hash}[seq]


def _refuse_page(state: ReceiverState, refusal: PartnerError | None) -> Step:
    reason = refusal or WrongEntry("the page was not opened")
    return Step(state, BadPage(reason), (fx.Alarm(reason.code, str(reason)),))


def _halt_at_fork(state: ReceiverState, seq: int, evidence: bytes) -> Step:
    refusal = LogForked(f"{state.log.origin} signed two stories of its log for us; they differ by entry {seq}")
    halted = replace(state, halted=refusal.code)
    return Step(halted, Fork(seq), (fx.Halt(refusal.code, evidence), fx.Alarm(refusal.code, str(refusal))))
