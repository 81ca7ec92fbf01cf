"""Requests to the owners of shared extracts: drafted, read, changed and withdrawn in the house that asks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.pages import PageWanted, linked
from api.routes.preconditions import KeyWanted, VersionWanted, tagged
from register.domain.casework.request import RequestId
from register.services.casework.draft_request import amend_request, draft_request, withdraw_request
from register.services.casework.read_requests import list_requests, read_request
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestSummary, RequestWithdrawIn
from schemas.form import Page

router = APIRouter(prefix="/v1/requests", tags=["requests"], dependencies=JSON_ONLY)


@router.post("", status_code=201)
def new_request(
    register: Registered, caller: SignedIn, form: RequestIn, key: KeyWanted, response: Response
) -> RequestOut:
    """Draft a request for the content of a shared extract that a search would show now. Nothing is sent by it."""
    made = draft_request(register, caller, form, key)
    response.headers["Location"] = f"/v1/requests/{made.id}"
    return tagged(response, made)


@router.get("")
def drafted(register: Registered, caller: SignedIn, wanted: PageWanted, response: Response) -> Page[RequestSummary]:
    """List the own organisation's requests, newest first; follow `next`, which the `Link` header names too."""
    page = list_requests(register, caller, cursor=wanted.cursor, limit=wanted.limit)
    return linked(response, "/v1/requests", page, wanted)


@router.get("/by-reference/{reference}")
def request_by_reference(
    register: Registered,
    caller: SignedIn,
    reference: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,24}$")],
    response: Response,
) -> RequestOut:
    """Read a request by the reference that stands on the printed page."""
    return tagged(response, read_request(register, caller, reference))


@router.get("/{request_id}")
def one_request(register: Registered, caller: SignedIn, request_id: UUID, response: Response) -> RequestOut:
    """Read one request of the own organisation; the reading is logged."""
    return tagged(response, read_request(register, caller, RequestId(request_id)))


@router.patch("/{request_id}")
def amend_draft(
    register: Registered,
    caller: SignedIn,
    request_id: UUID,
    change: RequestAmendIn,
    version: VersionWanted,
    response: Response,
) -> RequestOut:
    """Change the words, the route or the day of a draft."""
    return tagged(response, amend_request(register, caller, RequestId(request_id), change, version=version))


@router.post("/{request_id}/withdrawal")
def withdraw_draft(
    register: Registered,
    caller: SignedIn,
    request_id: UUID,
    withdrawal: RequestWithdrawIn,
    version: VersionWanted,
    response: Response,
) -> RequestOut:
    """Take a draft back, with a reason; it stays readable."""
    return tagged(response, withdraw_request(register, caller, RequestId(request_id), withdrawal, version=version))
