"""Intakes in the store: coded fields in clear, what names the person sealed under a key of its own.

A change takes a fresh data key and destroys the old one; a withdrawal destroys what was sealed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.desk.intake import Intake, IntakeId
from register.errors import NotFound
from register.store.models.desk import intake
from register.store.running.sealing import SEALED_SCHEMA, DataKeys, KeyEnd, OpenKey, Place, read_settled
from schemas.codes import Partition
from schemas.desk.intake import IntakeIn, IntakeSummary

_NAMED = frozenset({"nationality", "name", "note"})


class Intakes:
    """The intakes of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, record: Intake) -> None:
        """Store a new intake."""
        fixed = {
            "country": self._country,
            "id": record.id,
            "organisation": record.organisation,
            "actor": record.actor,
            "retain_until": record.retain_until,
            "created_at": record.recorded_at,
        }
        self._connection.execute(sa.insert(intake), [fixed | self._changing(record)])

    def get(self, intake_id: IntakeId, *, for_change: bool = False) -> Intake:
        """Return an intake, opened.

        Raises:
            NotFound: there is none in this country.
        """
        return read_settled(lambda: self._get(intake_id, for_change=for_change))

    def _get(self, intake_id: IntakeId, *, for_change: bool) -> Intake:
        query = sa.select(intake).where(*self._is(intake_id))
        row = self._connection.execute(query.with_for_update() if for_change else query).one_or_none()
        if row is None:
            raise NotFound(f"there is no intake {intake_id} in this register")
        named = {}
        if row.data_key is not None:
            named = self._keys.get(row.data_key).open_json(
                self._place(row.id, row.sealed_schema), "details", row.details
            )
        coded = {"held_on": row.held_on, "sex": row.sex, "age_band": row.age_band, "signal": row.signal_id}
        return Intake(
            id=intake_id,
            version=row.version,
            organisation=row.organisation,
            actor=row.actor,
            form=IntakeIn.model_validate(coded | named),
            group=row.nationality_group,
            retain_until=row.retain_until,
            recorded_at=row.created_at,
            changed_at=row.updated_at,
            withdrawn_at=row.withdrawn_at,
            named=frozenset(row.named),
        )

    def replace(self, record: Intake) -> None:
        """Store a changed intake that was locked; after a withdrawal nothing is sealed any more."""
        old = self._connection.execute(sa.select(intake.c.data_key).where(*self._is(record.id))).scalar_one()
        self._connection.execute(sa.update(intake).where(*self._is(record.id)).values(self._changing(record)))
        if old is not None:
            self._keys.end([old], KeyEnd.REPLACED if record.withdrawn_at is None else KeyEnd.WITHDRAWN)

    def page(self, *, organisation: str | None, before: UUID | None, limit: int) -> list[IntakeSummary]:
        """The newest intakes, nothing opened; `organisation` None for all of the country."""
        columns = intake.c[
            "id", "version", "organisation", "held_on", "sex", "age_band", "nationality_group", "withdrawn_at"
        ]
        query = sa.select(
            *columns,
            intake.c.signal_id.label("signal"),
            intake.c.created_at.label("recorded_at"),
            intake.c.updated_at.label("changed_at"),
        ).where(intake.c.country == self._country)
        if organisation is not None:
            query = query.where(intake.c.organisation == organisation)
        if before is not None:
            query = query.where(intake.c.id < before)
        rows = self._connection.execute(query.order_by(intake.c.id.desc()).limit(limit)).mappings()
        return [IntakeSummary.model_validate(dict(row)) for row in rows]

    def _changing(self, record: Intake) -> dict[str, Any]:
        form, key = record.form, self._key(record)
        named = form.model_dump(mode="json", include=set(_NAMED), exclude_none=True)
        return {
            "version": record.version,
            "held_on": form.held_on,
            "sex": form.sex,
            "age_band": form.age_band,
            "nationality_group": record.group,
            "signal_id": form.signal,
            "details": None if key is None else key.seal_json(self._place(record.id), "details", named),
            "data_key": None if key is None else key.id,
            "sealed_schema": SEALED_SCHEMA,
            "updated_at": record.changed_at,
            "withdrawn_at": record.withdrawn_at,
            "named": sorted(record.named),
        }

    def _key(self, record: Intake) -> OpenKey | None:
        return None if record.withdrawn_at is not None else self._keys.make(record.retain_until)

    def _place(self, intake_id: UUID, schema: int = SEALED_SCHEMA) -> Place:
        return Place(self._country, "intake", str(intake_id), schema=schema)

    def _is(self, intake_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (intake.c.country == self._country, intake.c.id == intake_id)
