"""The evaluators port over HTTP: one's own share here, the other four asked at the addresses of the roster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final

from pydantic import ValidationError

from register.clock import Clock, SystemClock
from register.domain.partition import others
from register.errors import PartnerError
from register.keys import jws
from register.pseudonyms.errors import (
    ActorFull,
    BadAnswer,
    CountryFull,
    NewActorsFull,
    OrganisationFull,
    RepeatsFull,
    TicketDayFull,
    TicketUsedUp,
    TooManyAtOnce,
    TooManyKeys,
    Unreachable,
)
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.oprf.group import Element
from register.pseudonyms.oprf.threshold import PublicShares
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationReceipt, EvaluationRequest
from schemas.exchange.signed_evaluation import RECEIPT_TYP, SignedEvaluation
from sync.lists import AskerAwaited
from sync.protocol.documents.roster import Rosters
from sync.transport.partner import PartnerAnswer, PartnerHttp, PartnerRefused, PartnerUnreachable
from sync.trust import public_keys

PATH: Final = "/evaluate/v1/batches"
_FULL: Final = {
    kind.code: kind
    for kind in (CountryFull, OrganisationFull, ActorFull, NewActorsFull, RepeatsFull, TicketUsedUp, TicketDayFull)
}
LAST_FOR_S: Final = 30.0
"""How long a partner that gave no answer is asked after the others."""
PAUSES_S: Final = (0.25, 1.0, 2.0)
"""Before a partner is asked again that fetches our list, or has no place for us; what it refuses then is pending."""
_LATER: Final = {AskerAwaited.code, "overloaded"}


class HttpEvaluators:
    """The four partners' evaluators over HTTP, and one's own in this process (`register.pseudonyms.evaluators`)."""

    def __init__(self, own: InProcess, http: PartnerHttp, rosters: Callable[[], Rosters], clock: Clock) -> None:
        """Take what it needs.

        Args:
            own: holds this country's share set only (`evaluate_batch.own_evaluator`).
            http: its time limit ends each question.
            rosters: whose keys sign receipts.
            clock: for the memory of failures.
        """
        self._own, self._http, self._rosters, self._clock = own, http, rosters, clock
        self._turns, self._lock = count(), threading.Lock()
        self._failed_at: dict[Partition, float] = {}

    @property
    def own(self) -> Partition:
        """The country that asks."""
        return self._own.own

    def public(self, key_id: str) -> PublicShares:
        """The public shares in force, as this country holds them."""
        return self._own.public(key_id)

    def evaluate_own(self, key_id: str, blinded: Sequence[Element]) -> Sequence[Element]:
        """This country's own share of each element."""
        return self._own.evaluate_own(key_id, blinded)

    def partners(self) -> Sequence[Partition]:
        """The other four: each time another one first, those that gave no answer of late last."""
        partners = others(self.own)
        with self._lock:
            turn, now = next(self._turns) % len(partners), self._clock.monotonic()
            late = {p for p, at in self._failed_at.items() if now - at < LAST_FOR_S}
        return sorted(partners[turn:] + partners[:turn], key=late.__contains__)

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        """Have one partner evaluate; each sending is signed anew, the request stays the same.

        A partner that meets an organisation or a person for the first time fetches this country's lists first, and one
        that works on as many of our requests as we may have open has no place: it is asked again in a moment, so that
        the first question of somebody new, and those of a busy minute, are answered like any other.

        Raises:
            Unreachable: no answer, or a refusal that another evaluator need not share.
            OverQuota: the partner names the time of the next slot.
            TooManyAtOnce: the partner never takes so many keys in one request.
            BadAnswer: no answer document, or a receipt that this partner has not signed.
        """
        try:
            answer = self._post(partner, dumps_plain(request.model_dump(mode="json")))
        except PartnerUnreachable as error:
            self._note(partner, failed=True)
            raise Unreachable(partner, "no answer") from error
        except PartnerRefused as error:
            self._note(partner, failed=False)
            raise _read_refusal(error) from error
        except PartnerError as error:
            raise Unreachable(partner, f"not asked: {error.code}") from error
        self._note(partner, failed=False)
        return self._read(partner, answer.body)

    def _post(self, partner: Partition, body: bytes) -> PartnerAnswer:
        for pause_s in PAUSES_S:
            try:
                return self._http.post(partner, PATH, body)
            except PartnerRefused as refusal:
                if refusal.said not in _LATER:
                    raise
            # As long as we choose: how long a partner would have us wait is its own word.
            SystemClock().pause(pause_s)
        return self._http.post(partner, PATH, body)

    def _read(self, partner: Partition, body: bytes) -> EvaluationAnswer:
        try:
            said = SignedEvaluation.model_validate_json(body)
            receipt = EvaluationReceipt.model_validate_json(self._signed_by(partner, said.receipt))
        except ValidationError as error:
            raise BadAnswer(partner, "what came is no answer document") from error
        except PartnerError as error:
            raise BadAnswer(partner, f"the receipt is refused: {error.code}") from error
        return EvaluationAnswer(batches=said.batches, receipt=receipt)

    def _signed_by(self, partner: Partition, receipt: str) -> bytes:
        rosters = self._rosters()
        theirs = {kid: x for kid, x in rosters.signing_keys().items() if rosters.country_of(kid) is partner}
        found = jws.verify(receipt, typ=RECEIPT_TYP, keys=public_keys(theirs))
        rosters.check_signed(found.kid, rosters.newest.number, new=True)
        return found.payload

    def _note(self, partner: Partition, *, failed: bool) -> None:
        with self._lock:
            if failed:
                self._failed_at[partner] = self._clock.monotonic()
            else:
                self._failed_at.pop(partner, None)


def _read_refusal(error: PartnerRefused) -> PartnerError:
    slot = _read_instant(error.told.get("retry_at"))
    if error.said in _FULL and slot is not None:
        return _FULL[error.said](error.partner, slot)
    if error.said == TooManyKeys.code:
        return TooManyAtOnce(error.partner)
    return Unreachable(error.partner, f"refused: {error.said}")


def _read_instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None
