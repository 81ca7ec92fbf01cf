"""Intakes: recorded by who held them, read by who works on cases, amended and taken back with a reason.

An intake never leaves its country and is in no index; what partners see of it is a rounded count. Reasons stand
sealed in the audit log.
"""

from __future__ import annotations

from dataclasses import replace

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import Intake, IntakeId, group_of
from register.domain.desk.person_record import check_change, check_days, require_any, retain_until
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.pseudonyms.normalise.person import Person
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    fact_recorded,
    look_for_named,
    named_at_the_desk,
    protects_in,
)
from register.store.work import Work
from schemas.canonical import dumps
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut, IntakeSummary, Protects, TakeBackIn
from schemas.form import PAGE_MAX, Page

_HOLD = (Task.ENRICH, Task.REGISTER)


@repeat_if_deadlocked
def record_intake(register: Register, caller: Caller, form: IntakeIn, key: str) -> IntakeOut:
    """Record an interview that the caller's organisation held.

    Args:
        register: the caller's country's.
        caller: with ENRICH or REGISTER.
        form: what is known of the person.
        key: the Idempotency-Key.

    Raises:
        TaskMissing: the caller may not.
        DateInFuture, CodeRetired: name the field.
        NotFound: there is no such signal in the own country.
        KeyReused, InFlight: about the key.
    """
    require_any(caller, *_HOLD)
    now = register.clock.now()
    check_days({"held_on": form.held_on}, register.day_of(now))
    register.check_codes(form, on=register.day_of(now))

    def make(work: Work) -> bytes:
        begin_fact(work)
        _check_signal(work, form)
        organisation = work.organisations.get(caller.organisation or "")
        intake = Intake(
            id=IntakeId(register.clock.new_id()),
            version=1,
            organisation=organisation.code,
            actor=caller.actor,
            form=form,
            group=group_of(form),
            retain_until=retain_until(organisation, register.day_of(now)),
            recorded_at=now,
            changed_at=now,
            named=named_at_the_desk(register, _person(form)),
        )
        work.intakes.add(intake)
        work.audit.note(AuditAction.INTAKE_RECORDED, str(intake.id), linked=form.signal is not None)
        _protect(register, work, form)
        return intake.document(_protects(register, work, intake)).model_dump_json().encode()

    request = dumps(["intake", form.model_dump(mode="json")])
    with register.noting(caller, AuditAction.INTAKE_NOT_RECORDED, form.signal):
        return IntakeOut.model_validate_json(register.once(caller, key, request, make))


def read_intake(register: Register, caller: Caller, intake_id: IntakeId) -> IntakeOut:
    """Return an intake of the own country; the reading is logged.

    With ENRICH or REGISTER one reads all of the country, with READ_OWN those of the own organisation.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with register.looking(caller, AuditAction.INTAKE_NOT_FOUND, intake_id) as work:
        intake = work.intakes.get(intake_id)
        own = caller.may(Task.READ_OWN) and caller.organisation == intake.organisation
        if not own and not any(caller.may(task) for task in _HOLD):
            raise NotFound(f"there is no intake {intake_id} in this register")
        work.audit.note(AuditAction.INTAKE_READ, str(intake_id), version=intake.version)
        return intake.document(_protects(register, work, intake))


def list_intakes(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[IntakeSummary]:
    """Return one page, newest first: coded fields, no name and no note.

    Raises:
        TaskMissing: the caller may read none.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, *_HOLD, Task.READ_OWN)
    whole = any(caller.may(task) for task in _HOLD)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        own = None if whole else caller.organisation
        items = work.intakes.page(organisation=own, before=before, limit=limit + 1)
        work.audit.note(AuditAction.INTAKE_LISTED, "-", count=min(len(items), limit))
    more = len(items) > limit
    return Page(items=tuple(items[:limit]), next=cursor_of(items[limit - 1].id) if more else None)


@repeat_if_deadlocked
def amend_intake(
    register: Register, caller: Caller, intake_id: IntakeId, change: AmendIntakeIn, *, version: int
) -> IntakeOut:
    """Correct or complete an intake.

    Raises:
        NotFound: there is none that this caller may change, or no such signal.
        ChangedMeanwhile, AlreadyWithdrawn: about the present one.
        DateInFuture, CodeRetired: name the field.
        pydantic.ValidationError: a part that is needed was taken away.
    """
    now = register.clock.now()
    with register.looking(caller, AuditAction.INTAKE_NOT_AMENDED, intake_id) as work:
        begin_fact(work)
        before = _for_change(work, caller, intake_id, version)
        form = change.applied_to(before.form)
        check_days({"held_on": form.held_on}, register.day_of(now))
        register.check_codes(form, on=register.day_of(now), was=before.form)
        _check_signal(work, form)
        changed = replace(
            before,
            form=form,
            group=group_of(form),
            version=version + 1,
            changed_at=now,
            # Whoever has the name that was corrected may be meant still.
            named=before.named | named_at_the_desk(register, _person(form)),
        )
        work.intakes.replace(changed)
        fields = sorted(change.changes.model_fields_set)
        work.audit.note(
            AuditAction.INTAKE_AMENDED,
            str(intake_id),
            private={"reason": change.reason},
            version=changed.version,
            fields=fields,
        )
        _protect(register, work, form)
        return changed.document(_protects(register, work, changed))


@repeat_if_deadlocked
def withdraw_intake(
    register: Register, caller: Caller, intake_id: IntakeId, withdrawal: TakeBackIn, *, version: int
) -> IntakeOut:
    """Take an intake back: it counts no more, and name, note and nationality open for nobody any more.

    A person whom the ladder knows by this intake stays there until taken back there.

    Raises:
        NotFound, ChangedMeanwhile, AlreadyWithdrawn: as for an amendment.
    """
    now = register.clock.now()
    with register.looking(caller, AuditAction.INTAKE_NOT_WITHDRAWN, intake_id) as work:
        before = _for_change(work, caller, intake_id, version)
        bare = before.form.model_copy(update={"name": None, "note": None, "nationality": None})
        changed = replace(before, form=bare, version=version + 1, changed_at=now, withdrawn_at=now, named=frozenset())
        work.intakes.replace(changed)
        work.audit.note(
            AuditAction.INTAKE_WITHDRAWN, str(intake_id), private={"reason": withdrawal.reason}, version=version + 1
        )
        return changed.document(_protects(register, work, changed))


def _for_change(work: Work, caller: Caller, intake_id: IntakeId, version: int) -> Intake:
    """The intake, locked; the register unit changes any, those who enrich what their organisation held."""
    intake = work.intakes.get(intake_id, for_change=True)
    own = caller.may(Task.ENRICH) and caller.organisation == intake.organisation
    if not own and not caller.may(Task.REGISTER):
        raise NotFound(f"there is no intake {intake_id} in this register")
    check_change(intake, version)
    return intake


def _check_signal(work: Work, form: IntakeIn) -> None:
    if form.signal is not None:
        work.signals.lock(SignalId(form.signal))


def _protect(register: Register, work: Work, form: IntakeIn) -> None:
    """What the interview says of a person, of the signal that it stems from or of any, reaches partners at once."""
    if form.signal is not None:
        fact_recorded(register, work, SignalId(form.signal))
    look_for_named(register, work, _person(form))


def _protects(register: Register, work: Work, intake: Intake) -> tuple[Protects, ...]:
    """Whom it keeps at home; nothing of whether anybody is reported whom the caller did not name a report of."""
    found: list[Protects] = []
    about = intake.form.signal
    if about is not None and protects_in(register, work, SignalId(about), intake.id.bytes):
        found.append("IN_REPORT")
    if intake.named:
        found.append("BY_NAME")
    return tuple(found)


def _person(form: IntakeIn) -> Person | None:
    return None if form.name is None else Person(form.name, nationality=form.nationality)
