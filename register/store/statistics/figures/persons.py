"""Persons, by their coded fields: interviews held, and where each person of the ladder stood last in a span.

Withdrawn ones are not counted. Nothing is opened: what is sealed is not counted by.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from register.store.models.desk import intake, victim, victim_status
from register.store.statistics.figures.spans import days
from schemas.codes import Partition


class IntakesHeld:
    """The intakes of one country, by the day they were held."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By sex, age band and row of nationality."""
        columns = (intake.c.sex, intake.c.age_band.label("age"), intake.c.nationality_group.label("nationality"))
        return (
            sa.select(*columns, sa.func.count().label("how_many"))
            .where(self._counted(), days(intake.c.held_on, first, last))
            .group_by(*columns)
        )

    def began(self) -> sa.Select[Any]:
        """The day of the first one."""
        return sa.select(sa.func.min(intake.c.held_on).label("began")).where(self._counted())

    def _counted(self) -> sa.ColumnElement[bool]:
        return sa.and_(intake.c.country == self._country, intake.c.withdrawn_at.is_(None))


class OnLadder:
    """The persons of one country's ladder, each by the last status that was decided in the span."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By status, form, sex, age band, row of nationality and movement."""
        newest = (
            self._decided(
                victim_status.c.status.label("victim_status"),
                victim_status.c.form,
                victim.c.sex,
                victim.c.age_band.label("age"),
                victim.c.nationality_group.label("nationality"),
                victim.c.movement,
            )
            .ext(distinct_on(victim_status.c.victim_id))
            .where(days(victim_status.c.decided_on, first, last))
            .order_by(victim_status.c.victim_id, victim_status.c.n.desc())
        ).subquery()
        return sa.select(*newest.c, sa.func.count().label("how_many")).group_by(*newest.c)

    def began(self) -> sa.Select[Any]:
        """The day of the first status."""
        return self._decided(sa.func.min(victim_status.c.decided_on).label("began"))

    def _decided(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        same = sa.and_(victim.c.country == victim_status.c.country, victim.c.id == victim_status.c.victim_id)
        return (
            sa.select(*columns)
            .join_from(victim_status, victim, same)
            .where(
                victim_status.c.country == self._country,
                victim.c.country == self._country,
                victim.c.withdrawn_at.is_(None),
            )
        )
