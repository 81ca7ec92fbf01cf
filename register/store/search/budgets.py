"""How many values were looked up today: by person, case and organisation. Opaque references and counts, no value."""

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
    """What the values of a question are taken from.

    Attributes:
        budget: of whom: `person`, `case`, `organisation` or `own`.
        name: whose; opaque.
        most: values a day.
    """

    budget: str
    name: str
    most: int


class SearchBudgets:
    """What is asked in one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def spend(self, purses: list[Purse], day: date, values: int) -> tuple[Purse | None, Mapping[str, int]]:
        """Count the values of one question in each of them, one of a budget.

        Returns:
            The first that has less left, and what was looked up of each that has not, with this question. Whoever is
            told of such a one lets the transaction fail: those before it were counted.
        """
        # In one order for all, or two questions could wait for each other.
        ordered = sorted(purses, key=lambda one: (one.budget, one.name))
        if empty := next((purse for purse in ordered if purse.most < values), None):
            return empty, {}
        table, most = search_spent.c, {purse.budget: purse.most for purse in ordered}
        statement = insert(search_spent).values(
            [
                {"country": self._country, "budget": p.budget, "name": p.name, "day": day, "spent": values}
                for p in ordered
            ]
        )
        counted = statement.on_conflict_do_update(
            index_elements=["country", "budget", "name", "day"],
            set_={"spent": table.spent + values},
            where=table.spent + values <= sa.case(most, value=table.budget),
        )
        rows = self._connection.execute(counted.returning(table.budget, table.spent))
        taken = {row.budget: int(row.spent) for row in rows}
        return next((purse for purse in ordered if purse.budget not in taken), None), taken

    def spent(self, purse: Purse, day: date) -> int:
        """What was looked up of one on a day."""
        table = search_spent.c
        one = table.country == self._country, table.budget == purse.budget, table.name == purse.name, table.day == day
        return self._connection.execute(sa.select(table.spent).where(*one)).scalar_one_or_none() or 0

    def forget_old(self, today: date) -> int:
        """Forget the days whose time is over; return how many counts went."""
        child = child_name(search_spent, self._country)
        done = self._connection.execute(sa.text(f"DELETE FROM {child} WHERE day < :before"), {"before": today - KEPT})
        return done.rowcount
