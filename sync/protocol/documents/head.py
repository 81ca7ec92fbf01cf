"""Heads: how far a log goes at this moment, said in answer to one question (sync/README.md, step 4).

The nonce of the question proves freshness: a proxy that hides the end of a log or repeats an old head fails it. A head
is never needed to apply a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from schemas import canonical
from schemas.exchange import wire
from schemas.exchange.wire import Head, Typ
from sync.protocol.documents.signed import Signed, Trust, read_signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.refusals import BeyondTip, IncarnationClosed, NonceMismatch


def build_head(log: LogId, tip: Tip, *, at: datetime, nonce: str, roster: int, editions: Iterable[bytes] = ()) -> Head:
    """Return the head to sign.

    Args:
        log: whose log it is.
        tip: its end.
        at: the present, aware.
        nonce: the one in the request's JWT.
        roster: number of the newest roster, under which the head will be signed.
        editions: hashes of the editions in force here, 32 raw bytes each.
    """
    return Head(
        v=wire.ENVELOPE_VERSION,
        iss=log.origin,
        aud=log.recipient,
        inc=log.incarnation,
        roster=roster,
        tip_seq=tip.seq,
        tip_hash=canonical.b64(tip.hash),
        at=wire.instant(at),
        nonce=nonce,
        editions=tuple(canonical.b64(edition) for edition in editions),
    )


def read_head(jws: bytes, trust: Trust, *, nonce: str) -> Signed[Head]:
    """Return a head that answers our own question.

    Raises:
        PartnerError: as `read_signed`, or nonce-mismatch.
    """
    head = read_signed(jws, Typ.HEAD, Head, trust)
    if head.claims.nonce != nonce:
        raise NonceMismatch(f"the head of {head.issuer} answers another question")
    return head


def check_pull(log: LogId, tip: Tip, *, incarnation: int, after: int) -> None:
    """Check, at the origin, that a pull asks for something this log can answer; `after` = tip is an empty answer.

    Raises:
        IncarnationClosed: of an incarnation before this one; the details name the present one.
        BeyondTip: after a number that the log has not reached, or of an incarnation not opened yet. Whoever answers
            puts a head beside it: without one anybody in between could say it.
    """
    if incarnation < log.incarnation:
        raise IncarnationClosed(
            f"incarnation {incarnation} ended; follow {log.incarnation}", incarnation=log.incarnation
        )
    if incarnation > log.incarnation or after > tip.seq:
        raise BeyondTip(
            f"asked for incarnation {incarnation} after {after}; the log is at {log.incarnation}, {tip.seq}",
            tip=tip.seq,
        )
