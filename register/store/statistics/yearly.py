"""Whole years of several populations in one statement: for the owner's tables, a year beside the year before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from register.domain.statistics.rows import KeptRow
from register.store.models.statistics import kept_row
from register.store.running.server.bulk import Row, read_together
from register.store.statistics.figures import POPULATIONS, Group, codes_of, first_day
from register.store.statistics.figures.notifications import Notifications
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class YearsCounted:
    """What was counted; the port `register.statistics.owner.filling.Counts` for whole years that were asked for.

    Attributes:
        printed: by year, notifications by all that the contact point prints.
        newest: the day of the newest notification; None where there is none.
        kept: the optional rows that the country has declared to keep.
        groups: by population and year.
        first_days: by population; None where there is no record.
    """

    printed: Mapping[int, Sequence[Group]]
    newest: date | None
    kept: Sequence[KeptRow]
    groups: Mapping[tuple[str, int], Sequence[tuple[Mapping[str, str], int]]]
    first_days: Mapping[str, date | None]

    def count(self, population: str, first: date, last: date) -> Sequence[tuple[Mapping[str, str], int]]:
        """The groups of a year.

        Raises:
            KeyError: the span is no whole year, or population and year were not asked for.
        """
        if (first, last) != _derive_span(first.year):
            raise KeyError("expected a whole year")
        return self.groups[population, first.year]

    def began(self, population: str) -> date | None:
        """The day of the first record; None where there is none, or where no record holds such a population."""
        return self.first_days.get(population)


class Yearly:
    """Counts of one country by year, inside one transaction. What was withdrawn is not counted."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def newest(self) -> int | None:
        """The year of the newest notification; None where there is none."""
        found: date | None = self._connection.execute(Notifications(self._country).newest()).scalar_one()
        return None if found is None else found.year

    def count(self, populations: Collection[str], years: Collection[int]) -> YearsCounted:
        """Count these populations in these years, and always notifications as the contact point prints them.

        Args:
            populations: by the catalogue's names; those that no record holds are passed over.
            years: whole ones.
        """
        held = [name for name in POPULATIONS if name in populations or name == "notifications"]
        notifications = Notifications(self._country)
        queries: dict[str, sa.Select[Any]] = {
            "kept": sa.select(*kept_row.c["variable", "code", "since"]).where(kept_row.c.country == self._country),
            "newest": notifications.newest(),
        }
        for name in held:
            population = POPULATIONS[name](self._country)
            queries[_name_count(name)] = population.began()
            queries |= {_name_count(name, year): population.groups(*_derive_span(year)) for year in years}
        queries |= {_name_count("printed", year): notifications.as_printed(*_derive_span(year)) for year in years}
        rows = read_together(self._connection, queries)
        return YearsCounted(
            printed={year: [_read_group(row) for row in rows[_name_count("printed", year)]] for year in years},
            newest=rows["newest"][0]["newest"],
            kept=[KeptRow(**row) for row in rows["kept"]],
            groups={
                (name, year): [codes_of(row) for row in rows[_name_count(name, year)]]
                for name in held
                for year in years
            },
            first_days={name: first_day(self._country, rows[_name_count(name)][0]["began"]) for name in held},
        )


def _read_group(row: Row) -> Group:
    members = dict(row)
    return Group(count=members.pop("how_many"), **members)


def _name_count(name: str, year: int | None = None) -> str:
    return "_".join(["n", name.replace("-", "_"), *([] if year is None else [str(year)])])


def _derive_span(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
