"""The schema is what the models say, migrations go both ways, and migrating is safe to repeat or to do at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from migrations.scope import OPTIONS
from register.services.running import operate_database
from register.settings import Settings
from register.store.models import RIGHTS, metadata
from register.store.running.server import administration
from register.store.running.server.database import Address, Database
from register.store.running.server.rls import OWNER
from register.store.schema_revision import alembic_config
from schemas.codes import Partition
from tests.migrations.conftest import fresh_settings


def test_models_and_migrations_describe_the_same_schema(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    with _connection(fresh) as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_brought_up_taken_down_and_brought_up_again(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    up = _schema(fresh)
    with _connection(fresh) as connection, connection.begin():
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        connection.exec_driver_sql("SET LOCAL row_security = off")
        config = alembic_config()
        config.attributes["connection"] = connection
        _down(config)
    assert _schema(fresh) == {"rtr.alembic_version"}
    assert operate_database.state(fresh).revision is None
    operate_database.migrate(fresh)
    assert _schema(fresh) == up
    assert operate_database.state(fresh).current


def test_migrating_twice_changes_nothing(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    before = _everything(fresh)
    operate_database.migrate(fresh)
    assert _everything(fresh) == before


def test_two_who_migrate_at_the_same_time_take_turns(tmp_path: Path) -> None:
    """Also while the database is not there yet, and for two databases on one server, which share its roles."""
    one = fresh_settings(tmp_path / "one")
    two = replace(one, countries=(Partition.CW, Partition.SX))
    other = fresh_settings(tmp_path / "other", Partition.AW)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        states = list(pool.map(operate_database.migrate, (one, two, one, other)))
    assert all(s.current for s in states)
    assert {"rtr.signal_aw", "rtr.signal_cw", "rtr.signal_sx"} <= _schema(one)


def test_hosting_one_more_country_is_the_same_command(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path, Partition.AW)
    operate_database.migrate(settings)
    assert not any(name.endswith("_bq") for name in _schema(settings))
    more = replace(settings, countries=(Partition.AW, Partition.BQ))
    operate_database.migrate(more)
    assert {f"{table}_bq" for table in RIGHTS} <= _schema(more)
    with _database(more, Partition.BQ) as database:
        database.check(("api", "worker", "auditor", "backup", "evaluator"))


def test_a_country_that_is_hosted_no_longer_keeps_its_rows_and_loses_its_way_in(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path, Partition.AW, Partition.BQ)
    operate_database.migrate(settings)
    operate_database.migrate(replace(settings, countries=(Partition.AW,)))
    assert "rtr.signal_bq" in _schema(settings)
    query = "SELECT has_database_privilege('rtr_bq_api', current_database(), 'CONNECT')"
    with _connection(settings) as connection:
        assert connection.exec_driver_sql(query).scalar_one() is False


def test_the_state_before_the_first_migration_says_so(fresh: Settings) -> None:
    with psycopg.connect(fresh.database.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {fresh.database.name}".encode())
    state = operate_database.state(fresh)
    assert (state.revision, state.current, state.hosted) == (None, False, fresh.countries)


def _down(config: Config) -> None:
    command.downgrade(config, "base")


@contextmanager
def _connection(settings: Settings) -> Iterator[sa.Connection]:
    url, name = settings.database.admin_url, settings.database.name
    with administration.administrator(url, name) as engine, engine.connect() as connection:
        yield connection


@contextmanager
def _database(settings: Settings, country: Partition) -> Iterator[Database]:
    password: Callable[[str], str] = administration.password_file(settings.home / "secrets")
    at = settings.database
    database = Database(Address(at.host, at.port, at.name), country, password)
    try:
        yield database
    finally:
        database.close()


def _schema(settings: Settings) -> set[str]:
    query = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('rtr', 'evaluator') AND c.relkind IN ('r', 'p')
    """
    with _connection(settings) as connection:
        return set(connection.exec_driver_sql(query).scalars())


def _everything(settings: Settings) -> set[tuple[str, ...]]:
    """Relations with their rights and row security, policies, constraints and indexes, as the catalogue says them."""
    query = """
    SELECT c.relname::text, coalesce(c.relacl::text, ''), c.relforcerowsecurity::text, c.relowner::regrole::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('rtr', 'evaluator')
    UNION ALL SELECT polrelid::regclass::text, polname, polroles::regrole[]::text,
        concat_ws(' / ', polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
    UNION ALL SELECT attrelid::regclass::text, attname, attacl::text, '' FROM pg_attribute WHERE attacl IS NOT NULL
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
    UNION ALL SELECT schemaname, tablename, indexdef, '' FROM pg_indexes WHERE schemaname IN ('rtr', 'evaluator')
    """
    with _connection(settings) as connection:
        return {tuple(sorted_acl(v) for v in row) for row in connection.exec_driver_sql(query)}


def sorted_acl(value: str) -> str:
    """Rights in one order: taking and giving them again changes only how they are listed."""
    return ",".join(sorted(value.strip("{}").split(","))) if value.startswith("{") else value
