"""Tickets at home: ask for one, attest the figure, sign or refuse another's, and bring each from and to the evaluator.

Each step is a leaf of the audit log. Pages and commands reach no table of the evaluator: the worker carries between the
two, and a signature only that this node's key made of this very ticket, and a refusal only that was sealed for who said
it, when and why: whoever has a page's log-in can do neither in somebody's name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from register.core import Register
from register.domain.access.alarm import Alarm, rows_differ
from register.domain.access.caller import Caller, Task, system
from register.domain.exchange.balance import SPAN, derive_balance
from register.domain.exchange.tickets import (
    ATTESTED_FOR,
    TicketDecided,
    TicketFormRefused,
    TicketUnknown,
    is_covering,
)
from register.domain.running.audit_action import AuditAction
from register.domain.running.to_do import ticket_waits
from register.keys import jws
from register.keys.jws import SignedDocumentRefused
from register.logs import logger
from register.pseudonyms.asker import PARTNERS_NEEDED
from register.pseudonyms.epochs import CLASSES
from register.services.exchange.evaluate_batch import own_shares
from register.services.exchange.take_tickets import sign_as, sign_ticket, ticket_in
from register.store.exchange.evaluating.shown_tickets import ShownTicket
from register.store.exchange.evaluating.tickets import Figure, KeptTicket
from register.store.work import Work
from schemas.canonical import DocumentRefused, dumps, dumps_plain
from schemas.codes import AlarmKind, Partition, TicketReason, TicketRefusal
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import Attested, Ticket, TicketSignature
from schemas.exchange.wire import Typ, document, instant, read


def ask_ticket(
    register: Register,
    caller: Caller,
    *,
    purpose: EvaluationPurpose,
    selector_class: str,
    keys: int,
    rows: int,
    days: int,
    reason: TicketReason,
    epoch: int | None = None,
    by_persons: bool = False,
    once: str | None = None,
) -> Ticket:
    """Ask for a ticket; the worker shows it to the evaluators within a minute.

    Args:
        register: of the country that asks.
        caller: the register unit, or the operator at the node.
        purpose: for which.
        selector_class: of which class the keys are.
        keys: at most so many.
        rows: how many reports or rows they are of.
        days: from now on.
        reason: why; other countries keep it.
        epoch: of a change of the epoch, the one it leads to.
        by_persons: ask persons abroad, whether nodes would sign or not: only their word lifts the thirty days.
        once: names the form that asks, so that the same of the same form is asked once however often it comes.

    Raises:
        TaskMissing: neither the register unit nor the node itself.
        TicketFormRefused: says what is wrong, never what was typed.
        UnknownKey: this country holds no key of the epoch that it leads to: a ceremony comes first.
    """
    _require_unit(caller)
    now = register.clock.now()
    if selector_class not in CLASSES:
        raise TicketFormRefused(f"expected one of the classes {', '.join(CLASSES)}")

    def make(work: Work) -> Ticket:
        figure = None if by_persons or purpose is not EvaluationPurpose.REGISTER else work.exchange.tickets.attested()
        fresh = figure is not None and figure.at >= now - ATTESTED_FOR
        try:
            ticket = Ticket(
                id=str(register.clock.new_id()),
                iss=register.partition,
                purpose=purpose,
                selector_class=selector_class,
                epoch=epoch,
                keys=keys,
                rows=rows,
                first=instant(now),
                until=instant(now + timedelta(days=days)),
                reason=reason,
                attested=_build_attested(figure) if figure is not None and fresh else None,
                at=instant(now),
            )
        except ValidationError as refused:
            raise TicketFormRefused(_name_refused_fields(refused)) from None
        if ticket.key_id is not None:
            own_shares(register.keys).public(ticket.key_id)
        work.exchange.tickets.keep(ticket, sign_as(register, Typ.TICKET, ticket), state="asked", by=caller.actor)
        work.running.audit.note(AuditAction.TICKET_ASKED, ticket.id, **_list_ticket_facts(ticket))
        return ticket

    if once is None:
        with register.work(caller) as work:
            return make(work)
    asked = dumps([purpose.value, selector_class, keys, rows, days, reason, epoch, by_persons])
    # Of what was changed in the form it is asked anew.
    key = f"ticket/{once}/{register.keys.fingerprint(asked).hex()}"
    return read(Ticket, register.once(caller, key, asked, lambda work: dumps_plain(document(make(work)))))


def list_tickets(register: Register, caller: Caller) -> list[KeptTicket]:
    """Return the newest tickets, own and others'; not what is none, which somebody wrote beside the register.

    Raises:
        TaskMissing: neither the register unit, nor the privacy officer, nor the node itself.
    """
    if caller.kind != "system" and not caller.may(Task.PRIVACY):
        caller.require(Task.REGISTER)
    with register.work(caller) as work:
        found = [one for one in work.exchange.tickets.all() if _says_something(register, one)]
        work.running.audit.note(AuditAction.TICKET_LISTED, "-", count=len(found))
    return found


def _says_something(register: Register, kept: KeptTicket) -> bool:
    try:
        ticket_in(kept.document)
    except DocumentRefused as refused:
        logger().error("ticket.damaged", partition=register.partition, object_id=str(kept.id), code=refused.code)
        return False
    return True


def decide_ticket(
    register: Register, caller: Caller, asker: Partition, ticket_id: UUID, *, refusal: TicketRefusal | None = None
) -> KeptTicket:
    """Sign another country's ticket as a person of this one, or refuse it and say why.

    Raises:
        TaskMissing: neither the register unit nor the operator at the node.
        FreshSignInNeeded: at a page.
        TicketUnknown: none of that country waits here.
        TicketDecided: somebody said something of it before, or its node did.
    """
    _require_unit(caller)
    if caller.kind == "person":
        register.require_fresh_sign_in(caller)
    with register.work(caller) as work:
        kept = work.exchange.tickets.get(asker, ticket_id)
        if kept is None or asker is register.partition:
            raise TicketUnknown(f"no ticket {ticket_id} of {asker} waits here")
        ticket = ticket_in(kept.document)
        signature = None
        if refusal is None:
            signature = sign_ticket(register, ticket, person=register.keys.hide_actor(caller.actor))
        state = "refused" if signature is None else "signed"
        if not work.exchange.tickets.decide(
            asker, ticket_id, state, by=caller.actor, reason=refusal, signature=signature
        ):
            raise TicketDecided(f"ticket {ticket_id} of {asker} was {kept.state} before")
        work.running.to_do.bring(ticket_waits(ticket_id, asker, waits=False))
        said = AuditAction.TICKET_REFUSED if signature is None else AuditAction.TICKET_SIGNED
        work.running.audit.note(said, str(ticket_id), asker=asker.value, digest=ticket.digest(), by="person")
        decided = work.exchange.tickets.get(asker, ticket_id)
    return decided or kept


def figure_now(register: Register, caller: Caller) -> tuple[int, int]:
    """Return what a word now would attest: what was evaluated in thirty days to be published, and what of it is.

    Raises:
        TaskMissing: it is for the privacy officer.
    """
    caller.require(Task.PRIVACY)
    with register.work(caller) as work:
        found = _count_balance(register, work)
        work.running.audit.note(AuditAction.TICKET_FIGURE_READ, "-", evaluated=found[0], published=found[1])
    return found


def attest_figure(register: Register, caller: Caller, *, seen: tuple[int, int]) -> Figure | None:
    """Attest, as the country's own supervisor, what was evaluated in thirty days and what of it is published.

    Args:
        register: of the country.
        caller: the privacy officer.
        seen: the two as they were shown to them (`figure_now`).

    Returns:
        What was attested; None where it is not what was seen any more, and nothing was.

    Raises:
        TaskMissing: it is the privacy officer's word.
        FreshSignInNeeded: theirs, now.
    """
    caller.require(Task.PRIVACY)
    register.require_fresh_sign_in(caller)
    with register.work(caller) as work:
        if (found := _count_balance(register, work)) != seen:
            return None
        by = register.keys.hide_actor(caller.actor)
        figure = work.exchange.tickets.attest(*found, by)
        work.running.audit.note(
            AuditAction.TICKET_FIGURE_ATTESTED, "-", evaluated=figure.evaluated, published=figure.published
        )
    return figure


def _count_balance(register: Register, work: Work) -> tuple[int, int]:
    registered = work.exchange.reconciling.registered(register.clock.now() - SPAN, needed=PARTNERS_NEEDED)
    found = derive_balance(registered, work.signals.own_tokens.published({report for report, _, _ in registered}))
    return found.to_publish, found.published


def bring_tickets(register: Register) -> int:
    """Bring what the evaluator was shown to this country's people, and what they said back; return how many moved.

    What a node signed by itself rings, too: it is how partners' desks see that a country asks for more. What has ended
    without a word waits for nobody any more.
    """
    moved = 0
    with register.work(system(register.partition, "worker")) as work:
        _tell_forged_figures(work)
        for shown in work.exchange.shown_tickets.all(until=register.clock.now()):
            moved += _take_shown_ticket(work, shown)
            if (told := work.exchange.tickets.get(shown.requester, shown.id)) is not None:
                work.exchange.tickets.keep_used(
                    told, work.exchange.evaluations.spent_on(shown.requester, str(shown.id))
                )
        for kept in work.exchange.tickets.to_carry():
            known = work.exchange.shown_tickets.get(kept.asker, kept.id)
            if known is not None and not _can_be_carried(register, work, kept, known):
                work.exchange.tickets.reopen(kept.asker, kept.id)
                work.running.to_do.bring(ticket_waits(kept.id, kept.asker))
                work.running.audit.note(AuditAction.TICKET_NOT_SIGNED, str(kept.id), asker=kept.asker.value)
                work.access.alarms.ring(rows_differ("ticket"))
                continue
            if known is not None:
                said = work.exchange.shown_tickets.say(
                    known, kept.state, by="person", reason=kept.reason, signature=kept.signature
                )
                if said and kept.signature is not None:
                    work.exchange.shown_tickets.add_signatures(known, {register.partition: kept.signature})
            work.exchange.tickets.carried(kept.asker, kept.id)
            moved += 1
        for asker, ended in work.exchange.tickets.end_unanswered():
            work.running.to_do.bring(ticket_waits(ended, asker, waits=False))
            work.running.audit.note(AuditAction.TICKET_ENDED, str(ended), asker=asker.value)
    return moved


def _tell_forged_figures(work: Work) -> None:
    """Ring where somebody wrote attested figures beside the register: one alarm, which names how many, at a time.

    What comes after it was acknowledged rings anew, and what stood then does not.
    """
    forged = work.exchange.tickets.figures_forged()
    ringing = any(
        about.startswith("attested_figure/") for about in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
    )
    if not forged or ringing:
        return
    if work.access.alarms.ring(rows_differ(f"attested_figure/{len(forged)}/{forged[0]}")):
        work.running.audit.note(AuditAction.TICKET_FIGURE_NOT_SEALED, str(forged[0]), number=len(forged))


def _can_be_carried(register: Register, work: Work, kept: KeptTicket, known: ShownTicket) -> bool:
    """Whether a person said it: signed by this node's key the ticket that the evaluator has, or refused it sealed.

    Whoever writes rows beside the program can neither sign nor seal.
    """
    keys = register.keys
    try:
        if kept.state == "refused":
            return kept.reason in set(TicketRefusal) and work.exchange.tickets.is_refused(kept)
        found = jws.verify(kept.signature or "", typ=Typ.TICKET_SIGNATURE, keys={keys.kid: keys.signing.public()})
        said = read(TicketSignature, found.payload)
    except (SignedDocumentRefused, DocumentRefused):
        return False
    return said.by == "person" and is_covering(said, ticket_in(known.document))


def _take_shown_ticket(work: Work, shown: ShownTicket) -> int:
    try:
        ticket = ticket_in(shown.document)
    except DocumentRefused:  # of a release whose tickets said other things: it runs out
        return 0
    waits = shown.state == "waiting"
    if not work.exchange.tickets.keep(ticket, shown.document, state=shown.state, by=shown.requester, wait=shown.reason):
        return 0
    if waits:
        work.running.to_do.bring(ticket_waits(shown.id, shown.requester))
    # Each by itself: who is told "27 times" knows of none of them.
    about = f"{shown.requester}/{shown.id}"
    work.access.alarms.ring(Alarm(kind=AlarmKind.PARTNER_ASKS_TICKET, whose="ticket", about=about))
    work.running.audit.note(
        AuditAction.TICKET_WAITS if waits else AuditAction.TICKET_SIGNED,
        ticket.id,
        asker=shown.requester.value,
        by="-" if waits else "node",
        **_list_ticket_facts(ticket),
    )
    return 1


def _require_unit(caller: Caller) -> None:
    if caller.kind != "system":
        caller.require(Task.REGISTER)


def _build_attested(figure: Figure) -> Attested:
    return Attested(evaluated=figure.evaluated, published=figure.published, by=figure.by, at=instant(figure.at))


def _list_ticket_facts(ticket: Ticket) -> dict[str, Any]:
    return {
        "digest": ticket.digest(),
        "purpose": ticket.purpose.value,
        "selector_class": ticket.selector_class,
        "keys_at_most": ticket.keys,
        "rows": ticket.rows,
        "until": ticket.until,
    }


def _name_refused_fields(refused: ValidationError) -> str:
    names = sorted({".".join(map(str, one["loc"])) or "its times" for one in refused.errors(include_input=False)})
    return f"not as a ticket has it: {', '.join(names)}"
