"""The regional release: a pure function of the contributions, the same bytes on every node.

Countries stand side by side for the working group, with the sum of the Caribbean countries; the Netherlands stand
apart. The public brief shows the Caribbean sum, rounded on to base 5, and a country's own row only where its
coordinator signed. Every figure is made from the contributions alone: of one table there is one draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from register.errors import CallerError
from register.statistics.definition import Tier
from register.statistics.period import Period
from schemas.canonical import dumps_plain
from schemas.codes import Partition

CARIBBEAN: Final = (Partition.AW, Partition.BQ, Partition.CW, Partition.SX)
CARIBBEAN_AREA: Final = "CARIBBEAN"


class NoRelease(CallerError):
    """A document is not one that a release makes."""

    code = "not-a-release"
    advice = "Take the document as the register gave it, unchanged."


class Marker(StrEnum):
    """What stands where no figure does, and what a figure is (statistics.md 6)."""

    ROUNDED = "rounded"
    EXACT = "exact"
    AS_PUBLISHED = "as-published"
    POOLED = "pooled"
    """Rounded, and of three years together, since one alone has too few; stands in the place of the total only."""
    WITHHELD = "c"
    NOT_APPLICABLE = "-"
    NOT_REPORTED = ".."


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed figure.

    Attributes:
        area: a country, or CARIBBEAN.
        row, column: codes of the table; `ALL` is the margin.
        value: as printed, None where a marker stands instead.
        marker: what it is.
        reach: the exact figure is at most so far from the printed one; 0 where it is exact or absent.
    """

    area: str
    row: str
    column: str
    value: int | None
    marker: Marker
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """A contribution's digest and its country's signature over those bytes."""

    country: Partition
    digest: str
    signature: str


@dataclass(frozen=True, slots=True)
class Release:
    """One frozen or drafted regional table.

    Attributes:
        tier, table_id, version, period, revision, ruleset: what it is; the revision is the sum of those of its
            contributions, so that it rises with each of them.
        catalogue: the fingerprint of the table's definition in the catalogue.
        population, base: what is counted, and the base its figures are printed in.
        coverage: the countries in the Caribbean sum.
        cells: in print order.
        contributions: whose, in order of country.
        instead: per country the coarser table that its figures do allow.
    """

    tier: Tier
    table_id: str
    version: int
    period: Period
    revision: int
    ruleset: str
    catalogue: str
    population: str
    base: int
    coverage: tuple[Partition, ...]
    cells: tuple[Cell, ...]
    contributions: tuple[Signed, ...]
    instead: tuple[tuple[Partition, str], ...]

    def document(self) -> dict[str, Any]:
        """The members in the form that is hashed; every output file is a view of them."""
        return {
            "tier": self.tier.value,
            "table": self.table_id,
            "version": self.version,
            "period": str(self.period),
            "revision": self.revision,
            "ruleset": self.ruleset,
            "catalogue": self.catalogue,
            "population": self.population,
            "base": self.base,
            "coverage": [c.value for c in self.coverage],
            "cells": [[c.area, c.row, c.column, c.value, c.marker.value, c.reach] for c in self.cells],
            "contributions": [[s.country.value, s.digest, s.signature] for s in self.contributions],
            "instead": [[country.value, table_id] for country, table_id in self.instead],
        }

    def canonical(self) -> bytes:
        """The bytes that nodes compare and sign (RFC 8785)."""
        return dumps_plain(self.document())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex: the release's id."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Release:
        """Read a release back from its members; its digest is then the one it had.

        Raises:
            NoRelease: the members are others, or of another kind.
        """
        try:
            release = cls(
                tier=Tier(document["tier"]),
                table_id=document["table"],
                version=document["version"],
                period=Period.read(document["period"]),
                revision=document["revision"],
                ruleset=document["ruleset"],
                catalogue=document["catalogue"],
                population=document["population"],
                base=document["base"],
                coverage=tuple(map(Partition, document["coverage"])),
                cells=tuple(Cell(a, r, c, v, Marker(m), reach) for a, r, c, v, m, reach in document["cells"]),
                contributions=tuple(Signed(Partition(c), d, s) for c, d, s in document["contributions"]),
                instead=tuple((Partition(c), t) for c, t in document["instead"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NoRelease("expected the members of a release") from error
        if any(v is not None and (type(v) is not int or v < 0) for v in (c.value for c in release.cells)):
            raise NoRelease("expected figures that are whole numbers from 0")
        if release.document() != document:
            raise NoRelease("expected the members of a release and no others")
        return release

    def coverage_of(self, row: str, column: str) -> tuple[Partition, ...]:
        """The countries in a figure of the Caribbean sum: those in the sum that keep its row and column.

        Who has no row of its own in the brief does not tell which rows it keeps, and is taken to keep all.
        """
        place = row, column
        without = {c.area for c in self.cells if (c.row, c.column) == place and c.marker is Marker.NOT_APPLICABLE}
        return tuple(country for country in self.coverage if country.value not in without)

    def figures(self, area: str) -> Sequence[Cell]:
        """The cells of one area, in print order."""
        return [cell for cell in self.cells if cell.area == area]
