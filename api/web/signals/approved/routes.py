"""Approvals of a class of records, for whoever keeps the exit gate: given, what left on them, withdrawn.

What is to be signed is fetched here as a file and the signed approval pasted back: the key is on the keeper's machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault, Reader
from register.mou.rules.gate import Gates
from register.services.access.list_organisations import organisations_for
from register.services.signals.approving.approve_class import (
    ClassEnded,
    NoClassHere,
    ask_class,
    hand_in_class,
    list_classes,
    list_under_class,
    read_class,
    withdraw_class,
)
from register.services.signals.approving.keep_approval import ApprovalRefused
from schemas.signals.approvals import SignedApprovalIn
from sync.trust import approval_under

router = APIRouter(prefix="/class-approvals", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
Cursor = Annotated[str | None, Query(max_length=64)]
Done = Annotated[str, Query(max_length=20)]


def keeps_classes(here: Visitor) -> bool:
    """Whether the visitor keeps a gate that approves classes, so that the page is worth a link."""
    gate = here.register.edition.given("GATE-1", Gates).gates.get(here.register.partition)
    if gate is None or gate.classes is None:
        return False
    kind = here.session.shown.organisation_kind
    return any(here.caller.may(one.task) and one.kind == kind for one in (gate.keeper, gate.second))


@router.get("")
def classes(request: Request, here: SignedInHere, cursor: Cursor = None, done: Done = "") -> Response:
    """All of them, newest first, and the form to give one."""
    return _show_list(request, here, cursor=cursor, typed={}, faults=[], given=done == "given")


@router.post("")
def give(request: Request, post: SentHere) -> Response:
    """Take a signed approval in, and go back to the list; or show what to mend."""
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in ("approval", "reason")}
    reader = Reader(typed, here.register.today())
    signed = _read_signed_approval(reader)
    if signed is None:
        return _show_list(request, here, cursor=None, typed=typed, faults=reader.faults)
    prove = partial(approval_under, rosters=request.app.state.rosters())
    try:
        hand_in_class(here.register, here.caller, signed, prove)
    except ApprovalRefused:
        reader.fault("approval", N_("It is no approval of a class that this gate takes. Fetch and sign it anew."))
        return _show_list(request, here, cursor=None, typed=typed, faults=reader.faults)
    return to("/class-approvals?done=given")


@router.get("/asked")
def what_is_asked(here: SignedInHere) -> Response:
    """What could be approved, as a file: `rtr approve class sign --asked` reads it where no register is near."""
    asked = ask_class(here.register, here.caller)
    named = {"Content-Disposition": 'attachment; filename="class-approval.json"'}
    return Response(asked.model_dump_json(indent=2), media_type="application/json", headers=named)


@router.get("/{approval_id}")
def one(request: Request, here: SignedInHere, approval_id: UUID, cursor: Cursor = None, done: Done = "") -> Response:
    """One of them: what left on it, and the form to withdraw it."""
    return _show_class(request, here, approval_id, cursor=cursor, typed={}, faults=[], withdrawn=done == "withdrawn")


@router.post("/{approval_id}")
def withdraw(request: Request, post: SentHere, approval_id: UUID) -> Response:
    """Withdraw it, and go back to it; or show what to mend, or that it had ended."""
    here, posted = post.visitor, post.posted
    typed = {"reason": posted.one("reason")}
    reader = Reader(typed, here.register.today())
    reason = _read_reason(reader)
    if reader.faults:
        return _show_class(request, here, approval_id, cursor=None, typed=typed, faults=reader.faults)
    try:
        withdraw_class(here.register, here.caller, approval_id, reason)
    except ClassEnded:
        ended = Fault("reason", N_("It has ended already. Nothing is there to be withdrawn."))
        return _show_class(request, here, approval_id, cursor=None, typed=typed, faults=[ended])
    return to(f"/class-approvals/{approval_id}?done=withdrawn")


def _read_signed_approval(reader: Reader) -> SignedApprovalIn | None:
    reason = _read_reason(reader)
    try:
        # Copied from a screen or a file, it may come in several lines.
        signed = SignedApprovalIn(approval="".join(reader.text("approval").split()), reason=reason or "-")
    except ValidationError:
        reader.fault("approval", N_("Paste the whole approval as `rtr approve class sign` printed it."))
        return None
    return None if reader.faults else signed


def _read_reason(reader: Reader) -> str:
    return reader.note("reason", N_("Say why, in a few words. It stays here."))


def _show_list(
    request: Request,
    here: Visitor,
    *,
    cursor: str | None,
    typed: Mapping[str, str],
    faults: Sequence[Fault],
    given: bool = False,
) -> Response:
    page = list_classes(here.register, here.caller, cursor=cursor, limit=ROWS)
    try:
        asked = ask_class(here.register, here.caller)
    except NoClassHere:
        asked = None
    return show(
        request,
        here,
        "signals/approved/list.html",
        items=page.items,
        asked=asked,
        typed=typed,
        faults=list(faults),
        given=given,
        later=f"/class-approvals?cursor={page.next}" if page.next else None,
        first=cursor is None,
    )


def _show_class(
    request: Request,
    here: Visitor,
    approval_id: UUID,
    *,
    cursor: str | None,
    typed: Mapping[str, str],
    faults: Sequence[Fault],
    withdrawn: bool = False,
) -> Response:
    found = read_class(here.register, here.caller, approval_id)
    page = list_under_class(here.register, here.caller, approval_id, cursor=cursor, limit=ROWS)
    return show(
        request,
        here,
        "signals/approved/one.html",
        one=found,
        names={each.code: each.name for each in organisations_for(here.register, here.caller)},
        items=page.items,
        typed=typed,
        faults=list(faults),
        withdrawn=withdrawn,
        later=f"/class-approvals/{approval_id}?cursor={page.next}" if page.next else None,
        first=cursor is None,
    )
