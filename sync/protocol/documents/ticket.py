"""Tickets and their signatures: each signed by the node of the country that it names, under a key active today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from register.domain.exchange.tickets import TicketAltered, is_covering
from register.errors import PartnerError
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.tickets import Ticket, TicketSignature
from schemas.exchange.wire import Typ, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Verifier
from sync.protocol.refusals import Malformed, WrongIssuer

T = TypeVar("T", Ticket, TicketSignature)


def read_ticket(jws: bytes, asker: Partition, rosters: Rosters, verifier: Verifier) -> Ticket:
    """Return the ticket that a country asks for.

    Raises:
        PartnerError: what the verifier refuses, key-not-active, key-revoked, wrong-issuer or malformed.
    """
    found = _read_signed(jws, Typ.TICKET, Ticket, rosters, verifier)
    if found.iss is not asker:
        raise WrongIssuer(f"expected a ticket of {asker}; it is of {found.iss}")
    return found


def read_signature(jws: bytes, ticket: Ticket, rosters: Rosters, verifier: Verifier) -> TicketSignature:
    """Return what an evaluator signed of exactly this ticket.

    Raises:
        TicketAltered: it is over another one, or another content.
        PartnerError: as `read_ticket`.
    """
    found = _read_signed(jws, Typ.TICKET_SIGNATURE, TicketSignature, rosters, verifier)
    if not is_covering(found, ticket):
        raise TicketAltered(f"{found.iss} signed something else than ticket {ticket.id} as it is")
    return found


def good_signatures(
    kept: Iterable[bytes], ticket: Ticket, rosters: Rosters, verifier: Verifier
) -> list[TicketSignature]:
    """Of what is kept, the signatures that hold today: a key that was revoked since signs nothing any more."""
    found = []
    for jws in kept:
        try:
            found.append(read_signature(jws, ticket, rosters, verifier))
        except PartnerError:
            continue
    return found


def _read_signed(jws: bytes, typ: Typ, model: type[T], rosters: Rosters, verifier: Verifier) -> T:
    verified = verifier.verify(jws, typ=typ, keys=rosters.signing_keys())
    signer = rosters.country_of(verified.kid)
    rosters.check_signed(verified.kid, rosters.newest.number, new=True)
    if verified.claims.get("iss") != signer:
        raise WrongIssuer(f"a {typ} that names another country than {signer}, whose key signed it")
    try:
        return read(model, canonical.dumps(verified.claims))
    except DocumentRefused as refusal:
        raise Malformed(str(refusal)) from refusal
