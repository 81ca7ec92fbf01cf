"""What services did: referrals sent, people trained, signals submitted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from register.store.figures.spans import day_of, days, moments
from register.store.models.organisations import organisation
from register.store.models.records import training
from register.store.models.signals import referral, signal
from schemas.codes import Partition


class ReferralsSent:
    """Referrals of signals that hold, by the day they were sent; how far each has come by now."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """By what for, and state."""
        query = self._counted(*referral.c["kind", "state"], sa.func.count().label("how_many"))
        rows = self._connection.execute(
            query.where(moments(referral.c.referred_at, first, last)).group_by(*referral.c["kind", "state"])
        )
        return [({"referral_kind": r.kind, "referral_state": r.state}, r.how_many) for r in rows]

    def began(self) -> date | None:
        """The day of the first one."""
        return day_of(self._connection.execute(self._counted(sa.func.min(referral.c.referred_at))).scalar_one())

    def _counted(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        same = sa.and_(signal.c.country == referral.c.country, signal.c.id == referral.c.signal_id)
        return (
            sa.select(*columns)
            .join_from(referral, signal, same)
            .where(referral.c.country == self._country, signal.c.withdrawn_at.is_(None))
        )


class PeopleTrained:
    """People trained, by the country that gave the training, so that a regional sum counts nobody twice.

    A training that a country outside the five gave counts where those trained are from.
    """

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """By group, kind and country of those trained: people, not trainings."""
        columns = training.c["training_group", "kind", "recipient"]
        query = sa.select(*columns, sa.func.sum(training.c.people).label("how_many")).where(
            self._counted(), days(training.c.held_on, first, last)
        )
        return [
            (
                {"training_group": r.training_group, "training_kind": r.kind, "recipient_country": r.recipient},
                int(r.how_many),
            )
            for r in self._connection.execute(query.group_by(*columns))
        ]

    def began(self) -> date | None:
        """The day of the first one that counts here."""
        query = sa.select(sa.func.min(training.c.held_on)).where(self._counted())
        first: date | None = self._connection.execute(query).scalar_one()
        return first

    def _counted(self) -> sa.ColumnElement[bool]:
        from_outside = sa.and_(
            training.c.provider.not_in([str(c) for c in Partition]), training.c.recipient == self._country
        )
        return sa.and_(
            training.c.country == self._country,
            training.c.withdrawn_at.is_(None),
            sa.or_(training.c.provider == self._country, from_outside),
        )


class Submissions:
    """Signals that services entered themselves, never notifications; by the day they were entered."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def count(self, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        """By kind of organisation."""
        query = self._counted(organisation.c.kind, sa.func.count().label("how_many"))
        rows = self._connection.execute(
            query.where(moments(signal.c.created_at, first, last)).group_by(organisation.c.kind)
        )
        return [({"service_kind": r.kind}, r.how_many) for r in rows]

    def began(self) -> date | None:
        """The day of the first one."""
        return day_of(self._connection.execute(self._counted(sa.func.min(signal.c.created_at))).scalar_one())

    def _counted(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        same = sa.and_(organisation.c.country == signal.c.country, organisation.c.code == signal.c.organisation)
        return (
            sa.select(*columns)
            .join_from(signal, organisation, same)
            .where(signal.c.country == self._country, signal.c.kind == "submission", signal.c.withdrawn_at.is_(None))
        )
