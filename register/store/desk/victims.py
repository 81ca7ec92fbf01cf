"""The victim ladder in the store: one standing row a person, and a history that is only added to.

Sex, age band and status stand in clear for counting; name, nationality and notes are sealed, each reason of the
history under a key of its own. A withdrawal destroys what was sealed of the person and of the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.desk.victim import AlreadyOnLadder, Victim, VictimId
from register.errors import NotFound
from register.store.models.desk import victim, victim_status
from register.store.running.sealing import SEALED_SCHEMA, DataKeys, KeyEnd, OpenKey, Place
from schemas.codes import Partition
from schemas.desk.victim import StatusOut, VictimSummary

_NOBODY = 0
"""The number of the person of an intake, who is no subject of a signal."""


class Victims:
    """The persons on the ladder of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, record: Victim) -> None:
        """Put a person on the ladder.

        Raises:
            AlreadyOnLadder: the same person is there; one who was taken off is not, and may come back in a new row.
        """
        key = self._keys.make(record.retain_until)
        row = {
            "country": self._country,
            "id": record.id,
            "version": record.version,
            "organisation": record.organisation,
            "actor": record.actor,
            "intake_id": record.intake,
            "signal_id": record.signal,
            "subject_n": record.subject or _NOBODY,
            "sex": record.sex,
            "age_band": record.age_band,
            "nationality_group": record.group,
            "movement": record.movement,
            "status": record.status.value,
            "details": key.seal_json(self._place(record.id), "details", record.details),
            "data_key": key.id,
            "sealed_schema": SEALED_SCHEMA,
            "retain_until": record.retain_until,
            "created_at": record.recorded_at,
            "updated_at": record.changed_at,
            "withdrawn_at": None,
            "named": sorted(record.named),
        }
        statement = insert(victim).values([row]).on_conflict_do_nothing().returning(victim.c.id)
        if self._connection.execute(statement).first() is None:
            raise AlreadyOnLadder("the person is on the victim ladder already")
        self._append(record, record.actor)

    def get(self, victim_id: VictimId, *, for_change: bool = False) -> Victim:
        """Return a person with the history, opened.

        Raises:
            NotFound: there is none in this country.
        """
        query = sa.select(victim).where(*self._is(victim_id))
        row = self._connection.execute(query.with_for_update() if for_change else query).one_or_none()
        if row is None:
            raise NotFound(f"there is nobody {victim_id} on the victim ladder of this register")
        details = {}
        if row.data_key is not None:
            place = self._place(row.id, row.sealed_schema)
            details = self._keys.get(row.data_key).open_json(place, "details", row.details)
        return Victim(
            id=victim_id,
            version=row.version,
            organisation=row.organisation,
            actor=row.actor,
            intake=row.intake_id,
            signal=row.signal_id,
            subject=row.subject_n or None,
            sex=row.sex,
            age_band=row.age_band,
            group=row.nationality_group,
            movement=row.movement,
            details=details,
            history=self._history(victim_id),
            retain_until=row.retain_until,
            recorded_at=row.created_at,
            changed_at=row.updated_at,
            withdrawn_at=row.withdrawn_at,
            named=frozenset(row.named),
        )

    def step(self, changed: Victim, actor: str) -> None:
        """Store the newest status of a person who was locked, and who entered it."""
        self._append(changed, actor)
        self._connection.execute(
            sa.update(victim)
            .where(*self._is(changed.id))
            .values(status=changed.status.value, version=changed.version, updated_at=changed.changed_at)
        )

    def withdraw(self, changed: Victim) -> None:
        """Store the withdrawal of a person who was locked, and destroy what was sealed."""
        old = self._connection.execute(sa.select(victim.c.data_key).where(*self._is(changed.id))).scalar_one()
        reasons = sa.select(victim_status.c.data_key).where(
            *self._of(changed.id), victim_status.c.data_key.is_not(None)
        )
        keys = [k for k in (old, *self._connection.execute(reasons).scalars()) if k is not None]
        self._keys.end(keys, KeyEnd.WITHDRAWN)
        self._connection.execute(
            sa.update(victim)
            .where(*self._is(changed.id))
            .values(
                version=changed.version,
                updated_at=changed.changed_at,
                withdrawn_at=changed.withdrawn_at,
                details=None,
                data_key=None,
            )
        )

    def page(
        self, *, organisation: str | None, status: str | None, before: UUID | None, limit: int
    ) -> list[VictimSummary]:
        """The newest persons, nothing opened; `organisation` None for all of the country."""
        columns = victim.c[
            "id",
            "version",
            "organisation",
            "status",
            "sex",
            "age_band",
            "nationality_group",
            "movement",
            "withdrawn_at",
        ]
        query = sa.select(
            *columns,
            victim.c.intake_id.label("intake"),
            victim.c.signal_id.label("signal"),
            sa.func.nullif(victim.c.subject_n, _NOBODY).label("subject"),
            victim.c.created_at.label("recorded_at"),
            victim.c.updated_at.label("changed_at"),
        ).where(victim.c.country == self._country)
        if organisation is not None:
            query = query.where(victim.c.organisation == organisation)
        if status is not None:
            query = query.where(victim.c.status == status)
        if before is not None:
            query = query.where(victim.c.id < before)
        rows = self._connection.execute(query.order_by(victim.c.id.desc()).limit(limit)).mappings()
        return [VictimSummary.model_validate(dict(row)) for row in rows]

    def _append(self, record: Victim, actor: str) -> None:
        line, line_id = record.history[-1], self._clock.new_id()
        key = self._keys.make(record.retain_until)
        place = Place(self._country, "victim_status", str(line_id))
        self._connection.execute(
            sa.insert(victim_status),
            [
                {
                    "country": self._country,
                    "id": line_id,
                    "victim_id": record.id,
                    "n": len(record.history),
                    "status": line.status.value,
                    "form": line.form,
                    "decided_on": line.decided_on,
                    "organisation": line.organisation,
                    "actor": actor,
                    "rule": line.rule,
                    "reason": key.seal_json(place, "reason", line.reason or ""),
                    "data_key": key.id,
                    "at": line.at,
                }
            ],
        )

    def _history(self, victim_id: VictimId) -> tuple[StatusOut, ...]:
        query = sa.select(victim_status).where(*self._of(victim_id)).order_by(victim_status.c.n)
        rows = self._connection.execute(query).all()
        keys = self._keys.get_many([row.data_key for row in rows if row.data_key is not None])
        return tuple(
            StatusOut(
                status=row.status,
                form=row.form,
                decided_on=row.decided_on,
                organisation=row.organisation,
                rule=row.rule,
                reason=self._reason(keys, row),
                at=row.at,
            )
            for row in rows
        )

    def _reason(self, keys: Mapping[UUID, OpenKey], row: sa.Row[*tuple[Any, ...]]) -> str | None:
        if row.data_key not in keys:
            return None
        words: str = keys[row.data_key].open_json(
            Place(self._country, "victim_status", str(row.id)), "reason", row.reason
        )
        return words

    def _place(self, victim_id: UUID, schema: int = SEALED_SCHEMA) -> Place:
        return Place(self._country, "victim", str(victim_id), schema=schema)

    def _is(self, victim_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (victim.c.country == self._country, victim.c.id == victim_id)

    def _of(self, victim_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (victim_status.c.country == self._country, victim_status.c.victim_id == victim_id)
