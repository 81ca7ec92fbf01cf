"""A training: an event with a number of people, and no person in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

from register.domain.desk.record import Record
from schemas.desk.training import TrainingIn, TrainingOut

TrainingId = NewType("TrainingId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Record):
    """One training that a country recorded."""

    form: TrainingIn

    def document(self) -> TrainingOut:
        """The training for those who may read it."""
        return TrainingOut(**self.stamps(), form=self.form)
