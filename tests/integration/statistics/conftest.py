"""Five countries, started once for this folder, with their notifications of 2023 registered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.exchange.net import Net, net
from tests.integration.statistics.scene import FIVE, notify
from tests.support.started.databases import empty

_EMPTIED = (
    "alarm", "appender_lease", "audit_leaf", "contribution", "contribution_basis", "draft", "kept_row", "linkage",
    "log_entry",
    "log_head", "outbox", "outside_fact", "page_evidence", "partner_cursor", "quarantine", "receipt_given",
    "receipt_got", "received_entry", "received_record", "received_stub", "release", "release_approval", "release_cell",
    "release_word",
)  # fmt: skip


@pytest.fixture(scope="package")
def started() -> Iterator[Net]:
    with net(*FIVE) as made:
        for node in made.nodes.values():
            notify(node)
        yield made


@pytest.fixture
def five(started: Net) -> Net:
    """The five, with nothing said about statistics yet."""
    empty(started.world.settings, _EMPTIED)
    return started
