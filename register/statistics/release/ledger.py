"""What is already known: released contributions, figures made public elsewhere, and which tables share a population.

A pure value. Every attack runs jointly with it: a reader has the earlier releases and the newspapers too. It holds
published values only, never a true one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from register.statistics.deduction import ANY, Interval
from register.statistics.definition import Definition
from register.statistics.period import Period
from register.statistics.release.contribution import Contribution
from register.statistics.tables import Spot, Table
from schemas.codes import Partition

Where: TypeAlias = frozenset[tuple[str, str]]
"""A figure by what it counts: (variable, row) pairs; the empty set is the population's total."""


@dataclass(frozen=True, slots=True)
class OutsideFact:
    """A figure that a country has itself published, exact; shown as such, and known to every attacker.

    Attributes:
        country: who published it about itself.
        population, period, where: which figure.
        value: as published.
        source: where it stands.
    """

    country: Partition
    population: str
    period: Period
    where: Where
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that is known.

    Attributes:
        contributions: those of frozen releases, oldest first.
        facts: figures already public.
    """

    contributions: tuple[tuple[str, Contribution], ...] = ()
    facts: tuple[OutsideFact, ...] = ()

    def with_fact(self, fact: OutsideFact) -> Ledger:
        """The ledger that also knows a figure published elsewhere; one and the same figure only once."""
        others = tuple(f for f in self.facts if _key_of_fact(f) != _key_of_fact(fact))
        return replace(self, facts=(*others, fact))

    def with_contributions(self, definition: Definition, released: Iterable[Contribution]) -> Ledger:
        """The ledger that also knows contributions to a table of this definition."""
        new = [(definition.population.name, c) for c in released]
        return replace(self, contributions=(*self.contributions, *(n for n in new if n not in self.contributions)))

    def about(self, population: str, country: Partition) -> Ledger:
        """What is known of one population of one country: all that can bear on any of its figures."""
        return Ledger(
            tuple((name, c) for name, c in self.contributions if (name, c.country) == (population, country)),
            tuple(fact for fact in self.facts if (fact.population, fact.country) == (population, country)),
        )

    def facts_about(self, definition: Definition, country: Partition, of: Period) -> dict[Where, OutsideFact]:
        """Figures of a country that are public and stand in a table of this definition."""
        return {
            f.where: f
            for f in self.facts
            if (f.country, f.population, f.period) == (country, definition.population.name, of)
        }

    def draws(self, like: Contribution) -> list[Contribution]:
        """All contributions that the country has made to the same table and period."""
        return [c for _, c in self.contributions if _key_of_contribution(c) == _key_of_contribution(like)]

    def known(
        self,
        definition: Definition,
        country: Partition,
        of: Period,
        headings: Mapping[str, Definition],
        *,
        but: str | None = None,
    ) -> dict[Where, Interval]:
        """What facts and linked tables say about the figures of a population, by where they stand.

        Args:
            definition: any table of the population.
            country: whose figures.
            of: the period.
            headings: registered tables by id.
            but: a table to leave out, the one that is judged.
        """
        met: dict[Where, Interval] = {
            where: Interval(fact.value, fact.value) for where, fact in self.facts_about(definition, country, of).items()
        }
        for contribution in self._linked(definition, country, of, but):
            for where, interval in list_said_figures(headings[contribution.table_id], contribution):
                met[where] = met.get(where, ANY).meets(interval)
        return met

    def totals(self, definition: Definition, country: Partition) -> dict[Period, Interval]:
        """What is known of a population's total, by period: of the latest contribution to each table, and of facts."""
        population = definition.population.name
        met = self._pooled(definition, country)
        latest = {(c.table_id, c.period): c for n, c in self.contributions if (n, c.country) == (population, country)}
        said = [(c.period, _derive_interval(c.total, c.base)) for c in latest.values() if c.total is not None]
        said += [
            (f.period, Interval(f.value, f.value))
            for f in self.facts
            if (f.population, f.country, f.where) == (population, country, frozenset())
        ]
        for period, interval in said:
            met[period] = met.get(period, ANY).meets(interval)
        return met

    def _pooled(self, definition: Definition, country: Partition) -> dict[Period, Interval]:
        met: dict[Period, Interval] = {}
        for population, c in self.contributions:
            if (population, c.country) == (definition.population.name, country) and c.pooled is not None:
                met[c.period.pooled()] = met.get(c.period.pooled(), ANY).meets(_derive_interval(c.pooled, c.base))
        return met

    def _linked(
        self, definition: Definition, country: Partition, of: Period, but: str | None
    ) -> Iterator[Contribution]:
        """The latest contribution of each linked table."""
        latest: dict[str, Contribution] = {}
        for population, contribution in self.contributions:
            if (population, contribution.country, contribution.period) == (definition.population.name, country, of):
                latest[contribution.table_id] = contribution
        return (c for table_id, c in latest.items() if table_id != but)


def list_said_figures(definition: Definition, contribution: Contribution) -> Iterator[tuple[Where, Interval]]:
    """What a contribution says about the exact figures."""
    reach = contribution.base - 1
    if contribution.table is not None:
        for spot in contribution.table.spots():
            value = contribution.table.at(spot)
            yield where(definition, contribution.table, spot), Interval(max(0, value - reach), value + reach)
    elif contribution.total is not None:
        yield frozenset(), Interval(max(0, contribution.total - reach), contribution.total + reach)


def where(definition: Definition, table: Table, spot: Spot) -> Where:
    """What a figure counts, in the words of the catalogue."""
    heads = zip(definition.variables, spot, (table.rows, table.columns), strict=False)
    return frozenset((v.name, names[at]) for v, at, names in heads if at is not None)


def _derive_interval(printed: int, base: int) -> Interval:
    return Interval(max(0, printed - base + 1), printed + base - 1)


def _key_of_fact(fact: OutsideFact) -> tuple[object, ...]:
    return fact.country, fact.population, fact.period, fact.where


def _key_of_contribution(contribution: Contribution) -> tuple[object, ...]:
    return contribution.country, contribution.table_id, contribution.version, contribution.period
