"""A leaf of the audit log that was changed, made up or put in by hand is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Task
from register.services.running.verify_audit import verify_audit
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.integration.services.running.test_operators_log import calling
from tests.support.forms import a_form
from tests.support.world import World, world
from tests.unit.api.cli.desk import document

AW = Partition.AW
OLDEST = "(SELECT id FROM rtr.audit_leaf WHERE country = 'AW' ORDER BY id LIMIT 1)"
BY_HAND = """
INSERT INTO rtr.audit_leaf (country, id, at, action, commitment, leaf_hash)
SELECT country, '{id}', at - interval '40 days', action,
       commitment || jsonb_build_object('id', '{id}'), decode(repeat('00', 32), 'hex')
FROM rtr.audit_leaf WHERE id = (SELECT id FROM rtr.audit_leaf WHERE country = 'AW' ORDER BY id LIMIT 1)
"""
MADE_UP = UUID("01976a10-5c00-7000-8000-0000000000aa")


@pytest.fixture
def here() -> Iterator[World]:
    with world(countries=(AW,)) as made:
        for n in range(3):
            record_signal(made[AW], made.caller("AW-DIMAS", Task.SUBMIT), a_form(), f"one-{n}")
        yield made


def spoil(here: World, statement: str) -> None:
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        connection.execute(statement.encode())


def test_a_log_that_nobody_touched_holds_and_its_reading_is_a_leaf_too(here: World) -> None:
    first = verify_audit(here[AW], "register")
    assert first.holds
    assert first.leaves > 3
    second = verify_audit(here[AW], "register")
    assert (second.holds, second.leaves) == (True, first.leaves + 1)


def test_a_back_dated_leaf_with_a_hash_of_zeros_is_found(here: World) -> None:
    spoil(here, BY_HAND.format(id=MADE_UP))
    found = verify_audit(here[AW], "register")
    assert [(one.id, one.fault) for one in found.wrong] == [(MADE_UP, "hash")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("commitment = jsonb_set(commitment, '{actor}', '\"somebody-else\"')", "hash"),
        ("commitment = commitment - 'facts'", "hash"),
        ("leaf_hash = decode(repeat('00', 32), 'hex')", "hash"),
        ("at = at - interval '1 day'", "time"),
        ("action = 'signal.read'", "action"),
        ("id = '01976a10-5c00-7000-8000-0000000000ab'", "id"),
    ],
)
def test_each_change_of_a_leaf_is_found_and_named(here: World, change: str, fault: str) -> None:
    spoil(here, f"UPDATE rtr.audit_leaf SET {change} WHERE id = {OLDEST}")
    found = verify_audit(here[AW], "register")
    assert [one.fault for one in found.wrong] == [fault]
    assert found.faults == {fault: 1}


def test_an_operator_checks_both_logs_at_the_command_line(here: World, tmp_path: Path) -> None:
    rtr = calling(here.settings, tmp_path)
    assert document(rtr("audit", "verify", "--country", "AW", "--json"))["faults"] == {}
    assert document(rtr("audit", "verify", "--country", "AW", "--evaluator", "--json"))["leaves"] == 0
    spoil(here, BY_HAND.format(id=MADE_UP))
    result = rtr("audit", "verify", "--country", "AW")
    assert result.exit_code == 1
    assert str(MADE_UP) in result.stdout
    assert "privacy officer" in result.stdout
