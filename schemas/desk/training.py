"""Trainings: how many people of which group were trained, by which country for which. No person is recorded."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.codes import Partition
from schemas.codes.fields import in_list
from schemas.desk.record import Amendment, Changes, Version
from schemas.form import Country, Day, Form, Instant
from schemas.signals.coded import OrganisationCode

TrainingKindCode = Annotated[str, in_list("training_kind")]
TrainingGroupCode = Annotated[str, in_list("training_group")]
RecipientCode = Annotated[Partition, in_list("partition")]
People = Annotated[int, Field(strict=True, ge=1, le=100_000)]


class TrainingIn(Form):
    """One training of one group; several groups are several entries.

    Attributes:
        provider: the country that gave it, any of ISO 3166: it counts there, so that a regional sum counts it once.
        recipient: the country that those trained are from.
    """

    kind: TrainingKindCode
    group: TrainingGroupCode
    provider: Country
    recipient: RecipientCode
    people: People
    held_on: Day


class TrainingChanges(Changes, of=TrainingIn):
    """What an amendment of a training changes."""


class AmendTrainingIn(Amendment):
    """Corrects a training, with a reason."""

    changes: TrainingChanges


class TrainingOut(Form):
    """A training as it was recorded; `version` is also its ETag."""

    id: UUID
    version: Version
    organisation: OrganisationCode
    form: TrainingIn
    recorded_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None = None
