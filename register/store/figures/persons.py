"""Persons, by their coded fields: interviews held, and where each person of the ladder stood last in a span.

Withdrawn ones are not counted. Nothing is opened: what is sealed is not counted by.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from register.store.figures.spans import days
from register.store.models.records import intake, victim, victim_status
from schemas.codes import Partition


class IntakesHeld:
    """The intakes of one country, by the day they were held."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """By sex, age band and row of nationality."""
        columns = intake.c["sex", "age_band", "nationality_group"]
        query = sa.select(*columns, sa.func.count().label("how_many")).where(
            self._counted(), days(intake.c.held_on, first, last)
        )
        return [
            ({"sex": r.sex, "age": r.age_band, "nationality": r.nationality_group}, r.how_many)
            for r in self._connection.execute(query.group_by(*columns))
        ]

    def began(self) -> date | None:
        """The day of the first one."""
        query = sa.select(sa.func.min(intake.c.held_on)).where(self._counted())
        first: date | None = self._connection.execute(query).scalar_one()
        return first

    def _counted(self) -> sa.ColumnElement[bool]:
        return sa.and_(intake.c.country == self._country, intake.c.withdrawn_at.is_(None))


class OnLadder:
    """The persons of one country's ladder, each by the last status that was decided in the span."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """By status, form, sex, age band, row of nationality and movement."""
        newest = (
            sa.select(
                *victim_status.c["status", "form"],
                *victim.c["sex", "age_band", "nationality_group", "movement"],
            )
            .ext(distinct_on(victim_status.c.victim_id))
            .join_from(
                victim_status,
                victim,
                sa.and_(victim.c.country == victim_status.c.country, victim.c.id == victim_status.c.victim_id),
            )
            .where(self._counted(), days(victim_status.c.decided_on, first, last))
            .order_by(victim_status.c.victim_id, victim_status.c.n.desc())
        ).subquery()
        columns = list(newest.c)
        rows = self._connection.execute(sa.select(*columns, sa.func.count().label("how_many")).group_by(*columns))
        return [
            (
                {
                    "victim_status": r.status,
                    "form": r.form,
                    "sex": r.sex,
                    "age": r.age_band,
                    "nationality": r.nationality_group,
                    "movement": r.movement,
                },
                r.how_many,
            )
            for r in rows
        ]

    def began(self) -> date | None:
        """The day of the first status."""
        query = (
            sa.select(sa.func.min(victim_status.c.decided_on))
            .join_from(
                victim_status,
                victim,
                sa.and_(victim.c.country == victim_status.c.country, victim.c.id == victim_status.c.victim_id),
            )
            .where(self._counted())
        )
        first: date | None = self._connection.execute(query).scalar_one()
        return first

    def _counted(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            victim_status.c.country == self._country, victim.c.country == self._country, victim.c.withdrawn_at.is_(None)
        )
