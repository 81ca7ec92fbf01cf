"""Figures that a country states about itself and that its own contribution says cannot be.

Both are that country's words, and one of them is wrong. Nobody else can tell which: a release leaves the figure out
and says so, and the attacks go by what was contributed, or one country's odd word would stop the release of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from register.statistics.deduction import (
    ANY,
    Bounds,
    Contradiction,
    Interval,
    combine_bounds,
    derive_ranges,
    of_rounded,
)
from register.statistics.definition import Definition
from register.statistics.refusals import Refusal, Rule
from register.statistics.release.across_periods import rows_told, totals_told
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, OutsideFact, Where, list_said_figures, where
from register.statistics.rules.rules import given_away
from register.statistics.tables import Table


def contributed_range(definition: Definition, contribution: Contribution, figure: Where) -> Interval:
    """Between which numbers a figure lies, by what was contributed; a part is at most the whole."""
    told = dict(list_said_figures(definition, contribution))
    if figure in told:
        return told[figure]
    return Interval(0, told.get(frozenset(), ANY).high)


def odd_facts(
    definition: Definition, contribution: Contribution, facts: Iterable[OutsideFact]
) -> dict[Where, OutsideFact]:
    """Those of a country's published figures of one period that its contribution to a table says cannot be.

    Each by itself; then, where the others cannot all be true together with the table, all others that stand in it.
    """
    found: dict[Where, OutsideFact] = {}
    left: dict[Where, OutsideFact] = {}
    for one in facts:
        low, high = contributed_range(definition, contribution, one.where)
        (left if low <= one.value <= high else found)[one.where] = one
    table = _table_of(contribution)
    if table is None:
        return found
    bounds: Bounds = {
        spot: Interval(fact.value, fact.value)
        for spot in table.spots()
        if (fact := left.get(where(definition, table, spot)))
    }
    if bounds and _is_contradicting(definition, contribution, table, bounds):
        found |= {name: fact for name, fact in left.items() if _stands_in(definition, table, name)}
    return found


def keep_agreeing_facts(ledger: Ledger, tables: Mapping[str, Definition]) -> Ledger:
    """The ledger without the figures that their own country's contributions say cannot be: what attacks go by.

    Args:
        ledger: all that is known.
        tables: registered tables by id.
    """
    odd: set[OutsideFact] = set()
    for population, country in {(fact.population, fact.country) for fact in ledger.facts}:
        odd |= _odd_of(ledger.about(population, country), tables)
    return _drop_odd_facts(ledger, odd)


def keep_believed_facts(
    ledger: Ledger, tables: Mapping[str, Definition], definition: Definition, parts: Iterable[Contribution]
) -> Ledger:
    """The ledger for attacks on these contributions to one table: its figures are of that population, and agree."""
    facts = tuple(fact for fact in ledger.facts if fact.population == definition.population.name)
    judged = replace(ledger, facts=facts).with_contributions(definition, parts)
    return replace(ledger, facts=keep_agreeing_facts(judged, tables).facts)


def left_out_for(definition: Definition, contribution: Contribution, fact: OutsideFact) -> Refusal:
    """What whoever reads the release is told of a figure that was left out."""
    low, high = contributed_range(definition, contribution, fact.where)
    return Refusal(
        Rule.ATTACK,
        "figure-disagrees",
        f"{fact.country} states {fact.value} ({name_figure(fact.where)}), and its contribution says {low} to {high}: "
        "the figure is left out.",
        "The country corrects what it stated, or contributes anew.",
    )


def contributed_figure(definition: Definition, contribution: Contribution, figure: Where) -> int | None:
    """A figure as it was contributed; None where the contribution does not have it."""
    table = _table_of(contribution)
    if table is None:
        return None
    return next((table.at(s) for s in table.spots() if where(definition, table, s) == figure), None)


def name_figure(figure: Where) -> str:
    """A figure in the words of the catalogue, for a message."""
    return ", ".join(f"{variable}={row}" for variable, row in sorted(figure)) or "total"


def _odd_of(ledger: Ledger, tables: Mapping[str, Definition]) -> set[OutsideFact]:
    """The odd figures of a ledger that is about one population of one country."""
    odd: set[OutsideFact] = set()
    latest = {(c.table_id, c.period): c for _, c in ledger.contributions}.values()
    for contribution in latest:
        of_period = [fact for fact in ledger.facts if fact.period == contribution.period]
        odd |= set(odd_facts(tables[contribution.table_id], contribution, of_period).values())
    if any(_is_impossible(contribution, _drop_odd_facts(ledger, odd), tables) for contribution in latest):
        # Across periods or tables no single figure can be named: all of that country's on the population go.
        return set(ledger.facts)
    return odd


def _table_of(contribution: Contribution) -> Table | None:
    if contribution.table is None and contribution.total is not None:
        return Table.only_total(contribution.total)
    return contribution.table


def _is_contradicting(definition: Definition, contribution: Contribution, table: Table, bounds: Bounds) -> bool:
    try:
        derive_ranges(
            table, combine_bounds(of_rounded(table, contribution.base), given_away(definition, table), bounds)
        )
    except Contradiction:
        return True
    return False


def _is_impossible(contribution: Contribution, ledger: Ledger, tables: Mapping[str, Definition]) -> bool:
    """Whether no exact figures agree with a contribution and all else that its country has said."""
    definition = tables[contribution.table_id]
    if contribution.base == 1:
        return False
    try:
        totals_told(definition, contribution, ledger, tables)
        rows_told(definition, contribution, ledger, tables)
    except Contradiction:
        return True
    table = _table_of(contribution)
    if table is None:
        return False
    known = ledger.known(definition, contribution.country, contribution.period, tables, but=definition.id)
    linked: Bounds = {s: i for s in table.spots() if (i := known.get(where(definition, table, s)))}
    return _is_contradicting(definition, contribution, table, linked)


def _drop_odd_facts(ledger: Ledger, odd: set[OutsideFact]) -> Ledger:
    return replace(ledger, facts=tuple(fact for fact in ledger.facts if fact not in odd)) if odd else ledger


def _stands_in(definition: Definition, table: Table, name: Where) -> bool:
    return any(where(definition, table, spot) == name for spot in table.spots())
