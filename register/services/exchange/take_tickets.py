"""An evaluator takes a partner's ticket: signs it where its node does so by itself, and leaves the rest to a person.

A node signs within a day's ceiling, while the figure of the asking country's own supervisor is attested. That figure is
the asking node's word, so it is held against what this evaluator itself granted; and whatever nodes sign lifts no
figure of thirty days. Whose signatures hold is found out by whoever calls, by the roster of the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.exchange.limits import Allowances
from register.domain.exchange.quotas import first_day
from register.domain.exchange.tickets import TicketAltered, TicketOfOther, TicketsTooMany, TicketUnknown, waits_for
from register.keys import jws
from register.logs import logger
from register.store.exchange.evaluating.shown_tickets import SHOWN_MAX, ShownTicket
from register.store.work import Work
from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.tickets import TICKETS_MAX, ShownTo, Ticket, TicketSignature, TicketsShown
from schemas.exchange.wire import Typ, document, instant, read

TOLD_AFTER: Final = timedelta(days=2)
"""How long after its end a ticket is told to whoever it was asked for: each is asked every hour."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket as it stands at this evaluator; `used` are the keys that were evaluated on it here."""

    shown: ShownTicket
    used: int


def take_ticket(
    register: Register,
    caller: Caller,
    ticket: Ticket,
    compact: str,
    brought: Mapping[Partition, str],
    *,
    allowances: Allowances,
    jti: UUID,
) -> Taken:
    """Keep a partner's ticket with the signatures that it brings, and sign a new one where the node does so alone.

    Args:
        register: of the country that evaluates.
        caller: the partner that asks, with the function `evaluator`.
        ticket: whose own signature was found good.
        compact: as it came.
        brought: good signatures of exactly this ticket, by country.
        allowances: what this evaluator's settings leave of what is agreed.
        jti: of the signed request.

    Raises:
        TicketAltered: under this id the partner showed something else before.
        TicketsTooMany: too many of its tickets have not ended.
        RequestReplayed: the request was served before.
    """
    asker, ticket_id = ticket.iss, UUID(ticket.id)
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(asker, jti, _SENDING)
        # Two tickets at once would each find the day's ceiling free.
        work.exchange.evaluations.take_turn(asker)
        known = work.exchange.shown_tickets.get(asker, ticket_id)
        if known is None:
            work.exchange.shown_tickets.forget_old()
        if known is None and work.exchange.shown_tickets.open_of(asker) >= SHOWN_MAX:
            raise TicketsTooMany(f"{asker} has {SHOWN_MAX} tickets here that have not ended")
        shown = known or work.exchange.shown_tickets.keep(ticket, compact)
        if shown.digest != ticket.digest():
            raise TicketAltered(f"{asker} showed ticket {ticket.id} with another content before")
        if known is None:
            _begin_ticket(register, work, shown, ticket, allowances)
        work.exchange.shown_tickets.add_signatures(shown, brought)
        return _read_taken(work, asker, ticket_id)


def look_at_ticket(register: Register, caller: Caller, asker: Partition, ticket_id: UUID, *, jti: UUID) -> Taken:
    """Return a ticket that a partner showed before.

    Raises:
        TicketUnknown: it showed none of this id.
        RequestReplayed: the request was served before.
    """
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(asker, jti, _SENDING)
        return _read_taken(work, asker, ticket_id)


def list_shown(register: Register, caller: Caller, asker: Partition, *, jti: UUID) -> TicketsShown:
    """Return the tickets that were shown here in a country's name, to its node: whoever has its key may have shown one.

    Raises:
        RequestReplayed: the request was served before.
    """
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(asker, jti, _SENDING)
        since = register.clock.now() - TOLD_AFTER
        shown = [one for one in work.exchange.shown_tickets.all(until=since) if one.requester is asker]
    newest = shown[-TICKETS_MAX:]
    return TicketsShown(tickets=tuple(ShownTo(ticket=str(one.id), digest=one.digest) for one in newest))


def find_shown(register: Register, country: Partition, ticket_id: UUID) -> ShownTicket:
    """Return the ticket that a request names.

    Raises:
        TicketOfOther: another country showed it.
        TicketUnknown: nobody did.
    """
    with register.work(system(register.partition, "evaluator")) as work:
        shown = work.exchange.shown_tickets.get(country, ticket_id)
        if shown is not None:
            return shown
        if work.exchange.shown_tickets.is_of_another(country, ticket_id):
            raise TicketOfOther(f"ticket {ticket_id} is not for {country}")
    raise TicketUnknown(f"{country} showed no ticket {ticket_id} to {register.partition}")


def sign_ticket(register: Register, ticket: Ticket, *, person: str | None = None) -> str:
    """Return this country's signature of a ticket, by its node's key.

    Args:
        register: of the evaluator.
        ticket: as it was shown.
        person: who of this country says so, opaque; None where the node signs by itself.
    """
    said = TicketSignature(
        iss=register.partition,
        aud=ticket.iss,
        ticket=ticket.id,
        digest=ticket.digest(),
        by="node" if person is None else "person",
        person=person,
        at=instant(register.clock.now()),
    )
    return sign_as(register, Typ.TICKET_SIGNATURE, said)


def sign_as(register: Register, typ: Typ, claims: Ticket | TicketSignature) -> str:
    """Return the compact JWS of a ticket, or of a signature, by this node's key."""
    keys = register.keys
    return jws.sign(canonical.dumps_plain(document(claims)), typ=typ, kid=keys.kid, key=keys.signing)


def ticket_in(compact: str) -> Ticket:
    """Return what a kept ticket says; its signature was checked by whoever kept it, and is not here.

    Raises:
        DocumentRefused: it says nothing of the kind.
    """
    _, _, payload_and_more = compact.partition(".")
    payload = canonical.unb64(payload_and_more.partition(".")[0])
    canonical.loads(payload, len(payload))
    return read(Ticket, payload)


def _begin_ticket(register: Register, work: Work, shown: ShownTicket, ticket: Ticket, allowances: Allowances) -> None:
    """Sign a new ticket or let it wait, and leave a leaf of it."""
    now, asker = register.clock.now(), shown.requester
    why = waits_for(
        ticket,
        now=now,
        signed_today=work.exchange.shown_tickets.signed_today(asker),
        ceiling=allowances.limits.ticket_keys_a_day,
        counted=work.exchange.evaluations.registered_since(asker, first_day(now)),
    )
    if why is None:
        given = sign_ticket(register, ticket)
        work.exchange.shown_tickets.say(shown, "signed", by="node", signature=given)
        work.exchange.shown_tickets.add_signatures(shown, {register.partition: given})
    else:
        work.exchange.shown_tickets.say(shown, "waiting", by=None, reason=why)
    work.exchange.evaluations.note(
        {
            "action": "ticket.signed" if why is None else "ticket.waits",
            "requester": asker,
            "ticket": ticket.id,
            "digest": shown.digest,
            "purpose": ticket.purpose,
            "class": ticket.selector_class,
            "keys_at_most": ticket.keys,
            "decision": why or "by-node",
        }
    )
    country = register.partition.value
    logger().warning("evaluator.ticket", country=country, partner=asker.value, keys=ticket.keys, code=why or "signed")


def _read_taken(work: Work, asker: Partition, ticket_id: UUID) -> Taken:
    shown = work.exchange.shown_tickets.get(asker, ticket_id)
    if shown is None:
        raise TicketUnknown(f"{asker} showed no ticket {ticket_id} to {work.partition}")
    return Taken(shown, work.exchange.evaluations.spent_on(asker, str(ticket_id)))


_SENDING = canonical.domain_hash("rtr/evaluate/ticket/v1", b"")
