"""Hits from abroad: the ground first, then what partners share that meets own reports, newest first, page by page.

Held like a search: nothing is shown without purpose, ground and case, and every page of the list is sent for as a
form, so that nothing of the case is in an address. From a report the register unit comes with that report as its case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, UnreadableForm, Visitor, show
from api.web.frame.languages import N_, Text
from api.web.search.question import GROUND, read_ground
from api.web.search.searching import only_basis, reasons_of, spent_sentence
from api.web.signals.ours.wording import STRENGTHS, families_of
from api.web.signals.reporting.answers import Fault, Reader, Typed
from register.domain.access.caller import Task
from register.domain.signals.reading import may_ask_for_hits, reads_country, sees_hits_of_own_reports
from register.domain.signals.signal import SignalId
from register.mou.asking import QuestionRefused, grounds_for
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.list_hits import list_hits
from schemas.codes import LegalBasis, Purpose
from schemas.search.question import Ground

router = APIRouter(prefix="/hits", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
_BY_REPORT: Final = N_(
    "Look from the page of each report: that asks about the values of this one only, at most half a day's."
)


@router.get("")
def begin(request: Request, here: SignedInHere) -> Response:
    """For what, on what ground and for which case: before anything is shown."""
    _require(here)
    # To coordinate: on another purpose part of what is there would not show, and be overlooked.
    return _ground(request, here, {"purpose": Purpose.COORDINATE, **only_basis(here)}, None)


@router.post("")
def asked(request: Request, sent: SentHere) -> Response:
    """Show a page of hits, or say what is missing of the ground."""
    here, posted = sent.visitor, sent.posted
    _require(here)
    typed = {name: posted.one(name) for name in GROUND}
    signal = _signal(posted.one("signal"))
    reader = Reader(typed, here.register.today())
    ground = read_ground(reader, *grounds_for(here.caller, here.register.edition), here.case_of)
    if reader.faults:
        return _ground(request, here, typed, signal, reader.faults)
    typed = dict(ground)
    cursor = posted.one("cursor") or None
    try:
        page = list_hits(
            here.register,
            here.caller,
            Ground(Purpose(typed["purpose"]), LegalBasis(typed["legal_basis"]), typed["case"]),
            signal=signal,
            cursor=cursor,
            limit=ROWS,
        )
    except QuestionRefused as refused:
        return _ground(request, here, typed, signal, refused=reasons_of(here, refused))
    except SearchBudgetSpent as spent:
        return _ground(request, here, typed, signal, refused=[spent_sentence(spent)] + ([] if signal else [_BY_REPORT]))
    return show(
        request,
        here,
        "search/hits.html",
        ground=typed,
        signal=signal,
        items=page.items,
        later=page.next,
        unanswered=page.unanswered,
        first=cursor is None,
        # Whoever sees hits need not see reports: a link that would refuse him is none.
        linked=reads_country(here.caller),
        by_others=not sees_hits_of_own_reports(here.caller),
        families_of=families_of,
        strengths=STRENGTHS,
    )


def _require(here: Visitor) -> None:
    if not may_ask_for_hits(here.caller):
        here.caller.require(Task.SEARCH_SHARED)


def _ground(
    request: Request,
    here: Visitor,
    typed: Typed,
    signal: SignalId | None,
    faults: Sequence[Fault] = (),
    refused: Sequence[str | Text] = (),
) -> Response:
    bases, purposes = grounds_for(here.caller, here.register.edition)
    return show(
        request,
        here,
        "search/hits_ground.html",
        typed=typed,
        signal=signal,
        faults=list(faults),
        refused=list(refused),
        bases=bases,
        purposes=purposes,
    )


def _signal(text: str) -> SignalId | None:
    try:
        return SignalId(UUID(text)) if text else None
    except ValueError:
        raise UnreadableForm("the form names a report by something that is no id") from None
