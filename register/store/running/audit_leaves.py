"""The audit log's leaves: written in the transaction of what they tell of (security.md 3).

A leaf commits to codes, ids and counts. What is sensitive (the case reference, a reason, what was asked for) is
sealed apart, and only its salted hash is part of the leaf, so that erasure does not break the tree that later
grows over the leaves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from register.clock import Clock
from register.domain.access.caller import Caller
from register.errors import OperatorError
from register.store.models.running import audit_leaf
from register.store.running.sealing import DataKeys, Place
from schemas.canonical import b64, domain_hash, dumps
from schemas.merkle import leaf_hash

PORTION: Final = 2_000
"""Leaves that are read at a time."""
KEPT_DAYS = 5 * 366
"""The sensitive part of a leaf is kept as long as accountability asks for (Wpg 14, assumed for the others)."""


class AuditNotWritten(OperatorError):
    """The database refused a leaf of the audit log, and with it whatever the leaf tells of: no audit, no answer."""

    code = "audit-not-written"
    advice = "Run `rtr db migrate`, which gives tables and rights back as this version needs them, then `rtr doctor`."


class AuditLeaves:
    """Appends leaves; nothing here changes or removes one. Without keys no leaf can have a private part."""

    def __init__(self, connection: sa.Connection, caller: Caller, keys: DataKeys | None, clock: Clock) -> None:
        self._connection, self._caller, self._keys, self._clock = connection, caller, keys, clock

    def note(self, action: str, about: str, *, private: Mapping[str, Any] | None = None, **facts: Any) -> str:
        """Write one leaf and return its id.

        Args:
            action: `object.verb`, for instance `signal.recorded`.
            about: id of what it is about.
            private: what must not be readable in the log: sealed, and committed to by a salted hash.
            facts: codes, ids and counts that may be read by an auditor.

        Raises:
            AuditNotWritten: the leaf was refused; the transaction cannot commit any more.
        """
        now, leaf_id = self._clock.now(), self._clock.new_id()
        commitment: dict[str, Any] = {
            "v": 1,
            "id": str(leaf_id),
            "at": now.isoformat(timespec="milliseconds"),
            "action": action,
            "about": about,
            "actor": self._caller.actor,
            "kind": self._caller.kind,
            "organisation": self._caller.organisation,
            "facts": facts,
        }
        row: dict[str, Any] = {
            "country": self._caller.partition,
            "id": leaf_id,
            "at": now,
            "action": action,
            "private_salt": None,
            "private_sealed": None,
            "data_key": None,
        }
        if private is not None:
            if self._keys is None:
                raise ValueError("a leaf with a private part needs keys")
            salt = secrets.token_bytes(32)
            commitment["private"] = b64(domain_hash("rtr-audit/private", salt + dumps(private)))
            key = self._keys.make(_ends(now.date()))
            place = Place(self._caller.partition, "audit_leaf", str(leaf_id))
            row |= {
                "private_salt": salt,
                "private_sealed": key.seal_json(place, "private", private),
                "data_key": key.id,
            }
        row |= {"commitment": commitment, "leaf_hash": leaf_hash(dumps(commitment))}
        try:
            self._connection.execute(sa.insert(audit_leaf), [row])
        except (OperationalError, InterfaceError):
            raise  # the server's trouble, for `Database.transaction` to name
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or "no state"
            raise AuditNotWritten(f"PostgreSQL refused the leaf of {action} ({state})") from error
        return str(leaf_id)

    def read(self, *, after: UUID | None, limit: int = PORTION) -> list[tuple[UUID, datetime, Any, bytes, str]]:
        """Leaves in the order of their ids: id, time, commitment, hash and action of each; for the auditor's role."""
        table = audit_leaf.c
        query = sa.select(table.id, table.at, table.commitment, table.leaf_hash, table.action).where(
            table.country == self._caller.partition
        )
        if after is not None:
            query = query.where(table.id > after)
        return [tuple(row) for row in self._connection.execute(query.order_by(table.id).limit(limit))]


def _ends(day: date) -> date:
    return day + timedelta(days=KEPT_DAYS)
