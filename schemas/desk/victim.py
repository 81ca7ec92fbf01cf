"""The victim ladder: one entry a person, and the history of what was decided about the status, by whom and when.

Apart from any case, and no condition of help. A status is added and never changed; a wrong one is followed by another.
"""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import VictimStatus
from schemas.codes.fields import in_list
from schemas.desk.intake import AgeBandCode, NationalityGroupCode, SexCode
from schemas.desk.record import Version
from schemas.form import Day, Form, Instant, Name, Nationality, Note
from schemas.signals.coded import MovementCode, OrganisationCode
from schemas.signals.parts import SubjectNumber

StatusCode = Annotated[VictimStatus, in_list("victim_status")]
FormCode = Annotated[str, in_list("exploitation_form")]
HISTORY_MAX = 100
_ONE_PERSON = "Name the intake, or the signal and the number of its subject; one of the two."


class StatusIn(Form):
    """One step on the ladder.

    Attributes:
        form: of exploitation, as far as it is known on that day.
        decided_on: the day that the year's figures go by.
    """

    status: StatusCode
    form: FormCode
    decided_on: Day
    reason: Note = Field(repr=False)


class VictimIn(Form):
    """Puts a person on the ladder, with the first status.

    Attributes:
        intake: the interview with the person, or
        signal, subject: the own signal and the number of its subject; exactly one of the two ways.
        age_band: on the day of the first status.
        nationality, name, note: sealed; of the nationality only the printed row stands in clear.
    """

    intake: UUID | None = None
    signal: UUID | None = None
    subject: SubjectNumber | None = None
    sex: SexCode
    age_band: AgeBandCode
    nationality: Nationality | None = None
    movement: MovementCode = "UNKNOWN"
    name: Name | None = Field(default=None, repr=False)
    note: Note | None = Field(default=None, repr=False)
    status: StatusIn

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        by_signal = self.signal is not None and self.subject is not None
        neither = self.signal is None and self.subject is None
        if not (by_signal if self.intake is None else neither):
            raise PydanticCustomError("not-one-person", "Not one person. {says}", {"says": _ONE_PERSON})
        return self


class StatusOut(Form):
    """A line of the history.

    Attributes:
        organisation: that assigned it.
        rule: by which it may; see the list of who may assign what.
        reason: None once it has been erased.
    """

    status: StatusCode
    form: FormCode
    decided_on: Day
    organisation: OrganisationCode
    rule: str
    reason: str | None = Field(default=None, repr=False)
    at: Instant


class VictimSummary(Form):
    """A person of the ladder in a list, without what names him or her."""

    id: UUID
    version: Version
    organisation: OrganisationCode
    status: StatusCode
    sex: SexCode
    age_band: AgeBandCode
    nationality_group: NationalityGroupCode
    movement: MovementCode
    intake: UUID | None
    signal: UUID | None
    subject: SubjectNumber | None
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None


class VictimOut(VictimSummary):
    """A person of the ladder with the history, oldest first; `version` is also its ETag."""

    nationality: Nationality | None = None
    name: Name | None = Field(default=None, repr=False)
    note: Note | None = Field(default=None, repr=False)
    history: tuple[StatusOut, ...] = Field(max_length=HISTORY_MAX)


class AssigningRule(Form):
    """Who may assign a status in this country: data with a source, `assumed` until the country has confirmed it."""

    rule: str
    status: tuple[StatusCode, ...]
    organisations: tuple[str, ...]
    kinds: tuple[str, ...]
    source: str
    says: str
    assumed: bool
