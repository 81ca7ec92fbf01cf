"""What services did: referrals sent, people trained, signals submitted."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from register.store.models.access import organisation
from register.store.models.desk import training
from register.store.models.signals import referral, signal
from register.store.statistics.figures.spans import days, moments
from schemas.codes import Partition, ReferralState


class ReferralsSent:
    """Referrals that were not taken back, of signals that hold, by the day they were sent; how far each has come."""

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By what for, and state."""
        columns = (referral.c.kind.label("referral_kind"), referral.c.state.label("referral_state"))
        query = self._counted(*columns, sa.func.count().label("how_many"))
        return query.where(moments(referral.c.referred_at, first, last, country=self._country)).group_by(*columns)

    def began(self) -> sa.Select[Any]:
        """The moment of the first one."""
        return self._counted(sa.func.min(referral.c.referred_at).label("began"))

    def _counted(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        same = sa.and_(signal.c.country == referral.c.country, signal.c.id == referral.c.signal_id)
        return (
            sa.select(*columns)
            .join_from(referral, signal, same)
            .where(
                referral.c.country == self._country,
                signal.c.withdrawn_at.is_(None),
                # Sent by mistake: nobody was to have it.
                referral.c.state != ReferralState.TAKEN_BACK,
            )
        )


class PeopleTrained:
    """People trained, by the country that gave the training, so that a regional sum counts nobody twice.

    A training that a country outside the five gave counts where those trained are from.
    """

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By group, kind and country of those trained: people, not trainings."""
        columns = (
            training.c.training_group,
            training.c.kind.label("training_kind"),
            training.c.recipient.label("recipient_country"),
        )
        return (
            sa.select(*columns, sa.func.sum(training.c.people).label("how_many"))
            .where(self._counted(), days(training.c.held_on, first, last))
            .group_by(*columns)
        )

    def began(self) -> sa.Select[Any]:
        """The day of the first one that counts here."""
        return sa.select(sa.func.min(training.c.held_on).label("began")).where(self._counted())

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

    def __init__(self, country: Partition) -> None:
        self._country = country

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """By kind of organisation."""
        query = self._counted(organisation.c.kind.label("service_kind"), sa.func.count().label("how_many"))
        return query.where(moments(signal.c.created_at, first, last, country=self._country)).group_by(
            organisation.c.kind
        )

    def began(self) -> sa.Select[Any]:
        """The moment of the first one."""
        return self._counted(sa.func.min(signal.c.created_at).label("began"))

    def _counted(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        same = sa.and_(organisation.c.country == signal.c.country, organisation.c.code == signal.c.organisation)
        return (
            sa.select(*columns)
            .join_from(signal, organisation, same)
            .where(signal.c.country == self._country, signal.c.kind == "submission", signal.c.withdrawn_at.is_(None))
        )
