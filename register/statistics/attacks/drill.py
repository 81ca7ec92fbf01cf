"""The drill: many made-up years are released by the rules, and every attack is tried on each.

Pure: years, seed in; a report out. The same arguments give the same report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from register.statistics.attacks.drill_attacks import Attacks
from register.statistics.attacks.drill_report import Report
from register.statistics.attacks.simulate import Year, simulate_year
from register.statistics.catalogue import Catalogue, default_catalogue
from register.statistics.definition import Definition
from register.statistics.owner.owner import SHARED, Figures, contribute, stepped_down
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.release import regional_rules
from register.statistics.release.assemble import assemble_release
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, OutsideFact
from register.statistics.release.release import CARIBBEAN
from register.statistics.rules.rules import WINDOW_ENDS
from register.statistics.rules.stream import keyed_seed
from register.statistics.tables import Table
from schemas.codes import Partition

_FIRST_YEAR: Final = 2000
_POPULATIONS: Final = ("notifications", "intakes", "victims")
_TODAY_YEARS_LATER: Final = 1
"""The next year has begun, so the period is closed."""


def run_drill(
    years: int,
    seed: str,
    *,
    public: Sequence[Partition] = (Partition.NL,),
    catalogue: Catalogue | None = None,
    progress: Callable[[int], None] = lambda _years: None,
) -> Report:
    """Simulate years of five countries and attack every release.

    Args:
        years: how many.
        seed: any text.
        public: countries whose yearly number of notifications is public.
        catalogue: the registered tables; None takes those that ship.
        progress: called with 1 after each year.
    """
    run = _Run(catalogue or default_catalogue(), Report(years, seed, tuple(public)))
    for number in range(years):
        run.year(number)
        progress(1)
    run.end()
    return run.report


class _Run:
    """A drill under way; remembers the last years, as a reader would."""

    def __init__(self, catalogue: Catalogue, report: Report) -> None:
        self.report = report
        self._catalogue = catalogue
        self._tables = [d for d in catalogue if d.population.name in _POPULATIONS and d.collected]
        self._keys = {c: keyed_seed(b"drill-key", report.seed, c.value) for c in Partition}
        self._totals = [next(d for d in self._tables if d.population.name == p) for p in _POPULATIONS]
        self._attacks = Attacks(report, catalogue, self._keys)
        self._attacks.plant()
        self._past: dict[Partition, list[Year]] = {c: [] for c in Partition}
        self._ledger = Ledger()

    def year(self, number: int) -> None:
        of = Period(_FIRST_YEAR + number)
        for country in Partition:
            past = self._past[country]
            past.append(simulate_year(self.report.seed, country, number))
            del past[:-POOLED_YEARS]
        self._forget(of)
        for country in self.report.public:
            total = len(self._past[country][-1].records["notifications"])
            fact = OutsideFact(country, "notifications", of, frozenset(), total, "yearly report")
            self._ledger = self._ledger.with_fact(fact)
        truths: dict[tuple[str, Partition], Table] = {}
        for definition in self._tables:
            exact = self._table(definition, of)
            truths |= {(definition.id, country): table for country, table in exact.items()}
        self.report.end_year(_POPULATIONS)
        self._attacks.end_year()
        self._attacks.alike(of, truths, self._ledger)
        self._attacks.difference(of, self._past, self._ledger)
        self._attacks.across(of, self._totals, self._past, self._ledger)

    def end(self) -> None:
        """Attack what only all years together could give away."""
        self._attacks.end()

    def _forget(self, of: Period) -> None:
        """Keep three years: enough for what is pooled."""
        kept = [(n, c) for n, c in self._ledger.contributions if c.period.year > of.year - POOLED_YEARS]
        facts = [f for f in self._ledger.facts if f.period.year > of.year - POOLED_YEARS]
        self._ledger = Ledger(tuple(kept), tuple(facts))

    def _table(self, definition: Definition, of: Period) -> Mapping[Partition, Table]:
        """Release one table of a year and attack it; the exact tables."""
        if definition.years > 1:
            if len(self._past[Partition.AW]) < definition.years or (of.year - WINDOW_ENDS) % definition.years:
                return {}
            of = Period(of.year, years=definition.years)
        parts: list[Contribution] = []
        truths: dict[Partition, Table] = {}
        for country in Partition:
            figures = self._figures(definition, country)
            outcome = contribute(
                self._catalogue,
                definition,
                country,
                of,
                figures,
                key=self._keys[country],
                today=date(of.year + _TODAY_YEARS_LATER, 1, 1),
            )
            self.report.count_owner(definition, country, outcome.refusals, outcome.contribution)
            part = outcome.contribution
            if part is not None:
                part = self._before_signing(definition, part)
                parts.append(part)
            if figures.exact is not None:
                truths[country] = figures.exact
                if country in CARIBBEAN:
                    self._attacks.exact(figures.exact)
                    self._attacks.show(definition, country, of, figures.exact, part)
        received = [(part, "signature") for part in parts]
        working, brief = (
            assemble_release(self._catalogue, definition, tier, of, received, self._ledger) for tier in SHARED
        )
        self.report.count_region(definition, working, brief)
        if not working.refusals:
            for part in parts:
                self._attacks.part(definition, part, truths, self._ledger)
            self._attacks.insider(definition, parts, truths)
            self._ledger = self._ledger.with_contributions(definition, parts)
        self._attacks.files(definition, parts, truths, (working, brief))
        return truths

    def _before_signing(self, definition: Definition, part: Contribution) -> Contribution:
        """As an owner does: run R7 on the own contribution, and go a rung down where it speaks."""
        tables = self._catalogue.tables
        while part.total is not None or part.pooled is not None:
            found = regional_rules.check_attack(definition, part, self._ledger, tables)
            if not found:
                break
            for refusal in found:
                self.report.refused[f"{part.country} W {refusal.rule} {refusal.code}"] += 1
            part = stepped_down(part)
        return part

    def _figures(self, definition: Definition, country: Partition) -> Figures:
        past = self._past[country]
        population = definition.population.name
        recent = [record for one in past[-definition.years :] for record in one.records[population]]
        pooled = sum(len(one.records[population]) for one in past) if len(past) == POOLED_YEARS else None
        tables = self._catalogue.tables
        return Figures(
            exact=definition.count(recent) if len(definition.variables) <= len(("row", "column")) else None,
            coarser={rung: tables[rung].count(recent) for rung in definition.ladder if rung in tables},
            pooled_total=pooled,
        )
