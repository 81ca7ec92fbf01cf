"""How is asked: the privacy officer's pages, with what rang, the searches that were drawn, and evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.ours.wording import families_of
from api.web.signals.reporting.answers import Fault
from register.domain.access.alarm import AlreadySaid
from register.services.access.oversee_asking import acknowledge_alarm, list_overseen, tick_search
from register.services.access.oversee_evaluations import look_at_evaluations
from schemas.access.privacy import AcknowledgeIn, TickIn
from schemas.codes import SampleVerdict
from schemas.form import NOTE_MAX

router = APIRouter(prefix="/privacy", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
WHOSE: Final = {
    "person": N_("Person"),
    "own": N_("Person, in the own register"),
    "case": N_("Case"),
    "organisation": N_("Organisation"),
    "partner": N_("Partner"),
    "ticket": N_("Ticket, by country and id"),
    "register": N_("Kind of row"),
}
ROWS_OF: Final = {
    "signal": N_("Reports"),
    "received_record": N_("Records of other countries"),
    "log_entry": N_("The logs to partners"),
    "page_session": N_("Sign-ins"),
    "ticket": N_("Tickets"),
    "alarm": N_("Alarms"),
    "lifting": N_("Liftings of a protection"),
    "referral": N_("Referrals"),
    "intake": N_("Interviews"),
    "victim": N_("Places on the ladder"),
    "search": N_("Searches"),
    "release": N_("Regional releases"),
    "draft": N_("What is to be told to partners"),
    "told": N_("What partners were told"),
    "attested_figure": N_("Attested figures"),
}
"""Kinds of row that may differ from what was sealed with them, as the page names them."""
STATES: Final = {
    "matched": N_("As asked here"),
    "late": N_("Its list is late"),
    "finding": N_("Finding"),
}
Cursor = Annotated[str | None, Query(max_length=64)]
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def privacy(
    request: Request, here: SignedInHere, alarms: Cursor = None, searches: Cursor = None, done: Done = ""
) -> Response:
    """What waits, and what was said before."""
    return _show_page(
        request, here, alarms=alarms, searches=searches, done=done == "said", meanwhile=done == "meanwhile"
    )


@router.get("/said")
def said(request: Request, here: SignedInHere, alarms: Cursor = None, searches: Cursor = None) -> Response:
    """What was acknowledged and ticked, newest first."""
    return show(request, here, "access/privacy_said.html", **_read_lists(here, alarms, searches, said=True))


@router.get("/nights")
def nights(request: Request, here: SignedInHere) -> Response:
    """How each day stands with each evaluator, and what was evaluated against what is published."""
    found = look_at_evaluations(here.register, here.caller)
    return show(request, here, "access/nights.html", found=found, states=STATES, own=here.register.partition)


@router.post("/alarms/{alarm_id}")
def acknowledge(request: Request, post: SentHere, alarm_id: UUID) -> Response:
    """Acknowledge an alarm, or show that the reason is missing."""
    here, posted = post.visitor, post.posted
    reason = posted.one("reason").strip()
    if not 0 < len(reason) <= NOTE_MAX:
        says = N_("Say in at most 1,000 characters what you looked at and what came of it.")
        return _show_page(
            request, here, faults=[Fault(f"reason-{alarm_id}", says)], typed={f"reason-{alarm_id}": reason}
        )
    try:
        acknowledge_alarm(here.register, here.caller, alarm_id, AcknowledgeIn(reason=reason))
    except AlreadySaid:
        return to("/privacy?done=meanwhile")
    return to("/privacy?done=said")


@router.post("/searches/{search_id}")
def tick(request: Request, post: SentHere, search_id: UUID) -> Response:
    """Say of a search whether it is in order, or show what is missing."""
    here, posted = post.visitor, post.posted
    note, verdict = posted.one("note").strip(), posted.one("verdict")
    fault = None
    if verdict not in set(SampleVerdict):
        fault = Fault(f"verdict-{search_id}", N_("Choose whether it is in order."))
    elif len(note) > NOTE_MAX or (not note and verdict != SampleVerdict.IN_ORDER):
        fault = Fault(f"note-{search_id}", N_("Say in at most 1,000 characters what is to be asked about."))
    if fault is not None:
        typed = {f"note-{search_id}": note, f"verdict-{search_id}": verdict}
        return _show_page(request, here, faults=[fault], typed=typed)
    try:
        tick_search(here.register, here.caller, search_id, TickIn(verdict=SampleVerdict(verdict), note=note or None))
    except AlreadySaid:
        return to("/privacy?done=meanwhile")
    return to("/privacy?done=said")


def _show_page(
    request: Request,
    here: Visitor,
    *,
    alarms: str | None = None,
    searches: str | None = None,
    done: bool = False,
    meanwhile: bool = False,
    faults: Sequence[Fault] = (),
    typed: dict[str, str] | None = None,
) -> Response:
    return show(
        request,
        here,
        "access/privacy.html",
        verdicts=[one.value for one in SampleVerdict],
        done=done,
        meanwhile=meanwhile,
        faults=list(faults),
        typed=typed or {},
        **_read_lists(here, alarms, searches, said=False),
    )


def _read_lists(here: Visitor, alarms: str | None, searches: str | None, *, said: bool) -> dict[str, Any]:
    """One page of each, of what waits or of what was said, with what the templates show them by."""
    rung, drawn = list_overseen(here.register, here.caller, said=said, alarms=alarms, searches=searches, limit=ROWS)
    return {
        "alarms": rung.items,
        "searches": drawn.items,
        "later_alarms": rung.next,
        "later_searches": drawn.next,
        "whose": WHOSE,
        "rows_of": ROWS_OF,
        "kinds_of": families_of,
    }
