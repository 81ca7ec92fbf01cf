"""What others must say yes to before a record may leave: the register unit's confirmation, the exit gate's approval."""

from __future__ import annotations

from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import Signal, SignalId
from register.domain.signals.signal_document import document
from register.domain.signals.waiting import confirmation_of
from register.mou.record import facts_of, keys_of, preview
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import keyed_subjects
from register.store.work import Work
from schemas.signals.out import SignalOut


def confirm_signal(register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int) -> SignalOut:
    """Confirm what the organisation's profile filled in (legal basis, handling ...); in `strict` nothing leaves before.

    Raises:
        TaskMissing: confirming is the register unit's.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    caller.require(Task.REGISTER)
    with register.looking(caller, "signal.not-confirmed", signal_id) as work:
        signal = _current(work, signal_id, version)
        now = register.clock.now()
        changed = signal.changed(now)
        work.signals.set_columns(
            signal_id, confirmed_at=now, last_verified_on=register.day_of(now), version=changed.version, updated_at=now
        )
        return _done(register, work, signal_id, "confirmed", reason)


def approve_signal(register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int) -> SignalOut:
    """Approve, as the country's exit gate, that this one record leaves (Bpg 5:1; BES: the public prosecutor).

    Raises:
        TaskMissing: approving is the prosecutor's or the consent officer's.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    if not caller.may(Task.PROSECUTE):
        caller.require(Task.CONSENT)
    with register.looking(caller, "signal.not-approved", signal_id) as work:
        signal = _current(work, signal_id, version)
        now = register.clock.now()
        changed = signal.changed(now)
        gate = f"SINGLE-{register.clock.new_id()}"
        work.signals.set_columns(signal_id, gate_ref=gate, version=changed.version, updated_at=now)
        return _done(register, work, signal_id, "approved", reason)


def _current(work: Work, signal_id: SignalId, version: int) -> Signal:
    work.signals.lock(signal_id)
    signal = work.signals.get(signal_id)
    signal.check_version(version)
    return signal


def _done(register: Register, work: Work, signal_id: SignalId, what: str, reason: str) -> SignalOut:
    signal = work.signals.get(signal_id)
    work.timeline.note(
        signal_id, what, work.caller.actor, {"version": signal.version}, reason=reason, ends=signal.ground.retain_until
    )
    work.to_do.bring(confirmation_of(signal))
    work.outbox.add("pseudonymise", UUID(str(signal_id)))
    work.audit.note(f"signal.{what}", str(signal_id), version=signal.version)
    organisation = work.organisations.get(signal.organisation)
    keyed = keyed_subjects(signal.form, signal.partition)
    shown = preview(
        facts_of(signal, organisation, keys_of(signal.form, keyed)),
        register.edition,
        today=register.day_of(signal.changed_at),
    )
    readings = readings_of(signal.form, signal.partition)
    return document(signal, shown, work.referrals.of_signal(signal_id), readings=readings)
