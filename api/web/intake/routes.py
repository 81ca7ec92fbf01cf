"""The addresses of the form: a page for each step, kept on the server when it is sent, whatever it says.

What was typed is kept before it is judged, so that neither a fault nor a lost line nor a session that has gone idle
costs more than the page on the screen. Addresses hold the draft's id and the step's name, and nothing of the case.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.caller import Registered
from api.web.guard import FormOf, PageRoute, Posted, SentHere, SignedInHere, Visitor, check_from_here, to, visitor_of
from api.web.home import FORM
from api.web.intake.answers import Fault, Reader
from api.web.intake.known import (
    FIELDS,
    REFUSED,
    UNREADABLE,
    has_room,
    persons_of,
    read_item,
    read_items,
    without,
)
from api.web.intake.sharing import groups_of
from api.web.intake.steps import (
    AID_GROUPS,
    AID_MEANS,
    BY_NAME,
    FIRST_PAGE,
    MAIN_TYPES,
    Asked,
    Content,
    after,
    defaults_of,
    faults_of,
    first_open,
    signal_of,
    suggestion_of,
)
from api.web.languages import N_, today_in
from api.web.rendering import render
from register.core import Register
from register.errors import NotFound, NotSignedIn
from register.services.find_near_duplicates import find_near_duplicates
from register.services.keep_draft import begin_draft, drop_draft, finish_draft, keep_draft, read_draft
from register.services.preview_signal import preview_signal, refusal_of
from register.services.record_signal import record_signal
from schemas.signal import SignalIn

router = APIRouter(prefix="/report", include_in_schema=False, route_class=PageRoute)
_NOW: Final = "NOW"
_PROBE: Final[dict[str, Any]] = {
    "kind": "submission", "urgency": "NORMAL", "account": "-", "received_on": "2026-01-01",
    "period": {"from": "2026-01-01"}, "place": {"island": "AW", "location_type": "UNKNOWN"},
    "signal_type": "UNDETERMINED", "source": "CITIZEN", "channel": "PHONE",
}  # fmt: skip
"""A form around the values of one entry, so that the one rule that reads them can be asked about them alone."""


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


@router.get("")
def begin(request: Request, here: SignedInHere) -> Response:
    """The first question; nothing is kept before it is answered."""
    return _step(request, here, None, FIRST_PAGE, {}, [])


@router.post("")
def begun(request: Request, typist: Typist) -> Response:
    """Keep the first answer as a new draft."""
    here, posted = typist
    typed = _typed(FIRST_PAGE, posted)
    faults = faults_of(BY_NAME[FIRST_PAGE], typed, _asked(here))
    if faults and not here.session.idle:
        return _step(request, here, None, FIRST_PAGE, typed, faults)
    draft = begin_draft(here.register, here.caller, FORM, {FIRST_PAGE: typed})
    return _onward(here, f"/report/{draft}/{_following(FIRST_PAGE, typed)}")


@router.get("/{draft}")
def go_on(here: SignedInHere, draft: UUID) -> Response:
    """To the first page that is not answered yet."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        return to(f"/report/{draft}/done")
    return to(f"/report/{draft}/{first_open(found.content, _asked(here)) or 'check'}")


@router.post("/{draft}/drop")
def drop(sent: SentHere, draft: UUID) -> Response:
    """Throw a draft away."""
    drop_draft(sent.visitor.register, sent.visitor.caller, draft)
    return to("/")


@router.get("/{draft}/emergency")
def emergency(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The number to call before anything else is typed."""
    return _page(request, here, "emergency.html", draft=draft)


@router.get("/{draft}/aid")
def aid(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The signs by which trafficking and smuggling are told apart."""
    typed = _content(here, draft).get("aid", {})
    return _page(request, here, "aid.html", draft=draft, typed=typed, means=AID_MEANS)


@router.post("/{draft}/aid")
def aided(typist: Typist, draft: UUID) -> Response:
    """Keep the signs; the page of the type shows what they point to."""
    here, posted = typist
    typed: dict[str, Any] = {group: posted.many(group) for group in AID_GROUPS}
    typed["minor"] = posted.one("minor")
    keep_draft(here.register, here.caller, draft, lambda content: {**content, "aid": typed})
    return _onward(here, f"/report/{draft}/type")


@router.get("/{draft}/check")
def check(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """All answers, what would be stored, and who would be told what."""
    content, asked = _content(here, draft), _asked(here)
    missing = first_open(content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    form = signal_of(content, asked)
    preview = preview_signal(here.register, here.caller, form)
    return _page(
        request,
        here,
        "check.html",
        draft=draft,
        form=form,
        preview=preview,
        sharing=groups_of(preview.sharing),
        similar=content["known"].get("similar", ()),
        rules=here.register.edition.rules,
    )


@router.post("/{draft}/check")
def send(sent: SentHere, draft: UUID) -> Response:
    """Register the report. Sent twice, it is registered once: the draft's id is the key of the request."""
    here, asked = sent.visitor, _asked(sent.visitor)
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        return to(f"/report/{draft}/done")
    missing = first_open(found.content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    made = record_signal(here.register, here.caller, signal_of(found.content, asked), str(draft))
    outcome = {
        "reference": made.reference,
        "urgent": made.emergency is not None,
        "kind": made.kind,
        "keyed": made.pseudonyms != "none",
        "told": [one.recipient for one in made.sharing if one.allowed],
    }
    finish_draft(here.register, here.caller, draft, outcome)
    return to(f"/report/{draft}/done")


@router.get("/{draft}/done")
def done(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The reference, and what happens next."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is None:
        return to(f"/report/{draft}")
    return _page(request, here, "done.html", draft=draft, outcome=found.outcome)


@router.get("/{draft}/known/{kind}")
def thing(request: Request, here: SignedInHere, draft: UUID, kind: str) -> Response:
    """The page to add one person, phone, document, plate or thing found online."""
    return _thing(request, here, draft, kind, {}, [])


@router.post("/{draft}/known/{kind}")
def added(request: Request, typist: Typist, draft: UUID, kind: str) -> Response:
    """Add it to the draft."""
    here, posted = typist
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")
    typed = {name: posted.one(name) for name in FIELDS[kind]}
    reader = Reader(typed, _asked(here).today)

    def add(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        item = read_item(kind, reader, len(persons_of(items)))
        if item is not None and not has_room(items, kind, item.get("owner", "")):
            reader.fault(FIELDS[kind][0], N_("This report is full. Send it, and add the rest in a second one."))
        if item is not None and not reader.faults:
            probe = SignalIn.model_validate(_PROBE | read_items([{**item, "owner": ""}]))
            refused = refusal_of(here.register, probe)
            if refused is not None:
                reader.fault("name" if kind == "person" else "number", REFUSED.get(refused, UNREADABLE))
        if reader.faults or item is None:
            # Kept too, as everything typed is: the page shows it again when it is opened anew.
            return {**content, "known": {**_open(known), f"begun-{kind}": typed}}
        rest = {name: value for name, value in _open(known).items() if name != f"begun-{kind}"}
        return {**content, "known": {**rest, "items": [*items, item]}}

    keep_draft(here.register, here.caller, draft, add)
    if reader.faults and not here.session.idle:
        return _thing(request, here, draft, kind, typed, reader.faults)
    return _onward(here, f"/report/{draft}/known" + (f"/{kind}" if reader.faults else ""))


@router.get("/{draft}/{step}")
def step_page(request: Request, here: SignedInHere, draft: UUID, step: str) -> Response:
    """One page of the form, with what was typed before."""
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    content, asked = _content(here, draft), _asked(here)
    typed = content.get(step) or defaults_of(step, asked)
    return _step(request, here, draft, step, typed, [], content)


@router.post("/{draft}/{step}")
def step_sent(request: Request, typist: Typist, draft: UUID, step: str) -> Response:
    """Keep the answers of one page; go on, or show what to mend."""
    here, posted = typist
    if step not in BY_NAME:
        raise NoSuchStep("the form has no such page")
    if step == "known":
        return _known_sent(request, here, posted, draft)
    typed = _typed(step, posted)
    content = keep_draft(here.register, here.caller, draft, lambda kept: {**kept, step: typed})
    faults = faults_of(BY_NAME[step], typed, _asked(here))
    if here.session.idle:
        return _onward(here, f"/report/{draft}/{step}")
    if faults:
        return _step(request, here, draft, step, typed, faults, content)
    finished = posted.one("then") == "check" and first_open(content, _asked(here)) is None
    return to(f"/report/{draft}/{'check' if finished else _following(step, typed)}")


def _known_sent(request: Request, here: Visitor, posted: Posted, draft: UUID) -> Response:
    remove = posted.one("remove")

    def change(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        if remove.isascii() and remove.isdigit() and int(remove[:3]) < len(items):
            return {**content, "known": {**_open(known), "items": without(items, int(remove[:3]))}}
        said = {"closed": "yes"} if items else {"nothing": "yes" if posted.one("then") == "nothing" else ""}
        return {**content, "known": {**known, **said}}

    content = keep_draft(here.register, here.caller, draft, change)
    if remove or here.session.idle:
        return _onward(here, f"/report/{draft}/known")
    asked = _asked(here)
    faults = faults_of(BY_NAME["known"], content["known"], asked)
    if faults:
        return _step(request, here, draft, "known", content["known"], faults, content)
    missing = first_open(content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    if not content["known"].get("compared"):
        found = find_near_duplicates(here.register, here.caller, signal_of(content, asked))
        similar = [{"reference": one.reference, "on": one.recorded_at.date().isoformat()} for one in found]
        keep_draft(
            here.register,
            here.caller,
            draft,
            lambda kept: {**kept, "known": {**kept["known"], "similar": similar, "compared": True}},
        )
    return to(f"/report/{draft}/check")


def _open(known: Content) -> dict[str, Any]:
    """What is known, to be compared anew because it changes."""
    return {name: value for name, value in known.items() if name not in {"similar", "compared", "closed", "nothing"}}


def _typed(step: str, posted: Posted) -> dict[str, Any]:
    return {name: posted.one(name) for name in BY_NAME[step].single}


def _following(step: str, typed: Content) -> str:
    return "emergency" if step == FIRST_PAGE and typed.get("urgency") == _NOW else after(step)


def _onward(here: Visitor, address: str) -> Response:
    """On to the next page; somebody whose session went idle signs in first and comes back there."""
    return to(f"/signed-out/kept?next={address}") if here.session.idle else to(address)


def _content(here: Visitor, draft: UUID) -> Content:
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        raise NoSuchStep("this report has been sent")
    return found.content


def _asked(here: Visitor) -> Asked:
    register: Register = here.register
    kind = "notification" if here.session.shown.contact_point else "submission"
    return Asked(register.partition, kind, today_in(register.partition, register.clock.now()))


def _thing(request: Request, here: Visitor, draft: UUID, kind: str, typed: Content, faults: list[Fault]) -> Response:
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")
    known = _content(here, draft).get("known", {})
    return _page(
        request,
        here,
        f"add_{kind}.html",
        draft=draft,
        typed=typed or known.get(f"begun-{kind}", {}),
        faults=faults,
        persons=persons_of(known.get("items", [])),
    )


def _step(
    request: Request,
    here: Visitor,
    draft: UUID | None,
    step: str,
    typed: Content,
    faults: list[Fault],
    content: Content | None = None,
) -> Response:
    content, asked = content or {}, _asked(here)
    return _page(
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


def _page(
    request: Request, here: Visitor, template: str, *, faults: list[Fault] | None = None, **values: Any
) -> Response:
    return render(
        request,
        f"intake/{template}",
        country=here.register.partition,
        session=here.session,
        csrf=here.csrf,
        intake=True,
        # 200 also with faults: browsers report another status of a page as an error of the page.
        faults=faults or [],
        **values,
    )
