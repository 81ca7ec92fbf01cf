"""Trainings: recorded by the country that gives them, read by its statisticians; numbers of people, no person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.desk.record import require_any
from register.domain.desk.training import Training, TrainingId
from register.services.desk.kit import Amending, Made, Recorded
from register.store.desk.trainings import Trainings
from register.store.work import Work
from schemas.desk.training import TrainingIn, TrainingOut

_KEEP: Final = (Task.REGISTER, Task.STATISTICS)


class KeepTrainings(Amending[TrainingIn, Training, TrainingOut, TrainingOut]):
    """Whoever keeps trainings keeps all of the country: nobody is in them."""

    kind, form, out = "training", TrainingIn, TrainingOut
    may_record = reads_all = _KEEP

    def check_tasks(self, caller: Caller) -> None:
        """That there are trainings is no secret."""
        require_any(caller, *_KEEP)

    def store(self, work: Work) -> Trainings:
        """Where they are."""
        return work.desk.trainings

    def page(
        self, work: Work, *, organisation: str | None, before: UUID | None, limit: int, **_: Any
    ) -> list[TrainingOut]:
        """Whole, since nothing in them is sealed."""
        return [one.document() for one in work.desk.trainings.page(before=before, limit=limit)]

    def make(self, register: Register, work: Work, caller: Caller, form: TrainingIn, now: datetime) -> Made[Training]:
        """A training of one group."""
        training = Training(
            id=TrainingId(register.clock.new_id()),
            version=1,
            organisation=work.access.organisations.get(caller.organisation or "").code,
            actor=caller.actor,
            form=form,
            recorded_at=now,
            changed_at=now,
        )
        return Made(training, {"kind": form.kind, "people": form.people})

    def amended(self, register: Register, work: Work, before: Training, form: TrainingIn) -> Made[Training]:
        """Nothing but the form changes."""
        return Made(replace(before, form=form))

    def form_of(self, record: Training) -> TrainingIn:
        """As it was given."""
        return record.form

    def document(self, register: Register, work: Work, record: Training) -> TrainingOut:
        """The same for every reader."""
        return record.document()

    def may_change(self, caller: Caller, record: Recorded) -> bool:
        """Whoever keeps them corrects any."""
        return self.sees_all(caller)


TRAININGS: Final = KeepTrainings()
record_training, read_training, list_trainings = TRAININGS.record, TRAININGS.read, TRAININGS.list_page
amend_training, withdraw_training = TRAININGS.amend, TRAININGS.withdraw
