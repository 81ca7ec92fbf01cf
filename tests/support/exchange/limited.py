"""Real evaluators of which a test may see what they were asked, and let limits refuse it as partners do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from register.pseudonyms.errors import CountryFull, TicketUsedUp, TooManyAtOnce
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest


class Asked:
    """This country's evaluators, and a note of what partners were asked."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: list[EvaluationRequest] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        self.asked.append(request)
        answer: EvaluationAnswer = self._inner.ask(partner, request)
        return answer


class Limited(Asked):
    """The same, where every partner refuses what one of these limits does not let through."""

    def __init__(self, inner: Any, *, full: Collection[str] = (), at_once: int = 1_000) -> None:
        super().__init__(inner)
        self.full, self.at_once = set(full), at_once
        self.used_up: set[UUID] = set()

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        if any(len(batch.elements) > self.at_once for batch in request.body.batches):
            raise TooManyAtOnce(partner)
        if {batch.key_id for batch in request.body.batches} & self.full and request.ticket is None:
            raise CountryFull(partner, request.issued + timedelta(days=30))
        if request.ticket in self.used_up:
            raise TicketUsedUp(partner, request.issued + timedelta(days=30))
        return super().ask(partner, request)
