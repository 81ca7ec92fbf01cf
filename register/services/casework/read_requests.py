"""Read the requests that the own organisation has drafted; each reading leaves a leaf in the audit log."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.casework.request import RequestId
from register.domain.casework.request_document import build_request_document, build_request_summary
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from schemas.casework.request import RequestOut, RequestSummary
from schemas.form import PAGE_MAX, Page


def read_request(register: Register, caller: Caller, which: RequestId | str) -> RequestOut:
    """Return a request of the caller's own organisation, by its id or its reference.

    Raises:
        TaskMissing: the caller may not search what others share.
        NotFound: there is none; the same for another organisation's. The attempt is logged.
    """
    register.permit(caller, UseCase.READ_REQUEST)
    with register.looking(caller, AuditAction.REQUEST_NOT_FOUND, which) as work:
        request, live = work.casework.requests.get(which, caller.organisation)
        work.running.audit.note(AuditAction.REQUEST_READ, str(request.id), version=request.version)
    return build_request_document(request, record_live=live)


def list_requests(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[RequestSummary]:
    """Return one page of the own organisation's requests, newest first; nothing sealed is opened for it.

    Raises:
        TaskMissing: as for reading one.
        BadCursor: the cursor is none of ours.
    """
    register.permit(caller, UseCase.LIST_REQUESTS)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        rows = work.casework.requests.newest(caller.organisation, before=before, limit=limit + 1)
        work.running.audit.note(AuditAction.REQUEST_LISTED, "-", count=min(len(rows), limit))
    items = tuple(build_request_summary(row) for row in rows[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(rows) > limit else None)
