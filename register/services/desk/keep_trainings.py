"""Trainings: recorded by the country that gives them, read by its statisticians; numbers of people, no person."""

from __future__ import annotations

from dataclasses import replace

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.desk.person_record import check_change, check_days, require_any
from register.domain.desk.training import Training, TrainingId
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.store.work import Work
from schemas.canonical import dumps
from schemas.desk.intake import TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn, TrainingOut
from schemas.form import PAGE_MAX, Page

_KEEP = (Task.REGISTER, Task.STATISTICS)


def record_training(register: Register, caller: Caller, form: TrainingIn, key: str) -> TrainingOut:
    """Record a training of one group.

    Args:
        register: the caller's country's.
        caller: with REGISTER or STATISTICS.
        form: kind, group, countries, people and day.
        key: the Idempotency-Key.

    Raises:
        TaskMissing: the caller may not.
        DateInFuture, CodeRetired: name the field.
        KeyReused, InFlight: about the key.
    """
    require_any(caller, *_KEEP)
    now = register.clock.now()
    check_days({"held_on": form.held_on}, register.day_of(now))
    register.check_codes(form, on=register.day_of(now))

    def make(work: Work) -> bytes:
        training = Training(
            id=TrainingId(register.clock.new_id()),
            version=1,
            organisation=work.organisations.get(caller.organisation or "").code,
            actor=caller.actor,
            form=form,
            recorded_at=now,
            changed_at=now,
        )
        work.trainings.add(training)
        work.audit.note(AuditAction.TRAINING_RECORDED, str(training.id), kind=form.kind, people=form.people)
        return training.document().model_dump_json().encode()

    request = dumps(["training", form.model_dump(mode="json")])
    return TrainingOut.model_validate_json(register.once(caller, key, request, make))


def read_training(register: Register, caller: Caller, training_id: TrainingId) -> TrainingOut:
    """Return a training of the own country.

    Raises:
        TaskMissing: trainings are for the register unit and the statisticians.
        NotFound: there is none.
    """
    require_any(caller, *_KEEP)
    with register.looking(caller, AuditAction.TRAINING_NOT_FOUND, training_id) as work:
        training = work.trainings.get(training_id)
        work.audit.note(AuditAction.TRAINING_READ, str(training_id), version=training.version)
    return training.document()


def list_trainings(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[TrainingOut]:
    """Return one page, newest first.

    Raises:
        TaskMissing: as for one.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, *_KEEP)
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    with register.work(caller) as work:
        found = work.trainings.page(before=before, limit=limit + 1)
        work.audit.note(AuditAction.TRAINING_LISTED, "-", count=min(len(found), limit))
    more = len(found) > limit
    items = tuple(training.document() for training in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if more else None)


def amend_training(
    register: Register, caller: Caller, training_id: TrainingId, change: AmendTrainingIn, *, version: int
) -> TrainingOut:
    """Correct a training.

    Raises:
        TaskMissing: as for recording one.
        NotFound: there is none.
        ChangedMeanwhile, AlreadyWithdrawn, DateInFuture, CodeRetired: as for any change.
        pydantic.ValidationError: a part that is needed was taken away.
    """
    require_any(caller, *_KEEP)
    now = register.clock.now()
    with register.looking(caller, AuditAction.TRAINING_NOT_AMENDED, training_id) as work:
        before = work.trainings.get(training_id, for_change=True)
        check_change(before, version)
        form = change.applied_to(before.form)
        check_days({"held_on": form.held_on}, register.day_of(now))
        register.check_codes(form, on=register.day_of(now), was=before.form)
        changed = replace(before, form=form, version=version + 1, changed_at=now)
        work.trainings.replace(changed)
        fields = sorted(change.changes.model_fields_set)
        private = {"reason": change.reason}
        work.audit.note(
            AuditAction.TRAINING_AMENDED, str(training_id), private=private, version=version + 1, fields=fields
        )
    return changed.document()


def withdraw_training(
    register: Register, caller: Caller, training_id: TrainingId, withdrawal: TakeBackIn, *, version: int
) -> TrainingOut:
    """Take a training back: it counts no more.

    Raises:
        TaskMissing, NotFound, ChangedMeanwhile, AlreadyWithdrawn: as for an amendment.
    """
    require_any(caller, *_KEEP)
    now = register.clock.now()
    with register.looking(caller, AuditAction.TRAINING_NOT_WITHDRAWN, training_id) as work:
        before = work.trainings.get(training_id, for_change=True)
        check_change(before, version)
        changed = replace(before, version=version + 1, changed_at=now, withdrawn_at=now)
        work.trainings.replace(changed)
        private = {"reason": withdrawal.reason}
        work.audit.note(AuditAction.TRAINING_WITHDRAWN, str(training_id), private=private, version=version + 1)
    return changed.document()
