"""The rules that run at the owner: R1 to R4, and what of R6 can refuse (statistics.md 2).

R3 and R4 are decided on the rounded table, never on the exact one: "printed 6, and not shown where five are needed"
would say 4. So whether something is shown is a function of what is printed, and tells nothing beside it.
Each takes values and returns refusals, all of them. Rounding itself is `rounding`; R5 and R7 are in `regional_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from register.statistics.deduction import ENDLESS, Bounds, Interval
from register.statistics.definition import Definition, Tier, Unit, all_nest
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.refusals import Refusal, Rule
from register.statistics.tables import TOTAL, Table

WINDOW_ENDS: Final = 2023
"""Tables of several years are made for spans that end in this year, or a whole number of spans from it."""
CHANGED_MIN: Final = 5
"""A revision needs at least so many changed records: fewer would point at them."""
REVISIONS_MAX: Final = 3
"""Each draw narrows a little."""
DENSITY_PERSONS: Final = 5
DENSITY_EVENTS: Final = 3
"""Least number of records for each inner cell: of persons and in the public brief, of events in the working group."""
_TWO_WAYS: Final = 2
_OTHERS_MIN: Final = 2
"""R4: so many members of a group are in other categories than the largest."""


def check_catalogue(definition: Definition, tier: Tier) -> list[Refusal]:
    """R1: a registered table may be for a tier, or not."""
    if tier is Tier.OWNER or tier in definition.tiers:
        return []
    return [
        Refusal(
            Rule.CATALOGUE,
            "not-for-this-tier",
            f"The table {definition.id} is not registered for tier {tier}.",
            "Read one of its coarser tables, or have the working group register it for this tier.",
        )
    ]


def check_recodings(of_one_variable: Mapping[str, Mapping[str, str]]) -> list[Refusal]:
    """R1: recodings of one variable that do not nest give each other's cells away by differences."""
    if all_nest(of_one_variable):
        return []
    return [
        Refusal(
            Rule.CATALOGUE,
            "recodings-do-not-nest",
            "Two ways of grouping one variable overlap, so their difference is a cell of neither.",
            "Use groups that lie within each other, as the catalogue's do.",
        )
    ]


def check_period(definition: Definition, tier: Tier, of: Period, today: date) -> list[Refusal]:
    """R2: closed periods only, a quarter at finest for the working group and a year for the public."""
    found = []
    if not of.is_closed(today):
        found.append(
            Refusal(
                Rule.PERIOD,
                "period-open",
                f"The period {of} has not ended.",
                f"Ask again after {of.last_day.isoformat()}.",
            )
        )
    if definition.years > 1 and (of.year - WINDOW_ENDS) % definition.years:
        found.append(
            Refusal(
                Rule.PERIOD,
                "windows-overlap",
                f"Tables of {definition.years} years are made for spans that do not overlap.",
                f"Ask for a span that ends {definition.years} years before or after {WINDOW_ENDS}, and so on.",
            )
        )
    quarter_allowed = definition.quarters and tier is Tier.WORKING_GROUP
    if of.years != definition.years or (of.quarter is not None and not quarter_allowed):
        found.append(
            Refusal(
                Rule.PERIOD,
                "period-not-registered",
                f"The table {definition.id} is not made for such a period in tier {tier}.",
                "Ask for a whole year, or for a period that the catalogue names.",
            )
        )
    return found


def check_revision(number: int, exact: Table, before: Sequence[Table]) -> list[Refusal]:
    """R2 and R6: a revision has five changed records or more, and there are at most three.

    Args:
        number: 0 for the first contribution of a period.
        exact: the owner's counts now.
        before: its counts at each earlier contribution, first one first.
    """
    found = []
    if number > REVISIONS_MAX:
        found.append(
            Refusal(
                Rule.ROUNDING,
                "too-many-revisions",
                f"The period has been drawn {REVISIONS_MAX + 1} times, and each draw narrows a little.",
                "The change is shown with the next period.",
            )
        )
    # Against every earlier contribution, not only the last: going to and fro would point at records too. One that
    # has the same table is the same draw, so it tells nothing.
    changes = [exact.changed_records(b) for b in before if (b.rows, b.columns) == (exact.rows, exact.columns)]
    return [*found, *(few_changed(changes) if number else [])]


def few_changed(changes: Sequence[int]) -> list[Refusal]:
    """R2: since each earlier contribution none, or five records or more have changed.

    Args:
        changes: how many, by contribution; of a table, or of the whole population that its tables are drawn from.
    """
    if not any(0 < changed < CHANGED_MIN for changed in changes):
        return []
    return [
        Refusal(
            Rule.PERIOD,
            "revision-too-small",
            f"Fewer than {CHANGED_MIN} records changed since an earlier release of the period.",
            f"Wait until at least {CHANGED_MIN} records have changed.",
        )
    ]


def records_a_cell(definition: Definition, tier: Tier) -> int:
    """R3's number for a table in a tier; 0 where it is exempt."""
    if definition.is_dense_enough_always or tier is Tier.OWNER:
        return 0
    many = tier is Tier.PUBLIC or definition.population.unit is Unit.PERSONS
    return DENSITY_PERSONS if many else DENSITY_EVENTS


def thresholds_say(definition: Definition, inner: int, decided_on: int) -> Interval:
    """What a reader who sees both shared tiers knows of the number that the thresholds were decided on.

    Shown, so at least so many; not shown, so fewer: of the whole table and of its total alone, in each tier.

    Args:
        definition: of the table.
        inner: how many inner cells it has.
        decided_on: the number itself.
    """
    low, high = 0, ENDLESS
    for tier in (Tier.WORKING_GROUP, Tier.PUBLIC):
        if tier not in definition.tiers or not (factor := records_a_cell(definition, tier)):
            continue
        for least in (factor, factor * inner):
            if decided_on >= least:
                low = max(low, least)
            else:
                high = min(high, least - 1)
    return Interval(low, high)


def told_of_exact(said: Interval, base: int) -> Interval:
    """What knowing a rounded number to lie in an interval says of the exact one: each bound is one rounding away."""
    return Interval(max(0, said.low - base + 1), said.high if said.high >= ENDLESS else said.high + base - 1)


def given_away(definition: Definition, shown: Table) -> Bounds:
    """What it says about the exact figures that the rules let the working group see this table.

    Of the total that its print reached the threshold: no more than the print itself says, unless it did not. Of the
    cells nothing, since R4 looks at the print too.
    """
    least = records_a_cell(definition, Tier.WORKING_GROUP) * shown.inner
    if shown == shown.collapsed() and _is_last_rung(definition, Tier.WORKING_GROUP, definition.years):
        least = 0
    return {TOTAL: told_of_exact(Interval(least, ENDLESS), definition.population.base)}


def check_density(definition: Definition, tier: Tier, total: int, inner: int) -> list[Refusal]:
    """R3: enough records for each inner cell; process counts, trainings and tables about the work are exempt.

    Args:
        definition: of the table.
        tier: that would see it.
        total: as it is printed, rounded.
        inner: how many inner cells there are.
    """
    factor = records_a_cell(definition, tier)
    if total >= factor * inner:
        return []
    return [
        Refusal(
            Rule.DENSITY,
            "too-thin",
            f"The table has {inner} inner cells and fewer than {factor} records for each, by its rounded total.",
            f"A coarser table, a longer period, or a rounded total of at least {factor * inner} records.",
        )
    ]


def total_density(definition: Definition, tier: Tier, total: int, years: int) -> list[Refusal]:
    """R3 for a total alone. Of persons in three years it has no threshold in the working group: it is the last rung.

    A blank in its place would tell as much to whoever knows the rule (fewer than five in three years), and a threshold
    narrows what is printed above it: a 5 would stand for 5 to 9, and without it stands for 1 to 9. With it, an island
    that counts one person a year would have no figure in nine years of ten, and the region none at all.
    """
    if _is_last_rung(definition, tier, years):
        return []
    return check_density(definition, tier, total, 1)


def _is_last_rung(definition: Definition, tier: Tier, years: int) -> bool:
    is_of_persons = definition.population.unit is Unit.PERSONS
    return is_of_persons and tier is Tier.WORKING_GROUP and years >= POOLED_YEARS


def check_homogeneity(definition: Definition, printed: Table) -> list[Refusal]:
    """R4, persons only: no variable puts all of a group, as it is printed, into one category.

    Asked of the table as it is printed. All alike is printed all alike, since zeros stay zero. Asked of exact counts, a
    table that is withheld although it is dense said "one other at most", and a finer table beside it which.
    """
    if definition.population.unit is not Unit.PERSONS or not any(map(_is_alike, _list_groups(printed))):
        return []
    return [
        Refusal(
            Rule.HOMOGENEITY,
            "group-all-alike",
            "All members of a group, as they are printed, are in one category: who knows a member, knows the category.",
            "A table without that variable, or a larger group.",
        )
    ]


def check_ways(definition: Definition) -> list[Refusal]:
    """R6: a contribution has rows and columns; tables of three ways are rounded and attacked by the solver alone."""
    if len(definition.variables) <= _TWO_WAYS:
        return []
    return [
        Refusal(
            Rule.ROUNDING,
            "too-many-variables",
            "A contribution carries tables of two variables at most.",
            "Read the two-way tables of its ladder.",
        )
    ]


def _list_groups(table: Table) -> list[tuple[int, ...]]:
    """Every group that a variable divides: all, and each category of the other variable."""
    groups: list[tuple[int, ...]] = []
    if len(table.rows) > 1:
        groups += [table.row_totals, *zip(*table.cells, strict=True)]
    if len(table.columns) > 1:
        groups += [table.column_totals, *table.cells]
    return groups


def _is_alike(group: Sequence[int]) -> bool:
    members = sum(group)
    return members > 0 and members - max(group) < _OTHERS_MIN
