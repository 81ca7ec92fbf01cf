"""Puts contributions together into a release, and says which rules stand against it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from register.statistics.catalogue import Catalogue
from register.statistics.definition import PUBLIC_BASE, RULESET, Definition, Tier, Unit
from register.statistics.period import Period
from register.statistics.refusals import Refusal, Rule
from register.statistics.release import regional_rules
from register.statistics.release.admission import find_misshape, is_of_other_rules, left_out
from register.statistics.release.contribution import Contribution, ContributionRefused, Grain
from register.statistics.release.disagreement import keep_believed_facts, left_out_for, odd_facts
from register.statistics.release.grains import grain_for, instead_for
from register.statistics.release.ledger import Ledger, OutsideFact, Where, where
from register.statistics.release.release import CARIBBEAN, CARIBBEAN_AREA, Cell, Marker, Release, Signed
from register.statistics.rules.membership import MEMBERSHIP_MAX, membership_rate
from register.statistics.rules.rounding import Seeds, round_table
from register.statistics.tables import ALL, TOTAL, Spot, Table, add_tables
from schemas.canonical import dumps_plain
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release as it would be, and what stands against it.

    Attributes:
        release: always made; what R5 refuses is already withheld in it.
        withheld: R5's reasons, by which the Caribbean figures or the inner ones are withheld; which countries are not
            reported, since their contribution was made under other rules; and which figures that a country states
            are left out, since its own contribution says that they cannot be.
        refusals: R6 and R7: with any of them the release must not be approved.
    """

    release: Release
    withheld: tuple[Refusal, ...]
    refusals: tuple[Refusal, ...]


def assemble_release(
    catalogue: Catalogue,
    definition: Definition,
    tier: Tier,
    of: Period,
    received: Sequence[tuple[Contribution, str]],
    ledger: Ledger,
) -> Candidate:
    """Make the regional release of one table, tier and period.

    Args:
        catalogue: the registered tables.
        definition: of the table.
        tier: WORKING_GROUP or PUBLIC.
        of: the period.
        received: contributions with their countries' signatures, at most one a country; the order does not matter.
        ledger: earlier releases and public facts, the same on every node.

    Raises:
        ContributionRefused: a contribution is to something else, or by our rules and yet not such as they make; or a
            country has two.
    """
    given = {c.country: c for c, _ in received}
    if len(given) < len(received):
        raise ContributionRefused("expected at most one contribution a country")
    parts = _select_used_parts(definition, of, given)
    received = [(c, s) for c, s in received if c.country in parts]
    view = _View(definition, tier, of, parts, ledger)
    agreed = keep_believed_facts(ledger, catalogue.tables, definition, parts.values())
    refusals: list[Refusal] = []
    for _, part in sorted(parts.items()):
        refusals += regional_rules.one_draw(part, ledger)
        refusals += regional_rules.check_attack(definition, part, agreed, catalogue.tables)
    cells = [cell for country in Partition if country is not Partition.NL for cell in view.country(country)]
    region, withheld, coverage = view.region()
    refusals += view.membership()
    release = Release(
        tier=tier,
        table_id=definition.id,
        version=definition.version,
        period=of,
        revision=sum(part.revision for part in parts.values()),
        ruleset=RULESET,
        catalogue=definition.fingerprint,
        population=definition.population.name,
        base=_printed_base(definition, tier),
        coverage=coverage,
        cells=(*cells, *region, *view.country(Partition.NL)),
        contributions=tuple(Signed(c.country, c.digest, s) for c, s in sorted(received, key=lambda r: r[0].country)),
        instead=tuple(
            (c, s)
            for c, p in sorted(parts.items())
            if (s := _find_table_instead(catalogue, definition, tier, p)) is not None
        ),
    )
    silent = left_out(sorted(given.keys() - parts.keys()))
    return Candidate(release, (*silent, *view.disagreeing(), *withheld), tuple(refusals))


def _find_table_instead(catalogue: Catalogue, definition: Definition, tier: Tier, part: Contribution) -> str | None:
    """What a country's figures do allow tells how many there are: the public learns it from those who signed."""
    if tier is Tier.PUBLIC and not part.signs_public:
        return None
    return instead_for(catalogue.tables, definition, part, tier)


def _select_used_parts(
    definition: Definition, of: Period, parts: Mapping[Partition, Contribution]
) -> dict[Partition, Contribution]:
    """The parts that this release can be made of; raises for one that has no business here at all."""
    for part in parts.values():
        if (part.table_id, part.version, part.period) != (definition.id, definition.version, of):
            raise ContributionRefused(f"{part.country}: expected a contribution to {definition.name} {of}")
    used = {country: part for country, part in parts.items() if not is_of_other_rules(definition, part)}
    for part in used.values():
        if (why := find_misshape(definition, part)) is not None:
            raise ContributionRefused(why)
    return used


class _View:
    """One release in the making."""

    def __init__(
        self, definition: Definition, tier: Tier, of: Period, parts: Mapping[Partition, Contribution], ledger: Ledger
    ) -> None:
        self._definition, self._tier, self._of, self._parts, self._ledger = definition, tier, of, parts, ledger
        self._shape = _build_empty_table(definition, parts.values())
        self._is_exact = definition.population.unit.is_exact

    def country(self, country: Partition) -> list[Cell]:
        """A country's own figures as this tier sees them."""
        part = self._parts.get(country)
        facts = self._ledger.facts_about(self._definition, country, self._of)
        odd = self._odd(country)
        full, total = self._own(part)
        cells = []
        for spot in self._shape.spots():
            row, column = self._names(spot)
            fact = facts.get(where(self._definition, self._shape, spot))
            if fact is not None and fact.where in odd:
                cells.append(Cell(country.value, row, column, None, Marker.WITHHELD))
            elif fact is not None:
                cells.append(Cell(country.value, row, column, fact.value, Marker.AS_PUBLISHED))
            else:
                cells.append(self._figure(country.value, spot, part, full, total))
        return cells

    def disagreeing(self) -> list[Refusal]:
        """Which published figures are left out, and what their countries contributed."""
        return [
            left_out_for(self._definition, part, fact)
            for country, part in sorted(self._parts.items())
            for _, fact in sorted(self._odd(country).items(), key=lambda one: sorted(one[0]))
        ]

    def _odd(self, country: Partition) -> dict[Where, OutsideFact]:
        """By the parts and figures that the release names, and nothing else: made again later it is the same."""
        part = self._parts.get(country)
        facts = self._ledger.facts_about(self._definition, country, self._of)
        return odd_facts(self._definition, part, facts.values()) if part is not None else {}

    def _grain(self, part: Contribution) -> Grain:
        return grain_for(self._definition, part, self._tier)

    def _own(self, part: Contribution | None) -> tuple[Table | None, int | None]:
        """The table and the total that a tier may see of a country, in the tier's base."""
        if part is None or (self._tier is Tier.PUBLIC and not part.signs_public):
            return None, None
        grain = self._grain(part)
        table = part.table if grain is Grain.FULL else None
        total = part.total if grain in {Grain.FULL, Grain.TOTAL} else None
        if self._tier is Tier.WORKING_GROUP or self._is_exact or total is None:
            return table, total
        coarse = self._coarser(table or Table.only_total(total), part.country.value)
        return (coarse if table is not None else None), coarse.total

    def _figure(self, area: str, spot: Spot, part: Contribution | None, full: Table | None, total: int | None) -> Cell:
        row, column = self._names(spot)
        if part is None or self._grain(part) is Grain.NOT_COLLECTED:
            return Cell(area, row, column, None, Marker.NOT_REPORTED)
        if full is not None:
            if (row != ALL and row not in full.rows) or (column != ALL and column not in full.columns):
                return Cell(area, row, column, None, Marker.NOT_APPLICABLE)
            value = full.at(_find_spot(full, row, column))
            return self._printed(area, row, column, value, parts=1)
        if spot == TOTAL and total is not None:
            return self._printed(area, row, column, total, parts=1)
        if spot == TOTAL and (pooled := self._pooled(part)) is not None:
            return replace(self._printed(area, row, column, pooled, parts=1), marker=Marker.POOLED)
        return Cell(area, row, column, None, Marker.WITHHELD)

    def _pooled(self, part: Contribution) -> int | None:
        """The total of three years, for a tier that is down to it, in the tier's base."""
        if self._grain(part) is not Grain.POOLED or part.pooled is None:
            return None
        if self._tier is Tier.WORKING_GROUP:
            return part.pooled
        if not part.signs_public:
            return None
        return self._coarser(Table.only_total(part.pooled), part.country.value, self._of.pooled()).total

    def region(self) -> tuple[list[Cell], list[Refusal], tuple[Partition, ...]]:
        """The Caribbean sums, why they are withheld if they are, and who is in them.

        A total is over the same countries as its rows, or the rows would not add up to it: over those whose whole
        table is shown, where rows are; else over all whose total is.
        """
        here = [self._parts[c] for c in CARIBBEAN if c in self._parts]
        grains = {p.country: self._grain(p) for p in here}
        in_total = [p for p in here if p.total is not None and grains[p.country] in {Grain.FULL, Grain.TOTAL}]
        in_full = [p for p in in_total if p.table is not None and grains[p.country] is Grain.FULL]
        # In the public brief the sum of the rows is the total: a country that is only in the total would be their
        # difference.
        if self._tier is Tier.PUBLIC and len(in_full) < len(in_total):
            in_full = []
        no_inner = self._against(in_full, inner=True)
        inside = in_full if in_full and not no_inner else in_total
        no_total = self._against(inside, inner=False)
        total = sum(p.total or 0 for p in inside) if inside and not no_total else None
        table = add_tables([self._laid_out(p) for p in in_full]) if inside is in_full and total is not None else None
        if self._tier is Tier.PUBLIC and total is not None and not self._is_exact:
            coarse = self._coarser(table or Table.only_total(total), CARIBBEAN_AREA)
            table, total = (coarse if table is not None else None), coarse.total
        cells = []
        for spot in self._shape.spots():
            row, column = self._names(spot)
            value = total if spot == TOTAL else None if table is None else table.at(spot)
            if value is None:
                silent = not any(g is not Grain.NOT_COLLECTED for g in grains.values())
                marker = Marker.NOT_REPORTED if silent else Marker.WITHHELD
                cells.append(Cell(CARIBBEAN_AREA, row, column, None, marker))
            else:
                cells.append(self._printed(CARIBBEAN_AREA, row, column, value, parts=len(inside)))
        coverage = tuple(p.country for p in (inside if total is not None else []))
        return cells, [*no_total, *(r for r in no_inner if r not in no_total)], coverage

    def _against(self, parts: Sequence[Contribution], *, inner: bool) -> list[Refusal]:
        """R5 on the total, or on every inner figure."""
        if self._is_exact:
            return []
        hidden = [p for p in parts if not self._is_public(p)]
        if few := regional_rules.check_contributors(len(hidden)):
            return few
        if not inner:
            return regional_rules.check_dominance([p.total or 0 for p in hidden], self._definition.population.base)
        tables = [self._laid_out(p) for p in hidden]
        return next(
            (
                found
                for spot in self._shape.spots()
                if (
                    found := regional_rules.check_dominance(
                        [t.at(spot) for t in tables], self._definition.population.base
                    )
                )
            ),
            [],
        )

    def _is_public(self, part: Contribution) -> bool:
        """The country's figure is out already: published by itself, or printed as a row of its own in the brief."""
        if frozenset() in self._ledger.facts_about(self._definition, part.country, self._of):
            return True
        return self._tier is Tier.PUBLIC and part.signs_public

    def membership(self) -> list[Refusal]:
        """R7 in the public brief, for persons: nobody learns from it whether somebody is counted (A8)."""
        if self._tier is not Tier.PUBLIC or self._definition.population.unit is not Unit.PERSONS:
            return []
        cells, _, coverage = self.region()
        base = self._definition.population.base
        for cell in cells:
            if cell.value is None:
                continue
            tables = [self._parts[c] for c in coverage]
            seen = [p.total or 0 if cell.row == cell.column == ALL else self._at(p, cell) for p in tables]
            if membership_rate(seen, base, PUBLIC_BASE) > MEMBERSHIP_MAX:
                return [
                    Refusal(
                        Rule.ATTACK,
                        "membership-shown",
                        "Who knows all others in a country could tell from a public figure whether one more is in it.",
                        "A coarser table, a longer period, or more countries in the sum.",
                    )
                ]
        return []

    def _at(self, part: Contribution, cell: Cell) -> int:
        laid_out = self._laid_out(part)
        return laid_out.at(_find_spot(laid_out, cell.row, cell.column))

    def _laid_out(self, part: Contribution) -> Table:
        """A country's table on the headings of the release; a row it does not keep counts nothing."""
        table = part.table or Table.only_total(part.total or 0)
        cells = tuple(
            tuple(
                table.at(_find_spot(table, row, column)) if row in table.rows and column in table.columns else 0
                for column in self._shape.columns
            )
            for row in self._shape.rows
        )
        return Table(self._shape.rows, self._shape.columns, cells)

    def _coarser(self, table: Table, area: str, of: Period | None = None) -> Table:
        """Round what is published on to base 5: a function of published figures, so it tells nothing new.

        The total has its own seed from population, period and figure, so that all tables of a population agree.
        """
        if self._definition.population.base == PUBLIC_BASE:
            return table
        about = ["public", area, self._definition.population.name, str(of or self._of)]
        return round_table(
            table,
            PUBLIC_BASE,
            Seeds(
                table=hashlib.sha256(dumps_plain([*about, self._definition.name, table.cells])).digest(),
                total=hashlib.sha256(dumps_plain([*about, table.total])).digest(),
            ),
        )

    def _printed(self, area: str, row: str, column: str, value: int, *, parts: int) -> Cell:
        if self._is_exact:
            return Cell(area, row, column, value, Marker.EXACT)
        base = self._definition.population.base
        again = PUBLIC_BASE - 1 if self._tier is Tier.PUBLIC and base != PUBLIC_BASE else 0
        return Cell(area, row, column, value, Marker.ROUNDED, reach=parts * (base - 1) + again)

    def _names(self, spot: Spot) -> tuple[str, str]:
        row = ALL if spot.row is None else self._shape.rows[spot.row]
        return row, ALL if spot.column is None else self._shape.columns[spot.column]


def _printed_base(definition: Definition, tier: Tier) -> int:
    base = definition.population.base
    return base if tier is Tier.WORKING_GROUP or base == 1 else PUBLIC_BASE


def _find_spot(table: Table, row: str, column: str) -> Spot:
    return Spot(
        None if row == ALL else table.rows.index(row),
        None if column == ALL else table.columns.index(column),
    )


def _build_empty_table(definition: Definition, parts: Iterable[Contribution]) -> Table:
    """The headings of all contributors together, in the catalogue's order, without figures."""
    if len(definition.variables) > len(Spot._fields):
        return Table.only_total(0)
    kept = {name for part in parts if part.table for name in (*part.table.rows, *part.table.columns)}
    rows, columns = definition.headings(kept)
    return Table(rows, columns, tuple((0,) * len(columns) for _ in rows))
