"""The owner's side: from exact counts to a contribution, down the ladder where the table is too thin.

Everything exact stays here. What comes out is rounded under the owner's own key, and says how much of it may be
shown. That is decided on what would be printed and on nothing else. The reasons are for the owner alone, since a
reason can tell something of the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Self

from register.statistics.catalogue import POOLED_RUNG, TOTAL_RUNG, Catalogue
from register.statistics.definition import RULESET, Definition, Tier
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.refusals import Refusal
from register.statistics.release.contribution import Contribution, Grain, Shown
from register.statistics.release.grains import grain_for
from register.statistics.rules import rules
from register.statistics.rules.rounding import Seeds, derive_seeds, round_table, rounded_total
from register.statistics.rules.stream import keyed_seed
from register.statistics.tables import Table
from schemas.codes import Partition

SHARED: Final = (Tier.WORKING_GROUP, Tier.PUBLIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A country's exact counts for one table and period.

    Attributes:
        exact: the table itself, with the rows the country keeps; None where it is not collected, or has more ways
            than two.
        coarser: exact tables of the ladder, by id.
        pooled_total: exact total of three years; None where there are not yet three.
        before: exact tables at the earlier contributions of the period, first one first.
    """

    exact: Table | None
    coarser: Mapping[str, Table] = field(default_factory=dict)
    pooled_total: int | None = None
    before: Sequence[Table] = ()

    @property
    def total(self) -> int | None:
        """Of the table or of one of the ladder; None where nothing is collected."""
        if self.exact is not None:
            return self.exact.total
        return next((table.total for table in self.coarser.values()), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the owner gets: the contribution to sign, and why it holds no more, by tier."""

    contribution: Contribution | None
    refusals: Mapping[Tier, tuple[Refusal, ...]]


def printed_total(key: bytes, definition: Definition, of: Period, total: int) -> int:
    """A total as every table of its population prints it: what thresholds are decided on."""
    base = definition.population.base
    return (
        total if base == 1 else rounded_total(total, base, _derive_seeds(key, definition, of, Table.only_total(total)))
    )


def printed_table(key: bytes, definition: Definition, of: Period, exact: Table) -> Table:
    """A table as it would be printed: what R3 and R4 look at."""
    base = definition.population.base
    return exact if base == 1 else round_table(exact, base, _derive_seeds(key, definition, of, exact))


def judge_table(definition: Definition, tier: Tier, printed: Table | None) -> tuple[Refusal, ...]:
    """Say whether a table may be shown in full in a tier, by R1, R3, R4 and R6; empty means yes.

    Args:
        definition: of the table.
        tier: that would see it.
        printed: the table as it would be printed; None where there are no counts of it.
    """
    found = [*rules.check_catalogue(definition, tier), *rules.check_ways(definition)]
    if printed is not None and tier is not Tier.OWNER:
        found += rules.check_density(definition, tier, printed.total, printed.inner)
        found += rules.check_homogeneity(definition, printed)
    return tuple(found)


def contribute(
    catalogue: Catalogue,
    definition: Definition,
    country: Partition,
    of: Period,
    figures: Figures,
    *,
    key: bytes,
    today: date,
    signs_public: bool = False,
) -> Outcome:
    """Make a country's contribution to one table and period.

    Args:
        catalogue: where the ladder's other tables are registered.
        definition: the registered table.
        country: the owner.
        of: the period; closed.
        figures: the owner's exact counts.
        key: the owner's rounding key, at least 32 bytes.
        today: by the owner's calendar.
        signs_public: the coordinator signs for the country's own row in the public brief.

    Returns:
        No contribution if period or revision are refused; else one that says how much it shows.
    """
    stopped = tuple(rules.check_period(definition, Tier.WORKING_GROUP, of, today))
    if figures.exact is not None:
        stopped += tuple(rules.check_revision(len(figures.before), figures.exact, figures.before))
    if stopped:
        return Outcome(None, dict.fromkeys(SHARED, stopped))

    printed = _Printed.of(catalogue, definition, of, figures, key)
    refusals = {
        tier: (*rules.check_period(definition, tier, of, today), *judge_table(definition, tier, printed.table))
        for tier in SHARED
    }
    here = _find_rung(catalogue, definition, printed, is_full=not refusals[Tier.WORKING_GROUP])
    contribution = Contribution(
        country=country,
        table_id=definition.id,
        version=definition.version,
        period=of,
        revision=len(figures.before),
        ruleset=RULESET,
        catalogue=definition.fingerprint,
        base=definition.population.base,
        table=printed.table if here.grain is Grain.FULL else None,
        total=printed.total if here.grain in {Grain.FULL, Grain.TOTAL} else None,
        pooled=printed.pooled,
        shown={Tier.WORKING_GROUP: here},
        signs_public=signs_public,
        salt=keyed_seed(key, "salt", definition.name, str(of), len(figures.before)).hex(),
    )
    if not any(grain_for(definition, contribution, tier) is Grain.POOLED for tier in SHARED):
        contribution = replace(contribution, pooled=None)
    return Outcome(contribution, refusals)


def stepped_down(contribution: Contribution) -> Contribution:
    """The contribution one rung lower: without its table, or else with nothing.

    For the owner, before it signs, when R7 (`regional_rules.attack`) speaks against its own contribution: so one
    country's table does not stop the release of all.
    """
    if contribution.table is not None:
        lower = Shown(Grain.TOTAL, contribution.instead)
        return replace(contribution, table=None, shown={Tier.WORKING_GROUP: lower})
    lower = Shown(Grain.WITHHELD, contribution.instead)
    return replace(contribution, total=None, pooled=None, shown={Tier.WORKING_GROUP: lower})


@dataclass(frozen=True, slots=True)
class _Printed:
    """All that could be printed, rounded; whether it is, is decided on this alone.

    Attributes:
        table: in full; None where there are no counts of it.
        coarser: the tables of the ladder, by id.
        total: of the period; None where nothing is collected.
        pooled: of three years, where there are so many.
    """

    table: Table | None
    coarser: Mapping[str, Table]
    total: int | None
    pooled: int | None

    @classmethod
    def of(cls, catalogue: Catalogue, definition: Definition, of: Period, figures: Figures, key: bytes) -> Self:
        total, pooled = figures.total, figures.pooled_total
        return cls(
            table=None if figures.exact is None else printed_table(key, definition, of, figures.exact),
            coarser={
                rung: printed_table(key, catalogue.tables[rung], of, exact) for rung, exact in figures.coarser.items()
            },
            total=None if total is None else printed_total(key, definition, of, total),
            pooled=None if pooled is None else printed_total(key, definition, of.pooled(), pooled),
        )


def _find_rung(catalogue: Catalogue, definition: Definition, printed: _Printed, *, is_full: bool) -> Shown:
    """Go down the ladder to the first rung that holds; another table on the way is named as the one to read."""
    tier = Tier.WORKING_GROUP
    if not definition.collected or printed.total is None:
        return Shown(Grain.NOT_COLLECTED)
    if is_full:
        return Shown(Grain.FULL)
    if tier not in definition.tiers:
        return Shown(Grain.WITHHELD)
    instead = None
    for rung in definition.ladder:
        if rung == TOTAL_RUNG:
            if not rules.total_density(definition, tier, printed.total, definition.years):
                return Shown(Grain.TOTAL, instead)
        elif rung == POOLED_RUNG:
            pooled = printed.pooled
            if pooled is not None and not rules.total_density(definition, tier, pooled, POOLED_YEARS):
                return Shown(Grain.POOLED, instead)
        elif instead is None and rung in printed.coarser:
            instead = rung if not judge_table(catalogue.tables[rung], tier, printed.coarser[rung]) else None
    return Shown(Grain.WITHHELD, instead)


def _derive_seeds(key: bytes, definition: Definition, of: Period, exact: Table) -> Seeds:
    return derive_seeds(key, definition.name, definition.population.name, str(of), exact)
