"""Receipts: numbered, chained, and the only thing that makes anything "done" (sync/README.md, step 6).

The receiver gives them (`draft_receipt`), the origin takes them (`take_receipt`). Posting, storing and signing are
effects of others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from register.errors import PartnerError
from schemas import canonical
from schemas.exchange import wire
from schemas.exchange.wire import QuarantineNote, Receipt
from sync.protocol.documents.signed import Signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.effects import Alarm, KeepReceipt, MarkDone, OriginEffect, PassOver, StopAppending
from sync.protocol.refusals import (
    OriginRestored,
    ReceiptAhead,
    ReceiptConfirmsNone,
    ReceiptConflict,
    ReceiptForks,
    ReceiptGap,
    WrongIncarnation,
)


@dataclass(frozen=True, slots=True)
class ReceiptMark:
    """The newest receipt of a log: its number (0 for none) and the SHA-256 of its compact JWS."""

    n: int
    digest: bytes

    @classmethod
    def none(cls, log: LogId) -> ReceiptMark:
        """Return what the first receipt of a log names as the one before it."""
        parts = (log.origin, log.recipient, str(log.incarnation))
        return cls(0, canonical.domain_hash("rtr-sync-1/receipts", *(part.encode("ascii") for part in parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What a receipt says besides where the cursor stands.

    Attributes:
        at: time of giving, as `wire.instant` writes it.
        roster: newest roster known, under which it is signed.
        live_root: see `liveset`; None only where the newest head says that more pages are waiting.
        done: numbers of retracts whose removal the index confirmed and no receipt has listed yet.
        quarantined: (number, code) of all rows.
        stale: how many stubs of this log are stale.
    """

    at: str
    roster: int
    live_root: bytes | None
    done: Sequence[int] = ()
    quarantined: Iterable[tuple[int, str]] = ()
    stale: int = 0


def draft_receipt(log: LogId, mark: ReceiptMark, applied: Tip, facts: ReceiptFacts) -> tuple[Receipt, bool]:
    """Return the next receipt to sign, and whether retractions are left for the one after."""
    done = sorted(set(facts.done))
    notes = sorted(dict(facts.quarantined).items())[: wire.QUARANTINED_MAX]
    receipt = Receipt(
        v=wire.ENVELOPE_VERSION,
        iss=log.recipient,
        aud=log.origin,
        inc=log.incarnation,
        roster=facts.roster,
        n=mark.n + 1,
        prev_receipt=canonical.b64(mark.digest),
        applied_to=applied.seq,
        last=canonical.b64(applied.hash),
        live_root=None if facts.live_root is None else canonical.b64(facts.live_root),
        retracted_done=tuple(done[: wire.RETRACTED_DONE_MAX]),
        quarantined=tuple(QuarantineNote(seq=seq, code=code) for seq, code in notes),
        stale=facts.stale,
        at=facts.at,
    )
    return receipt, len(done) > wire.RETRACTED_DONE_MAX


def mark_after(receipt: Receipt, jws: bytes) -> ReceiptMark:
    """Return the mark that a signed receipt leaves."""
    return ReceiptMark(receipt.n, hashlib.sha256(jws).digest())


@dataclass(frozen=True, slots=True)
class OriginView:
    """What the origin holds true of one recipient's receipts.

    Attributes:
        newest: the last one whose number counts.
        applied_to: of the newest that is believed.
        disowned: digests of receipts that stopped the log once, and that its operators said do not count.
    """

    log: LogId
    tip: Tip
    newest: ReceiptMark
    applied_to: int = 0
    disowned: AbstractSet[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class ReceiptArrived:
    """A receipt, and the two stored values that its claims are compared with.

    Attributes:
        receipt: with a signature found good.
        hash_at: entry hashes of this log by number; needed: `applied_to`, unless it is 0 or beyond the tip.
        digest_of: digests of stored receipts by n; needed: its own n, where that is not above the newest.
        retracts: which of the numbers that it lists as removed are retracts of this log.
    """

    receipt: Signed[Receipt]
    hash_at: Mapping[int, bytes] = field(default_factory=dict)
    digest_of: Mapping[int, bytes] = field(default_factory=dict)
    retracts: AbstractSet[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """A new receipt; `restored` where the receiver stands lower than it did."""

    n: int
    restored: bool


@dataclass(frozen=True, slots=True)
class TakenBefore:
    """The same receipt once more: nothing to do, and the same answer."""

    n: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A receipt that was disowned: its number counts, so that those after it can follow, and nothing else of it."""

    n: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken; raise `refusal` towards the partner after carrying out the effects."""

    refusal: PartnerError


ReceiptVerdict: TypeAlias = Taken | TakenBefore | PassedOver | Refused


class ReceiptStep(NamedTuple):
    """The new view, the verdict, and what is to be done in the same transaction."""

    view: OriginView
    verdict: ReceiptVerdict
    effects: tuple[OriginEffect, ...]


def take_receipt(view: OriginView, event: ReceiptArrived) -> ReceiptStep:
    """Take one receipt: idempotent by n, in order, chained, and about the log we know."""
    claims = event.receipt.claims
    try:
        if claims.n <= view.newest.n and event.digest_of.get(claims.n) == event.receipt.digest:
            return ReceiptStep(view, TakenBefore(claims.n), ())
        _check_place(view, claims)
        _check_story(view, event)
    except (ReceiptAhead, ReceiptForks) as refusal:
        if event.receipt.digest in view.disowned:
            passed = replace(view, newest=ReceiptMark(claims.n, event.receipt.digest))
            return ReceiptStep(passed, PassedOver(claims.n), (PassOver(event.receipt.digest),))
        alarm = Alarm(refusal.code, str(refusal))
        return ReceiptStep(view, Refused(refusal), (StopAppending(refusal.code), alarm))
    except ReceiptConfirmsNone as refusal:
        return ReceiptStep(view, Refused(refusal), (Alarm(refusal.code, str(refusal)),))
    except PartnerError as refusal:
        return ReceiptStep(view, Refused(refusal), ())
    return _take_receipt(view, event)


def check_restart(log: LogId, tip: Tip, newest: Receipt | None, hash_at: Mapping[int, bytes]) -> None:
    """Check, before the first append after a start, that the partner knows no more of this log than we do.

    Args:
        log: ours, in the incarnation that we would append to.
        tip: its end.
        newest: the newest receipt that the partner says it gave; None where it gave none.
        hash_at: our entry hashes by number; needed: `applied_to`, where that is above 0 and not beyond the tip.

    Raises:
        OriginRestored: it acknowledged entries that we do not have, others than ours, or follows a later incarnation.
    """
    if newest is not None and newest.inc > log.incarnation:
        raise OriginRestored(
            f"{newest.iss} follows incarnation {newest.inc} of our log; we remember no later one than {log.incarnation}"
        )
    if newest is None or newest.inc < log.incarnation or newest.applied_to == 0:
        return
    if newest.applied_to > tip.seq or canonical.b64(hash_at[newest.applied_to]) != newest.last:
        raise OriginRestored(
            f"{newest.iss} acknowledged entry {newest.applied_to} of another story; our tip is {tip.seq}"
        )


def _check_place(view: OriginView, claims: Receipt) -> None:
    if claims.inc != view.log.incarnation:
        raise WrongIncarnation(f"a receipt of incarnation {claims.inc}; this log is {view.log.incarnation}")
    following = view.newest.n + 1
    newest = {"newest_n": view.newest.n, "newest_digest": canonical.b64(view.newest.digest)}
    if claims.n > following:
        raise ReceiptGap(f"receipt {claims.n} came before {following}; send from {following}", send_from=following)
    if claims.n < following:
        raise ReceiptConflict(f"another receipt {claims.n} was taken before; the newest is {view.newest.n}", **newest)
    if claims.prev_receipt != canonical.b64(view.newest.digest):
        raise ReceiptConflict(f"receipt {claims.n} follows another receipt than our number {view.newest.n}", **newest)


def _check_story(view: OriginView, event: ReceiptArrived) -> None:
    claims = event.receipt.claims
    at = claims.applied_to
    if at > view.tip.seq:
        raise ReceiptAhead(f"receipt {claims.n} acknowledges entry {at}; our tip is {view.tip.seq}")
    ours = {0: view.log.start().hash, **event.hash_at, view.tip.seq: view.tip.hash}
    if canonical.b64(ours[at]) != claims.last:
        raise ReceiptForks(f"receipt {claims.n} names another hash for entry {at}")
    if none := [seq for seq in claims.retracted_done if seq not in event.retracts]:
        raise ReceiptConfirmsNone(f"receipt {claims.n} lists entry {none[0]} as removed, which is no retraction")


def _take_receipt(view: OriginView, event: ReceiptArrived) -> ReceiptStep:
    claims = event.receipt.claims
    restored = claims.applied_to < view.applied_to
    effects: list[OriginEffect] = [KeepReceipt(claims.n, event.receipt.jws, claims)]
    if restored:
        # The newest number counts even so: what it had applied above is applied no more.
        effects.append(
            Alarm("receiver-restored", f"{claims.iss} stood at entry {view.applied_to}, now at {claims.applied_to}")
        )
    if claims.retracted_done:
        effects.append(MarkDone(claims.n, claims.retracted_done))
    view = replace(view, newest=ReceiptMark(claims.n, event.receipt.digest), applied_to=claims.applied_to)
    return ReceiptStep(view, Taken(claims.n, restored), tuple(effects))
