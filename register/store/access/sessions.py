"""Sessions of people at the pages, found by a hash of their cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from register.clock import Clock
from register.store.models.access import page_session
from register.store.running.rls import child_name
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that has not ended.

    Attributes:
        shown: sealed; opens with the cookie.
        idle: nobody used it for too long; it only lets what was being typed be kept.
    """

    actor: str
    shown: bytes
    idle: bool


class Sessions:
    """The sessions of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock
        self._child = child_name(page_session, country)

    def open(self, token_hash: bytes, actor: str, shown: bytes, *, lasts: timedelta) -> None:
        """Begin a session, and forget those that have ended."""
        self.forget_ended()
        now = self._clock.now()
        row = {
            "country": self._country,
            "token_hash": token_hash,
            "actor": actor,
            "shown": shown,
            "began_at": now,
            "seen_at": now,
            "ends_at": now + lasts,
        }
        self._connection.execute(sa.insert(page_session), [row])

    def seen(self, token_hash: bytes, *, idle: timedelta) -> SessionRow | None:
        """Return the session and note that it was used; an idle one stays idle. None where there is none."""
        now, own = self._clock.now(), page_session.c
        still = own.seen_at > now - idle
        row = self._connection.execute(
            sa.update(page_session)
            .where(own.country == self._country, own.token_hash == token_hash, own.ends_at > now)
            .values(seen_at=sa.case((still, now), else_=own.seen_at))
            .returning(own.actor, own.shown, own.seen_at)
        ).one_or_none()
        return None if row is None else SessionRow(row.actor, row.shown, row.seen_at != now)

    def forget_ended(self) -> int:
        """Forget sessions whose time is over; return how many."""
        ended = sa.text(f"DELETE FROM {self._child} WHERE ends_at <= :now")
        return self._connection.execute(ended, {"now": self._clock.now()}).rowcount

    def close(self, token_hash: bytes) -> bool:
        """End a session; False where there was none."""
        done = self._connection.execute(
            sa.text(f"DELETE FROM {self._child} WHERE token_hash = :hash RETURNING actor"), {"hash": token_hash}
        )
        return done.first() is not None
