"""Made-up figures and contributions for the tests of the statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Definition, Tier
from register.statistics.owner.owner import Figures, Outcome, contribute
from register.statistics.period import Period
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.release.grains import grain_for, instead_for
from register.statistics.tables import Table
from schemas.codes import Partition

CATALOGUE = default_catalogue()
TODAY = date(2024, 3, 1)
YEAR = Period(2023)


def key_of(country: Partition) -> bytes:
    return country.value.encode() * 16


def table(table_id: str) -> Definition:
    return CATALOGUE.tables[table_id]


def counts(definition: Definition, values: Sequence[int] | Sequence[Sequence[int]]) -> Table:
    """A table of a definition from its cells in print order; optional rows are left out."""
    rows, columns = definition.headings()
    lines = tuple(tuple(v) if isinstance(v, Sequence) else (v,) for v in values)
    return Table(rows, columns, lines)


def outcome(
    table_id: str,
    country: Partition,
    exact: Table | None,
    *,
    of: Period = YEAR,
    coarser: Mapping[str, Table] | None = None,
    pooled_total: int | None = None,
    before: Sequence[Table] = (),
    signs_public: bool = False,
    today: date = TODAY,
) -> Outcome:
    figures = Figures(exact=exact, coarser=coarser or {}, pooled_total=pooled_total, before=before)
    return contribute(
        CATALOGUE,
        table(table_id),
        country,
        of,
        figures,
        key=key_of(country),
        today=today,
        signs_public=signs_public,
    )


def contribution(table_id: str, country: Partition, exact: Table | None, **more: object) -> Contribution:
    made = outcome(table_id, country, exact, **more).contribution  # type: ignore[arg-type]  # passed on as given
    assert made is not None
    return made


def grain(part: Contribution, tier: Tier) -> Grain:
    """How much of a contribution a tier sees."""
    return grain_for(table(part.table_id), part, tier)


def instead(part: Contribution, tier: Tier) -> str | None:
    """The coarser table that a tier reads instead."""
    return instead_for(CATALOGUE.tables, table(part.table_id), part, tier)


def by_type(*values: int) -> Table:
    return counts(table("notifications-by-type"), values)


ISLANDS = {
    Partition.AW: by_type(7, 1, 16),
    Partition.BQ: by_type(2, 0, 8),
    Partition.CW: by_type(5, 2, 9),
    Partition.SX: by_type(4, 1, 7),
}
"""Notifications by type, made up but for Aruba's."""


def contributions(tables: Mapping[Partition, Table] = ISLANDS) -> list[tuple[Contribution, str]]:
    return [(contribution("notifications-by-type", c, t), f"signed by {c}") for c, t in tables.items()]
