"""What the workers of one country say of their jobs: one row a job, written over every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from register.domain.running.moments import Moments
from register.domain.running.node_finding import CLOCK, Beat
from register.store.models.running import audit_leaf, beat
from register.store.running.server.bulk import insert_rows
from register.store.running.server.database import database_now
from schemas.codes import Partition


class Beats:
    """The beats of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def write(self, beats: Sequence[Beat]) -> None:
        """Take the word of a worker; where several work for the country, the newest word on a job counts.

        Kept by the database's clock, which says what is newest: how long ago it was is all that is taken from a
        worker, whose own clock may be wrong, and right again later.
        """
        now = self._connection.execute(sa.select(database_now())).scalar_one()
        insert_rows(
            self._connection,
            beat,
            [
                {
                    "country": self._country,
                    "job": one.job,
                    "at": now,
                    "worked_at": _shift_moment(now, one.at, one.worked_at),
                    "failing_since": _shift_moment(now, one.at, one.failing_since),
                    "code": one.code,
                }
                for one in sorted(beats, key=lambda b: b.job)
            ],
            on_conflict=(
                "ON CONFLICT (country, job) DO UPDATE SET at = excluded.at, worked_at = excluded.worked_at, "
                "failing_since = excluded.failing_since, code = excluded.code"
            ),
        )

    def all(self) -> tuple[Beat, ...]:
        """What was said last of each job."""
        query = (
            sa.select(*beat.c["job", "at", "worked_at", "failing_since", "code"])
            .where(beat.c.country == self._country)
            .order_by(beat.c.job)
        )
        return tuple(Beat(*row) for row in self._connection.execute(query))

    def read_moments(self) -> Moments:
        """The database's time, and what was known of it before."""
        newest = sa.select(sa.func.max(audit_leaf.c.at)).where(audit_leaf.c.country == self._country).scalar_subquery()
        kept = self._connection.execute(
            sa.select(*beat.c["worked_at", "failing_since", "code"]).where(
                beat.c.country == self._country, beat.c.job == CLOCK
            )
        ).one_or_none()
        now, newest_leaf = self._connection.execute(sa.select(database_now(), newest)).one()
        return Moments(now, newest_leaf, *(kept or ()))

    def keep_verdict(self, moments: Moments, code: str | None) -> None:
        """Write down whether the clock is believed at these moments; `code` says why not.

        Also where what stands there lies in the future: it is how a clock that was wrong is believed again.
        """
        kept = {
            "at": moments.database,
            "worked_at": moments.believed_at if code else moments.database,
            "failing_since": (moments.held_since or moments.database) if code else None,
            "code": code,
        }
        statement = postgresql.insert(beat).values(country=self._country, job=CLOCK, **kept)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["country", "job"], set_=kept))


def _shift_moment(now: datetime, at: datetime, moment: datetime | None) -> datetime | None:
    """As long before `now` as a moment was before `at` by another clock; never after it."""
    return None if moment is None else now - max(at - moment, timedelta())
