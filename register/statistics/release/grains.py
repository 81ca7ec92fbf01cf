"""What each tier sees of a country's contribution: the working group as it says itself, the public by what is printed.

One grain travels. What the public sees follows from the printed figures and the catalogue, and every node works it out
alike: a second grain, decided at the owner, would be a second bound on the same exact figures, and two bounds can meet
on one number.
"""

from __future__ import annotations

from collections.abc import Mapping

from register.statistics.catalogue import POOLED_RUNG, TOTAL_RUNG
from register.statistics.definition import Definition, Tier, Unit
from register.statistics.period import POOLED_YEARS
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.rules import rules


def grain_for(definition: Definition, part: Contribution, tier: Tier) -> Grain:
    """How much of a contribution a shared tier sees."""
    if tier is Tier.WORKING_GROUP or part.grain is Grain.NOT_COLLECTED:
        return part.grain
    # The public has whole years only (R2).
    if tier not in definition.tiers or part.period.quarter is not None:
        return Grain.WITHHELD
    if part.table is not None and not rules.check_density(definition, tier, part.table.total, part.table.inner):
        return Grain.FULL
    if _is_reached(definition, tier, TOTAL_RUNG, part.total, definition.years):
        return Grain.TOTAL
    if _is_reached(definition, tier, POOLED_RUNG, part.pooled, POOLED_YEARS):
        return Grain.POOLED
    return Grain.WITHHELD


def instead_for(tables: Mapping[str, Definition], definition: Definition, part: Contribution, tier: Tier) -> str | None:
    """The coarser registered table to be read in a tier where the whole is not shown; None if there is none.

    Of persons it is the one that the contribution names, since R4 was asked of it at the owner; of events whichever is
    dense enough by the printed total, with all the rows that a country might keep.
    """
    if tier is Tier.WORKING_GROUP:
        return part.instead
    if grain_for(definition, part, tier) in {Grain.FULL, Grain.NOT_COLLECTED} or tier not in definition.tiers:
        return None
    if definition.population.unit is Unit.PERSONS:
        named = None if part.instead is None else tables.get(part.instead)
        return part.instead if named is not None and tier in named.tiers else None
    return next((rung for rung in definition.ladder if _is_dense(tables.get(rung), part, tier)), None)


def _is_dense(coarser: Definition | None, part: Contribution, tier: Tier) -> bool:
    if coarser is None or tier not in coarser.tiers or part.total is None or part.period.quarter is not None:
        return False
    rows, columns = coarser.headings(coarser.optional_rows)
    return not rules.check_density(coarser, tier, part.total, len(rows) * len(columns))


def _is_reached(definition: Definition, tier: Tier, rung: str, printed: int | None, years: int) -> bool:
    if rung not in definition.ladder or printed is None:
        return False
    return not rules.total_density(definition, tier, printed, years)
