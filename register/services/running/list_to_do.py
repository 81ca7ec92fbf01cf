"""What waits for whoever asks: his own, his organisation's, and what waits for his tasks; nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Mapping

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.running.to_do import Count, Waiting
from schemas.codes import ToDoKind
from schemas.form import PAGE_MAX, Page
from schemas.running.to_do import ToDoOut


def list_to_do(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[ToDoOut]:
    """Return one page, the most urgent first, then what is due first.

    Whoever is authorised for nothing that could wait is given an empty list: it says nothing about anybody.

    Raises:
        BadCursor: the cursor is none of ours.
    """
    limit = max(1, min(limit, PAGE_MAX))
    after = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        found = work.running.to_do.page(caller, after=after, limit=limit + 1)
        # Nobody but the register unit has findings waiting, and the unit may read every one of them.
        both = work.signals.findings.told_apart([one.object for one in found[:limit] if one.kind is ToDoKind.FINDING])
        work.running.audit.note(AuditAction.TO_DO_LISTED, "-", count=min(len(found), limit))
    items = tuple(_build_document(one, both.get(one.object, (None, None, None, False))) for one in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def count_to_do(register: Register, caller: Caller) -> Mapping[ToDoKind, Count]:
    """Return how many wait for the caller, by kind; numbers of what he may list, so no leaf of its own."""
    with register.work(caller) as work:
        return work.running.to_do.counts(caller)


def _build_document(one: Waiting, told: tuple[int | None, str | None, str | None, bool]) -> ToDoOut:
    subject, family, also, withdrawn = told
    return ToDoOut(
        id=one.id,
        kind=one.kind,
        object=one.object,
        detail=one.detail,
        urgency=one.urgency,
        unit=one.unit,
        signal=one.signal,
        reference=one.reference,
        opened_at=one.opened_at,
        due_at=one.due_at,
        overdue=one.overdue,
        subject=subject,
        family=family,
        also=also,
        withdrawn=withdrawn,
    )
