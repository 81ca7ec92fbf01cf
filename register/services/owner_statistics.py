"""The owner's tables of one year, exact, as registered: the contact point's, and every registered one that is filled.

Notifications by source, channel and type stand first, as the contact point prints them; what no record of the country
holds is said to be not collected, and never 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.partition import today_in
from register.errors import CallerError
from register.statistics.catalogue import default_catalogue
from register.statistics.owner_view import FLAG_BELOW, owner_tables
from register.statistics.period import Period
from register.store.figures import Group
from schemas.codes import Partition, code_list
from schemas.statistics import CountRow, CountTable, OwnerStatistics, RegisteredTable

RULE_SET = "owner/1"
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


class BadYear(CallerError):
    """The year is none that the register can hold."""

    code = "bad-year"
    advice = "Give a year of four digits, for instance 2023."


@dataclass(frozen=True, slots=True)
class YearBeside:
    """A year's tables, and those of the year before where the register held anything then.

    Attributes:
        before: None for a year before the first notification of the register: not collected, which is no zero.
        first, last: the years of the oldest and the newest notification; None in an empty register.
    """

    this: OwnerStatistics
    before: OwnerStatistics | None
    first: int | None
    last: int | None


def owner_statistics(register: Register, caller: Caller, year: int) -> OwnerStatistics:
    """Return the tables of a year from what is registered now.

    Source of the tables: the annual report of the national contact point (domain.md 5.1). A reclassification does
    not move a notification of a closed year: the type as registered counts.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        BadYear: the year is none.
    """
    caller.require(Task.STATISTICS)
    _check(year)
    with register.work(caller) as work:
        groups = work.figures.notifications.groups(date(year, 1, 1), date(year, 12, 31))
        total = sum(g.count for g in groups)
        catalogue = default_catalogue()
        registered = owner_tables(
            work.figures,
            Period(year),
            catalogue=catalogue,
            kept=work.statements.kept_rows(),
            today=today_in(register.partition, register.clock.now()),
        )
        collected = sum(table.collected for table in registered)
        work.audit.note("statistics.read", f"owner/{year}", count=total, tables=collected)
    return _statistics(register.partition, year, groups, registered, catalogue.version)


def owner_year_beside(register: Register, caller: Caller, year: int | None) -> YearBeside:
    """Return the tables of a year beside the year before; without a year, of the newest that holds anything.

    One leaf for both years. Errors as `owner_statistics`.
    """
    caller.require(Task.STATISTICS)
    if year is not None:
        _check(year)
    with register.work(caller) as work:
        held = work.yearly.span()
        chosen = year or (held[1] if held else today_in(register.partition, register.clock.now()).year)
        groups = work.yearly.notifications(chosen - 1, chosen)
        total = sum(g.count for g in groups[chosen])
        work.audit.note("statistics.read", f"notifications/{chosen}", count=total, beside=chosen - 1)
    collected = held is not None and held[0] < chosen
    return YearBeside(
        _statistics(register.partition, chosen, groups[chosen]),
        _statistics(register.partition, chosen - 1, groups[chosen - 1]) if collected else None,
        *(held or (None, None)),
    )


def _check(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadYear(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")


def _statistics(
    country: Partition,
    year: int,
    groups: Sequence[Group],
    registered: tuple[RegisteredTable, ...] = (),
    catalogue: str = "",
) -> OwnerStatistics:
    return OwnerStatistics(
        country=country,
        year=year,
        period_rule="date received",
        notifications=sum(g.count for g in groups),
        forwarded=sum(g.count for g in groups if g.forwarded),
        tables=(
            _table("by source", "source", groups, lambda g: g.source, {"anonymous": lambda g: g.anonymous}),
            _table("by channel", "channel", groups, lambda g: g.channel, {}),
            _table(
                "by type", "signal_type", groups, lambda g: g.type_registered,
                {"mixed": lambda g: g.type_registered == "HT_MS"},
            ),
        ),
        registered=registered,
        catalogue=catalogue,
        code_lists=_version_of(("source", "channel", "signal_type")),
        rule_set=RULE_SET,
    )  # fmt: skip


def _table(
    name: str,
    list_name: str,
    groups: Iterable[Group],
    code: Callable[[Group], str],
    parts: dict[str, Callable[[Group], bool]],
) -> CountTable:
    codes = code_list(list_name)
    counts = {row.row: 0 for row in codes.rows}
    inside: dict[str, dict[str, int]] = {row.row: {} for row in codes.rows}
    for group in groups:
        row = codes.reporting(code(group))
        if row is None or row not in counts:
            raise LookupError(f"the code list {list_name} has a code without a row")
        counts[row] += group.count
        for part, holds in parts.items():
            if holds(group):
                inside[row][part] = inside[row].get(part, 0) + group.count
    return CountTable(
        name=name,
        code_list=list_name,
        rows=tuple(
            CountRow(
                row=row.row,
                label=row.label(),
                count=counts[row.row],
                of_which=inside[row.row],
                flagged=0 < counts[row.row] < FLAG_BELOW,
            )
            for row in codes.rows
        ),
    )


def _version_of(lists: tuple[str, ...]) -> str:
    """The code lists by their content: the same figures can be made again only with the same lists."""
    digest = hashlib.sha256()
    for name in lists:
        digest.update(resources.files("schemas.codes").joinpath(f"{name}.toml").read_bytes())
    return digest.hexdigest()[:16]
