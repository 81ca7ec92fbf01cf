"""List the own country's signals, newest first or by what waits, page by page; coded columns only, no person in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.signals.reading import may_list, reads_country
from register.domain.signals.signal_document import build_signal_summary
from register.errors import CallerError
from schemas.form import PAGE_MAX, Page
from schemas.signals.out import SignalOrder, SignalSummary

FILTERS = frozenset(
    {"kind", "state", "type_assessed", "type_registered", "island", "source", "channel", "urgency", "organisation"}
)
PERIOD = frozenset({"received_from", "received_to"})


def list_signals(
    register: Register,
    caller: Caller,
    *,
    filters: Mapping[str, str | date],
    cursor: str | None,
    limit: int,
    order: SignalOrder = SignalOrder.NEWEST,
) -> Page[SignalSummary]:
    """Return one page.

    Args:
        register: the caller's country's.
        caller: with REGISTER, ENRICH, CONSENT or PROSECUTE for the whole country; else for the own organisation.
        filters: equal-to, by the names of `FILTERS`; days on or after and on or before, by those of `PERIOD`.
        cursor: `next` of the page before.
        limit: at most 200.
        order: by what waits is for the register unit: what waits about a report is its business only.

    Raises:
        TaskMissing: the caller may read nothing.
        BadCursor: the cursor is none of ours.
    """
    if not may_list(caller):
        caller.require(Task.READ_OWN)
    if order is SignalOrder.WAITING:
        caller.require(Task.REGISTER)
    unknown = sorted(set(filters) - FILTERS - PERIOD)
    if unknown:
        raise CallerError(f"unknown filters {', '.join(unknown)}; allowed are {', '.join(sorted(FILTERS | PERIOD))}")
    limit = max(1, min(limit, PAGE_MAX))
    with register.work(caller) as work:
        rows = work.signals.reports.summaries(
            organisation=None if reads_country(caller) else caller.organisation,
            before=None if cursor is None else after_cursor(cursor),
            limit=limit + 1,
            filters=filters,
            order=order,
        )
        work.running.audit.note(AuditAction.SIGNAL_LISTED, "-", count=min(len(rows), limit), filters=sorted(filters))
    more = len(rows) > limit
    items = tuple(build_signal_summary(r, register.clock.now()) for r in rows[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if more else None)
