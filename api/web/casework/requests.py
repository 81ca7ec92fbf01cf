"""Requests at the pages: drafted from a hit, shown so that they can be printed and carried, changed, withdrawn.

The form carries what the answer of the search said of the hit; what counts is read again when the draft is stored.
Addresses hold a request's id and nothing of the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.web.casework.carried import Carried, asks_of
from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, UnreadableForm, Visitor, show, to
from api.web.frame.languages import N_, Text
from api.web.frame.rendering import words_of
from api.web.search.question import GROUND, Question, read_ground
from api.web.search.searching import spent_sentence
from api.web.signals.reporting.answers import Fault, Reader, Typed
from register.domain.access.policy import UseCase
from register.domain.casework.request import LONGEST_DAYS, DayOutOfRange, NotADraft, RequestId, RouteNotTaken
from register.domain.signals.signal import ChangedMeanwhile
from register.domain.typed_day import read_day
from register.errors import NotFound
from register.mou.asking import grounds_for, routes_for
from register.services.casework.draft_request import amend_request, draft_request, withdraw_request
from register.services.casework.read_requests import list_requests, read_request
from register.services.search.budgets import SearchBudgetSpent
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestWithdrawIn
from schemas.codes import RequestState

router = APIRouter(prefix="/search/requests", include_in_schema=False, route_class=PageRoute)
_FIELDS: Final = ("route", "asks", "answer_by")
_DAYS: Final = 14
"""Suggested until when an answer is asked for."""
_PAGE: Final = 20


@router.get("")
def drafted(
    request: Request, here: SignedInHere, cursor: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """The requests of the own organisation, newest first."""
    page = list_requests(here.register, here.caller, cursor=cursor, limit=_PAGE)
    return show(request, here, "casework/requests.html", page=page, first=cursor is None)


@router.post("")
def sent(request: Request, post: SentHere) -> Response:
    """From a hit to the form of the draft, and from the form to the draft."""
    here, posted = post.visitor, post.posted
    here.register.permit(here.caller, UseCase.DRAFT_REQUEST)
    reader = Reader({name: posted.one(name) for name in GROUND}, _read_today(here))
    ground = read_ground(reader, *grounds_for(here.caller, here.register.edition), here.case_of)
    hit = _read_carried_hit(posted)
    may_take = routes_for(here.caller, here.register.edition)
    hit = hit.model_copy(update={"routes": tuple(route for route in hit.routes if route in may_take)})
    if reader.faults:
        raise UnreadableForm("the form carries no ground that was taken")
    if posted.one("then") != "save":
        suggested = {
            "route": hit.routes[0] if len(hit.routes) == 1 else "",
            "answer_by": (_read_today(here) + timedelta(days=_DAYS)).isoformat(),
            "asks": asks_of(hit, words_of(request, here.register.partition, intake=False)),
        }
        return _show_form(request, here, ground, hit, str(here.register.clock.new_id()), suggested, [])
    typed = {name: posted.one(name) for name in _FIELDS}
    faults = _find_faults(typed, _read_today(here), hit.routes)
    key = posted.one("key")
    if faults or not key:
        return _show_form(request, here, ground, hit, key or str(here.register.clock.new_id()), typed, faults)
    form = RequestIn.model_validate({**ground, **_read_typed(typed), **hit.named()})
    try:
        made = draft_request(here.register, here.caller, form, key)
    except RouteNotTaken:
        return _show_form(request, here, ground, hit, key, typed, [Fault("route", _OTHER_ROUTE)])
    except SearchBudgetSpent as spent:
        return _show_form(request, here, ground, hit, key, typed, [Fault("asks", spent_sentence(spent))])
    except DayOutOfRange:  # midnight came in between
        return _show_form(request, here, ground, hit, key, typed, [_day_fault(_read_today(here))])
    except ChangedMeanwhile:
        return _show_form(request, here, ground, hit, key, typed, [Fault("asks", _HIT_CHANGED)])
    return to(f"/search/requests/{made.id}")


@router.get("/{request_id}")
def one(request: Request, here: SignedInHere, request_id: UUID) -> Response:
    """One request, as it is printed."""
    made = read_request(here.register, here.caller, RequestId(request_id))
    return _show_request(request, here, made, {}, [])


@router.post("/{request_id}")
def changed(request: Request, post: SentHere, request_id: UUID) -> Response:
    """Change a draft, or take it back; where somebody was faster, nothing is done and nothing typed is lost."""
    here, posted = post.visitor, post.posted
    back = f"/search/requests/{request_id}"
    version, is_withdrawal = _read_version(posted), posted.one("then") == "withdraw"
    typed = {name: posted.one(name) for name in (("reason",) if is_withdrawal else _FIELDS)}
    try:
        do = _withdraw_typed if is_withdrawal else _change_draft
        faults = do(here, RequestId(request_id), typed, version)
    except ChangedMeanwhile:
        faults = [Fault("reason" if is_withdrawal else "asks", _CHANGED)]
    except NotADraft:
        faults = []
    else:
        if not faults:
            return to(back)
    made = read_request(here.register, here.caller, RequestId(request_id))
    return _show_request(request, here, made, typed, faults)


def _withdraw_typed(here: Visitor, request_id: RequestId, typed: Typed, version: int) -> list[Fault]:
    reader = Reader(typed, _read_today(here))
    reason = reader.note("reason", _REASON)
    if reader.faults:
        return reader.faults
    withdrawal = RequestWithdrawIn(reason=reason)
    withdraw_request(here.register, here.caller, request_id, withdrawal, version=version)
    return []


def _change_draft(here: Visitor, request_id: RequestId, typed: Typed, version: int) -> list[Fault]:
    faults = _find_faults(typed, _read_today(here), None)
    if faults:
        return faults
    try:
        change = RequestAmendIn.model_validate(_read_typed(typed))
        amend_request(here.register, here.caller, request_id, change, version=version)
    except RouteNotTaken:
        return [Fault("route", _OTHER_ROUTE)]
    except DayOutOfRange:  # midnight came in between
        return [_day_fault(_read_today(here))]
    except NotFound:  # of the extract; where the request itself is not there, reading it says so
        return [Fault("asks", _GONE)]
    return []


_CHANGED: Final = N_(
    "Somebody changed this draft meanwhile. Look at it as it is now; send yours again if it should count."
)
_HIT_CHANGED: Final = N_("Somebody said something of this hit in this very moment. Send the draft again.")
_OTHER_ROUTE: Final = N_("The owner takes no requests by this route. Choose another.")
_GONE: Final = N_("The extract may not be shown any more, so this draft cannot change. Withdraw it.")
_REASON: Final = N_("Say in a few words why it is withdrawn.")


def _find_faults(typed: Typed, today: date, routes: Sequence[str] | None) -> list[Fault]:
    reader = Reader(typed, today)
    route = reader.code("route", "request_route", N_("Choose by which route you ask."))
    if route is not None and routes is not None and route not in routes:
        reader.fault("route", _OTHER_ROUTE)
    reader.account("asks", N_("Say what you ask."))
    wanted = read_day(reader.text("answer_by"))
    ahead = -1 if wanted is None else (wanted - today).days
    if not 0 <= ahead <= LONGEST_DAYS:
        reader.faults.append(_day_fault(today))
    return reader.faults


def _read_typed(typed: Typed) -> dict[str, Any]:
    """What was typed, with the day as it was read; for fields that `_find_faults` has let pass."""
    return {**typed, "answer_by": read_day(str(typed["answer_by"]))}


def _day_fault(today: date) -> Fault:
    return Fault("answer_by", N_("Give a day from today to a year ahead, for instance %(day)s.", day=today.isoformat()))


def _read_carried_hit(posted: Posted) -> Carried:
    try:
        return Carried.model_validate_json(posted.one("hit"))
    except ValidationError:
        raise UnreadableForm("the form names no hit") from None


def _read_version(posted: Posted) -> int:
    text = posted.one("version")
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        raise UnreadableForm("the form names no version")
    return int(text[:9])


def _show_form(
    request: Request,
    here: Visitor,
    ground: Mapping[str, str],
    hit: Carried,
    key: str,
    typed: Typed,
    faults: list[Fault],
) -> Response:
    question = Question(ground)
    carried = hit.model_dump_json()
    values: dict[str, Any] = {"question": question, "hit": hit, "carried": carried, "key": key, "typed": typed}
    return show(request, here, "casework/draft.html", faults=faults, **values)


def _show_request(request: Request, here: Visitor, made: RequestOut, typed: Typed, faults: list[Fault]) -> Response:
    said: Text = _next_step(made)
    is_draft = made.state is RequestState.DRAFT
    has_form = is_draft and (made.record_live or "reason" in typed)
    kept = {"route": made.route, "asks": made.asks, "answer_by": made.answer_by.isoformat()}
    return show(
        request,
        here,
        "casework/request.html",
        made=made,
        next_step=said,
        typed={**kept, **typed},
        faults=faults,
        is_draft=is_draft,
        written="" if has_form else typed.get("asks") or typed.get("reason", ""),
    )


def _next_step(made: RequestOut) -> Text:
    if made.state is RequestState.WITHDRAWN:
        return N_("Nothing is left to do here. If it was carried already, tell the unit that it no longer stands.")
    if not made.record_live:
        return N_("Do not carry it: the extract that it asks about is gone. Search again, and withdraw this draft.")
    return N_("Print this page with your browser and carry it to %(unit)s today.", unit=made.unit)


def _read_today(here: Visitor) -> date:
    return here.register.today()
