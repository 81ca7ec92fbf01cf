"""A2 on totals of islands: is one of 1 to 4 given away by what is shown of it, over all years of a drill?

Two readers try. One knows the rules (shown, so at least; not shown, so fewer), of every table of the population and
both tiers at once. The other knows no rule at all. He is told afterwards which true total stood behind all that he saw,
year after year; what stood for the same one each time gives it away, whichever rule it was that did so. Both also read
the same years as if thresholds had been decided on exact counts, as they once were: there they must find something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from register.statistics.attacks.harness import Finding
from register.statistics.deduction import SMALL, Interval
from register.statistics.definition import Definition, Tier
from register.statistics.release.contribution import Grain
from register.statistics.rules.rules import records_a_cell, thresholds_say, told_of_exact
from schemas.codes import Partition

RULES: Final = "A2 on totals, by the rules"
SIGHT: Final = "A2 on totals, by sight"
SEEN_MIN: Final = 20
"""What was seen less often stood for one total by chance, and tells its reader nothing."""
TIERS: Final = (Tier.WORKING_GROUP, Tier.PUBLIC)

Seen: TypeAlias = tuple[str, int | None, tuple[Grain, ...]]
"""Of which table, the printed total where the working group has it, and how much is shown in each tier."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One table of one island and year.

    Attributes:
        inner: how many inner cells it has.
        grains: how much of it is shown in each of `TIERS`.
    """

    definition: Definition
    inner: int
    grains: tuple[Grain, ...]

    def on_exact(self, total: int) -> Shown:
        """The same by thresholds decided on the exact total: the planted control."""
        return Shown(
            self.definition, self.inner, tuple(_decide_grain(self.definition, t, self.inner, total) for t in TIERS)
        )


@dataclass(slots=True)
class Sight:
    """What stood behind each thing that was seen: the true totals, and how often."""

    behind: dict[Seen, Counter[int]] = field(default_factory=dict)

    def see(self, tables: Sequence[Shown], printed: int, total: int) -> None:
        """Keep what is seen of one island's population in a year, and what stood behind it."""
        has_total = any(one.grains[0] in {Grain.FULL, Grain.TOTAL} for one in tables)
        for one in tables:
            seen = one.definition.id, printed if has_total else None, one.grains
            self.behind.setdefault(seen, Counter())[total] += 1

    def found(self) -> int:
        """How many things that were seen often enough always stood for one and the same total of 1 to 4."""
        return sum(
            len(totals) == 1 and totals.total() >= SEEN_MIN and 1 <= next(iter(totals)) <= SMALL
            for totals in self.behind.values()
        )


def deduce_total(tables: Sequence[Shown], printed: int, total: int, *, on_exact: bool = False) -> Interval:
    """Return what the rules leave open of a total, by all tables of one population together.

    Args:
        tables: of one island and year.
        printed: its rounded total.
        total: the exact one.
        on_exact: the thresholds were decided on the exact total: the planted control.
    """
    base = tables[0].definition.population.base
    known = Interval(max(0, printed - base + 1), printed + base - 1)
    for one in tables:
        said = thresholds_say(one.definition, one.inner, total if on_exact else printed)
        known = known.meets(said if on_exact else told_of_exact(said, base))
    return known


class Totals:
    """The totals of all islands over the years of one drill."""

    def __init__(self) -> None:
        self._sight, self._control = Sight(), Sight()
        self._attacked = 0
        self._year: dict[tuple[Partition, str], tuple[list[Shown], int, int]] = {}

    def show(
        self, country: Partition, definition: Definition, *, inner: int, grains: Mapping[Tier, Grain],
        printed: int, total: int,
    ) -> None:  # fmt: skip
        """Take what is shown of one table of the year."""
        at = country, definition.population.name
        tables, _, _ = self._year.setdefault(at, ([], printed, total))
        tables.append(Shown(definition, inner, tuple(grains[tier] for tier in TIERS)))

    def end_year(self) -> tuple[Finding, Finding]:
        """Attack the year by the rules; return what was found, and what the control came to."""
        attacked = found = planted = 0
        for tables, printed, total in self._year.values():
            self._sight.see(tables, printed, total)
            self._control.see([one.on_exact(total) for one in tables], printed, total)
            if 1 <= total <= SMALL:
                attacked += 1
                found += deduce_total(tables, printed, total).is_exact
                planted += deduce_total(tables, printed, total, on_exact=True).is_exact
        self._year.clear()
        self._attacked += attacked
        return Finding(RULES, attacked, found), Finding(RULES, attacked, planted)

    def by_sight(self) -> tuple[Finding, Finding]:
        """What all years together gave away by sight, and what the control came to."""
        return (
            Finding(SIGHT, self._attacked, self._sight.found()),
            Finding(SIGHT, self._attacked, self._control.found()),
        )


def _decide_grain(definition: Definition, tier: Tier, inner: int, total: int) -> Grain:
    factor = records_a_cell(definition, tier)
    if tier not in definition.tiers or total < factor:
        return Grain.WITHHELD
    return Grain.FULL if total >= factor * inner else Grain.TOTAL
