"""Counts for the statistics: grouped in the database, by topic, so that no record leaves it to be counted.

`Figures` answers by population, as the registered tables name them (register/statistics/definitions); it knows
nothing of tables, rules or rounding. It is the port `register.statistics.owner.filling.Counts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

import sqlalchemy as sa

from register.domain.partition import day_in
from register.store.statistics.figures.exchange import Corrections, ExtractsReceived, ExtractsShared
from register.store.statistics.figures.notifications import Group, Notifications
from register.store.statistics.figures.persons import IntakesHeld, OnLadder
from register.store.statistics.figures.services import PeopleTrained, ReferralsSent, Submissions
from schemas.codes import Partition

__all__ = ["POPULATIONS", "Figures", "Group"]


class Population(Protocol):
    """The records of one kind, of one country: two queries, which are run alone or together with others."""

    def __init__(self, country: Partition) -> None: ...

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """Stored codes in columns named by their variable, and in `how_many` how many share them.

        Args:
            first: day of the span.
            last: day of the span; both count.
        """
        ...

    def began(self) -> sa.Select[Any]:
        """One row, one column `began`: the first record's day or moment, NULL where there is none."""
        ...


POPULATIONS: Final[Mapping[str, type[Population]]] = MappingProxyType(
    {
        "corrections": Corrections,
        "extracts-received": ExtractsReceived,
        "extracts-shared": ExtractsShared,
        "intakes": IntakesHeld,
        "notifications": Notifications,
        "referrals": ReferralsSent,
        "submissions": Submissions,
        "trainings": PeopleTrained,
        "victims": OnLadder,
    }
)
"""What a record of this register holds, by the populations' names in the catalogue."""
_HOW_MANY: Final = "how_many"


class Figures:
    """The counts of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, population: str, first: date, last: date) -> Sequence[tuple[Mapping[str, str], int]]:
        """Stored codes by variable, and how many share them, of a span of days that both count in.

        Raises:
            KeyError: no record holds such a population.
        """
        query = POPULATIONS[population](self._country).groups(first, last)
        return [codes_of(dict(row)) for row in self._connection.execute(query).mappings()]

    def began(self, population: str) -> date | None:
        """The day of the first record; None where there is none, or where no record holds such a population."""
        if population not in POPULATIONS:
            return None
        began = self._connection.execute(POPULATIONS[population](self._country).began()).scalar_one()
        return first_day(self._country, began)


def codes_of(row: Mapping[str, Any]) -> tuple[Mapping[str, str], int]:
    """The codes of a row of `Population.groups`, and how many share them."""
    return {name: code for name, code in row.items() if name != _HOW_MANY}, int(row[_HOW_MANY])


def first_day(country: Partition, began: date | datetime | None) -> date | None:
    """The day of what `Population.began` found, on the calendar of the country."""
    return day_in(country, began) if isinstance(began, datetime) else began
