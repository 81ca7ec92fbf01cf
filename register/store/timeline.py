"""The timeline of a signal: who did what and when, in plain columns, and why, sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from register.clock import Clock
from register.domain.signal import SignalId
from register.store.models.signals import signal_event
from register.store.sealing import DataKeys, Place
from schemas.codes import Partition


class Timeline:
    """The timelines of one country's signals, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def note(
        self, signal_id: SignalId, what: str, actor: str, facts: Mapping[str, Any], *, reason: str | None, ends: date
    ) -> None:
        """Add a line to the signal's timeline; the reason is sealed."""
        event_id = self._clock.new_id()
        key = self._keys.make(ends) if reason is not None else None
        place = Place(self._country, "signal_event", str(event_id))
        self._connection.execute(
            sa.insert(signal_event),
            [
                {
                    "country": self._country,
                    "id": event_id,
                    "signal_id": signal_id,
                    "at": self._clock.now(),
                    "actor": actor,
                    "what": what,
                    "facts": dict(facts),
                    "reason": key.seal_json(place, "reason", reason) if key and reason is not None else None,
                    "data_key": key.id if key else None,
                }
            ],
        )

    def of(self, signal_id: SignalId) -> list[dict[str, Any]]:
        """The timeline, oldest first, reasons opened."""
        rows = self._connection.execute(
            sa.select(signal_event)
            .where(signal_event.c.country == self._country, signal_event.c.signal_id == signal_id)
            .order_by(signal_event.c.at, signal_event.c.id)
        ).all()
        keys = self._keys.get_many([r.data_key for r in rows if r.data_key is not None])
        return [
            {
                "at": r.at,
                "what": r.what,
                "actor": r.actor,
                "facts": r.facts,
                "reason": keys[r.data_key].open_json(
                    Place(self._country, "signal_event", str(r.id)), "reason", r.reason
                )
                if r.data_key in keys
                else None,
            }
            for r in rows
        ]
