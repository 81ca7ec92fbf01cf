"""What the register unit lets go of a protected person is told to whoever entered her report, who may object.

They learn that somebody in their own report was compared with somebody else, and judged to be another person, that
an interview was with somebody else, or that a value of hers may leave; nothing of another report, not whether there
is one, or whose it is, and nothing of the interview. An
objection protects, so one person says it and it needs no second: the question is asked anew in the same transaction,
and what rested on the answer is taken back at once.
"""

from __future__ import annotations

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller
from register.domain.instant import to_ms
from register.domain.signals.protecting.finding import FindingId, Found, may_object
from register.domain.signals.signal import SealedSignal
from register.errors import NotFound
from register.services.signals.protecting.keep_protection import begin_fact, bring, protect_again
from register.store.work import Work
from schemas.codes import Finding, ToDoKind
from schemas.signals.finding import LetGoOut, ObjectIn


def read_letting_go(register: Register, caller: Caller, finding_id: FindingId) -> LetGoOut:
    """Return what is told of a finding to whoever entered the report of the protected person; the reading is logged.

    Raises:
        NotFound: there is none that this caller may know of, or nobody is let go.
    """
    with register.looking(caller, "finding.letting-go-not-found", finding_id) as work:
        found, report = _known_to(register, work, finding_id)
        work.audit.note("finding.letting-go-read", str(finding_id), signal=str(report.id))
        return _document(found, report, reopened=False)


@repeat_if_deadlocked
def object_to_letting_go(register: Register, caller: Caller, finding_id: FindingId, said: ObjectIn) -> LetGoOut:
    """Object, or say that it may stand; either way it waits no more for the caller's organisation.

    Raises:
        NotFound: as for reading it; also where somebody objected before.
    """
    with register.looking(caller, "finding.letting-go-not-found", finding_id) as work:
        # One at a time in the country, so nobody decides the same finding meanwhile.
        begin_fact(work)
        found, report = _known_to(register, work, finding_id)
        asked = found.question
        action = "finding.objected" if said.objects else "finding.not-objected"
        work.audit.note(action, str(finding_id), signal=str(asked.about), because=str(asked.because))
        work.to_do.close(ToDoKind.LET_GO, [finding_id])
        if said.objects:
            work.findings.reopen(finding_id)
            if asked.asked is Finding.TAKEN_OFF:
                work.protections.hold(asked.about, {asked.subject_n})
            protect_again(register, work, asked.about)
            bring(work, work.findings.get(finding_id))
        return _document(found, report, reopened=said.objects)


def _known_to(register: Register, work: Work, finding_id: FindingId) -> tuple[Found, SealedSignal]:
    """The finding, and the report of the protected person; one sentence for what is not there and not shown."""
    nothing = NotFound(f"nobody of a report of yours was let go as {finding_id}")
    try:
        found = work.findings.get(finding_id)
    except NotFound:
        raise nothing from None
    report = work.signals.get_sealed(found.question.because)
    ended = not work.organisations.get(report.organisation).in_force(register.today())
    if not found.lets_somebody_go or not may_object(work.caller, report.organisation, ended=ended):
        raise nothing
    return found, report


def _document(found: Found, report: SealedSignal, *, reopened: bool) -> LetGoOut:
    if found.decided_at is None:
        raise ValueError("what was let go was decided on")
    return LetGoOut(
        id=found.id,
        signal=report.id,
        reference=report.reference,
        finding=found.question.asked,
        decided_at=to_ms(found.decided_at),
        due_at=to_ms(found.objected_by),
        reopened=reopened,
    )
