"""Sessions of people at the pages, found by a hash of their cookie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.access.browser import Browser
from register.domain.access.caller import SignedIn
from register.store.models.access import page_session
from register.store.running.server.rls import child_name
from schemas.codes import Partition

REMEMBERED: Final = timedelta(hours=1)
"""After its end: whose a form was that came too late is known for so long, and nothing else."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides of a session and never changes; it is sealed with it, so that no row can be made to last longer."""

    actor: str
    browser: Browser
    signed_in: SignedIn
    began_at: datetime
    ends_at: datetime

    def bound(self) -> str:
        """All of it as one text, the same however the store gives the times back."""
        signed = self.signed_in.at
        times = [None if t is None else t.astimezone(UTC).isoformat() for t in (self.began_at, self.ends_at, signed)]
        return json.dumps([self.actor, self.browser.name, self.browser.system, self.signed_in.acr, *times])


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that has not ended.

    Attributes:
        shown: sealed; opens with the cookie, beside `terms` alone.
        idle: nobody used it for too long; it only lets what was being typed be kept.
        terms: whose it is, how and when that person proved it, when it began and ends.
    """

    shown: bytes
    idle: bool
    terms: Terms


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session that has not ended, as its own person knows it again."""

    id: UUID
    token_hash: bytes
    browser: Browser
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


_NOT_ENDED: Final = page_session.c.ended_at.is_(None)
_TERMS: Final = ("actor", "browser", "system", "authenticated_at", "acr", "began_at", "ends_at")


def _read_row(row: Any, *, idle: bool) -> SessionRow:
    signed_in = SignedIn(row.authenticated_at, row.acr)
    terms = Terms(row.actor, Browser(row.browser, row.system), signed_in, row.began_at, row.ends_at)
    return SessionRow(row.shown, idle, terms)


class Sessions:
    """The sessions of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock
        self._child = child_name(page_session, country)

    def open(self, token_hash: bytes, shown: bytes, terms: Terms) -> None:
        """Begin a session, and forget those that have ended."""
        self.forget_ended()
        row = {
            "country": self._country,
            "token_hash": token_hash,
            "id": self._clock.new_id(),
            "actor": terms.actor,
            "shown": shown,
            "browser": terms.browser.name,
            "system": terms.browser.system,
            "authenticated_at": terms.signed_in.at,
            "acr": terms.signed_in.acr,
            "began_at": terms.began_at,
            "seen_at": terms.began_at,
            "ends_at": terms.ends_at,
        }
        self._connection.execute(sa.insert(page_session), [row])

    def seen(self, token_hash: bytes, *, idle: timedelta) -> SessionRow | None:
        """Return the session and note that it was used; an idle one stays idle. None where there is none."""
        now, own = self._clock.now(), page_session.c
        still = own.seen_at > now - idle
        row = self._connection.execute(
            sa.update(page_session)
            .where(own.country == self._country, own.token_hash == token_hash, own.ends_at > now, _NOT_ENDED)
            .values(seen_at=sa.case((still, sa.func.greatest(own.seen_at, now)), else_=own.seen_at))
            .returning(*own[*_TERMS, "shown", "seen_at"])
        ).one_or_none()
        return None if row is None else _read_row(row, idle=row.seen_at < now)

    def whose(self, token_hash: bytes) -> SessionRow | None:
        """Return a session that has ended by its time, while it is remembered; it opens no page."""
        now, own = self._clock.now(), page_session.c
        row = self._connection.execute(
            sa.select(*own[*_TERMS, "shown"]).where(
                own.country == self._country,
                own.token_hash == token_hash,
                own.ends_at <= now,
                own.ends_at > now - REMEMBERED,
                _NOT_ENDED,
            )
        ).one_or_none()
        return None if row is None else _read_row(row, idle=True)

    def hold(self, actor: str) -> None:
        """Hold all sessions of a person until commit: who counts what the person has counts alone."""
        own = page_session.c
        query = sa.select(own.token_hash).where(own.country == self._country, own.actor == actor)
        self._connection.execute(query.order_by(own.token_hash).with_for_update()).all()

    def of(self, actor: str) -> list[OwnSession]:
        """All sessions of a person, the one last used first."""
        own = page_session.c
        rows = self._connection.execute(
            sa.select(own.id, own.token_hash, own.browser, own.system, own.began_at, own.seen_at, own.ends_at)
            .where(own.country == self._country, own.actor == actor, own.ends_at > self._clock.now(), _NOT_ENDED)
            .order_by(own.seen_at.desc(), own.id)
        )
        return [
            OwnSession(r.id, bytes(r.token_hash), Browser(r.browser, r.system), r.began_at, r.seen_at, r.ends_at)
            for r in rows
        ]

    def end(self, actor: str, session_id: UUID) -> bool:
        """End one session of a person; False where there is none."""
        return self._end(page_session.c.actor == actor, page_session.c.id == session_id) > 0

    def end_all(self, actor: str, *, but: bytes | None) -> int:
        """End all sessions of a person but one; return how many."""
        return self._end(page_session.c.actor == actor, page_session.c.token_hash.is_distinct_from(but))

    def forget_ended(self) -> int:
        """Forget sessions whose time has been over for as long as they are remembered; return how many."""
        ended = sa.text(f"DELETE FROM {self._child} WHERE ends_at <= :then")
        return self._connection.execute(ended, {"then": self._clock.now() - REMEMBERED}).rowcount

    def close(self, token_hash: bytes) -> bool:
        """End a session; False where there was none."""
        return self._end(page_session.c.token_hash == token_hash) > 0

    def _end(self, *which: sa.ColumnElement[bool]) -> int:
        """Mark as ended; the row is kept until its time is over, so that none can be written in its place."""
        own = page_session.c.country == self._country
        ended = sa.update(page_session).where(own, *which, _NOT_ENDED).values(ended_at=self._clock.now())
        return self._connection.execute(ended).rowcount
