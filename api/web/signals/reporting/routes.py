"""The addresses of the form: a page for each step, kept on the server when it is sent, whatever it says.

What was typed is kept before it is judged, so that neither a fault nor a lost line nor a session that has gone idle
costs more than the page on the screen. What another window has overtaken is not kept, and comes back. Addresses hold
the draft's id and the step's name, and nothing of the case.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, Visitor, to
from api.web.home import FORM
from api.web.signals.reporting import sending, things
from api.web.signals.reporting.pages import (
    NoSuchStep,
    Typist,
    asked_of,
    given_back,
    onward,
    shown,
    step_as_it_is,
    step_shown,
    the_draft,
    version_of,
)
from api.web.signals.reporting.steps import (
    AID_GROUPS,
    AID_MEANS,
    BY_NAME,
    FIRST_PAGE,
    Content,
    faults_of,
    find_step_after,
    first_open,
)
from api.web.signals.reporting.things import known_sent
from api.web.signals.reporting.told import told_of
from register.domain.access.caller import Task
from register.domain.signals.signal import ChangedMeanwhile
from register.services.signals.keep_draft import begin_draft, drop_draft, keep_draft, read_draft

router = APIRouter(prefix="/report", include_in_schema=False, route_class=PageRoute)
# Before the pages below, whose address would take theirs for the name of a step.
router.include_router(sending.router)
router.include_router(things.router)
_NOW: Final = "NOW"


@router.get("")
def begin(request: Request, here: SignedInHere) -> Response:
    """The first question; nothing is kept before it is answered. Whoever could not send it is told so now."""
    here.caller.require(Task.SUBMIT)
    return step_shown(request, here, None, FIRST_PAGE, {}, [])


@router.post("")
def begun(request: Request, typist: Typist) -> Response:
    """Keep the first answer as a new draft."""
    here, posted = typist
    typed = _read_typed(FIRST_PAGE, posted)
    faults = faults_of(BY_NAME[FIRST_PAGE], typed, asked_of(here), {})
    if faults and not here.session.idle:
        return step_shown(request, here, None, FIRST_PAGE, typed, faults)
    draft = begin_draft(here.register, here.caller, FORM, {FIRST_PAGE: typed})
    return onward(here, f"/report/{draft}/{_find_following_step(FIRST_PAGE, typed)}")


@router.get("/{draft}")
def go_on(here: SignedInHere, draft: UUID) -> Response:
    """To the first page that is not answered yet."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        return to(f"/report/{draft}/done")
    return to(f"/report/{draft}/{first_open(found.content, asked_of(here)) or 'check'}")


@router.get("/{draft}/drop")
def ask_to_drop(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """What would be thrown away, before it is: there is no way back."""
    return _show_drop(request, here, draft)


@router.post("/{draft}/drop")
def drop(request: Request, sent: SentHere, draft: UUID) -> Response:
    """Throw a draft away, as it was shown."""
    here = sent.visitor
    try:
        drop_draft(here.register, here.caller, draft, version=version_of(sent.posted))
    except ChangedMeanwhile:
        return _show_drop(request, here, draft, late="")
    return to("/")


def _show_drop(request: Request, here: Visitor, draft_id: UUID, *, late: str | None = None) -> Response:
    draft = the_draft(here, draft_id, also_damaged=True)
    items = draft.content.get("known", {}).get("items", [])
    return shown(
        request,
        here,
        "signals/reporting/drop.html",
        draft=draft,
        late=late,
        told=told_of(draft),
        typed=draft.content,
        items=items,
        damaged=draft.damaged,
    )


@router.get("/{draft}/emergency")
def emergency(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The number to call before anything else is typed."""
    return shown(request, here, "signals/reporting/emergency.html", draft=the_draft(here, draft))


@router.get("/{draft}/aid")
def aid(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The signs by which trafficking and smuggling are told apart."""
    return _show_aid(request, here, draft)


@router.post("/{draft}/aid")
def aided(request: Request, typist: Typist, draft: UUID) -> Response:
    """Keep the signs; the page of the type shows what they point to."""
    here, posted = typist
    typed: dict[str, Any] = {group: posted.many(group) for group in AID_GROUPS}
    typed["minor"] = posted.one("minor")
    try:
        keep_draft(here.register, here.caller, draft, lambda kept: {**kept, "aid": typed}, version=version_of(posted))
    except ChangedMeanwhile:
        return given_back(
            request, here, typed, f"/report/{draft}/aid", lambda written: _show_aid(request, here, draft, late=written)
        )
    return onward(here, f"/report/{draft}/type")


def _show_aid(request: Request, here: Visitor, draft_id: UUID, *, late: str | None = None) -> Response:
    draft = the_draft(here, draft_id)
    typed = draft.content.get("aid", {})
    return shown(request, here, "signals/reporting/aid.html", draft=draft, typed=typed, means=AID_MEANS, late=late)


@router.get("/{draft}/{step}")
def step_page(request: Request, here: SignedInHere, draft: UUID, step: str) -> Response:
    """One page of the form, with what was typed before."""
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    return step_as_it_is(request, here, draft, step)


@router.post("/{draft}/{step}")
def step_sent(request: Request, typist: Typist, draft: UUID, step: str) -> Response:
    """Keep the answers of one page; go on, or show what to mend."""
    here, posted = typist
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    if step == "known":
        return known_sent(request, here, posted, draft)
    typed = _read_typed(step, posted)
    try:
        found = keep_draft(
            here.register, here.caller, draft, lambda kept: {**kept, step: typed}, version=version_of(posted)
        )
    except ChangedMeanwhile:
        return given_back(
            request,
            here,
            typed,
            f"/report/{draft}/{step}",
            lambda written: step_as_it_is(request, here, draft, step, late=written),
        )
    faults = faults_of(BY_NAME[step], typed, asked_of(here), found.content)
    if here.session.idle:
        return onward(here, f"/report/{draft}/{step}")
    if faults:
        return step_shown(request, here, found, step, typed, faults)
    finished = posted.one("then") == "check" and first_open(found.content, asked_of(here)) is None
    return to(f"/report/{draft}/{'check' if finished else _find_following_step(step, typed)}")


def _read_typed(step: str, posted: Posted) -> dict[str, Any]:
    return {name: posted.one(name) for name in BY_NAME[step].single}


def _find_following_step(step: str, typed: Content) -> str:
    return "emergency" if step == FIRST_PAGE and typed.get("urgency") == _NOW else find_step_after(step)
