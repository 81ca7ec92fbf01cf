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
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from api.web.guard import PageRoute, Posted, SentHere, SignedInHere, UnreadableForm, Visitor, show, to
from api.web.intake.answers import Fault, Reader, Typed
from api.web.languages import N_, Text
from api.web.search.question import GROUND, Question, read_ground
from register.domain.caller import Task
from register.domain.partition import today_in
from register.domain.request import LONGEST_DAYS, RequestId, RouteNotTaken
from register.errors import NotFound
from register.services.draft_request import amend_request, draft_request, withdraw_request
from register.services.read_requests import list_requests, read_request
from schemas.codes import Partition, RequestState
from schemas.form import Note
from schemas.request import RequestAmendIn, RequestIn, RequestOut, RequestWithdrawIn
from schemas.signal import Account

router = APIRouter(prefix="/search/requests", include_in_schema=False, route_class=PageRoute)
_FIELDS: Final = ("route", "asks", "answer_by")
_DAYS: Final = 14
"""Suggested until when an answer is asked for."""
_PAGE: Final = 20
_ACCOUNT: Final[TypeAdapter[str]] = TypeAdapter(Account)
_NOTE: Final[TypeAdapter[str]] = TypeAdapter(Note)


class Carried(BaseModel):
    """What the answer of the search said of a hit, as the form carries it on."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    record: UUID
    owner: Partition
    reference: str
    unit: str
    routes: tuple[str, ...]


@router.get("")
def drafted(
    request: Request, here: SignedInHere, cursor: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """The requests of the own organisation, newest first."""
    page = list_requests(here.register, here.caller, cursor=cursor, limit=_PAGE)
    return show(request, here, "search/requests.html", page=page, first=cursor is None)


@router.post("")
def sent(request: Request, sent: SentHere) -> Response:
    """From a hit to the form of the draft, and from the form to the draft."""
    here, posted = sent.visitor, sent.posted
    here.caller.require(Task.SEARCH_SHARED)
    ground = {name: posted.one(name) for name in GROUND}
    reader = Reader(ground, _today(here))
    read_ground(reader, here.register.partition)
    hit = _carried(posted)
    if reader.faults:
        raise UnreadableForm("the form carries no ground that was taken")
    if posted.one("then") != "save":
        suggested = {
            "route": hit.routes[0] if len(hit.routes) == 1 else "",
            "answer_by": (_today(here) + timedelta(days=_DAYS)).isoformat(),
        }
        return _form(request, here, ground, hit, str(here.register.clock.new_id()), suggested, [])
    typed = {name: posted.one(name) for name in _FIELDS}
    faults = _faults(typed, _today(here), hit.routes)
    key = posted.one("key")
    if faults or not key:
        return _form(request, here, ground, hit, key or str(here.register.clock.new_id()), typed, faults)
    form = RequestIn.model_validate({**ground, **typed, "record": hit.record, "owner": hit.owner})
    try:
        made = draft_request(here.register, here.caller, form, key)
    except RouteNotTaken:
        return _form(request, here, ground, hit, key, typed, [Fault("route", _OTHER_ROUTE)])
    return to(f"/search/requests/{made.id}")


@router.get("/{request_id}")
def one(request: Request, here: SignedInHere, request_id: UUID) -> Response:
    """One request, as it is printed."""
    made = read_request(here.register, here.caller, RequestId(request_id))
    return _whole(request, here, made, {}, [])


@router.post("/{request_id}")
def changed(request: Request, sent: SentHere, request_id: UUID) -> Response:
    """Change a draft, or take it back."""
    here, posted = sent.visitor, sent.posted
    version = _version(posted)
    if posted.one("then") == "withdraw":
        try:
            withdrawal = RequestWithdrawIn(reason=_NOTE.validate_python(posted.one("reason")))
        except ValidationError:
            made = read_request(here.register, here.caller, RequestId(request_id))
            return _whole(request, here, made, {"reason": posted.one("reason")}, [Fault("reason", _REASON)])
        withdraw_request(here.register, here.caller, RequestId(request_id), withdrawal, version=version)
        return to(f"/search/requests/{request_id}")
    typed = {name: posted.one(name) for name in _FIELDS}
    faults = _faults(typed, _today(here), None)
    if not faults:
        try:
            change = RequestAmendIn.model_validate(typed)
            amend_request(here.register, here.caller, RequestId(request_id), change, version=version)
            return to(f"/search/requests/{request_id}")
        except RouteNotTaken:
            faults = [Fault("route", _OTHER_ROUTE)]
        except NotFound:  # of the extract; where the request itself is not there, reading it says so
            faults = [Fault("asks", _GONE)]
    made = read_request(here.register, here.caller, RequestId(request_id))
    return _whole(request, here, made, typed, faults)


_OTHER_ROUTE: Final = N_("The owner takes no requests by this route. Choose another.")
_GONE: Final = N_("The extract may not be shown any more, so this draft cannot change. Withdraw it.")
_REASON: Final = N_("Say in a few words why it is withdrawn.")


def _faults(typed: Typed, today: date, routes: Sequence[str] | None) -> list[Fault]:
    reader = Reader(typed, today)
    route = reader.code("route", "request_route", N_("Choose by which route you ask."))
    if route is not None and routes is not None and route not in routes:
        reader.fault("route", _OTHER_ROUTE)
    try:
        _ACCOUNT.validate_python(reader.text("asks"))
    except ValidationError:
        reader.fault("asks", N_("Say what you ask, in at most 8,000 characters."))
    says = N_("Give a day from today to a year ahead, for instance %(day)s.", day=today.isoformat())
    try:
        ahead = (date.fromisoformat(reader.text("answer_by")) - today).days
    except ValueError:
        ahead = -1
    if not 0 <= ahead <= LONGEST_DAYS:
        reader.fault("answer_by", says)
    return reader.faults


def _carried(posted: Posted) -> Carried:
    try:
        return Carried.model_validate_json(posted.one("hit"))
    except ValidationError:
        raise UnreadableForm("the form names no hit") from None


def _version(posted: Posted) -> int:
    text = posted.one("version")
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        raise UnreadableForm("the form names no version")
    return int(text[:9])


def _form(
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
    return show(request, here, "search/draft.html", faults=faults, **values)


def _whole(request: Request, here: Visitor, made: RequestOut, typed: Typed, faults: list[Fault]) -> Response:
    said: Text = _next_step(made)
    kept = {"route": made.route, "asks": made.asks, "answer_by": made.answer_by.isoformat()}
    return show(
        request,
        here,
        "search/request.html",
        made=made,
        next_step=said,
        typed={**kept, **typed},
        faults=faults,
        is_draft=made.state is RequestState.DRAFT,
    )


def _next_step(made: RequestOut) -> Text:
    if made.state is RequestState.WITHDRAWN:
        return N_("Nothing is left to do here. If it was carried already, tell the unit that it no longer stands.")
    if not made.record_live:
        return N_("Do not carry it: the extract that it asks about is gone. Search again, and withdraw this draft.")
    return N_("Print this page with your browser and carry it to %(unit)s today.", unit=made.unit)


def _today(here: Visitor) -> date:
    return today_in(here.register.partition, here.register.clock.now())
