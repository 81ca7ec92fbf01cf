"""The drill: many made-up years are released by the rules, and every attack is tried on each.

Pure: years, seed in; a report out. The same arguments give the same report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Final

from register.statistics import harness, regional_rules
from register.statistics.across_periods import period_ranges
from register.statistics.assemble import Candidate, assemble
from register.statistics.attack import SMALL, Interval, of_rounded, ranges
from register.statistics.catalogue import Catalogue, default_catalogue
from register.statistics.contribution import Contribution, Grain
from register.statistics.definition import PUBLIC_BASE, Definition, Tier
from register.statistics.harness import Finding
from register.statistics.ledger import Ledger, OutsideFact, where
from register.statistics.membership import membership_rate
from register.statistics.owner import SHARED, Figures, contribute, stepped_down
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.release import CARIBBEAN
from register.statistics.rounding import rounded, seeds
from register.statistics.rules import WINDOW_ENDS
from register.statistics.simulate import Year, year
from register.statistics.stream import Stream, keyed_seed
from register.statistics.tables import Table
from schemas.codes import Partition

_FIRST_YEAR: Final = 2000
_POPULATIONS: Final = ("notifications", "intakes", "victims")
_TODAY_YEARS_LATER: Final = 1
"""The next year has begun, so the period is closed."""


@dataclass(slots=True)
class Report:
    """What the drill found.

    Attributes:
        years, seed, public: its arguments.
        findings: small cells attacked and recovered, by attack.
        updates: tables updated by one record; with fewer than five possible cells left (of tables that have so many,
            else with any cell excluded) in `updates_narrow`; the fewest left in `candidates_min`.
        redrawn, redrawn_differently: tables drawn again.
        files, files_leaking: canonical outputs searched for keys, seeds and unrounded figures.
        membership: highest rate by tier, in thousandths; `membership_refused` public tables refused for it.
        controls: small cells recovered from unprotected and suppressed tables; zero would mean the harness is blind.
        tables, refused: tables put to the owner's and the regional rules; refusals by `country-or-region tier rule
            code`.
        grains: how much was shown, by `country tier grain`.
        errors: sum of |printed - exact| and number of inner cells, by base.
    """

    years: int
    seed: str
    public: tuple[Partition, ...]
    findings: dict[str, Finding] = field(default_factory=dict)
    updates: int = 0
    updates_narrow: int = 0
    candidates_min: int = 10**9
    candidates: list[int] = field(default_factory=list)
    redrawn: int = 0
    redrawn_differently: int = 0
    files: int = 0
    files_leaking: int = 0
    membership: dict[str, int] = field(default_factory=dict)
    controls: dict[str, Finding] = field(default_factory=dict)
    tables: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    grains: Counter[str] = field(default_factory=Counter)
    errors: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def recovered(self) -> int:
        """Small cells recovered from releases; must be 0."""
        return sum(finding.recovered for finding in self.findings.values())

    @property
    def is_passed(self) -> bool:
        """Nothing recovered, nothing narrow, nothing drawn differently, nothing leaking, controls caught."""
        caught = all(finding.recovered for finding in self.controls.values()) and bool(self.controls)
        return caught and not (self.recovered or self.updates_narrow or self.redrawn_differently or self.files_leaking)

    def document(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "passed": self.is_passed,
            "years": self.years,
            "seed": self.seed,
            "public_totals": [c.value for c in self.public],
            "recovered": self.recovered,
            "attacks": {name: _pair(f) for name, f in sorted(self.findings.items())},
            "negative_controls": {name: _pair(f) for name, f in sorted(self.controls.items())},
            "updates": {
                "tables": self.updates,
                "narrow": self.updates_narrow,
                "candidates_min": self.candidates_min if self.updates else None,
                "candidates_median": median(self.candidates) if self.candidates else None,
            },
            "redrawn": {"tables": self.redrawn, "differently": self.redrawn_differently},
            "files": {"searched": self.files, "leaking": self.files_leaking},
            "membership_thousandths": dict(sorted(self.membership.items())),
            "tables": self.tables,
            "refused": dict(sorted(self.refused.items())),
            "shown": dict(sorted(self.grains.items())),
            "mean_error": {str(b): round(total / cells, 3) for b, (total, cells) in sorted(self.errors.items())},
        }


def drill(
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
    return run.report


def _pair(finding: Finding) -> dict[str, int]:
    return {"attacked": finding.attacked, "recovered": finding.recovered}


class _Run:
    """A drill under way; remembers the last years, as a reader would."""

    def __init__(self, catalogue: Catalogue, report: Report) -> None:
        self.report = report
        self._catalogue = catalogue
        self._tables = [d for d in catalogue if d.population.name in _POPULATIONS and d.collected]
        self._keys = {c: keyed_seed(b"drill-key", report.seed, c.value) for c in Partition}
        self._past: dict[Partition, list[Year]] = {c: [] for c in Partition}
        self._ledger = Ledger()

    def year(self, number: int) -> None:
        of = Period(_FIRST_YEAR + number)
        for country in Partition:
            past = self._past[country]
            past.append(year(self.report.seed, country, number))
            del past[:-POOLED_YEARS]
        self._forget(of)
        for country in self.report.public:
            total = len(self._past[country][-1].records["notifications"])
            fact = OutsideFact(country, "notifications", of, frozenset(), total, "yearly report")
            self._ledger = self._ledger.with_fact(fact)
        for definition in self._tables:
            self._table(definition, of)
        self._difference(of)
        self._across(of)

    def _forget(self, of: Period) -> None:
        """Keep three years: enough for what is pooled."""
        kept = [(n, c) for n, c in self._ledger.contributions if c.period.year > of.year - POOLED_YEARS]
        facts = [f for f in self._ledger.facts if f.period.year > of.year - POOLED_YEARS]
        self._ledger = Ledger(tuple(kept), tuple(facts))

    def _table(self, definition: Definition, of: Period) -> None:
        if definition.years > 1:
            if len(self._past[Partition.AW]) < definition.years or (of.year - WINDOW_ENDS) % definition.years:
                return
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
            self._count_owner(country, outcome.refusals, outcome.contribution)
            if outcome.contribution is not None:
                parts.append(self._before_signing(definition, outcome.contribution))
            if figures.exact is not None:
                truths[country] = figures.exact
                if country in CARIBBEAN:
                    self._controls(figures.exact)
        received = [(part, "signature") for part in parts]
        working, brief = (assemble(self._catalogue, definition, tier, of, received, self._ledger) for tier in SHARED)
        self._count_region(definition, working, brief)
        if not working.refusals:
            for part in parts:
                self._attack(definition, part, truths)
            self._insider(definition, parts, truths)
            self._ledger = self._ledger.with_contributions(definition, parts)
        self._bytes(definition, parts, truths, (working, brief))

    def _before_signing(self, definition: Definition, part: Contribution) -> Contribution:
        """As an owner does: run R7 on the own contribution, and go a rung down where it speaks."""
        tables = self._catalogue.tables
        while part.total is not None or part.pooled is not None:
            found = regional_rules.attack(definition, part, self._ledger, tables)
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

    def _count_owner(
        self, country: Partition, refusals: Mapping[Tier, Sequence[object]], part: Contribution | None
    ) -> None:
        for tier, found in refusals.items():
            self.report.tables += 1
            for refusal in found:
                rule, code = getattr(refusal, "rule", ""), getattr(refusal, "code", "")
                self.report.refused[f"{country} {tier} {rule} {code}"] += 1
            grain = part.of(tier).grain if part is not None else Grain.WITHHELD
            self.report.grains[f"{country} {tier} {grain}"] += 1

    def _count_region(self, definition: Definition, *candidates: Candidate) -> None:
        for tier, candidate in zip(SHARED, candidates, strict=True):
            self.report.tables += 1
            for refusal in {*candidate.withheld, *candidate.refusals}:
                self.report.refused[f"CARIBBEAN {tier} {refusal.rule} {refusal.code}"] += 1
            cells = candidate.release.figures("CARIBBEAN")
            grain = Grain.WITHHELD if cells[-1].value is None else Grain.TOTAL if cells[0].value is None else Grain.FULL
            self.report.grains[f"CARIBBEAN {tier} {definition.population.name} {grain}"] += 1

    def _add(self, finding: Finding) -> None:
        before = self.report.findings.get(finding.attack, Finding(finding.attack, 0, 0))
        self.report.findings[finding.attack] = Finding(
            finding.attack, before.attacked + finding.attacked, before.recovered + finding.recovered
        )

    def _control(self, name: str, finding: Finding) -> None:
        before = self.report.controls.get(name, Finding(name, 0, 0))
        self.report.controls[name] = Finding(
            name, before.attacked + finding.attacked, before.recovered + finding.recovered
        )

    def _attack(self, definition: Definition, part: Contribution, truths: Mapping[Partition, Table]) -> None:
        if part.country not in truths or part.total is None:
            return
        base, truth = part.base, truths[part.country]
        published = part.table
        if published is None:
            published, truth = Table.only_total(part.total), truth.collapsed()
        self._add(harness.a1_interval(truth, published, base))
        self._add(harness.a2_rule_aware(definition, truth, published, base))
        known = self._ledger.known(definition, part.country, part.period, self._catalogue.tables, but=definition.id)
        facts = self._ledger.facts_about(definition, part.country, part.period)
        at = {spot: where(definition, published, spot) for spot in published.spots()}
        self._add(
            harness.a6_joint(
                truth,
                published,
                base,
                {s: known[w] for s, w in at.items() if w in known},
                {s: Interval(facts[w].value, facts[w].value) for s, w in at.items() if w in facts},
            )
        )
        if part.table is None:
            return
        self._update(definition, part, truth)
        total, cells = self.report.errors.get(base, (0, 0))
        error = sum(abs(truth.at(s) - published.at(s)) for s in truth.inner_spots())
        self.report.errors[base] = total + error, cells + truth.inner

    def _controls(self, truth: Table) -> None:
        """A10: the same attacks on the exact table and on one with small cells suppressed."""
        exact = {s: Interval(truth.at(s), truth.at(s)) for s in truth.spots()}
        self._control("A1 on exact tables", harness.score("", truth, ranges(truth, exact)))
        if truth.is_two_way:
            left = ranges(truth, harness.suppressed(truth))
            self._control("A2 on suppressed tables", harness.score("", truth, left))

    def _update(self, definition: Definition, part: Contribution, truth: Table) -> None:
        """One record more, in a random cell: which cells can it have come into?"""
        if part.table is None:
            return
        stream = Stream(keyed_seed(b"update", self.report.seed, part.digest))
        cells = list(truth.inner_spots())
        more = truth.plus(cells[stream.below(len(cells))], 1)
        period = str(part.period)
        by = seeds(self._keys[part.country], definition.name, definition.population.name, period, more)
        after = rounded(more, part.base, by)
        left = harness.a4_update((part.table, part.base), (after, part.base))
        self.report.updates += 1
        self.report.candidates.append(left)
        self.report.candidates_min = min(self.report.candidates_min, left)
        self.report.updates_narrow += left < min(harness.CANDIDATES_MIN, truth.inner)

    def _insider(
        self, definition: Definition, parts: Sequence[Contribution], truths: Mapping[Partition, Table]
    ) -> None:
        if len(definition.variables) != 1:
            return
        full = {p.country.value: p.table for p in parts if p.table is not None and p.country in CARIBBEAN}
        exact = {c.value: truths[c] for c in CARIBBEAN if c.value in full}
        for insider in full:
            self._add(harness.a7_insider(exact, full, definition.population.base, insider))

    def _bytes(
        self,
        definition: Definition,
        parts: Sequence[Contribution],
        truths: Mapping[Partition, Table],
        candidates: Sequence[Candidate],
    ) -> None:
        secrets = list(self._keys.values())
        for part in parts:
            if (truth := truths.get(part.country)) is not None:
                args = (definition.name, definition.population.name, str(part.period), truth)
                by = seeds(self._keys[part.country], *args)
                secrets += [by.table, by.total]
                self.report.redrawn += 1
                if part.table is not None:
                    again = rounded(truth, part.base, by)
                    self.report.redrawn_differently += again != part.table
        files = {str(place): c.release.canonical() for place, c in enumerate(candidates)}
        files |= {part.country.value: part.canonical() for part in parts}
        self.report.files += len(files)
        self.report.files_leaking += len(harness.a9_bytes(files, secrets))
        self.report.files_leaking += sum(bool(harness.a9_values(c.release)) for c in candidates)
        self._membership(definition, parts, candidates[1])

    def _membership(self, definition: Definition, parts: Sequence[Contribution], brief: Candidate) -> None:
        base = definition.population.base
        rates = {f"W base {base}": 1000 // base}
        if brief.release.coverage and not brief.refusals:
            seen = [p.total or 0 for p in parts if p.country in brief.release.coverage]
            rates[f"P {definition.population.name}"] = int(1000 * membership_rate(seen, base, PUBLIC_BASE))
        for name, rate in rates.items():
            self.report.membership[name] = max(self.report.membership.get(name, 0), rate)

    def _difference(self, of: Period) -> None:
        """A3 over all one-way tables of one variable in their groupings, and the total they share."""
        for country in CARIBBEAN:
            one_way: dict[tuple[str, str], list[Contribution]] = {}
            for population, part in self._ledger.contributions:
                variables = self._catalogue.tables[part.table_id].variables
                if (part.country, part.period) == (country, of) and part.table is not None and len(variables) == 1:
                    one_way.setdefault((population, variables[0].base_name), []).append(part)
            for (population, variable), parts in one_way.items():
                truth = Counter(record[variable] for record in self._past[country][-1].records[population])
                views = [view for part in parts for view in self._views(part, truth)]
                self._add(harness.a3_differencing(truth, views))
                exact = [(atoms, Interval(n, n)) for atoms, _ in views for n in [sum(truth[a] for a in atoms)]]
                self._control("A3 on exact groups", harness.a3_differencing(truth, exact))

    def _views(self, part: Contribution, truth: Mapping[str, int]) -> Iterator[tuple[frozenset[str], Interval]]:
        """What a one-way table says, by the stored codes that each figure counts."""
        if part.table is None:
            return
        variable = self._catalogue.tables[part.table_id].variables[0]
        for spot, interval in of_rounded(part.table, part.base).items():
            rows = part.table.rows if spot.row is None else (part.table.rows[spot.row],)
            yield frozenset(code for code in truth if variable.row(code) in rows), interval

    def _across(self, of: Period) -> None:
        """A6 over periods: what all totals released so far say about each year, by a reader who keeps them."""
        for country in CARIBBEAN:
            for population in _POPULATIONS:
                definition = next(d for d in self._tables if d.population.name == population)
                totals = self._ledger.totals(definition, country, self._catalogue.tables)
                past = {of.year - back: one for back, one in enumerate(reversed(self._past[country]))}
                years = {
                    p: i for p, i in period_ranges(totals).items() if p.years == 1 and country not in self.report.public
                }
                small = [i for p, i in years.items() if 1 <= len(past[p.year].records[population]) <= SMALL]
                self._add(Finding("A6", len(small), sum(i.is_exact for i in small)))
