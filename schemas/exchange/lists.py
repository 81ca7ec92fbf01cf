"""Signed lists that a country gives to every partner (sync/README.md, "Lists").

No address is in one and no name but those of units: who a partner's record may say is to be asked, from which day and
until which. Who may have keys evaluated stands in a list of its own, under pseudonyms that the country alone can open.
What an evaluator answered on a day is a list, too, for the asking country only; how much it was goes to all.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.codes import Partition
from schemas.exchange.evaluation import KEYS_MAX, EvaluationPurpose
from schemas.exchange.wire import Book, Document, Hash, Id, Instant, Number, OrganisationCode, Slug, Text

ORGANISATIONS: Final = "organisations"
ACTORS: Final = "actors"
ANSWERED: Final = "answered"
COUNTS: Final = "limits-used"
COUNTS_MAX: Final = 500
"""Countries, books and classes: more than there are."""
COUNTS_CHARS_MAX: Final = 60_000
"""Of one list of counts where it is shown to somebody else: four of them fit into one request."""
ANSWERED_MAX: Final = 1_000
"""Requests in one piece of a day's list."""
ORGANISATIONS_MAX: Final = 1_000
UNITS_MAX: Final = 2_000
ACTORS_MAX: Final = 8_000
"""Of one country, ended ones included: what a partner takes in one piece."""
ActorReference = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""A person or program as partners may count them: of this form only, so that no list can hold a name by mistake."""


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


class SignedList(Document):
    """What a country says to every partner alike.

    Attributes:
        at: since when it says so.
    """

    NAME: ClassVar[str]
    """Its `kind`, and its place in the address."""

    iss: Partition
    at: Instant


class CountryList(SignedList):
    """Whom a country has let in.

    Attributes:
        number: rises with each change of what these lists tell and never falls; one number is one content of each.
    """

    number: Number


class OrganisationList(CountryList):
    """The organisations of one country."""

    NAME: ClassVar[str] = ORGANISATIONS

    kind: Literal["organisations"]
    rows: Annotated[tuple[ListedOrganisation, ...], Field(max_length=ORGANISATIONS_MAX)]

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


class ListedActor(Document):
    """Somebody who may have keys evaluated for an organisation, from a day on; what for stays at home.

    Attributes:
        actor: the same in each request; who it is, the country alone can tell.
    """

    actor: ActorReference
    organisation: OrganisationCode
    begins: date
    ends: date | None = None


class ActorList(CountryList):
    """Persons and programs of one country that may have keys evaluated, in the order of their references."""

    NAME: ClassVar[str] = ACTORS

    kind: Literal["actors"]
    rows: Annotated[tuple[ListedActor, ...], Field(max_length=ACTORS_MAX)]

    @model_validator(mode="after")
    def _of_its_country(self) -> Self:
        if any(not row.organisation.startswith(f"{self.iss}-") for row in self.rows):
            raise ValueError("an organisation of another country")
        return self


class CountedKeys(Document):
    """How many keys of one class an evaluator granted a country, of one book."""

    country: Partition
    book: Book
    selector_class: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}$")]
    keys: Number


class CountedRequests(Document):
    """The requests that an evaluator granted a country: how many, and one root of their ids.

    Attributes:
        root: RFC 6962 over the 16 bytes of each id, in ascending order. It binds the evaluator to the ids that it
            gives the country, and tells nobody else any of them.
    """

    country: Partition
    count: Number
    root: Hash


class CountsList(SignedList):
    """What an evaluator granted on one day of UTC that is over; who of a country asked is in none of it."""

    NAME: ClassVar[str] = COUNTS

    kind: Literal["limits-used"]
    day: date
    keys: Annotated[tuple[CountedKeys, ...], Field(max_length=COUNTS_MAX)]
    requests: Annotated[tuple[CountedRequests, ...], Field(max_length=len(Partition))]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        counted = [(row.country, row.book, row.selector_class) for row in self.keys]
        told = [row.country for row in self.requests]
        if len(set(counted)) != len(counted) or len(set(told)) != len(told):
            raise ValueError("a count is told twice")
        if self.iss in {*told, *(row.country for row in self.keys)}:
            raise ValueError("an evaluator asks itself nothing")
        return self


class AnsweredRequest(Document):
    """One request for evaluation that was granted: its id and how many keys it had, never a key or who asked."""

    request: Id
    keys: Annotated[int, Field(ge=1, le=KEYS_MAX)]
    purpose: EvaluationPurpose


class AnsweredPiece(Document):
    """What an evaluator granted one country on one day of UTC, in the order in which it did; one piece of it.

    Attributes:
        aud: whom it is given to: the country that asked, or one to whom its ids are opened.
        country: the one that asked.
        after: the piece follows this leaf of the evaluator's log; None for the first one.
        next: what the following piece follows; None where this is the last.
    """

    iss: Partition
    aud: Partition
    country: Partition
    kind: Literal["answered"]
    day: date
    after: Id | None = None
    next: Id | None = None
    rows: Annotated[tuple[AnsweredRequest, ...], Field(max_length=ANSWERED_MAX)]
    at: Instant


class CountsOf(Document):
    """What one evaluator told of a day, as it signed it."""

    evaluator: Partition
    counts: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=COUNTS_CHARS_MAX)
    ]


class Opening(Document):
    """Asks an evaluator to open the ids of a country's requests of a day.

    Attributes:
        after: the `next` of the piece before it; None for the first.
        counts: of the country's other evaluators: they show that one of them all granted much alone.
    """

    country: Partition
    day: date
    after: Id | None = None
    counts: Annotated[tuple[CountsOf, ...], Field(max_length=len(Partition))]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.evaluator for one in self.counts}) != len(self.counts):
            raise ValueError("an evaluator's counts are given twice")
        return self
