"""The privacy officer looks at how is asked: what rang, and searches drawn by lot; what he says stays.

He sees who asked, for what and how much, and never a value that was asked about nor what was found. Each look and
each word leaves a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Rung
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.store.search.search_watch import Searched
from register.store.work import Work
from schemas.access.privacy import AcknowledgeIn, AlarmOut, SearchedOut, TickIn
from schemas.form import PAGE_MAX, Page

Found = TypeVar("Found")
Listed = TypeVar("Listed", AlarmOut, SearchedOut)


def list_alarms(
    register: Register, caller: Caller, *, acknowledged: bool | None, cursor: str | None, limit: int
) -> Page[AlarmOut]:
    """Return one page, newest first: those that wait, those that are acknowledged, or all.

    Raises:
        TaskMissing: alarms are the privacy officer's.
        BadCursor: the cursor is none of ours.
    """
    register.permit(caller, UseCase.OVERSEE_ASKING)
    return _list_found(
        register,
        caller,
        AuditAction.ALARM_LISTED,
        lambda work, before, most: work.access.alarms.page(acknowledged=acknowledged, before=before, limit=most),
        _describe_alarm,
        cursor=cursor,
        limit=limit,
    )


def list_overseen(
    register: Register, caller: Caller, *, said: bool, alarms: str | None, searches: str | None, limit: int
) -> tuple[Page[AlarmOut], Page[SearchedOut]]:
    """Return a page of alarms and one of searches, each from its cursor on: one look, and one leaf of it.

    Of what waits, or with `said` of what was acknowledged and ticked.

    Raises:
        TaskMissing: both are the privacy officer's.
        BadCursor: a cursor is none of ours.
    """
    register.permit(caller, UseCase.OVERSEE_ASKING)
    after = [None if cursor is None else after_cursor(cursor) for cursor in (alarms, searches)]
    with register.work(caller) as work:
        rung = work.access.alarms.page(acknowledged=said, before=after[0], limit=limit + 1)
        drawn = work.search.watch.sample(ticked=said, before=after[1], limit=limit + 1)
        work.running.audit.note(
            AuditAction.ASKING_LISTED, "-", alarms=min(len(rung), limit), searches=min(len(drawn), limit)
        )
    return _build_page(rung, _describe_alarm, limit), _build_page(drawn, _describe_search, limit)


def acknowledge_alarm(register: Register, caller: Caller, alarm_id: UUID, said: AcknowledgeIn) -> AlarmOut:
    """Say what was found about an alarm; it stays so, and rings anew only if it happens again.

    Raises:
        TaskMissing: alarms are the privacy officer's.
        NotFound: there is none.
        AlreadySaid: it was acknowledged before.
    """
    register.permit(caller, UseCase.ACKNOWLEDGE_ALARM)
    with register.looking(caller, AuditAction.ALARM_NOT_FOUND, alarm_id) as work:
        found = work.access.alarms.acknowledge(alarm_id, said.reason, caller.actor)
        work.running.audit.note(
            AuditAction.ALARM_ACKNOWLEDGED,
            str(alarm_id),
            private={"reason": said.reason},
            kind=found.kind.value,
            whose=found.whose,
            times=found.times,
        )
    return _describe_alarm(found)


def list_sample(
    register: Register, caller: Caller, *, ticked: bool | None, cursor: str | None, limit: int
) -> Page[SearchedOut]:
    """Return one page of the searches that were drawn, newest first: those that wait, those that are ticked, or all.

    Raises:
        TaskMissing: the sample is the privacy officer's.
        BadCursor: the cursor is none of ours.
    """
    register.permit(caller, UseCase.OVERSEE_ASKING)
    return _list_found(
        register,
        caller,
        AuditAction.SAMPLE_LISTED,
        lambda work, before, most: work.search.watch.sample(ticked=ticked, before=before, limit=most),
        _describe_search,
        cursor=cursor,
        limit=limit,
    )


def tick_search(register: Register, caller: Caller, search_id: UUID, said: TickIn) -> SearchedOut:
    """Say of a search that was drawn whether it is in order; it stays so.

    Raises:
        TaskMissing: the sample is the privacy officer's.
        NotFound: it was not drawn.
        AlreadySaid: something was said to it before.
    """
    register.permit(caller, UseCase.TICK_SEARCH)
    with register.looking(caller, AuditAction.SAMPLE_NOT_FOUND, search_id) as work:
        found = work.search.watch.tick(search_id, said.verdict, said.note, caller.actor)
        private = None if said.note is None else {"note": said.note}
        work.running.audit.note(AuditAction.SAMPLE_TICKED, str(search_id), private=private, verdict=said.verdict.value)
    return _describe_search(found)


def _list_found(
    register: Register,
    caller: Caller,
    action: AuditAction,
    find: Callable[[Work, UUID | None, int], Sequence[Found]],
    document: Callable[[Found], Listed],
    *,
    cursor: str | None,
    limit: int,
) -> Page[Listed]:
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        found = find(work, before, limit + 1)
        work.running.audit.note(action, "-", count=min(len(found), limit))
    return _build_page(found, document, limit)


def _build_page(found: Sequence[Found], document: Callable[[Found], Listed], limit: int) -> Page[Listed]:
    items = tuple(document(one) for one in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def _describe_alarm(one: Rung) -> AlarmOut:
    return AlarmOut(
        id=one.id,
        kind=one.kind,
        whose=one.whose,
        about=one.case if one.whose == "case" else one.about,
        actor=one.actor,
        organisation=one.organisation,
        times=one.times,
        raised_at=one.raised_at,
        last_at=one.last_at,
        acknowledged_at=one.acknowledged_at,
        reason=one.reason,
    )


def _describe_search(one: Searched) -> SearchedOut:
    return SearchedOut(
        id=one.id,
        at=one.at,
        actor=one.actor,
        organisation=one.organisation,
        purpose=one.purpose,
        legal_basis=one.legal_basis,
        case=one.case,
        families=one.families,
        asked=one.asked,
        own=one.own,
        hits=one.hits,
        verdict=one.verdict,
        verdict_at=one.verdict_at,
        note=one.note,
    )
