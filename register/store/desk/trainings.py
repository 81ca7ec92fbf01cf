"""Trainings in the store: numbers of people, no person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.domain.desk.training import Training, TrainingId
from register.errors import NotFound
from register.store.models.desk import training
from schemas.codes import Partition
from schemas.desk.training import TrainingIn


class Trainings:
    """The trainings that one country recorded, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def add(self, record: Training) -> None:
        """Store a new training."""
        fixed = {
            "country": self._country,
            "id": record.id,
            "organisation": record.organisation,
            "actor": record.actor,
            "created_at": record.recorded_at,
        }
        self._connection.execute(sa.insert(training), [fixed | _changing(record)])

    def get(self, training_id: TrainingId, *, for_change: bool = False) -> Training:
        """Return a training.

        Raises:
            NotFound: there is none in this country.
        """
        query = sa.select(training).where(*self._is(training_id))
        row = self._connection.execute(query.with_for_update() if for_change else query).one_or_none()
        if row is None:
            raise NotFound(f"there is no training {training_id} in this register")
        return _training(row)

    def replace(self, record: Training) -> None:
        """Store a changed training that was locked."""
        self._connection.execute(sa.update(training).where(*self._is(record.id)).values(_changing(record)))

    def page(self, *, before: UUID | None, limit: int) -> list[Training]:
        """The newest trainings."""
        query = sa.select(training).where(training.c.country == self._country)
        if before is not None:
            query = query.where(training.c.id < before)
        return [_training(row) for row in self._connection.execute(query.order_by(training.c.id.desc()).limit(limit))]

    def _is(self, training_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (training.c.country == self._country, training.c.id == training_id)


def _changing(record: Training) -> dict[str, Any]:
    form = record.form
    return {
        "version": record.version,
        "kind": form.kind,
        "training_group": form.group,
        "provider": form.provider,
        "recipient": form.recipient,
        "people": form.people,
        "held_on": form.held_on,
        "updated_at": record.changed_at,
        "withdrawn_at": record.withdrawn_at,
    }


def _training(row: sa.Row[*tuple[Any, ...]]) -> Training:
    return Training(
        id=TrainingId(row.id),
        version=row.version,
        organisation=row.organisation,
        actor=row.actor,
        form=TrainingIn(
            kind=row.kind,
            group=row.training_group,
            provider=row.provider,
            recipient=row.recipient,
            people=row.people,
            held_on=row.held_on,
        ),
        recorded_at=row.created_at,
        changed_at=row.updated_at,
        withdrawn_at=row.withdrawn_at,
    )
