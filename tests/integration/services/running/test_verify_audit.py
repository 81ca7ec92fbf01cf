"""A leaf of the audit log that was changed, made up or put in by hand is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Task
from register.domain.running.audit_action import AuditAction
from register.keys.home import open_store
from register.services.running.verify_audit import verify_audit
from register.services.signals.record_signal import record_signal
from register.store.running.sealing import Place
from schemas.codes import Partition
from tests.integration.services.running.test_operators_log import calling
from tests.support.clock import HandClock
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


PRIVATE = ("CASE-ONE", "CASE-TWO", "CASE-THREE")
FIRST, OTHER = (
    f"(SELECT id FROM rtr.audit_leaf WHERE country = 'AW' AND data_key IS NOT NULL ORDER BY id OFFSET {n} LIMIT 1)"
    for n in (0, 1)
)
ITS_KEY = f"(SELECT data_key FROM rtr.audit_leaf WHERE id = {FIRST})"
NOTHING_SEALED = "private_salt = NULL, private_sealed = NULL, data_key = NULL"
FROM_OTHER = ", ".join(
    f"{column} = (SELECT {column} FROM rtr.audit_leaf WHERE id = {OTHER})"
    for column in ("private_salt", "private_sealed", "data_key")
)
FLIPPED = "set_byte(private_sealed, 20, get_byte(private_sealed, 20) # 1)"
SPOILT = {
    "its seal is emptied": (f"UPDATE rtr.audit_leaf SET private_sealed = NULL WHERE id = {FIRST}", "private-gone"),
    "all of it is emptied": (f"UPDATE rtr.audit_leaf SET {NOTHING_SEALED} WHERE id = {FIRST}", "private-gone"),
    "its salt is emptied": (f"UPDATE rtr.audit_leaf SET private_salt = NULL WHERE id = {FIRST}", "private-gone"),
    "its data key is deleted": (f"DELETE FROM rtr.data_key WHERE id = {ITS_KEY}", "private-gone"),
    "its data key is garbled": (
        f"UPDATE rtr.data_key SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE id = {ITS_KEY}",
        "private-broken",
    ),
    "it is another leaf's": (f"UPDATE rtr.audit_leaf SET {FROM_OTHER} WHERE id = {FIRST}", "private-broken"),
    "it is garbled": (
        f"UPDATE rtr.audit_leaf SET private_sealed = {FLIPPED} WHERE id = {FIRST}",
        "private-broken",
    ),
    "its salt is garbled": (
        "UPDATE rtr.audit_leaf SET private_salt = set_byte(private_salt, 3, get_byte(private_salt, 3) # 1) WHERE id = "
        + FIRST,
        "private-hash",
    ),
    "it is put beside a leaf that speaks of none": (
        f"UPDATE rtr.audit_leaf SET private_salt = decode('00', 'hex') WHERE id = {OLDEST}",
        "private-added",
    ),
}


@pytest.fixture
def cases(here: World) -> World:
    """The same, and three leaves with a private part."""
    with here[AW].work(here.caller("AW-DIMAS", Task.SEARCH_SHARED)) as work:
        for case in PRIVATE:
            work.running.audit.note(AuditAction.RECORD_ASKED, "-", private={"case": case}, purpose="x", basis="x")
    return here


def id_of(here: World, which: str) -> UUID:
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        row = connection.execute(f"SELECT {which}".encode()).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def test_a_log_with_private_parts_that_nobody_touched_holds(cases: World) -> None:
    found = verify_audit(cases[AW], "register")
    assert (found.holds, found.private, found.unopened, found.ended) == (True, len(PRIVATE), 0, 0)


@pytest.mark.parametrize("what", SPOILT)
def test_a_leaf_whose_private_part_was_touched_is_named(cases: World, what: str) -> None:
    statement, fault = SPOILT[what]
    whose = id_of(cases, OLDEST if fault == "private-added" else FIRST)
    spoil(cases, statement)
    found = verify_audit(cases[AW], "register")
    assert [(one.id, one.fault) for one in found.wrong] == [(whose, fault)]
    assert not found.holds


def test_a_private_part_sealed_anew_with_the_countrys_own_keys_has_another_hash(cases: World) -> None:
    """Whoever has the keys, too, can make a seal that opens; what the leaf committed to it cannot make."""
    whose = id_of(cases, FIRST)
    with cases[AW].work(cases.worker(AW)) as work:
        key = work.keys.get(id_of(cases, ITS_KEY))
        forged = key.seal_json(Place(AW, "audit_leaf", str(whose)), "private", {"case": "another"})
    spoil(cases, f"UPDATE rtr.audit_leaf SET private_sealed = decode('{forged.hex()}', 'hex') WHERE id = '{whose}'")
    found = verify_audit(cases[AW], "register")
    assert [(one.id, one.fault) for one in found.wrong] == [(whose, "private-hash")]


def test_a_private_part_may_be_gone_once_its_time_is_over_and_not_before(cases: World) -> None:
    spoil(cases, f"DELETE FROM rtr.data_key WHERE id = {ITS_KEY}")
    at = datetime.now(UTC)
    for years, outcome in ((4, (1, 0)), (6, (0, 1))):
        later = replace(cases[AW], clock=HandClock(at.replace(year=at.year + years, day=1)))
        found = verify_audit(later, "register")
        assert (found.faults.get("private-gone", 0), found.ended) == outcome


def test_private_parts_whose_keys_are_not_here_are_counted_and_not_called_well(cases: World, tmp_path: Path) -> None:
    open_store(cases.settings, AW).destroy(kek_of(cases))
    found = verify_audit(cases[AW], "register")
    assert (found.faults, found.private, found.unopened, found.holds) == ({}, len(PRIVATE), len(PRIVATE), False)
    result = calling(cases.settings, tmp_path)("audit", "verify", "--country", "AW")
    assert result.exit_code == 1
    assert f"{len(PRIVATE)} of {len(PRIVATE)} private parts could not be opened" in result.stdout
    assert "all hold" not in result.stdout


def kek_of(here: World) -> str:
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        row = connection.execute(f"SELECT kek FROM rtr.data_key WHERE id = {ITS_KEY}".encode()).fetchone()
    assert row is not None
    return str(row[0])


def test_an_operator_checks_both_logs_at_the_command_line(here: World, tmp_path: Path) -> None:
    rtr = calling(here.settings, tmp_path)
    assert document(rtr("audit", "verify", "--country", "AW", "--json"))["faults"] == {}
    assert document(rtr("audit", "verify", "--country", "AW", "--evaluator", "--json"))["leaves"] == 0
    spoil(here, BY_HAND.format(id=MADE_UP))
    result = rtr("audit", "verify", "--country", "AW")
    assert result.exit_code == 1
    assert str(MADE_UP) in result.stdout
    assert "privacy officer" in result.stdout
