"""Counts for the statistics: grouped in the database, by topic, so that no record leaves it to be counted.

`Figures` answers by population, as the registered tables name them (register/statistics/definitions); it knows
nothing of tables, rules or rounding. It is the port `register.statistics.filling.Counts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, Protocol

import sqlalchemy as sa

from register.store.figures.exchange import Corrections, ExtractsReceived, ExtractsShared
from register.store.figures.notifications import Group, Notifications
from register.store.figures.persons import IntakesHeld, OnLadder
from register.store.figures.services import PeopleTrained, ReferralsSent, Submissions
from schemas.codes import Partition

__all__ = ["POPULATIONS", "Figures", "Group"]


class _Population(Protocol):
    def __init__(self, connection: sa.Connection, country: Partition) -> None: ...

    def count(self, first: date, last: date) -> Sequence[tuple[Mapping[str, str], int]]: ...

    def began(self) -> date | None: ...


POPULATIONS: Final[Mapping[str, type[_Population]]] = MappingProxyType(
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


class Figures:
    """The counts of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    @cached_property
    def notifications(self) -> Notifications:
        """Notifications, with what only the owner's own tables print beside them."""
        return Notifications(self._connection, self._country)

    def count(self, population: str, first: date, last: date) -> Sequence[tuple[Mapping[str, str], int]]:
        """Stored codes by variable, and how many share them, of a span of days that both count in (UTC).

        Raises:
            KeyError: no record holds such a population.
        """
        return POPULATIONS[population](self._connection, self._country).count(first, last)

    def began(self, population: str) -> date | None:
        """The day of the first record; None where there is none, or where no record holds such a population."""
        if population not in POPULATIONS:
            return None
        return POPULATIONS[population](self._connection, self._country).began()
