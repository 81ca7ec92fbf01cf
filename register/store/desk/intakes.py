"""Intakes in the store: coded fields in clear, what names the person sealed under a key of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.domain.desk.intake import Intake
from register.store.desk.records import SealedRecords, kept_of, stamps_of, summary_columns
from register.store.models.desk import intake
from register.store.running.sealing import KeyEnd
from schemas.desk.intake import IntakeIn, IntakeSummary

_NAMED = frozenset({"nationality", "name", "note"})
_CODED = frozenset({"held_on", "sex", "age_band"})


class Intakes(SealedRecords[Intake]):
    """The intakes of one country, inside one transaction."""

    table = intake
    nothing = "there is no intake {} in this register"

    def replace(self, record: Intake) -> None:
        """Store a changed intake that was locked; after a withdrawal nothing is sealed any more."""
        self._end_key(record.id, KeyEnd.REPLACED if record.withdrawn_at is None else KeyEnd.WITHDRAWN)
        super().replace(record)

    def page(self, *, organisation: str | None, before: UUID | None, limit: int) -> list[IntakeSummary]:
        """The newest intakes, nothing opened; `organisation` None for all of the country."""
        columns = summary_columns(intake, *_CODED, "nationality_group")
        rows = self._listed(
            [*columns, intake.c.signal_id.label("signal")], before=before, limit=limit, organisation=organisation
        )
        return [IntakeSummary.model_validate(dict(row)) for row in rows]

    def _fixed(self, record: Intake) -> dict[str, Any]:
        return {**super()._fixed(record), "retain_until": record.retain_until}

    def _changing(self, record: Intake) -> dict[str, Any]:
        key = None if record.withdrawn_at is not None else self._keys.make(record.retain_until)
        return {
            **stamps_of(record),
            **record.form.model_dump(include=set(_CODED)),
            **self._seal(record, key, record.form.model_dump(mode="json", include=set(_NAMED), exclude_none=True)),
            "nationality_group": record.group,
            "signal_id": record.form.signal,
            "named": sorted(record.named),
        }

    def _of_row(self, row: sa.RowMapping) -> Intake:
        coded = {name: row[name] for name in _CODED} | {"signal": row["signal_id"]}
        return Intake(
            **kept_of(row),
            form=IntakeIn.model_validate(coded | self._open(row)),
            group=row["nationality_group"],
            retain_until=row["retain_until"],
            named=frozenset(row["named"]),
        )
