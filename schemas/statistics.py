"""The owner's tables: exact counts of the own register, for those who may see them."""

from __future__ import annotations

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


class OwnerStatistics(_Frozen):
    """Notifications to the national contact point in one year, as registered.

    Attributes:
        period_rule: by which date a notification belongs to the year.
        forwarded: notifications handed on; `notifications` is the total they are part of.
        rule_set, code_lists: versions, so that the tables can be made again to the same figures.
    """

    country: Partition
    year: int
    period_rule: str
    notifications: int
    forwarded: int
    tables: tuple[CountTable, ...]
    code_lists: str
    rule_set: str
