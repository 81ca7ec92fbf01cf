"""Databases to migrate, and the migration's own connection: the owner, with row security off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from register.settings import DatabaseSettings, Settings
from register.store.running.server.administration import administrator
from register.store.running.server.rls import OWNER
from schemas.codes import Partition
from tests.support.started import servers
from tests.support.started.databases import fresh_database

As = Callable[[Settings], AbstractContextManager[tuple[sa.Connection, Operations]]]


@pytest.fixture
def fresh(tmp_path: Path) -> Settings:
    """Settings that name a database which is not there yet."""
    return fresh_settings(tmp_path)


def fresh_settings(home: Path, *countries: Partition) -> Settings:
    """Settings of a database of its own on the wheel's server; its roles go by the server's passwords."""
    address = servers.address("wheel")
    servers.lend_passwords("wheel", home)
    return Settings(
        home=home,
        countries=countries or (Partition.AW, Partition.CW),
        database=DatabaseSettings(host=address.host, port=address.port, name=fresh_database(), admin_url=address.url()),
    )


@contextmanager
def as_migration(settings: Settings) -> Iterator[tuple[sa.Connection, Operations]]:
    """A transaction as a migration has it (register.store.running.server.administration); it ends in a rollback."""
    with administrator(settings.database.admin_url, settings.database.name) as engine, engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        connection.exec_driver_sql("SET LOCAL row_security = off")
        with Operations.context(MigrationContext.configure(connection)) as operations:
            yield connection, operations
        connection.rollback()
