"""Rows of the regional statistics as the store gives them: words of countries, and releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class SaidRow:
    """What one country said, as it signed it.

    Attributes:
        place, number: of what, and which word on it (`register.statistics.release.statements`).
        body: the canonical bytes.
        digest: their SHA-256, in hex.
        signature: of the country's node, detached.
        object: the id under which it travels.
    """

    origin: Partition
    place: str
    number: int
    body: bytes
    digest: str
    signature: str
    object: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Basis:
    """What an owner's earlier contribution was made of.

    Attributes:
        exact: the exact table's members; None where it has been erased, or there was none.
        key_check: tells the rounding key from another.
    """

    number: int
    key_check: str
    exact: dict[str, Any] | None
    erased: bool


@dataclass(frozen=True, slots=True)
class KeptRow:
    """An optional row that a country keeps from a day on."""

    variable: str
    code: str
    since: date


@dataclass(frozen=True, slots=True)
class CellRow:
    """One printed figure of a release."""

    area: str
    row_code: str
    column_code: str
    value: int | None
    marker: str
    reach: int


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release and how far it has come.

    Attributes:
        contributions: (country, digest, signature), in order of country.
        instead: (country, table).
        facts: digests of the published figures that it was made with.
        withheld: what R5 withholds, and why. findings: what the attack came to; None before it.
        approved_by: opaque references to people, in order.
        sealed: its state and who drafted it stand as the register wrote them.
    """

    digest: str
    tier: str
    table_id: str
    version: int
    period: str
    revision: int
    ruleset: str
    catalogue: str
    population: str
    base: int
    coverage: Sequence[str]
    contributions: Sequence[Sequence[str]]
    instead: Sequence[Sequence[str]]
    facts: Sequence[str]
    withheld: Sequence[dict[str, Any]]
    findings: dict[str, Any] | None
    state: str
    drafted_by: str
    drafted_at: datetime
    attacked_at: datetime | None
    frozen_at: datetime | None
    signature: str | None
    superseded_by: str | None
    approved_by: tuple[str, ...] = ()
    sealed: bool = True
