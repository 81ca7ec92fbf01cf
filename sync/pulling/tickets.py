"""Tickets between nodes: shown at an evaluator's door, and found again by a request that names one (README, "Tickets").

Whose signature holds is decided here, by the roster of the moment; what becomes of a ticket, by the services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.exchange.limits import Allowances
from register.domain.exchange.tickets import Presented, TicketNotSigned, present_ticket
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.errors import UnknownKey
from register.pseudonyms.evaluation import ShareSet
from register.services.exchange.evaluate_batch import FindTicket
from register.services.exchange.take_tickets import Taken, find_shown, look_at_ticket, take_ticket, ticket_in
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.tickets import TicketAnswer, TicketAsked
from schemas.exchange.wire import read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.ticket import good_signatures, read_signature, read_ticket
from sync.protocol.refusals import Malformed
from sync.trust import VERIFIER

PATH: Final = "/evaluate/v1/tickets"
"""A ticket is shown there; asked there, all that were shown in one's own name are told."""
BODY_MAX: Final = 32_768
"""Bytes of what shows a ticket: it and four signatures."""


def take_shown(
    register: Register,
    caller: Caller,
    partner: Partition,
    rosters: Rosters,
    body: bytes,
    *,
    allowances: Allowances,
    shares: ShareSet,
    jti: UUID,
) -> TicketAnswer:
    """Take what a partner shows, and say how it stands with it.

    Args:
        register: of the country that evaluates.
        caller: the partner, with the function `evaluator`.
        partner: who asks.
        rosters: those known here.
        body: a `TicketAsked`.
        allowances: what this evaluator's settings leave of what is agreed.
        shares: of this evaluator.
        jti: of the signed request.

    Raises:
        Malformed, PartnerError: it is no such document, or a signature does not hold; nothing was kept.
        UnknownKey: there is no such class, or it leads to an epoch of which no key is held here.
        TicketAltered, TicketsTooMany, RequestReplayed: as `take_ticket`.
    """
    try:
        canonical.loads(body, BODY_MAX)
        asked = read(TicketAsked, body)
    except DocumentRefused as refusal:
        raise Malformed(f"{partner} sent a body that is refused: {refusal}") from refusal
    ticket = read_ticket(asked.ticket.encode(), partner, rosters, VERIFIER)
    # Nobody is asked to sign what nothing can be used with: a class that there is not, an epoch without a key.
    epoch = EPOCHS.get(ticket.selector_class)
    if epoch is None:
        raise UnknownKey(f"there are no keys of the class that {partner} asks for")
    shares.public(ticket.key_id or f"{ticket.selector_class}/e{epoch}")
    brought = {read_signature(one.encode(), ticket, rosters, VERIFIER).iss: one for one in asked.signatures}
    taken = take_ticket(register, caller, ticket, asked.ticket, brought, allowances=allowances, jti=jti)
    return _build_answer(taken, rosters)


def look_at_shown(
    register: Register, caller: Caller, partner: Partition, rosters: Rosters, ticket_id: UUID, *, jti: UUID
) -> TicketAnswer:
    """Say how it stands with a ticket that a partner showed before.

    Raises:
        TicketUnknown, RequestReplayed: as `look_at_ticket`.
    """
    return _build_answer(look_at_ticket(register, caller, partner, ticket_id, jti=jti), rosters)


def tickets_of(register: Register, rosters: Callable[[], Rosters]) -> FindTicket:
    """The way to the tickets that this evaluator was shown; each signature is looked at by the roster of the moment."""

    def find(country: Partition, ticket_id: UUID) -> Presented:
        shown = find_shown(register, country, ticket_id)
        ticket = ticket_in(shown.document)
        kept = [one.encode() for one in shown.signatures.values()]
        return present_ticket(ticket, good_signatures(kept, ticket, rosters(), VERIFIER))

    return find


def _build_answer(taken: Taken, rosters: Rosters) -> TicketAnswer:
    shown = taken.shown
    ticket = ticket_in(shown.document)
    try:
        present_ticket(
            ticket, good_signatures([one.encode() for one in shown.signatures.values()], ticket, rosters, VERIFIER)
        )
        counts = True
    except TicketNotSigned:
        counts = False
    said = {"state": shown.state, "reason": shown.reason, "signature": shown.signature}
    return TicketAnswer.model_validate({"ticket": ticket.id, "counts": counts, "used": taken.used, **said})
