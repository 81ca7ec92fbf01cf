"""What the nodes of partners call (wire.md 1): logs, receipts, rosters, signed lists, and what this node speaks.

Who calls is known from the signature of the request; a log, a receipt and a stub are always the caller's own, so no
address names another country.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from api.http.caller import Registered
from api.routes.exchange.partner import PartnerSignedIn
from schemas import canonical
from schemas.exchange.wire import (
    BODY_BYTES_MAX,
    ENVELOPE_VERSION,
    MEDIA_TYPE,
    PAGE_BYTES_MAX,
    PAGE_ENTRIES_MAX,
    SCHEMA_VERSION,
    GivenReceipt,
    GivenReceipts,
    document,
)
from sync.lists import MEDIA_TYPE as LIST_TYPE
from sync.lists import signed_list
from sync.protocol.documents.roster import Rosters
from sync.sender import Sender

ROSTERS_MAX: Final = 50
"""Rosters in one answer."""

router = APIRouter(tags=["exchange"])

Incarnation = Annotated[int, Query(ge=1, le=1_000_000)]
After = Annotated[int, Query(ge=0, le=canonical.MAX_INTEGER)]


@router.get("/.well-known/rtr-sync")
def versions(request: Request) -> dict[str, object]:
    """What this node speaks and takes; the one address of the exchange that needs no signature."""
    return {
        "protocol": {"envelope": [ENVELOPE_VERSION, ENVELOPE_VERSION], "body": [SCHEMA_VERSION, SCHEMA_VERSION]},
        "limits": {"page_entries": PAGE_ENTRIES_MAX, "page_bytes": PAGE_BYTES_MAX, "body_bytes": BODY_BYTES_MAX},
        "roster": _find_rosters(request).newest.number,
    }


@router.get("/sync/v1/rosters", response_class=Response)
def rosters(request: Request, _call: PartnerSignedIn, after: After = 0) -> Response:
    """The rosters after a number, each with its approvals; whether to believe them is for the asker to check."""
    later = [roster for roster in _find_rosters(request).documents if roster.number > after][:ROSTERS_MAX]
    return _answer_json({"rosters": [{"roster": document(roster), "approvals": []} for roster in later]})


@router.get("/sync/v1/log", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def log(
    request: Request,
    register: Registered,
    call: PartnerSignedIn,
    inc: Incarnation = 1,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=canonical.MAX_INTEGER)] = PAGE_ENTRIES_MAX,
    max_bytes: Annotated[int, Query(ge=1, le=canonical.MAX_INTEGER)] = PAGE_BYTES_MAX,
) -> Response:
    """The caller's next page, and a head that says how far its log goes; no page where there is nothing after."""
    sender = Sender(register, _find_rosters(request))
    answer = sender.pull(call.partner, call.nonce, incarnation=inc, after=after, limit=limit, max_bytes=max_bytes)
    return Response(answer, media_type=MEDIA_TYPE)


@router.get("/sync/v1/log/{inc}/{seq}", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def entry(
    request: Request,
    register: Registered,
    call: PartnerSignedIn,
    inc: Annotated[int, Path(ge=1, le=1_000_000)],
    seq: Annotated[int, Path(ge=1, le=canonical.MAX_INTEGER)],
) -> Response:
    """One entry of the caller's log, as a page of its own."""
    answer = Sender(register, _find_rosters(request)).one(call.partner, call.nonce, incarnation=inc, seq=seq)
    return Response(answer, media_type=MEDIA_TYPE)


@router.post("/sync/v1/receipts", status_code=204)
def take_receipt(request: Request, register: Registered, call: PartnerSignedIn) -> Response:
    """Take a receipt of the caller: a compact JWS as the body. Taking one again changes nothing."""
    Sender(register, _find_rosters(request)).take(call.partner, call.body)
    return Response(status_code=204)


@router.get("/sync/v1/receipts/latest", response_class=Response)
def latest_receipts(request: Request, register: Registered, call: PartnerSignedIn) -> Response:
    """The newest receipt that this node gave the caller, for each incarnation of the caller's log."""
    newest = Sender(register, _find_rosters(request)).latest_receipts(call.partner)
    given = tuple(GivenReceipt(inc=inc, receipt=jws) for inc, jws in sorted(newest.items()))
    return _answer_json(document(GivenReceipts(receipts=given)))


@router.get("/sync/v1/stubs", response_class=Response)
def stubs(
    request: Request, register: Registered, call: PartnerSignedIn, inc: Incarnation = 1, after: After = 0
) -> Response:
    """The caller's own stubs, as this node has them, one a line: for a caller that lost its log."""
    found = Sender(register, _find_rosters(request)).own_stubs(call.partner, incarnation=inc, after=after)
    return Response(b"".join(stub + b"\n" for stub in found), media_type="application/x-ndjson")


@router.get("/sync/v1/lists/{kind}", response_class=Response, responses={200: {"content": {LIST_TYPE: {}}}})
def signed_list_of(
    register: Registered, call: PartnerSignedIn, kind: Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]
) -> Response:
    """A signed list of this country, `organisations` or `actors`: a compact JWS, the same for every partner."""
    return Response(signed_list(register, call.partner, kind), media_type=LIST_TYPE)


def _find_rosters(request: Request) -> Rosters:
    known: Rosters = request.app.state.rosters()
    return known


def _answer_json(value: dict[str, object]) -> Response:
    return Response(canonical.dumps_plain(value), media_type="application/json")
