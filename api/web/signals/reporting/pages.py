"""What every page of the form shares: who may send one, what its draft holds, and how it is shown.

Each form of a draft carries the version that its page was made of. Where the draft has changed since, in another
window, nothing of the form is kept: the page comes back as it is now, with what was typed to copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.web.frame.guard import FormOf, Posted, Visitor, check_from_here, show, to, visitor_of
from api.web.frame.languages import N_, Words
from api.web.frame.rendering import render, words_of
from api.web.signals.reporting.answers import Fault
from api.web.signals.reporting.steps import (
    AID_GROUPS,
    BY_NAME,
    MAIN_TYPES,
    Asked,
    Content,
    defaults_of,
    faults_of,
    first_open,
    suggestion_of,
)
from register.core import Register
from register.domain.running.form_draft import FormDraft
from register.errors import NotFound, NotSignedIn
from register.services.signals.keep_draft import REPORT, list_drafts, read_draft
from schemas.codes import code_list


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


def the_draft(here: Visitor, draft_id: UUID, *, also_damaged: bool = False) -> FormDraft:
    """A draft that was not sent."""
    found = read_draft(here.register, here.caller, draft_id, also_damaged=also_damaged)
    if found.outcome is not None:
        raise NoSuchStep("this report has been sent")
    return found


def version_of(posted: Posted) -> int:
    """The version of the draft, or of the report, that the page of a form was made of; 0, which none has, for none."""
    version = posted.one("version")
    return int(version[:9]) if version.isascii() and version.isdigit() else 0


def given_back(request: Request, here: Visitor, typed: Content, back: str, late: Callable[[str], Response]) -> Response:
    """The answer to a form of which nothing was kept, since the draft has changed after its page was shown.

    Args:
        request: that brought the form.
        here: who sent it.
        typed: what was typed, by field.
        back: where the form stands.
        late: shows the page as it is now, with what was typed in words.
    """
    written = in_words(words_of(request, here.register.partition, intake=True), typed)
    if here.session.idle:
        return show(request, here, "frame/idle.html", back=back, written=written)
    return late(written)


def in_words(words: Words, typed: Content) -> str:
    """What was typed and chosen on a page, a line each, as whoever typed it knows it; whose it is is asked anew."""
    lines = []
    for name, value in typed.items():
        for one in [value] if isinstance(value, str) else value:
            said = one
            if name in _LISTS and one in code_list(_LISTS[name]):
                said = words.label(_LISTS[name], one).striptags().removesuffix("°")
            elif name in {"country", "nationality"}:
                said = words.country_name(one) if one else ""
            elif name == "anonymous":
                said = words.plain(N_("Does not want to be known")) if one else ""
            elif name in _ASKED_ANEW:
                continue
            if said:
                lines.append(said)
    return "\n".join(lines)


_LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "urgency": "urgency", "island": "island", "location_type": "location_type", "signal_type": "signal_type",
        "source": "source", "channel": "channel", "role": "subject_role", "document_type": "document_type",
        "use": "document_use", "platform": "platform", "mark_type": "identifier_type", **AID_GROUPS,
    }
)  # fmt: skip
"""The fields that hold a code, with its list."""
_ASKED_ANEW: Final = frozenset({"owner", "minor", "sure_long", "sure_before"})
"""Boxes and choices that say nothing without their page."""


def asked_of(here: Visitor) -> Asked:
    """Where and when the form is filled in, and as which kind of report."""
    register: Register = here.register
    kind = "notification" if here.session.shown.contact_point else "submission"
    return Asked(register.partition, kind, register.today(), here.session.shown.organisation_kind)


def step_shown(
    request: Request,
    here: Visitor,
    draft: FormDraft | None,
    step: str,
    typed: Content,
    faults: list[Fault],
    *,
    late: str | None = None,
) -> Response:
    """One page of the form with what was typed, its faults, and what the page needs beside it.

    Args:
        request: for the page.
        here: who sees it.
        draft: that the page is of; None before there is one.
        step: which page.
        typed: by field.
        faults: what is to be mended.
        late: what was typed into an older state of this page, of which nothing was kept; None where it is not late.
    """
    content, asked = draft.content if draft else {}, asked_of(here)
    return shown(
        request,
        here,
        f"signals/reporting/steps/{step}.html",
        draft=draft,
        step=step,
        number=list(BY_NAME).index(step) + 1,
        steps=len(BY_NAME),
        typed=typed,
        faults=faults,
        late=late,
        today=asked.today,
        main_types=MAIN_TYPES,
        suggestion=suggestion_of(content, asked),
        items=content.get("known", {}).get("items", []) if step == "known" else [],
        begun=[] if draft else list_drafts(here.register, here.caller, REPORT),
        ready=step in content and first_open(content, asked) is None,
    )


def step_as_it_is(request: Request, here: Visitor, draft_id: UUID, step: str, *, late: str | None = None) -> Response:
    """One page of the form with what the draft holds of it, or what is usual there."""
    draft = the_draft(here, draft_id)
    asked, answered = asked_of(here), draft.content.get(step)
    # Another page may have made an answer odd that was not: whoever is led here is told why.
    faults = faults_of(BY_NAME[step], answered, asked, draft.content) if answered and step != "known" else []
    return step_shown(request, here, draft, step, answered or defaults_of(step, asked), faults, late=late)


def shown(
    request: Request,
    here: Visitor,
    template: str,
    *,
    draft: FormDraft | None,
    faults: list[Fault] | None = None,
    **values: Any,
) -> Response:
    """A page of the form for this visitor; what it sends says of which version of the draft it was made."""
    if draft:
        values["version"] = draft.version
    return render(
        request,
        template,
        country=here.register.partition,
        session=here.session,
        csrf=here.csrf,
        intake=True,
        draft=draft.id if draft else None,
        # 200 also with faults: browsers report another status of a page as an error of the page.
        faults=faults or [],
        **values,
    )
