"""The attacks A1 to A10: what readers of a release could try, run against it with the truth at hand.

The owner and the drill have the truth; a node without it runs R7, which is the same computation. A small cell is a
figure from 1 to 4; it is recovered when an attack leaves only its true value. Every attack also runs on tables that
are not protected, or protected by suppression: there it must succeed (A10), else it proves nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from register.statistics.deduction import (
    ENDLESS,
    SMALL,
    Bounds,
    Contradiction,
    Interval,
    combine_bounds,
    derive_differences,
    derive_ranges,
    of_rounded,
    places_of_update,
)
from register.statistics.definition import Definition
from register.statistics.release.release import Marker, Release
from register.statistics.rules.rules import given_away
from register.statistics.rules.suppression import K
from register.statistics.tables import TOTAL, Spot, Table

CANDIDATES_MIN: Final = 5
"""After an update by one record at least so many cells must still be possible, or all there are."""


_OTHERS_ALIKE: Final = 1
"""So many members may be in another category, and the group still counts as all alike."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an attack came to.

    Attributes:
        attack: A1 to A10.
        attacked: small cells it was tried on.
        recovered: how many it found.
    """

    attack: str
    attacked: int
    recovered: int


def a1_interval(truth: Table, published: Table, base: int) -> Finding:
    """A1: every figure within the base of the printed one, and the table adds up."""
    return score_bounds("A1", truth, derive_ranges(published, of_rounded(published, base)))


def a2_rule_aware(definition: Definition, truth: Table, published: Table, base: int) -> Finding:
    """A2: the same, by a reader who knows what the rules let through: density, and that no group is all alike."""
    known = combine_bounds(of_rounded(published, base), given_away(definition, published))
    return score_bounds("A2", truth, derive_ranges(published, known))


def a2_homogeneity(
    finer: Definition, truth: Table, published: Table, coarser: Definition, *, on_exact: bool = False
) -> Finding:
    """A2 by who sees a one-way table, and not the coarser grouping of its variable although that is dense: R4 spoke.

    Each coarser row may be the one that nearly all are in; what every such guess leaves open is all that is known.

    Args:
        finer: the table that is shown, of persons.
        truth: it exactly.
        published: it as printed.
        coarser: the registered table that is withheld.
        on_exact: R4 was asked of exact counts, as it once was: one other at most. That is the planted control.
    """
    base = finer.population.base
    others = Interval(0, _OTHERS_ALIKE if on_exact else base - 1)
    row_of = coarser_rows(finer, coarser)
    shape = Table(
        tuple(sorted(set(row_of.values()))),
        published.rows,
        tuple((0,) * len(published.rows) for _ in set(row_of.values())),
    )
    margins = of_rounded(published, base)
    printed: dict[Spot, Interval] = {TOTAL: margins[TOTAL]}
    for column, row in enumerate(published.rows):
        printed[Spot(None, column)] = margins[Spot(column, 0)]
        printed |= {Spot(i, column): Interval(0, 0) for i, name in enumerate(shape.rows) if name != row_of[row]}
    guesses: list[Mapping[Spot, Interval]] = []
    for nearly_all in range(len(shape.rows)):
        alike = {Spot(i, None): others for i in range(len(shape.rows)) if i != nearly_all}
        with suppress(Contradiction):
            guesses.append(derive_ranges(shape, combine_bounds(printed, alike)))
    small = [s for s in truth.inner_spots() if 1 <= truth.at(s) <= SMALL]
    found = [{guess[Spot(None, s.row)] for guess in guesses} for s in small]
    return Finding("A2", len(small), sum(len(one) == 1 and next(iter(one)).is_exact for one in found))


def coarser_rows(finer: Definition, coarser: Definition) -> dict[str, str]:
    """Which row of a coarser grouping of one variable holds each row of a finer one."""
    one, other = finer.variables[0], coarser.variables[0]
    rows = {one.row_of[code]: other.row_of[code] for code in one.row_of if code in other.row_of}
    if one.rest is not None and other.rest is not None:
        rows[one.rest] = other.rest
    return rows


def a3_differencing(truth: Mapping[str, int], views: Sequence[tuple[frozenset[str], Interval]]) -> Finding:
    """A3: differences of all nested unions and sums of disjoint ones.

    Args:
        truth: the true count of each smallest cell.
        views: which smallest cells each published figure adds up, and what is published of it.
    """
    small = recovered = 0
    for atoms, interval in derive_differences(views).items():
        if 1 <= sum(truth[atom] for atom in atoms) <= SMALL:
            small += 1
            recovered += interval.is_exact
    return Finding("A3", small, recovered)


def a4_update(before: tuple[Table, int], after: tuple[Table, int]) -> int:
    """A4: how many cells may have gained the one record that two releases differ by."""
    return len(places_of_update(before, after))


def a5_redraw(draw: Callable[[], bytes], times: int = 100) -> bool:
    """A5: whether drawing again, also after a restore, gives the same bytes each time."""
    return len({draw() for _ in range(times)}) == 1


def a6_joint(truth: Table, published: Table, base: int, known: Bounds, public: Bounds) -> Finding:
    """A6: jointly with linked releases and public figures; what those alone give away is not counted."""
    alone = derive_ranges(published, public)
    small = [s for s in published.spots() if 1 <= truth.at(s) <= SMALL and not alone[s].is_exact]
    found = derive_ranges(published, combine_bounds(of_rounded(published, base), known, public))
    return Finding("A6", len(small), sum(found[s].is_exact for s in small))


def a7_insider(truths: Mapping[str, Table], published: Mapping[str, Table], base: int, insider: str) -> Finding:
    """A7: a country that knows its own figures exactly works on the others and on the sum of all.

    Args:
        truths: exact one-way tables by country, on the same headings.
        published: the same, rounded.
        base: of the rounding.
        insider: which country attacks; its own key tells it nothing of the others' draws.
    """
    countries = tuple(published)
    shape = Table(countries, published[insider].rows, tuple(published[c].row_totals for c in countries))
    truth = Table(countries, shape.columns, tuple(truths[c].row_totals for c in countries))
    bounds: dict[Spot, Interval] = {}
    for i, country in enumerate(countries):
        for j in range(len(shape.columns)):
            printed, exact = shape.cells[i][j], truth.cells[i][j]
            own = country == insider
            bounds[Spot(i, j)] = Interval(exact, exact) if own else _derive_interval(printed, base)
        bounds[Spot(i, None)] = _derive_interval(sum(shape.cells[i]), base)
    for j, printed in enumerate(shape.column_totals):
        bounds[Spot(None, j)] = Interval(
            max(0, printed - len(countries) * (base - 1)), printed + len(countries) * (base - 1)
        )
    found = derive_ranges(shape, bounds)
    small = [s for s in found if s.row is not None and countries[s.row] != insider and 1 <= truth.at(s) <= SMALL]
    return Finding("A7", len(small), sum(found[s].is_exact for s in small))


def a9_bytes(files: Mapping[str, bytes], secrets: Sequence[bytes]) -> list[str]:
    """A9: the files that hold a secret in any usual spelling; none must.

    Args:
        files: every output by name.
        secrets: keys, seeds, hashes of exact tables.
    """
    # Once each: true tables that are alike have one hash, and most base64 is the same in both alphabets.
    spelled = {form for secret in secrets for form in _list_spellings(secret)}
    return [name for name, data in files.items() if any(form in data for form in spelled)]


def a9_values(release: Release) -> list[tuple[str, str, str]]:
    """A9: printed figures that are neither rounded, nor published by the country itself, nor about the work."""
    return [
        (c.area, c.row, c.column)
        for c in release.cells
        if c.value is not None
        and c.marker in {Marker.ROUNDED, Marker.POOLED}
        and (release.base == 1 or c.value % release.base)
    ]


def suppress_small_cells(truth: Table) -> Bounds:
    """A10: the textbook's protection: cells below K and one more in each row and column marked, all else exact.

    The second marks are the smallest unmarked non-zero figure of the line. The reader knows the rules: what is marked
    is not zero.
    """
    marked = {s for s in truth.inner_spots() if 0 < truth.at(s) < K}
    lines = [[Spot(i, j) for j in range(len(truth.columns))] for i in range(len(truth.rows))]
    lines += [[Spot(i, j) for i in range(len(truth.rows))] for j in range(len(truth.columns))]
    for line in [ln for ln in lines if len(ln) > 1]:
        rest = sorted((truth.at(s), s) for s in line if s not in marked and truth.at(s))
        if len(marked.intersection(line)) == 1 and rest:
            marked.add(rest[0][1])
    marked_bound = Interval(1, ENDLESS)
    return {s: marked_bound if s in marked else Interval(truth.at(s), truth.at(s)) for s in truth.spots()}


def score_bounds(attack: str, truth: Table, found: Bounds) -> Finding:
    """Count the small figures of a table, and those whose range is one number."""
    small = [spot for spot in found if 1 <= truth.at(spot) <= SMALL]
    return Finding(attack, len(small), sum(found[spot].is_exact for spot in small))


def _derive_interval(printed: int, base: int) -> Interval:
    return Interval(max(0, printed - base + 1), printed + base - 1)


def _list_spellings(secret: bytes) -> tuple[bytes, ...]:
    text = secret.hex()
    return (
        secret,
        text.encode(),
        text.upper().encode(),
        base64.b64encode(secret).rstrip(b"="),
        base64.urlsafe_b64encode(secret).rstrip(b"="),
    )
