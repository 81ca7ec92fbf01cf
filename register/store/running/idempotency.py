"""Answers of requests that carry an Idempotency-Key, kept with the change they belong to (security.md 6)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from register.clock import Clock
from register.errors import CallerError, Conflict
from register.store.models.running import idempotency
from register.store.running.sealing import DataKeys, Erased, KeyEnd, Place
from register.store.running.server.rls import child_name
from schemas.codes import Partition

KEPT = timedelta(hours=72)
LOCK_TIMEOUT_MS = 300
_LOCK_NOT_AVAILABLE = "55P03"

# One statement, since every submission makes it: wait shortly for whoever holds the key, take it, and go back to the
# wait that there was. Where the key is taken no row comes back, and with it no way back to that wait.
_CLAIM = f"""
WITH patience AS MATERIALIZED (
    SELECT current_setting('lock_timeout') AS usual, set_config('lock_timeout', '{LOCK_TIMEOUT_MS}', true) AS short
)
INSERT INTO {idempotency.schema}.{idempotency.name} (country, client, key, request_hash, made_at)
SELECT %(country)s, %(client)s, %(key)s, %(request_hash)s, %(made_at)s FROM patience
ON CONFLICT DO NOTHING
RETURNING set_config('lock_timeout', (SELECT usual FROM patience), true)
"""


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

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def claim(self, client: str, key: str, request_hash: bytes) -> bytes | None:
        """Take the key for this request; or return what was answered to it before, word for word.

        Raises:
            InFlight: another request holds the key and has not committed yet.
            KeyReused: the key came with another body.
            Erased: what was answered has been erased since.
        """
        row = {
            "country": str(self._country),
            "client": client,
            "key": key,
            "request_hash": request_hash,
            "made_at": self._clock.now(),
        }
        try:
            fresh = self._connection.exec_driver_sql(_CLAIM, row).first() is not None
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise InFlight from error
            raise
        if fresh:
            return None
        # The short wait ends with the claim, whatever came of it.
        self._connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")
        return self._answered(client, key, request_hash)

    def keep(self, client: str, key: str, answer: bytes, about: UUID | None = None) -> None:
        """Keep the answer of the request that claimed the key, sealed, in the transaction of its change.

        `about` is what the answer tells of, with which it can be forgotten.
        """
        sealing = self._keys.make((self._clock.now() + KEPT).date())
        self._connection.execute(
            sa.update(idempotency)
            .where(*self._is(client, key))
            .values(answer=sealing.seal(self._place(client, key), "answer", answer), data_key=sealing.id, about=about)
        )

    def forget(self, about: UUID) -> None:
        """Forget the answers that tell of something, which is erased; their keys stay used."""
        own = idempotency.c
        mine = (own.country == self._country, own.about == about, own.data_key.is_not(None))
        keys = list(self._connection.execute(sa.select(idempotency.c.data_key).where(*mine)).scalars())
        self._connection.execute(sa.update(idempotency).where(*mine).values(answer=None, data_key=None))
        self._keys.end(keys, KeyEnd.ERASED)

    def purge(self) -> int:
        """Forget keys older than 72 hours with their answers; return how many."""
        child = child_name(idempotency, self._country)
        rows = self._connection.execute(
            sa.text(f"DELETE FROM {child} WHERE made_at < :before RETURNING data_key"),
            {"before": self._clock.now() - KEPT},
        ).all()
        self._keys.end([r.data_key for r in rows if r.data_key is not None], KeyEnd.EXPIRED)
        return len(rows)

    def _answered(self, client: str, key: str, request_hash: bytes) -> bytes | None:
        row = self._connection.execute(
            sa.select(*idempotency.c["request_hash", "answer", "data_key"]).where(*self._is(client, key))
        ).one_or_none()
        if row is None:
            return None
        if row.request_hash != request_hash:
            raise KeyReused("this Idempotency-Key was used for another request")
        if row.data_key is None:
            raise Erased("what was answered to this Idempotency-Key has been erased")
        return self._keys.get(row.data_key).open(self._place(client, key), "answer", row.answer)

    def _is(self, client: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (idempotency.c.country == self._country, idempotency.c.client == client, idempotency.c.key == key)

    def _place(self, client: str, key: str) -> Place:
        return Place(self._country, "idempotency", f"{client}/{key}")
