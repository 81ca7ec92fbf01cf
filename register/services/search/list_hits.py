"""Hits from abroad: received extracts that share a key with a signal of the own country, newest first."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.signals.reading import may_see_hits
from register.errors import CallerError
from register.mou.rules.use import Blind
from schemas.form import PAGE_MAX, Page
from schemas.search.question import HitRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadHitsCursor(CallerError):
    """The cursor is none that this list gave out."""

    code = "bad-hits-cursor"
    advice = "Begin at the first page and follow its `next`."


def list_hits(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[HitRow]:
    """Return one page of hits on own signals; those on blind ones show to the register unit only.

    Raises:
        TaskMissing: hits are for the register unit, those who enrich and those who search.
        BadHitsCursor: the cursor is none of ours.
    """
    if not may_see_hits(caller):
        caller.require(Task.SEARCH_SHARED)
    limit = max(1, min(limit, PAGE_MAX))
    hidden = () if caller.may(Task.REGISTER) else register.edition.given("VISIBILITY-1", Blind).visibilities
    before = None if cursor is None else _read(cursor)
    with register.work(caller) as work:
        rows = work.hits.newest(before=before, limit=limit + 1, hidden=hidden)
        work.audit.note("hits.listed", "-", count=min(len(rows), limit))
    items = tuple(rows[:limit])
    return Page(items=items, next=_cursor(items[-1]) if len(rows) > limit else None)


def _cursor(last: HitRow) -> str:
    micros = (last.found_at - _EPOCH).total_seconds() * 1_000_000
    return base64.urlsafe_b64encode(round(micros).to_bytes(8, "big") + last.id.bytes).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return datetime.fromtimestamp(int.from_bytes(raw[:8], "big") / 1_000_000, UTC), UUID(bytes=raw[8:])
    except (ValueError, OverflowError, OSError):
        raise BadHitsCursor("the cursor is none that this list gave out") from None
