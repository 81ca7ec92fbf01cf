"""A leaf is dated by the database's clock: a process whose clock was set dates none, and writes none far from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Caller, Task, system
from register.domain.running.audit_action import AuditAction
from register.errors import OperatorError
from register.services.running.verify_audit import verify_audit
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.integration.store.isolation.matrix import admin
from tests.support.clock import HandClock
from tests.support.forms import a_form
from tests.support.world import World, world

AW = Partition.AW
SECOND = timedelta(seconds=1)


class SetBack(HandClock):
    """The hands of a machine that was set: its ids go by them, too."""

    def new_id(self) -> UUID:
        """A UUIDv7 of the time that the hands show."""
        real = super().new_id()
        stamp = int(self.now().timestamp() * 1_000)
        return UUID(int=(stamp << 80) | (real.int & ((1 << 80) - 1)))


@pytest.fixture(params=[timedelta(days=-400), timedelta(days=30)], ids=["back", "ahead"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    """A node whose clock stands elsewhere, and whose ids are of today."""
    with world(countries=(AW,), clock=HandClock(datetime.now(UTC) + request.param)) as made:
        yield made


def leaves(here: World, table: str) -> tuple[datetime, list[dict[str, Any]]]:
    """The database's time, and the leaves of a log."""
    with psycopg.connect(admin(here), row_factory=psycopg.rows.dict_row) as connection:
        now = connection.execute("SELECT clock_timestamp() AS now").fetchone()
        rows = connection.execute(f"SELECT * FROM {table} ORDER BY id".encode()).fetchall()
    assert now is not None
    return now["now"], rows


def by(here: World) -> Caller:
    return here.caller("AW-DIMAS", Task.SUBMIT)


def test_a_process_whose_clock_was_set_dates_its_leaves_by_the_database_all_the_same(here: World) -> None:
    before, _ = leaves(here, "rtr.audit_leaf")
    with here[AW].work(by(here)) as work:
        private = {"reason": 'a "case", "at":"0000-00-00T00:00:00.000+00:00"'}
        facts: dict[str, Any] = {
            "of": "x",
            "at": "x",
            "tasks": [],
            "begins": "0000-00-00T00:00:00.000+00:00",
            "ends": None,
        }
        work.running.audit.note(AuditAction.AUTHORISATION_ADDED, "-", **facts)
        work.running.audit.note(AuditAction.INTAKE_WITHDRAWN, "-", private=private, version=1)
    now, rows = leaves(here, "rtr.audit_leaf")
    assert before <= rows[-1]["at"] <= now
    for row in rows:
        assert row["commitment"]["at"] == row["at"].astimezone(UTC).isoformat(timespec="milliseconds")
    assert verify_audit(here[AW], "register").holds


def test_so_does_its_evaluator(here: World) -> None:
    before, _ = leaves(here, "evaluator.evaluation_leaf")
    with here[AW].work(system(AW, "evaluator")) as work:
        work.exchange.evaluations.note({"action": "batch.granted", "keys": {"phone": 1}})
    now, rows = leaves(here, "evaluator.evaluation_leaf")
    assert before <= rows[-1]["at"] <= now
    assert verify_audit(here[AW], "evaluator").holds


@pytest.mark.parametrize("days", [-400, -1, 1])
def test_a_process_whose_ids_are_of_another_time_writes_no_leaf_and_nothing_else(days: int) -> None:
    """A leaf's place in the log is its id's: one of yesterday would stand among those of yesterday."""
    clock = SetBack(datetime.now(UTC))
    with world(countries=(AW,), clock=clock) as made:
        clock.move(timedelta(days=days).total_seconds())
        _, before = leaves(made, "rtr.audit_leaf")
        with pytest.raises(OperatorError) as refused:
            record_signal(made[AW], by(made), a_form(received_on="2025-06-01"), "one")
        assert refused.value.code == "clock-differs"
        _, after = leaves(made, "rtr.audit_leaf")
        _, signals = leaves(made, "rtr.signal")
    assert (len(after), signals) == (len(before), [])
