"""Register a signal: stored, audited and queued in one transaction; nothing in it waits for another country."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from register.core import Register, repeat_if_deadlocked
from register.domain.access.alarm import ENTERED_AGAIN_FROM, Alarm
from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Organisation
from register.domain.instant import to_ms
from register.domain.reference import draw_reference
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.ground import as_profiled, ground_of
from register.domain.signals.history import SignalEvent
from register.domain.signals.protection import Known, asks_of_itself, check_ages, protect, teller_of
from register.domain.signals.signal import Signal, SignalId, check_dates
from register.domain.signals.signal_document import document
from register.domain.signals.waiting import confirmation_of
from register.mou.keeping import gate_of
from register.mou.keys import protected_roles, roles_beside
from register.mou.record import facts_of, keyed_by_form, keys_of, preview_sharing
from register.mou.widening import is_wider
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import SubjectKey, compared_inputs, index_entries, subject_keys
from register.services.signals.find_near_duplicates import MOST, near_duplicates_in, with_mark_of_repeated
from register.services.signals.protecting.keep_protection import begin_fact, fact_recorded
from register.store.work import Work
from schemas.canonical import dumps
from schemas.codes import AlarmKind, SignalState, ToDoKind
from schemas.signals.out import ResemblesOut, SignalOut
from schemas.signals.signal import SignalIn


@repeat_if_deadlocked
def record_signal(register: Register, caller: Caller, form: SignalIn, key: str) -> SignalOut:
    """Store a signal in the caller's partition and queue it for those who may have it.

    Args:
        register: the caller's country's.
        caller: with the task SUBMIT.
        form: the eight questions and whatever else is known.
        key: the Idempotency-Key: the same key with the same form gives the first answer again.

    Returns:
        The signal with its reference, who may receive what and by which rule (a preview), how each value was read,
        which reports of the last days it resembles, and what happens next. A second report of one thing is taken all
        the same: whether it repeats the first, a person decides.

    Raises:
        TaskMissing: the caller may not submit.
        DateInFuture, CodeRetired: name the field.
        KeyReused, InFlight: about the Idempotency-Key; Erased where the report that it stands for was erased since.
        NoGateHere: it asks for single approval, and nobody could give it here.
        AgeContradicted: somebody is said to be no minor, and was a child by the birth date; names the field.
        BadSelector: a phone, document or date that cannot be read; says what to type instead.
    """
    caller.require(Task.SUBMIT)
    today = register.today()
    check_dates(form, today)
    check_ages(form, today)
    register.check_codes(form, on=today)
    if form.single_approval:
        gate_of(register.edition, caller.partition)

    signal_id = SignalId(register.clock.new_id())

    def make(work: Work) -> bytes:
        return _store_signal(register, work, form, signal_id).model_dump_json().encode()

    request = dumps(form.model_dump(mode="json"))
    # Read back from the very bytes that a repeat will get.
    return SignalOut.model_validate_json(register.once(caller, key, request, make, about=signal_id))


def _store_signal(register: Register, work: Work, form: SignalIn, signal_id: SignalId) -> SignalOut:
    now, caller = register.clock.now(), work.caller
    today = register.day_of(now)
    organisation = work.access.organisations.get(caller.organisation or "")
    stopped = work.signals.dossiers.stopped()
    form, marked = with_mark_of_repeated(register, work, form)
    # Derived before anything is written: a selector that cannot be read is the submitter's to correct, now.
    keys = subject_keys(form, caller.partition)
    blinds = index_entries(form, keys, register.keys.blind_index)
    near = near_duplicates_in(register, work, form)
    if marked is not None and marked.signal_id not in {one.signal_id for one in near}:
        near = [*near[: MOST - 1], marked]
    signal = Signal(
        id=signal_id,
        partition=caller.partition,
        reference=draw_reference(
            f"{caller.partition}-{today.year}",
            work.signals.reports.reference_is_taken,
            secrets.randbelow,
            # A log that stands still may be the first sign of one that no incarnation tells of yet.
            restores=register.settings.sync.incarnation - 1 + bool(stopped),
        ),
        state=SignalState.REGISTERED if form.kind == "submission" else SignalState.RECEIVED,
        version=1,
        organisation=organisation.code,
        actor=caller.actor,
        type_registered=form.signal_type,
        type_assessed=form.signal_type,
        form=form,
        ground=ground_of(form, organisation, today=today, covenant=register.settings.covenant or None),
        extract_id=register.clock.new_id(),
        pseudonyms="pending" if keys else "none",
        last_necessity_at=now,
        recorded_at=now,
        changed_at=now,
    )
    signal = _mark_signal(register, signal, organisation)
    # Whoever is recognised as a protected person is one here too, and what is hers here is looked for in its turn.
    compared = {blind_index(register.keys.blind_index, x) for x in compared_inputs(form, caller.partition)}
    meets = bool(
        work.signals.protections.owners(compared, signal_id)
        or work.signals.protections.interviews_naming(compared, signal_id)
    )
    protected = protect(
        form, today, Known(roles=protected_roles(register.edition), beside=roles_beside(register.edition))
    )
    told = bool(teller_of(form)) or any(one.of_reporter for one in form.selectors)
    protects = meets or bool(protected) or told or asks_of_itself(form)
    if protects:
        begin_fact(work)
    work.signals.reports.add(signal)
    work.signals.own_tokens.set_blind(signal_id, blinds, fresh=True)
    facts = facts_of(signal, organisation, keys_of(form, {k.subject for k in keys}))
    if protects:
        found = fact_recorded(register, work, signal_id)
        # What other reports say of it is told by rules alone, never whose it is.
        facts = found.facts if meets else facts
    work.signals.timeline.note(
        signal_id,
        SignalEvent.RECORDED,
        caller.actor,
        {"state": signal.state},
        reason=None,
        ends=signal.ground.retain_until,
    )
    work.running.to_do.bring(confirmation_of(signal))
    note_loose_values(register, work, signal_id, len(form.loose_values))
    note_entered(register, work, signal_id, keys)
    work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)
    passed_on: dict[str, Any] = {} if marked is None else {"mark_of": str(marked.signal_id)}
    work.running.audit.note(
        AuditAction.SIGNAL_RECORDED, str(signal_id), kind=form.kind, type=form.signal_type, **passed_on
    )
    return document(
        signal,
        preview_sharing(facts, register.edition, today=today),
        stopped=stopped,
        awaits_unit=meets and work.running.to_do.has_of_signal(ToDoKind.FINDING, signal_id),
        readings=readings_of(form, caller.partition),
        resembles=[
            ResemblesOut(
                reference=one.reference,
                recorded_at=to_ms(one.recorded_at),
                identical=one.identical,
                withdrawn=one.withdrawn,
            )
            for one in near
        ],
    )


def note_loose_values(register: Register, work: Work, signal_id: SignalId, values: int) -> None:
    """Count values that stand by themselves in a report, and ring where one person brings in many in a day.

    Hits on them tell what a search for them would, so a look at the hits pays for them; the report is taken whatever
    their number.
    """
    if not values:
        return
    caller, today, most = work.caller, register.today(), register.settings.search.loose_day
    work.search.budgets.add_loose(caller.actor, signal_id, today, values)
    counted = work.search.budgets.count("loose", caller.actor, today, values)
    if counted - values < most <= counted:
        work.access.alarms.ring(
            Alarm(
                kind=AlarmKind.LOOSE_VALUES, whose="person", about=caller.actor, actor=caller.actor,
                organisation=caller.organisation,
            )
        )  # fmt: skip


def note_entered(register: Register, work: Work, signal_id: SignalId, keys: Iterable[SubjectKey]) -> None:
    """Ring where one person enters one value again and again, each time in another report.

    What is withheld beside it tells who is protected, and many reports make it look common. What is kept opens no
    value, and is equal to nobody else's (`hide_asked`).
    """
    caller, report, hide = work.caller, signal_id.bytes.hex(), register.keys.hide_asked
    values = {hide("entered", caller.actor, made_of.hex()) for made_of in {k.key.input for k in keys}}
    seen = [(value, hide("entered-in", caller.actor, value.hex() + report)) for value in values]
    counts = work.search.watch.neighbours(seen, register.today())
    if any(count >= ENTERED_AGAIN_FROM for count in counts.values()):
        work.access.alarms.ring(
            Alarm(
                kind=AlarmKind.ENTERED_AGAIN, whose="person", about=caller.actor, actor=caller.actor,
                organisation=caller.organisation,
            )
        )  # fmt: skip


def _mark_signal(register: Register, signal: Signal, organisation: Organisation) -> Signal:
    """The signal, marked where its form lets it go further than its organisation's profile: that is no default."""
    usual = as_profiled(signal.ground, organisation)
    was, now = (
        facts_of(replace(signal, ground=ground), organisation, keyed_by_form(signal))
        for ground in (usual, signal.ground)
    )
    wider = is_wider(was, now, register.edition, today=register.day_of(signal.recorded_at))
    return replace(signal, ground=replace(signal.ground, widened=wider))
