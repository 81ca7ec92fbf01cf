"""The addresses of the form: a page for each step, kept on the server when it is sent, whatever it says.

What was typed is kept before it is judged, so that neither a fault nor a lost line nor a session that has gone idle
costs more than the page on the screen. Addresses hold the draft's id and the step's name, and nothing of the case.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, to
from api.web.home import FORM
from api.web.signals.reporting import sending, things
from api.web.signals.reporting.pages import NoSuchStep, Typist, asked_of, content_of, onward, shown, step_shown
from api.web.signals.reporting.steps import (
    AID_GROUPS,
    AID_MEANS,
    BY_NAME,
    FIRST_PAGE,
    Content,
    after,
    defaults_of,
    faults_of,
    first_open,
)
from api.web.signals.reporting.things import known_sent
from register.domain.access.caller import Task
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
    typed = _typed(FIRST_PAGE, posted)
    faults = faults_of(BY_NAME[FIRST_PAGE], typed, asked_of(here))
    if faults and not here.session.idle:
        return step_shown(request, here, None, FIRST_PAGE, typed, faults)
    draft = begin_draft(here.register, here.caller, FORM, {FIRST_PAGE: typed})
    return onward(here, f"/report/{draft}/{_following(FIRST_PAGE, typed)}")


@router.get("/{draft}")
def go_on(here: SignedInHere, draft: UUID) -> Response:
    """To the first page that is not answered yet."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        return to(f"/report/{draft}/done")
    return to(f"/report/{draft}/{first_open(found.content, asked_of(here)) or 'check'}")


@router.post("/{draft}/drop")
def drop(sent: SentHere, draft: UUID) -> Response:
    """Throw a draft away."""
    drop_draft(sent.visitor.register, sent.visitor.caller, draft)
    return to("/")


@router.get("/{draft}/emergency")
def emergency(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The number to call before anything else is typed."""
    content_of(here, draft)  # a report that is not there, or somebody else's, has no pages
    return shown(request, here, "emergency.html", draft=draft)


@router.get("/{draft}/aid")
def aid(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The signs by which trafficking and smuggling are told apart."""
    typed = content_of(here, draft).get("aid", {})
    return shown(request, here, "aid.html", draft=draft, typed=typed, means=AID_MEANS)


@router.post("/{draft}/aid")
def aided(typist: Typist, draft: UUID) -> Response:
    """Keep the signs; the page of the type shows what they point to."""
    here, posted = typist
    typed: dict[str, Any] = {group: posted.many(group) for group in AID_GROUPS}
    typed["minor"] = posted.one("minor")
    keep_draft(here.register, here.caller, draft, lambda content: {**content, "aid": typed})
    return onward(here, f"/report/{draft}/type")


@router.get("/{draft}/{step}")
def step_page(request: Request, here: SignedInHere, draft: UUID, step: str) -> Response:
    """One page of the form, with what was typed before."""
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    content, asked = content_of(here, draft), asked_of(here)
    typed = content.get(step) or defaults_of(step, asked)
    return step_shown(request, here, draft, step, typed, [], content)


@router.post("/{draft}/{step}")
def step_sent(request: Request, typist: Typist, draft: UUID, step: str) -> Response:
    """Keep the answers of one page; go on, or show what to mend."""
    here, posted = typist
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    if step == "known":
        return known_sent(request, here, posted, draft)
    typed = _typed(step, posted)
    content = keep_draft(here.register, here.caller, draft, lambda kept: {**kept, step: typed})
    faults = faults_of(BY_NAME[step], typed, asked_of(here))
    if here.session.idle:
        return onward(here, f"/report/{draft}/{step}")
    if faults:
        return step_shown(request, here, draft, step, typed, faults, content)
    finished = posted.one("then") == "check" and first_open(content, asked_of(here)) is None
    return to(f"/report/{draft}/{'check' if finished else _following(step, typed)}")


def _typed(step: str, posted: Posted) -> dict[str, Any]:
    return {name: posted.one(name) for name in BY_NAME[step].single}


def _following(step: str, typed: Content) -> str:
    return "emergency" if step == FIRST_PAGE and typed.get("urgency") == _NOW else after(step)
