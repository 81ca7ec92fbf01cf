"""A signed approval is handed in, withdrawn, or runs out.

Handed in, it is checked as every receiver will check it, and by what only its owner knows: who signed, and who
submitted. Taken back or run out, what partners have of the record is retracted in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, system
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.history import SignalEvent
from register.domain.signals.signal import SealedSignal, Signal, SignalId
from register.errors import CallerError, Conflict, NotPermitted, PartnerError
from register.mou.keeping import gate_of, require_keeper
from register.mou.rules.approval import ApprovalCode, Leaving, why_not
from register.mou.rules.gate import Gate, Keeper
from register.services.signals.approving.ask_approval import partners_if_approved, what_would_leave
from register.services.signals.approving.steps import (
    lock_at_version,
    organisations_of,
    record_step,
    require_keeper_of,
    require_some_keeper,
)
from register.services.signals.approving.take_back import GATE, end_either_way, take_back_held
from register.services.signals.decide_sharing import retract_unread
from register.services.signals.protecting.keep_protection import begin_fact
from register.store.work import Work
from schemas.codes import Partition
from schemas.exchange.wire import ExtractRecord, GateApproval, NodeKey, approval_in, content_of
from schemas.signals.approvals import SignedApprovalIn
from schemas.signals.out import SignalOut

Prove: TypeAlias = Callable[[str], tuple[GateApproval, NodeKey]]
"""What a signed approval says, and the key of the roster that signed it; raises `PartnerError`."""


class ApprovalRefused(CallerError):
    """A signed approval does not fit the record, or is not signed by who keeps the gate for it."""

    code = "approval-refused"
    advice = "Read what waits again and sign that; if the key is meant, ask your operator for the newest roster."


class NoApproval(Conflict):
    """Nothing that could be withdrawn lets this record leave."""

    code = "no-approval"
    advice = "Read it again: the approval has been withdrawn, has run out, or was never given."


@repeat_if_deadlocked
def hand_in_approval(
    register: Register, caller: Caller, signal_id: SignalId, signed: SignedApprovalIn, prove: Prove, *, version: int
) -> SignalOut:
    """Keep an approval that the caller's organisation signed; the worker then lets the extract go, with it.

    Args:
        register: of the country.
        caller: the person who approves, signed in.
        signal_id: of the record.
        signed: the document, and why it was given.
        prove: checks its signature by the rosters known now.
        version: of the record that was read.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded: another keeps the gate for this record.
        FreshSignInNeeded: the caller signed in too long ago.
        ApprovalRefused: `why` says at which check it fell.
        PseudonymsPending: the extract is not whole yet.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    require_some_keeper(register, caller)
    register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_APPROVED, signal_id, NotPermitted, ApprovalRefused) as work:
        signal = lock_at_version(work, signal_id, version)
        require_keeper_of(register, work, signal)
        approval = _check_approval(register, work, signal, signed.approval, prove)
        named = frozenset(approval.recipients)
        ground = signal.ground.with_gate(approval=signed.approval, until=approval.expires, recipients=named)
        work.signals.reports.set_gate(signal.changed(register.clock.now(), ground=ground))
        facts = {"recipients": sorted(named), "approval": approval.approval, "until": f"{approval.expires}"}
        return record_step(register, work, signal_id, SignalEvent.APPROVED, signed.reason, facts)


@repeat_if_deadlocked
def withdraw_approval(
    register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int
) -> SignalOut:
    """Take back that this record may leave; what partners have of it is retracted at once.

    It is marked for an approval of its own from then on, so that none given in advance for others lets it out again.

    Raises:
        TaskMissing, NotTheKeeper: another keeps the gate for this record.
        NoApproval: nothing is there to be taken back.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    require_some_keeper(register, caller)
    with register.looking(caller, AuditAction.SIGNAL_APPROVAL_NOT_WITHDRAWN, signal_id, NotPermitted) as work:
        begin_fact(work)
        signal = lock_at_version(work, signal_id, version)
        # Whoever keeps the gate may close it, also who once had a hand in the record.
        require_keeper(register.edition, caller, *organisations_of(work, signal))
        if signal.ground.single_approval and not signal.ground.is_approved:
            raise NoApproval(f"{signal.reference} is marked for single approval, and has none")
        form = signal.form.model_copy(update={"single_approval": True})
        ground = replace(signal.ground.with_gate(), single_approval=True)
        changed = signal.changed(register.clock.now(), form=form, ground=ground)
        work.signals.reports.replace(changed, was=version)
        take_back_held(register, work, changed)
        return record_step(
            register,
            work,
            signal_id,
            SignalEvent.APPROVAL_WITHDRAWN,
            reason,
            _name_approval(signal.ground.gate_approval),
        )


def end_approvals(register: Register) -> int:
    """Take back what left on an approval or a consent whose last day is over; return how many ended.

    One that cannot be ended stops none of the others.
    """
    worker = system(register.partition, "worker")
    with register.work(worker) as work:
        over = work.signals.reports.approved_until_before(register.today())
    ways = [partial(_end_opened, register, worker), partial(_end_unread, register, worker)]
    return sum(end_either_way(register, one, ways) for one in over)


def _end_opened(register: Register, worker: Caller, signal_id: SignalId) -> int:
    with register.work(worker) as work:
        begin_fact(work)
        work.signals.reports.lock(signal_id)
        if not _is_over(register, work.signals.reports.get_sealed(signal_id)):
            return 0
        signal = work.signals.reports.get(signal_id)
        changed = signal.changed(register.clock.now(), ground=signal.ground.over(register.today()))
        work.signals.reports.set_gate(changed)
        take_back_held(register, work, changed)
        was, now = signal.ground, changed.ground
        ended = next(
            (a for a, b in ((was.gate_approval, now.gate_approval), (was.consent, now.consent)) if a != b), None
        )
        _note_end(work, work.signals.reports.get_sealed(signal_id), ended)
    return 1


def _end_unread(register: Register, worker: Caller, signal_id: SignalId) -> int:
    """Retract it from everybody, since nothing says what they may have without it; the worker looks at it again."""
    with register.work(worker) as work:
        work.signals.protections.wait_for_facts()
        work.signals.reports.lock(signal_id)
        sealed = work.signals.reports.get_sealed(signal_id)
        if not _is_over(register, sealed):
            return 0
        work.signals.reports.clear_gate(sealed, register.clock.now())
        retract_unread(register, work, sealed, GATE)
        _note_end(work, work.signals.reports.get_sealed(signal_id), None)
    return 1


def _is_over(register: Register, sealed: SealedSignal) -> bool:
    return sealed.withdrawn_at is None and sealed.has_run_out(register.today())


def _note_end(work: Work, ended: SealedSignal, approval: str | None) -> None:
    facts: dict[str, Any] = {"version": ended.version, **_name_approval(approval)}
    actor = work.caller.actor
    work.signals.timeline.note(ended.id, SignalEvent.APPROVAL_ENDED, actor, facts, reason=None, ends=ended.retain_until)
    work.running.outbox.add(Consumer.PSEUDONYMISE, ended.id)
    work.running.audit.note(AuditAction.SIGNAL_APPROVAL_ENDED, str(ended.id), **facts)


def _check_approval(register: Register, work: Work, signal: Signal, compact: str, prove: Prove) -> GateApproval:
    _, submitted = organisations_of(work, signal)
    gate = gate_of(register.edition, signal.partition)

    def leaves() -> tuple[ExtractRecord, Collection[Partition]]:
        record, facts = what_would_leave(register, work, signal, submitted)
        return record, partners_if_approved(register, facts)

    keeper = gate.keeper_of(submitted.kind)
    approval = check_signed(register, work, signal, compact, prove, leaves, gate=gate, keeper=keeper)
    if approval.approval in work.signals.timeline.facts_of(signal.id, SignalEvent.APPROVAL_WITHDRAWN, "approval"):
        raise ApprovalRefused("this approval was withdrawn; a new one is signed anew", why="withdrawn")
    return approval


def check_signed(
    register: Register,
    work: Work,
    signal: Signal,
    compact: str,
    prove: Prove,
    leaves: Callable[[], tuple[ExtractRecord, Collection[Partition]]],
    *,
    gate: Gate,
    keeper: Keeper,
) -> GateApproval:
    """Return what was signed of one record, checked as every receiver will, and by what only its owner knows.

    Args:
        register: of the country.
        work: of the person who hands it in, who must be the one that it names.
        signal: whose record it is, locked.
        compact: the signed document.
        prove: checks its signature.
        leaves: what would leave, and to which partners it may go with this yes; asked once the signature holds.
        gate: that it must pass.
        keeper: who keeps that for this record.

    Raises:
        ApprovalRefused: `why` says at which check it fell.
    """
    try:
        approval, key = prove(compact)
    except PartnerError as refusal:
        raise ApprovalRefused(f"the approval is not proven: {refusal}", why=refusal.code) from refusal
    record, partners = leaves()
    ground, named, today = signal.ground, frozenset(approval.recipients), register.today()
    leaving = Leaving(
        signal.partition, str(signal.extract_id), content_of(record), ground.purpose, named, ground.legal_basis,
        ground.visibility, register.edition.hash, alone=True,
    )  # fmt: skip
    code = why_not(approval, key, leaving, gate, today=today, given_by=today)
    if code is None and (approval.task, key.kind) != (keeper.task, keeper.kind):
        code = ApprovalCode.KEEPER  # of keeper and second the one that this record does not need
    if code is None and approval.keeper != work.caller.organisation:
        code = ApprovalCode.KEEPER
    if code is None and not named <= set(partners):
        code = ApprovalCode.RECIPIENT
    if code is not None:
        raise ApprovalRefused(f"the approval does not fit {signal.reference} as it is ({code})", why=code)
    if approval.actor != register.keys.hide_approver(work.caller.actor):
        raise ApprovalRefused("the approval names another person than the one who hands it in", why="actor")
    return approval


def _name_approval(compact: str | None) -> dict[str, str]:
    """The approval that ends, by its id; one that nobody signed has none that others know."""
    return {} if compact is None else {"approval": approval_in(compact).approval}
