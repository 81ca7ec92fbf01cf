"""The owner's tables: exact counts of the own register, for those who may see them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.codes import Partition


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CountRow(_Frozen):
    """One row of a table.

    Attributes:
        row: the report's row; its words are in the code list that the table names.
        of_which: parts that the report prints in brackets, for instance anonymous or mixed.
        flagged: non-zero and below five: such a cell leaves the country only rounded (statistics.md 7).
    """

    row: str
    label: str
    count: int
    of_which: dict[str, int] = {}
    flagged: bool = False


class CountTable(_Frozen):
    """One one-way table over all notifications of the year; the rows add up to the total."""

    name: str
    code_list: str
    rows: tuple[CountRow, ...]


Travels = Literal["exact", "rounded", "no"]


class WhyNot(_Frozen):
    """Why a table does not travel whole: the rule, and what would make it pass."""

    rule: str
    code: str
    says: str
    would_pass: str


class TierVerdict(_Frozen):
    """How a table travels to the working group (W) or into the public brief (P); `why` is empty where it may."""

    tier: Literal["W", "P"]
    travels: Travels
    why: tuple[WhyNot, ...] = ()


class Heading(_Frozen):
    """A column of a table of two variables."""

    code: str
    label: str


class RegisteredRow(_Frozen):
    """One row of a registered table, exact.

    Attributes:
        cells: one for each column; one alone where the table has one variable.
        flagged: a cell of it is non-zero and below five, of a table that travels rounded.
        travels: by tier, how the row leaves the country.
    """

    row: str
    label: str
    cells: tuple[int, ...]
    total: int
    flagged: bool = False
    travels: dict[str, Travels] = {}


class RegisteredTable(_Frozen):
    """A registered table of one year with the owner's exact figures.

    Attributes:
        filled_by: the record that its figures come from.
        collected: whether there is a figure at all; where not, it is shown as `..` and never as 0.
        total: None where it is not collected.
        rows: empty where it is not collected, and of tables of three variables, of which the total alone is shown.
    """

    id: str
    version: int
    title: str
    population: str
    unit: str
    period_rule: str
    filled_by: str
    collected: bool
    total: int | None
    columns: tuple[Heading, ...] = ()
    rows: tuple[RegisteredRow, ...] = ()
    verdicts: tuple[TierVerdict, ...] = ()


class OwnerStatistics(_Frozen):
    """A country's own figures of one year, as registered, for its own statisticians.

    Attributes:
        period_rule: by which date a notification belongs to the year.
        forwarded: notifications handed on; `notifications` is the total they are part of.
        tables: notifications as the national contact point prints them.
        registered: every table of the catalogue, of all records, with how it travels.
        rule_set, code_lists, catalogue: versions, so that the tables can be made again to the same figures.
    """

    country: Partition
    year: int
    period_rule: str
    notifications: int
    forwarded: int
    tables: tuple[CountTable, ...]
    registered: tuple[RegisteredTable, ...] = ()
    code_lists: str
    catalogue: str = ""
    rule_set: str
