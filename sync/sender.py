"""The origin's side of the exchange: pages and heads when they are asked for, receipts when they come.

Who asks is known from the signature of the request, and a log is always the asker's own. What is read is read in one
transaction; signing and sealing happen after it. A page is built, signed and sealed anew for each question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, assert_never
from uuid import UUID

from register.core import Register
from register.domain.access.caller import partner as partner_caller
from register.domain.exchange.log import KeptReceipt, LogEntry, LogHead
from register.keys import hpke
from register.logs import logger
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.wire import PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, PageAnswer, Receipt, Typ, document
from sync.protocol import effects as fx
from sync.protocol.documents.head import build_head, check_pull
from sync.protocol.documents.page import StoredEntry, build_page, seal_info
from sync.protocol.documents.receipt import (
    OriginView,
    PassedOver,
    ReceiptArrived,
    ReceiptMark,
    Refused,
    Taken,
    TakenBefore,
    take_receipt,
)
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Signed, read_signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.refusals import BeyondTip, LogDamaged
from sync.stopping import stop_log
from sync.trust import NodeSigner, trust_of

STUBS_MAX: Final = 1_000
"""Stubs in one answer."""


class Sender:
    """Answers the partners of one country."""

    def __init__(self, register: Register, rosters: Rosters) -> None:
        """Take the country's register and the rosters known now."""
        self._register, self._rosters = register, rosters
        self._signer = NodeSigner(register.keys)

    def pull(
        self,
        partner: Partition,
        nonce: str,
        *,
        incarnation: int,
        after: int,
        limit: int = PAGE_ENTRIES_MAX,
        max_bytes: int = PAGE_BYTES_MAX,
    ) -> bytes:
        """Return the framed answer to a pull: a head, and the next page if there is one.

        Args:
            partner: who asks, and whose log it is.
            nonce: of the request.
            incarnation: of the log.
            after: number of the last entry that the asker has.
            limit: most entries he wants; ours is at most what the settings say.
            max_bytes: longest block he wants, likewise.

        Raises:
            BeyondTip, IncarnationClosed: as `check_pull`; beyond the tip with a signed head among its details.
            LogDamaged: for this node's operator.
        """
        log, settings = self._log(partner), self._register.settings.sync
        limit = min(limit, settings.page_entries_max, PAGE_ENTRIES_MAX)
        max_bytes = min(max_bytes, settings.page_bytes_max, PAGE_BYTES_MAX)
        with self._register.work(partner_caller(log.origin, partner)) as work:
            tip = _find_tip(log, work.exchange.log.head(partner, log.incarnation))
            self._check_pull(log, tip, nonce, incarnation=incarnation, after=after)
            if after == tip.seq:
                # Most polls find nothing, and cost no more than that.
                return self._answer(log, tip, nonce, tip, [], {})
            hash_before = work.exchange.log.hash_at(partner, log.incarnation, after)
            entries, newest = work.exchange.log.entries(
                partner, log.incarnation, after=after, to=min(after + limit, tip.seq), max_bytes=max_bytes
            )
        before = log.start() if hash_before is None else Tip(after, hash_before)
        return self._answer(log, tip, nonce, before, entries, newest, limit=limit, max_bytes=max_bytes)

    def one(self, partner: Partition, nonce: str, *, incarnation: int, seq: int) -> bytes:
        """Return the framed answer with one entry; errors as `pull`."""
        log = self._log(partner)
        with self._register.work(partner_caller(log.origin, partner)) as work:
            tip = _find_tip(log, work.exchange.log.head(partner, log.incarnation))
            self._check_pull(log, tip, nonce, incarnation=incarnation, after=seq)
            hash_before = work.exchange.log.hash_at(partner, log.incarnation, seq - 1)
            entries, newest = work.exchange.log.entries(
                partner, log.incarnation, after=seq - 1, to=seq, max_bytes=PAGE_BYTES_MAX
            )
        if not entries:
            raise LogDamaged(f"entry {seq} of the log for {partner} is not stored")
        before = log.start() if hash_before is None else Tip(seq - 1, hash_before)
        return self._answer(log, tip, nonce, before, entries, newest)

    def take(self, partner: Partition, jws: bytes) -> None:
        """Take one receipt; taking it again changes nothing.

        Raises:
            PartnerError: it is not a receipt of this partner, or is not taken: receipt-conflict, receipt-gap,
                receipt-ahead, receipt-forks, receipt-confirms-none. What it proves of our log is stored all the same.
        """
        log = self._log(partner)
        receipt = read_signed(jws, Typ.RECEIPT, Receipt, trust_of(log.origin, self._rosters, partner))
        refusal = self._take(log, receipt)
        if refusal is not None:
            raise refusal.refusal

    def latest_receipts(self, partner: Partition) -> dict[int, str]:
        """Return the newest receipt that this node gave the asker, as a compact JWS, by incarnation of his log."""
        with self._register.work(partner_caller(self._register.partition, partner)) as work:
            return work.exchange.receipts.newest_given(partner)

    def own_stubs(self, partner: Partition, *, incarnation: int, after: int) -> list[bytes]:
        """Return the asker's own stubs as this node has them: canonical bytes, in order, at most 1,000."""
        with self._register.work(partner_caller(self._register.partition, partner)) as work:
            return work.exchange.received.stubs(partner, incarnation, after=after, limit=STUBS_MAX)

    def _take(self, log: LogId, receipt: Signed[Receipt]) -> Refused | None:
        partner, claims = log.recipient, receipt.claims
        with self._register.work(partner_caller(log.origin, partner)) as work:
            work.exchange.receipts.one_at_a_time(partner)
            tip = _find_tip(log, work.exchange.log.head(partner, log.incarnation))
            view = OriginView(
                log,
                tip,
                _build_receipt_mark(log, work.exchange.receipts.counted(partner, log.incarnation)),
                _applied_to(work.exchange.receipts.got(partner, log.incarnation)),
                work.exchange.receipts.disowned(partner),
            )
            hash_there = work.exchange.log.hash_at(partner, log.incarnation, claims.applied_to)
            same = work.exchange.receipts.counted(partner, log.incarnation, claims.n)
            done = take_receipt(
                view,
                ReceiptArrived(
                    receipt,
                    {} if hash_there is None else {claims.applied_to: hash_there},
                    {} if same is None else {same.n: _build_receipt_mark(log, same).digest},
                    work.exchange.log.retracts_among(partner, log.incarnation, claims.retracted_done),
                ),
            )
            for effect in done.effects:
                match effect:
                    case fx.KeepReceipt(n, jws, kept):
                        work.exchange.receipts.keep(partner, log.incarnation, KeptReceipt(n, jws, document(kept)))
                    case fx.PassOver(digest):
                        work.exchange.receipts.pass_over(partner, digest)
                    case fx.MarkDone(n, seqs):
                        work.exchange.log.mark_done(partner, log.incarnation, n, seqs)
                    case fx.StopAppending(code):
                        stop_log(work, log, receipt, code)
                    case fx.Alarm(code, message):
                        logger().error(
                            "exchange.alarm", partition=log.origin, partner=partner, code=code, detail=message
                        )
                    case _:
                        assert_never(effect)
        match done.verdict:
            case Refused():
                return done.verdict
            case Taken() | TakenBefore() | PassedOver():
                return None
            case _:
                assert_never(done.verdict)

    def _check_pull(self, log: LogId, tip: Tip, nonce: str, *, incarnation: int, after: int) -> None:
        try:
            check_pull(log, tip, incarnation=incarnation, after=after)
        except BeyondTip as refusal:
            raise BeyondTip(str(refusal), **refusal.details, head=self._head(log, tip, nonce).decode()) from refusal

    def _head(self, log: LogId, tip: Tip, nonce: str) -> bytes:
        head = build_head(
            log,
            tip,
            at=self._register.clock.now(),
            nonce=nonce,
            roster=self._rosters.newest.number,
            editions=[self._register.edition.digest],
        )
        return self._signer.sign(Typ.HEAD, document(head))

    def _answer(
        self,
        log: LogId,
        tip: Tip,
        nonce: str,
        before: Tip,
        entries: Sequence[LogEntry],
        newest: dict[UUID, int],
        *,
        limit: int = PAGE_ENTRIES_MAX,
        max_bytes: int = PAGE_BYTES_MAX,
    ) -> bytes:
        roster = self._rosters.newest.number
        signed_head = self._head(log, tip, nonce)
        if not entries:
            return wire.frame(PageAnswer(signed_head, b"", b""))
        header, block = build_page(
            log,
            before,
            _read_stored_entries(entries),
            {str(name): version for name, version in newest.items()},
            roster=roster,
            limit=limit,
            max_bytes=max_bytes,
        )
        page = self._signer.sign(Typ.PAGE, document(header))
        sealed = hpke.seal(block, self._rosters.sealing_key(log.recipient), info=seal_info(page))
        return wire.frame(PageAnswer(signed_head, page, sealed))

    def _log(self, partner: Partition) -> LogId:
        return LogId(self._register.partition, partner, self._register.settings.sync.incarnation)


def _find_tip(log: LogId, head: LogHead | None) -> Tip:
    return log.start() if head is None else Tip(head.tip_seq, head.tip_hash)


def _read_stored_entries(entries: Iterable[LogEntry]) -> list[StoredEntry]:
    return [StoredEntry(e.seq, e.type, str(e.object), e.version, e.stub, e.entry_hash, e.body, e.salt) for e in entries]


def _build_receipt_mark(log: LogId, kept: KeptReceipt | None) -> ReceiptMark:
    return ReceiptMark.none(log) if kept is None else ReceiptMark(kept.n, hashlib.sha256(kept.jws).digest())


def _applied_to(newest: KeptReceipt | None) -> int:
    return 0 if newest is None else int(newest.claims["applied_to"])
