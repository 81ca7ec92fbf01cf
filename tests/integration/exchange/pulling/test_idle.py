"""A pull that brings nothing: most are so, every few seconds from each of four partners."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from schemas.codes import Partition
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW


def test_pull_that_brings_nothing_writes_once_and_says_when_it_was(trio: Net) -> None:
    trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[AW].pull(CW)
    trio.clocks[CW].offset = trio.clocks[AW].offset = timedelta(minutes=2)
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement.split(maxsplit=1)[0])

    engine = trio[AW].register.database._engine("worker")
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        trio[AW].pull(CW)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert (asked.count("UPDATE"), asked.count("INSERT")) == (1, 0)
    assert len(asked) <= 7
    with trio[AW].register.work(trio[AW].caller()) as work:
        cursor = work.exchange.received.cursor(CW, 1)
        now = trio[AW].register.clock.now()
    assert cursor is not None
    assert cursor.head_at is not None
    assert cursor.last_success_at is not None
    assert now - cursor.head_at < timedelta(minutes=1)
    assert now - cursor.last_success_at < timedelta(minutes=1)
