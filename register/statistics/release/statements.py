"""What a country says to the others about statistics, each in one canonical spelling that its node signs.

A contribution (its table), a figure that it has published itself, and the hash of a release that it has frozen. A
country speaks for itself only. Who signed is checked by the exchange; here is only what can be said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, assert_never

from register.statistics.definition import Tier
from register.statistics.period import Period
from register.statistics.release.contribution import Contribution, ContributionRefused, period_document, read_period
from register.statistics.release.ledger import OutsideFact
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.statistics.entry import StatementKind

SOURCE_MAX: Final = 200
NUMBER_MAX: Final = 100_000
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,79}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublishedFact:
    """A figure that a country has published about itself, as it tells the others.

    Attributes:
        fact: the figure.
        number: 0 for the first word on this figure; a correction has the next number and takes its place.
    """

    fact: OutsideFact
    number: int

    @property
    def country(self) -> Partition:
        """Who published it."""
        return self.fact.country

    @property
    def place(self) -> tuple[str, ...]:
        """Which figure."""
        rows = ",".join(f"{variable}={row}" for variable, row in sorted(self.fact.where))
        return (self.fact.population, str(self.fact.period), rows or "total")

    def document(self) -> dict[str, Any]:
        """The members as they travel."""
        return {
            "country": self.country.value,
            "population": self.fact.population,
            "period": period_document(self.fact.period),
            "where": [list(pair) for pair in sorted(self.fact.where)],
            "value": self.fact.value,
            "source": self.fact.source,
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class ReleaseWord:
    """A node's word that it has frozen a release with this hash.

    Attributes:
        tier, table_id, version, period: of what.
        number: the release's revision.
        digest: of its canonical bytes.
    """

    country: Partition
    tier: Tier
    table_id: str
    version: int
    period: Period
    number: int
    digest: str

    @property
    def place(self) -> tuple[str, ...]:
        """Of which release; two nodes may differ in it, one node may freeze several."""
        return (self.tier.value, self.table_id, str(self.version), str(self.period), self.digest)

    def document(self) -> dict[str, Any]:
        """The members as they travel."""
        return {
            "country": self.country.value,
            "tier": self.tier.value,
            "table": self.table_id,
            "version": self.version,
            "period": period_document(self.period),
            "number": self.number,
            "digest": self.digest,
        }


Statement: TypeAlias = Contribution | PublishedFact | ReleaseWord


def kind_of(statement: Statement) -> StatementKind:
    """What kind of word it is."""
    match statement:
        case Contribution():
            return StatementKind.CONTRIBUTION
        case PublishedFact():
            return StatementKind.FACT
        case ReleaseWord():
            return StatementKind.RELEASE
        case _:
            assert_never(statement)


def place_of(statement: Statement) -> tuple[str, ...]:
    """Of what it is; with the number it names one word of one country."""
    match statement:
        case Contribution():
            return (statement.table_id, str(statement.version), str(statement.period))
        case PublishedFact() | ReleaseWord():
            return statement.place
        case _:
            assert_never(statement)


def number_of(statement: Statement) -> int:
    """Its number among the words of one country on one place, from 0."""
    match statement:
        case Contribution():
            return statement.revision
        case PublishedFact() | ReleaseWord():
            return statement.number
        case _:
            assert_never(statement)


def canonical_of(statement: Statement) -> bytes:
    """The bytes that the country signs (RFC 8785)."""
    return dumps_plain(statement.document())


def digest_of(statement: Statement) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical_of(statement)).hexdigest()


def read_statement(kind: StatementKind, document: Mapping[str, Any]) -> Statement:
    """Read what a country said.

    Raises:
        ContributionRefused: it is nothing that our rules can have made.
    """
    read: Callable[[Mapping[str, Any]], Statement]
    match kind:
        case StatementKind.CONTRIBUTION:
            return Contribution.read(document)
        case StatementKind.FACT:
            read = _read_fact
        case StatementKind.RELEASE:
            read = _read_release_word
        case _:
            assert_never(kind)
    try:
        return read(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ContributionRefused(f"expected the members of a {kind}") from error


def _read_fact(document: Mapping[str, Any]) -> PublishedFact:
    where = [(_read_name(variable), _read_name(row)) for variable, row in document["where"]]
    if where != sorted(set(where)) or len({variable for variable, _ in where}) < len(where):
        raise ValueError("expected each variable once, in order")
    source = document["source"]
    if type(source) is not str or not 1 <= len(source) <= SOURCE_MAX or not source.isprintable():
        raise ValueError(f"expected a source of 1 to {SOURCE_MAX} characters")
    fact = OutsideFact(
        country=Partition(document["country"]),
        population=_read_name(document["population"]),
        period=read_period(document["period"]),
        where=frozenset(where),
        value=_read_count(document["value"]),
        source=source,
    )
    return PublishedFact(fact, _read_count(document["number"], NUMBER_MAX))


def _read_release_word(document: Mapping[str, Any]) -> ReleaseWord:
    digest = document["digest"]
    if type(digest) is not str or not _DIGEST.fullmatch(digest):
        raise ValueError("expected a hash of 64 hex digits")
    return ReleaseWord(
        country=Partition(document["country"]),
        tier=Tier(document["tier"]),
        table_id=_read_name(document["table"]),
        version=_read_count(document["version"]),
        period=read_period(document["period"]),
        number=_read_count(document["number"], NUMBER_MAX),
        digest=digest,
    )


def _read_count(value: object, most: int = 10**8) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise TypeError(f"expected a whole number from 0 to {most}")
    return value


def _read_name(value: object) -> str:
    if type(value) is not str or not _NAME.fullmatch(value):
        raise TypeError("expected a name of the catalogue")
    return value
