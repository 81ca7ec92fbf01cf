"""The words of the catalogue: tiers, units, variables with nesting recodings, and registered tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from register.statistics.tables import ALL, Table
from schemas.canonical import dumps_plain

RULESET: Final = "regional/3"
"""Version of the rules R1 to R7 and their numbers; part of every release."""


class CatalogueError(ValueError):
    """The catalogue contradicts itself; names the row."""


class RowNotKept(ValueError):
    """A figure stands in a row that the country has not declared to keep."""


class Tier(StrEnum):
    """Who reads: the owner's statisticians, the working group, everybody."""

    OWNER = "O"
    WORKING_GROUP = "W"
    PUBLIC = "P"


class Unit(StrEnum):
    """What is counted decides how it is protected (statistics.md 1 and 2)."""

    EVENTS = "EVENTS"
    PERSONS = "PERSONS"
    PROCESS = "PROCESS"
    TRAININGS = "TRAININGS"

    @property
    def is_exact(self) -> bool:
        """Released as counted: it tells of the work and not of people."""
        return self in {Unit.PROCESS, Unit.TRAININGS}


PUBLIC_BASE: Final = 5


@dataclass(frozen=True, slots=True)
class Population:
    """What is counted. Tables of one population, country and period have one total and are linked."""

    name: str
    title: Mapping[str, str]
    unit: Unit

    @property
    def base(self) -> int:
        """The base of the one draw of a table: 3 for events, 5 for persons, 1 (exact) for the work itself."""
        if self.unit.is_exact:
            return 1
        return 3 if self.unit is Unit.EVENTS else 5


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a table, as coded in it.

    Attributes:
        name: of the variable, with `:recoding` where it is recoded.
        codes: rows in print order, with their words by language.
        only_if_kept: rows that are there only for countries that declared beforehand to keep them.
        row_of: stored code to row; a code not in it goes to `rest`, or nowhere if that is None.
    """

    name: str
    title: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    only_if_kept: frozenset[str]
    row_of: Mapping[str, str]
    rest: str | None

    @property
    def base_name(self) -> str:
        """The name without the recoding: two recodings of one variable are about the same thing."""
        return self.name.partition(":")[0]

    def row(self, code: str) -> str:
        """The row that counts a stored code. Raises `CatalogueError` if there is none."""
        row = self.row_of.get(code, self.rest)
        if row is None:
            raise CatalogueError(f"variable {self.name}: a stored code has no row")
        return row

    def rows_kept(self, kept: Iterable[str]) -> tuple[str, ...]:
        """The rows of a country that keeps these optional rows."""
        also = frozenset(kept)
        return tuple(code for code in self.codes if code not in self.only_if_kept or code in also)


@dataclass(frozen=True, slots=True)
class Definition:
    """One registered table.

    Attributes:
        id: stable; with `version` it names what a release holds.
        variables: none for a plain total, one or two for what is rounded here, more need a solver.
        years: how many years one table covers.
        quarters: whether the working group may have it by quarter.
        tiers: shared tiers it may reach, if its figures let it.
        ladder: ids of coarser tables, then `total`, then `pooled`; what is shown instead when it is too thin.
        about_the_work: exempt from density like process counts, yet rounded, since its total is that of events.
        filled_by: the record or service that its figures come from.
        collected: whether any record holds it yet; if not it is shown as `..`.
        readers: whose questionnaire or report asks for it.
        per_inhabitants: also shown as a rate per so many inhabitants, from the rounded count; None if not.
    """

    id: str
    version: int
    title: Mapping[str, str]
    population: Population
    variables: tuple[Variable, ...]
    years: int
    quarters: bool
    tiers: frozenset[Tier]
    ladder: tuple[str, ...]
    about_the_work: bool
    period_rule: str
    filled_by: str
    collected: bool
    readers: tuple[str, ...]
    per_inhabitants: int | None

    @property
    def name(self) -> str:
        """Id and version in one word."""
        return f"{self.id}/{self.version}"

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of the hash of what the table counts and of who may see it.

        Words are not in it, and no other table: a corrected title leaves all that was contributed and released as
        good as it was.
        """
        meaning = {
            "table": self.name,
            "population": [self.population.name, self.population.unit.value],
            "variables": [
                [v.name, list(v.codes), sorted(v.only_if_kept), sorted(map(list, v.row_of.items())), v.rest]
                for v in self.variables
            ],
            "periods": [self.years, self.quarters, self.period_rule],
            "tiers": sorted(self.tiers),
            "ladder": list(self.ladder),
            "about_the_work": self.about_the_work,
        }
        return hashlib.sha256(dumps_plain(meaning)).hexdigest()[:16]

    @property
    def is_dense_enough_always(self) -> bool:
        """Exempt from R3: process counts, trainings, and tables about the work."""
        return self.about_the_work or self.population.unit.is_exact

    def count(self, records: Iterable[Mapping[str, str]], kept: Iterable[str] = ()) -> Table:
        """Count records into the exact table, each once; see `add_up`."""
        return self.add_up(((record, 1) for record in records), kept)

    def add_up(self, groups: Iterable[tuple[Mapping[str, str], int]], kept: Iterable[str] = ()) -> Table:
        """Add groups of records that share their codes up to the exact table.

        Args:
            groups: stored codes by variable name, without recodings, and how many records have them.
            kept: optional rows the country keeps; the owner's own table may name all of them.

        Raises:
            RowNotKept: a group belongs in an optional row that is not kept.
            CatalogueError: three or more variables, or a code without a row.
        """
        rows, columns = self.headings(kept)
        counts = {(row, column): 0 for row in rows for column in columns}
        for codes, how_many in groups:
            place = [v.row(codes[v.base_name]) for v in self.variables] + [ALL, ALL]
            if (place[0], place[1]) not in counts:
                raise RowNotKept(f"table {self.id}: a record belongs in a row the country does not keep")
            counts[place[0], place[1]] += how_many
        return Table(rows, columns, tuple(tuple(counts[row, column] for column in columns) for row in rows))

    @property
    def optional_rows(self) -> frozenset[str]:
        """Rows that are there only where a country keeps them; the owner's own table has them all."""
        return frozenset(code for variable in self.variables for code in variable.only_if_kept)

    def headings(self, kept: Iterable[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rows and columns of the table for a country that keeps these optional rows."""
        if len(self.variables) > 2:  # noqa: PLR2004 - two ways
            raise CatalogueError(f"table {self.id} has more than two variables")
        also = tuple(kept)
        sides = [v.rows_kept(also) for v in self.variables] + [(ALL,), (ALL,)]
        return sides[0], sides[1]


def is_nested(finer: Mapping[str, str], coarser: Mapping[str, str]) -> bool:
    """Whether two recodings of one variable nest: each row of the finer lies within one row of the coarser."""
    image: dict[str, set[str]] = {}
    for code, row in finer.items():
        image.setdefault(row, set()).add(coarser[code])
    return all(len(rows) == 1 for rows in image.values())


def all_nest(recodings: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether any two of the recodings nest, one way or the other; each maps every code to its row."""
    return all(is_nested(a, b) or is_nested(b, a) for a, b in combinations(recodings.values(), 2))
