"""Searches across the countries, the hits from abroad, and a shared extract read again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from api.routes.preconditions import VersionWanted, tagged
from register.domain.access.policy import UseCase
from register.domain.signals.signal import SignalId
from register.errors import CallerError
from register.services.search.list_hits import list_hits
from register.services.search.mark_hit import mark_hit
from register.services.search.read_record import read_record
from register.services.search.search_records import search_records
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.form import PAGE_MAX
from schemas.search.question import Ground, HitMarkIn, HitRow, HitsPage, RecordOut, SearchIn, SearchOut

router = APIRouter(prefix="/v1", tags=["search"], dependencies=JSON_ONLY)


class GroundNeeded(CallerError):
    """A shared extract, or hits, were asked for without purpose, legal basis and case."""

    code = "ground-needed"
    advice = "Send the headers RTR-Purpose, RTR-Legal-Basis and RTR-Case; they are logged, and in no address."


@router.post("/searches")
def search(register: Registered, caller: SignedIn, question: SearchIn) -> SearchOut:
    """Ask whether a person, phone, document or plate is known anywhere; each country answers in one of five ways."""
    return search_records(register, caller, question)


@router.get("/hits")
def hits(
    register: Registered,
    caller: SignedIn,
    response: Response,
    signal: Annotated[UUID | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    rtr_purpose: Annotated[Purpose | None, Header()] = None,
    rtr_legal_basis: Annotated[LegalBasis | None, Header()] = None,
    rtr_case: Annotated[str | None, Header(max_length=100)] = None,
) -> HitsPage:
    """Received extracts that share a key with a signal of the own country, newest first; logged like a search.

    Where `unanswered` is not 0, those on some reports are not shown yet: a look answers for so many values of a day.

    Purpose, legal basis and case come in headers; the answer's RTR-Case is the case as it is counted.
    """
    register.permit(caller, UseCase.LIST_HITS)
    if rtr_purpose is None or rtr_legal_basis is None or not rtr_case:
        raise GroundNeeded("purpose, legal basis and case are needed to read hits")
    page = list_hits(
        register,
        caller,
        Ground(rtr_purpose, rtr_legal_basis, rtr_case),
        signal=None if signal is None else SignalId(signal),
        cursor=cursor,
        limit=limit,
    )
    response.headers["RTR-Case"] = register.case_of(caller, rtr_case)
    if page.next is not None:
        of = "" if signal is None else f"signal={signal}&"
        response.headers["Link"] = f'</v1/hits?{of}cursor={page.next}&limit={limit}>; rel="next"'
    return page


@router.post("/hits/{hit_id}/marks")
def mark(
    register: Registered,
    caller: SignedIn,
    response: Response,
    hit_id: UUID,
    form: HitMarkIn,
    version: VersionWanted,
    rtr_purpose: Annotated[Purpose | None, Header()] = None,
    rtr_legal_basis: Annotated[LegalBasis | None, Header()] = None,
    rtr_case: Annotated[str | None, Header(max_length=100)] = None,
) -> HitRow:
    """Say that a hit was looked at, that its partner was asked, or why it is no concern; each step is kept.

    If-Match names the hit's `version` from the list; purpose, legal basis and case come in headers, as for the list.
    """
    register.permit(caller, UseCase.MARK_HIT)
    if rtr_purpose is None or rtr_legal_basis is None or not rtr_case:
        raise GroundNeeded("purpose, legal basis and case are needed to mark a hit")
    ground = Ground(rtr_purpose, rtr_legal_basis, rtr_case)
    marked = mark_hit(register, caller, ground, hit_id, form, version=version)
    response.headers["RTR-Case"] = register.case_of(caller, rtr_case)
    return tagged(response, marked)


@router.get("/records/{record}")
def record(
    register: Registered,
    caller: SignedIn,
    response: Response,
    record: UUID,
    owner: Annotated[Partition | None, Query()] = None,
    rtr_purpose: Annotated[Purpose | None, Header()] = None,
    rtr_legal_basis: Annotated[LegalBasis | None, Header()] = None,
    rtr_case: Annotated[str | None, Header(max_length=100)] = None,
) -> RecordOut:
    """Read one shared extract, as far as its visibility shows it; costs one value of the day unless it was shown.

    Purpose, legal basis and case come in headers; the answer's RTR-Case is the case as it is counted.
    """
    if rtr_purpose is None or rtr_legal_basis is None or not rtr_case:
        raise GroundNeeded("purpose, legal basis and case are needed to read a shared extract")
    found = read_record(
        register, caller, record, purpose=rtr_purpose, legal_basis=rtr_legal_basis, case=rtr_case, owner=owner
    )
    response.headers["RTR-Case"] = register.case_of(caller, rtr_case)
    return found
