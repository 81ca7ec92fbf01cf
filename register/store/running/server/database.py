"""One country's way to PostgreSQL: one engine and pool a role, never shared between roles.

Opens connections and checks, at the start, that the server is one whose row security holds and that the role is
not one that row security does not hold for. It knows no table.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from register.domain.running.progress import note_progress
from register.errors import OperatorError
from register.settings import DatabaseSettings
from register.store.running.server.rls import TELLING_OF_OTHERS, Role
from schemas.codes import Partition

POOL_SIZE = 4
POOL_WAIT_S = 20.0
CONNECT_WITHIN_S: Final = 5
ANSWER_WITHIN_S: Final = {"api": 20.0}
"""Seconds that a statement may take, by function: people do not wait longer, and a worker's may be long.

Counted here and not by the server: one that stands still counts nothing.
"""
LOOK_WITHIN_S: Final = 1.5
OLDEST_SERVER = 150_014
"""PostgreSQL 15.14: before it, statistics could be read past row security in partition hierarchies (CVE-2025-8713)."""


def database_now() -> sa.Function[datetime]:
    """The present moment by the server's own clock, for leases.

    Workers on several machines have one server in common, and a machine whose clock was set must neither take what
    another holds nor hold it for days.
    """
    return sa.func.statement_timestamp(type_=sa.DateTime(timezone=True))


def check_room(connection: sa.Connection) -> None:
    """Have the server write down half a megabyte that needs fresh room on its disk, and forget it.

    A full disk lets small changes go on where a page has room, so no row tells; a result that is too large for its
    memory goes to a file beside the data, which leaves nothing behind: no row, no log, no page to be swept.
    """
    memory = connection.execute(sa.text("SELECT current_setting('work_mem')")).scalar_one()
    connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
    connection.exec_driver_sql("SELECT count(*) FROM generate_series(1, 20000)")
    connection.execute(sa.text("SELECT set_config('work_mem', :before, true)"), {"before": memory})


class DatabaseUnavailable(OperatorError):
    """PostgreSQL does not answer this role, went away, or cannot serve it now: a lock, a limit."""

    code = "database-unavailable"
    advice = "Run `rtr db status`; start the server, or correct `database` in the settings."


class DatabaseFull(DatabaseUnavailable):
    """PostgreSQL's disk is full: it answers, and can write nothing down."""

    code = "database-full"
    advice = (
        "Give the disk of PostgreSQL's data folder room (`df` on its machine; old dumps and logs, write-ahead log that "
        "a lost standby holds, go first); never delete anything below the folder itself. The node goes on by itself."
    )


class Deadlocked(DatabaseUnavailable):
    """Two transactions waited for each other, and PostgreSQL ended this one: nothing of it was done."""

    code = "database-deadlock"
    advice = "Send it again: nothing was done. One that comes back every time is a fault of the program; report it."


class DatabaseUntrusted(DatabaseUnavailable):
    """What answers in PostgreSQL's place does not prove that it is the one: no TLS, or another certificate."""

    code = "database-untrusted"
    advice = (
        "Compare the server's certificate with `database.ca_file` and its name with `database.host`; if both are as "
        "they should be, somebody else answers: call whoever keeps the network."
    )


class UnsafeDatabase(OperatorError):
    """The server or the role would let one country read another's rows."""

    code = "unsafe-database"
    advice = "Use PostgreSQL 15.14 to 18 and the login roles that `rtr db migrate` makes, never an owner or superuser."


@dataclass(frozen=True, slots=True)
class Address:
    """Where PostgreSQL listens.

    Attributes:
        host: a name, or a folder that holds the server's socket.
        port: also part of the socket's name.
        name: the database.
        tls: libpq's words for TLS; empty without.
    """

    host: str
    port: int
    name: str
    tls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: DatabaseSettings) -> Address:
        """The one that a node's settings name."""
        return cls(settings.host, settings.port, settings.name, settings.tls_words)


class Database:
    """The connections of one country: one pool for each function it was opened with."""

    def __init__(
        self,
        address: Address,
        country: Partition,
        password: Callable[[str], str],
        *,
        pool_size: int = POOL_SIZE,
        pool_wait_s: float = POOL_WAIT_S,
        connect_within_s: int = CONNECT_WITHIN_S,
        answer_within_s: Mapping[str, float] = ANSWER_WITHIN_S,
    ) -> None:
        self._address, self.country, self._password = address, country, password
        self._pool_size, self._pool_wait_s = pool_size, pool_wait_s
        self._connect_within_s, self._answer_within_s = connect_within_s, answer_within_s
        self._watched: Database | None = None
        self._engines: dict[str, sa.Engine] = {}
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, function: str) -> Iterator[sa.Connection]:
        """One transaction of the role for this function; leaving the block commits, an exception rolls back.

        Raises:
            Deadlocked: it waited for another that waited for it; nothing was done, and it may be repeated at once.
            DatabaseFull: its disk is; nothing was done.
            DatabaseUntrusted: who answers is not the server that the settings name.
            DatabaseUnavailable: no connection could be had, it was lost, or the server could not do what it was asked
                to. Where the connection was lost, a commit under way may have happened; otherwise nothing has.
        """
        role = Role(self.country, function).name
        try:
            connection = self._engine(function).connect()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise self._unavailable(role, error) from error
        try:
            with connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailable(
                    "PostgreSQL went away; whether the last word reached it is not known"
                ) from error
            if is_the_servers_trouble(error):
                # The state only: the server's sentence may quote a row.
                state = getattr(error.orig, "sqlstate", None) or "no state"
                if state == _DISK_FULL:
                    raise DatabaseFull(f"PostgreSQL has no room to write for {role} ({state})") from error
                if state in _DEADLOCK:
                    raise Deadlocked(f"PostgreSQL ended a transaction of {role} for another ({state})") from error
                raise DatabaseUnavailable(f"PostgreSQL could not serve {role} ({state})") from error
            raise

    def watched(self) -> Database:
        """The same database for a short look: a connection that nobody else takes, and no patience at all."""
        with self._lock:
            if self._watched is None:
                self._watched = Database(
                    self._address,
                    self.country,
                    self._password,
                    pool_size=1,
                    pool_wait_s=LOOK_WITHIN_S,
                    connect_within_s=2,  # libpq takes no less
                    answer_within_s=dict.fromkeys(ANSWER_WITHIN_S, LOOK_WITHIN_S),
                )
            return self._watched

    def check(self, functions: tuple[str, ...]) -> None:
        """Refuse a server or a role that row security does not hold on.

        Raises:
            UnsafeDatabase: names what is wrong.
        """
        for function in functions:
            with self.transaction(function) as connection:
                row = connection.execute(sa.text(_CHECK)).one()
                telling = connection.execute(sa.text(TELLING_OF_OTHERS), {"role": row.name}).first()
            if row.version < OLDEST_SERVER:
                raise UnsafeDatabase(f"PostgreSQL {row.version} is older than 15.14")
            if row.above_rules:
                raise UnsafeDatabase(f"role {row.name} is a superuser, an owner or may bypass row security")
            if telling is not None:
                raise UnsafeDatabase(
                    f"role {row.name} may ask {telling.name}, which tells of other roles; run `rtr db migrate` as a "
                    "superuser, who alone can take that away"
                )

    def close(self) -> None:
        """Give all connections back to the server."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        if self._watched is not None:
            self._watched.close()

    def _engine(self, function: str) -> sa.Engine:
        # One pool a role, also where two threads need it first at the same moment.
        with self._lock:
            if function not in self._engines:
                self._engines[function] = self._open(function)
            return self._engines[function]

    def _open(self, function: str) -> sa.Engine:
        role = Role(self.country, function).name
        url = sa.URL.create("postgresql+psycopg", username=role, password=self._password(role))
        engine = sa.create_engine(
            url.set(database=self._address.name),
            connect_args=self._words(role),
            pool_size=self._pool_size,
            max_overflow=0,
            pool_timeout=self._pool_wait_s,
            # An error's text reaches logs; what a statement was given stays out of it.
            hide_parameters=True,
        )
        sa.event.listen(engine, "checkout", _refuse_if_gone)
        sa.event.listen(engine, "after_cursor_execute", lambda *_: note_progress())
        if within_s := self._answer_within_s.get(function):

            def connect(_dialect: object, _record: object, words: Any, named: Any) -> psycopg.Connection[Any]:
                connection = _PromptConnection.connect(*words, **named)
                connection.within_s = within_s
                return connection

            sa.event.listen(engine, "do_connect", connect)
        return engine

    def _words(self, role: str) -> dict[str, Any]:
        """The words of libpq for a connection of a role, without who it is."""
        return {
            "host": self._address.host,
            "port": self._address.port,
            "application_name": role.replace("_", "-"),
            "connect_timeout": self._connect_within_s,
            **self._address.tls,
        }

    def _unavailable(self, role: str, error: Exception) -> DatabaseUnavailable:
        where = f"{self._address.host}:{self._address.port}"
        if why := _explain_distrust(error):
            return DatabaseUntrusted(f"PostgreSQL at {where} is not trusted: {why}")
        return DatabaseUnavailable(f"PostgreSQL at {where} does not answer {role}")


class _PromptConnection(psycopg.Connection[Any]):
    """A connection that ends where the server leaves it without an answer for too long."""

    within_s: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server, as every statement does.

        Raises:
            psycopg.OperationalError: it did not answer in time; the connection is closed.
        """
        try:
            return super().wait(gen, interval, self.within_s if timeout is None else timeout)
        except psycopg.OperationalError:
            # An error that the server tells of ends the statement; without one it is under way, and nobody knows how.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def _refuse_if_gone(connection: psycopg.Connection[object], *_: object) -> None:
    """Have the pool connect anew where the server has ended an idle connection.

    Between two transactions it has nothing to say but that it is ending, so a look at the socket is enough: asking it
    would cost a round trip a transaction.
    """
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if socket.poll(0):
        raise InvalidatePoolError


def _explain_distrust(error: Exception) -> str:
    """Why libpq turned away from who answered, in words of ours; empty where that is not why there is no connection."""
    said = str(error)
    if "does not support SSL" in said:
        return "it speaks no TLS"
    if "does not match host name" in said:
        return "its certificate is for another name"
    # An authority of the same name with another key is "provider signature failure"; a server that ends is an "eof".
    if "SSL error: " in said and "unexpected eof" not in said:
        return "its certificate is of no authority in `database.ca_file`, or has ended"
    return ""


def is_the_servers_trouble(error: Exception) -> bool:
    """Whether the operator must act, and not whoever wrote the statement."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, DatabaseUnavailable)
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return True
    state: str = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(_SERVER_CLASSES)


_DISK_FULL: Final = "53100"
_DEADLOCK: Final = ("40P01", "40001")
_SERVER_CLASSES = ("XX", "25006", "25P03")
"""Beside what the driver calls operational: internal errors, a server that only reads, a transaction left idle."""

_CHECK = """
SELECT current_setting('server_version_num')::int AS version, current_user AS name,
       (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole
        OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname IN ('rtr', 'evaluator') AND pg_has_role(r.oid, c.relowner, 'MEMBER'))) AS above_rules
FROM pg_roles r WHERE r.rolname = current_user
"""
