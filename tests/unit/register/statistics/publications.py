"""Made-up publications: two years of five countries, put through the owner's and the regional rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from register.statistics.attacks.simulate import simulate_year
from register.statistics.definition import Definition, Tier
from register.statistics.formats.publication import Publication, Published
from register.statistics.owner.owner import Figures, contribute
from register.statistics.period import Period
from register.statistics.release.assemble import assemble_release
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, OutsideFact
from register.statistics.rules.rounding import derive_seeds
from register.statistics.tables import Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, key_of

YEARS = (2022, 2023)
_KNOWN = ("notifications", "intakes", "victims")


@dataclass(frozen=True)
class Made:
    """A publication, and what must not be in its files."""

    publication: Publication
    truths: Mapping[tuple[str, str, str], Table]
    secrets: tuple[bytes, ...]
    contributions: tuple[Contribution, ...]


@cache
def made(tier: Tier = Tier.WORKING_GROUP, seed: str = "brief", more: int = 1) -> Made:
    """Release all registered tables of two made-up years.

    Args:
        tier: whose.
        seed: of the made-up records.
        more: so many made-up years are put together into one, so that tables fill.
    """
    items: list[Published] = []
    truths: dict[tuple[str, str, str], Table] = {}
    secrets: list[bytes] = [key_of(country) for country in Partition]
    contributions: list[Contribution] = []
    for number, of in enumerate(map(Period, YEARS)):
        total = len(list(_records("notifications", Partition.AW, seed, number, more)))
        fact = OutsideFact(Partition.AW, "notifications", of, frozenset(), total, "annual report")
        ledger = Ledger().with_fact(fact)
        for definition in CATALOGUE:
            if definition.years > 1:
                continue
            parts = []
            for country in Partition:
                figures = _figures(definition, country, seed, number, more)
                outcome = contribute(
                    CATALOGUE, definition, country, of, figures, key=key_of(country), today=date(2024, 3, 1)
                )
                assert outcome.contribution is not None
                parts.append((outcome.contribution, f"signed-by-{country}"))
                contributions.append(outcome.contribution)
                if figures.exact is not None and not definition.population.unit.is_exact:
                    truths[definition.id, str(of), country.value] = figures.exact
                    by = derive_seeds(
                        key_of(country), definition.name, definition.population.name, str(of), figures.exact
                    )
                    secrets += [by.table, by.total]
            candidate = assemble_release(CATALOGUE, definition, tier, of, parts, ledger)
            items.append(Published(candidate.release, f"signature-of-{definition.id}-{of}"))
    return Made(Publication(CATALOGUE, tuple(items)), truths, tuple(secrets), tuple(contributions))


def _figures(definition: Definition, country: Partition, seed: str, number: int, more: int) -> Figures:
    if definition.population.name not in _KNOWN or not definition.collected or len(definition.variables) > 2:
        return Figures(exact=None)
    records = list(_records(definition.population.name, country, seed, number, more))
    coarser = {rung: CATALOGUE.tables[rung].count(records) for rung in definition.ladder if rung in CATALOGUE.tables}
    return Figures(exact=definition.count(records), coarser=coarser, pooled_total=3 * len(records))


def _records(population: str, country: Partition, seed: str, number: int, more: int) -> Iterator[Mapping[str, str]]:
    for one in range(more):
        yield from _year(seed, country, 100 * number + one)[population]


@cache
def _year(seed: str, country: Partition, number: int) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Drawn once: every table counts the same records."""
    return simulate_year(seed, country, number).records
