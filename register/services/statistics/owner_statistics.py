"""The owner's tables of one year, exact, as registered: the contact point's, and every registered one that is filled.

Notifications by source, channel and type stand first, as the contact point prints them; what no record of the country
holds is said to be not collected, and never 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib import resources

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.errors import CallerError
from register.statistics.catalogue import default_catalogue
from register.statistics.owner.owner_view import FLAG_BELOW, owner_tables
from register.statistics.period import Period
from register.store.statistics.figures import Group
from register.store.statistics.yearly import YearsCounted
from schemas.codes import code_list
from schemas.statistics.owner import CountRow, CountTable, OwnerStatistics

RULE_SET = "owner/1"
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


class BadYear(CallerError):
    """The year is none that the register can hold."""

    code = "bad-year"
    advice = "Give a year of four digits, for instance 2023."


@dataclass(frozen=True, slots=True)
class YearBeside:
    """A year's tables, and those of the year before.

    Attributes:
        before: its own tables of notifications say 0 where the register did not hold any yet; see `notified_before`.
        notified_before: whether there is a figure of notifications in the year before: else it is not collected,
            which is no zero. Each registered table says so itself (`collected`).
        first, last: the years of the oldest record of what was asked for and of the newest notification; None where
            there is none.
    """

    this: OwnerStatistics
    before: OwnerStatistics
    notified_before: bool
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
    register.permit(caller, UseCase.READ_FIGURES)
    _check_year(year)
    with register.work(caller) as work:
        counted = work.statistics.yearly.count(_list_populations(), [year])
        made = _build_statistics(register, counted, year, _list_populations())
        collected = sum(table.collected for table in made.registered)
        work.running.audit.note(
            AuditAction.STATISTICS_READ, f"owner/{year}", count=made.notifications, tables=collected
        )
    return made


def owner_year_beside(
    register: Register, caller: Caller, year: int | None, populations: Collection[str] | None = None
) -> YearBeside:
    """Return the tables of a year beside the year before; without a year, of the newest that holds notifications.

    One statement counts both years, and one leaf stands for both.

    Args:
        register: whose.
        caller: who asks.
        year: None for the newest.
        populations: what is counted in the registered tables to give, by the catalogue's names; all if None.

    Raises:
        TaskMissing, BadYear: as `owner_statistics`.
    """
    register.permit(caller, UseCase.READ_FIGURES)
    if year is not None:
        _check_year(year)
    asked = _list_populations() if populations is None else frozenset(populations)
    with register.work(caller) as work:
        chosen = year or work.statistics.yearly.newest() or register.today().year
        counted = work.statistics.yearly.count(asked, [chosen - 1, chosen])
        this, before = (_build_statistics(register, counted, one, asked) for one in (chosen, chosen - 1))
        collected = sum(table.collected for table in this.registered)
        work.running.audit.note(
            AuditAction.STATISTICS_READ,
            f"owner/{chosen}",
            count=this.notifications,
            tables=collected,
            beside=chosen - 1,
        )
    began = counted.began("notifications")
    firsts = [day.year for name in asked if (day := counted.began(name)) is not None]
    return YearBeside(
        this,
        before,
        notified_before=began is not None and began.year < chosen,
        first=min(firsts, default=None),
        last=None if counted.newest is None else counted.newest.year,
    )


def _list_populations() -> frozenset[str]:
    return frozenset(definition.population.name for definition in default_catalogue())


def _check_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadYear(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")


def _build_statistics(
    register: Register, counted: YearsCounted, year: int, populations: Collection[str]
) -> OwnerStatistics:
    catalogue = default_catalogue()
    groups = counted.printed[year]
    registered = owner_tables(
        counted,
        Period(year),
        catalogue=catalogue,
        kept=counted.kept,
        today=register.today(),
        key=register.keys.rounding,
        populations=populations,
    )
    return OwnerStatistics(
        country=register.partition,
        year=year,
        period_rule="date received",
        notifications=sum(g.count for g in groups),
        forwarded=sum(g.count for g in groups if g.forwarded),
        tables=(
            _build_table("by source", "source", groups, lambda g: g.source, {"anonymous": lambda g: g.anonymous}),
            _build_table("by channel", "channel", groups, lambda g: g.channel, {}),
            _build_table(
                "by type", "signal_type", groups, lambda g: g.type_registered,
                {"mixed": lambda g: g.type_registered == "HT_MS"},
            ),
        ),
        registered=registered,
        catalogue=catalogue.version,
        code_lists=_version_of(("source", "channel", "signal_type")),
        rule_set=RULE_SET,
    )  # fmt: skip


def _build_table(
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
