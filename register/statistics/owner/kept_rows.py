"""Which optional rows a country prints in what it shares of a period: those it declared to keep before it began.

Declared beforehand, since a row that came and went with its figures would tell that there is one.
"""

from __future__ import annotations

from collections.abc import Iterable

from register.domain.statistics.rows import KeptRow
from register.statistics.definition import Definition
from register.statistics.period import Period


def kept_codes(declared: Iterable[KeptRow], definition: Definition, of: Period) -> frozenset[str]:
    """Return the optional rows of a table that the country keeps for the whole of the period."""
    names = {variable.base_name for variable in definition.variables}
    return frozenset(row.code for row in declared if row.variable in names and row.since <= of.first_day)
