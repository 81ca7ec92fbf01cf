"""Three countries for the tests of this folder, started once; each test finds their exchange empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from register.store.running.administration import administrator
from schemas.codes import Partition
from tests.integration.exchange.net import Net, net

_EMPTIED = (
    "appender_lease", "audit_leaf", "data_key", "draft", "indexed_record", "log_entry", "log_head", "outbox",
    "page_evidence", "partner_cursor", "quarantine", "receipt_given", "receipt_got", "received_entry",
    "received_record", "received_stub", "search_key", "sent_object",
)  # fmt: skip


@pytest.fixture(scope="package")
def started() -> Iterator[Net]:
    with net(Partition.AW, Partition.CW, Partition.SX) as made:
        yield made


@pytest.fixture
def trio(started: Net) -> Iterator[Net]:
    """Aruba, Curaçao and Sint Maarten, with nothing told yet."""
    names = ", ".join(f"rtr.{name}" for name in _EMPTIED)
    database = started.world.settings.database
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")
    for clock in started.clocks.values():
        clock.offset = timedelta()
    yield started
    for clock in started.clocks.values():
        clock.offset = timedelta()
