"""The timeline of a signal: who did what and when, in plain columns, and why, sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.signals.history import HistoryLine, SignalEvent
from register.domain.signals.signal import SignalId
from register.errors import OperatorError
from register.logs import logger
from register.store.models.signals import signal_event
from register.store.running.sealing import DataKeys, OpenKey, Place
from schemas.codes import Partition

_EVENTS: Final = {event.value: event for event in SignalEvent}


class Timeline:
    """The timelines of one country's signals, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def note(
        self,
        signal_id: SignalId,
        what: SignalEvent,
        actor: str,
        facts: Mapping[str, Any],
        *,
        reason: str | None,
        ends: date,
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
                    "what": what.value,
                    "facts": dict(facts),
                    "reason": key.seal_json(place, "reason", reason) if key and reason is not None else None,
                    "data_key": key.id if key else None,
                }
            ],
        )

    def actors(self, signal_id: SignalId, what: Collection[SignalEvent]) -> frozenset[str]:
        """Who brought about any of these events."""
        own = signal_event.c
        query = sa.select(own.actor).where(
            own.country == self._country, own.signal_id == signal_id, own.what.in_(sorted(what))
        )
        return frozenset(self._connection.scalars(query))

    def widened_by(self, signal_id: SignalId) -> frozenset[str]:
        """Who widened where the signal may go."""
        own = signal_event.c
        query = sa.select(own.actor).where(
            own.country == self._country, own.signal_id == signal_id, own.facts.has_key("widened")
        )
        return frozenset(self._connection.scalars(query))

    def facts_of(self, signal_id: SignalId, what: SignalEvent, fact: str) -> frozenset[str]:
        """What the events of one kind say of one thing."""
        own = signal_event.c
        query = sa.select(own.facts[fact].astext).where(
            own.country == self._country, own.signal_id == signal_id, own.what == what.value, own.facts.has_key(fact)
        )
        return frozenset(self._connection.scalars(query))

    def noted(
        self, signal_ids: Collection[SignalId], what: Collection[SignalEvent], *, opened: bool = False
    ) -> list[HistoryLine]:
        """These events of several signals, oldest first; `opened` with their reasons, as far as they open."""
        own = signal_event.c
        query = sa.select(signal_event).where(
            own.country == self._country, own.signal_id.in_(sorted(signal_ids)), own.what.in_(sorted(what))
        )
        rows = self._connection.execute(query.order_by(own.at, own.id)).mappings().all() if signal_ids else ()
        if not opened:
            return [_read_line(row, None) for row in rows]
        keys = self._keys.try_many([row["data_key"] for row in rows if row["data_key"] is not None])
        return readable_events(self._country, rows, keys)

    def of(self, signal_id: SignalId) -> list[HistoryLine]:
        """The timeline, oldest first, reasons opened."""
        rows = self._connection.execute(events_query(self._country, signal_id)).mappings().all()
        keys = self._keys.get_many([r["data_key"] for r in rows if r["data_key"] is not None])
        return opened_events(self._country, rows, keys)


def events_query(country: Partition, signal_id: SignalId | sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The lines of a signal's timeline, oldest first."""
    own = signal_event.c
    return sa.select(signal_event).where(own.country == country, own.signal_id == signal_id).order_by(own.at, own.id)


def opened_events(
    country: Partition, rows: Iterable[Mapping[Any, Any]], keys: Mapping[UUID, OpenKey]
) -> list[HistoryLine]:
    """The lines of these rows; a reason whose key has ended is left out."""
    return [_read_line(row, _open_reason(country, row, keys.get(row["data_key"]))) for row in rows]


def readable_events(
    country: Partition, rows: Iterable[Mapping[Any, Any]], keys: Mapping[UUID, OpenKey | OperatorError]
) -> list[HistoryLine]:
    """The same, and a reason that does not open is left out, too, and logged."""
    lines = []
    for row in rows:
        reason, key = None, keys.get(row["data_key"])
        try:
            if isinstance(key, OperatorError):
                raise key
            reason = _open_reason(country, row, key)
        except OperatorError as error:
            logger().error("reason.damaged", partition=country, object_id=str(row["id"]), code=error.code)
        lines.append(_read_line(row, reason))
    return lines


def _read_line(row: Mapping[Any, Any], reason: str | None) -> HistoryLine:
    return HistoryLine(row["at"], _EVENTS.get(row["what"]), row["actor"], row["facts"], reason)


def _open_reason(country: Partition, row: Mapping[Any, Any], key: OpenKey | None) -> str | None:
    if key is None:
        return None
    said: str = key.open_json(Place(country, "signal_event", str(row["id"])), "reason", row["reason"])
    return said
