"""How many values were looked up today: by person, case and organisation. Opaque references and counts, no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.store.models.access import loose_value, search_shown, search_spent
from register.store.running.server.bulk import insert_rows
from register.store.running.server.rls import child_name
from schemas.codes import Partition

KEPT: Final = timedelta(days=31)
LOOSE_KEPT: Final = timedelta(days=92)
"""Of loose values that nobody has looked at: a look is not to cost what was registered long ago; assumed."""
SHOWN_KEPT: Final = timedelta(days=30)
"""How long what somebody was shown opens again by its id; assumed. Only on the same day it costs nothing."""


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

    def count(self, budget: str, name: str, day: date, values: int) -> int:
        """Count values that nothing refuses; return what was counted of the day, with these."""
        row = {"country": self._country, "budget": budget, "name": name, "day": day, "spent": values}
        counted = insert(search_spent).values([row])
        counted = counted.on_conflict_do_update(
            index_elements=["country", "budget", "name", "day"], set_={"spent": search_spent.c.spent + values}
        )
        return int(self._connection.execute(counted.returning(search_spent.c.spent)).scalar_one())

    # --- values that stand by themselves in a report ---

    def add_loose(self, actor: str, signal: UUID, day: date, values: int) -> None:
        """Note loose values that somebody brought in with a report, or with a correction of it."""
        row = {"country": self._country, "actor": actor, "signal_id": signal, "day": day, "unanswered": values}
        added = insert(loose_value).values([row])
        self._connection.execute(
            added.on_conflict_do_update(
                index_elements=["country", "actor", "signal_id"],
                set_={
                    "unanswered": loose_value.c.unanswered + values,
                    "day": sa.func.greatest(loose_value.c.day, added.excluded.day),
                },
            )
        )

    def take_loose(self, actor: str, signal: UUID | None, most: int) -> tuple[int, int]:
        """Take the loose values that a look answers for, the oldest first; return how many, and how many are left.

        Of a report that is looked at by itself all, whoever brought them in; else all that the actor brought in. What
        is left is taken by the next looks, and until then `unanswered` names its reports.
        """
        table = loose_value.c
        held = sa.select(table.actor, table.signal_id, table.unanswered).where(*self._unanswered(actor, signal))
        # In one order for all, or two looks could wait for each other.
        rows = self._connection.execute(held.order_by(table.day, table.signal_id, table.actor).with_for_update()).all()
        room = most
        for row in rows:
            taken = min(room, int(row.unanswered))
            if not taken:
                break
            room -= taken
            one = (table.country == self._country, table.actor == row.actor, table.signal_id == row.signal_id)
            self._connection.execute(sa.update(loose_value).where(*one).values(unanswered=table.unanswered - taken))
        return most - room, sum(int(row.unanswered) for row in rows) - (most - room)

    def unanswered(self, actor: str, signal: UUID | None) -> list[UUID]:
        """The reports with loose values that a look, as of `take_loose`, has yet to answer for."""
        found = sa.select(loose_value.c.signal_id).distinct().where(*self._unanswered(actor, signal))
        return list(self._connection.execute(found).scalars())

    def _unanswered(self, actor: str, signal: UUID | None) -> tuple[sa.ColumnElement[bool], ...]:
        table = loose_value.c
        of = table.actor == actor if signal is None else table.signal_id == signal
        return table.country == self._country, of, table.unanswered > 0

    # --- what somebody was shown ---

    def note_shown(self, actor: str, records: Iterable[UUID], day: date) -> None:
        """Note which records of partners somebody was shown."""
        rows = [{"country": self._country, "actor": actor, "record": one, "day": day} for one in sorted(set(records))]
        if rows:
            again = "ON CONFLICT (country, actor, record) DO UPDATE SET day = greatest(search_shown.day, excluded.day)"
            insert_rows(self._connection, search_shown, rows, on_conflict=again)

    def was_shown(self, actor: str, record: UUID, day: date) -> bool:
        """Whether somebody was shown a record on a day."""
        table = search_shown.c
        one = (table.country == self._country, table.actor == actor, table.record == record, table.day == day)
        return self._connection.execute(sa.select(table.record).where(*one)).first() is not None

    def was_ever_shown(self, actor: str, record: UUID) -> bool:
        """Whether somebody was shown a record in the last days that are kept."""
        table = search_shown.c
        one = (table.country == self._country, table.actor == actor, table.record == record)
        return self._connection.execute(sa.select(table.record).where(*one)).first() is not None

    def forget_old(self, today: date) -> int:
        """Forget the days whose time is over; return how many counts went."""
        spent, loose, shown = (child_name(table, self._country) for table in (search_spent, loose_value, search_shown))
        gone = self._connection.execute(sa.text(f"DELETE FROM {spent} WHERE day < :before"), {"before": today - KEPT})
        count = gone.rowcount
        paid = sa.text(f"DELETE FROM {loose} WHERE unanswered = 0 OR day < :before")
        count += self._connection.execute(paid, {"before": today - LOOSE_KEPT}).rowcount
        past = sa.text(f"DELETE FROM {shown} WHERE day < :before")
        return count + self._connection.execute(past, {"before": today - SHOWN_KEPT}).rowcount
