"""Tickets: when a node signs one by itself, and what a ticket lets a country have evaluated.

Pure. A ticket goes beyond the limits in one of two ways (pseudonyms.md 9; the figure of thirty days binds):

* signed by three nodes by themselves it lifts the figures of five minutes and of a day, and those of organisation and
  actor. What is evaluated on it counts in the thirty days of its class, and a day has a ceiling of its own. So whoever
  stole a node's key, and says of itself whatever it likes, gains speed and no number more than without;
* signed by persons of three countries it lifts the thirty days too, as far as the ticket says.

What a change of the epoch and what a search asks for is always for persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from register.errors import CallerError, Conflict, NotFound, PartnerError
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import Ticket, TicketSignature, by_country
from schemas.exchange.wire import parse_instant

SIGNATURES_NEEDED: Final = 3
"""Of other countries than the one that asks."""
ATTESTED_FOR: Final = timedelta(days=7)
"""How long an attested figure counts; assumed."""
PUBLISHED_LEAST: Final = 0.5
"""The share of what was evaluated to be published that some partner may have; assumed, since reports are withdrawn."""
LOOKED_AT_FROM: Final = 1_000
"""Keys evaluated in thirty days from which on their share says something: a country that begins has published none."""
UNTOLD_MAX: Final = 0.1
"""The part by which an attested figure may lie below what an evaluator granted: what others did not answer; assumed."""


class TicketUnknown(NotFound):
    """A ticket is named that was never shown here."""

    code = "ticket-unknown"
    advice = (
        "Look it up with `rtr keys ticket list`; whoever asks for it shows it to each evaluator first, with signatures."
    )


class TicketRefused(PartnerError):
    """A ticket does not cover what is asked on it; the kinds below say why, each with a code of its own."""


class TicketOfOther(TicketRefused):
    """A request names another country's ticket."""

    code = "ticket-other-country"
    advice = "A ticket is for the country that asked for it; ask for one of your own."


class TicketForOther(TicketRefused):
    """A ticket is used for another purpose than it was signed for."""

    code = "ticket-other-purpose"
    advice = "A ticket for registrations, for searches or for a change of the epoch is none for the other two."


class TicketOfOtherClass(TicketRefused):
    """A ticket is used for keys of another class than it was signed for."""

    code = "ticket-other-class"
    advice = "Ask for the keys of each class in a request of their own, each on a ticket of its class."


class TicketOfOtherEpoch(TicketRefused):
    """A ticket for a change of the epoch is used for keys of another epoch than the one it leads to."""

    code = "ticket-other-epoch"
    advice = "Have records derived again under the keys of the epoch that the ticket names, and under no others."


class TicketOutOfTime(TicketRefused):
    """A ticket is used before it begins or after it has ended."""

    code = "ticket-out-of-time"
    advice = "Use it between its two moments, by the clock of the evaluator; ask for another one if it has ended."


class TicketNotSigned(TicketRefused):
    """A ticket has fewer than three good signatures at this evaluator."""

    code = "ticket-not-signed"
    advice = "Wait until three have signed it, and send it with their signatures; a revoked key counts no more."


class TicketAltered(TicketRefused):
    """A ticket comes with another content than under its id before, or a signature is over another content."""

    code = "ticket-altered"
    advice = "Send the ticket as it was asked for; what is to be different is a ticket of its own."


class TicketsTooMany(PartnerError):
    """A country shows more tickets than an evaluator keeps of those that have not ended."""

    code = "tickets-too-many"
    advice = "Wait until one has ended; a ticket may be for many rows, and runs for thirty days at most."


class TicketFormRefused(CallerError):
    """What is asked for is no ticket."""

    code = "ticket-form-refused"
    advice = "Correct what the message names: class, keys, rows, and at most thirty days."


class TicketDecided(Conflict):
    """A ticket was signed or refused before; what was said stays."""

    code = "ticket-decided"
    advice = "Nothing to do: `rtr keys ticket list` shows what was said, and when."


class Wait(StrEnum):
    """Why no node signs a ticket by itself."""

    SEARCH = "for-searches"
    EPOCH = "for-an-epoch"
    UNATTESTED = "not-attested"
    OLD = "attested-long-ago"
    UNPUBLISHED = "much-unpublished"
    UNTOLD = "less-than-counted-here"
    ABOVE_DAY = "above-a-day"
    DAY_FULL = "day-full"


@dataclass(frozen=True, slots=True)
class Presented:
    """A ticket that has its three signatures.

    Attributes:
        by_persons: three of them are persons'.
    """

    ticket: Ticket
    by_persons: bool


def waits_for(ticket: Ticket, *, now: datetime, signed_today: int, ceiling: int, counted: int) -> Wait | None:
    """Why a ticket waits for a person at an evaluator; None where its node signs by itself.

    Args:
        ticket: whose signature was found good.
        now: aware.
        signed_today: keys of the country's tickets that this node signed by itself today.
        ceiling: of those, as the five agreed (`ticket_keys_a_day`).
        counted: keys that this evaluator granted the country in thirty days to register and publish.
    """
    if ticket.purpose is EvaluationPurpose.SEARCH:
        return Wait.SEARCH
    if ticket.purpose is EvaluationPurpose.EPOCH:
        return Wait.EPOCH
    figure = ticket.attested
    if figure is None:
        return Wait.UNATTESTED
    if not now - ATTESTED_FOR <= parse_instant(figure.at) <= now + timedelta(minutes=5):
        return Wait.OLD
    if figure.evaluated >= LOOKED_AT_FROM and figure.published < PUBLISHED_LEAST * figure.evaluated:
        return Wait.UNPUBLISHED
    # The figure is the asking node's word; what this evaluator granted is its own book.
    if counted >= LOOKED_AT_FROM and figure.evaluated < (1 - UNTOLD_MAX) * counted:
        return Wait.UNTOLD
    if ticket.keys > ceiling:
        return Wait.ABOVE_DAY
    return Wait.DAY_FULL if signed_today + ticket.keys > ceiling else None


def present_ticket(ticket: Ticket, signatures: Iterable[TicketSignature]) -> Presented:
    """Return a ticket with what its signatures make of it.

    Args:
        ticket: as it was asked for.
        signatures: each found good, by a key of the country that it names.

    Raises:
        TicketNotSigned: fewer than three other countries signed exactly this, or fewer than three persons did where
            only persons sign.
    """
    of = by_country(one for one in signatures if is_covering(one, ticket))
    if len(of) < SIGNATURES_NEEDED:
        raise TicketNotSigned(f"ticket {ticket.id} has {len(of)} of {SIGNATURES_NEEDED} signatures")
    by_persons = sum(one.by == "person" for one in of.values()) >= SIGNATURES_NEEDED
    if ticket.purpose is not EvaluationPurpose.REGISTER and not by_persons:
        raise TicketNotSigned(f"ticket {ticket.id} to {ticket.purpose} is for persons of {SIGNATURES_NEEDED} countries")
    return Presented(ticket, by_persons)


def is_covering(signature: TicketSignature, ticket: Ticket) -> bool:
    """Whether a signature is over exactly this ticket."""
    said = (signature.aud, signature.ticket, signature.digest)
    return said == (ticket.iss, ticket.id, ticket.digest())


def check_use(
    ticket: Ticket, country: Partition, purpose: EvaluationPurpose, key_ids: Collection[str], now: datetime
) -> None:
    """Do nothing if a ticket is for what is asked.

    Args:
        ticket: as presented.
        country: that asks.
        purpose: for which.
        key_ids: `class/eN`, of each batch.
        now: aware, by the evaluator's clock.

    Raises:
        TicketRefused: by its kind what does not fit.
    """
    if country is not ticket.iss:
        raise TicketOfOther(f"ticket {ticket.id} is not for {country}")
    if purpose is not ticket.purpose:
        raise TicketForOther(f"ticket {ticket.id} is for {ticket.purpose}, and this is to {purpose}")
    if any(_class_of(one) != ticket.selector_class for one in key_ids):
        raise TicketOfOtherClass(f"ticket {ticket.id} is for keys of {ticket.selector_class} only")
    if ticket.key_id is not None and any(one != ticket.key_id for one in key_ids):
        raise TicketOfOtherEpoch(f"ticket {ticket.id} is for epoch {ticket.epoch} only")
    if not parse_instant(ticket.first) <= now < parse_instant(ticket.until):
        raise TicketOutOfTime(f"ticket {ticket.id} is from {ticket.first} until {ticket.until}")


def _class_of(key_id: str) -> str:
    return key_id.partition("/")[0]
