"""What every page of the form shares: who may send one, what its draft holds, and how it is shown."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.web.frame.guard import FormOf, Posted, Visitor, check_from_here, to, visitor_of
from api.web.frame.rendering import render
from api.web.signals.reporting.answers import Fault
from api.web.signals.reporting.steps import BY_NAME, MAIN_TYPES, Asked, Content, first_open, suggestion_of
from register.core import Register
from register.errors import NotFound, NotSignedIn
from register.services.signals.keep_draft import read_draft


class NoSuchStep(NotFound):
    """The form has no page of that name, or the report was sent and has no pages any more."""

    code = "no-such-step"
    advice = "Go back to the first page and open the report from there."


def the_typist(request: Request, register: Registered, posted: FormOf) -> tuple[Visitor, Posted]:
    """Who sent a page of the form. A session gone idle may still do this one thing: not lose what was typed."""
    visitor = visitor_of(request, register)
    if visitor is None:
        raise NotSignedIn("nobody is signed in")
    check_from_here(request, register, posted, visitor.token)
    return visitor, posted


Typist = Annotated[tuple[Visitor, Posted], Depends(the_typist)]


def onward(here: Visitor, address: str) -> Response:
    """On to the next page; somebody whose session went idle signs in first and comes back there."""
    return to(f"/signed-out/kept?next={address}") if here.session.idle else to(address)


def content_of(here: Visitor, draft: UUID) -> Content:
    """What a draft that was not sent holds."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        raise NoSuchStep("this report has been sent")
    return found.content


def asked_of(here: Visitor) -> Asked:
    """Where and when the form is filled in, and as which kind of report."""
    register: Register = here.register
    kind = "notification" if here.session.shown.contact_point else "submission"
    return Asked(register.partition, kind, register.today(), here.session.shown.organisation_kind)


def step_shown(
    request: Request,
    here: Visitor,
    draft: UUID | None,
    step: str,
    typed: Content,
    faults: list[Fault],
    content: Content | None = None,
) -> Response:
    """One page of the form with what was typed, its faults, and what the page needs beside it."""
    content, asked = content or {}, asked_of(here)
    return shown(
        request,
        here,
        f"{step}.html",
        draft=draft,
        step=step,
        number=list(BY_NAME).index(step) + 1,
        steps=len(BY_NAME),
        typed=typed,
        faults=faults,
        today=asked.today,
        main_types=MAIN_TYPES,
        suggestion=suggestion_of(content, asked),
        items=typed.get("items", []) if step == "known" else [],
        ready=step in content and first_open(content, asked) is None,
    )


def shown(
    request: Request, here: Visitor, template: str, *, faults: list[Fault] | None = None, **values: Any
) -> Response:
    """A page of the form for this visitor."""
    return render(
        request,
        f"signals/{'' if '/' in template else 'reporting/'}{template}",
        country=here.register.partition,
        session=here.session,
        csrf=here.csrf,
        intake=True,
        # 200 also with faults: browsers report another status of a page as an error of the page.
        faults=faults or [],
        **values,
    )
