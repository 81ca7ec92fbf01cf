"""Three countries for the tests of this folder, started once; each test finds their exchange empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from schemas.codes import Partition
from tests.integration.exchange.net import Net, net
from tests.support.started.databases import empty

_EMPTIED = (
    "appender_lease", "audit_leaf", "damage", "data_key", "data_key_end", "draft", "indexed_record", "log_entry",
    "log_head", "outbox", "page_evidence", "partner_cursor", "quarantine", "receipt_given", "receipt_got",
    "receipt_refused", "received_entry", "received_record", "received_stub", "search_key", "to_do",
    "walk",
)  # fmt: skip


@pytest.fixture(scope="package")
def started() -> Iterator[Net]:
    with net(Partition.AW, Partition.CW, Partition.SX) as made:
        yield made


@pytest.fixture
def trio(started: Net) -> Iterator[Net]:
    """Aruba, Curaçao and Sint Maarten, with nothing told yet."""
    empty(started.world.settings, _EMPTIED)
    for clock in started.clocks.values():
        clock.offset = timedelta()
    yield started
    for clock in started.clocks.values():
        clock.offset = timedelta()
