"""This country's own tickets: shown to each evaluator, and signatures given to all (README, "Tickets")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm
from register.domain.access.caller import system
from register.domain.exchange.limits import Allowances
from register.domain.exchange.tickets import SIGNATURES_NEEDED, TicketAltered
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.errors import PartnerError
from register.logs import logger
from register.services.exchange.take_tickets import ticket_in
from schemas import canonical
from schemas.canonical import DocumentRefused, dumps_plain
from schemas.codes import AlarmKind, Partition
from schemas.exchange.tickets import Ticket, TicketAnswer, TicketAsked, TicketsShown
from schemas.exchange.wire import document, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.ticket import read_signature
from sync.protocol.refusals import Malformed
from sync.pulling.tickets import BODY_MAX, PATH
from sync.transport.partner import PartnerHttp
from sync.trust import VERIFIER

LIST_MAX: Final = 65_536
"""Bytes of what an evaluator tells of the tickets in this country's name."""
TURNS = 2
"""One to gather signatures, one to give them to those that answered before the others."""
LOOKED_EVERY: Final = timedelta(hours=1)
"""A ticket that nobody here asked on is looked at all the same: somebody else may hold this node's key."""
Answers = dict[str, dict[str, Any]]


def pursue_tickets(register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> int:
    """Show each own ticket that has not ended to the evaluators, until all have what makes it count.

    After it was asked on, and every hour, it is shown again, to learn how much each has used of it: that is the only
    count of it that there is. Who cannot be reached is asked at the next turn; nothing waits for it.

    Returns:
        How many tickets changed.
    """
    caller = system(register.partition, "worker")
    with register.work(caller) as work:
        waiting = work.exchange.tickets.own_open()
    changed = 0
    for kept in waiting:
        begun = register.clock.now()
        look = _is_due(kept.looked_at, kept.asked_on, begun)
        if _is_used_up(kept.answers) and not look:
            continue
        try:
            said = ticket_in(kept.document)
        except DocumentRefused as refused:  # written beside the register; it must not stop the others
            logger().error("ticket.damaged", partition=register.partition, object_id=str(kept.id), code=refused.code)
            continue
        before: Answers = {country: dict(given) for country, given in kept.answers.items()}
        answers = dict(before)
        counted = [one for one in others(register.partition) if look and before.get(one, {}).get("counts")]
        told = [_show_ticket_to(http, rosters(), said, kept.document, partner, answers) for partner in counted]
        for _ in range(TURNS):
            for partner in others(register.partition):
                if not answers.get(partner, {}).get("counts"):
                    _show_ticket_to(http, rosters(), said, kept.document, partner, answers)
        if answers != before or (look and all(told)):
            signed = len(_list_holding_signatures(answers, said, rosters())) >= SIGNATURES_NEEDED
            with register.work(caller) as work:
                state = "signed" if signed else kept.state
                work.exchange.tickets.answered(kept.id, answers, state, looked_at=begun if look and all(told) else None)
                if _list_ticket_steps(answers) != _list_ticket_steps(before):
                    states = {one: given["state"] for one, given in sorted(answers.items())}
                    work.running.audit.note(AuditAction.TICKET_ANSWERED, str(kept.id), **states)
        changed += answers != before
    return changed


def look_for_unasked(register: Register, http: PartnerHttp) -> int:
    """Ask each evaluator which tickets were shown to it in this country's name; one that is not in the book rings.

    Whoever stole the node's key shows its own straight to the evaluators, and persons there may sign them: the country
    in whose name it is must hear of it, whoever of them it was shown to. Each rings by itself, and once.

    Returns:
        How many were not asked for here.
    """
    caller, unasked = system(register.partition, "worker"), 0
    for evaluator in others(register.partition):
        try:
            shown = _read_shown_list(http.get(evaluator, PATH).body, evaluator)
        except PartnerError as refusal:
            logger().warning("tickets.not-listed", partner=evaluator.value, code=refusal.code)
            continue
        with register.work(caller) as work:
            for one in shown.tickets:
                kept = work.exchange.tickets.get(register.partition, UUID(one.ticket))
                if kept is not None and _is_same_ticket(kept.document, one.digest):
                    continue
                unasked += 1
                about = f"{evaluator}/{one.ticket}"
                alarm = Alarm(kind=AlarmKind.TICKET_UNASKED, whose="ticket", about=about)
                if work.access.alarms.ring(alarm):
                    work.running.audit.note(
                        AuditAction.TICKET_UNASKED, one.ticket, evaluator=evaluator.value, digest=one.digest
                    )
    return unasked


def _is_same_ticket(kept: str, digest: str) -> bool:
    try:
        return ticket_in(kept).digest() == digest
    except DocumentRefused:  # whatever stands there was not asked for by the register
        return False


def _read_shown_list(body: bytes, partner: Partition) -> TicketsShown:
    try:
        canonical.loads(body, LIST_MAX)
        return read(TicketsShown, body)
    except DocumentRefused as refusal:
        raise Malformed(f"{partner} answered what is no list of tickets: {refusal}") from refusal


def _is_due(looked_at: datetime | None, asked_on: datetime | None, now: datetime) -> bool:
    """Whether evaluators are to be asked what is used of a ticket."""
    if looked_at is None or now - looked_at >= LOOKED_EVERY:
        return True
    return asked_on is not None and looked_at <= asked_on


def _list_ticket_steps(answers: Answers) -> dict[str, Any]:
    """What is a step of a ticket; how much of it is used is none."""
    return {country: (one["state"], one["reason"], one["counts"]) for country, one in answers.items()}


def _show_ticket_to(
    http: PartnerHttp, rosters: Rosters, ticket: Ticket, compact: str, partner: Partition, answers: Answers
) -> bool:
    """Keep what one evaluator answers; False where it gives no answer that holds."""
    asked = TicketAsked(ticket=compact, signatures=_list_holding_signatures(answers, ticket, rosters))
    try:
        answer = _read_answer(http.post(partner, PATH, dumps_plain(document(asked))).body, partner)
        if answer.signature is not None:
            found = read_signature(answer.signature.encode(), ticket, rosters, VERIFIER)
            if found.iss is not partner:
                raise TicketAltered(f"{partner} gave the signature of {found.iss} as its own")
    except PartnerError as refusal:
        logger().warning("ticket.not-answered", partner=partner.value, object_id=ticket.id, code=refusal.code)
        return False
    answers[partner.value] = {
        "state": answer.state, "reason": answer.reason, "signature": answer.signature, "counts": answer.counts,
        "takes": Allowances(rosters.newest.limits).part_of(ticket.keys), "used": answer.used,
    }  # fmt: skip
    return True


def _list_holding_signatures(answers: Answers, ticket: Ticket, rosters: Rosters) -> tuple[str, ...]:
    """The signatures that hold today: an evaluator refuses all for one whose key was revoked since."""
    found = []
    for said in answers.values():
        with suppress(PartnerError):
            if said.get("signature") is not None:
                read_signature(said["signature"].encode(), ticket, rosters, VERIFIER)
                found.append(said["signature"])
    return tuple(found)


def _read_answer(body: bytes, partner: Partition) -> TicketAnswer:
    try:
        canonical.loads(body, BODY_MAX)
        return read(TicketAnswer, body)
    except DocumentRefused as refusal:
        raise Malformed(f"{partner} answered what is no answer on a ticket: {refusal}") from refusal


def _is_used_up(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    return sum(bool(said.get("counts")) for said in answers.values()) == len(Partition) - 1
