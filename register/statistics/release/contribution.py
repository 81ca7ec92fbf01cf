"""What one country brings to a release: its own table, already rounded, and how far down the ladder it stands.

A contribution holds nothing exact except what tells only of the work (process counts, trainings). It is a value with
one canonical spelling; who signed those bytes is checked by the exchange.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from register.errors import PartnerError
from register.statistics.definition import Tier
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.tables import Table, TableError
from schemas.canonical import dumps_plain
from schemas.codes import Partition

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199
_NUMBER_MAX: Final = 10_000
_COUNT_MAX: Final = 10**8
"""Above it the attacks would take a figure for endless."""
_TABLE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)
_SALT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ContributionRefused(PartnerError):
    """A partner's table is not one that our rules can have made."""

    code = "contribution-refused"
    advice = "The country makes the contribution again with its present program and sends it as a new revision."


class Grain(StrEnum):
    """How much of a table a tier gets to see; the rungs of the ladder that lie within the table."""

    FULL = "full"
    TOTAL = "total"
    POOLED = "pooled"
    WITHHELD = "withheld"
    NOT_COLLECTED = "not-collected"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tier sees of a country's table.

    Attributes:
        grain: how much.
        instead: a coarser registered table that the country's figures do allow, to be read instead; or None.
    """

    grain: Grain
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One country's part of a release.

    Attributes:
        country, table_id, version, period, revision: what it is of; the first contribution has revision 0.
        ruleset, catalogue: the version of the rules, and the fingerprint of the table's definition in the catalogue, it
            was made under.
        base: 3 or 5, or 1 where figures are exact by their nature.
        table: the rounded table, where the working group may see it in full.
        total: the rounded total, where the working group may see that.
        pooled: the rounded total of three years, where a tier is down to that.
        shown: what the working group sees; what the public sees follows from the figures (`grains`) and does not
            travel. Earlier rule sets had both here: their bytes are signed, and read back as they are.
        signs_public: the coordinator signed for the country's own row in the public brief.
        salt: 64 hex digits that only the five know. A release names each contribution by its hash, and the public
            brief names it too: without a salt whoever has the brief could try all small tables until the hash fits,
            and would have the working group's figures.
    """

    country: Partition
    table_id: str
    version: int
    period: Period
    revision: int
    ruleset: str
    catalogue: str
    base: int
    table: Table | None
    total: int | None
    pooled: int | None
    shown: Mapping[Tier, Shown]
    signs_public: bool = False
    salt: str = ""

    def __post_init__(self) -> None:
        numbers = [n for n in (self.total, self.pooled) if n is not None]
        numbers += [n for line in self.table.cells for n in line] if self.table else []
        if self.base not in {1, 3, 5} or any(n < 0 or n % self.base for n in numbers):
            raise ContributionRefused("expected multiples of the base")
        if self.table is not None and self.table.total != self.total:
            raise ContributionRefused("expected a table that adds up to its total")
        if (self.table is not None) != (self.grain is Grain.FULL) or (self.total is not None) != (
            self.grain in {Grain.FULL, Grain.TOTAL}
        ):
            raise ContributionRefused("expected just the figures that the working group may see")
        if self.revision < 0:
            raise ContributionRefused("expected revisions from 0")

    @property
    def grain(self) -> Grain:
        """How much the working group sees."""
        return self.shown.get(Tier.WORKING_GROUP, Shown(Grain.WITHHELD)).grain

    @property
    def instead(self) -> str | None:
        """The coarser table that the working group reads instead."""
        return self.shown.get(Tier.WORKING_GROUP, Shown(Grain.WITHHELD)).instead

    def document(self) -> dict[str, Any]:
        """The members as they travel."""
        return {
            "country": self.country.value,
            "table": self.table_id,
            "version": self.version,
            "period": period_document(self.period),
            "revision": self.revision,
            "ruleset": self.ruleset,
            "catalogue": self.catalogue,
            "base": self.base,
            "rows": None if self.table is None else list(self.table.rows),
            "columns": None if self.table is None else list(self.table.columns),
            "cells": None if self.table is None else [list(line) for line in self.table.cells],
            "total": self.total,
            "pooled": self.pooled,
            "shown": {t.value: {"grain": s.grain.value, "instead": s.instead} for t, s in self.shown.items()},
            "signs_public": self.signs_public,
            "salt": self.salt,
        }

    def canonical(self) -> bytes:
        """The bytes that the country signs (RFC 8785)."""
        return dumps_plain(self.document())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Contribution:
        """Read what a partner sent, after its signature held.

        Raises:
            ContributionRefused: it is not a contribution our rules can have made.
        """
        try:
            cells = document["cells"]
            return cls(
                country=Partition(document["country"]),
                table_id=_table_id(document["table"]),
                version=_read_small_number(document["version"]),
                period=read_period(document["period"]),
                revision=_read_small_number(document["revision"]),
                ruleset=_read_text(document["ruleset"]),
                catalogue=_read_text(document["catalogue"]),
                base=_read_count(document["base"]),
                table=None
                if cells is None
                else Table(
                    tuple(map(_read_text, document["rows"])),
                    tuple(map(_read_text, document["columns"])),
                    tuple(tuple(map(_read_count, line)) for line in cells),
                ),
                total=None if document["total"] is None else _read_count(document["total"]),
                pooled=None if document["pooled"] is None else _read_count(document["pooled"]),
                shown={
                    Tier(t): Shown(Grain(s["grain"]), None if s["instead"] is None else _table_id(s["instead"]))
                    for t, s in document["shown"].items()
                },
                signs_public=_yes_or_no(document["signs_public"]),
                salt=_read_salt(document["salt"]),
            )
        except (KeyError, TypeError, AttributeError, TableError, ValueError) as error:
            raise ContributionRefused("expected the members of a contribution") from error


def period_document(of: Period) -> dict[str, int | None]:
    """The members of a period as they travel."""
    return {"year": of.year, "quarter": of.quarter, "years": of.years}


def read_period(document: Mapping[str, Any]) -> Period:
    """Read a period; raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    quarter, year = document["quarter"], _read_count(document["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")
    years = _read_count(document["years"])
    if years not in {1, POOLED_YEARS}:
        raise ValueError(f"expected one year or {POOLED_YEARS}")
    return Period(year, None if quarter is None else _read_count(quarter), years)


def _read_salt(value: object) -> str:
    text = _read_text(value)
    if not _SALT.fullmatch(text):
        raise ValueError("expected a salt of 64 hex digits")
    return text


def _table_id(value: object) -> str:
    """A name that could be one of a catalogue: it becomes part of keys."""
    text = _read_text(value)
    if not _TABLE.fullmatch(text):
        raise ValueError("expected the id of a table")
    return text


def _read_small_number(value: object) -> int:
    number = _read_count(value)
    if not 0 <= number <= _NUMBER_MAX:
        raise ValueError(f"expected a number from 0 to {_NUMBER_MAX}")
    return number


def _yes_or_no(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError("expected true or false")
    return value


def _read_count(value: object) -> int:
    if type(value) is not int:
        raise TypeError("expected a whole number")
    if value > _COUNT_MAX:
        raise ValueError("expected a count that can be one")
    return value


def _read_text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("expected a text")
    return value
