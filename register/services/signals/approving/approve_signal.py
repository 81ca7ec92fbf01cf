"""What others must say yes to before a record may leave: the register unit's confirmation, the exit gate's approval."""

from __future__ import annotations

from dataclasses import replace

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.running.audit_action import AuditAction
from register.domain.signals.history import SignalEvent
from register.domain.signals.signal import SignalId
from register.errors import CallerError, Conflict, NotPermitted
from register.mou.keeping import SecondPersonNeeded, gate_of, require_another
from register.mou.rules.basis import Consents
from register.mou.rules.condition import Confirmation
from register.services.signals.approving.steps import (
    lock_at_version,
    record_step,
    require_keeper_of,
    require_prosecutor_of,
    require_some_keeper,
)
from schemas.codes import Partition
from schemas.signals.out import SignalOut


@repeat_if_deadlocked
def confirm_signal(register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int) -> SignalOut:
    """Confirm what the organisation's profile filled in (legal basis, handling ...); in `strict` nothing leaves before.

    Raises:
        TaskMissing: confirming is the register unit's.
        FreshSignInNeeded: the edition asks for two persons, and the caller signed in too long ago.
        SecondPersonNeeded: the caller recorded it, or widened where it may go, and the edition asks for two persons.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    caller.require(Task.REGISTER)
    two_persons = register.edition.given("CONFIRM-1", Confirmation).two_persons
    if two_persons:  # the second of two is worth nothing where the first sits at a screen that he left open
        register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_CONFIRMED, signal_id, SecondPersonNeeded) as work:
        signal = lock_at_version(work, signal_id, version)
        if two_persons:
            hands = {signal.actor} | work.signals.timeline.widened_by(signal_id)
            require_another(caller, hands, "recorded or widened")
        now = register.clock.now()
        changed = signal.changed(now)
        work.signals.reports.set_columns(
            signal_id,
            confirmed_at=now,
            widened=False,
            last_verified_on=register.day_of(now),
            version=changed.version,
            updated_at=now,
        )
        return record_step(register, work, signal_id, SignalEvent.CONFIRMED, reason)


@repeat_if_deadlocked
def approve_signal(
    register: Register,
    caller: Caller,
    signal_id: SignalId,
    reason: str,
    *,
    version: int,
    recipients: frozenset[Partition] = frozenset(),
) -> SignalOut:
    """Approve, as the keeper of the country's exit gate, that this one record leaves as it now is (Bpg 5:1).

    Nobody signs it: partners are told `gate: node`, the word of this node.

    Args:
        register: of the country.
        caller: the keeper.
        signal_id: of the record.
        reason: what he weighed; stays in the timeline.
        version: that he read.
        recipients: the only partners that it may go to; empty: all that the rules allow.

    Raises:
        FreshSignInNeeded: the caller signed in too long ago.
        SignatureNeeded: the edition takes the keeper's signature alone (`keep_approval`).
        NotAPartner: the own country is named as a recipient.
        TaskMissing, NotTheKeeper: the edition names another keeper for what this organisation submitted.
        SecondPersonNeeded: the caller recorded, changed or confirmed it, and the edition asks for two persons.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    require_some_keeper(register, caller)
    register.require_fresh_sign_in(caller)
    if gate_of(register.edition, caller.partition).signed:
        raise SignatureNeeded(f"edition {register.edition.id} takes no word of this node for an approval")
    if caller.partition in recipients:
        raise NotAPartner(f"{caller.partition} is no recipient of its own record", pointer="/recipients")
    with register.looking(caller, AuditAction.SIGNAL_NOT_APPROVED, signal_id, NotPermitted) as work:
        signal = lock_at_version(work, signal_id, version)
        require_keeper_of(register, work, signal)
        ground = signal.ground.with_gate(ref=f"SINGLE-{register.clock.new_id()}", recipients=recipients)
        changed = signal.changed(register.clock.now(), ground=ground)
        work.signals.reports.set_gate(changed)
        return record_step(register, work, signal_id, SignalEvent.APPROVED, reason, {"recipients": sorted(recipients)})


@repeat_if_deadlocked
def consent_to_provision(
    register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int
) -> SignalOut:
    """Consent, as the prosecutor, that this one record is provided on a basis that asks for it (WPG10A-1).

    It is for the record as it now is: a correction needs it anew.

    Raises:
        TaskMissing, NotTheKeeper: the edition names the prosecutor; nobody consents to what his organisation submitted.
        SecondPersonNeeded, FreshSignInNeeded: as for the approval.
        NoConsentNeeded: the record's legal basis asks for none.
        SignatureNeeded: the edition takes the prosecutor's signature alone (`keep_consent`).
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    consents = register.edition.given("WPG10A-1", Consents)
    caller.require(consents.prosecutor.task)
    register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_CONSENTED, signal_id, NotPermitted) as work:
        signal = lock_at_version(work, signal_id, version)
        require_prosecutor_of(register, work, signal)
        if consents.signed:
            raise SignatureNeeded(f"edition {register.edition.id} takes no word of this node for a consent")
        ground = signal.ground.with_consent(ref=f"CONSENT-{register.clock.new_id()}")
        work.signals.reports.set_gate(signal.changed(register.clock.now(), ground=ground))
        return record_step(register, work, signal_id, SignalEvent.CONSENTED, reason)


@repeat_if_deadlocked
def lift_single_approval(
    register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int
) -> SignalOut:
    """Take the mark off that asks for an approval of this one record: whoever would give it may say it needs none.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded, FreshSignInNeeded: as for the approval.
        NotMarked: it is not marked.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    require_some_keeper(register, caller)
    register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_LIFTED, signal_id, NotPermitted) as work:
        signal = lock_at_version(work, signal_id, version)
        require_keeper_of(register, work, signal)
        if not signal.ground.single_approval:
            raise NotMarked(f"{signal.reference} is not marked for single approval")
        form = signal.form.model_copy(update={"single_approval": False})
        ground = replace(signal.ground, single_approval=False)
        work.signals.reports.replace(signal.changed(register.clock.now(), form=form, ground=ground), was=version)
        return record_step(register, work, signal_id, SignalEvent.APPROVAL_LIFTED, reason)


class SignatureNeeded(Conflict):
    """The edition takes an approval, or a consent, only with the signature of the organisation that gives it."""

    code = "signature-needed"
    advice = (
        "Sign it with `rtr approve sign` or `rtr approve sign-consent`, on the machine that holds your organisation's "
        "approval key."
    )


class NotAPartner(CallerError):
    """A recipient is the record's own country."""

    code = "not-a-partner"
    advice = "Name partners only; leave `recipients` out where the approval is for all that the rules allow."


class NotMarked(Conflict):
    """The signal asks for no approval of its own."""

    code = "not-marked"
    advice = "Read it again: nothing is there to be lifted."
