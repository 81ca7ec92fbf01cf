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
from register.domain.desk.victim import AlreadyOnLadder, Victim
from register.store.desk.records import SealedRecords, kept_of, stamps_of, summary_columns
from register.store.models.desk import victim, victim_status
from register.store.running.sealing import DataKeys, KeyEnd, OpenKey, Place
from schemas.codes import Partition
from schemas.desk.victim import StatusOut, VictimSummary

_NOBODY = 0
"""The number of the person of an intake, who is no subject of a signal."""


class Victims(SealedRecords[Victim]):
    """The persons on the ladder of one country, inside one transaction."""

    table = victim
    nothing = "there is nobody {} on the victim ladder of this register"

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        super().__init__(connection, country, keys)
        self._clock = clock

    def add(self, record: Victim) -> None:
        """Put a person on the ladder.

        Raises:
            AlreadyOnLadder: the same person is there; one who was taken off is not, and may come back in a new row.
        """
        row = self._fixed(record) | self._changing(record)
        statement = insert(victim).values([row]).on_conflict_do_nothing().returning(victim.c.id)
        if self._connection.execute(statement).first() is None:
            raise AlreadyOnLadder("the person is on the victim ladder already")
        self._append(record, record.actor)

    def step(self, changed: Victim, actor: str) -> None:
        """Store the newest status of a person who was locked, and who entered it."""
        self._append(changed, actor)
        values = {**stamps_of(changed), "status": changed.status.value}
        self._connection.execute(sa.update(victim).where(*self._is(changed.id)).values(values))

    def replace(self, record: Victim) -> None:
        """Store the withdrawal of a person who was locked, and destroy what was sealed of the person and the history.

        Nothing else changes a person: a wrong status is followed by another.
        """
        reasons = sa.select(victim_status.c.data_key).where(*self._of(record.id))
        self._end_key(record.id, KeyEnd.WITHDRAWN, *self._connection.execute(reasons).scalars())
        values = stamps_of(record) | self._seal(record, None, {})
        self._connection.execute(sa.update(victim).where(*self._is(record.id)).values(values))

    def page(
        self, *, organisation: str | None, status: str | None, before: UUID | None, limit: int
    ) -> list[VictimSummary]:
        """The newest persons, nothing opened; `organisation` None for all of the country."""
        columns = [
            *summary_columns(victim, "status", "sex", "age_band", "nationality_group", "movement"),
            victim.c.intake_id.label("intake"),
            victim.c.signal_id.label("signal"),
            sa.func.nullif(victim.c.subject_n, _NOBODY).label("subject"),
        ]
        rows = self._listed(columns, before=before, limit=limit, organisation=organisation, status=status)
        return [VictimSummary.model_validate(dict(row)) for row in rows]

    def _fixed(self, record: Victim) -> dict[str, Any]:
        return {
            **super()._fixed(record),
            "intake_id": record.intake,
            "signal_id": record.signal,
            "subject_n": record.subject or _NOBODY,
            "sex": record.sex,
            "age_band": record.age_band,
            "nationality_group": record.group,
            "movement": record.movement,
            "retain_until": record.retain_until,
            "named": sorted(record.named),
        }

    def _changing(self, record: Victim) -> dict[str, Any]:
        sealed = self._seal(record, self._keys.make(record.retain_until), record.details)
        return {**stamps_of(record), **sealed, "status": record.status.value}

    def _of_row(self, row: sa.RowMapping) -> Victim:
        return Victim(
            **kept_of(row),
            intake=row["intake_id"],
            signal=row["signal_id"],
            subject=row["subject_n"] or None,
            sex=row["sex"],
            age_band=row["age_band"],
            group=row["nationality_group"],
            movement=row["movement"],
            details=self._open(row),
            history=self._history(row["id"]),
            retain_until=row["retain_until"],
            named=frozenset(row["named"]),
        )

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

    def _history(self, victim_id: UUID) -> tuple[StatusOut, ...]:
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

    def _of(self, victim_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (victim_status.c.country == self._country, victim_status.c.victim_id == victim_id)
