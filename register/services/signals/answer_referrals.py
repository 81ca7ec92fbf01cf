"""Referrals as the organisation referred to sees them, and its answers; the register unit may answer for it.

Whoever is referred to sees the referral and what was asked, and not by that the signal. No answer asks for a victim's
status, and no status for an answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.desk.person_record import check_days, require_any
from register.domain.paging import after_cursor, cursor_of
from register.domain.signals.referral import Referral, ReferralId
from register.domain.signals.waiting import answer_of
from register.errors import NotFound
from schemas.codes import ReferralState
from schemas.form import PAGE_MAX, Page
from schemas.signals.referral import AnswerIn, ReferralDetail, ReferralSummary

_OWN = (Task.SUBMIT, Task.READ_OWN, Task.ENRICH)
_SUMMARY = frozenset(ReferralSummary.model_fields)


def answer_referral(
    register: Register, caller: Caller, referral_id: ReferralId, answer: AnswerIn, *, version: int
) -> ReferralDetail:
    """Say what becomes of a referral; it stands in the signal's timeline.

    Args:
        register: the caller's country's.
        caller: with SUBMIT or ENRICH at the organisation referred to, or with REGISTER.
        referral_id: of a referral that he may know of.
        answer: state, outcome and day.
        version: that he saw.

    Raises:
        NotFound: there is none that this caller may answer.
        ChangedMeanwhile, AnswerNotAllowed: by its present state.
        DateInFuture: the day lies ahead.
    """
    check_days({"on": answer.on}, register.today())
    with register.looking(caller, "referral.not-answered", referral_id) as work:
        before = work.referrals.get(referral_id, for_change=True)
        _check_access(caller, before, Task.SUBMIT, Task.ENRICH)
        before.check_answer(version, answer.state, answer.on)
        changed = replace(
            before,
            state=answer.state,
            outcome=answer.outcome,
            answered_on=answer.on,
            answer=answer.note,
            version=version + 1,
        )
        work.referrals.answer(changed, note=answer.note)
        work.to_do.bring(answer_of(changed))
        facts: dict[str, Any] = {"to": before.to, "state": answer.state.value, "outcome": answer.outcome}
        work.timeline.note(before.signal, "referral-answered", caller.actor, facts, reason=None, ends=before.ends)
        work.audit.note("referral.answered", str(referral_id), version=changed.version, **facts)
        return changed.document()


def read_referral(register: Register, caller: Caller, referral_id: ReferralId) -> ReferralDetail:
    """Return a referral with what was asked and answered; the reading is logged.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with register.looking(caller, "referral.not-found", referral_id) as work:
        referral = work.referrals.get(referral_id)
        _check_access(caller, referral, *_OWN)
        work.audit.note("referral.read", str(referral_id), version=referral.version)
        return referral.document()


def list_referrals(
    register: Register, caller: Caller, *, state: ReferralState | None, cursor: str | None, limit: int
) -> Page[ReferralSummary]:
    """Return one page, newest first: all of the country for the register unit, else those to the own organisation.

    Raises:
        TaskMissing: the caller may read none.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, Task.REGISTER, *_OWN)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        to = None if caller.may(Task.REGISTER) else caller.organisation or ""
        found = work.referrals.page(to=to, state=state, before=before, limit=limit + 1)
        work.audit.note("referral.listed", "-", count=min(len(found), limit))
    more = len(found) > limit
    items = tuple(ReferralSummary.model_validate(r.document().model_dump(include=set(_SUMMARY))) for r in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if more else None)


def _check_access(caller: Caller, referral: Referral, *own_tasks: Task) -> None:
    own = caller.organisation == referral.to and any(caller.may(task) for task in own_tasks)
    if not own and not caller.may(Task.REGISTER):
        raise NotFound(f"there is no referral {referral.id} in this register")
