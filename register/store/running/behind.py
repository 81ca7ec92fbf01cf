"""The numbers of the first page, inside one transaction: all of them in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from register.clock import Clock
from register.domain.running.behind import Behind
from register.domain.signals.waiting import UNANSWERED
from register.store.models.access import page_session
from register.store.models.casework import request
from register.store.models.running import to_do
from register.store.models.signals import referral, signal
from schemas.codes import Partition, ReferralState, RequestState, ToDoKind


class Numbers:
    """What lies behind the entries of the first page of one country."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def count(
        self, what: Collection[Behind], *, organisation: str | None, reports_of: str | None, actor: str
    ) -> Mapping[Behind, int]:
        """Count.

        Args:
            what: nothing else is looked at.
            organisation: whose referrals and requests.
            reports_of: whose reports; None for all of the country.
            actor: whose sign-ins.
        """
        queries = {
            Behind.REFERRALS_UNREAD: self._referrals([ReferralState.SENT], to=organisation),
            Behind.REFERRALS_UNANSWERED: self._referrals(UNANSWERED, to=None),
            Behind.REPORTS_UNCONFIRMED: self._unconfirmed(reports_of),
            Behind.REQUESTS_DRAFTED: self._number(request).where(
                request.c.organisation == organisation, request.c.state == RequestState.DRAFT
            ),
            Behind.SESSIONS: self._number(page_session).where(
                page_session.c.actor == actor,
                page_session.c.ends_at > self._clock.now(),
                page_session.c.ended_at.is_(None),
            ),
        }
        wanted = sorted(what)
        if not wanted:
            return {}
        columns = (queries[one].scalar_subquery().label(one.value) for one in wanted)
        row = self._connection.execute(sa.select(*columns)).one()
        return dict(zip(wanted, map(int, row), strict=True))

    def _number(self, table: sa.Table) -> sa.Select[int]:
        return sa.select(sa.func.count()).select_from(table).where(table.c.country == self._country)

    def _referrals(self, states: Collection[ReferralState], *, to: str | None) -> sa.Select[int]:
        of = sa.and_(signal.c.country == referral.c.country, signal.c.id == referral.c.signal_id)
        standing = self._number(referral).join(signal, of).where(signal.c.withdrawn_at.is_(None))
        query = standing.where(referral.c.state.in_(sorted(states)))
        return query if to is None else query.where(referral.c.referred_to == to)

    def _unconfirmed(self, reports_of: str | None) -> sa.Select[int]:
        query = self._number(to_do).where(to_do.c.kind == ToDoKind.CONFIRM, to_do.c.done_at.is_(None))
        if reports_of is None:
            return query
        own = sa.and_(signal.c.country == to_do.c.country, signal.c.id == to_do.c.signal_id)
        return query.join(signal, own).where(signal.c.organisation == reports_of)
