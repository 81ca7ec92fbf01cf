"""Read the requests that the own organisation has drafted; each reading leaves a leaf in the audit log."""

from __future__ import annotations

import base64
from uuid import UUID

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.request import RequestId
from register.domain.request_document import document, summary
from register.errors import CallerError, NotFound
from schemas.form import PAGE_MAX, Page
from schemas.request import RequestOut, RequestSummary


class BadRequestsCursor(CallerError):
    """The cursor is none that this list gave out."""

    code = "bad-requests-cursor"
    advice = "Begin at the first page and follow its `next`."


def read_request(register: Register, caller: Caller, which: RequestId | str) -> RequestOut:
    """Return a request of the caller's own organisation, by its id or its reference.

    Raises:
        TaskMissing: the caller may not search what others share.
        NotFound: there is none; the same for another organisation's. The attempt is logged.
    """
    caller.require(Task.SEARCH_SHARED)
    try:
        with register.work(caller) as work:
            request, live = work.requests.get(which, caller.organisation)
            work.audit.note("request.read", str(request.id), version=request.version)
    except NotFound:
        with register.work(caller) as work:
            work.audit.note("request.not-found", str(which))
        raise
    return document(request, record_live=live)


def list_requests(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[RequestSummary]:
    """Return one page of the own organisation's requests, newest first; nothing sealed is opened for it.

    Raises:
        TaskMissing: as for reading one.
        BadRequestsCursor: the cursor is none of ours.
    """
    caller.require(Task.SEARCH_SHARED)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else _before(cursor)
    with register.work(caller) as work:
        rows = work.requests.newest(caller.organisation, before=before, limit=limit + 1)
        work.audit.note("request.listed", "-", count=min(len(rows), limit))
    items = tuple(summary(row) for row in rows[:limit])
    return Page(items=items, next=_cursor(items[-1].id) if len(rows) > limit else None)


def _cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def _before(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError:
        raise BadRequestsCursor("the cursor is none that this list gave out") from None
