"""What the register unit lets go of a protected person is told to whoever entered her report, who may object.

They learn that somebody in their own report was compared with somebody else, and judged to be another person, that
an interview was with somebody else, or that a value of hers may leave; nothing of another report, not whether there
is one, or whose it is, and nothing of the interview. An
objection protects, so one person says it and it needs no second: the question is asked anew in the same transaction,
and what rested on the answer is taken back at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller
from register.domain.instant import to_ms
from register.domain.running.audit_action import AuditAction
from register.domain.running.to_do import KINDS
from register.domain.signals.history import ANSWERS, SignalEvent
from register.domain.signals.protecting.finding import FindingId, Found, may_object
from register.domain.signals.signal import SealedSignal
from register.errors import NotFound
from register.services.signals.protecting.keep_protection import begin_fact, bring_finding, protect_again
from register.store.work import Work
from schemas.codes import Finding, ToDoKind
from schemas.signals.finding import LetGoOut, ObjectIn


def read_letting_go(register: Register, caller: Caller, finding_id: FindingId) -> LetGoOut:
    """Return what is told of a finding to whoever entered the report of the protected person; the reading is logged.

    Also once it is asked anew, since somebody objected or for another reason: that it is, and nothing of what is said
    to it then.

    Raises:
        NotFound: there is none that this caller may know of, or nobody was let go.
    """
    with register.looking(caller, AuditAction.FINDING_LETTING_GO_NOT_FOUND, finding_id) as work:
        told = _known_to(register, work, finding_id)
        work.running.audit.note(AuditAction.FINDING_LETTING_GO_READ, str(finding_id), signal=str(told.report.id))
        return _build_document(work, told)


@repeat_if_deadlocked
def object_to_letting_go(register: Register, caller: Caller, finding_id: FindingId, said: ObjectIn) -> LetGoOut:
    """Object, or say that it may stand; either way it waits no more for the caller's organisation.

    Raises:
        NotFound: as for reading it; also where somebody objected before.
    """
    with register.looking(caller, AuditAction.FINDING_LETTING_GO_NOT_FOUND, finding_id) as work:
        # One at a time in the country, so nobody decides the same finding meanwhile.
        begin_fact(work)
        told = _known_to(register, work, finding_id)
        if not told.found.lets_somebody_go:
            raise _nothing(finding_id)
        asked, report = told.found.question, told.report
        action = AuditAction.FINDING_OBJECTED if said.objects else AuditAction.FINDING_NOT_OBJECTED
        work.running.audit.note(action, str(finding_id), signal=str(asked.about), because=str(asked.because))
        work.running.to_do.close(ToDoKind.LET_GO, [finding_id])
        what = SignalEvent.OBJECTED if said.objects else SignalEvent.LET_STAND
        # What is asked anew has no answer: whoever decides next is to see what was objected to.
        facts = {"finding": str(finding_id), "decision": told.found.decision, "reason": told.found.reason}
        work.signals.timeline.note(report.id, what, caller.actor, facts, reason=None, ends=report.retain_until)
        if said.objects:
            work.signals.findings.reopen(finding_id)
            if asked.asked is Finding.TAKEN_OFF:
                work.signals.protections.hold(asked.about, {asked.subject_n})
            protect_again(register, work, asked.about)
            bring_finding(work, work.signals.findings.get(finding_id))
        return _build_document(work, replace(told, found=work.signals.findings.get(finding_id)))


@dataclass(frozen=True, slots=True)
class _Told:
    """What somebody was told of: the finding as it stands, the report of the protected person, when it was let go."""

    found: Found
    report: SealedSignal
    let_go_at: datetime


def _known_to(register: Register, work: Work, finding_id: FindingId) -> _Told:
    """What the caller was told of; one sentence for what is not there and not shown."""
    try:
        found = work.signals.findings.get(finding_id)
    except NotFound:
        raise _nothing(finding_id) from None
    report = work.signals.reports.get_sealed(found.question.because)
    ended = not work.access.organisations.get(report.organisation).in_force(register.today())
    if not may_object(work.caller, report.organisation, ended=ended):
        raise _nothing(finding_id)
    let_go_at = (
        found.decided_at if found.lets_somebody_go else work.running.to_do.last_opened(ToDoKind.LET_GO, finding_id)
    )
    if let_go_at is None:
        raise _nothing(finding_id)
    return _Told(found, report, let_go_at)


def _nothing(finding_id: FindingId) -> NotFound:
    return NotFound(f"nobody of a report of yours was let go as {finding_id}")


def _build_document(work: Work, told: _Told) -> LetGoOut:
    found, report = told.found, told.report
    answers = work.signals.timeline.noted([report.id], ANSWERS)
    last = next((one for one in reversed(answers) if one.facts.get("finding") == str(found.id)), None)
    return LetGoOut(
        id=found.id,
        signal=report.id,
        reference=report.reference,
        subject=found.question.because_n,
        finding=found.question.asked,
        decided_at=to_ms(told.let_go_at),
        due_at=to_ms(told.let_go_at + KINDS[ToDoKind.LET_GO].within[found.question.urgency]),
        reopened=not found.lets_somebody_go,
        objected=None if last is None else last.what is SignalEvent.OBJECTED,
        answered_at=None if last is None else to_ms(last.at),
        answered_by=None if last is None else last.actor,
    )
