"""What the workers of one country say of their jobs: one row a job, written over every few seconds."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from register.domain.running.node_finding import Beat
from register.store.models.running import beat
from register.store.running.bulk import insert_rows
from schemas.codes import Partition


class Beats:
    """The beats of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def write(self, beats: Sequence[Beat]) -> None:
        """Take the word of a worker; where several work for the country, the newest word on a job counts."""
        insert_rows(
            self._connection,
            beat,
            [
                {
                    "country": self._country,
                    "job": one.job,
                    "at": one.at,
                    "worked_at": one.worked_at,
                    "failing_since": one.failing_since,
                    "code": one.code,
                }
                for one in sorted(beats, key=lambda b: b.job)
            ],
            on_conflict=(
                "ON CONFLICT (country, job) DO UPDATE SET at = excluded.at, worked_at = excluded.worked_at, "
                "failing_since = excluded.failing_since, code = excluded.code WHERE excluded.at >= beat.at"
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
