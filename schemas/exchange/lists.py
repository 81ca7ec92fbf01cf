"""Signed lists that a country gives to every partner (sync/README.md, "Lists").

Nothing of persons is in one, no address and no name but those of units: who a partner's record may say is to be
asked, from which day and until which. What an evaluator answered on a day is a list, too, for the asking country only.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.codes import Partition
from schemas.exchange.evaluation import KEYS_MAX, EvaluationPurpose
from schemas.exchange.wire import Document, Id, Instant, Number, OrganisationCode, Slug, Text

ORGANISATIONS: Final = "organisations"
ANSWERED: Final = "answered"
ANSWERED_MAX: Final = 1_000
"""Requests in one piece of a day's list."""
ORGANISATIONS_MAX: Final = 1_000
UNITS_MAX: Final = 2_000
"""Of one country, ended ones included: what a partner takes in one piece."""


class ListedUnit(Document):
    """A unit that extracts may name as the one to ask; an ended one stays, since older extracts name it."""

    unit: Text
    begins: date
    ends: date | None = None


class ListedOrganisation(Document):
    """An organisation by its code, with its units."""

    organisation: OrganisationCode
    kind: Slug
    begins: date
    ends: date | None = None
    units: Annotated[tuple[ListedUnit, ...], Field(max_length=UNITS_MAX)]


class OrganisationList(Document):
    """The organisations of one country.

    Attributes:
        number: rises with each change and never falls; one number is one content.
        at: when it got that number.
    """

    iss: Partition
    kind: Literal["organisations"]
    number: Number
    rows: Annotated[tuple[ListedOrganisation, ...], Field(max_length=ORGANISATIONS_MAX)]
    at: Instant

    @model_validator(mode="after")
    def _of_its_country(self) -> Self:
        if any(not row.organisation.startswith(f"{self.iss}-") for row in self.rows):
            raise ValueError("an organisation of another country")
        if len(self.unit_names()) != sum(len(row.units) for row in self.rows):
            raise ValueError("two units of one name")
        return self

    def unit_names(self) -> frozenset[str]:
        """The names of all its units."""
        return frozenset(unit.unit for row in self.rows for unit in row.units)


class AnsweredRequest(Document):
    """One request for evaluation that was granted: its id and how many keys it had, never a key or who asked."""

    request: Id
    keys: Annotated[int, Field(ge=1, le=KEYS_MAX)]
    purpose: EvaluationPurpose


class AnsweredPiece(Document):
    """What an evaluator granted one country on one day of UTC, in the order in which it did; one piece of it.

    Attributes:
        aud: the country that asked, which is the only one that is given it.
        after: the piece follows this leaf of the evaluator's log; None for the first one.
        next: what the following piece follows; None where this is the last.
    """

    iss: Partition
    aud: Partition
    kind: Literal["answered"]
    day: date
    after: Id | None = None
    next: Id | None = None
    rows: Annotated[tuple[AnsweredRequest, ...], Field(max_length=ANSWERED_MAX)]
    at: Instant
