"""What evaluators answered, told to whoever asked, and compared there night by night (README, "Reconciling").

An evaluator gives each country the ids of the requests that it granted it on a day, signed; nobody else is given them,
and nothing in them tells what was asked. The country compares them with its own book, both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm
from register.domain.access.caller import Caller, system
from register.domain.exchange.reconciling import Night, NightState, is_due, is_silent, reconcile
from register.errors import CallerError, PartnerError
from register.logs import logger
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import AlarmKind, Partition
from schemas.exchange import wire
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import ANSWERED, ANSWERED_MAX, AnsweredPiece, AnsweredRequest
from schemas.exchange.wire import Typ, document, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Trust
from sync.protocol.refusals import ListRefused, Malformed, WrongIssuer
from sync.transport import PartnerHttp
from sync.trust import LIST_CHARS_MAX, NodeSigner, trust_of

PATH: Final = "/evaluate/v1/answers"
PIECES_MAX: Final = 200
"""Of one day: 200,000 requests, far over what any limit grants."""
TOLD_MAX: Final = 20
"""Ids that stand in the leaf of a night; the count is always whole."""

Listed = dict[UUID, tuple[EvaluationPurpose, int]]


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
    after: UUID | None,
    jti: UUID,
    most: int = ANSWERED_MAX,
) -> bytes:
    """Return one piece of what this country's evaluator granted a partner on a day: a compact JWS.

    Args:
        register: of the country that evaluates.
        caller: the partner, with the function `evaluator`.
        partner: who asks; the list is always their own.
        day: of UTC.
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
        work.evaluations.remember_sending(partner, jti, canonical.domain_hash("rtr/evaluate/answered/v1", b""))
        found = work.evaluations.granted(partner, day, after=after, limit=most + 1)
    rows = found[:most]
    piece = AnsweredPiece(
        iss=register.partition,
        aud=partner,
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


def read_piece(jws: bytes, trust: Trust, day: date, after: UUID | None) -> AnsweredPiece:
    """Return a piece that a partner signed for this country.

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
    said = (piece.aud, piece.day, piece.after)
    if said != (trust.me, day, None if after is None else str(after)):
        raise ListRefused(f"{issuer}: gave what it answered {piece.aud} on {piece.day}, another piece than asked for")
    return piece


class Nights:
    """One country's evaluations, compared day by day with the list of each evaluator."""

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._register, self._http, self._rosters = register, http, rosters
        self._caller = system(register.partition, "worker")

    def turn(self, evaluator: Partition) -> NightState | None:
        """Compare the next day that is due with an evaluator's list; None where none is due.

        A day whose list cannot be had, or is refused, is late, and is asked for again the next time; the days after it
        wait. What is found rings for the privacy officer, and leaves a leaf with the ids.
        """
        now = self._register.clock.now()
        with self._register.work(self._caller) as work:
            last, first = work.reconciling.last_night(evaluator), work.reconciling.first_asked()
        if last is None and first is None:
            # Nothing was ever asked here: what an evaluator lists all the same was asked by somebody else.
            last = now.astimezone(UTC).date() - timedelta(days=3)
        day = last + timedelta(days=1) if last is not None else first.astimezone(UTC).date()  # type: ignore[union-attr]
        if not is_due(day, now):
            return None
        try:
            listed = self._listed(evaluator, day)
        except PartnerError as refusal:
            self._late(evaluator, day, refusal.code)
            return NightState.LATE
        return self._compare(evaluator, day, listed)

    def _compare(self, evaluator: Partition, day: date, listed: Listed) -> NightState:
        with self._register.work(self._caller) as work:
            book = work.reconciling
            asked = book.asked(listed.keys())
            book.keep_listed(evaluator, day, sorted(listed.keys() & asked.keys()))
            night = reconcile(day, listed, asked, book.unlisted(evaluator, day - timedelta(days=1)))
            book.keep_night(evaluator, night)
            work.audit.note(
                "evaluations.reconciled",
                str(evaluator),
                day=day.isoformat(),
                state=night.state.value,
                listed=night.listed,
                unasked=len(night.unasked),
                unlisted=len(night.unlisted),
                unasked_ids=[str(one) for one in night.unasked[:TOLD_MAX]],
                unlisted_ids=[str(one) for one in night.unlisted[:TOLD_MAX]],
            )
            for kind, found in (
                (AlarmKind.EVALUATED_UNASKED, night.unasked),
                (AlarmKind.ANSWER_NOT_LISTED, night.unlisted),
            ):
                if found:
                    # Each night is found once: what was acknowledged was another one.
                    work.alarms.ring(Alarm(kind=kind, whose="partner", about=evaluator), quiet=timedelta(0))
        return night.state

    def _late(self, evaluator: Partition, day: date, code: str) -> None:
        logger().warning("list.not-taken", partition=self._register.partition, partner=evaluator, code=code)
        with self._register.work(self._caller) as work:
            work.reconciling.keep_night(evaluator, Night(day, NightState.LATE))
            if is_silent(day, self._register.clock.now()):
                work.alarms.ring(Alarm(kind=AlarmKind.EVALUATOR_SILENT, whose="partner", about=evaluator))

    def _listed(self, evaluator: Partition, day: date) -> Listed:
        """The whole of a day's list.

        Raises:
            PartnerError: it cannot be had whole, or is refused.
        """
        found: Listed = {}
        trust, after = trust_of(self._register.partition, self._rosters(), evaluator), None
        for _ in range(PIECES_MAX):
            path = f"{PATH}/{day.isoformat()}" + ("" if after is None else "?" + urlencode({"after": str(after)}))
            piece = read_piece(self._http.get(evaluator, path, bytes_max=LIST_CHARS_MAX).body, trust, day, after)
            found |= {UUID(row.request): (row.purpose, row.keys) for row in piece.rows}
            if piece.next is None:
                return found
            if after is not None and piece.next <= str(after):
                raise ListRefused(f"{evaluator}: its list of {day} goes round in a circle")
            after = UUID(piece.next)
        raise ListRefused(f"{evaluator}: its list of {day} has no end")
