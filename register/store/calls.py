"""Calls: what a committed transaction tells this country's workers, so that they need not ask every second.

PostgreSQL's NOTIFY. It asks for no right: every role of every country may listen, and call, on any channel whose name
it knows. So the name is made of a key of the country (`register.core`), and who has no such key can neither hear when
the country works nor keep it busy. A call names a kind of work, never an object.

A call may be lost: with the connection, with a server that is killed, in a pooler between. Nothing rests on it but how
soon somebody looks.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from register.store.running.database import Database, DatabaseUnavailable
from schemas.codes import Partition

REMOVED: Final = "removed"
"""The index confirmed that something is gone, which a receipt is to say."""
_NOTIFY: Final = "SELECT pg_notify(:channel, k) FROM unnest(CAST(:kinds AS text[])) AS k"


def drafted_for(partner: Partition) -> str:
    """The call for whoever appends to the log for a partner."""
    return f"draft/{partner}"


class Calls:
    """The calls of one transaction; told to those who listen when it commits, and to nobody otherwise."""

    def __init__(self, connection: sa.Connection, channel: Callable[[], str]) -> None:
        self._connection, self._channel = connection, channel
        self._kinds: set[str] = set()

    def call(self, *kinds: str) -> None:
        """Call those who do such work: a consumer of the outbox, `drafted_for` or `REMOVED`."""
        self._kinds.update(kinds)

    def settle(self) -> None:
        """Hand them to the server, each kind once."""
        if self._kinds:
            named = {"channel": self._channel(), "kinds": sorted(self._kinds)}
            self._connection.execute(sa.text(_NOTIFY), named)
            self._kinds.clear()


class Line:
    """A connection of its own on which calls are heard; used by one thread, but for `interrupt`."""

    def __init__(self, database: Database, function: str, channel: str) -> None:
        """Begin to listen.

        Raises:
            DatabaseUnavailable: the server does not answer.
        """
        self._awake, self._waker = socket.socketpair()
        self._connection = database.connect_apart(function)
        try:
            self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        except psycopg.Error as error:
            self.close()
            raise DatabaseUnavailable("PostgreSQL went away before it was listened to") from error

    def hear(self, seconds: float) -> set[str]:
        """The kinds that are called, as soon as there is one; none after so many seconds, or when interrupted.

        Raises:
            DatabaseUnavailable: the connection is lost, and with it perhaps a call.
        """
        try:
            select.select([self._connection.fileno(), self._awake.fileno()], [], [], seconds)
            return {call.payload for call in self._connection.notifies(timeout=0)}
        except (psycopg.Error, OSError, ValueError) as error:
            raise DatabaseUnavailable("PostgreSQL went away while it was listened to") from error

    def interrupt(self) -> None:
        """Let `hear` return at once from now on."""
        self._waker.send(b"\0")

    def close(self) -> None:
        """Listen no more."""
        self._connection.close()
        self._awake.close()
        self._waker.close()
