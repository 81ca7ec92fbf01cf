"""Every effect has its leaf and every leaf its effect; a leaf proves what it commits to, and hides what is sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import dict_row

from register.domain.access.caller import Caller, Task
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.services.access.admit import apply_authorisations, apply_organisations
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_history, read_signal
from register.services.statistics.owner_statistics import owner_statistics
from register.store.running.audit_leaves import readers_query
from register.store.running.sealing import Erased, KeyEnd, Place
from schemas.canonical import b64, domain_hash, dumps
from schemas.codes import Partition
from schemas.merkle import leaf_hash
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.integration.services.signals.changing.test_changing import CHANGES, _change
from tests.integration.store.isolation.matrix import admin
from tests.support.records.admitted import BY
from tests.support.world import World

AW = Partition.AW


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_leaves_one_leaf_that_says_who_did_what_to_which_version(
    two: World, unit: Caller, signal: SignalOut, what: str
) -> None:
    (leaf,) = _new(two, lambda: _change(two, what, unit, signal.id, 1))
    said = leaf["commitment"]
    assert (leaf["action"], said["action"], said["about"]) == (f"signal.{what}", f"signal.{what}", str(signal.id))
    assert (said["actor"], said["kind"], said["organisation"]) == ("unit", "person", "AW-JIUMM")
    assert said["facts"]["version"] == 2


def test_a_recorded_signal_leaves_a_leaf_and_one_of_its_comparison_with_older_ones(two: World, record: Record) -> None:
    compared, leaf = _new(two, record)
    assert compared["action"] == "signal.compared"
    assert leaf["action"] == "signal.recorded"
    assert leaf["commitment"]["facts"] == {"kind": "submission", "type": "MS"}


def test_reading_listing_and_counting_leave_a_leaf_each(two: World, unit: Caller, signal: SignalOut) -> None:
    signal_id = SignalId(signal.id)
    head = two.caller("AW-CMMA", Task.STATISTICS)
    reads: dict[str, Callable[[], object]] = {
        "signal.read": lambda: read_signal(two[AW], unit, signal_id),
        "signal.history-read": lambda: read_history(two[AW], unit, signal_id),
        "signal.listed": lambda: list_signals(two[AW], unit, filters={"urgency": "NOW"}, cursor=None, limit=5),
        "statistics.read": lambda: owner_statistics(two[AW], head, 2023),
        "organisations.applied": lambda: apply_organisations(two[AW], [], by=BY),
        "authorisations.applied": lambda: apply_authorisations(two[AW], [], by=BY),
    }
    for action, read in reads.items():
        (leaf,) = _new(two, read)
        assert leaf["action"] == action


def test_a_change_that_is_refused_leaves_none(two: World, unit: Caller, signal: SignalOut) -> None:
    def refused() -> None:
        with pytest.raises(ChangedMeanwhile):
            _change(two, "amended", unit, signal.id, 9)

    assert _new(two, refused) == []


def test_every_leafs_hash_is_that_of_its_commitment(two: World, unit: Caller, record: Record) -> None:
    signal = record()
    for version, what in enumerate(CHANGES, start=1):
        _change(two, what, unit, signal.id, version)
    rows = _leaves(two)
    assert len(rows) > len(CHANGES)
    for row in rows:
        assert row["leaf_hash"] == leaf_hash(dumps(row["commitment"]))
        assert row["commitment"]["id"] == str(row["id"])


def test_the_private_part_opens_and_is_what_the_leaf_commits_to(two: World, unit: Caller) -> None:
    private = {"case": "Case of the North Quay"}
    leaf = _note(two, unit, private)
    assert "Quay" not in str(leaf["commitment"])
    assert b"Quay" not in leaf["private_sealed"]
    with two[AW].work(unit) as work:
        place = Place(AW, "audit_leaf", str(leaf["id"]))
        opened = work.keys.get(leaf["data_key"]).open_json(place, "private", leaf["private_sealed"])
    assert opened == private
    assert leaf["commitment"]["private"] == _commitment(leaf["private_salt"], opened)
    assert leaf["commitment"]["private"] != _commitment(leaf["private_salt"], {"case": "Case of the South Quay"})


def test_erasing_the_private_part_leaves_the_leaf_as_it_was_hashed(two: World, unit: Caller) -> None:
    leaf = _note(two, unit, {"case": "Case of the North Quay"})
    with two[AW].work(unit) as work:
        work.keys.end([leaf["data_key"]], KeyEnd.ERASED)
        with pytest.raises(Erased):
            work.keys.get(leaf["data_key"])
    (row,) = [x for x in _leaves(two) if x["id"] == leaf["id"]]
    assert row["leaf_hash"] == leaf_hash(dumps(row["commitment"]))


def test_leaf_that_says_more_than_its_action_declares_is_not_written(two: World, unit: Caller) -> None:
    def say_a_name() -> None:
        with pytest.raises(ValueError, match="says too much"), two[AW].work(unit) as work:
            work.running.audit.note(AuditAction.REQUEST_READ, "-", version=1, name="Somebody")

    assert _new(two, say_a_name) == []


def test_no_leaf_of_another_country_is_written(two: World, record: Record) -> None:
    curacao = two.caller("CW-IMMIGRATION", Task.SUBMIT)
    assert {leaf["country"] for leaf in _new(two, lambda: record(curacao))} == {"CW"}


def _note(world: World, by: Caller, private: dict[str, Any]) -> dict[str, Any]:
    def note() -> None:
        with world[AW].work(by) as work:
            work.running.audit.note(AuditAction.RECORD_ASKED, "-", private=private, purpose="x", basis="x")

    (leaf,) = _new(world, note)
    return leaf


def _commitment(salt: bytes, private: dict[str, Any]) -> str:
    return b64(domain_hash("rtr-audit/private", salt + dumps(private)))


def _new(world: World, act: Callable[[], object]) -> list[dict[str, Any]]:
    before: set[UUID] = {row["id"] for row in _leaves(world)}
    act()
    return [row for row in _leaves(world) if row["id"] not in before]


def _leaves(world: World) -> list[dict[str, Any]]:
    with psycopg.connect(admin(world), row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM rtr.audit_leaf ORDER BY at, id").fetchall()


def test_who_read_a_referral_is_found_without_reading_the_log(two: World) -> None:
    """Leaves are kept for good, and whoever takes a referral back waits for the answer."""
    query = readers_query(AW, two[AW].clock.new_id(), "AW-DIMAS", two[AW].clock.now())
    with two[AW].database.transaction("api") as connection:
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = " ".join(connection.exec_driver_sql(f"EXPLAIN {asked}".replace("%", "%%")).scalars())
    assert "audit_leaf_aw_country_expr_idx" in plan
    assert plan.count("Scan") == 1
