"""The attacks of a drill, each tried on every table of a year where it applies; what they came to goes to its report.

The reader who attacks keeps everything that was released before: the ledger is at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from register.statistics.attacks import harness, totals
from register.statistics.attacks.drill_report import Report
from register.statistics.attacks.harness import Finding
from register.statistics.attacks.simulate import Year
from register.statistics.attacks.totals import Shown, Sight, deduce_total
from register.statistics.catalogue import Catalogue
from register.statistics.deduction import SMALL, Interval, derive_ranges, of_rounded
from register.statistics.definition import PUBLIC_BASE, Definition, Tier, Unit
from register.statistics.owner.owner import printed_total
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.release.across_periods import known_totals, period_ranges
from register.statistics.release.assemble import Candidate
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.release.grains import grain_for
from register.statistics.release.ledger import Ledger, where
from register.statistics.release.release import CARIBBEAN
from register.statistics.rules import rules
from register.statistics.rules.membership import membership_rate
from register.statistics.rules.rounding import derive_seeds, round_table
from register.statistics.rules.stream import Stream, keyed_seed
from register.statistics.tables import Table
from schemas.codes import Partition

_ALIKE: Final = "A2 on homogeneity of exact counts"
_PLANTED: Final = "notifications-by-type"
_PLANTED_TOTALS: Final = range(1, 9)
_PLANTED_TIMES: Final = 60
_PLANTED_YEAR: Final = Period(2023)
_PLANTED_FINER, _PLANTED_COARSER = "intakes-by-age", "intakes-adult-or-child"
_ONE_CHILD: Final = ((0, 1, 15, 10, 9, 5, 0), (0, 5, 15, 10, 5, 5, 0))
"""Intakes by age with one child among forty, and a print of it."""


class Attacks:
    """The attacks of one drill; the keys are those of the made-up owners."""

    def __init__(self, report: Report, catalogue: Catalogue, keys: Mapping[Partition, bytes]) -> None:
        self._report, self._catalogue, self._keys = report, catalogue, keys
        self._totals = totals.Totals()

    def part(
        self, definition: Definition, part: Contribution, truths: Mapping[Partition, Table], ledger: Ledger
    ) -> None:
        """A1, A2, A4 and A6 on what one country shows, by a reader of everything released before."""
        if part.country not in truths or part.total is None:
            return
        base, truth = part.base, truths[part.country]
        published = part.table
        if published is None:
            published, truth = Table.only_total(part.total), truth.collapsed()
        self._report.add(harness.a1_interval(truth, published, base))
        self._report.add(harness.a2_rule_aware(definition, truth, published, base))
        known = ledger.known(definition, part.country, part.period, self._catalogue.tables, but=definition.id)
        facts = ledger.facts_about(definition, part.country, part.period)
        at = {spot: where(definition, published, spot) for spot in published.spots()}
        self._report.add(
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
        total, cells = self._report.errors.get(base, (0, 0))
        error = sum(abs(truth.at(s) - published.at(s)) for s in truth.inner_spots())
        self._report.errors[base] = total + error, cells + truth.inner

    def insider(self, definition: Definition, parts: Sequence[Contribution], truths: Mapping[Partition, Table]) -> None:
        """A7: by a country that knows its own exact figures."""
        if len(definition.variables) != 1:
            return
        full = {p.country.value: p.table for p in parts if p.table is not None and p.country in CARIBBEAN}
        exact = {c.value: truths[c] for c in CARIBBEAN if c.value in full}
        for insider in full:
            self._report.add(harness.a7_insider(exact, full, definition.population.base, insider))

    def exact(self, truth: Table) -> None:
        """A10: the same attacks on the exact table and on one with small cells suppressed."""
        exact = {s: Interval(truth.at(s), truth.at(s)) for s in truth.spots()}
        self._report.add_control("A1 on exact tables", harness.score_bounds("", truth, derive_ranges(truth, exact)))
        if truth.is_two_way:
            left = derive_ranges(truth, harness.suppress_small_cells(truth))
            self._report.add_control("A2 on suppressed tables", harness.score_bounds("", truth, left))

    def plant(self) -> None:
        """A10: islands with one to eight records, with the public's threshold of five on exact counts, drawn often.

        Four printed 6, and not shown to the public, is four: by the rules, and by sight.
        """
        definition = self._catalogue.tables[_PLANTED]
        inner, sight, given_away = len(definition.headings()[0]), Sight(), 0
        for total in _PLANTED_TOTALS:
            tables = [Shown(definition, inner, ()).on_exact(total)]
            for time in range(_PLANTED_TIMES):
                drawn = printed_total(keyed_seed(b"planted", time), definition, _PLANTED_YEAR, total)
                sight.see(tables, drawn, total)
                given_away += total <= SMALL and deduce_total(tables, drawn, total, on_exact=True).is_exact
        islands = SMALL * _PLANTED_TIMES
        self._report.add_control(totals.RULES, Finding("", islands, given_away))
        self._report.add_control(totals.SIGHT, Finding("", islands, sight.found()))
        finer, coarser = self._catalogue.tables[_PLANTED_FINER], self._catalogue.tables[_PLANTED_COARSER]
        rows, columns = finer.headings()
        truth, printed = (Table(rows, columns, tuple((n,) for n in counts)) for counts in _ONE_CHILD)
        child = harness.a2_homogeneity(finer, truth, printed, coarser, on_exact=True)
        self._report.add_control(_ALIKE, child)

    def alike(self, of: Period, truths: Mapping[tuple[str, Partition], Table], ledger: Ledger) -> None:
        """A2 on which groupings of a variable of persons are shown, where a coarser one of it is not (R4)."""
        parts = {(c.table_id, c.country): c for _, c in ledger.contributions if c.period == of}
        for (table_id, country), part in parts.items():
            finer = self._catalogue.tables[table_id]
            if part.table is None or len(finer.variables) != 1 or finer.population.unit is not Unit.PERSONS:
                continue
            for coarser in self._catalogue.linked(finer):
                beside = parts.get((coarser.id, country))
                if beside is None or beside.table is not None or not _is_grouping(finer, coarser):
                    continue
                if not rules.check_density(coarser, Tier.WORKING_GROUP, part.table.total, len(coarser.headings()[0])):
                    found = harness.a2_homogeneity(finer, truths[table_id, country], part.table, coarser)
                    self._report.add(found)

    def show(
        self, definition: Definition, country: Partition, of: Period, exact: Table, part: Contribution | None
    ) -> None:
        """Take what the tiers see of one table of one island, for the attacks on totals."""
        if definition.population.unit.is_exact or definition.years > 1:
            return
        self._totals.show(
            country,
            definition,
            inner=exact.inner,
            grains={t: Grain.WITHHELD if part is None else grain_for(definition, part, t) for t in totals.TIERS},
            printed=printed_total(self._keys[country], definition, of, exact.total),
            total=exact.total,
        )

    def end_year(self) -> None:
        """A2 on the totals of a year, by the rules; and A10, the same by thresholds on exact counts."""
        found, planted = self._totals.end_year()
        self._report.add(found)
        self._report.add_control(totals.RULES, planted)

    def end(self) -> None:
        """A2 on the totals of all years, by sight; and A10, the same by thresholds on exact counts."""
        found, planted = self._totals.by_sight()
        self._report.add(found)
        self._report.add_control(totals.SIGHT, planted)

    def files(
        self,
        definition: Definition,
        parts: Sequence[Contribution],
        truths: Mapping[Partition, Table],
        candidates: Sequence[Candidate],
    ) -> None:
        """A5, A8 and A9: tables drawn again, files searched for what must not be in them, and membership."""
        secrets = list(self._keys.values())
        for part in parts:
            if (truth := truths.get(part.country)) is not None:
                args = (definition.name, definition.population.name, str(part.period), truth)
                by = derive_seeds(self._keys[part.country], *args)
                secrets += [by.table, by.total]
                self._report.redrawn += 1
                if part.table is not None:
                    again = round_table(truth, part.base, by)
                    self._report.redrawn_differently += again != part.table
        files = {str(place): c.release.canonical() for place, c in enumerate(candidates)}
        files |= {part.country.value: part.canonical() for part in parts}
        self._report.files += len(files)
        self._report.files_leaking += len(harness.a9_bytes(files, secrets))
        self._report.files_leaking += sum(bool(harness.a9_values(c.release)) for c in candidates)
        self._membership(definition, parts, candidates[1])

    def difference(self, of: Period, past: Mapping[Partition, Sequence[Year]], ledger: Ledger) -> None:
        """A3 over all one-way tables of one variable in their groupings, and the total they share."""
        for country in CARIBBEAN:
            one_way: dict[tuple[str, str], list[Contribution]] = {}
            for population, part in ledger.contributions:
                variables = self._catalogue.tables[part.table_id].variables
                if (part.country, part.period) == (country, of) and part.table is not None and len(variables) == 1:
                    one_way.setdefault((population, variables[0].base_name), []).append(part)
            for (population, variable), parts in one_way.items():
                truth = Counter(record[variable] for record in past[country][-1].records[population])
                views = [view for part in parts for view in self._views(part, truth)]
                self._report.add(harness.a3_differencing(truth, views))
                exact = [(atoms, Interval(n, n)) for atoms, _ in views for n in [sum(truth[a] for a in atoms)]]
                self._report.add_control("A3 on exact groups", harness.a3_differencing(truth, exact))

    def across(
        self,
        of: Period,
        definitions: Sequence[Definition],
        past: Mapping[Partition, Sequence[Year]],
        ledger: Ledger,
    ) -> None:
        """A6 over periods: what all totals released so far say about each year, by a reader who keeps them."""
        for country in CARIBBEAN:
            for definition in definitions:
                population = definition.population.name
                if country in self._report.public or len(past[country]) < POOLED_YEARS:
                    continue
                totals = period_ranges(known_totals(definition, country, ledger, self._catalogue.tables))
                counts = {
                    of.year - back: len(one.records[population]) for back, one in enumerate(reversed(past[country]))
                }
                true = {Period(year): n for year, n in counts.items()} | {of.pooled(): sum(counts.values())}
                small = [totals[p] for p, n in true.items() if p in totals and 1 <= n <= SMALL]
                self._report.add(Finding("A6", len(small), sum(i.is_exact for i in small)))

    def _update(self, definition: Definition, part: Contribution, truth: Table) -> None:
        """One record more, in a random cell: which cells can it have come into?"""
        if part.table is None:
            return
        stream = Stream(keyed_seed(b"update", self._report.seed, part.digest))
        cells = list(truth.inner_spots())
        more = truth.plus(cells[stream.below(len(cells))], 1)
        period = str(part.period)
        by = derive_seeds(self._keys[part.country], definition.name, definition.population.name, period, more)
        after = round_table(more, part.base, by)
        left = harness.a4_update((part.table, part.base), (after, part.base))
        self._report.updates += 1
        self._report.candidates.append(left)
        self._report.candidates_min = min(self._report.candidates_min, left)
        self._report.updates_narrow += left < min(harness.CANDIDATES_MIN, truth.inner)

    def _membership(self, definition: Definition, parts: Sequence[Contribution], brief: Candidate) -> None:
        base = definition.population.base
        rates = {f"W base {base}": 1000 // base}
        if brief.release.coverage and not brief.refusals:
            seen = [p.total or 0 for p in parts if p.country in brief.release.coverage]
            rates[f"P {definition.population.name}"] = int(1000 * membership_rate(seen, base, PUBLIC_BASE))
        for name, rate in rates.items():
            self._report.membership[name] = max(self._report.membership.get(name, 0), rate)

    def _views(self, part: Contribution, truth: Mapping[str, int]) -> Iterator[tuple[frozenset[str], Interval]]:
        """What a one-way table says, by the stored codes that each figure counts."""
        if part.table is None:
            return
        variable = self._catalogue.tables[part.table_id].variables[0]
        for spot, interval in of_rounded(part.table, part.base).items():
            rows = part.table.rows if spot.row is None else (part.table.rows[spot.row],)
            yield frozenset(code for code in truth if variable.row(code) in rows), interval


def _is_grouping(finer: Definition, coarser: Definition) -> bool:
    """Whether the coarser table groups the one variable of the finer one."""
    if len(coarser.variables) != 1 or coarser.variables[0].base_name != finer.variables[0].base_name:
        return False
    return len(coarser.variables[0].codes) < len(finer.variables[0].codes)
