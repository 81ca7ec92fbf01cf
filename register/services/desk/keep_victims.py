"""The victim ladder: who is on it, which status who gave and by what rule; apart from the case.

No use case of help, referral or signal asks for a status here: help never depends on it (domain.md 4). Nothing of the
ladder leaves the country but rounded counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import IntakeId
from register.domain.desk.person_record import check_change, check_days, nationality_group, require_any, retain_until
from register.domain.desk.victim import Victim, VictimId, to_undo
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import SignalId
from register.errors import CallerError, NotFound
from register.mou.ladder import of_country, rule_to_assign
from register.pseudonyms.normalise.person import Person
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    fact_recorded,
    look_for_named,
    named_at_the_desk,
)
from register.store.work import Work
from schemas.canonical import dumps
from schemas.codes import VictimStatus
from schemas.desk.intake import TakeBackIn
from schemas.desk.victim import AssigningRule, StatusIn, StatusOut, VictimIn, VictimOut, VictimSummary
from schemas.form import PAGE_MAX, Page

_ASSIGN = (Task.SUBMIT, Task.REGISTER, Task.ENRICH)
_READ_ALL = (Task.REGISTER, Task.ENRICH)


class NoSuchPerson(CallerError):
    """The signal has no person of this number."""

    code = "no-such-person"
    advice = "Give the number `n` of one of the signal's persons."


@repeat_if_deadlocked
def put_on_ladder(register: Register, caller: Caller, form: VictimIn, key: str) -> VictimOut:
    """Put a person on the ladder with a first status.

    Args:
        register: the caller's country's.
        caller: with SUBMIT, REGISTER or ENRICH; the country's rules say which statuses his organisation may give.
        form: who it is and what was decided.
        key: the Idempotency-Key.

    Raises:
        TaskMissing, MayNotAssign: the caller or his organisation may not.
        NotFound: there is no such intake or signal that he may know of.
        NoSuchPerson: the signal has no such subject.
        AlreadyOnLadder: the person is there; one who was taken off can be put on again.
        AlreadyWithdrawn: the intake or the signal was taken back.
        DateInFuture, CodeRetired: name the field.
        KeyReused, InFlight: about the key.
    """
    require_any(caller, *_ASSIGN)
    now = register.clock.now()
    check_days({"status.decided_on": form.status.decided_on}, register.day_of(now))
    register.check_codes(form, on=register.day_of(now))

    def make(work: Work) -> bytes:
        organisation = work.organisations.get(caller.organisation or "")
        rule = rule_to_assign(organisation, (form.status.status,), form.status.decided_on)
        begin_fact(work)
        signal, whom = _check_person(work, caller, form)
        details = form.model_dump(mode="json", include={"nationality", "name", "note"}, exclude_none=True)
        victim = Victim(
            id=VictimId(register.clock.new_id()),
            version=1,
            organisation=organisation.code,
            actor=caller.actor,
            intake=form.intake,
            signal=form.signal,
            subject=form.subject,
            sex=form.sex,
            age_band=form.age_band,
            group=nationality_group(form.nationality),
            movement=form.movement,
            details=details,
            history=(_line(form.status, organisation.code, rule, register),),
            retain_until=retain_until(organisation, register.day_of(now)),
            recorded_at=now,
            changed_at=now,
            named=named_at_the_desk(register, whom),
        )
        work.victims.add(victim)
        work.audit.note(AuditAction.VICTIM_RECORDED, str(victim.id), status=victim.status, rule=rule)
        if signal is not None:
            # Not later, by a worker: who is on the ladder is found nowhere abroad from this commit on.
            fact_recorded(register, work, SignalId(signal))
        look_for_named(register, work, whom)
        return victim.document().model_dump_json().encode()

    request = dumps(["victim", form.model_dump(mode="json")])
    with register.noting(caller, AuditAction.VICTIM_NOT_RECORDED, form.intake or form.signal, NoSuchPerson):
        return VictimOut.model_validate_json(register.once(caller, key, request, make))


@repeat_if_deadlocked
def assign_status(
    register: Register, caller: Caller, victim_id: VictimId, status: StatusIn, *, version: int
) -> VictimOut:
    """Add a status to a person's history.

    Raises:
        NotFound: there is nobody that this caller may know of.
        MayNotAssign: the country's rules give the status, or the one that it undoes, to others.
        StatusNotAllowed, LadderFull: by the history.
        ChangedMeanwhile, AlreadyWithdrawn, DateInFuture, CodeRetired: as for any change.
    """
    now = register.clock.now()
    check_days({"decided_on": status.decided_on}, register.day_of(now))
    register.check_codes(status, on=register.day_of(now))
    with register.looking(caller, AuditAction.VICTIM_STATUS_NOT_ASSIGNED, victim_id) as work:
        begin_fact(work)
        before = work.victims.get(victim_id, for_change=True)
        _check_access(caller, before, *_ASSIGN)
        check_change(before, version)
        before.check_next(status.status, status.decided_on)
        organisation = work.organisations.get(caller.organisation or "")
        rule = rule_to_assign(organisation, (status.status, *to_undo(before.status)), status.decided_on)
        line = _line(status, organisation.code, rule, register)
        changed = replace(before, history=(*before.history, line), version=version + 1, changed_at=now)
        work.victims.step(changed, caller.actor)
        facts: dict[str, Any] = {"from": before.status, "to": status.status, "rule": rule}
        work.audit.note(AuditAction.VICTIM_STATUS_ASSIGNED, str(victim_id), **facts)
        # Who stands on the ladder again is protected again at once, if two persons had said that nothing was behind it.
        about = work.protections.signal_of_victim(victim_id)
        if about is not None and work.protections.lifted(about):
            fact_recorded(register, work, about)
        return changed.document()


@repeat_if_deadlocked
def withdraw_victim(
    register: Register, caller: Caller, victim_id: VictimId, withdrawal: TakeBackIn, *, version: int
) -> VictimOut:
    """Take a person off the ladder who should not have been entered; what is sealed opens for nobody any more.

    Where that was the mistake, the person is put on again, with a status of its own day.

    Not for somebody who was found to be no victim: that is a status.

    Raises:
        NotFound, ChangedMeanwhile, AlreadyWithdrawn: as for a status.
    """
    now = register.clock.now()
    with register.looking(caller, AuditAction.VICTIM_NOT_WITHDRAWN, victim_id) as work:
        before = work.victims.get(victim_id, for_change=True)
        own = caller.may(Task.ENRICH) and caller.organisation == before.organisation
        if not own and not caller.may(Task.REGISTER):
            raise _nobody(victim_id)
        check_change(before, version)
        bare = tuple(line.model_copy(update={"reason": None}) for line in before.history)
        changed = replace(before, details={}, history=bare, version=version + 1, changed_at=now, withdrawn_at=now)
        work.victims.withdraw(changed)
        work.audit.note(
            AuditAction.VICTIM_WITHDRAWN, str(victim_id), private={"reason": withdrawal.reason}, version=version + 1
        )
        return changed.document()


def read_victim(register: Register, caller: Caller, victim_id: VictimId) -> VictimOut:
    """Return a person of the own country's ladder with the history; the reading is logged.

    With ENRICH or REGISTER one reads all of the country, with READ_OWN or SUBMIT those of the own organisation.

    Raises:
        NotFound: there is nobody that this caller may know of.
    """
    with register.looking(caller, AuditAction.VICTIM_NOT_FOUND, victim_id) as work:
        victim = work.victims.get(victim_id)
        _check_access(caller, victim, Task.READ_OWN, *_ASSIGN)
        work.audit.note(AuditAction.VICTIM_READ, str(victim_id), version=victim.version)
        return victim.document()


def list_victims(
    register: Register, caller: Caller, *, status: VictimStatus | None, cursor: str | None, limit: int
) -> Page[VictimSummary]:
    """Return one page, newest first: coded fields, no name and no note.

    Raises:
        TaskMissing: the caller may read nobody.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, Task.READ_OWN, *_ASSIGN)
    whole = any(caller.may(task) for task in _READ_ALL)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        own = None if whole else caller.organisation
        items = work.victims.page(organisation=own, status=status, before=before, limit=limit + 1)
        work.audit.note(AuditAction.VICTIM_LISTED, "-", count=min(len(items), limit))
    more = len(items) > limit
    return Page(items=tuple(items[:limit]), next=cursor_of(items[limit - 1].id) if more else None)


def assigning_rules(register: Register, caller: Caller) -> tuple[AssigningRule, ...]:
    """Who may assign what in the caller's country today, with source; for anybody who is authorised for something."""
    require_any(caller, *Task)
    today = register.today()
    return tuple(
        AssigningRule(
            rule=row.id,
            status=tuple(sorted(row.statuses)),
            organisations=tuple(sorted(row.organisations)),
            kinds=tuple(sorted(row.kinds)),
            source=row.source,
            says=row.says,
            assumed=row.assumed,
        )
        for row in of_country(register.partition, today)
    )


def _line(status: StatusIn, organisation: str, rule: str, register: Register) -> StatusOut:
    return StatusOut(
        status=status.status,
        form=status.form,
        decided_on=status.decided_on,
        organisation=organisation,
        rule=rule,
        reason=status.reason,
        at=register.clock.now(),
    )


def _check_person(work: Work, caller: Caller, form: VictimIn) -> tuple[UUID | None, Person | None]:
    """Whoever puts a person on the ladder may know of the record that they name; it stands, and the person is in it.

    Returns:
        The signal in which the person is, or from which the interview stems; and who it is by the entry, or by the
        interview where the entry does not say.
    """
    name, nation = form.name, form.nationality
    whole = any(caller.may(task) for task in _READ_ALL)
    if form.intake is not None:
        intake = work.intakes.get(IntakeId(form.intake), for_change=True)
        if not whole and caller.organisation != intake.organisation:
            raise NotFound(f"there is no intake {form.intake} in this register")
        check_change(intake, intake.version)
        name, nation = name or intake.form.name, nation or intake.form.nationality
        return intake.form.signal, Person(name, nationality=nation) if name else None
    if form.signal is not None:
        work.signals.lock(SignalId(form.signal))
        signal = work.signals.get(SignalId(form.signal))
        if not whole and caller.organisation != signal.organisation:
            raise NotFound(f"there is no signal {form.signal} in this register")
        check_change(signal, signal.version)
        if form.subject not in {s.n for s in signal.form.subjects if s.kind == "person"}:
            raise NoSuchPerson(f"{signal.reference} has no person of number {form.subject}")
    return form.signal, Person(name, nationality=nation) if name else None


def _check_access(caller: Caller, victim: Victim, *own_tasks: Task) -> None:
    own = caller.organisation == victim.organisation and any(caller.may(task) for task in own_tasks)
    if not own and not any(caller.may(task) for task in _READ_ALL):
        raise _nobody(victim.id)


def _nobody(victim_id: VictimId) -> NotFound:
    return NotFound(f"there is nobody {victim_id} on the victim ladder of this register")
