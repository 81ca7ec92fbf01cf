"""Intake interviews: who held one, when, with whom by sex, age band and nationality; linked to a signal or to none.

What names the person (name, note, exact nationality) is sealed when stored. Lists hold coded fields only.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from schemas.codes.fields import in_list
from schemas.desk.record import Amendment, Changes, Version
from schemas.form import Day, Form, Instant, Name, Nationality, Note
from schemas.signals.coded import OrganisationCode

SexCode = Annotated[str, in_list("sex")]
AgeBandCode = Annotated[str, in_list("age_band")]
NationalityGroupCode = Annotated[str, in_list("nationality_group")]
Protects = Literal["IN_REPORT", "BY_NAME"]


class IntakeIn(Form):
    """One interview with one person.

    Attributes:
        age_band: at the day of the interview.
        nationality: None where it is not known; several count as not known.
        signal: id of the own signal that it stems from; None where it stems from none, or nobody says so.
        name, note: of the person; leave the name out of a note.
    """

    held_on: Day
    sex: SexCode
    age_band: AgeBandCode
    nationality: Nationality | None = None
    signal: UUID | None = None
    name: Name | None = Field(default=None, repr=False)
    note: Note | None = Field(default=None, repr=False)


class IntakeChanges(Changes, of=IntakeIn):
    """What an amendment of an intake changes."""


class AmendIntakeIn(Amendment):
    """Corrects or completes an intake, with a reason."""

    changes: IntakeChanges


class IntakeSummary(Form):
    """An intake in a list, without what names the person."""

    id: UUID
    version: Version
    organisation: OrganisationCode
    held_on: Day
    sex: SexCode
    age_band: AgeBandCode
    nationality_group: NationalityGroupCode
    signal: UUID | None
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None


class IntakeOut(Form):
    """An intake as those see it who may read it; `version` is also its ETag.

    Attributes:
        nationality_group: the row that the reports print.
        form: as it was given; after a withdrawal name, note and nationality are gone.
        protects: whom it keeps at home: IN_REPORT, somebody of the report that it stems from; BY_NAME, whoever has the
            whole name, and no other nationality, in any report of the country, now or later. Empty: nobody yet; give
            the report, or the whole name. It says nothing of whether anybody of that name is reported.
    """

    id: UUID
    version: Version
    organisation: OrganisationCode
    nationality_group: NationalityGroupCode
    form: IntakeIn
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None = None
    protects: tuple[Protects, ...] = ()
