"""Hits from abroad: the ground first, then what partners share that meets own reports, newest first, page by page.

A block for each subject of an own report, and in it each hit with what was done about it, to be said there; a request
is drafted from the hit itself. Held like a search: nothing is shown without purpose, ground and case, and every page of
the list is sent for as a form, so that nothing of the case is in an address. From a report the register unit comes with
that report as its case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.casework.carried import carried_of
from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, UnreadableForm, Visitor, show
from api.web.frame.languages import N_, Text
from api.web.search.question import GROUND, read_ground
from api.web.search.searching import only_basis, reasons_of, spent_sentence
from api.web.signals.ours.wording import STRENGTHS, families_of
from api.web.signals.reporting.answers import Fault, Reader, Typed
from register.domain.access.policy import UseCase
from register.domain.signals.reading import reads_country, sees_hits_of_own_reports
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import NotFound
from register.mou.asking import QuestionRefused, grounds_for
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.list_hits import list_hits
from register.services.search.mark_hit import mark_hit
from schemas.codes import HitState, LegalBasis, Purpose, code_list
from schemas.search.question import Ground, HitMarkIn, HitRow

router = APIRouter(prefix="/hits", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
_BY_REPORT: Final = N_(
    "Look from the page of each report: that asks about the values of this one only, at most half a day's."
)


MARKS: Final = (
    HitState.SEEN.value,
    HitState.REQUESTED.value,
    *(f"{HitState.NO_CONCERN}.{one.code}" for one in code_list("no_concern")),
)
"""What a person may say of a hit; no concern always with why."""


@dataclass(frozen=True, slots=True)
class Block:
    """The hits on one subject of an own report, those that are no concern apart.

    Attributes:
        subject: its number; 0 for values of nobody, None where that is not known.
    """

    signal: UUID
    reference: str
    subject: int | None
    open: Sequence[HitRow]
    settled: Sequence[HitRow]


def blocks_of(rows: Sequence[HitRow]) -> list[Block]:
    """Hits as they came, a block for each subject of a report, in the order of the newest of each."""
    found: dict[tuple[UUID, int | None], list[HitRow]] = {}
    for row in rows:
        found.setdefault((row.signal, row.subject), []).append(row)
    return [
        Block(
            signal=signal,
            reference=of[0].signal_reference,
            subject=subject,
            open=[row for row in of if not _is_settled(row)],
            settled=[row for row in of if _is_settled(row)],
        )
        for (signal, subject), of in found.items()
    ]


def _is_settled(row: HitRow) -> bool:
    return row.state is HitState.NO_CONCERN and not row.changed_since


@router.get("")
def begin(request: Request, here: SignedInHere) -> Response:
    """For what, on what ground and for which case: before anything is shown."""
    _require_listing(here)
    # To coordinate: on another purpose part of what is there would not show, and be overlooked.
    return _show_ground(request, here, {"purpose": Purpose.COORDINATE, **only_basis(here)}, None)


@router.post("")
def asked(request: Request, sent: SentHere) -> Response:
    """Show a page of hits, or say what is missing of the ground."""
    here, posted = sent.visitor, sent.posted
    _require_listing(here)
    typed = {name: posted.one(name) for name in GROUND}
    signal = _read_signal_id(posted.one("signal"))
    reader = Reader(typed, here.register.today())
    ground = read_ground(reader, *grounds_for(here.caller, here.register.edition), here.case_of)
    if reader.faults:
        return _show_ground(request, here, typed, signal, reader.faults)
    typed = dict(ground)
    cursor = posted.one("cursor") or None
    stated = Ground(Purpose(typed["purpose"]), LegalBasis(typed["legal_basis"]), typed["case"])
    try:
        changed = [
            hit for hit, version, form in _read_marks(posted) if not _mark_one_hit(here, stated, hit, version, form)
        ]
        page = list_hits(
            here.register,
            here.caller,
            stated,
            signal=signal,
            cursor=cursor,
            limit=ROWS,
        )
    except QuestionRefused as refused:
        return _show_ground(request, here, typed, signal, refused=reasons_of(here, refused))
    except SearchBudgetSpent as spent:
        return _show_ground(
            request, here, typed, signal, refused=[spent_sentence(spent)] + ([] if signal else [_BY_REPORT])
        )
    return show(
        request,
        here,
        "search/hits.html",
        ground=typed,
        signal=signal,
        blocks=blocks_of(page.items),
        changed=changed,
        cursor=cursor,
        marks=MARKS,
        may_draft=UseCase.DRAFT_REQUEST.is_open_to(here.caller),
        carried=lambda hit: carried_of(hit).model_dump_json(),
        later=page.next,
        unanswered=page.unanswered,
        unreadable=page.unreadable,
        cut_off=page.cut_off,
        first=cursor is None,
        # Whoever sees hits need not see reports: a link that would refuse him is none.
        linked=reads_country(here.caller),
        by_others=not sees_hits_of_own_reports(here.caller),
        families_of=families_of,
        strengths=STRENGTHS,
    )


def _read_marks(posted: Posted) -> list[tuple[UUID, int, HitMarkIn]]:
    """What was said of which hits, each with the version that was seen; raises `UnreadableForm`."""
    rows, marks = posted.many("row"), posted.many("mark")
    try:
        return [_read_mark(row, mark) for row, mark in zip(rows, marks, strict=True) if mark]
    except ValueError:
        raise UnreadableForm("the form says something of a hit that is none of ours to read") from None


def _read_mark(row: str, mark: str) -> tuple[UUID, int, HitMarkIn]:
    (hit, _, version), (state, _, reason) = row.partition("."), mark.partition(".")
    return UUID(hit), int(version[:9]), HitMarkIn.model_validate({"state": state, "no_concern": reason or None})


def _mark_one_hit(here: Visitor, ground: Ground, hit: UUID, version: int, form: HitMarkIn) -> bool:
    """Say something of a hit; False where somebody did meanwhile, or it is there no more."""
    try:
        mark_hit(here.register, here.caller, ground, hit, form, version=version)
    except (ChangedMeanwhile, NotFound):
        return False
    return True


def _require_listing(here: Visitor) -> None:
    here.register.permit(here.caller, UseCase.LIST_HITS)


def _show_ground(
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


def _read_signal_id(text: str) -> SignalId | None:
    try:
        return SignalId(UUID(text)) if text else None
    except ValueError:
        raise UnreadableForm("the form names a report by something that is no id") from None
