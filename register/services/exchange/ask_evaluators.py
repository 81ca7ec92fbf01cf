"""Have match keys evaluated: kept in the book first, asked of the own share and two partners, kept who answered.

The book is what evaluators' lists are compared with every night. So it holds a request before the first evaluator has
it: what was asked and then forgotten by a crash would look like somebody who asks in this country's name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Function, system
from register.logs import logger
from register.pseudonyms.client import Pending, Token, pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.matchkeys import MatchKey
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking


def ask_evaluators(
    register: Register, function: Function, keys: Sequence[MatchKey], asking: Asking, *, about: UUID, secret: bytes
) -> list[Token | Pending]:
    """Return one token for each key, in order, or `Pending` where fewer than two partners answered.

    Args:
        register: of the country; its process was opened with evaluators.
        function: whose role keeps the book: the process's.
        keys: at most 1,000; none asks nobody.
        asking: who asks, why, and under which id; a repeat has the same.
        about: the leaf of a question's intent, or the signal.
        secret: all blinds follow from it; a repeat has the same.

    Raises:
        ValueError: this process was opened without evaluators.
        TooManyKeys, UnknownKey, Unreachable: as `pseudonymise`.
    """
    if register.evaluators is None:
        raise ValueError("this process was opened without evaluators")
    if not keys:
        return []
    caller = system(register.partition, function)
    with register.work(caller) as work:
        work.reconciling.ask(asking, len(keys), about)

    def keep(answered: Collection[Partition]) -> None:
        with register.work(caller) as work:
            work.reconciling.answered(asking.request_id, answered)

    return pseudonymise(
        keys,
        register.evaluators,
        request=asking,
        epochs=EPOCHS,
        secret=secret,
        issued=register.clock.now(),
        settings=register.asking,
        on_fault=lambda country, fault: logger().warning(
            "evaluator.failed", partition=register.partition, country=country, code=fault.code
        ),
        on_answers=keep,
    )
