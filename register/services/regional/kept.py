"""Which optional rows the country prints in what it shares of a period: those it declared to keep before."""

from __future__ import annotations

from register.statistics.definition import Definition
from register.statistics.period import Period
from register.store.work import Work


def kept_codes(work: Work, definition: Definition, of: Period) -> frozenset[str]:
    """The optional rows of a table that the country keeps for the whole of the period."""
    names = {variable.base_name for variable in definition.variables}
    declared = work.statements.kept_rows()
    return frozenset(row.code for row in declared if row.variable in names and row.since <= of.first_day)
