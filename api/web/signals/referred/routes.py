"""The inbox of an organisation: what was referred to it, what was reported, and what it answers.

Nothing of the report is shown beside the referral: it is opened by itself, since each reading leaves its leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault, Reader
from api.web.signals.reporting.reading import by_place, said
from register.domain.access.caller import Task
from register.domain.signals.reading import may_answer
from register.domain.signals.referral import ENDED, NEXT_ANSWERS, AnswerNotAllowed, NotBack, NotTakenBack, ReferralId
from register.domain.signals.signal import ChangedMeanwhile
from register.services.signals.answer_referrals import (
    answer_referral,
    close_referral,
    may_send_answer,
    read_inbox,
    read_referral,
    read_referred_report,
    take_back_referral,
)
from register.services.signals.preview_signal import readings_of_form
from schemas.codes import ReferralState
from schemas.signals.referral import AnswerIn, CloseIn, ReferralDetail, TakeReferralBackIn

router = APIRouter(prefix="/referrals", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
FIELDS: Final = ("state", "outcome", "on", "note")
Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("")
def inbox(request: Request, here: SignedInHere, cursor: Cursor = None) -> Response:
    """What was referred to the own organisation."""
    return _show_inbox(request, here, cursor, whole=False)


@router.get("/all")
def every(request: Request, here: SignedInHere, cursor: Cursor = None) -> Response:
    """What was referred to anybody in the country, for the register unit."""
    return _show_inbox(request, here, cursor, whole=True)


@router.get("/{referral_id}")
def referral(
    request: Request, here: SignedInHere, referral_id: UUID, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What was asked, and the form to answer it."""
    found = read_referral(here.register, here.caller, ReferralId(referral_id))
    return _show_referral(request, here, found, typed={}, faults=[], done=done)


@router.get("/{referral_id}/report")
def report(request: Request, here: SignedInHere, referral_id: UUID) -> Response:
    """What was reported; the reading is logged."""
    found = read_referred_report(here.register, here.caller, ReferralId(referral_id))
    return show(
        request,
        here,
        "signals/referred/report.html",
        found=found,
        form=found.reported,
        readings=by_place(readings_of_form(here.register, found.reported)),
        read_as=said,
        stays={},
        marks={},
        unplaced=False,
        rules={},
    )


@router.post("/{referral_id}/closing")
def close(request: Request, post: SentHere, referral_id: UUID) -> Response:
    """Say why nobody else need have what came back, and go back to it; or show what to mend."""
    post.visitor.caller.require(Task.REGISTER)

    def act(here: Visitor, which: ReferralId, reason: str, version: int) -> None:
        close_referral(here.register, here.caller, which, CloseIn(reason=reason), version=version)

    return _said_why(request, post, referral_id, "reason", act, done="closed")


@router.post("/{referral_id}/taking-back")
def take_back(request: Request, post: SentHere, referral_id: UUID) -> Response:
    """Say why it should not have been sent, and go back to it; or show what to mend."""

    def act(here: Visitor, which: ReferralId, reason: str, version: int) -> None:
        take_back_referral(here.register, here.caller, which, TakeReferralBackIn(reason=reason), version=version)

    return _said_why(request, post, referral_id, "why", act, done="taken-back")


def _said_why(
    request: Request,
    post: SentHere,
    referral_id: UUID,
    field: str,
    act: Callable[[Visitor, ReferralId, str, int], None],
    *,
    done: str,
) -> Response:
    here, posted = post.visitor, post.posted
    typed = {field: posted.one(field)}
    which = ReferralId(referral_id)
    found = read_referral(here.register, here.caller, which)
    if posted.one("version") != str(found.version):
        return _show_referral(request, here, found, typed=typed, faults=[], changed=True)
    reader = Reader(typed, here.register.today())
    reason = reader.note(field, N_("Say why, in a few words. It stays in the timeline."))
    if reader.faults:
        return _show_referral(request, here, found, typed=typed, faults=reader.faults)
    try:
        act(here, which, reason, found.version)
    except (ChangedMeanwhile, NotBack, NotTakenBack):
        found = read_referral(here.register, here.caller, which)
        return _show_referral(request, here, found, typed=typed, faults=[], changed=True)
    return to(f"/referrals/{referral_id}?done={done}")


@router.post("/{referral_id}")
def answer(request: Request, post: SentHere, referral_id: UUID) -> Response:
    """Answer it, and go back to it; or show what to mend, or that somebody answered meanwhile."""
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in FIELDS}
    which = ReferralId(referral_id)
    found = read_referral(here.register, here.caller, which)
    if posted.one("version") != str(found.version):
        return _show_referral(request, here, found, typed=typed, faults=[], changed=True)
    reader = Reader(typed, here.register.today())
    said = _read_answer(reader, found)
    if said is None:
        return _show_referral(request, here, found, typed=typed, faults=reader.faults)
    try:
        answer_referral(here.register, here.caller, which, said, version=found.version)
    except (ChangedMeanwhile, AnswerNotAllowed):
        found = read_referral(here.register, here.caller, which)
        return _show_referral(request, here, found, typed=typed, faults=[], changed=True)
    return to(f"/referrals/{referral_id}?done=answered")


def _read_answer(reader: Reader, found: ReferralDetail) -> AnswerIn | None:
    allowed = NEXT_ANSWERS[found.state]
    state = reader.code("state", "referral_state", N_("Choose what you answer."))
    if state is not None and ReferralState(state) not in allowed:
        reader.fault("state", N_("Choose what you answer."))
    outcome = None
    if state == ReferralState.ANSWERED:
        outcome = reader.code("outcome", "referral_outcome", N_("Choose what came of it."))
    on = reader.day("on")
    first = found.answered_on or found.on
    if on is not None and on < first:
        reader.fault("on", N_("Give a day on which it had been sent already."))
    note = reader.note("note")
    if reader.faults:
        return None
    return AnswerIn.model_validate({"state": state, "outcome": outcome, "on": on, "note": note or None})


def _show_inbox(request: Request, here: Visitor, cursor: str | None, *, whole: bool) -> Response:
    found = read_inbox(here.register, here.caller, whole=whole, cursor=cursor, limit=ROWS)
    path = "/referrals/all" if whole else "/referrals"
    return show(
        request,
        here,
        "signals/referred/inbox.html",
        waits=found.waiting,
        answered=found.answered.items,
        later=f"{path}?cursor={found.answered.next}" if found.answered.next else None,
        first=cursor is None,
        address=path,
        whole=whole,
        may_whole=here.caller.may(Task.REGISTER),
    )


def _show_referral(
    request: Request,
    here: Visitor,
    found: ReferralDetail,
    *,
    typed: Mapping[str, str],
    faults: Sequence[Fault],
    changed: bool = False,
    done: str = "",
) -> Response:
    states = [state for state in ReferralState if state in NEXT_ANSWERS[found.state]]
    if not may_send_answer(here.caller, found.to) or found.withdrawn:
        states = []
    # Where the form that was sent is not there any more, what was typed into it stands by itself.
    field, has_form = ("reason", found.back_until is not None) if "reason" in typed else ("note", bool(states))
    if "why" in typed:
        field, has_form = "why", found.may_take_back
    today = here.register.today()
    return show(
        request,
        here,
        "signals/referred/referral.html",
        one=found,
        readable=found.state not in ENDED and not found.withdrawn,
        # Who sent it reads the report where it is, and not as its addressee.
        own_only=not may_answer(here.caller, found.to),
        taken_back=done == "taken-back" and found.state is ReferralState.TAKEN_BACK,
        states=states,
        typed={"on": today.isoformat(), **{name: text for name, text in typed.items() if text}},
        faults=list(faults),
        changed=changed,
        left=typed.get(field, "") if changed and not has_form else "",
        answered=done == "answered",
        closed=done == "closed" and found.back_until is None,
        today=today,
    )
