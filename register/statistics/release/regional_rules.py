"""The rules that every node runs on the contributions: R5 contributors, R6 one draw only, R7 attack.

Exact counts of other countries are not here; what a node judges is what a reader would have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from register.statistics.deduction import (
    Bounds,
    Contradiction,
    Interval,
    combine_bounds,
    derive_ranges,
    exact_spots,
    of_rounded,
)
from register.statistics.definition import Definition
from register.statistics.refusals import Refusal, Rule
from register.statistics.release.across_periods import rows_told, totals_told
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, where
from register.statistics.rules.rules import REVISIONS_MAX, given_away
from register.statistics.tables import Table

CONTRIBUTORS_MIN: Final = 3
_DOMINANCE_PERCENT: Final = 10
"""The p of the p% rule. It is part of the rule set and not printed in any release."""


def check_contributors(unpublished: int) -> list[Refusal]:
    """R5: at least three countries whose own figure is not already public."""
    if unpublished >= CONTRIBUTORS_MIN:
        return []
    return [
        Refusal(
            Rule.CONTRIBUTORS,
            "too-few-contributors",
            f"Fewer than {CONTRIBUTORS_MIN} countries contribute figures that are not already public.",
            "More countries that reach this table, or a coarser table that more of them reach.",
        )
    ]


def check_dominance(figures: Sequence[int], base: int) -> list[Refusal]:
    """R5: the second-largest contributor cannot estimate the largest to within p percent.

    The largest may be what is left of the sum after one's own share; what the others hold, and what the rounding
    leaves open, is the room for error.

    Args:
        figures: the unpublished contributions to one regional figure, rounded.
        base: of their rounding.
    """
    ordered = sorted(figures, reverse=True)
    if not ordered or 100 * (sum(ordered[2:]) + base - 1) >= _DOMINANCE_PERCENT * ordered[0]:
        return []
    return [
        Refusal(
            Rule.CONTRIBUTORS,
            "dominated",
            "One country makes up nearly all of a regional figure, so another could work it out.",
            "A coarser table, or a longer period.",
        )
    ]


def one_draw(contribution: Contribution, ledger: Ledger) -> list[Refusal]:
    """R6: of one table, period and revision there is one draw, and there are at most three revisions."""
    found = []
    earlier = ledger.draws(contribution)
    if any(c.revision == contribution.revision and c.digest != contribution.digest for c in earlier):
        found.append(
            Refusal(
                Rule.ROUNDING,
                "drawn-again",
                f"{contribution.country} has sent another table under the same revision.",
                "The country restores its rounding key, or sends a new revision.",
            )
        )
    if contribution.revision > REVISIONS_MAX:
        found.append(
            Refusal(
                Rule.ROUNDING,
                "too-many-revisions",
                f"{contribution.country} has revised the period more than {REVISIONS_MAX} times.",
                "The change is shown with the next period.",
            )
        )
    return found


def check_attack(
    definition: Definition, contribution: Contribution, ledger: Ledger, tables: Mapping[str, Definition]
) -> list[Refusal]:
    """R7: no reader of this contribution, the ledger and all public figures works out a figure that is not public.

    What facts alone already give away is not the contribution's doing.
    """
    if contribution.base == 1:
        return []
    ledger = ledger.about(definition.population.name, contribution.country)
    try:
        told: list[object] = [
            *find_deduced(definition, contribution, ledger, tables),
            *totals_told(definition, contribution, ledger, tables),
            *rows_told(definition, contribution, ledger, tables),
        ]
    except Contradiction:
        return [
            Refusal(
                Rule.ATTACK,
                "disagrees",
                f"The table of {contribution.country} disagrees with its linked tables or with what is public.",
                "The country revises all tables of the population together.",
            )
        ]
    if not told:
        return []
    return [
        Refusal(
            Rule.ATTACK,
            "recoverable",
            f"Together with what is known, {len(told)} figures of {contribution.country} could be worked out exactly.",
            "A coarser table; or the country publishes the figures itself.",
        )
    ]


def find_deduced(
    definition: Definition, contribution: Contribution, ledger: Ledger, tables: Mapping[str, Definition]
) -> list[object]:
    """The figures of a contribution that a reader could work out, by where they stand."""
    table = contribution.table
    if table is None:
        if contribution.total is None:
            return []
        table = Table.only_total(contribution.total)
    known = ledger.known(definition, contribution.country, contribution.period, tables, but=definition.id)
    facts = ledger.facts_about(definition, contribution.country, contribution.period)
    public: Bounds = {
        s: Interval(f.value, f.value) for s in table.spots() if (f := facts.get(where(definition, table, s)))
    }
    linked: Bounds = {s: i for s in table.spots() if (i := known.get(where(definition, table, s)))}
    found = derive_ranges(
        table, combine_bounds(of_rounded(table, contribution.base), given_away(definition, table), linked)
    )
    return [where(definition, table, s) for s in exact_spots(found, but=derive_ranges(table, public))]
