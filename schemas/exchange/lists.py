"""Signed lists that a country gives to every partner (sync/README.md, "Lists").

Nothing of persons is in one, no address and no name but those of units: who a partner's record may say is to be
asked, from which day and until which.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.codes import Partition
from schemas.exchange.wire import Document, Instant, Number, OrganisationCode, Slug, Text

ORGANISATIONS: Final = "organisations"
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
