"""Referrals as the organisation referred to sees them: what was asked, what was reported, and its answers.

The register unit may answer for it, and takes back, as does who sent it, what went to the wrong organisation. Whoever
is referred to reads what was asked and reported, for as long as the referral holds, and nothing that the register keeps
beside it. What it declines or passes on goes back to the unit. No answer asks for a victim's status, and no status for
an answer.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.desk.record import check_days, require_any
from register.domain.instant import to_ms
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.signals.history import SignalEvent
from register.domain.signals.reading import REFERRED_TO, may_answer, may_know, may_take_back, shows_note, shows_report
from register.domain.signals.referral import NotBack, Referral, ReferralId, ReferralUnknown, ReportNotShown
from register.domain.signals.waiting import UNANSWERED, answer_of, came_back
from register.errors import NotFound
from register.services.signals.protecting.tell_forged import forged_told, sealed
from register.store.work import Work
from schemas.codes import ReferralState, ToDoKind
from schemas.form import PAGE_MAX, Page
from schemas.signals.referral import (
    AnswerIn,
    CloseIn,
    ReferralDetail,
    ReferralSummary,
    ReferredReport,
    TakeReferralBackIn,
)
from schemas.signals.signal import SignalIn

_SUMMARY = frozenset(ReferralSummary.model_fields)
_BESIDE = ("purpose", "legal_basis", "crime_class", "evaluation", "handling", "visibility", "operation")
"""Members of a form that are no part of what was told: what it rests on in law, and the police's own operations."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What was referred to an organisation: what waits for its answer, in that order, then what was answered."""

    waiting: tuple[ReferralSummary, ...]
    answered: Page[ReferralSummary]


@repeat_if_deadlocked
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
    miss = AuditAction.REFERRAL_NOT_ANSWERED
    with _guard_referral(register, caller, referral_id), register.looking(caller, miss, referral_id) as work:
        before = _for_change(work, referral_id)
        if not may_send_answer(caller, before.to):
            raise _refuse_referral(referral_id)
        before.check_answer(version, answer.state, answer.on)
        register.check_codes(answer, on=register.today())
        changed = replace(
            before,
            state=answer.state,
            outcome=answer.outcome,
            answered_on=answer.on,
            answer=answer.note,
            version=version + 1,
        )
        work.signals.referrals.answer(changed, note=answer.note)
        work.running.to_do.bring(answer_of(changed))
        work.running.to_do.bring(came_back(changed))
        facts: dict[str, Any] = {"to": before.to, "state": answer.state.value, "outcome": answer.outcome}
        work.signals.timeline.note(
            before.signal, SignalEvent.REFERRAL_ANSWERED, caller.actor, facts, reason=None, ends=before.ends
        )
        work.running.audit.note(AuditAction.REFERRAL_ANSWERED, str(referral_id), version=changed.version, **facts)
        return _show_referral(register, work, work.signals.referrals.get(referral_id))


@repeat_if_deadlocked
def close_referral(
    register: Register, caller: Caller, referral_id: ReferralId, closing: CloseIn, *, version: int
) -> ReferralDetail:
    """Say why nobody else need have what was declined or passed on; it waits no more, and the timeline says why.

    Raises:
        TaskMissing: closing is the register unit's.
        NotFound: there is no such referral.
        ChangedMeanwhile: it was answered meanwhile.
        NotBack: it does not wait for the unit.
    """
    caller.require(Task.REGISTER)
    with (
        _guard_referral(register, caller, referral_id),
        register.looking(caller, AuditAction.REFERRAL_NOT_CLOSED, referral_id) as work,
    ):
        found = _for_change(work, referral_id)
        found.check_version(version)
        if work.running.to_do.due(ToDoKind.REFERRED_BACK, referral_id) is None:
            raise NotBack("the referral does not wait for the register unit")
        work.running.to_do.close(ToDoKind.REFERRED_BACK, [referral_id])
        facts: dict[str, Any] = {"to": found.to}
        work.signals.timeline.note(
            found.signal, SignalEvent.REFERRAL_CLOSED, caller.actor, facts, reason=closing.reason, ends=found.ends
        )
        work.running.audit.note(AuditAction.REFERRAL_CLOSED, str(referral_id), version=version, **facts)
        return _show_referral(register, work, found)


@repeat_if_deadlocked
def take_back_referral(
    register: Register, caller: Caller, referral_id: ReferralId, why: TakeReferralBackIn, *, version: int
) -> ReferralDetail:
    """Take back a referral that should not have been sent: whom it was sent to reads nothing by it from now on.

    They see in their list that it was taken back. Who of them opened it meanwhile is in the leaf, and how many in the
    timeline: what was read cannot be taken back.

    Raises:
        NotFound: there is none that this caller may take back: who sent it may, and the register unit.
        ChangedMeanwhile: it was answered meanwhile.
        NotTakenBack: it holds no more.
    """
    miss = AuditAction.REFERRAL_NOT_TAKEN_BACK
    with _guard_referral(register, caller, referral_id), register.looking(caller, miss, referral_id) as work:
        before = _for_change(work, referral_id)
        if not may_take_back(caller, before):
            raise _refuse_referral(referral_id)
        before.check_take_back(version)
        changed = replace(before, state=ReferralState.TAKEN_BACK, version=version + 1)
        work.signals.referrals.take_back(changed)
        for waited in (answer_of(changed), came_back(changed)):
            work.running.to_do.bring(waited)
        read = work.running.audit.who_read_referral(referral_id, before.to, before.sent_at)
        facts: dict[str, Any] = {"to": before.to, "read_by": len(read), "referral": str(referral_id)}
        work.signals.timeline.note(
            before.signal, SignalEvent.REFERRAL_TAKEN_BACK, caller.actor, facts, reason=why.reason, ends=before.ends
        )
        work.running.audit.note(
            AuditAction.REFERRAL_TAKEN_BACK, str(referral_id), version=changed.version, to=before.to, read_by=read
        )
        return _show_referral(register, work, work.signals.referrals.get(referral_id))


def _for_change(work: Work, referral_id: ReferralId) -> Referral:
    """The referral, with its report locked first: a withdrawal, or another referral, comes before or after, whole."""
    try:
        with sealed("referral", referral_id):
            work.signals.reports.lock(work.signals.referrals.get(referral_id).signal)
            return work.signals.referrals.get(referral_id, for_change=True)
    except NotFound:
        raise _refuse_referral(referral_id) from None


def _show_referral(register: Register, work: Work, referral: Referral) -> ReferralDetail:
    """The referral as the caller may read it."""
    caller = work.caller
    readable = referral if shows_note(caller, referral) else replace(referral, note=None)
    waits = came_back(referral).waits and caller.may(Task.REGISTER)
    back = work.running.to_do.due(ToDoKind.REFERRED_BACK, referral.id) if waits else None
    may = may_take_back(caller, referral)
    because = _taken_back_because(work, referral) if may else None
    return readable.document(register.clock.now(), back_until=back, may_take_back=may, taken_back_because=because)


def _taken_back_because(work: Work, referral: Referral) -> str | None:
    """Why a referral was taken back, as the timeline of its report has it; the reason may name whom it is about."""
    if referral.taken_back_at is None:
        return None
    lines = work.signals.timeline.noted([referral.signal], {SignalEvent.REFERRAL_TAKEN_BACK}, opened=True)
    return next((one.reason for one in lines if one.facts.get("referral") == str(referral.id)), None)


def may_send_answer(caller: Caller, to: str) -> bool:
    """Whether he may answer for the organisation referred to; who only reads there may not."""
    return may_answer(caller, to) and any(caller.may(task) for task in (Task.REGISTER, Task.SUBMIT, Task.ENRICH))


def read_referral(register: Register, caller: Caller, referral_id: ReferralId) -> ReferralDetail:
    """Return a referral with what was asked and answered; the reading is logged.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with (
        _guard_referral(register, caller, referral_id),
        register.looking(caller, AuditAction.REFERRAL_NOT_FOUND, referral_id) as work,
    ):
        try:
            with sealed("referral", referral_id):
                referral = work.signals.referrals.get(referral_id)
        except NotFound:
            raise _refuse_referral(referral_id) from None
        if not may_know(caller, referral):
            raise _refuse_referral(referral_id)
        work.running.audit.note(AuditAction.REFERRAL_READ, str(referral_id), version=referral.version)
        return _show_referral(register, work, referral)


def read_referred_report(register: Register, caller: Caller, referral_id: ReferralId) -> ReferredReport:
    """Return what was reported in the signal that was referred; the reading is logged with the signal it opened.

    It is the report as it stands now: what was corrected since is not kept as it was.

    Raises:
        ReferralUnknown: there is no referral that this caller may know of.
        ReportNotShown: they may know of it, and it gives no right to read any more: it was declined, it was
            taken back, or the report was withdrawn.
    """
    miss = AuditAction.REFERRAL_REPORT_NOT_FOUND
    with _guard_referral(register, caller, referral_id), register.looking(caller, miss, referral_id) as work:
        try:
            closed = work.signals.dossiers.find_referred(referral_id)
        except NotFound:
            raise _refuse_referral(referral_id) from None
        referral = next(one for one in closed.referrals if one.id == referral_id)
        if not may_answer(caller, referral.to):
            raise _refuse_referral(referral_id)
        if not shows_report(referral):
            # He sees in the list that it is so: nothing is told that he does not know.
            taken_back = referral.state is ReferralState.TAKEN_BACK
            ended = "the referral was taken back" if taken_back else "the organisation declined it"
            why = "the report was withdrawn" if referral.withdrawn else ended
            raise ReportNotShown(f"{why}, so what was reported is not shown any more")
        found = closed.open(alike=register.keys.fingerprint, by=referral_id)
        signal = found.signal
        work.running.audit.note(
            AuditAction.REFERRAL_REPORT_READ, str(referral_id), signal=str(signal.id), version=signal.version
        )
    return ReferredReport(
        referral=referral_id,
        signal=signal.reference,
        organisation=signal.organisation,
        organisation_name=found.organisation.name,
        type_assessed=signal.type_assessed,
        reported=_strip_reporter(signal.form),
        recorded_at=to_ms(signal.recorded_at),
        changed=register.day_of(signal.changed_at) > referral.on,
    )


def list_referrals(
    register: Register, caller: Caller, *, state: ReferralState | None, cursor: str | None, limit: int
) -> Page[ReferralSummary]:
    """Return one page, newest first: all of the country for the register unit, else those to the own organisation.

    Raises:
        TaskMissing: the caller may read none.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, Task.REGISTER, *sorted(REFERRED_TO))
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        to = None if caller.may(Task.REGISTER) else caller.organisation or ""
        states = None if state is None else {state}
        found = work.signals.referrals.page(to=to, states=states, before=before, limit=limit + 1)
        work.running.audit.note(AuditAction.REFERRAL_LISTED, "-", count=min(len(found), limit))
    return _build_page(register, found, limit)


def read_inbox(register: Register, caller: Caller, *, whole: bool, cursor: str | None, limit: int) -> Inbox:
    """Return what waits for an answer, all of it up to 200, and one page of what was answered, newest first.

    Args:
        register: the caller's country's.
        caller: who reads.
        whole: of the whole country, for the register unit; else to the own organisation only.
        cursor: `next` of the page of answered ones before; then what waits is left out.
        limit: of the page.

    Raises:
        TaskMissing: the caller may read none.
        BadCursor: the cursor is none of ours.
    """
    if whole:
        caller.require(Task.REGISTER)
    require_any(caller, *sorted(REFERRED_TO), Task.REGISTER)
    before = None if cursor is None else after_cursor(cursor)
    to = None if whole else caller.organisation or ""
    settled = set(ReferralState) - UNANSWERED
    with register.work(caller) as work:
        waiting = [] if cursor else work.signals.referrals.waiting(to=to, limit=PAGE_MAX)
        found = work.signals.referrals.page(to=to, states=settled, withdrawn=True, before=before, limit=limit + 1)
        work.running.audit.note(AuditAction.REFERRAL_LISTED, "-", count=len(waiting) + min(len(found), limit))
    return Inbox(tuple(_summarise_referral(register, one) for one in waiting), _build_page(register, found, limit))


def _build_page(register: Register, found: list[Referral], limit: int) -> Page[ReferralSummary]:
    items = tuple(_summarise_referral(register, one) for one in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def _summarise_referral(register: Register, one: Referral) -> ReferralSummary:
    whole = one.document(register.clock.now())
    return ReferralSummary.model_validate(whole.model_dump(include=set(_SUMMARY)))


def _strip_reporter(form: SignalIn) -> SignalIn:
    """What was told; by what somebody is reached who does not want to be known, the register unit alone reads."""
    beside = {**dict.fromkeys(_BESIDE), "single_approval": False}
    if form.reporter_anonymous:
        beside["selectors"] = tuple(one for one in form.selectors if not one.of_reporter)
    return form.model_copy(update=beside)


def _guard_referral(register: Register, caller: Caller, referral_id: ReferralId) -> AbstractContextManager[None]:
    return forged_told(register, caller, "referral", referral_id, _refuse_referral(referral_id))


def _refuse_referral(referral_id: ReferralId) -> ReferralUnknown:
    # One sentence for what is not there and what is not shown.
    return ReferralUnknown(f"there is no referral {referral_id} in this register")
