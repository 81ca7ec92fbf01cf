"""An intake interview: with one person, on one day, by one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NewType
from uuid import UUID

from register.domain.desk.record import Record, nationality_group
from schemas.desk.intake import IntakeIn, IntakeOut, Protects

IntakeId = NewType("IntakeId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(Record):
    """One intake of one country.

    Attributes:
        group: the row that counts the nationality; it stays when the nationality itself has been destroyed.
        retain_until: the last day it is kept.
        named: blind values of whom it names, by which other records are compared; also of a name that was corrected.
    """

    form: IntakeIn
    group: str
    retain_until: date
    named: frozenset[bytes] = frozenset()

    def document(self, protects: tuple[Protects, ...]) -> IntakeOut:
        """The intake for those who may read it."""
        return IntakeOut(**self.stamps(), nationality_group=self.group, form=self.form, protects=protects)


def group_of(form: IntakeIn) -> str:
    """The row that counts the person's nationality."""
    return nationality_group(form.nationality)
