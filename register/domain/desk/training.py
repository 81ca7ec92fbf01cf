"""A training: an event with a number of people, and no person in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from register.domain.instant import to_ms, to_ms_or_none
from schemas.desk.training import TrainingIn, TrainingOut

TrainingId = NewType("TrainingId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One training that a country recorded."""

    id: TrainingId
    version: int
    organisation: str
    actor: str
    form: TrainingIn
    recorded_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None = None

    def document(self) -> TrainingOut:
        """The training for those who may read it."""
        return TrainingOut(
            id=self.id,
            version=self.version,
            organisation=self.organisation,
            form=self.form,
            recorded_at=to_ms(self.recorded_at),
            changed_at=to_ms(self.changed_at),
            withdrawn_at=to_ms_or_none(self.withdrawn_at),
        )
