"""Hits from abroad: rows that come with a shared key and go with it (search.md 1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from register.domain.access.caller import Task, TaskMissing
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.services.search.list_hits import BadHitsCursor, list_hits
from register.services.search.match_records import match_records
from register.services.signals.change_signal import withdraw_signal
from register.store.search.search_keys import DF_MAX
from schemas.search.question import HitRow
from schemas.signals.changes import WithdrawIn
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, CW, SX, Scene, a_phone, about, ground_of

pytestmark = pytest.mark.any_engine


def test_an_extract_that_shares_a_key_with_an_own_signal_makes_a_row(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(CW, about(phone))
    scene.settle()
    (row,) = _of(scene, signal)
    assert (row.origin, row.record, row.strength, row.families) == (CW, record, "same-number", ("phone",))
    assert row.reference is not None


def test_it_does_not_matter_which_side_was_there_first(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    signal = _signal(scene, phone)
    scene.settle()
    assert [r.record for r in _of(scene, signal)] == [record]


def test_a_victims_own_key_makes_a_row_at_its_owner(scene: Scene) -> None:
    phone = a_phone()
    victim = {"n": 1, "role": "VICTIM_CONFIRMED", "kind": "person", "selectors": [phone.model_dump()]}
    signal = scene.record(subjects=[victim], selectors=[]).id
    record = scene.hold(SX, about(phone))
    scene.settle()
    assert [r.record for r in _of(scene, signal)] == [record]


def test_matching_again_makes_no_second_row_and_keeps_the_first(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(CW, about(phone))
    scene.settle()
    first = _of(scene, signal)
    _look_again(scene, record)
    assert _of(scene, signal) == first


def test_retracting_the_extract_withdraws_the_row(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(CW, about(phone))
    scene.settle()
    scene.mirrors[CW].retract(record)
    assert _of(scene, signal) == [], "it is gone before any worker looked"
    scene.settle()
    (row,) = scene.rows("SELECT withdrawn_at FROM rtr.hit WHERE object = %s", record)
    assert row["withdrawn_at"] is not None


def test_a_row_on_an_extract_that_is_hidden_is_not_listed_and_is_again_when_it_shows(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(CW, about(phone))
    scene.settle()
    hide = f"UPDATE rtr.received_record SET hidden_at = %s WHERE country = 'AW' AND object = '{record}'"
    scene.change(hide % "now()")
    assert _of(scene, signal) == []
    scene.change(hide % "NULL")
    assert [r.record for r in _of(scene, signal)] == [record]


def test_a_new_version_without_the_key_withdraws_the_row_and_one_with_it_brings_it_back(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(CW, about(phone))
    scene.settle()
    scene.mirrors[CW].hold(scene.extract(CW, about(a_phone())), about=record, version=2)
    scene.settle()
    assert _of(scene, signal) == []
    scene.mirrors[CW].hold(scene.extract(CW, about(phone)), about=record, version=3)
    scene.settle()
    assert [r.record for r in _of(scene, signal)] == [record]


def test_withdrawing_the_own_signal_withdraws_the_row(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    scene.hold(CW, about(phone))
    scene.settle()
    unit = scene.world.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH)
    withdraw_signal(
        scene.aruba,
        unit,
        SignalId(signal),
        WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."}),
        version=1,
    )
    scene.share()
    scene.settle()
    assert _of(scene, signal) == []


@pytest.mark.parametrize("at_once", [1, 4], ids=["one-by-one", "several-in-one-page"])
def test_a_key_that_becomes_too_common_withdraws_what_stands_on_it_alone(scene: Scene, at_once: int) -> None:
    phone, other = a_phone(), a_phone()
    alone, both = _signal(scene, phone), _signal(scene, phone, other)
    first = scene.hold(CW, about(phone))
    second = scene.hold(CW, about(phone, other))
    scene.hold_many(SX, about(phone), DF_MAX - 4)
    scene.settle()
    assert {first, second} <= {r.record for r in _of(scene, alone)}
    scene.hold_many(SX, about(phone), at_once)
    scene.settle()
    # What Sint Maarten knows says nothing more; of what Curaçao knows it takes nothing.
    assert {r.record for r in _of(scene, alone)} == {first, second}
    scene.hold_many(CW, about(phone), DF_MAX)
    scene.settle()
    assert _of(scene, alone) == []
    (kept,) = _of(scene, both)
    assert (kept.record, kept.families) == (second, ("phone",))


@pytest.mark.parametrize("over", [1, 3])
def test_a_key_that_becomes_rare_again_brings_back_what_stood_on_it(scene: Scene, over: int) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    first = scene.hold(CW, about(phone))
    crowd = scene.hold_many(SX, about(phone), DF_MAX - 2 + over)
    scene.settle()
    for going in crowd[:over]:
        assert {r.record for r in _of(scene, signal)} == {first}
        scene.mirrors[SX].retract(going)
        scene.settle()
    assert {r.record for r in _of(scene, signal)} == {first, *crowd[over:]}


def test_a_key_is_rare_again_when_an_own_signal_that_carried_it_is_withdrawn(scene: Scene) -> None:
    phone = a_phone()
    signal, mistaken = _signal(scene, phone), _signal(scene, phone)
    crowd = scene.hold_many(SX, about(phone), DF_MAX - 1)
    scene.settle()
    assert _of(scene, signal) == []
    unit = scene.world.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH)
    withdrawal = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    withdraw_signal(scene.aruba, unit, SignalId(mistaken), withdrawal, version=1)
    scene.share()
    scene.settle()
    assert {r.record for r in _of(scene, signal)} == set(crowd)


def test_rows_come_newest_first_in_pages_without_gap_or_repeat(scene: Scene) -> None:
    for _ in range(3):
        phone = a_phone()
        _signal(scene, phone)
        scene.hold(CW, about(phone))
        scene.hold(SX, about(phone))
        scene.settle()
        scene.clock.move(1)
    whole = _all(scene)
    assert len(whole) >= 6
    assert [r.found_at for r in whole] == sorted((r.found_at for r in whole), reverse=True)
    paged: list[HitRow] = []
    cursor: str | None = None
    while True:
        page = list_hits(scene.aruba, scene.unit, ground_of(scene.unit), cursor=cursor, limit=2)
        assert len(page.items) <= 2
        paged += page.items
        cursor = page.next
        if cursor is None:
            break
    assert paged == whole


@pytest.mark.parametrize("cursor", ["", "A", "!!!", "é", "AAAA", "_" * 32, "A" * 64])
def test_a_cursor_that_is_none_of_ours_is_refused(scene: Scene, cursor: str) -> None:
    with pytest.raises(BadHitsCursor):
        list_hits(scene.aruba, scene.unit, ground_of(scene.unit), cursor=cursor, limit=2)


def test_hits_are_for_those_who_search_or_keep_the_register(scene: Scene) -> None:
    officer = scene.world.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, Task.ENRICH)
    with pytest.raises(TaskMissing):
        scene.hits(officer)


def _signal(scene: Scene, *values: SelectorIn, **parts: Any) -> UUID:
    subject = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [v.model_dump() for v in values]}
    return scene.record(subjects=[subject], selectors=[], **parts).id


def _all(scene: Scene) -> list[HitRow]:
    return scene.hits()


def _of(scene: Scene, signal: UUID) -> list[HitRow]:
    return [r for r in _all(scene) if r.signal == signal]


def _look_again(scene: Scene, record: UUID) -> None:
    with scene.aruba.work(scene.world.worker(AW)) as work:
        work.running.outbox.add(Consumer.MATCH, record)
    assert match_records(scene.aruba, 10) == 1
