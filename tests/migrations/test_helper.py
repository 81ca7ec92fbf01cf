"""Under forced row security a careless migration is silently wrong; ours is an error, and `helper` is the way."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError, ProgrammingError

from migrations.helper import NoTransaction, rows_in_reach
from register.store.running.server.administration import administrator
from schemas.codes import Partition
from tests.integration.store.isolation.matrix import admin
from tests.migrations.conftest import as_migration
from tests.support.world import World, world

ORPHAN = UUID(int=7)


@pytest.fixture(scope="module")
def orphaned() -> Iterator[World]:
    """Two countries with organisations, and a hit of Aruba whose signal does not exist."""
    with world(countries=(Partition.AW, Partition.CW)) as made:
        with psycopg.connect(admin(made)) as connection:
            connection.execute(
                "INSERT INTO rtr.hit (country, id, signal_id, origin, object, families, strength, found_at) "
                "VALUES ('AW', %s, %s, 'CW', %s, '{phone}', 'A', now())",
                [UUID(int=1), ORPHAN, UUID(int=2)],
            )
        yield made


def _add_key(operations: Operations) -> None:
    operations.create_foreign_key(
        "fk_hit_signal", "hit", "signal", ["country", "signal_id"], ["country", "id"],
        source_schema="rtr", referent_schema="rtr",
    )  # fmt: skip


def test_without_row_security_off_a_backfill_touches_nothing_and_an_orphan_passes(orphaned: World) -> None:
    """The trap itself, so that nobody takes the precautions for superstition."""
    with as_migration(orphaned.settings) as (connection, operations):
        connection.exec_driver_sql("SET LOCAL row_security = on")
        assert connection.exec_driver_sql("UPDATE rtr.organisation SET kind = kind").rowcount == 0
        _add_key(operations)
        found = connection.exec_driver_sql("SELECT convalidated FROM pg_constraint WHERE conname = 'fk_hit_signal'")
        assert set(found.scalars()) == {True}


def test_a_data_statement_of_a_migration_without_the_helper_is_an_error(orphaned: World) -> None:
    with (
        as_migration(orphaned.settings) as (connection, _),
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        connection.exec_driver_sql("UPDATE rtr.organisation SET kind = kind")


def test_a_foreign_key_over_an_orphan_without_the_helper_is_not_silently_valid(orphaned: World) -> None:
    with (
        as_migration(orphaned.settings) as (_, operations),
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        _add_key(operations)


def test_a_foreign_key_over_an_orphan_with_the_helper_names_it(orphaned: World) -> None:
    with (
        as_migration(orphaned.settings) as (_, operations),
        pytest.raises(IntegrityError, match=str(ORPHAN)),
        rows_in_reach("rtr.hit", "rtr.signal"),
    ):
        _add_key(operations)


def test_a_foreign_key_with_the_helper_holds_once_the_orphan_is_gone(orphaned: World) -> None:
    with as_migration(orphaned.settings) as (connection, operations):
        with rows_in_reach("rtr.hit", "rtr.signal"):
            assert connection.exec_driver_sql("DELETE FROM rtr.hit").rowcount == 1
            _add_key(operations)
        assert _unforced(connection) == set()


def test_a_backfill_with_the_helper_reaches_every_country_and_row_security_is_forced_again(orphaned: World) -> None:
    with as_migration(orphaned.settings) as (connection, operations):
        operations.add_column("organisation", sa.Column("short", sa.Text), schema="rtr")
        with rows_in_reach("rtr.organisation") as reached:
            assert _unforced(connection) == {"organisation", "organisation_aw", "organisation_cw"}
            reached.exec_driver_sql("UPDATE rtr.organisation SET short = lower(code)")
            seen = reached.exec_driver_sql("SELECT DISTINCT country FROM rtr.organisation WHERE short = lower(code)")
            assert sorted(seen.scalars()) == ["AW", "CW"]
        assert _unforced(connection) == set()
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.exec_driver_sql("SELECT short FROM rtr.organisation")


def test_an_error_inside_the_block_leaves_row_security_forced(orphaned: World) -> None:
    with (
        as_migration(orphaned.settings) as (connection, _),
        pytest.raises(ZeroDivisionError),
        rows_in_reach("rtr.organisation"),
    ):
        raise ZeroDivisionError
    with as_migration(orphaned.settings) as (connection, _):
        assert _unforced(connection) == set()


def test_the_helper_refuses_to_work_outside_a_transaction(orphaned: World) -> None:
    settings = orphaned.settings
    with administrator(settings.database.admin_url, settings.database.name) as engine, engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        with (
            Operations.context(MigrationContext.configure(alone)),
            pytest.raises(NoTransaction),
            rows_in_reach("rtr.organisation"),
        ):
            pass


@pytest.mark.parametrize("table", ["rtr.nothing", "rtr.roster"])
def test_the_helper_refuses_a_table_on_which_row_security_is_not_forced(table: str, orphaned: World) -> None:
    with as_migration(orphaned.settings), pytest.raises(LookupError), rows_in_reach(table):
        pass


def _unforced(connection: sa.Connection) -> set[str]:
    query = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'country'
    WHERE n.nspname IN ('rtr', 'evaluator') AND c.relkind IN ('r', 'p') AND NOT c.relforcerowsecurity
    """
    return set(connection.exec_driver_sql(query).scalars())
