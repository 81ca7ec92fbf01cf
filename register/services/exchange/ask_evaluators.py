"""Have match keys evaluated: kept in the book first, asked of the own share and two partners, kept who answered.

The book is what evaluators' lists are compared with every night. So it holds a request before the first evaluator has
it: what was asked and then forgotten by a crash would look like somebody who asks in this country's name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Function, system
from register.domain.running.audit_action import AuditAction
from register.logs import logger
from register.matching.answers import Limit
from register.pseudonyms.asker import PARTNERS_NEEDED
from register.pseudonyms.client import Pending, Token, in_parts, pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.errors import ActorFull, NewActorsFull, OrganisationFull, RepeatsFull, TooManyAtOnce
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.services.exchange.take_tickets import ticket_in
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.exchange.wire import parse_instant

_COUNTRY_FULL = "What the other countries compute for the searches of this country in this time is used up."
_WHICH = {
    OrganisationFull.code: "Your organisation has used up its part of what is computed for this country in a day.",
    ActorFull.code: "You have used up your part of what is computed for this country in a day.",
    NewActorsFull.code: "Too many people of this country asked for the first time today.",
    RepeatsFull.code: "Too much was asked again within a minute.",
    TooManyAtOnce.code: "This asks about more at once than is ever computed.",
}
_LATER = "Ask again when there is room."
_LESS = "Ask about fewer values at once."
_TICKET = (
    "For an operation, have the register unit ask for a ticket to search: a person in each of three countries signs "
    "it, and it is used by itself."
)


class Ask(Protocol):
    """Asks for keys in one request, on the ticket of an id or freely: all of them tokens, or all of them pending."""

    def __call__(self, keys: Sequence[MatchKey], ticket: UUID | None = None, /) -> list[Token | Pending]:
        """Ask."""
        ...


def hash_keys(register: Register, keys: Sequence[MatchKey]) -> str:
    """Hash of what is asked, keyed with this country's index key, in hex: part of the name of a request.

    Evaluators answer a repeat again without a charge, and alarm where one name comes with two questions.
    """
    return hashlib.sha256(b"".join(blind_index(register.keys.blind_index, key) for key in keys)).hexdigest()


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
        work.exchange.reconciling.ask(asking, len(keys), about)

    def keep(answered: Collection[Partition]) -> None:
        with register.work(caller) as work:
            work.exchange.reconciling.answered(asking.request_id, answered)

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


def ask_on_tickets(
    register: Register,
    function: Function,
    purpose: EvaluationPurpose,
    answers: Mapping[MatchKey, Token | Pending],
    ask: Ask,
) -> dict[MatchKey, Token]:
    """Return what the own tickets give of the keys that a limit refused; what none gives waits for the next slot.

    Which ticket has how much room is what the evaluators said last; it may be a minute old, and another worker may
    have used it since. So a refusal is no fault: the next ticket is asked, and the evaluators are asked anew.

    Args:
        register: of the country.
        function: whose role keeps the book.
        purpose: of the tickets.
        answers: of each key, what it has without one.
        ask: one request.
    """
    refused: dict[str, list[MatchKey]] = {}
    for key, answer in answers.items():
        if isinstance(answer, Pending) and answer.limit is not None:
            refused.setdefault(key.selector_class, []).append(key)
    found: dict[MatchKey, Token] = {}
    for name, waiting in refused.items():
        for ticket, room in tickets_with_room(register, function, purpose, name):
            left = [key for key in waiting if key not in found]
            if not left:
                break
            given = in_parts(left, _until_refused(ask, ticket), at_most=room)
            made = {key: answer for key, answer in given.items() if isinstance(answer, Token)}
            _note_asked(register, function, ticket, len(made))
            found |= made
    return found


def tickets_with_room(
    register: Register, function: Function, purpose: EvaluationPurpose, selector_class: str
) -> list[tuple[UUID, int]]:
    """Return the own tickets on which keys can be asked for now, the first to end first, with how many at once.

    Each evaluator takes its own part of a ticket, and a pseudonym needs two of them: what counts is the room at the
    second of those with the most.
    """
    now = register.clock.now()
    found = []
    with register.work(system(register.partition, function)) as work:
        for kept in work.exchange.tickets.own_open():
            try:
                said = ticket_in(kept.document)
            except DocumentRefused:
                continue  # written beside the register: no evaluator takes it, and it must not hide the others
            if (said.purpose, said.selector_class) != (purpose, selector_class) or parse_instant(said.first) > now:
                continue
            rooms = sorted((left_at(one) for one in kept.answers.values() if one.get("counts")), reverse=True)
            if len(rooms) >= PARTNERS_NEEDED and (room := rooms[PARTNERS_NEEDED - 1]) > 0:
                found.append((kept.id, room))
    return found


def limit_told(why: Pending) -> Limit | None:
    """Return what is told of a limit that let nothing be computed; None where too few countries answered."""
    if why.limit is None:
        return None
    too_many, soon = why.limit == TooManyAtOnce.code, why.limit in {NewActorsFull.code, RepeatsFull.code}
    first = _LESS if too_many else _LATER
    return Limit(
        why.limit,
        _WHICH.get(why.limit, _COUNTRY_FULL),
        (first,) if soon else (first, _TICKET),
        None if too_many else why.retry_at,
    )


def left_at(answer: Mapping[str, Any]) -> int:
    """How many keys of a ticket an evaluator takes yet, by what it answered last."""
    return max(0, int(answer.get("takes", 0)) - int(answer.get("used", 0)))


def _until_refused(ask: Ask, ticket: UUID) -> Callable[[Sequence[MatchKey]], Sequence[Token | Pending]]:
    """Asks part after part; once the ticket has no room, its other parts are not sent to be refused one by one."""
    full: list[Pending] = []

    def ask_part(part: Sequence[MatchKey]) -> Sequence[Token | Pending]:
        if full:
            return [full[0]] * len(part)
        answers = ask(part, ticket)
        full.extend(one for one in answers[:1] if isinstance(one, Pending) and one.limit != TooManyAtOnce.code)
        return answers

    return ask_part


def _note_asked(register: Register, function: Function, ticket_id: UUID, keys: int) -> None:
    """Keep that an own ticket was asked on, so that the evaluators are asked what is used of it."""
    with register.work(system(register.partition, function)) as work:
        work.exchange.tickets.note_asked(ticket_id)
        if keys:
            work.running.audit.note(AuditAction.TICKET_USED, str(ticket_id), keys=keys)
