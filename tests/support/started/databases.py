"""Databases for tests: copies of one that was really migrated, which is made once a server and set of countries.

That such a copy is what a migration makes is proved in `tests/migrations`, where databases are migrated for real.
"""

from __future__ import annotations

import atexit
import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from typing import Final

import psycopg
import sqlalchemy as sa

from register.services.running import operate_database
from register.settings import Settings

_ONE_AT_A_TIME: Final = 7402612
"""An advisory lock of ours; a migration takes one of its own inside."""
_process: Final = secrets.token_hex(4)
_numbers: Final = count(1)


def fresh_database() -> str:
    """A name that no other database of this run has."""
    return f"t{next(_numbers)}_{_process}"


def make_database(settings: Settings) -> None:
    """Do what `operate_database.migrate` does to a database that is not there yet, by a copy."""
    with _server(settings) as connection:
        with ExitStack() as after:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})")
            # The connection is kept, and whatever goes wrong must not leave the lock with it.
            after.callback(connection.exec_driver_sql, f"SELECT pg_advisory_unlock({_ONE_AT_A_TIME})")
            pattern = _pattern(connection, settings)
        name = settings.database.name
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {pattern}")
        # A copy has everything but the rights on the database itself, which belong to the server.
        rights = connection.execute(sa.text(_RIGHTS), {"name": name, "pattern": pattern}).scalars()
        connection.exec_driver_sql("; ".join([f"REVOKE ALL ON DATABASE {name} FROM PUBLIC", *rights]))


def drop_database(settings: Settings) -> None:
    """Drop it, whoever is still connected: a run makes many, on few servers."""
    kept = _kept.pop((settings.database.admin_url, settings.database.name), None)
    if kept is not None:
        kept.dispose()
    with _server(settings) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {settings.database.name} WITH (FORCE)")


def administrator_of(settings: Settings) -> sa.Engine:
    """The administrator's way to a database, past every rule; its connections are kept until the database is dropped.

    A connection of its own for each look is a new process of the server, which reads its catalogue anew.
    """
    return _administrator(settings.database.admin_url, settings.database.name)


def empty(settings: Settings, tables: Iterable[str]) -> None:
    """Leave no row of any country in these tables of the schema `rtr`.

    Row by row: TRUNCATE makes hundreds of files anew, one and more for each part, where a test left a handful of rows.
    """
    with administrator_of(settings).begin() as connection:
        # So that no order among them matters.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in tables:
            connection.exec_driver_sql(f"DELETE FROM rtr.{name}")


def _pattern(connection: sa.Connection, settings: Settings) -> str:
    name = "_".join(["migrated", *sorted(c.lower() for c in settings.countries)])
    known = connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
    if known.first() is None:
        # Named when whole: a process that dies here leaves half of one to the next, whose migration goes on with it.
        unfinished = f"{name}_unfinished"
        operate_database.migrate(replace(settings, database=replace(settings.database, name=unfinished)))
        connection.exec_driver_sql(f"ALTER DATABASE {unfinished} RENAME TO {name}")
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    return name


@contextmanager
def _server(settings: Settings) -> Iterator[sa.Connection]:
    engine = _administrator(settings.database.admin_url, "postgres")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


_kept: Final[dict[tuple[str, str], sa.Engine]] = {}
"""The administrator's connections by libpq URL and database."""


def _administrator(url: str, name: str) -> sa.Engine:
    if (url, name) not in _kept:
        engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url, dbname=name))
        atexit.register(engine.dispose)
        _kept[url, name] = engine
    return _kept[url, name]


_RIGHTS: Final = """
SELECT format('GRANT %s ON DATABASE %I TO %s', a.privilege_type, CAST(:name AS text), a.grantee::regrole)
FROM pg_database d, aclexplode(d.datacl) a
WHERE d.datname = :pattern AND a.grantee NOT IN (0, d.datdba)
"""
