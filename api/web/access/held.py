"""A form that waits until its sender has signed in again: what it says, the way to the provider, and on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, Visitor, browser_secret, show, typed_in
from api.web.frame.languages import N_, Text, Words
from api.web.frame.rendering import words_of
from api.web.signals.ours.changes import FORMS
from api.web.signals.ours.wording import FAMILIES
from register.domain.access.caller import FreshSignInNeeded
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.reading import Change
from register.domain.signals.signal import SignalId
from register.errors import NotFound, NotPermitted
from register.services.access.hold_form import Until, read_held_form
from register.services.exchange.keep_tickets import list_tickets
from register.services.exchange.take_tickets import ticket_in
from register.services.signals.protecting.decide_findings import read_finding
from register.services.signals.protecting.lift_protection import read_lifting
from register.services.signals.read_signal import read_dossier
from schemas.signals.finding import FindingOut
from schemas.signals.lifting import LiftingOut

LIFTING: Final = N_("Decide whether a protection is lifted")
FINDING: Final = N_("Decide on a finding")
FIGURE: Final = N_("Attest the figure of thirty days")
TICKET: Final = N_("Sign or refuse a ticket")

router = APIRouter(prefix="/held", include_in_schema=False, route_class=PageRoute)


@router.get("/{held}")
def held_form(request: Request, here: SignedInHere, held: UUID) -> Response:
    """Ask for the sign-in that a form waits for; after it, give the form back to be sent with one press."""
    form = read_held_form(here.register, here.caller, held, browser=browser_secret(request, here.register))
    may_be_sent = True
    if form.until is Until.FRESH:
        try:
            here.register.require_fresh_sign_in(here.caller)
        except FreshSignInNeeded:
            may_be_sent = False
    words = words_of(request, here.register.partition, intake=False)
    action, reference = _what_is_asked(here, words, form.path)
    minutes = -(-here.register.settings.of(here.register.partition).fresh_sign_in_s // 60)
    return show(
        request,
        here,
        "access/held.html",
        held=held,
        form=form,
        action=action,
        reference=reference,
        written=typed_in(form.fields),
        may_be_sent=may_be_sent,
        minutes=minutes,
    )


def _what_is_asked(here: Visitor, words: Words, path: str) -> tuple[Text | None, str]:
    """What a form would do and to which report or ticket, by where it was sent; nothing where that cannot be said.

    Who comes back to a screen that was left open sees what he would send, also where somebody else had typed it. The
    reference is read by his rights of now: they may have changed within the hour.
    """
    match path.split("/"):
        case ["", "ours", signal, change] if change in set(Change):
            try:
                found = read_dossier(here.register, here.caller, SignalId(UUID(signal)))
            except NotFound:
                return FORMS[Change(change)].button, ""
            return FORMS[Change(change)].button, found.signal.reference
        case ["", "liftings", lifting]:
            return _of_a_question(LIFTING, lambda: read_lifting(here.register, here.caller, LiftingId(UUID(lifting))))
        case ["", "findings", finding]:
            return _of_a_question(FINDING, lambda: read_finding(here.register, here.caller, FindingId(UUID(finding))))
        case ["", "tickets", "figure"]:
            return FIGURE, ""
        case ["", "tickets", asker, ticket]:
            return TICKET, _describe_ticket(here, words, asker, ticket)
        case _:
            return None, ""


def _describe_ticket(here: Visitor, words: Words, asker: str, ticket: str) -> str:
    """Whose ticket it is, for how much and for what; nothing where they may read it no more."""
    try:
        found = list_tickets(here.register, here.caller)
    except NotPermitted:
        return ""
    said = next((ticket_in(one.document) for one in found if (one.asker, str(one.id)) == (asker, ticket)), None)
    if said is None:
        return ""
    whose, why = words.label("partition", asker), words.label("ticket_reason", said.reason)
    kind = words.plain(FAMILIES[said.selector_class])
    return words.plain(
        N_("%(country)s, at most %(count)s keys, each of %(kind)s. %(why)s"),
        country=whose, count=words.number(said.keys), kind=kind, why=why,
    )  # fmt: skip


def _of_a_question(decides: Text, read: Callable[[], LiftingOut | FindingOut]) -> tuple[Text, str]:
    try:
        found = read()
    except (NotFound, NotPermitted):
        return decides, ""
    return decides, found.signal if isinstance(found, LiftingOut) else found.reference
