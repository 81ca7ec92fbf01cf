"""One registered table as its owner sees it: exact, all rows, and for each tier whether it may travel and why not.

Pure. What it says of travelling is the owner's own verdict (R1 to R4) on the rows that the country shares; the region
may still refuse a release (R5, R7).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final, Literal, assert_never

from register.domain.statistics.rows import KeptRow
from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition, RowNotKept, Tier
from register.statistics.owner.filling import Counts, figures_of_period
from register.statistics.owner.kept_rows import kept_codes
from register.statistics.owner.owner import SHARED, judge_table, printed_table
from register.statistics.period import Period
from register.statistics.refusals import Refusal, Rule
from register.statistics.rules import rules
from register.statistics.tables import ALL, Table
from schemas.statistics.owner import Heading, RegisteredRow, RegisteredTable, TierVerdict, WhyNot

FLAG_BELOW: Final = 5
"""A cell from 1 to 4 is shown exact to its owner and marked: it travels only rounded (statistics.md 7)."""
_LANGUAGE: Final = "en"
Travels = Literal["exact", "rounded", "no"]


def owner_tables(
    counts: Counts,
    of: Period,
    *,
    catalogue: Catalogue,
    kept: Sequence[KeptRow],
    today: date,
    key: bytes,
    populations: Collection[str] | None = None,
) -> tuple[RegisteredTable, ...]:
    """Every registered table of one year (not those of several), in the catalogue's order.

    Args:
        counts: of the country.
        of: a year.
        catalogue: the registered tables.
        kept: optional rows that the country has declared to keep, and since when.
        today: by the owner's calendar.
        key: the owner's rounding key: a threshold is decided on the total as it would be printed.
        populations: what is counted in the tables to give; all if None.
    """
    return tuple(
        _build_view(definition, of, counts, catalogue, kept, today, key)
        for definition in catalogue
        if definition.years == of.years and (populations is None or definition.population.name in populations)
    )


def _build_view(
    definition: Definition,
    of: Period,
    counts: Counts,
    catalogue: Catalogue,
    kept: Sequence[KeptRow],
    today: date,
    key: bytes,
) -> RegisteredTable:
    every = frozenset(row for one in catalogue for row in one.optional_rows)
    figures = figures_of_period(counts, definition, of, kept=every, catalogue=catalogue)
    total = figures.total
    verdicts = () if total is None else _judge_tiers(definition, of, counts, catalogue, kept, today, key)
    travels: dict[str, Travels] = {one.tier: one.travels for one in verdicts}
    return RegisteredTable(
        id=definition.id,
        version=definition.version,
        title=definition.title[_LANGUAGE],
        population=definition.population.name,
        unit=definition.population.unit.value,
        period_rule=definition.period_rule,
        filled_by=definition.filled_by,
        collected=total is not None,
        total=total,
        columns=_list_columns(definition, figures.exact),
        rows=() if figures.exact is None else _list_rows(definition, figures.exact, travels),
        verdicts=verdicts,
    )


def _judge_tiers(
    definition: Definition,
    of: Period,
    counts: Counts,
    catalogue: Catalogue,
    kept: Sequence[KeptRow],
    today: date,
    key: bytes,
) -> tuple[TierVerdict, ...]:
    try:
        codes = kept_codes(kept, definition, of)
        shared = figures_of_period(counts, definition, of, kept=codes, catalogue=catalogue).exact
        unkept = []
        printed = None if shared is None else printed_table(key, definition, of, shared)
    except RowNotKept:
        printed, unkept = None, [_NOT_KEPT]
    found = []
    for tier in SHARED:
        why = [*unkept, *rules.check_period(definition, tier, of, today), *judge_table(definition, tier, printed)]
        found.append(
            TierVerdict(
                tier=_name_tier(tier),
                travels="no" if why else "exact" if definition.population.base == 1 else "rounded",
                why=tuple(WhyNot(rule=w.rule.value, code=w.code, says=w.says, would_pass=w.would_pass) for w in why),
            )
        )
    return tuple(found)


_NOT_KEPT: Final = Refusal(
    Rule.CATALOGUE,
    "row-not-kept",
    "A record belongs in a row that the country has not declared to keep.",
    "Declare the row, from the next open period on.",
)


def _name_tier(tier: Literal[Tier.WORKING_GROUP, Tier.PUBLIC]) -> Literal["W", "P"]:
    match tier:
        case Tier.WORKING_GROUP:
            return "W"
        case Tier.PUBLIC:
            return "P"
        case _:
            assert_never(tier)


def _list_columns(definition: Definition, exact: Table | None) -> tuple[Heading, ...]:
    if exact is None or exact.columns == (ALL,):
        return ()
    words = definition.variables[1].codes
    return tuple(Heading(code=code, label=words[code][_LANGUAGE]) for code in exact.columns)


def _list_rows(definition: Definition, exact: Table, travels: dict[str, Travels]) -> tuple[RegisteredRow, ...]:
    if exact.rows == (ALL,):
        return ()
    words = definition.variables[0].codes
    return tuple(
        RegisteredRow(
            row=row,
            label=words[row][_LANGUAGE],
            cells=cells,
            total=sum(cells),
            flagged=not definition.population.unit.is_exact and any(0 < cell < FLAG_BELOW for cell in cells),
            travels=travels,
        )
        for row, cells in zip(exact.rows, exact.cells, strict=True)
    )
