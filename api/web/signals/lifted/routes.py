"""Why persons of a report are protected, and whether a fact behind it was wrong: asked by the unit, answered elsewhere.

The register unit asks from the report's own page of protections. The organisation of the victim's side comes from what
waits for it, and sees the person and what is said to have been wrong: no more of the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault, Reader
from register.domain.access.caller import Task
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.protecting.lifting import (
    AlreadyAsked,
    FactStands,
    LiftingId,
    LiftingSettled,
    NotTheSecond,
    NotToBeLifted,
    RefusedBefore,
)
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import NotFound, RegisterError
from register.mou.ladder.victims_side import NotOfTheVictimsSide
from register.services.access.list_organisations import organisations_for
from register.services.signals.protecting.lift_protection import (
    ask_lifting,
    decide_lifting,
    list_liftings,
    read_lifting,
    read_protection,
)
from register.services.signals.protecting.object_to_letting_go import object_to_letting_go, read_letting_go
from schemas.codes import LiftingDecision, code_list
from schemas.signals.finding import ObjectIn
from schemas.signals.lifting import DecideLiftingIn, LiftIn, LiftingOut

router = APIRouter(include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
ASKED: Final = ("which", "because", "second", "note")
LIFTABLE: Final = frozenset(reason for one in code_list("lifting_reason") for reason in one.extra["lifts"])
"""Reasons that can be lifted; the others are for the finding about them."""
Cursor = Annotated[str | None, Query(max_length=64)]
Done = Annotated[str, Query(max_length=20)]
_TAKEN: Final[Sequence[tuple[type[RegisterError], Fault]]] = (
    (FactStands, Fault("which", N_("The report, an interview or the ladder still says so, or something else protects "
                                   "the person. Correct that first."))),
    (NotToBeLifted, Fault("because", N_("Choose a mistake that goes with why the person is protected."))),
    (NotOfTheVictimsSide, Fault("second", N_("Choose who stands for the victim."))),
    (AlreadyAsked, Fault("which", N_("This is asked already: it stands on this page."))),
    (RefusedBefore, Fault("second", N_("Another organisation was asked the same and refused. Only that one can be "
                                       "asked again: say what it did not know."))),
    (NotTheSecond, Fault("which", N_("You brought this report in: somebody else of your unit asks."))),
)  # fmt: skip


@router.get("/ours/{signal_id}/protection")
def protection(request: Request, here: SignedInHere, signal_id: UUID, done: Done = "") -> Response:
    """Why each person is protected, what was asked about it, and the form to ask."""
    return _show_protection(request, here, signal_id, typed={}, faults=[], done=done == "asked")


@router.post("/ours/{signal_id}/protection")
def ask(request: Request, post: SentHere, signal_id: UUID) -> Response:
    """Ask the victim's side, and go back; or show what to mend."""
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in ASKED}
    reader = Reader(typed, here.register.today())
    asked = _read_lifting_form(reader, signal_id)
    if asked is None:
        return _show_protection(request, here, signal_id, typed=typed, faults=reader.faults)
    try:
        ask_lifting(here.register, here.caller, asked)
    except tuple(kind for kind, _ in _TAKEN) as error:
        faults = [fault for kind, fault in _TAKEN if isinstance(error, kind)]
        return _show_protection(request, here, signal_id, typed=typed, faults=faults)
    return to(f"/ours/{signal_id}/protection?done=asked")


@router.get("/liftings")
def liftings(request: Request, here: SignedInHere, cursor: Cursor = None) -> Response:
    """All that was asked, newest first: of the country for the register unit, else of the own organisation."""
    page = list_liftings(here.register, here.caller, cursor=cursor, limit=ROWS)
    return show(
        request,
        here,
        "signals/lifted/list.html",
        items=page.items,
        later=f"/liftings?cursor={page.next}" if page.next else None,
        first=cursor is None,
    )


@router.get("/liftings/{lifting_id}")
def lifting(request: Request, here: SignedInHere, lifting_id: UUID, done: Done = "") -> Response:
    """One question, with the person as the report now has them, and what may be said to it."""
    found = read_lifting(here.register, here.caller, LiftingId(lifting_id))
    return _show_lifting(request, here, found, faults=[], decided=done == "decided")


@router.post("/liftings/{lifting_id}")
def decide(request: Request, post: SentHere, lifting_id: UUID) -> Response:
    """Say it, and go back; or show what to mend, or that somebody said something meanwhile."""
    here, posted = post.visitor, post.posted
    which = LiftingId(lifting_id)
    found = read_lifting(here.register, here.caller, which)
    if posted.one("version") != str(found.version):
        return _show_lifting(request, here, found, faults=[], changed=True)
    if posted.one("decision") not in found.offered:
        return _show_lifting(request, here, found, faults=[Fault("decision", N_("Choose what you say to it."))])
    said = DecideLiftingIn(decision=LiftingDecision(posted.one("decision")))
    try:
        decide_lifting(here.register, here.caller, which, said, version=found.version)
    except (ChangedMeanwhile, LiftingSettled):
        found = read_lifting(here.register, here.caller, which)
        return _show_lifting(request, here, found, faults=[], changed=True)
    except (FactStands, NotToBeLifted):
        says = N_("Something says it again, or protects the person by now: tell the register unit. Nothing was lifted.")
        return _show_lifting(request, here, found, faults=[Fault("decision", says)])
    except NotTheSecond:
        says = N_("You brought this report in: somebody else of your organisation answers.")
        return _show_lifting(request, here, found, faults=[Fault("decision", says)])
    return to(f"/liftings/{lifting_id}?done=decided")


@router.get("/let-go/{finding_id}")
def letting_go(request: Request, here: SignedInHere, finding_id: UUID) -> Response:
    """That what protected somebody in an own report was let go, the form to object, and what was said to it."""
    found = read_letting_go(here.register, here.caller, FindingId(finding_id))
    # What was said to an earlier letting go is no answer to this one.
    answered = found.answered_at is not None and (found.reopened or found.answered_at >= found.decided_at)
    return show(
        request,
        here,
        "signals/lifted/let_go.html",
        one=found,
        objected=answered and found.reopened and bool(found.objected),
        stands=answered and not found.reopened,
        own=found.answered_by == here.caller.actor,
    )


@router.post("/let-go/{finding_id}")
def object_to_it(post: SentHere, finding_id: UUID) -> Response:
    """Object, or let it stand, and go back to what it leads to; pressed twice, it was said once."""
    here = post.visitor
    # What protects is taken where nothing was pressed.
    said = ObjectIn(objects=post.posted.one("say") != "stand")
    try:
        object_to_letting_go(here.register, here.caller, FindingId(finding_id), said)
    except NotFound:
        read_letting_go(here.register, here.caller, FindingId(finding_id))
    return to(f"/let-go/{finding_id}")


def _read_lifting_form(reader: Reader, signal_id: UUID) -> LiftIn | None:
    number, _, reason = reader.text("which").partition("-")
    if not (number.isascii() and number.isdigit()) or reason not in code_list("protection"):
        reader.fault("which", N_("Choose of whom, and why the person is protected."))
    because = reader.code("because", "lifting_reason", N_("Choose which fact was wrong."))
    if not reader.text("second"):
        reader.fault("second", N_("Choose who stands for the victim."))
    note = reader.note("note", N_("Say what was wrong and how you know it."))
    if reader.faults or because is None:
        return None
    return LiftIn(
        signal=signal_id,
        subject=int(number[:4]),
        protection=reason,
        because=because,
        second=reader.text("second")[:40],
        note=note,
    )


def _show_protection(
    request: Request,
    here: Visitor,
    signal_id: UUID,
    *,
    typed: Mapping[str, str],
    faults: Sequence[Fault],
    done: bool = False,
) -> Response:
    found = read_protection(here.register, here.caller, SignalId(signal_id))
    names = _names(here)
    asks = [(one, reason) for one in found.persons for reason in one.reasons if reason in LIFTABLE]
    return show(
        request,
        here,
        "signals/lifted/protection.html",
        found=found,
        asks=asks,
        seconds=[(code, names.get(code, code)) for code in found.seconds],
        names=names,
        typed=typed,
        faults=list(faults),
        done=done,
    )


def _names(here: Visitor) -> Mapping[str, str]:
    return {one.code: one.name for one in organisations_for(here.register, here.caller)}


def _show_lifting(
    request: Request,
    here: Visitor,
    found: LiftingOut,
    *,
    faults: Sequence[Fault],
    changed: bool = False,
    decided: bool = False,
) -> Response:
    return show(
        request,
        here,
        "signals/lifted/lifting.html",
        one=found,
        names=_names(here),
        decisions=[decision.value for decision in found.offered],
        unit=here.caller.may(Task.REGISTER),
        typed={},
        faults=list(faults),
        changed=changed,
        decided=decided,
    )
