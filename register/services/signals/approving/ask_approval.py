"""What waits for the keeper of the exit gate, and what exactly an approval of it would be given for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.organisation import Organisation
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import Signal, SignalId
from register.errors import Conflict, NotPermitted, Unreadable
from register.mou.facts import GateWord, RecordFacts
from register.mou.keeping import gate_of, is_keeper
from register.mou.record import decide_all
from register.services.signals.approving.await_approval import FOR_THE_KEEPER
from register.services.signals.approving.steps import organisations_of, require_keeper_of, require_some_keeper
from register.services.signals.decide_sharing import extract_record, withheld_anew
from register.services.signals.protecting.assess_protection import assess_signal
from register.store.work import Work
from schemas.codes import Partition
from schemas.exchange.wire import ExtractRecord, document
from schemas.signals.approvals import ApprovalAskedOut, WaitingApprovalOut

WAITING_MAX: Final = 100
"""Shown at once, what has waited longest; the others come when these are settled."""


class PseudonymsPending(Conflict):
    """The extract is not whole yet: the five countries have not answered for all its pseudonyms."""

    code = "pseudonyms-pending"
    advice = "Wait until the signal's pseudonyms are there; an approval is for exactly what would leave."


def list_waiting_approvals(register: Register, caller: Caller) -> list[WaitingApprovalOut]:
    """Return the signals that wait for this keeper and nothing else, those waiting longest first.

    Raises:
        TaskMissing, NoGateHere: the caller keeps no gate.
    """
    require_some_keeper(register, caller)
    with register.work(caller) as work:
        every = work.access.organisations.all()
        own = next((one for one in every if one.code == caller.organisation), None)
        # First whose records are his to approve: else what waits for another keeper would fill the list.
        kept = [one.code for one in every if is_keeper(register.edition, caller, own, one)]
        found = (_open_signal(work, one) for one in work.signals.sharing.waiting_for(FOR_THE_KEEPER, kept, WAITING_MAX))
        waiting = [
            WaitingApprovalOut(id=one.id, reference=one.reference, version=one.version, organisation=one.organisation)
            for one in found
            if one is not None and one.withdrawn_at is None
        ]
        work.running.audit.note(AuditAction.SIGNAL_APPROVALS_LISTED, "-", count=len(waiting))
    return waiting


def _open_signal(work: Work, signal_id: SignalId) -> Signal | None:
    """The signal; None where it does not open, for nobody can be shown what he would approve."""
    try:
        return work.signals.reports.get(signal_id)
    except Unreadable:
        return None


def ask_approval(register: Register, caller: Caller, signal_id: SignalId) -> ApprovalAskedOut:
    """Return what an approval of this signal would be given for, as it is now; the reading is logged.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded, NoGateHere: another would give it.
        PseudonymsPending: it is not whole yet.
        NotFound: there is no such signal.
    """
    require_some_keeper(register, caller)
    with register.looking(caller, AuditAction.SIGNAL_APPROVAL_NOT_ASKED, signal_id, NotPermitted) as work:
        work.signals.reports.lock(signal_id)
        signal = work.signals.reports.get(signal_id)
        require_keeper_of(register, work, signal)
        own, submitted = organisations_of(work, signal)
        record, facts = what_would_leave(register, work, signal, submitted)
        partners = partners_if_approved(register, facts)
        work.running.audit.note(AuditAction.SIGNAL_APPROVAL_ASKED, str(signal_id), version=signal.version)
    task = gate_of(register.edition, caller.partition).keeper_of(submitted.kind).task
    return asked_of(register, caller, signal, record, partners, own=own, task=task)


def asked_of(
    register: Register,
    caller: Caller,
    signal: Signal,
    record: ExtractRecord,
    partners: tuple[Partition, ...],
    *,
    own: Organisation | None,
    task: str,
) -> ApprovalAskedOut:
    """What a yes would be given for: this record, to these partners, by this caller with that task."""
    ground = signal.ground
    return ApprovalAskedOut(
        id=signal.id,
        reference=signal.reference,
        version=signal.version,
        object=signal.extract_id,
        record=document(record),
        purpose=ground.purpose,
        legal_basis=ground.legal_basis,
        visibility=ground.visibility,
        handling=ground.handling,
        partners=partners,
        keeper=own.code if own is not None else "",
        task=task,
        actor=register.keys.hide_approver(caller.actor),
        today=register.today(),
        retain_until=ground.retain_until,
    )


def what_would_leave(
    register: Register, work: Work, signal: Signal, organisation: Organisation
) -> tuple[ExtractRecord, RecordFacts]:
    """The record part of a signal's extract as the worker would draft it now, and the facts that it decides by.

    Raises:
        PseudonymsPending: not all its pseudonyms are there.
    """
    if signal.pseudonyms == "pending":
        raise PseudonymsPending(f"{signal.reference} waits for its pseudonyms")
    found = assess_signal(register, work, signal, organisation)
    tokens = withheld_anew(work.signals.own_tokens.of(signal.id), found)
    return extract_record(signal, organisation, tokens, found), found.facts


def partners_if_approved(register: Register, facts: RecordFacts, *, consented: bool = False) -> tuple[Partition, ...]:
    """The partners that may have a record once its keeper approved it for them, and the prosecutor consented too."""
    everybody = frozenset(Partition) - {facts.owner}
    if consented:
        facts = replace(facts, consent=GateWord.SIGNED, consented_to=frozenset())
    as_if = replace(facts, gate=GateWord.SIGNED, gate_until=None, audience=everybody, named_recipients=everybody)
    decisions = decide_all(as_if, register.edition, today=register.today())
    return tuple(partner for partner, decision in decisions.items() if decision.allowed)
