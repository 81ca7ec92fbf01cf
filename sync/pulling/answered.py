"""What evaluators answered, told to whoever asked (README, "Reconciling").

An evaluator gives each country the ids of the requests that it granted it on a day, signed. Another country is given
them only where the counts of all evaluators show that one granted alone (`opened`). Nothing in them tells what was
asked.
"""

from __future__ import annotations

from datetime import UTC, date
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.errors import CallerError
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import ANSWERED, ANSWERED_MAX, AnsweredPiece, AnsweredRequest
from schemas.exchange.wire import Typ, document, read
from sync.protocol.documents.signed import Trust
from sync.protocol.refusals import ListRefused, Malformed, WrongIssuer
from sync.trust import NodeSigner

PATH: Final = "/evaluate/v1/answers"


class DayNotOver(CallerError):
    """A day's list is asked for before the day is over."""

    code = "day-not-over"
    advice = "Ask for a day of UTC that is over by the evaluator's clock."


def signed_piece(
    register: Register,
    caller: Caller,
    partner: Partition,
    day: date,
    *,
    country: Partition,
    after: UUID | None,
    jti: UUID,
    most: int = ANSWERED_MAX,
) -> bytes:
    """Return one piece of what this country's evaluator granted a country on a day: a compact JWS.

    Args:
        register: of the country that evaluates.
        caller: the partner, with the function `evaluator`.
        partner: whom it is given to.
        day: of UTC.
        country: whose requests; another than the partner only where `opened` allows it. That leaves a leaf.
        after: the `next` of the piece before it; None for the first.
        jti: of the signed request.
        most: requests in one piece.

    Raises:
        DayNotOver: more may still be granted on it.
        RequestReplayed: the request was served before.
    """
    now = register.clock.now()
    if now.astimezone(UTC).date() <= day:
        raise DayNotOver(f"{day} is not over by the clock of {register.partition}")
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(partner, jti, canonical.domain_hash("rtr/evaluate/answered/v1", b""))
        if country is not partner:
            opened = {"action": "ids.opened", "requester": partner, "of": country, "day": day.isoformat()}
            work.exchange.evaluations.note(opened | {"after": None if after is None else str(after)})
        found = work.exchange.evaluations.granted(country, day, after=after, limit=most + 1)
    rows = found[:most]
    piece = AnsweredPiece(
        iss=register.partition,
        aud=partner,
        country=country,
        kind=ANSWERED,
        day=day,
        after=None if after is None else str(after),
        next=str(rows[-1][0]) if len(found) > most else None,
        rows=tuple(
            AnsweredRequest(request=str(request), keys=keys, purpose=EvaluationPurpose(purpose))
            for _, request, keys, purpose in rows
        ),
        at=wire.instant(now),
    )
    return NodeSigner(register.keys).sign(Typ.LIST, document(piece))


def read_piece(
    jws: bytes, trust: Trust, day: date, after: UUID | None, country: Partition | None = None
) -> AnsweredPiece:
    """Return a piece that a partner signed for this country: of its own requests, or of another country's.

    Raises:
        PartnerError: what the verifier refuses, key-not-active, key-revoked, wrong-issuer, list-refused or malformed.
    """
    rosters = trust.rosters
    verified = trust.verifier.verify(jws, typ=Typ.LIST, keys=rosters.signing_keys())
    issuer = rosters.country_of(verified.kid)
    rosters.check_signed(verified.kid, rosters.newest.number, new=True)
    if verified.claims.get("iss") != issuer or issuer is not trust.partner:
        raise WrongIssuer(f"expected a list of {trust.partner}; signed by {issuer}")
    if verified.claims.get("kind") != ANSWERED:
        raise ListRefused(f"{issuer}: expected what it answered, got another list")
    try:
        piece = read(AnsweredPiece, canonical.dumps(verified.claims))
    except DocumentRefused as refusal:
        raise Malformed(str(refusal)) from refusal
    said = (piece.aud, piece.country, piece.day, piece.after)
    if said != (trust.me, country or trust.me, day, None if after is None else str(after)):
        raise ListRefused(
            f"{issuer}: gave {piece.aud} what it answered {piece.country} on {piece.day}, another piece than asked for"
        )
    return piece
