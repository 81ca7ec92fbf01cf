"""Findings for the register unit: list them, read one, say what it is; and say otherwise later.

Whoever decides names the version he saw. A decision that withholds takes back in its own transaction; one that gives
back leaves that to the worker, which asks every rule again. Each leaves a leaf; nothing of it is told to partners.
Whoever entered the protected person's report is told of what lets her or a value of hers go (`object_to_letting_go`).
"""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.instant import to_ms
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.history import SignalEvent
from register.domain.signals.protecting.finding import LETS_GO, FindingId, Found, Question, told_let_go
from register.domain.signals.protecting.lifting import NotTheSecond
from register.domain.signals.protection import Protection
from register.domain.signals.signal import Signal
from register.errors import Unreadable
from register.mou.keeping import SecondPersonNeeded, require_another
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    bring_finding,
    fact_recorded,
    let_go,
    takes_two,
)
from register.store.work import Work
from schemas.codes import Finding, FindingDecision, ToDoKind
from schemas.form import PAGE_MAX, Page
from schemas.signals.finding import DecideIn, FindingOut


def list_findings(
    register: Register, caller: Caller, *, decided: bool | None, cursor: str | None, limit: int
) -> Page[FindingOut]:
    """Return one page, newest first: those that wait, those that are decided, or all.

    Raises:
        TaskMissing: findings are the register unit's.
        BadCursor: the cursor is none of ours.
    """
    caller.require(Task.REGISTER)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        found = work.signals.findings.page(decided=decided, before=before, limit=limit + 1)
        references, withdrawn = work.signals.findings.reports_named(found)
        work.running.audit.note(AuditAction.FINDING_LISTED, "-", count=min(len(found), limit))
    now = register.clock.now()
    items = tuple(one.document(now, references, withdrawn) for one in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def read_finding(register: Register, caller: Caller, finding_id: FindingId) -> FindingOut:
    """Return a finding; the reading is logged.

    Raises:
        TaskMissing: findings are the register unit's.
        NotFound: there is none.
    """
    caller.require(Task.REGISTER)
    with register.looking(caller, AuditAction.FINDING_NOT_FOUND, finding_id) as work:
        found = work.signals.findings.get(finding_id)
        work.running.audit.note(AuditAction.FINDING_READ, str(finding_id), version=found.version)
        return _build_document(register, work, found)


@repeat_if_deadlocked
def decide_finding(
    register: Register, caller: Caller, finding_id: FindingId, said: DecideIn, *, version: int
) -> FindingOut:
    """Say what a finding is; also where something else was said before.

    Where all that identifies a person agrees, or a report itself says of whom or what it asks that it may be a
    victim's or its teller's, letting go takes two of the unit: what the first says is kept, and counts once a second
    has said it. Of a record that was withdrawn meanwhile nothing is shared, whatever is said: the
    answer says that somebody else has looked why it was entered.

    Raises:
        TaskMissing: deciding is the register unit's.
        FreshSignInNeeded: it gives back what was withheld, and the caller signed in too long ago.
        NotFound: there is none.
        ChangedMeanwhile: `version` is not the present one.
        DecisionDoesNotFit: this is no answer to it, or the reason does not go with it.
        NotTheSecond: it takes two, and the caller has said it already, or is a program.
        SecondPersonNeeded: the record was withdrawn by the caller, and somebody else of the unit looks why.
    """
    caller.require(Task.REGISTER)
    if said.decision in LETS_GO:
        register.require_fresh_sign_in(caller)
    with register.looking(
        caller, AuditAction.FINDING_NOT_DECIDED, finding_id, NotTheSecond, SecondPersonNeeded
    ) as work:
        # One at a time in the country, so nobody decides the same finding meanwhile.
        begin_fact(work)
        before = work.signals.findings.get(finding_id)
        asked = before.question
        work.signals.reports.lock(asked.about)
        gone = work.signals.reports.get_sealed(asked.about).withdrawn_at is not None
        before.check(said.decision, said.reason, version)
        register.check_codes(said, on=register.today())
        if gone:
            require_another(caller, work.signals.timeline.actors(asked.about, {SignalEvent.WITHDRAWN}), "withdrew")
        stands = said.decision is before.decision and before.by_two
        needs_two = said.decision in LETS_GO and not stands and not gone and takes_two(register, work, asked)
        if needs_two and not before.is_second(caller, said.decision):
            found = work.signals.findings.propose(finding_id, said.decision, caller.actor)
            bring_finding(work, found)
            work.running.audit.note(
                AuditAction.FINDING_PROPOSED,
                str(finding_id),
                signal=str(asked.about),
                because=str(asked.because),
                finding=asked.asked.value,
                decision=said.decision.value,
                reason=said.reason,
            )
            return _build_document(register, work, found)
        first = before.proposed_by if needs_two or stands else None
        found = work.signals.findings.decide(finding_id, said.decision, said.reason, caller.actor, first=first)
        work.running.to_do.close(ToDoKind.FINDING, [finding_id])
        _tell_who_entered_her(work, found, gone=gone)
        work.running.audit.note(
            AuditAction.FINDING_DECIDED,
            str(finding_id),
            signal=str(asked.about),
            because=str(asked.because),
            finding=asked.asked.value,
            decision=said.decision.value,
            before=before.decision.value if before.decision else None,
            reason=said.reason,
            proposed_by=first,
        )
        if gone:
            # Nothing of it is opened, so that this is answered also where it was withdrawn because it does not open.
            return _build_document(register, work, found)
        if asked.asked is Finding.TAKEN_OFF:
            _hold_or_let_go(work, work.signals.reports.get(asked.about), asked, said.decision)
        match said.decision:
            case FindingDecision.SAME | FindingDecision.WITHHOLD:
                fact_recorded(register, work, asked.about)
            case FindingDecision.ANOTHER:
                let_go(register, work, asked)
            case FindingDecision.KEEP:
                work.running.outbox.add(Consumer.PSEUDONYMISE, UUID(str(asked.about)))
            case _:
                assert_never(said.decision)
        return _build_document(register, work, found)


def _tell_who_entered_her(work: Work, found: Found, *, gone: bool) -> None:
    """Whoever entered the report of somebody who is let go may object; who is let go no more, needs nobody to."""
    report = work.signals.reports.get_sealed(found.question.because)
    work.running.to_do.bring(told_let_go(found, report.organisation, report.reference, gone=gone))


def _hold_or_let_go(work: Work, signal: Signal, asked: Question, decision: FindingDecision) -> None:
    """What is left in a record is theirs who was taken off, or it is not; what was theirs stays at home.

    Who was put back meanwhile has left nothing: of them it is asked again when they are taken off again.
    """
    n = asked.subject_n
    left = n not in {one.n for one in signal.form.subjects} and n in work.signals.protections.reasons(asked.about)
    if decision is FindingDecision.KEEP and left:
        work.signals.protections.add(asked.about, {asked.subject_n: frozenset({Protection.LEFT})}, ())
    else:
        work.signals.protections.hold(asked.about, {asked.subject_n})


def _build_document(register: Register, work: Work, found: Found) -> FindingOut:
    references, withdrawn = work.signals.findings.reports_named([found])
    shown = found.document(register.clock.now(), references, withdrawn)
    if found.decision is not None:
        return shown
    asked = found.question
    # What was never answered, nobody objected to.
    asked_anew = found.version > 1
    objections = work.signals.timeline.noted([asked.because], {SignalEvent.OBJECTED}) if asked_anew else []
    last = next((one for one in reversed(objections) if one.facts.get("finding") == str(found.id)), None)
    return shown.model_copy(
        update={
            "takes_two": not shown.withdrawn and _takes_two(register, work, asked),
            "objected_at": last and to_ms(last.at),
            "objected_to": last and last.facts.get("decision"),
            "objected_reason": last and last.facts.get("reason"),
        }
    )


def _takes_two(register: Register, work: Work, asked: Question) -> bool:
    """The same of a report that may not open, of which nobody decides by what it says."""
    try:
        return takes_two(register, work, asked)
    except Unreadable:
        return True
