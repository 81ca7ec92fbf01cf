"""Answers of requests that carry an Idempotency-Key, kept with the change they belong to (security.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from register.clock import Clock
from register.errors import CallerError, Conflict
from register.store.models.operations import idempotency
from schemas.codes import Partition

KEPT = timedelta(hours=72)
LOCK_TIMEOUT_MS = 300
_LOCK_NOT_AVAILABLE = "55P03"


class KeyReused(CallerError):
    """This Idempotency-Key came before with another body."""

    code = "idempotency-key-reused"
    advice = "Use a fresh key for a new request; repeat the very same body to get the first answer again."


class InFlight(Conflict):
    """The first request with this Idempotency-Key is still being worked on."""

    code = "idempotency-in-flight"
    advice = "Wait a second and send the same request with the same key again."

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key has not ended yet", retry_after_s=1)


class Idempotency:
    """The keys of one country's clients, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def answered(self, client: str, key: str, request_hash: bytes) -> dict[str, Any] | None:
        """Return what was answered before; None for a new key.

        Raises:
            KeyReused: the key came with another body.
        """
        row = self._connection.execute(
            sa.select(idempotency.c.request_hash, idempotency.c.answer, idempotency.c.made_at).where(
                idempotency.c.country == self._country, idempotency.c.client == client, idempotency.c.key == key
            )
        ).one_or_none()
        if row is None:
            return None
        if row.request_hash != request_hash:
            raise KeyReused("this Idempotency-Key was used for another request")
        answer: dict[str, Any] = row.answer
        return answer

    def claim(self, client: str, key: str, request_hash: bytes, answer: Mapping[str, Any]) -> dict[str, Any] | None:
        """Keep the answer in this transaction; return the earlier answer if another request was first.

        Raises:
            InFlight: another request holds the key and has not committed yet.
            KeyReused: the key came with another body.
        """
        self._connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        row = {
            "country": self._country,
            "client": client,
            "key": key,
            "request_hash": request_hash,
            "answer": dict(answer),
            "made_at": self._clock.now(),
        }
        statement = insert(idempotency).values([row]).on_conflict_do_nothing().returning(idempotency.c.key)
        try:
            fresh = self._connection.execute(statement).first() is not None
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise InFlight from error
            raise
        self._connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")
        return None if fresh else self.answered(client, key, request_hash)
