"""What only the operator does to a database: make it, migrate it, host a country, dump and load its rows.

Everything here works as an administrator and never runs in a serving process. Dumps come in two files: the rows,
and the data keys apart, because a data backup that held them would undo every erasure (security.md 2).
"""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from register.errors import OperatorError
from register.store.models import EVALUATOR_SCHEMA, SCHEMA
from register.store.models.running import audit_leaf
from register.store.running.database import OLDEST_SERVER, UnsafeDatabase
from register.store.running.rls import MIGRATOR, OWNER, Role, provision, tenant_tables
from schemas.codes import Partition

KEYS_TABLE = "data_key"
OPERATORS = "operator."
"""What the actions of operators' commands begin with in the audit log."""


class DatabaseToolFailed(OperatorError):
    """pg_dump or pg_restore ended with an error."""

    code = "database-tool-failed"
    advice = "The tool's own last line is in the message; check free disk space and that the server runs."


class NotEmpty(OperatorError):
    """A restore was asked for into a database that holds rows of this country."""

    code = "database-not-empty"
    advice = "Restore into a fresh database: `rtr db migrate` with another `database.name`."


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
        _upgrade(engine, countries, password)
    return revision_expected()


def _upgrade(engine: sa.Engine, countries: Iterable[Partition], password: Callable[[str], str]) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        for schema in (SCHEMA, EVALUATOR_SCHEMA):
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {OWNER}")
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        connection.exec_driver_sql("SET LOCAL row_security = off")
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.exec_driver_sql("RESET ROLE")
        provision(connection, countries, password)


def revision(url: str, database: str) -> str | None:
    """The schema's revision of a database; None before the first migration."""
    with administrator(url, database) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return context.get_current_revision()


def revision_expected() -> str:
    """The revision that this version of the program works with."""
    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def backup(
    environment: Mapping[str, str], country: Partition, tools: Path | None, folder: Path, password: Callable[[str], str]
) -> list[Path]:
    """Dump one country's rows as its backup role; return the two files.

    `rows-<country>.dump` may be kept for as long as the operator keeps backups. `keys-<country>.dump` is one
    generation, overwritten each run: how old it may grow is how late an erasure reaches the backups.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    role = Role(country, "backup").name
    as_role = {**environment, "PGUSER": role, "PGPASSWORD": password(role)}
    files = []
    for part, wanted in (("rows", False), ("keys", True)):
        tables = [
            f"--table={t.schema}.{t.name}_{country.lower()}"
            for t in tenant_tables()
            if (t.name == KEYS_TABLE) is wanted
        ]
        file = folder / f"{part}-{country.lower()}.dump"
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        _run([*_tool(tools, "pg_dump"), "--format=custom", "--data-only", "--enable-row-security",
              *tables, f"--file={fresh}"], as_role)  # fmt: skip
        fresh.replace(file)
        files.append(file)
    return files


def restore(url: str, environment: Mapping[str, str], country: Partition, tools: Path | None, folder: Path) -> None:
    """Load one country's rows and keys into a migrated database that holds none of them yet.

    Raises:
        NotEmpty: the country has rows already.
    """
    database = environment["PGDATABASE"]
    with administrator(url, database) as engine, engine.begin() as connection:
        for table in tenant_tables():
            child = f"{table.schema}.{table.name}_{country.lower()}"
            # That the database was made for the restore stands in its log already.
            but = f"WHERE NOT starts_with(action, '{OPERATORS}')" if table is audit_leaf else ""
            if connection.exec_driver_sql(f"SELECT 1 FROM {child} {but} LIMIT 1").first() is not None:
                raise NotEmpty(f"{child} holds rows; nothing was restored")
    for part in ("rows", "keys"):
        file = folder / f"{part}-{country.lower()}.dump"
        _run([*_tool(tools, "pg_restore"), "--data-only", "--disable-triggers", "--single-transaction",
              f"--dbname={database}", str(file)], environment)  # fmt: skip


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


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    return config


def _tool(tools: Path | None, name: str) -> list[str]:
    return [str(tools / name) if tools else name]


def _run(arguments: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(arguments, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise DatabaseToolFailed(f"{Path(arguments[0]).name} ended with {done.returncode}: {said[-1]}")
