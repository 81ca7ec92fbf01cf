"""Asks partners side by side for their part of a request, and takes only what is proven.

An answer counts when its batches and receipt are those asked for and every proof holds under the partner's public
share: one lying evaluator would otherwise write records that nobody can ever match, and nobody would notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypeAlias

from register.errors import RegisterError
from register.pseudonyms.errors import BadAnswer, FalseProof, InvalidElement, InvalidScalar, OverQuota, TooManyAtOnce
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.oprf.group import Element
from register.pseudonyms.oprf.threshold import THRESHOLD, PublicShares
from register.pseudonyms.oprf.voprf import VOPRF
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest

PARTNERS_NEEDED = THRESHOLD - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How partners are asked.

    Attributes:
        ask_at_once: partners asked in the first moment; 2 is enough, 4 is quicker and costs them more.
        hedge_s: seconds without any answer after which one more is asked.
        patience_s: seconds without any answer, once all were asked, after which the keys are pending.
        per_key_s: seconds added to both for each key asked for; an evaluator takes about 0.2 ms for one.
        lifetime: how long a sent request is good for; at most 120 s.
    """

    ask_at_once: int = PARTNERS_NEEDED
    hedge_s: float = 0.8
    patience_s: float = 10.0
    per_key_s: float = 0.004
    lifetime: timedelta = timedelta(seconds=60)


DEFAULT_SETTINGS = ClientSettings()
OnFault = Callable[[Partition, RegisterError], None]
OnAnswers = Callable[[Collection[Partition]], None]
Elements: TypeAlias = Mapping[str, Sequence[Element]]
"""Elements by key id, each in the order of its batch."""


class Asker:
    """One round of asking, until two partners have given a proven answer or none is left.

    Attributes:
        failed: the partners that were asked in vain.
        slots: when each partner over its quota has room again, by its own word.
        limits: what the partners answered that refused by a limit, in the order in which they did.
    """

    def __init__(
        self,
        evaluators: Evaluators,
        request: EvaluationRequest,
        publics: Mapping[str, PublicShares],
        settings: ClientSettings,
        on_fault: OnFault | None,
    ) -> None:
        self._evaluators, self._request, self._publics = evaluators, request, publics
        self._settings, self._on_fault = settings, on_fault
        self._left = list(evaluators.partners())
        self._running: dict[Future[Elements], Partition] = {}
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(self._left)), thread_name_prefix="evaluator")
        self.failed: list[Partition] = []
        self.slots: list[datetime] = []
        self.limits: list[OverQuota | TooManyAtOnce] = []

    def __enter__(self) -> Self:
        for _ in range(max(PARTNERS_NEEDED, self._settings.ask_at_once)):
            self._ask_another()
        return self

    def __exit__(self, *_: object) -> None:
        # Late answers are not waited for; the transport's own limit ends them.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def first_valid(self) -> dict[Partition, Elements]:
        """The first two proven answers, or fewer when every partner failed or time is up."""
        valid: dict[Partition, Elements] = {}
        work = self._settings.per_key_s * self._request.body.count
        while self._running and len(valid) < PARTNERS_NEEDED:
            patience = self._settings.hedge_s if self._left else self._settings.patience_s
            done, _ = wait(self._running, timeout=patience + work, return_when=FIRST_COMPLETED)
            if not done and not self._ask_another():
                self.failed.extend(self._running.values())
                break
            for future in done:
                country = self._running.pop(future)
                try:
                    valid[country] = future.result()
                except RegisterError as fault:
                    self._note(country, fault)
        return dict(list(valid.items())[:PARTNERS_NEEDED])

    def _note(self, country: Partition, fault: RegisterError) -> None:
        if self._on_fault is not None:
            self._on_fault(country, fault)
        elif isinstance(fault, BadAnswer):
            raise fault
        if isinstance(fault, OverQuota):
            self.slots.append(fault.retry_at)
        if isinstance(fault, OverQuota | TooManyAtOnce):
            self.limits.append(fault)
        self.failed.append(country)
        self._ask_another()

    def _ask_another(self) -> bool:
        if not self._left:
            return False
        country = self._left.pop(0)
        self._running[self._pool.submit(self._proven, country)] = country
        return True

    def _proven(self, country: Partition) -> Elements:
        """One partner's answer, checked; runs beside the others, since libsodium releases the interpreter's lock."""
        answer = self._evaluators.ask(country, self._request)
        _refuse_unasked(country, self._request, answer)
        found: dict[str, Sequence[Element]] = {}
        for asked, batch in zip(self._request.body.batches, answer.batches, strict=True):
            public = self._publics[batch.key_id].shares[country]
            blinded = [Element(element) for element in asked.elements]
            evaluated = [Element(element) for element in batch.elements]
            try:
                holds = VOPRF.verify(public, blinded, evaluated, batch.proof)
            except (InvalidElement, InvalidScalar) as exc:
                raise FalseProof(country, batch.key_id) from exc
            if not holds:
                raise FalseProof(country, batch.key_id)
            found[batch.key_id] = evaluated
        return found


def _refuse_unasked(country: Partition, request: EvaluationRequest, answer: EvaluationAnswer) -> None:
    body, receipt = request.body, answer.receipt
    if [(batch.key_id, len(batch.elements)) for batch in answer.batches] != [
        (batch.key_id, len(batch.elements)) for batch in body.batches
    ]:
        raise BadAnswer(country, "other batches than were asked for")
    said = (receipt.iss, receipt.aud, receipt.request_id, receipt.body, receipt.count, receipt.purpose)
    if said != (country, body.country, body.request_id, body.digest(), body.count, body.purpose):
        raise BadAnswer(country, "a receipt for another request")
