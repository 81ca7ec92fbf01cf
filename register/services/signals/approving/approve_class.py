"""A keeper of the exit gate approves a class of records in advance, by a signature: asked for, handed in, ended.

The edition says for which gates, bases and visibilities, and for how long. What waits and fits goes with it from then
on, and what comes later; when it is withdrawn or runs out, all of it is taken back.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.access.organisation import Organisation
from register.domain.instant import to_ms, to_ms_or_none
from register.domain.paging import after_cursor, cursor_of
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.errors import Conflict, NotPermitted, PartnerError
from register.mou.keeping import gate_of, require_keeper_of_class
from register.mou.rules.approval import ApprovalCode, Leaving, why_not
from register.mou.rules.gate import Keeper
from register.services.signals.approving.keep_approval import ApprovalRefused, Prove
from register.services.signals.approving.take_back import GATE, end_either_way, take_back_held
from register.services.signals.decide_sharing import retract_unread
from register.services.signals.protecting.keep_protection import begin_fact
from register.store.signals.sharing.class_approvals import ClassApproval, Under
from register.store.work import Work
from schemas.exchange.wire import GateApproval, NodeKey, RecordClass
from schemas.form import Page
from schemas.signals.approvals import ClassApprovalOut, ClassAskedOut, ClassOut, SignedApprovalIn, UnderClassOut

AT_ONCE_MAX: Final = 100
"""Taken back by whoever withdraws, before the answer; the worker takes back the rest within minutes."""


class NoClassHere(Conflict):
    """The edition in force lets this country's gate approve no class of records: each is approved by itself."""

    code = "no-class-approval"
    advice = "Approve records one by one; `rtr approve waiting` lists them."


class ClassEnded(Conflict):
    """The approval of a class has run out, or was withdrawn by somebody."""

    code = "class-ended"
    advice = "Read the list again: nothing is there to be withdrawn."


def ask_class(register: Register, caller: Caller) -> ClassAskedOut:
    """Return what this keeper could approve as a class, by the edition in force; the reading is logged.

    Raises:
        TaskMissing, NotTheKeeper, NoGateHere: the caller keeps no gate.
        NoClassHere: the edition lets nobody approve a class here.
    """
    with register.looking(caller, AuditAction.CLASS_NOT_ASKED, "-", NotPermitted) as work:
        own, keeper = _find_keeper(register, work)
        classes = gate_of(register.edition, caller.partition).classes
        if classes is None:
            raise NoClassHere(f"edition {register.edition.id} names no class for the gate of {caller.partition}")
        work.running.audit.note(AuditAction.CLASS_ASKED, "-")
    return ClassAskedOut(
        country=register.partition,
        edition=register.edition.hash,
        classes=tuple(
            ClassOut(legal_basis=basis, visibilities=tuple(sorted(classes.visibilities)))
            for basis in sorted(classes.bases)
        ),
        days_max=classes.days_max,
        source=classes.source,
        assumed=classes.assumed,
        partners=tuple(others(register.partition)),
        keeper=own.code,
        task=keeper.task,
        actor=register.keys.hide_approver(caller.actor),
        today=register.today(),
    )


def hand_in_class(register: Register, caller: Caller, signed: SignedApprovalIn, prove: Prove) -> ClassApprovalOut:
    """Keep an approval of a class that the caller's organisation signed; what waits and fits is looked at again.

    Args:
        register: of the country.
        caller: the person who approves, signed in.
        signed: the document, and why it was given.
        prove: checks its signature by the rosters known now.

    Raises:
        TaskMissing, NotTheKeeper, NoGateHere: the caller keeps no gate.
        FreshSignInNeeded: the caller signed in too long ago.
        ApprovalRefused: `why` says at which check it fell.
    """
    with register.looking(caller, AuditAction.CLASS_NOT_APPROVED, "-", NotPermitted, ApprovalRefused) as work:
        own, keeper = _find_keeper(register, work)
        register.require_fresh_sign_in(caller)
        approval, key, of = _check_approval(register, own, keeper, caller, signed.approval, prove)
        kind, why = key.kind or "", signed.reason
        if not work.signals.class_approvals.add(
            approval, of, kind=kind, actor=caller.actor, document=signed.approval, reason=why
        ):
            raise ApprovalRefused("this approval was handed in before; a new one is signed anew", why="known")
        waiting = work.signals.sharing.held_back_by(
            GATE, legal_basis=of.legal_basis, visibility=of.visibility, purpose=approval.purpose
        )
        work.running.outbox.add(Consumer.PSEUDONYMISE, *waiting)
        work.running.audit.note(
            AuditAction.CLASS_APPROVED,
            approval.approval,
            legal_basis=str(of.legal_basis),
            visibility=str(of.visibility),
            purpose=str(approval.purpose),
            recipients=sorted(approval.recipients),
            until=f"{approval.expires}",
            waiting=len(waiting),
        )
        return _describe_approval(work.signals.class_approvals.get(UUID(approval.approval)))


def withdraw_class(register: Register, caller: Caller, approval_id: UUID, reason: str) -> ClassApprovalOut:
    """Withdraw an approval of a class, as a keeper of the gate; all that left on it is taken back.

    It ends at once, and with it everything that is decided from then on. What is out is taken back report by report:
    some before the answer, which says how many are left, and the others by the worker.

    Raises:
        TaskMissing, NotTheKeeper, NoGateHere: the caller keeps no gate.
        ClassEnded: it has ended before.
        NotFound: there is no such approval.
    """
    with register.looking(caller, AuditAction.CLASS_NOT_WITHDRAWN, approval_id, NotPermitted) as work:
        _find_keeper(register, work)
        found = work.signals.class_approvals.get(approval_id)
        if not work.signals.class_approvals.end(approval_id, caller.actor, reason):
            raise ClassEnded(f"the approval {approval_id} has ended")
        work.running.audit.note(AuditAction.CLASS_WITHDRAWN, str(approval_id), out=found.out)
    _take_back_some(register, caller)
    with register.work(caller) as work:
        return _describe_approval(work.signals.class_approvals.get(approval_id))


def list_classes(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[ClassApprovalOut]:
    """Return the approvals of classes, newest first, also those that have ended; for keepers of the gate.

    Raises:
        TaskMissing, NotTheKeeper, NoGateHere: the caller keeps no gate.
        BadCursor: the cursor is none of ours.
    """
    with register.looking(caller, AuditAction.CLASS_NOT_LISTED, "-", NotPermitted) as work:
        _find_keeper(register, work)
        before = None if cursor is None else after_cursor(cursor)
        found = work.signals.class_approvals.page(before=before, limit=limit + 1)
        items = tuple(_describe_approval(one) for one in found[:limit])
        work.running.audit.note(AuditAction.CLASS_LISTED, "-", count=len(items))
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def read_class(register: Register, caller: Caller, approval_id: UUID) -> ClassApprovalOut:
    """Return one approval of a class; rights and errors as for `list_under_class`."""
    with register.looking(caller, AuditAction.CLASS_NOT_FOUND, approval_id, NotPermitted) as work:
        _find_keeper(register, work)
        found = _describe_approval(work.signals.class_approvals.get(approval_id))
        work.running.audit.note(AuditAction.CLASS_READ, str(approval_id))
    return found


def list_under_class(
    register: Register, caller: Caller, approval_id: UUID, *, cursor: str | None, limit: int
) -> Page[UnderClassOut]:
    """Return what left on an approval of a class, in the order of registration; the reading is logged.

    Raises:
        TaskMissing, NotTheKeeper, NoGateHere: the caller keeps no gate.
        BadCursor: the cursor is none of ours.
        NotFound: there is no such approval.
    """
    with register.looking(caller, AuditAction.CLASS_NOT_FOUND, approval_id, NotPermitted) as work:
        _find_keeper(register, work)
        work.signals.class_approvals.get(approval_id)
        after = None if cursor is None else after_cursor(cursor)
        found = work.signals.class_approvals.under(approval_id, after=after, limit=limit + 1)
        items = tuple(_describe_under_class(one) for one in found[:limit])
        work.running.audit.note(AuditAction.CLASS_USES_READ, str(approval_id), count=len(items))
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def end_classes(register: Register) -> int:
    """End what has run out, and take back what left on whatever has ended; return how many reports came back."""
    worker = system(register.partition, "worker")
    with register.work(worker) as work:
        for over in work.signals.class_approvals.end_run_out(register.today(), worker.actor):
            work.running.audit.note(AuditAction.CLASS_EXPIRED, str(over))
    return _take_back_some(register, worker)


def _take_back_some(register: Register, caller: Caller) -> int:
    """Take back up to `AT_ONCE_MAX` reports that are out on an approval that has ended, each by itself."""
    with register.work(caller) as work:
        found = work.signals.class_approvals.left_on_ended(AT_ONCE_MAX)
    ways = [partial(_take_back_opened, register, caller), partial(_take_back_unread, register, caller)]
    return sum(end_either_way(register, one, ways) for one in found)


def _take_back_opened(register: Register, caller: Caller, signal_id: SignalId) -> int:
    with register.work(caller) as work:
        begin_fact(work)
        work.signals.reports.lock(signal_id)
        # It may stay out on another approval of its class: what is decided says on which.
        take_back_held(register, work, work.signals.reports.get(signal_id))
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)
    return 1


def _take_back_unread(register: Register, caller: Caller, signal_id: SignalId) -> int:
    """Retract it from everybody, since nothing says what they may have without it; the worker looks at it again."""
    with register.work(caller) as work:
        work.signals.protections.wait_for_facts()
        work.signals.reports.lock(signal_id)
        retract_unread(register, work, work.signals.reports.get_sealed(signal_id), GATE)
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)
    return 1


def _find_keeper(register: Register, work: Work) -> tuple[Organisation, Keeper]:
    """The caller's organisation, and as whom he keeps the gate."""
    own = work.access.organisations.get(work.caller.organisation) if work.caller.organisation else None
    keeper = require_keeper_of_class(register.edition, work.caller, own)
    if own is None:
        raise AssertionError("a keeper has an organisation")
    return own, keeper


def _check_approval(
    register: Register, own: Organisation, keeper: Keeper, caller: Caller, compact: str, prove: Prove
) -> tuple[GateApproval, NodeKey, RecordClass]:
    try:
        approval, key = prove(compact)
    except PartnerError as refusal:
        raise ApprovalRefused(f"the approval is not proven: {refusal}", why=refusal.code) from refusal
    of, named, today = approval.class_, frozenset(approval.recipients), register.today()
    if of is None:
        raise ApprovalRefused("this approval is of one record", why=ApprovalCode.CLASS)
    # As a receiver will check it of a record that is in the class; of this one's edition, whatever the document names.
    leaving = Leaving(
        register.partition, "", "", approval.purpose, named, of.legal_basis, of.visibility, register.edition.hash,
        alone=False,
    )  # fmt: skip
    gate = gate_of(register.edition, register.partition)
    code = why_not(approval, key, leaving, gate, today=today, given_by=today)
    by_keeper = (approval.task, key.kind, approval.keeper) == (keeper.task, keeper.kind, own.code)
    if code is None and not by_keeper:
        code = ApprovalCode.KEEPER
    if code is None and not named <= set(others(register.partition)):
        code = ApprovalCode.RECIPIENT
    if code is not None:
        raise ApprovalRefused(f"the approval of a class does not fit ({code})", why=code)
    if approval.actor != register.keys.hide_approver(caller.actor):
        raise ApprovalRefused("the approval names another person than the one who hands it in", why="actor")
    return approval, key, of


def _describe_approval(one: ClassApproval) -> ClassApprovalOut:
    return ClassApprovalOut(
        id=one.id,
        keeper=one.keeper,
        by=one.actor,
        legal_basis=one.of.legal_basis,
        visibility=one.of.visibility,
        edition=one.of.edition,
        purpose=one.purpose,
        recipients=tuple(sorted(one.recipients)),
        given=one.given,
        expires=one.expires,
        handed_in_at=to_ms(one.handed_in_at),
        reason=one.reason,
        ended=one.ended,
        ended_at=to_ms_or_none(one.ended_at),
        ended_by=one.ended_by,
        end_reason=one.end_reason,
        out=one.out,
    )


def _describe_under_class(one: Under) -> UnderClassOut:
    return UnderClassOut(id=one.id, reference=one.reference, since=to_ms(one.since), until=to_ms_or_none(one.until))
