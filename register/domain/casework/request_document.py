"""A request as it is answered: the same words for the API, the command line and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from register.domain.casework.request import Request
from schemas.casework.request import RequestOut, RequestSummary
from schemas.codes import RequestState

_BY: Mapping[str, str] = {"police": "by police request", "legal": "by legal assistance"}


def build_request_document(request: Request, *, record_live: bool) -> RequestOut:
    """The whole of it; `record_live` says whether the extract can still be found here."""
    return RequestOut(
        id=request.id,
        reference=request.reference,
        state=request.state,
        version=request.version,
        organisation=request.organisation,
        owner=request.owner,
        unit=request.unit,
        record=request.record,
        record_reference=request.record_reference,
        record_live=record_live,
        route=request.route,
        purpose=request.purpose,
        legal_basis=request.legal_basis,
        case=request.case,
        asks=request.asks,
        answer_by=request.answer_by,
        next_step=_next_step(request, record_live=record_live),
        made_at=request.made_at,
        changed_at=request.changed_at,
        withdrawn_at=request.withdrawn_at,
        withdrawn_for=request.withdrawn_for,
    )


def build_request_summary(row: Mapping[str, Any]) -> RequestSummary:
    """One line of the list, from plain columns."""
    return RequestSummary(**{name: row[name] for name in RequestSummary.model_fields})


def _next_step(request: Request, *, record_live: bool) -> str:
    if request.state is RequestState.WITHDRAWN:
        return "Nothing: it has been withdrawn. If it was carried, tell the unit that it no longer stands."
    if not record_live:
        return "Do not carry it: the extract it asks about is gone. Search again, and withdraw this draft."
    return (
        f"Print it and carry it to {request.unit} {_BY.get(request.route, 'by a request')}; "
        "the register does not send or answer requests yet."
    )
