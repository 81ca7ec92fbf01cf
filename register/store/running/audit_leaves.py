"""The audit log's leaves: written in the transaction of what they tell of (security.md 3).

A leaf commits to codes, ids and counts. What is sensitive (the case reference, a reason, what was asked for) is
sealed apart, and only its salted hash is part of the leaf, so that erasure does not break the tree that later
grows over the leaves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from register.clock import Clock
from register.domain.access.caller import Caller
from register.errors import OperatorError
from register.store.models.running import audit_leaf
from register.store.running.sealing import DataKeys, OpenKey, Place
from schemas.canonical import b64, domain_hash, dumps
from schemas.codes import Partition
from schemas.merkle import leaf_hash

PORTION: Final = 2_000
"""Leaves that are read at a time."""
KEPT_DAYS = 5 * 366
"""The sensitive part of a leaf is kept as long as accountability asks for (Wpg 14, assumed for the others)."""


@dataclass(frozen=True, slots=True)
class PrivatePart:
    """What is sealed beside a leaf, as it is stored; nothing of it where the leaf has none."""

    salt: bytes | None = None
    sealed: bytes | None = None
    data_key: UUID | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is stored."""
        return self.salt is None and self.sealed is None and self.data_key is None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it is stored; `action` is None where the log has no column of its own for it."""

    id: UUID
    at: datetime
    commitment: Mapping[str, Any]
    leaf_hash: bytes
    action: str | None = None
    private: PrivatePart = PrivatePart()


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
            commitment["private"] = b64(_private_hash(salt, private))
            key = self._keys.make(_ends(now.date()))
            row |= {
                "private_salt": salt,
                "private_sealed": key.seal_json(_place(self._caller.partition, leaf_id), "private", private),
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

    def read(self, *, after: UUID | None, limit: int = PORTION) -> list[Leaf]:
        """Leaves in the order of their ids; for the auditor's role, which can open no private part."""
        table = audit_leaf.c
        query = sa.select(
            *(table[name] for name in ("id", "at", "commitment", "leaf_hash", "action")),
            *(table[name] for name in ("private_salt", "private_sealed", "data_key")),
        ).where(table.country == self._caller.partition)
        if after is not None:
            query = query.where(table.id > after)
        rows = self._connection.execute(query.order_by(table.id).limit(limit))
        return [
            Leaf(
                row.id,
                row.at,
                row.commitment,
                row.leaf_hash,
                row.action,
                PrivatePart(row.private_salt, row.private_sealed, row.data_key),
            )
            for row in rows
        ]

    def open_private(self, leaf: Leaf, key: OpenKey) -> bytes | None:
        """The hash that a leaf's private part has as it is stored; None where a piece of it is gone.

        Raises:
            OperatorError: it does not open in its place.
        """
        salt, sealed = leaf.private.salt, leaf.private.sealed
        if salt is None or sealed is None:
            return None
        return _private_hash(salt, key.open_json(_place(self._caller.partition, leaf.id), "private", sealed))


def last_month_kept(at: datetime) -> tuple[int, int]:
    """Year and month in which a leaf's private part has had its time: its month's key ends with that month."""
    ends = _ends(at.astimezone(UTC).date())
    return ends.year, ends.month


def _ends(day: date) -> date:
    return day + timedelta(days=KEPT_DAYS)


def _place(country: Partition, leaf_id: UUID) -> Place:
    return Place(country, "audit_leaf", str(leaf_id))


def _private_hash(salt: bytes, private: Mapping[str, Any]) -> bytes:
    return domain_hash("rtr-audit/private", salt + dumps(private))
