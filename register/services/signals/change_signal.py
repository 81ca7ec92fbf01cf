"""Change a signal: amend, reclassify, move it on, refer it, withdraw it; each with who, when and why.

Every change names the version it was made on, so that nobody overwrites what he has not seen. What partners hold is
brought in step afterwards, by the worker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Organisation
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.ground import ground_of
from register.domain.signals.history import SignalEvent
from register.domain.signals.protection import RECOGNISED, Known, check_ages, find_gone_reasons, protect
from register.domain.signals.reading import is_told_what_waits, may_amend
from register.domain.signals.signal import AlreadyWithdrawn, Signal, SignalId, check_dates
from register.domain.signals.signal_document import document
from register.domain.signals.taken_up import TAKES_UP, TakenUp, only_brought_in, takes_away
from register.domain.signals.waiting import ENDS_WITH_REPORT, answer_of, came_back, confirmation_of
from register.errors import CallerError, NotFound, NotPermitted
from register.mou.keeping import gate_of
from register.mou.keys import protected_roles, roles_beside
from register.mou.record import facts_of, keys_of, preview_sharing
from register.mou.widening import is_wider
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import (
    find_orphans,
    find_replaced,
    index_entries,
    keyed_subjects,
    subject_keys,
    with_numbers_kept,
)
from register.services.signals.find_near_duplicates import with_mark_of_repeated
from register.services.signals.protecting.keep_protection import begin_fact, fact_recorded
from register.services.signals.record_signal import note_entered, note_loose_values
from register.services.signals.withdraw_unread import ring_if_often_unanswered
from register.store.work import Work
from schemas.codes import Partition, RetractReason, SignalState, ToDoKind
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from schemas.signals.parts import SelectorIn
from schemas.signals.signal import SignalIn

_LEAVES_OTHERWISE: Final = frozenset({SignalEvent.AMENDED, SignalEvent.RECLASSIFIED, SignalEvent.WITHDRAWN})
"""After these another content would leave, or none: an approval that waits is not for it."""


class SameType(CallerError):
    """The signal is of this type already."""

    code = "same-type"
    advice = "Choose another type, or leave it as it is."


class OrganisationEnded(CallerError):
    """A signal is referred to an organisation that takes no part on this day: nobody there could read it."""

    code = "organisation-ended"
    advice = "Choose another organisation; `in_force` in the list of organisations says which take part today."


class OwnerGone(CallerError):
    """A value that belonged to somebody in the signal would belong to nobody, and nobody has said so."""

    code = "owner-gone"
    advice = "Put the value under the person whose it is, say that it is nobody's (`of_nobody`), or leave it out."


class WidensUnasked(NotPermitted):
    """A correction may only narrow where a record goes; widening it is the register unit's."""

    code = "widens-unasked"
    advice = (
        "Leave legal basis, purpose, handling and visibility as narrow as they are, or ask the register unit to make "
        "the change: somebody of it must confirm it."
    )


class NoChildAnyMore(NotPermitted):
    """A correction says that a report is about no child; what protects one ends by the register unit's word only."""

    code = "no-child-any-more"
    advice = (
        "Ask the register unit to correct the number of children, or the sign that speaks of a child, and tell it the "
        "reference and what was mistyped; a second person of it confirms what then goes further. Until then the report "
        "stays at home as one about a child. All else can be corrected without it."
    )


class LiftingIsTheKeepers(NotPermitted):
    """The record asks for an approval of its own; only who would give it says that it needs none."""

    code = "lifting-is-the-keepers"
    advice = "Leave `single_approval` as it is. The keeper of the exit gate can approve the record, or lift the mark."


@repeat_if_deadlocked
def amend_signal(
    register: Register,
    caller: Caller,
    signal_id: SignalId,
    change: AmendIn,
    *,
    version: int,
    left_open: Collection[int] = (),
) -> SignalOut:
    """Correct or complete a signal; partners get the new extract, or lose what may no longer be shared.

    Args:
        register: of the country.
        caller: who corrects.
        signal_id: what.
        change: the parts that change.
        version: that he has read.
        left_open: places, among the values without an owner, of which he says that it is not known any more whose
            they are: beside somebody protected they wait for a person's word, as every such value does.

    Raises:
        ChangedMeanwhile: `version` is not the present one.
        NotFound: there is no such signal for this caller.
        TakenUp: the register unit has taken it up, and the caller, who is not of it, takes away of a person.
        WidensUnasked: it would let the record go further, and the caller is not the register unit's.
        NoChildAnyMore: so it would, for nothing but that no child is spoken of any more.
        LiftingIsTheKeepers: it would take the mark for single approval off.
        NoGateHere: it would set that mark where nobody could approve.
        AgeContradicted: somebody is said to be no minor, and was a child by the birth date; names the field.
        OwnerGone: a value would move from its owner to nobody; names the place.
        pydantic.ValidationError: the changed form breaks a rule of the form.
    """
    with register.looking(caller, AuditAction.SIGNAL_NOT_AMENDED, signal_id, NotPermitted) as work:
        begin_fact(work)
        signal = _for_change(work, caller, signal_id, version)
        had = work.signals.protections.all_reasons(signal_id).keys()
        form = with_numbers_kept(signal.form, change.applied_to(signal.form), caller.partition, protected=had)
        if not signal.form.single_approval:
            form, _ = with_mark_of_repeated(register, work, form, stored=signal_id)
        now = register.clock.now()
        today = register.day_of(now)
        check_dates(form, today)
        check_ages(form, register.day_of(signal.recorded_at))
        _check_owners(signal.form, form, caller.partition, left_open)
        _check_persons(work, signal, form)
        _check_mark(register, signal.form, form)
        register.check_codes(form, on=today, was=signal.form)
        organisation = work.access.organisations.get(signal.organisation)
        ground = ground_of(form, organisation, today=today, covenant=signal.ground.covenant_ref)
        # Who confirmed, approved or contested the record did so for what it was; only the contest outlives a change.
        after = replace(signal, form=form, ground=ground)
        wider = _is_wider(register, signal, after, organisation)
        if wider and not caller.may(Task.REGISTER):
            if not _is_wider(register, signal, after, organisation, child_stays=True):
                raise NoChildAnyMore(f"{signal.reference} is about a child, and so stays at home")
            raise WidensUnasked(f"this would let {signal.reference} go further, or let others do more with it")
        ground = replace(
            ground,
            contested=signal.ground.contested,
            obtained_on=signal.ground.obtained_on,
            widened=wider or signal.ground.widened,
        )
        keys = subject_keys(form, caller.partition)
        pseudonyms = "pending" if keys else "none"
        changed = signal.changed(now, form=form, ground=ground, pseudonyms=pseudonyms, last_necessity_at=now)
        blinds = index_entries(form, keys, register.keys.blind_index)
        work.signals.reports.replace(changed, was=version)
        note_loose_values(
            register, work, signal_id, len(_list_values(form.loose_values) - _list_values(signal.form.loose_values))
        )
        note_entered(register, work, signal_id, keys)
        work.signals.own_tokens.set_blind(signal_id, blinds)
        others, before = find_replaced(signal.form, form, caller.partition), _by_themselves(work, signal_id)
        fact_recorded(register, work, signal_id, replaced=others)
        for referral in work.signals.referrals.of_signal(signal_id):  # as urgent as what they are about
            work.running.to_do.bring(answer_of(referral))
            work.running.to_do.keep_pace(came_back(referral))
        # Who stands at home as whoever had the number before: not who is protected by what is said of them now.
        hidden = others & before & _by_themselves(work, signal_id)
        roles = Known(roles=protected_roles(register.edition), beside=roles_beside(register.edition))
        protects_by_itself = protect(form, register.day_of(signal.recorded_at), roles).keys()
        fields = sorted(change.changes.model_fields_set)
        facts = {"fields": fields} | ({"widened": True} if wider else {})
        taken_for = hidden - protects_by_itself
        return _finish_change(register, work, changed, SignalEvent.AMENDED, facts, change.reason, taken_for=taken_for)


@repeat_if_deadlocked
def reclassify_signal(
    register: Register, caller: Caller, signal_id: SignalId, change: ReclassifyIn, *, version: int
) -> SignalOut:
    """Assess the type anew; the type as registered stays and is what the year's report counts.

    The type is part of the extract: an approval, or the prosecutor's consent, is needed anew.

    Raises:
        ChangedMeanwhile, NotFound: as for an amendment.
        SameType: it is of this type already.
        TaskMissing: assessing is for those who register or enrich.
    """
    if not caller.may(Task.ENRICH):
        caller.require(Task.REGISTER)
    with register.looking(caller, AuditAction.SIGNAL_NOT_RECLASSIFIED, signal_id) as work:
        begin_fact(work)
        signal = _for_change(work, caller, signal_id, version)
        register.check_codes(change, on=register.today())
        if signal.type_assessed == change.signal_type:
            raise SameType(f"{signal.reference} is assessed as {change.signal_type} already")
        # Whoever approved or consented did so for the extract as it was, and the type is part of it.
        ground = signal.ground.with_gate().with_consent()
        changed = signal.changed(register.clock.now(), type_assessed=change.signal_type, ground=ground)
        facts = {"from": signal.type_assessed, "to": change.signal_type}
        work.signals.reports.set_columns(
            signal_id,
            type_assessed=change.signal_type,
            gate_ref=None,
            gate_approval=None,
            gate_until=None,
            recipients=[],
            prosecutor_consent=None,
            consent=None,
            consent_until=None,
            **_tell_version(changed),
        )
        fact_recorded(register, work, signal_id)
        return _finish_change(register, work, changed, SignalEvent.RECLASSIFIED, facts, change.reason)


@repeat_if_deadlocked
def move_signal(
    register: Register, caller: Caller, signal_id: SignalId, to: SignalState, reason: str, *, version: int
) -> SignalOut:
    """Take a signal one step on in the workflow (registered, forwarded, assessed ...).

    Raises:
        ChangedMeanwhile, NotFound: as for an amendment.
        StepNotAllowed: names the steps that are.
        TaskMissing: the workflow is the register unit's.
    """
    caller.require(Task.REGISTER)
    with register.looking(caller, AuditAction.SIGNAL_NOT_MOVED, signal_id) as work:
        signal = _for_change(work, caller, signal_id, version)
        changed = signal.step(to, register.clock.now())
        work.signals.reports.set_columns(
            signal_id, state=to, forwarded_at=changed.forwarded_at, **_tell_version(changed)
        )
        return _finish_change(register, work, changed, SignalEvent.MOVED, {"from": signal.state, "to": to}, reason)


@repeat_if_deadlocked
def refer_signal(
    register: Register, caller: Caller, signal_id: SignalId, referral: ReferIn, *, version: int
) -> SignalOut:
    """Refer a signal to another organisation of the own country; several referrals run beside each other.

    Raises:
        ChangedMeanwhile, NotFound: as for an amendment; NotFound also for an unknown organisation.
        OrganisationEnded: it takes no part today, so that nobody would read it.
        CodeRetired: the kind is offered no more.
    """
    if not caller.may(Task.ENRICH):
        caller.require(Task.REGISTER)
    with register.looking(caller, AuditAction.SIGNAL_NOT_REFERRED, signal_id) as work:
        signal = _for_change(work, caller, signal_id, version)
        today = register.today()
        register.check_codes(referral, on=today)
        if not work.access.organisations.get(referral.to).in_force(today):
            raise OrganisationEnded("the organisation takes no part today", pointer="/to")
        changed = signal.changed(register.clock.now())
        work.signals.reports.set_columns(signal_id, **_tell_version(changed))
        made = work.signals.referrals.add(
            signal_id, referral.kind, referral.to, caller.actor, referral.note, signal.ground.retain_until
        )
        # What came back of the same kind has found somebody; what was asked for something else has not.
        work.running.to_do.close_of_signal(ToDoKind.REFERRED_BACK, signal_id, detail=referral.kind)
        work.running.to_do.bring(answer_of(work.signals.referrals.get(made)))
        return _finish_change(
            register, work, changed, SignalEvent.REFERRED, {"kind": referral.kind, "to": referral.to}, None
        )


@repeat_if_deadlocked
def withdraw_signal(
    register: Register, caller: Caller, signal_id: SignalId, withdrawal: WithdrawIn, *, version: int
) -> SignalOut:
    """Withdraw a signal everywhere: hidden at home at once, retracted at every partner that has its extract.

    What is sealed of it at home stays sealed and unread; `erase_signal` is what destroys it.

    Raises:
        ValueError: the code says that it is erased.
        ChangedMeanwhile, NotFound: as for an amendment.
        AlreadyWithdrawn: it was withdrawn before.
        TakenUp: the register unit has taken it up, and the caller is not of it.
    """
    if withdrawal.code is RetractReason.ERASED:
        raise ValueError("a withdrawal that erases opens nothing: it is `erase_signal`")
    with register.looking(caller, AuditAction.SIGNAL_NOT_WITHDRAWN, signal_id, NotPermitted) as work:
        signal = _for_change(work, caller, signal_id, version)
        if _is_taken_from(work, signal):
            raise TakenUp(f"the register unit has taken {signal.reference} up; it withdraws it")
        now = register.clock.now()
        register.check_codes(withdrawal, on=register.day_of(now))
        changed = signal.changed(now, withdrawn_at=now, withdrawn_code=withdrawal.code.value)
        # Sealed anew with it: else whoever writes rows could let the report stand again.
        work.signals.reports.replace(changed, was=signal.version)
        work.signals.reports.end_signed(signal_id)
        for kind in ENDS_WITH_REPORT:
            work.running.to_do.close_of_signal(kind, signal_id)
        done = _finish_change(
            register, work, changed, SignalEvent.WITHDRAWN, {"code": withdrawal.code.value}, withdrawal.reason
        )
        ring_if_often_unanswered(register, work, signal_id)
        return done


def _by_themselves(work: Work, signal_id: SignalId) -> frozenset[int]:
    """The numbers of those who are protected by what this signal says, and not for being taken for somebody."""
    return frozenset(n for n, why in work.signals.protections.reasons(signal_id).items() if why - RECOGNISED)


def _for_change(work: Work, caller: Caller, signal_id: SignalId, version: int) -> Signal:
    work.signals.reports.lock(signal_id)
    signal = work.signals.reports.get(signal_id)
    if not may_amend(caller, signal.organisation):
        raise NotFound(f"there is no signal {signal_id} in this register")
    if signal.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"{signal.reference} was withdrawn; it cannot change", reference=signal.reference)
    signal.check_version(version)
    return signal


def _is_taken_from(work: Work, signal: Signal) -> bool:
    """Whether the unit has taken the report up, and the caller is one of those who only brought it in."""
    return only_brought_in(work.caller, signal.organisation) and bool(work.signals.timeline.actors(signal.id, TAKES_UP))


def _check_persons(work: Work, signal: Signal, after: SignalIn) -> None:
    lost = takes_away(signal.form, after)
    if lost and _is_taken_from(work, signal):
        raise TakenUp(
            f"the register unit has taken {signal.reference} up; of person {lost[0]} nothing is taken away or replaced",
            pointer="/changes/subjects",
        )


def _is_wider(
    register: Register, before: Signal, after: Signal, organisation: Organisation, *, child_stays: bool = False
) -> bool:
    """Whether the record may go further after a change; `child_stays`: also if it were about a child as before."""
    was, now = (
        facts_of(one, organisation, keys_of(one.form, keyed_subjects(one.form, one.partition)))
        for one in (before, after)
    )
    if child_stays:
        now = replace(now, about_minors=was.about_minors)
    return is_wider(was, now, register.edition, today=register.today())


def _check_owners(before: SignalIn, after: SignalIn, country: Partition, left_open: Collection[int]) -> None:
    """Nothing moves to nobody: who takes a person off says what becomes of what was theirs, or that nobody knows."""
    left = [place for place in find_orphans(before, after, country) if place not in left_open]
    if left:
        raise OwnerGone(
            f"the value at /selectors/{left[0]} belonged to somebody in the signal, and now to nobody",
            pointer=f"/selectors/{left[0]}",
        )


def _list_values(selectors: Collection[SelectorIn]) -> set[tuple[str, str, str | None, str | None]]:
    """What is looked up of them: what else is said of a value, of whom it is or how it is used, makes no other."""
    return {(one.type, one.value, one.country, one.platform) for one in selectors}


def _check_mark(register: Register, before: SignalIn, after: SignalIn) -> None:
    """Do nothing where the mark for single approval stays, or is set where somebody can approve."""
    if before.single_approval and not after.single_approval:
        raise LiftingIsTheKeepers("the mark for single approval is not taken off by a correction")
    if after.single_approval and not before.single_approval:
        gate_of(register.edition, register.partition)


def _tell_version(signal: Signal) -> dict[str, Any]:
    return {"version": signal.version, "updated_at": signal.changed_at}


def _finish_change(
    register: Register,
    work: Work,
    signal: Signal,
    what: SignalEvent,
    facts: Mapping[str, Any],
    reason: str | None,
    *,
    taken_for: Collection[int] = (),
) -> SignalOut:
    work.signals.timeline.note(
        signal.id, what, work.caller.actor, facts, reason=reason, ends=signal.ground.retain_until
    )
    work.running.to_do.bring(confirmation_of(signal))
    if what in _LEAVES_OTHERWISE:
        # The worker lets it wait anew, if it still does, once it is known what would leave now.
        work.running.to_do.close_of_signal(ToDoKind.APPROVAL, signal.id)
    # What is to be taken back goes before all that is to be added.
    work.running.outbox.add(Consumer.PSEUDONYMISE, UUID(str(signal.id)), urgent=signal.withdrawn_at is not None)
    work.running.audit.note(what.action, str(signal.id), version=signal.version, **facts)
    organisation = work.access.organisations.get(signal.organisation)
    keyed, protected = keyed_subjects(signal.form, signal.partition), work.signals.protections.all_reasons(signal.id)
    shown = preview_sharing(
        facts_of(signal, organisation, keys_of(signal.form, keyed, protected), protected),
        register.edition,
        today=register.day_of(signal.changed_at),
    )
    readings = readings_of(signal.form, signal.partition)
    waits = is_told_what_waits(work.caller, signal.organisation)
    awaits = waits and work.running.to_do.has_of_signal(ToDoKind.FINDING, signal.id)
    return document(
        signal,
        shown,
        work.signals.referrals.of_signal(signal.id),
        readings=readings,
        stopped=work.signals.dossiers.stopped(),
        awaits_unit=awaits,
        # Of who is only taken for somebody of another report, nobody who entered this one is to learn.
        taken_off=any(why - RECOGNISED for why in find_gone_reasons(signal.form, protected).values()),
        taken_for=taken_for,
    )
