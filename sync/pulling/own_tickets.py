"""This country's own tickets: shown to each evaluator, and signatures given to all (README, "Tickets")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.tickets import SIGNATURES_NEEDED, TicketAltered
from register.domain.partition import others
from register.errors import PartnerError
from register.logs import logger
from register.services.exchange.take_tickets import ticket_in
from schemas import canonical
from schemas.canonical import DocumentRefused, dumps_plain
from schemas.codes import Partition
from schemas.exchange.tickets import Ticket, TicketAnswer, TicketAsked
from schemas.exchange.wire import document, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.ticket import read_signature
from sync.protocol.refusals import Malformed
from sync.pulling.tickets import BODY_MAX, PATH
from sync.transport.partner import PartnerHttp
from sync.trust import VERIFIER

TURNS = 2
"""One to gather signatures, one to give them to those that answered before the others."""
Answers = dict[str, dict[str, Any]]


def pursue_tickets(register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> int:
    """Show each own ticket that has not ended to the evaluators, until all have what makes it count.

    Who cannot be reached is asked at the next turn; nothing waits for it.

    Returns:
        How many tickets changed.
    """
    caller = system(register.partition, "worker")
    with register.work(caller) as work:
        waiting = [one for one in work.tickets.own_open() if not _done(one.answers)]
    changed = 0
    for kept in waiting:
        try:
            said = ticket_in(kept.document)
        except DocumentRefused as refused:  # written beside the register; it must not stop the others
            logger().error("ticket.damaged", partition=register.partition, object_id=str(kept.id), code=refused.code)
            continue
        before: Answers = {country: dict(given) for country, given in kept.answers.items()}
        answers = dict(before)
        for _ in range(TURNS):
            for partner in others(register.partition):
                if not answers.get(partner, {}).get("counts"):
                    _show(http, rosters(), said, kept.document, partner, answers)
        if answers != before:
            signed = len(_holding(answers, said, rosters())) >= SIGNATURES_NEEDED
            with register.work(caller) as work:
                work.tickets.answered(kept.id, answers, "signed" if signed else kept.state)
                work.audit.note(
                    "ticket.answered", str(kept.id), **{one: given["state"] for one, given in sorted(answers.items())}
                )
            changed += 1
    return changed


def _show(
    http: PartnerHttp, rosters: Rosters, ticket: Ticket, compact: str, partner: Partition, answers: Answers
) -> None:
    asked = TicketAsked(ticket=compact, signatures=_holding(answers, ticket, rosters))
    try:
        answer = _read(http.post(partner, PATH, dumps_plain(document(asked))).body, partner)
        if answer.signature is not None:
            found = read_signature(answer.signature.encode(), ticket, rosters, VERIFIER)
            if found.iss is not partner:
                raise TicketAltered(f"{partner} gave the signature of {found.iss} as its own")
    except PartnerError as refusal:
        logger().warning("ticket.not-answered", partner=partner.value, object_id=ticket.id, code=refusal.code)
        return
    answers[partner.value] = {
        "state": answer.state, "reason": answer.reason, "signature": answer.signature, "counts": answer.counts,
    }  # fmt: skip


def _holding(answers: Answers, ticket: Ticket, rosters: Rosters) -> tuple[str, ...]:
    """The signatures that hold today: an evaluator refuses all for one whose key was revoked since."""
    found = []
    for said in answers.values():
        with suppress(PartnerError):
            if said.get("signature") is not None:
                read_signature(said["signature"].encode(), ticket, rosters, VERIFIER)
                found.append(said["signature"])
    return tuple(found)


def _read(body: bytes, partner: Partition) -> TicketAnswer:
    try:
        canonical.loads(body, BODY_MAX)
        return read(TicketAnswer, body)
    except DocumentRefused as refusal:
        raise Malformed(f"{partner} answered what is no answer on a ticket: {refusal}") from refusal


def _done(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    return sum(bool(said.get("counts")) for said in answers.values()) == len(Partition) - 1
