"""An intake interview: with one person, on one day, by one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from register.domain.desk.person_record import nationality_group
from register.domain.instant import to_ms, to_ms_or_none
from schemas.desk.intake import IntakeIn, IntakeOut, Protects

IntakeId = NewType("IntakeId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One intake of one country.

    Attributes:
        group: the row that counts the nationality; it stays when the nationality itself has been destroyed.
        retain_until: the last day it is kept.
        named: blind values of whom it names, by which other records are compared; also of a name that was corrected.
    """

    id: IntakeId
    version: int
    organisation: str
    actor: str
    form: IntakeIn
    group: str
    retain_until: date
    recorded_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None = None
    named: frozenset[bytes] = frozenset()

    def document(self, protects: tuple[Protects, ...]) -> IntakeOut:
        """The intake for those who may read it."""
        return IntakeOut(
            id=self.id,
            version=self.version,
            organisation=self.organisation,
            nationality_group=self.group,
            form=self.form,
            recorded_at=to_ms(self.recorded_at),
            changed_at=to_ms(self.changed_at),
            withdrawn_at=to_ms_or_none(self.withdrawn_at),
            protects=protects,
        )


def group_of(form: IntakeIn) -> str:
    """The row that counts the person's nationality."""
    return nationality_group(form.nationality)
