"""Trainings in the store: numbers of people, no person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.domain.desk.training import Training
from register.store.desk.records import Records, kept_of, stamps_of
from register.store.models.desk import training
from schemas.desk.training import TrainingIn


class Trainings(Records[Training]):
    """The trainings that one country recorded, inside one transaction."""

    table = training
    nothing = "there is no training {} in this register"

    def page(self, *, before: UUID | None, limit: int) -> list[Training]:
        """The newest trainings."""
        return [self._of_row(row) for row in self._listed(list(training.c), before=before, limit=limit)]

    def _changing(self, record: Training) -> dict[str, Any]:
        form = record.form.model_dump()
        form["training_group"] = form.pop("group")
        return stamps_of(record) | form

    def _of_row(self, row: sa.RowMapping) -> Training:
        columns = {"group": row["training_group"], **row}
        form = TrainingIn.model_validate({name: columns[name] for name in TrainingIn.model_fields})
        return Training(**kept_of(row), form=form)
