"""The attacks A1 to A7 on a candidate release, by what its readers have: the form of the harness without the truth.

A figure is worked out when only one number is left, that number is not zero, and what is public does not say it
anyhow. The country that runs this adds its own exact figures, as an insider would (A7), and redraws its own table (A5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from register.statistics.attacks import harness
from register.statistics.attacks.harness import CANDIDATES_MIN, Finding
from register.statistics.deduction import (
    Bounds,
    Contradiction,
    Interval,
    combine_bounds,
    derive_differences,
    derive_ranges,
    exact_spots,
    of_rounded,
    places_of_update,
)
from register.statistics.definition import Definition
from register.statistics.period import Period
from register.statistics.release import regional_rules
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.release.disagreement import keep_believed_facts
from register.statistics.release.grains import grain_for
from register.statistics.release.ledger import Ledger, Where, where
from register.statistics.release.release import CARIBBEAN_AREA, Release
from register.statistics.rules.rules import given_away
from register.statistics.tables import ALL, TOTAL, Spot, Table
from schemas.codes import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Insider:
    """What the attacking node has of its own.

    Attributes:
        country: whose node it is.
        exact: its exact table; None where it is not held.
        redraw: draws its table again and gives the bytes; None where nothing can be drawn.
    """

    country: Partition
    exact: Table | None = None
    redraw: Callable[[], bytes] | None = None


def attack_candidate(
    definition: Definition,
    release: Release,
    parts: Sequence[Contribution],
    ledger: Ledger,
    tables: Mapping[str, Definition],
    *,
    assembled: Callable[[], bytes],
    insider: Insider,
) -> list[Finding]:
    """Run A1 to A7; a finding's `recovered` must be 0.

    Args:
        definition: of the table.
        release: the candidate, whose Caribbean figures are taken as they are printed.
        parts: the contributions of the release, in order of country.
        ledger: all that is known; what countries state against their own contributions tells no attacker anything.
        tables: registered tables by id.
        assembled: makes the candidate's bytes again.
        insider: the node's own knowledge.
    """
    if definition.population.unit.is_exact:
        # Figures about the work are printed exact on purpose: there is nothing to work out.
        return [Finding("A5", 1, not harness.a5_redraw(assembled, times=3))]
    ledger = keep_believed_facts(ledger, tables, definition, parts)
    shown = {part.country: _find_shown_table(part) for part in parts}
    views = [(part, table) for part in parts if (table := shown[part.country]) is not None]
    return [
        _attack_alone("A1", definition, views, ledger, lambda part, table: of_rounded(table, part.base)),
        _attack_alone(
            "A2",
            definition,
            views,
            ledger,
            lambda part, table: combine_bounds(of_rounded(table, part.base), given_away(definition, table)),
        ),
        _attack_by_differences(definition, release, views, ledger),
        _attack_by_updates(parts, ledger),
        _attack_by_redrawing(assembled, insider),
        _attack_jointly(definition, parts, ledger, tables),
        _from_inside(definition, release, views, ledger, insider),
    ]


def count_breaches(findings: Iterable[Finding]) -> int:
    """How many figures were worked out, or tables drawn otherwise."""
    return sum(finding.recovered for finding in findings)


def _find_shown_table(part: Contribution) -> Table | None:
    if part.table is not None:
        return part.table
    return None if part.total is None else Table.only_total(part.total)


_View = tuple[Contribution, Table]


def _attack_alone(
    attack: str,
    definition: Definition,
    views: Sequence[_View],
    ledger: Ledger,
    known: Callable[[Contribution, Table], Bounds],
) -> Finding:
    tried = found = 0
    for part, table in views:
        public = _find_public_bounds(definition, part, table, ledger)
        spots = list(table.spots())
        tried += len(spots)
        try:
            found += len(exact_spots(derive_ranges(table, known(part, table)), but=derive_ranges(table, public)))
        except Contradiction:
            found += len(spots)  # a table that cannot be true is no release
    return Finding(attack, tried, found)


def _attack_by_differences(definition: Definition, release: Release, views: Sequence[_View], ledger: Ledger) -> Finding:
    """A3: every country's figure from all sums and differences of the printed ones with what is public."""
    tried = found = 0
    for name in _list_names(definition, views):
        lines = _list_known_lines(definition, release.period, name, views, ledger)
        told = [(frozenset({c.value}), interval) for c, interval, _ in lines]
        public = {frozenset({c.value}) for c, _, is_public in lines if is_public}
        if (printed := _printed_sum(definition, release, name, views)) is not None:
            told.append((frozenset(c.value for c in printed[0]), printed[1]))
        for atoms, interval in derive_differences(told).items():
            if len(atoms) == 1 and atoms not in public:
                tried += 1
                found += interval.is_exact and interval.low > 0
    return Finding("A3", tried, found)


def _list_names(definition: Definition, views: Iterable[_View]) -> set[Where]:
    return {where(definition, table, spot) for _, table in views for spot in table.spots()}


def _list_known_lines(
    definition: Definition, of: Period, name: Where, views: Iterable[_View], ledger: Ledger
) -> list[tuple[Partition, Interval, bool]]:
    """What is known of one figure by country, and whether the country has published it itself."""
    lines = []
    for part, table in views:
        spot = next((s for s in table.spots() if where(definition, table, s) == name), None)
        if spot is None:
            continue
        fact = ledger.facts_about(definition, part.country, of).get(name)
        interval = of_rounded(table, part.base)[spot] if fact is None else Interval(fact.value, fact.value)
        lines.append((part.country, interval, fact is not None))
    return lines


def _printed_sum(
    definition: Definition, release: Release, name: Where, views: Iterable[_View]
) -> tuple[frozenset[Partition], Interval] | None:
    """Who is in a Caribbean figure of the release, and what it says of their sum as it is printed there."""
    rows = dict(name)
    heads = [rows.get(variable.name, ALL) for variable in definition.variables] + [ALL, ALL]
    cell = next((c for c in release.figures(CARIBBEAN_AREA) if [c.row, c.column] == heads[:2]), None)
    if cell is None or cell.value is None:
        return None
    inside = frozenset(
        part.country
        for part, _ in views
        if part.country in release.coverage and (not name or grain_for(definition, part, release.tier) is Grain.FULL)
    )
    return inside, Interval(max(0, cell.value - cell.reach), cell.value + cell.reach)


def _attack_by_updates(parts: Sequence[Contribution], ledger: Ledger) -> Finding:
    """A4: whether a revision, taken for the change of one record, points at few cells."""
    tried = narrow = 0
    for part in parts:
        earlier = [c for c in ledger.draws(part) if c.revision == part.revision - 1]
        for before in earlier:
            if before.table is None or part.table is None or before.table.inner != part.table.inner:
                continue
            tried += 1
            left = len(places_of_update((before.table, before.base), (part.table, part.base)))
            narrow += 0 < left < min(CANDIDATES_MIN, part.table.inner)
    return Finding("A4", tried, narrow)


def _attack_by_redrawing(assembled: Callable[[], bytes], insider: Insider) -> Finding:
    """A5: the release made again, and the own table drawn again, 100 times."""
    differs = not harness.a5_redraw(assembled, times=3)
    own = insider.redraw is not None and not harness.a5_redraw(insider.redraw)
    return Finding("A5", 1 + (insider.redraw is not None), differs + own)


def _attack_jointly(
    definition: Definition, parts: Sequence[Contribution], ledger: Ledger, tables: Mapping[str, Definition]
) -> Finding:
    """A6: jointly with linked tables, other periods and published figures: rule R7 itself."""
    found = sum(bool(regional_rules.check_attack(definition, part, ledger, tables)) for part in parts)
    return Finding("A6", len(parts), found)


def _from_inside(
    definition: Definition, release: Release, views: Sequence[_View], ledger: Ledger, insider: Insider
) -> Finding:
    """A7: the own exact figures beside the others' printed ones, and the sum of all as it is printed."""
    tried = found = 0
    for name in _list_names(definition, views):
        own = _own_figure(definition, name, insider)
        lines = {
            country: (Interval(own, own) if country is insider.country and own is not None else interval, is_public)
            for country, interval, is_public in _list_known_lines(definition, release.period, name, views, ledger)
        }
        hidden = [c for c, (_, is_public) in lines.items() if c is not insider.country and not is_public]
        tried += len(hidden)
        printed = _printed_sum(definition, release, name, views)
        inside = [c for c in lines if printed is not None and c in printed[0]]
        if printed is None or not inside:
            found += sum(lines[c][0].is_exact and lines[c][0].low > 0 for c in hidden)
            continue
        shape = Table(tuple(c.value for c in inside), ("here",), tuple((0,) for _ in inside))
        bounds = {Spot(place, 0): lines[country][0] for place, country in enumerate(inside)}
        try:
            seen = derive_ranges(shape, bounds | {TOTAL: printed[1]})
        except Contradiction:
            found += len(hidden)  # a sum that cannot be true is no release
            continue
        at = {country: seen[Spot(place, 0) if len(inside) > 1 else TOTAL] for place, country in enumerate(inside)}
        known = [at.get(country, lines[country][0]) for country in hidden]
        found += sum(interval.is_exact and interval.low > 0 for interval in known)
    return Finding("A7", tried, found)


def _own_figure(definition: Definition, name: frozenset[tuple[str, str]], insider: Insider) -> int | None:
    if insider.exact is None:
        return None
    exact = insider.exact
    return next((exact.at(s) for s in exact.spots() if where(definition, exact, s) == name), None)


def _find_public_bounds(definition: Definition, part: Contribution, table: Table, ledger: Ledger) -> Bounds:
    facts = ledger.facts_about(definition, part.country, part.period)
    return {s: Interval(f.value, f.value) for s in table.spots() if (f := facts.get(where(definition, table, s)))}
