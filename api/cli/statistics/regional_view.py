"""Contributions and releases as people read them at the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from api.cli.frame.terminal import Table

if TYPE_CHECKING:
    from schemas.statistics.releases import (
        CellOut,
        FactOut,
        LedgerOut,
        OwnContributionOut,
        RefusalOut,
        ReleaseOut,
        ReleaseSummary,
        VerificationOut,
    )

_SHORT: Final = 12


def printed_contribution(made: OwnContributionOut) -> list[str | Table]:
    """What came of contributing, for people."""
    one = made.contribution
    word = "Contributed" if made.is_new else "Contributed before, the same"
    parts: list[str | Table] = [
        f"{word}: {one.table} {one.period}, revision {one.revision}, rounded to {one.base}.",
        Table("Shown", ("tier", "how much", "instead"), [(t, s.grain, s.instead) for t, s in one.shown.items()]),
    ]
    if one.cells is not None and one.rows is not None:
        cells = [(row, *line) for row, line in zip(one.rows, one.cells, strict=True)]
        columns = ("", *(one.columns or ()))
        parts.append(Table("As it leaves the country", columns, cells, frozenset(columns[1:])))
    for tier, refusals in made.refusals.items():
        parts += _list_refusals(f"Why tier {tier} does not see all of it", refusals)
    return parts + _list_refusals("Made coarser, since the attack said", made.stepped_down)


def printed_release(one: ReleaseOut) -> list[str | Table]:
    """A release for people: its figures, what is withheld, and what the attack came to."""
    areas = list(dict.fromkeys(c.area for c in one.cells))
    spots = list(dict.fromkeys((c.row, c.column) for c in one.cells))
    at = {(c.area, c.row, c.column): c for c in one.cells}
    rows = [(_name_spot(*spot), *(_write_figure(at[area, *spot]) for area in areas)) for spot in spots]
    what = f"{one.table} {one.period}, tier {one.tier}, revision {one.revision}"
    title = f"{what}: {one.state}, {one.approvals} approvals, hash {one.digest}"
    parts: list[str | Table] = [
        title,
        Table(f"Rounded to {one.base}; Caribbean: {', '.join(one.coverage) or 'none'}", ("", *areas), rows,
              frozenset(areas)),
    ]  # fmt: skip
    if one.instead:
        parts.append("Read instead: " + ", ".join(f"{i.country} {i.table}" for i in one.instead))
    parts += _list_refusals("Withheld in the region", one.withheld)
    if one.attacks is not None:
        tried = [(a.attack, a.attacked, a.recovered) for a in one.attacks]
        parts.append(Table("Attacks", ("attack", "tried", "worked out"), tried, frozenset({"tried", "worked out"})))
        parts += _list_refusals("Refused", one.refusals or ())
    return [*parts, "c withheld, - row not kept, .. not reported, ! as published"]


def printed_verification(found: VerificationOut) -> list[str | Table]:
    """What a node makes of a release, for people."""
    how = "drafted here" if found.held else "made of the newest contributions here"
    parts: list[str | Table] = [
        f"{'Holds' if found.holds else 'DIFFERS'}: {found.digest}",
        f"This node computes {found.computed} ({how}).",
    ]
    if found.unsigned:
        parts.append(f"No good signature: {', '.join(found.unsigned)}.")
    if found.agree:
        parts.append(f"Frozen with the same hash by: {', '.join(found.agree)}.")
    parts += [f"Frozen with another hash by {one.country}: {one.digest}" for one in found.differ]
    return parts


def printed_ledger(known: LedgerOut) -> list[str | Table]:
    """The ledger for people."""
    rows = [(c.country, c.table, c.period, c.revision, c.shown["W"].grain if "W" in c.shown else "", c.total)
            for c in known.contributions]  # fmt: skip
    heads = ("country", "table", "period", "revision", "shown", "total")
    return [
        Table("Contributions", heads, rows, frozenset({"revision", "total"})),
        facts(known.facts),
        Table("Linked tables", ("table", "share its population"), [(t, ", ".join(o)) for t, o in known.linked.items()]),
    ]


def listed(items: tuple[ReleaseSummary, ...]) -> Table:
    """All releases of a register, one a line."""
    rows = [(o.digest[:_SHORT], o.tier, o.table, o.period, o.revision, o.state, o.approvals) for o in items]
    heads = ("hash", "tier", "table", "period", "revision", "state", "approvals")
    return Table("Releases", heads, rows, frozenset({"revision", "approvals"}))


def facts(found: Sequence[FactOut]) -> Table:
    """Published figures, one a line."""
    rows = [(f.country, f.population, f.period, ", ".join(f"{v}={r}" for v, r in f.where.items()) or "total", f.value,
             f.source) for f in found]  # fmt: skip
    heads = ("country", "population", "period", "which", "value", "source")
    return Table("As published by the countries", heads, rows, frozenset({"value"}))


def _list_refusals(title: str, refusals: tuple[RefusalOut, ...]) -> list[str | Table]:
    if not refusals:
        return []
    rows = [(r.rule, r.says, r.would_pass) for r in refusals]
    return [Table(title, ("rule", "says", "what would make it pass"), rows)]


def _name_spot(row: str, column: str) -> str:
    if row == column == "ALL":
        return "total"
    return row if column == "ALL" else f"{row} / {column}"


def _write_figure(cell: CellOut) -> str:
    if cell.value is None:
        return cell.marker
    return f"{cell.value}!" if cell.marker == "as-published" else str(cell.value)
