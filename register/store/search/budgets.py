"""How many questions were asked today: by person, case and organisation. Opaque references and counts, no question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.store.models.access import search_spent
from register.store.running.rls import child_name
from schemas.codes import Partition

KEPT: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Purse:
    """What one question is taken from.

    Attributes:
        budget: of whom: `person`, `case`, `organisation` or `own`.
        name: whose; opaque.
        most: questions a day.
    """

    budget: str
    name: str
    most: int


class SearchBudgets:
    """The questions of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def spend(self, purses: list[Purse], day: date) -> tuple[Purse | None, Mapping[str, int]]:
        """Count one question in each of them, one of a budget.

        Returns:
            The first that is empty, and what was asked of each that is not, with this question. Whoever is told of an
            empty one lets the transaction fail: those before it were counted.
        """
        # In one order for all, or two questions could wait for each other.
        ordered = sorted(purses, key=lambda one: (one.budget, one.name))
        if empty := next((purse for purse in ordered if purse.most < 1), None):
            return empty, {}
        table, most = search_spent.c, {purse.budget: purse.most for purse in ordered}
        statement = insert(search_spent).values(
            [{"country": self._country, "budget": p.budget, "name": p.name, "day": day, "spent": 1} for p in ordered]
        )
        counted = statement.on_conflict_do_update(
            index_elements=["country", "budget", "name", "day"],
            set_={"spent": table.spent + 1},
            where=table.spent < sa.case(most, value=table.budget),
        )
        rows = self._connection.execute(counted.returning(table.budget, table.spent))
        taken = {row.budget: int(row.spent) for row in rows}
        return next((purse for purse in ordered if purse.budget not in taken), None), taken

    def spent(self, day: date) -> Mapping[tuple[str, str], int]:
        """What was asked on a day, by budget and name."""
        table = search_spent.c
        query = sa.select(table.budget, table.name, table.spent)
        rows = self._connection.execute(query.where(table.country == self._country, table.day == day))
        return {(row.budget, row.name): row.spent for row in rows}

    def forget_old(self, today: date) -> int:
        """Forget the days whose time is over; return how many counts went."""
        child = child_name(search_spent, self._country)
        done = self._connection.execute(sa.text(f"DELETE FROM {child} WHERE day < :before"), {"before": today - KEPT})
        return done.rowcount
