"""A population as it was when the first of its tables was contributed: all its tables are drawn from that, for ever.

One record that comes later would show in the sister table that is contributed after it, and not in the first: who
compares the two sees the record. So what is frozen is the population, by all its codes, and not one table; a revision
freezes it anew and revises every table that stands, or none (statistics.md 8).

Pure. The document holds exact counts: it is kept sealed, and never leaves the owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition
from register.statistics.owner.filling import Counts, Group, figures_of_period, pooled_total
from register.statistics.owner.owner import Figures
from register.statistics.period import Period


@dataclass(frozen=True, slots=True)
class FrozenPopulation:
    """The records of one population and period, by their codes; `Counts` for every table of the population.

    Attributes:
        population: its name.
        began_on: the day of the country's first such record; None where there is none.
        spans: (first day, last day) -> the groups of that span.
        pooled: the total of three years, where there are so many.
    """

    population: str
    began_on: date | None
    spans: Mapping[tuple[date, date], Sequence[Group]]
    pooled: int | None

    @classmethod
    def of(cls, counts: Counts, population: str, of: Period) -> Self:
        """As it is now."""
        spans = {(y.first_day, y.last_day): counts.count(population, y.first_day, y.last_day) for y in of.each_year()}
        return cls(population, counts.began(population), spans, pooled_total(counts, population, of))

    def count(self, population: str, first: date, last: date) -> Sequence[Group]:
        """The groups of a span of the period; raises `KeyError` for any other."""
        if population != self.population:
            raise KeyError(population)
        return self.spans[first, last]

    def began(self, population: str) -> date | None:
        """The day of the first record."""
        return self.began_on if population == self.population else None

    def changed_records(self, other: FrozenPopulation) -> int:
        """The least number of records added, taken away or moved that make the other of this one."""
        ours, theirs = self._records(), other._records()
        return max((ours - theirs).total(), (theirs - ours).total())

    def document(self) -> dict[str, Any]:
        """The members as they are kept."""
        return {
            "population": self.population,
            "began": None if self.began_on is None else self.began_on.isoformat(),
            "spans": [
                [first.isoformat(), last.isoformat(), [[dict(codes), many] for codes, many in groups]]
                for (first, last), groups in self.spans.items()
            ],
            "pooled": self.pooled,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The population that a document keeps."""
        began = document["began"]
        return cls(
            document["population"],
            None if began is None else date.fromisoformat(began),
            {
                (date.fromisoformat(first), date.fromisoformat(last)): [(codes, many) for codes, many in groups]
                for first, last, groups in document["spans"]
            },
            document["pooled"],
        )

    def _records(self) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for span, groups in self.spans.items():
            for codes, many in groups:
                found[span, tuple(sorted(codes.items()))] += many
        return found


def figures_of(
    frozen: FrozenPopulation, definition: Definition, of: Period, *, kept: Collection[str], catalogue: Catalogue
) -> Figures:
    """The exact figures of one of the population's tables; arguments and errors as of `exact_figures`."""
    figures = figures_of_period(frozen, definition, of, kept=kept, catalogue=catalogue)
    if figures.exact is None and not figures.coarser:
        return figures
    return replace(figures, pooled_total=frozen.pooled)
