"""The port to the evaluators: one's own share, and the way to the other four countries.

`client` asks through it and knows no transport. The form over HTTP lives with the exchange; the form here keeps
share sets in this process: for tests, and for an embedded deployment, which then has single-machine key security
and must say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from register.domain.partition import others
from register.pseudonyms.errors import Unreachable
from register.pseudonyms.evaluation import ShareSet, evaluate, evaluate_unproven
from register.pseudonyms.oprf.group import Element
from register.pseudonyms.oprf.threshold import PublicShares
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest


class Evaluators(Protocol):
    """What the client needs. Implementations are called from several threads at once."""

    @property
    def own(self) -> Partition:
        """The country that asks."""
        ...

    def public(self, key_id: str) -> PublicShares:
        """The public shares in force; `UnknownKey` if the key is not active here."""
        ...

    def evaluate_own(self, key_id: str, blinded: Sequence[Element]) -> Sequence[Element]:
        """One's own share of each element, without a proof; `Unreachable` if one's own evaluator is down."""
        ...

    def partners(self) -> Sequence[Partition]:
        """The other countries, in the order in which to ask them."""
        ...

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        """Have one partner evaluate, bounded in time by the implementation itself.

        Raises:
            Unreachable: no answer, or a refusal that another evaluator need not share.
            OverQuota: the partner names the time of the next slot.
            TooManyAtOnce: the partner never takes so many keys in one request.
            BadAnswer: what came back is no answer document.
        """
        ...


class InProcess:
    """Evaluators whose share sets are all in this process.

    Args:
        own: the country that asks; its share set must be among them.
        share_sets: of any of the five.
        down: countries to treat as unreachable.
    """

    def __init__(self, own: Partition, share_sets: Iterable[ShareSet], *, down: Iterable[Partition] = ()) -> None:
        self._own = own
        self._sets: Mapping[Partition, ShareSet] = {held.country: held for held in share_sets}
        self._down = frozenset(down)

    @property
    def own(self) -> Partition:
        """The country that asks."""
        return self._own

    def public(self, key_id: str) -> PublicShares:
        """The public shares of a key, as this country holds them."""
        return self._sets[self._own].public(key_id)

    def evaluate_own(self, key_id: str, blinded: Sequence[Element]) -> Sequence[Element]:
        """This country's own share of each element."""
        return evaluate_unproven(self._sets[self._own], key_id, blinded)

    def partners(self) -> Sequence[Partition]:
        """The other four, in fixed order."""
        return others(self._own)

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        """Have a partner's share set evaluate; `Unreachable` if it is down or not in this process."""
        held = self._sets.get(partner)
        if held is None or partner in self._down:
            raise Unreachable(partner)
        return evaluate(held, request, at=request.issued)
