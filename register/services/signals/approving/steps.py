"""What every yes, and every taking back of one, has in common: whose it is, on which version, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.organisation import Organisation
from register.domain.running.consumer import Consumer
from register.domain.signals.history import SignalEvent
from register.domain.signals.reading import is_told_what_waits
from register.domain.signals.signal import Signal, SignalId
from register.domain.signals.signal_document import document
from register.domain.signals.taken_up import HANDS
from register.domain.signals.waiting import confirmation_of
from register.errors import Conflict
from register.mou.keeping import gate_of, require_another, require_keeper, require_prosecutor
from register.mou.record import facts_of, keys_of, preview_sharing
from register.mou.rules.basis import Consents
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import keyed_subjects
from register.store.work import Work
from schemas.codes import ToDoKind
from schemas.signals.out import SignalOut


class NoConsentNeeded(Conflict):
    """The record's legal basis asks for no consent of the prosecutor."""

    code = "no-consent-needed"
    advice = "Read it again: another basis may have been set. The exit gate's approval is another matter."


def require_some_keeper(register: Register, caller: Caller) -> None:
    """Before anything is looked at: who keeps no gate at all learns of no signal here."""
    gate = gate_of(register.edition, caller.partition)
    if not caller.may(gate.second.task):
        caller.require(gate.keeper.task)


def require_keeper_of(register: Register, work: Work, signal: Signal) -> None:
    """Do nothing if the caller keeps the gate for this signal, and had no hand in it where the edition forbids that.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded: as `register.mou.keeping` says.
    """
    require_keeper(register.edition, work.caller, *organisations_of(work, signal))
    if gate_of(register.edition, work.caller.partition).two_persons:
        require_no_hand(work, signal)


def require_prosecutor_of(register: Register, work: Work, signal: Signal) -> None:
    """Do nothing if the caller consents, as the prosecutor, to the provision of this signal, and may.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded: as `register.mou.keeping` says.
        NoConsentNeeded: the record's legal basis asks for none.
    """
    consents = register.edition.given("WPG10A-1", Consents)
    require_prosecutor(register.edition, work.caller, *organisations_of(work, signal))
    if consents.two_persons:
        require_no_hand(work, signal)
    if signal.ground.legal_basis not in consents.bases:
        raise NoConsentNeeded(f"{signal.reference} rests on {signal.ground.legal_basis}, which asks for no consent")


def organisations_of(work: Work, signal: Signal) -> tuple[Organisation | None, Organisation]:
    """The caller's, and the one that submitted the signal."""
    own = work.access.organisations.get(work.caller.organisation) if work.caller.organisation else None
    return own, work.access.organisations.get(signal.organisation)


def require_no_hand(work: Work, signal: Signal) -> None:
    """Do nothing if the caller neither recorded nor changed nor confirmed it; raises `SecondPersonNeeded`."""
    hands = {signal.actor} | work.signals.timeline.actors(signal.id, HANDS)
    require_another(work.caller, hands, "recorded, changed or confirmed")


def lock_at_version(work: Work, signal_id: SignalId, version: int) -> Signal:
    """The signal, locked until the transaction ends; raises `ChangedMeanwhile` where it is at another version."""
    work.signals.reports.lock(signal_id)
    signal = work.signals.reports.get(signal_id)
    signal.check_version(version)
    return signal


def record_step(
    register: Register,
    work: Work,
    signal_id: SignalId,
    what: SignalEvent,
    reason: str,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> SignalOut:
    """Leave the step in the timeline and the log, let the worker bring partners in step, and return the signal."""
    signal = work.signals.reports.get(signal_id)
    told = {"version": signal.version, **facts}
    work.signals.timeline.note(signal_id, what, work.caller.actor, told, reason=reason, ends=signal.ground.retain_until)
    work.running.to_do.bring(confirmation_of(signal))
    if signal.ground.is_approved:
        work.running.to_do.close_of_signal(ToDoKind.APPROVAL, signal.id)
    work.running.outbox.add(Consumer.PSEUDONYMISE, UUID(str(signal_id)))
    work.running.audit.note(what.action, str(signal_id), version=signal.version, **facts)
    organisation = work.access.organisations.get(signal.organisation)
    keyed, protected = keyed_subjects(signal.form, signal.partition), work.signals.protections.all_reasons(signal.id)
    shown = preview_sharing(
        facts_of(signal, organisation, keys_of(signal.form, keyed, protected), protected),
        register.edition,
        today=register.day_of(signal.changed_at),
    )
    readings = readings_of(signal.form, signal.partition)
    waits = is_told_what_waits(work.caller, signal.organisation)
    awaits = waits and work.running.to_do.has_of_signal(ToDoKind.FINDING, signal_id)
    return document(
        signal,
        shown,
        work.signals.referrals.of_signal(signal_id),
        readings=readings,
        stopped=work.signals.dossiers.stopped(),
        awaits_unit=awaits,
    )
