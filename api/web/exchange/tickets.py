"""Tickets for the register unit and the privacy officer: own ones, those that wait for a word here, and the figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.ours.wording import FAMILIES
from api.web.signals.reporting.answers import Fault
from register.domain.access.caller import Task
from register.domain.exchange.tickets import (
    TicketDecided,
    TicketUnknown,
)
from register.pseudonyms.epochs import CLASSES
from register.services.exchange.keep_tickets import ask_ticket, attest_figure, decide_ticket, figure_now, list_tickets
from register.services.exchange.take_tickets import ticket_in
from schemas.codes import Partition, TicketReason, TicketRefusal
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import DAYS_MAX, KEYS_MAX
from schemas.exchange.wire import parse_instant

router = APIRouter(prefix="/tickets", include_in_schema=False, route_class=PageRoute)
PURPOSES: Final = {"register": N_("To register"), "search": N_("To search"), "epoch": N_("For a change of the epoch")}
STATES: Final = {
    "asked": N_("Asked"),
    "waiting": N_("Waits for a person"),
    "signed": N_("Signed"),
    "refused": N_("Refused"),
    "ended": N_("Ended without a word from here"),
}
WAITS: Final = {
    "for-searches": N_("Searches above the limits are for persons."),
    "for-an-epoch": N_("A change of the epoch is for persons."),
    "not-attested": N_("That country's privacy officer has attested no figure with it."),
    "attested-long-ago": N_("That country's privacy officer attested the figure more than a week ago."),
    "much-unpublished": N_("Less than half of what that country had computed lately was published."),
    "less-than-counted-here": N_("The figure that was attested is lower than what was computed here. Call them."),
    "above-a-day": N_("It asks for more than nodes may sign by themselves in a whole day."),
    "day-full": N_("What nodes may sign by themselves in a day is used up."),
}
MOST: Final = {"keys": KEYS_MAX, "rows": KEYS_MAX, "days": DAYS_MAX}
"""The most that each number of the form may be; a report or a row has one key at least."""
_DIGITS: Final = 18
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def tickets(request: Request, here: SignedInHere, done: Done = "") -> Response:
    """All of them, newest first, and the forms to ask and to attest."""
    return _show_page(request, here, done=done)


@router.post("")
def ask(request: Request, post: SentHere) -> Response:
    """Ask for one, or show what to mend."""
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in ("class", "purpose", "keys", "rows", "days", "reason", "persons")}
    faults = []
    if typed["purpose"] not in {EvaluationPurpose.REGISTER, EvaluationPurpose.SEARCH}:
        faults.append(Fault("purpose", N_("Choose what it is for.")))
    if typed["class"] not in CLASSES:
        faults.append(Fault("class", N_("Choose of what the keys are.")))
    numbers = {name: _read_number(typed[name], most) for name, most in MOST.items()}
    for name, given in numbers.items():
        if given is None:
            faults.append(Fault(name, N_("Give a whole number from 1 to %(most)s.", most=MOST[name])))
    if typed["reason"] not in set(TicketReason):
        faults.append(Fault("reason", N_("Choose why more keys are needed.")))
    if faults:
        return _show_page(request, here, faults=faults, typed=typed)
    ask_ticket(
        here.register,
        here.caller,
        purpose=EvaluationPurpose(typed["purpose"]),
        selector_class=typed["class"],
        reason=TicketReason(typed["reason"]),
        by_persons=bool(typed["persons"]),
        once=posted.one("key")[:64] or None,
        **{name: given for name, given in numbers.items() if given is not None},
    )
    return to("/tickets?done=asked")


@router.post("/figure")
def attest(post: SentHere) -> Response:
    """Attest the figure of thirty days as it was shown, as the privacy officer; one that moved is shown again."""
    evaluated, published = (post.posted.one(name) for name in ("evaluated", "published"))
    seen = (int(evaluated), int(published)) if _is_count(evaluated) and _is_count(published) else (-1, -1)
    figure = attest_figure(post.visitor.register, post.visitor.caller, seen=seen)
    return to("/tickets?done=moved" if figure is None else "/tickets?done=attested")


@router.post("/{asker}/{ticket_id}")
def decide(request: Request, post: SentHere, asker: Partition, ticket_id: UUID) -> Response:
    """Sign another country's, or refuse it and say why."""
    here, posted = post.visitor, post.posted
    refusal, why = None, posted.one("reason")
    if posted.one("verdict") != "sign":
        if why not in set(TicketRefusal):
            return _show_page(request, here, faults=[Fault(f"reason-{ticket_id}", N_("Choose why you refuse it."))])
        refusal = TicketRefusal(why)
    try:
        decide_ticket(here.register, here.caller, asker, ticket_id, refusal=refusal)
    except (TicketDecided, TicketUnknown):
        return to("/tickets?done=meanwhile")
    return to("/tickets?done=said")


def _is_count(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= _DIGITS


def _read_number(text: str, most: int) -> int | None:
    """A whole number from 1 on, as typed in digits; None where it is none, or more than may be."""
    if not text.isdecimal() or len(text) > len(str(most)):
        return None
    return int(text) if 1 <= int(text) <= most else None


def _show_page(
    request: Request,
    here: Visitor,
    *,
    done: str = "",
    faults: Sequence[Fault] = (),
    typed: dict[str, str] | None = None,
) -> Response:
    found = [(kept, ticket_in(kept.document)) for kept in list_tickets(here.register, here.caller)]
    return show(
        request,
        here,
        "exchange/tickets.html",
        tickets=found,
        own=here.register.partition,
        done=done,
        faults=list(faults),
        typed=typed or {},
        classes=CLASSES,
        kinds=FAMILIES,
        purposes=PURPOSES,
        states=STATES,
        waits=WAITS,
        decides=here.caller.may(Task.REGISTER),
        figure=figure_now(here.register, here.caller) if here.caller.may(Task.PRIVACY) else None,
        instant=parse_instant,
        key=str(here.register.clock.new_id()),
    )
