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
from register.services.exchange.take_tickets import ticket_in
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.exchange.wire import parse_instant


def ask_evaluators(
    register: Register,
    function: Function,
    keys: Sequence[MatchKey],
    asking: Asking,
    *,
    about: UUID,
    secret: bytes,
    ticket: UUID | None = None,
) -> list[Token | Pending]:
    """Return one token for each key, in order, or `Pending` where fewer than two partners answered.

    Args:
        register: of the country; its process was opened with evaluators.
        function: whose role keeps the book: the process's.
        keys: at most 1,000; none asks nobody.
        asking: who asks, why, and under which id; a repeat has the same.
        about: the leaf of a question's intent, or the signal.
        secret: all blinds follow from it; a repeat has the same.
        ticket: on which the keys count where the limits have no room.

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
        ticket=ticket,
    )


def ticket_with_room(register: Register, purpose: EvaluationPurpose, selector_class: str, keys: int) -> UUID | None:
    """Return the own ticket on which so many keys can be asked for, the first to end; None where none can."""
    now = register.clock.now()
    with register.work(system(register.partition, "worker")) as work:
        for kept in work.tickets.own_open():
            try:
                said = ticket_in(kept.document)
            except DocumentRefused:
                continue  # written beside the register: no evaluator takes it, and it must not hide the others
            fits = (said.purpose, said.selector_class) == (purpose, selector_class)
            if fits and kept.state == "signed" and kept.spent + keys <= said.keys and parse_instant(said.first) <= now:
                return kept.id
    return None


def note_spent(register: Register, ticket_id: UUID, keys: int) -> None:
    """Keep that keys were evaluated on an own ticket."""
    with register.work(system(register.partition, "worker")) as work:
        work.tickets.spend(ticket_id, keys)
        work.audit.note("ticket.used", str(ticket_id), keys=keys)
