"""What only the operator does to a database: make it, migrate it, host a country; `backup` dumps and loads its rows.

Everything here works as an administrator and never runs in a serving process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext

from register.store.models import EVALUATOR_SCHEMA, SCHEMA
from register.store.running.server.database import OLDEST_SERVER, UnsafeDatabase
from register.store.running.server.rls import MIGRATOR, OWNER, provision_countries
from register.store.schema_revision import alembic_config, known_revisions
from schemas.codes import Partition


@contextmanager
def administrator(url: str, database: str | None = None) -> Iterator[sa.Engine]:
    """An engine of the administrator that `url` (libpq) names, on its database or another one."""
    extra: Mapping[str, str] = {} if database is None else {"dbname": database}

    def connect() -> psycopg.Connection:
        return psycopg.connect(url, connect_timeout=5, **extra)  # type: ignore[arg-type]  # libpq words

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def password_file(folder: Path) -> Callable[[str], str]:
    """Passwords of roles from a folder of owner-only files; a missing one is made."""

    def password(role: str) -> str:
        file = folder / f"{role}.password"
        if not file.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = folder / f"{role}.{secrets.token_hex(8)}.new"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(32), encoding="ascii")
            # Linked when whole: of two processes one is first, and neither reads half a password.
            with suppress(FileExistsError):
                file.hardlink_to(fresh)
            fresh.unlink()
        return file.read_text(encoding="ascii").strip()

    return password


def migrate(url: str, database: str, countries: Iterable[Partition], password: Callable[[str], str]) -> str:
    """Bring a database to the newest schema and make it host these countries; return the schema's revision.

    Args:
        url: libpq URL of an administrator who may create databases and roles.
        database: made if it is not there.
        countries: the hosted ones.
        password: of a role, by its name.

    Raises:
        UnsafeDatabase: the server is too old for row security to hold.
    """
    with (
        administrator(url) as server,
        server.connect().execution_options(isolation_level="AUTOCOMMIT") as outside,
        administrator(url, database) as engine,
    ):
        # One migration at a time on this server, also from two machines: databases and roles belong to all of it.
        outside.exec_driver_sql("SELECT pg_advisory_lock(7402611)")
        _prepare_server(outside, database)
        _upgrade_schema(engine, countries, password)
    return revision_expected()


def _upgrade_schema(engine: sa.Engine, countries: Iterable[Partition], password: Callable[[str], str]) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        for schema in (SCHEMA, EVALUATOR_SCHEMA):
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {OWNER}")
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        connection.exec_driver_sql("SET LOCAL row_security = off")
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.exec_driver_sql("RESET ROLE")
        provision_countries(connection, countries, password)


def revision(url: str, database: str) -> str | None:
    """The schema's revision of a database; None before the first migration."""
    with administrator(url, database) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return context.get_current_revision()


def revision_expected() -> str:
    """The revision that this version of the program works with."""
    return known_revisions()[0]


def _prepare_server(connection: sa.Connection, database: str) -> None:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version < OLDEST_SERVER:
        raise UnsafeDatabase(f"PostgreSQL {version} is older than 15.14")
    for role in (OWNER, MIGRATOR):
        if connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": role}).first() is None:
            connection.exec_driver_sql(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS")
    connection.exec_driver_sql(f"GRANT {OWNER} TO {MIGRATOR}")
    found = connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :d"), {"d": database}).first()
    if found is None:
        name = database.replace('"', '""')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
