"""Withdraw a signal without opening anything of it: because it does not open any more, or because it is erased.

Taking back needs no plaintext: a retraction names the extract and no word of it. So a report that nobody can read any
more can still be taken from whoever has it abroad. An erasure is a withdrawal after which nobody can read it, here as
there: what was sealed of it ends in the same transaction, and its pseudonyms and indexes go.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from register.core import Register, repeat_if_deadlocked
from register.domain.access.alarm import TAKEN_BACK_FROM, TAKEN_BACK_WITHIN, Alarm
from register.domain.access.caller import Caller, Task
from register.domain.instant import to_ms
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.history import SignalEvent
from register.domain.signals.reading import may_amend
from register.domain.signals.signal import AlreadyWithdrawn, SealedSignal, SignalId
from register.domain.signals.signal_document import withdrawn_steps
from register.domain.signals.taken_up import HANDS, TAKES_UP, TakenUp, only_brought_in
from register.domain.signals.waiting import ENDS_WITH_REPORT
from register.errors import DoesNotOpen, NotFound, NotPermitted
from register.mou.keeping import require_another
from register.services.signals.decide_sharing import WITHDRAWN, retract_unread
from register.store.work import Work
from schemas.codes import AlarmKind, RetractReason, ToDoKind
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import WithdrawnUnread


def withdraw_unread(
    register: Register, caller: Caller, signal_id: SignalId, withdrawal: WithdrawIn, *, version: int
) -> WithdrawnUnread:
    """Withdraw a signal that does not open everywhere; by the rights of any withdrawal.

    Raises:
        ChangedMeanwhile, NotFound: as for an amendment.
        AlreadyWithdrawn: it was withdrawn before.
        TakenUp: the register unit has taken it up, and the caller is not of it.
        TaskMissing, FreshSignInNeeded, SecondPersonNeeded: as for `erase_signal`, which it is where the code says so.
    """
    if withdrawal.code is RetractReason.ERASED:
        return erase_signal(register, caller, signal_id, withdrawal.reason, version=version)
    return _withdraw_unread(register, caller, signal_id, withdrawal, version=version)


@repeat_if_deadlocked
def _withdraw_unread(
    register: Register, caller: Caller, signal_id: SignalId, withdrawal: WithdrawIn, *, version: int
) -> WithdrawnUnread:
    with register.looking(caller, AuditAction.SIGNAL_NOT_WITHDRAWN, signal_id, NotPermitted) as work:
        made = _mark_withdrawn(register, work, signal_id, withdrawal.code, version)
        _note_withdrawal(work, made, withdrawal.reason, unread=True)
        ring_if_often_unanswered(register, work, signal_id)
        stopped = work.signals.dossiers.stopped()
    return _build_answer(
        made,
        *withdrawn_steps("It was withdrawn unread", stopped),
        "What was sealed of it does not open here: ask the operator for a backup before anybody relies on it.",
    )


@repeat_if_deadlocked
def erase_signal(
    register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int
) -> WithdrawnUnread:
    """Withdraw a signal everywhere and erase it at home, for good: nobody reads anything of it from now on.

    Its data keys end in this transaction, those of what was said of it in words (reasons, referrals) and of the answer
    kept for a repeat among them; its persons, values, pseudonyms, blind index and what protected by it go. What
    another report protects by itself stays protected there; a value that waited because of this report alone is looked
    at anew. Reference, codes, days and who did what stay, so that figures and the log hold.

    Nothing brings it back, so it takes two persons: of the register unit, signed in just now, who neither recorded nor
    changed it.

    Raises:
        TaskMissing: erasing is the register unit's.
        FreshSignInNeeded: the caller signed in too long ago.
        SecondPersonNeeded: the caller recorded, changed or confirmed it.
        ChangedMeanwhile, NotFound, AlreadyWithdrawn: as for every withdrawal.
    """
    caller.require(Task.REGISTER)
    register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_WITHDRAWN, signal_id, NotPermitted) as work:
        # Before any row is locked: what is withheld elsewhere because of it is decided by nobody meanwhile.
        work.signals.protections.record_fact()
        made = _mark_withdrawn(register, work, signal_id, RetractReason.ERASED, version)
        require_another(caller, work.signals.timeline.actors(signal_id, HANDS), "recorded, changed or confirmed")
        elsewhere = work.signals.findings.because_of(signal_id)
        work.running.to_do.close(ToDoKind.FINDING, [one.id for one in elsewhere])
        work.running.to_do.close(ToDoKind.LET_GO, [one.id for one in work.signals.findings.of_signal(signal_id)])
        for kind in (ToDoKind.FINDING, ToDoKind.LET_GO, ToDoKind.LIFTING, *ENDS_WITH_REPORT):
            work.running.to_do.close_of_signal(kind, signal_id)
        work.signals.reports.erase(signal_id)
        work.running.idempotency.forget(signal_id)
        retract_unread(register, work, made, WITHDRAWN)
        _note_withdrawal(work, made, reason, erased=True)
        work.running.outbox.add(Consumer.PSEUDONYMISE, *{one.question.about for one in elsewhere} - {signal_id})
        stopped = work.signals.dossiers.stopped()
    return _build_answer(
        made,
        *withdrawn_steps("It was erased", stopped),
        "Nothing of it can be read here any more; its keys are destroyed within the minute.",
        "The next backup of the keys does not open it; older ones are kept for a day at most.",
    )


def ring_if_often_unanswered(register: Register, work: Work, signal_id: SignalId) -> None:
    """Ring where one person often takes reports back about which the register unit was asked and has not answered.

    Whoever tries numbers with invented reports sees that something is withheld, and takes the report back. After the
    withdrawal is in the timeline; its own question stays for the unit in any case.
    """
    caller = work.caller
    if not work.running.to_do.has_of_signal(ToDoKind.FINDING, signal_id):
        return
    if (
        work.signals.findings.count_taken_back(caller.actor, register.clock.now() - TAKEN_BACK_WITHIN)
        >= TAKEN_BACK_FROM
    ):
        work.access.alarms.ring(
            Alarm(
                kind=AlarmKind.TAKEN_BACK_UNANSWERED, whose="person", about=caller.actor, actor=caller.actor,
                organisation=caller.organisation,
            )
        )  # fmt: skip


def _mark_withdrawn(
    register: Register, work: Work, signal_id: SignalId, code: RetractReason, version: int
) -> SealedSignal:
    """Lock it, check that the caller may, and mark it as withdrawn; return it as it now is."""
    work.signals.reports.lock(signal_id)
    found = work.signals.reports.get_sealed(signal_id)
    _check_withdrawable(work, found, version)
    now = register.clock.now()
    work.signals.reports.withdraw_unread(signal_id, code.value, version=found.version + 1, at=now)
    work.signals.reports.end_signed(signal_id)
    for kind in (ToDoKind.CONFIRM, ToDoKind.APPROVAL, *ENDS_WITH_REPORT):
        work.running.to_do.close_of_signal(kind, signal_id)
    return work.signals.reports.get_sealed(signal_id)


def _note_withdrawal(work: Work, made: SealedSignal, reason: str, **facts: Any) -> None:
    code: dict[str, Any] = {"code": made.withdrawn_code}
    keep = partial(
        work.signals.timeline.note, made.id, SignalEvent.WITHDRAWN, work.caller.actor, code, ends=made.retain_until
    )
    try:
        keep(reason=reason)
    except DoesNotOpen:
        # The month's key is missing, which may be why the report does not open: it is withdrawn without the reason.
        keep(reason=None)
    work.running.audit.note(AuditAction.SIGNAL_WITHDRAWN, str(made.id), version=made.version, **code, **facts)
    # Urgent, as every withdrawal: the worker takes it back, and settles what was put off because it does not open.
    work.running.outbox.add(Consumer.PSEUDONYMISE, made.id, urgent=True)


def _build_answer(made: SealedSignal, *next_steps: str) -> WithdrawnUnread:
    if made.withdrawn_at is None:
        raise ValueError("a signal that was withdrawn says when")
    return WithdrawnUnread(
        id=made.id,
        reference=made.reference,
        version=made.version,
        withdrawn_at=to_ms(made.withdrawn_at),
        next_steps=next_steps,
    )


def _check_withdrawable(work: Work, signal: SealedSignal, version: int) -> None:
    if not may_amend(work.caller, signal.organisation):
        raise NotFound(f"there is no signal {signal.id} in this register")
    if signal.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"{signal.reference} was withdrawn; it cannot change", reference=signal.reference)
    signal.check_version(version)
    if only_brought_in(work.caller, signal.organisation) and work.signals.timeline.actors(signal.id, TAKES_UP):
        raise TakenUp(f"the register unit has taken {signal.reference} up; it withdraws it")
