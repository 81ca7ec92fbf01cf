"""Receipts that were kept before the migration are found by what they acknowledge after it, in every country."""

from __future__ import annotations

from alembic import command

from register.services.running import operate_database
from register.settings import Settings
from register.store.running.server.rls import OWNER
from register.store.schema_revision import alembic_config
from tests.migrations.test_migrating import _connection


def test_receipts_of_an_older_release_are_given_their_number(fresh: Settings) -> None:
    operate_database.migrate(fresh)
    _move(fresh, "2026_11_22_01")
    with _connection(fresh) as connection:
        connection.exec_driver_sql(
            "INSERT INTO rtr.receipt_got (country, partner, incarnation, n, jws, claims, got_at) "
            """VALUES ('AW', 'CW', 1, 1, 'x', '{"applied_to": 7}', now()), """
            """('CW', 'AW', 1, 1, 'x', '{"applied_to": 9007199254740993}', now())"""
        )
        connection.commit()
    operate_database.migrate(fresh)

    with _connection(fresh) as connection:
        found = connection.exec_driver_sql("SELECT country, applied_to FROM rtr.receipt_got ORDER BY 1").all()
    assert [tuple(row) for row in found] == [("AW", 7), ("CW", 9007199254740993)]


def _move(settings: Settings, to: str) -> None:
    with _connection(settings) as connection, connection.begin():
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        connection.exec_driver_sql("SET LOCAL row_security = off")
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)
