"""The audit log's leaves: written in the transaction of what they tell of (security.md 3).

A leaf has the time of the database's clock, taken in the statement that writes it: a process whose clock is wrong, or
was set, dates none. Its id carries the process's own time; where that is too far from the database's the leaf is not
written, and with it nothing that it tells of.

A leaf commits to codes, ids and counts. What is sensitive (the case reference, a reason, what was asked for) is
sealed apart, and only its salted hash is part of the leaf, so that erasure does not break the tree that later
grows over the leaves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from register.clock import Clock
from register.domain.access.caller import Caller
from register.domain.running.audit_action import AuditAction
from register.errors import OperatorError
from register.store.models.running import ABOUT, REFERRAL_READ, audit_leaf
from register.store.running.sealing import DataKeys, OpenKey, Place
from register.store.running.server.database import database_now
from schemas.canonical import b64, domain_hash, dumps
from schemas.codes import Partition

PORTION: Final = 2_000
"""Leaves that are read at a time."""
KEPT_DAYS = 5 * 366
"""The sensitive part of a leaf is kept as long as accountability asks for (Wpg 14, assumed for the others)."""

APART_MAX_S: Final = 300
"""Seconds that the clocks of a node and of its database may lie apart: as much as those of two partners."""
_SLACK: Final = timedelta(days=31)
"""A leaf has the database's time, and what it is about the node's, which may have been wrong by days then."""
_UNSET: Final = "0000-00-00T00:00:00.000+00:00"
_FORMAT: Final = 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'
_LEAF: Final = b"\x00"  # what RFC 6962 puts before a leaf; `schemas.merkle.leaf_hash`, which SQL cannot call


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


@dataclass(frozen=True, slots=True)
class Done:
    """What a leaf says was done, without its private part."""

    at: datetime
    action: str
    actor: str
    organisation: str | None
    facts: Mapping[str, Any]


class AuditNotWritten(OperatorError):
    """The database refused a leaf of the audit log, and with it whatever the leaf tells of: no audit, no answer."""

    code = "audit-not-written"
    advice = "Run `rtr db migrate`, which gives tables and rights back as this version needs them, then `rtr doctor`."


class ClockDiffers(OperatorError):
    """The clocks of this machine and of PostgreSQL are too far apart to date a leaf: no audit, no answer."""

    code = "clock-differs"
    advice = "Set the clocks of both machines by the same time servers; until they agree nothing is answered."


class AuditLeaves:
    """Appends leaves; nothing here changes or removes one. Without keys no leaf can have a private part."""

    def __init__(self, connection: sa.Connection, caller: Caller, keys: DataKeys | None, clock: Clock) -> None:
        self._connection, self._caller, self._keys, self._clock = connection, caller, keys, clock

    def note(self, action: AuditAction, about: str, *, private: Mapping[str, Any] | None = None, **facts: Any) -> str:
        """Write one leaf and return its id.

        Args:
            action: says which facts and which private ones the leaf must have; it can have no others.
            about: id of what it is about.
            private: what must not be readable in the log: sealed, and committed to by a salted hash.
            facts: codes, ids and counts that may be read by an auditor.

        Raises:
            ValueError: the leaf would say what its action does not declare, or not all of it.
            AuditNotWritten: the leaf was refused; the transaction cannot commit any more.
            ClockDiffers: see there.
        """
        action.check(facts.keys(), private)
        leaf_id = self._clock.new_id()
        commitment: dict[str, Any] = {
            "v": 1,
            "id": str(leaf_id),
            "action": action.value,
            "about": about,
            "actor": self._caller.actor,
            "kind": self._caller.kind,
            "organisation": self._caller.organisation,
            "facts": facts,
        }
        row: dict[str, Any] = {
            "country": self._caller.partition,
            "id": leaf_id,
            "action": action.value,
            "private_salt": None,
            "private_sealed": None,
            "data_key": None,
        }
        if private is not None:
            if self._keys is None:
                raise ValueError("a leaf with a private part needs keys")
            salt = secrets.token_bytes(32)
            commitment["private"] = b64(_private_hash(salt, private))
            key = self._keys.make(_derive_last_day(self._clock.now().date()))
            row |= {
                "private_salt": salt,
                "private_sealed": key.seal_json(
                    _derive_leaf_place(self._caller.partition, leaf_id), "private", private
                ),
                "data_key": key.id,
            }
        try:
            insert_leaf(self._connection, audit_leaf, row, commitment, dumps)
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

    def who_read_referral(self, referral_id: UUID, organisation: str, since: datetime) -> list[str]:
        """The actors of an organisation of whom leaves say that they read a referral, or its report, since a moment."""
        query = readers_query(self._caller.partition, referral_id, organisation, since)
        return list(self._connection.execute(query).scalars())

    def changes_of(self, about: str, actions: Collection[str], since: datetime, until: datetime) -> list[Done]:
        """What leaves of these actions say was done to an object between two moments, the oldest first.

        Both moments narrow the log by its index on time: nothing finds leaves by what they are about.
        """
        table = audit_leaf.c
        query = sa.select(table.at, table.action, table.commitment).where(
            table.country == self._caller.partition,
            table.at.between(since - _SLACK, until + _SLACK),
            table.action.in_(sorted(actions)),
            table.commitment["about"].astext == about,
        )
        rows = self._connection.execute(query.order_by(table.id))
        return [
            Done(row.at, row.action, row.commitment["actor"], row.commitment["organisation"], row.commitment["facts"])
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
        return _private_hash(
            salt, key.open_json(_derive_leaf_place(self._caller.partition, leaf.id), "private", sealed)
        )


def readers_query(country: Partition, referral_id: UUID, organisation: str, since: datetime) -> sa.Select[Any]:
    """Who of an organisation read a referral since a moment. Cost: by how often it was read, whatever the log holds."""
    table = audit_leaf.c
    actor = table.commitment["actor"].astext
    query = sa.select(actor).where(
        table.country == country,
        sa.text(REFERRAL_READ),
        sa.literal_column(ABOUT) == str(referral_id),
        table.at >= since,
        table.commitment["organisation"].astext == organisation,
    )
    return query.distinct().order_by(actor)


def insert_leaf(
    connection: sa.Connection,
    table: sa.Table,
    row: Mapping[str, Any],
    commitment: Mapping[str, Any],
    canonical: Callable[[object], bytes],
) -> None:
    """Write one leaf; the database gives `at` to the row and to the commitment, and hashes that.

    Args:
        connection: of the role that appends.
        table: the log; it has `id`, `at`, `commitment` and `leaf_hash`.
        row: all other columns.
        commitment: all members but `at`.
        canonical: the RFC 8785 bytes of a value.

    Raises:
        ClockDiffers: the id's time is too far from the database's; nothing was written.
    """
    told = {**commitment, "at": _UNSET}
    # The first is the member itself: what stands before it by name are texts, and in a text the quotes are escaped.
    head, tail = canonical(told).split(f'"at":"{_UNSET}"'.encode(), 1)
    leaf_id: UUID = row["id"]
    given = {f"_{name}": value for name, value in row.items()} | {
        "_commitment": told,
        "_head": _LEAF + head + b'"at":"',
        "_tail": b'"' + tail,
        "_made_s": (leaf_id.int >> 80) / 1_000,
    }
    if connection.execute(_statement(table, tuple(row)), given).rowcount != 1:
        raise ClockDiffers(f"this machine's clock and PostgreSQL's are more than {APART_MAX_S // 60} minutes apart")


def last_month_kept(at: datetime) -> tuple[int, int]:
    """Year and month in which a leaf's private part has had its time: its month's key ends with that month."""
    ends = _derive_last_day(at.astimezone(UTC).date())
    return ends.year, ends.month


def _derive_last_day(day: date) -> date:
    return day + timedelta(days=KEPT_DAYS)


def _derive_leaf_place(country: Partition, leaf_id: UUID) -> Place:
    return Place(country, "audit_leaf", str(leaf_id))


def _private_hash(salt: bytes, private: Mapping[str, Any]) -> bytes:
    return domain_hash("rtr-audit/private", salt + dumps(private))


@cache
def _statement(table: sa.Table, names: tuple[str, ...]) -> sa.Insert:
    """INSERT ... SELECT, so that one statement has one moment for the row, the commitment and the hash."""
    now = database_now()
    said = sa.func.to_char(sa.func.timezone("UTC", sa.func.date_trunc("milliseconds", now)), _FORMAT)
    moment = sa.select(now.label("at"), said.label("said")).subquery("moment")
    hashed = (
        _bind_bytes("_head")
        .op("||")(sa.func.convert_to(moment.c.said, sa.text("'UTF8'")))
        .op("||")(_bind_bytes("_tail"))
    )
    values: dict[str, sa.ColumnElement[Any]] = {
        name: sa.cast(sa.bindparam(f"_{name}", type_=table.c[name].type), table.c[name].type) for name in names
    }
    values |= {
        "at": moment.c.at,
        "commitment": sa.cast(sa.bindparam("_commitment", type_=JSONB), JSONB).op("||")(
            sa.func.jsonb_build_object(sa.text("'at'"), moment.c.said)
        ),
        "leaf_hash": sa.func.sha256(hashed),
    }
    apart = sa.func.abs(sa.extract("epoch", moment.c.at) - sa.bindparam("_made_s", type_=sa.Float))
    written = sa.insert(table).from_select(list(values), sa.select(*values.values()).where(apart <= APART_MAX_S))
    return written.execution_options(preserve_rowcount=True)


def _bind_bytes(name: str) -> sa.ColumnElement[bytes]:
    return sa.cast(sa.bindparam(name, type_=sa.LargeBinary), sa.LargeBinary)
