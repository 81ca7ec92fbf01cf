"""A log that a receipt of its reader stops, and how it goes on again (sync/README.md, step 10).

A reader that acknowledges what we do not have proves that this node was restored from an older state, or it lies.
This node cannot tell which, so the log stops, with all that it was to take back. It goes on where the newest receipt
of its reader agrees with our log, or where two persons answer for it that this node was not restored: then the
receipts that they name are disowned. They stay as evidence and stop nothing any more; the next one that contradicts
our log stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from register.core import Register, Work
from register.domain.access.caller import system
from register.domain.exchange.log import KeptReceipt, RefusedReceipt, Telling
from register.domain.running.audit_action import AuditAction
from register.domain.running.to_do import log_stopped
from register.logs import logger
from schemas.codes import Partition
from schemas.exchange.wire import Receipt, document
from sync.protocol.documents.receipt import check_restart
from sync.protocol.documents.signed import Signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.refusals import LogDamaged, LogNotStopped, OriginRestored, ReceiptNotRefused

Ask: TypeAlias = Callable[[LogId, AbstractSet[bytes]], "Signed[Receipt] | None"]
"""The newest receipt of a log that its reader gives, but for those of these digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a stopped log's reader claims, beside what this node has.

    Attributes:
        code, since: why the log stopped, and when.
        tip: where our log ends.
        agreed: the newest receipt that was believed; None where none was. `agreed_at`: when it came, by our clock.
        contradicting: the receipts that claim something else, by number.
        held_back, held_back_since: as in `Telling`.
        goes_on: whether it is appended to again from now on.
    """

    partner: Partition
    code: str
    since: datetime | None
    tip: Tip
    agreed: KeptReceipt | None
    agreed_at: datetime | None
    contradicting: tuple[RefusedReceipt, ...]
    held_back: int
    held_back_since: datetime | None
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who answers for it that a log goes on.

    Attributes:
        reason: why, in words; sealed in the audit log.
        uid: the operating system's number of the user who gave the command.
        disown: numbers of the receipts that do not count.
        by, confirmed_by: the two persons who say that this node was not restored; needed to disown.
    """

    reason: str
    uid: int
    disown: Collection[int] = ()
    by: str | None = None
    confirmed_by: str | None = None


def tip_of(work: Work, log: LogId) -> Tip:
    """Where our log ends."""
    head = work.exchange.log.head(log.recipient, log.incarnation)
    return log.start() if head is None else Tip(head.tip_seq, head.tip_hash)


def check_newest(work: Work, log: LogId, tip: Tip, newest: Signed[Receipt] | None) -> None:
    """Check that a reader's newest receipt says no more of our log than we know.

    Raises:
        OriginRestored: it does.
        LogDamaged: an entry of ours is missing.
    """
    claims = None if newest is None else newest.claims
    seq = None
    if claims is not None and claims.inc == log.incarnation and 0 < claims.applied_to <= tip.seq:
        seq = claims.applied_to
    ours = None if seq is None else work.exchange.log.hash_at(log.recipient, log.incarnation, seq)
    if seq is not None and ours is None:
        raise LogDamaged(f"entry {seq} of the log for {log.recipient} is not stored")
    check_restart(log, tip, claims, {} if seq is None or ours is None else {seq: ours})


def stop_log(work: Work, log: LogId, receipt: Signed[Receipt], code: str) -> bool:
    """Append nothing more to a log; keep the receipt that says why, and tell those who must act.

    Returns:
        Whether it stopped now; False where it stood already.
    """
    partner = log.recipient
    if not work.exchange.log.stop(partner, log.incarnation, code):
        return False
    work.exchange.receipts.refuse(partner, _build_refused_receipt(receipt, code))
    work.running.audit.note(
        AuditAction.EXCHANGE_STOPPED, str(partner), incarnation=log.incarnation, code=code, receipt=receipt.claims.n
    )
    work.running.to_do.bring(log_stopped(partner))
    return True


def resume_log(register: Register, ask: Ask, partner: Partition, answer: Answer) -> Comparison:
    """Ask the reader for its newest receipt, compare, and let the log go on if it may.

    Raises:
        ValueError: receipts are to be disowned, and not by two persons.
        LogNotStopped: it goes on already.
        ReceiptNotRefused: a number that is to be disowned is of no receipt that contradicts our log.
        PartnerError: the reader cannot be asked, or its answer is not believed; nothing is changed.
    """
    if answer.disown and not _are_two(answer):
        raise ValueError("two persons answer for a receipt that is disowned")
    log = LogId(register.partition, partner, register.settings.sync.incarnation)
    caller = system(register.partition, "worker")
    with register.work(caller) as work:
        _find_stopped(work, log)
        disowned = work.exchange.receipts.disowned(partner)
    newest = ask(log, disowned)
    with register.work(caller) as work:
        work.exchange.receipts.one_at_a_time(partner)
        found = _compare_stories(work, log, newest, set(answer.disown))
        if found.goes_on:
            _go_on(work, log, found, newest, answer)
    if found.goes_on:
        logger().warning("exchange.resumed", partition=log.origin, partner=partner, code=found.code)
    return found


def _compare_stories(work: Work, log: LogId, newest: Signed[Receipt] | None, disown: AbstractSet[int]) -> Comparison:
    partner = log.recipient
    telling = _find_stopped(work, log)
    tip = tip_of(work, log)
    claimed = {one.digest: one for one in work.exchange.receipts.refused(partner)}
    try:
        check_newest(work, log, tip, newest)
    except OriginRestored as refusal:
        if newest is not None:
            claimed.setdefault(newest.digest, _build_refused_receipt(newest, refusal.code))
    else:
        if newest is not None:
            # The reader's own newer word takes back what it said before.
            claimed = {d: one for d, one in claimed.items() if not _is_before(one, newest.claims)}
    contradicting = tuple(sorted(claimed.values(), key=lambda one: (one.incarnation, one.receipt.n)))
    if unknown := disown - {one.receipt.n for one in contradicting}:
        raise ReceiptNotRefused(f"no receipt {min(unknown)} of {partner} contradicts our log")
    head = telling.head
    return Comparison(
        partner=partner,
        code="" if head is None or head.stopped is None else head.stopped,
        since=None if head is None else head.stopped_at,
        tip=tip,
        agreed=telling.newest_receipt,
        agreed_at=telling.last_receipt_at,
        contradicting=contradicting,
        held_back=telling.held_back,
        held_back_since=telling.held_back_since,
        goes_on=all(one.receipt.n in disown for one in contradicting),
    )


def _go_on(work: Work, log: LogId, found: Comparison, newest: Signed[Receipt] | None, answer: Answer) -> None:
    partner = log.recipient
    for one in found.contradicting:
        work.exchange.receipts.refuse(partner, one)  # what was only asked for is evidence from now on, too
    taken_back = {one.digest for one in work.exchange.receipts.refused(partner)}
    work.exchange.receipts.disown(partner, taken_back)
    work.exchange.log.go_on(partner, log.incarnation)
    work.running.to_do.bring(log_stopped(partner, waits=False))
    private = {"reason": answer.reason, "by": answer.by, "confirmed_by": answer.confirmed_by}
    work.running.audit.note(
        AuditAction.EXCHANGE_RESUMED,
        str(partner),
        private={name: said for name, said in private.items() if said},
        incarnation=log.incarnation,
        code=found.code,
        uid=answer.uid,
        disowned=[one.receipt.n for one in found.contradicting],
        newest=None if newest is None else newest.claims.n,
    )


def _find_stopped(work: Work, log: LogId) -> Telling:
    (telling,), _, _ = work.exchange.standing.read(
        [log.recipient], own=log.incarnation, theirs=_THEIRS, now=work.clock.now()
    )
    if telling.head is None or telling.head.stopped is None:
        raise LogNotStopped(f"the log for {log.recipient} is not stopped")
    return telling


_THEIRS: Final = 1
"""Incarnation of the partners' logs; nothing of them is read here."""


def _are_two(answer: Answer) -> bool:
    names = {name.strip().casefold() for name in (answer.by, answer.confirmed_by) if name and name.strip()}
    return len(names) == 2  # noqa: PLR2004 - what the name says


def _is_before(one: RefusedReceipt, newest: Receipt) -> bool:
    return one.incarnation == newest.inc and one.receipt.n <= newest.n


def _build_refused_receipt(receipt: Signed[Receipt], code: str) -> RefusedReceipt:
    claims = receipt.claims
    kept = KeptReceipt(claims.n, receipt.jws, document(claims))
    return RefusedReceipt(incarnation=claims.inc, receipt=kept, digest=receipt.digest, code=code)
