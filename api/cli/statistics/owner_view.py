"""The owner's registered tables as people read them on a terminal: filled ones whole, the others by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.cli.frame.terminal import Table

if TYPE_CHECKING:
    from schemas.statistics.owner import OwnerStatistics, RegisteredTable, TierVerdict

_TIERS: Final = {"W": "working group", "P": "public brief"}
_ALREADY: Final = frozenset({"notifications-by-source", "notifications-by-channel", "notifications-by-type"})
"""Printed above, as the national contact point prints them: here only how they travel."""


def registered(figures: OwnerStatistics) -> list[str | Table]:
    """Every registered table of the year, with how it travels."""
    parts: list[str | Table] = []
    for table in figures.registered:
        if not table.collected:
            continue
        if table.id in _ALREADY or not table.rows or not table.total:
            parts.append(f"{table.title}: {table.total} ({_describe_travel(table)})")
        else:
            parts.append(_build_table(table))
    missing = [table.title for table in figures.registered if not table.collected]
    if missing:
        parts.append(f"Not collected (..), which is not 0: {'; '.join(missing)}.")
    return parts


def _build_table(table: RegisteredTable) -> Table:
    title = f"{table.title} ({_describe_travel(table)})"
    if table.columns:
        heads = ("", *(c.label for c in table.columns), "total", "flag")
        rows = [(r.label, *r.cells, r.total, "*" if r.flagged else "") for r in table.rows]
        sums = [sum(r.cells[i] for r in table.rows) for i in range(len(table.columns))]
        return Table(title, heads, [*rows, ("total", *sums, table.total, "")], frozenset(heads[1:-1]))
    lines = [(r.label, r.total, "*" if r.flagged else "") for r in table.rows]
    return Table(title, ("", "number", ""), [*lines, ("total", table.total, "")], frozenset({"number"}))


def _describe_travel(table: RegisteredTable) -> str:
    return "; ".join(_describe_verdict(one) for one in table.verdicts)


def _describe_verdict(one: TierVerdict) -> str:
    why = f" ({', '.join(f'{w.rule} {w.code}' for w in one.why)})" if one.why else ""
    return f"{_TIERS[one.tier]}: {one.travels}{why}"
