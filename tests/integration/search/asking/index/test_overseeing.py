"""An operator sees whether the index agrees with PostgreSQL, mends it, and makes a new one, while searches go on."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import Result

from register.search.engine import Engine
from register.search.peppers import Peppers
from register.services.search.index_records import index_records
from register.services.search.oversee_index import (
    NoEngine,
    RebuildRuns,
    dead_letters,
    index_status,
    rebuild_index,
    retire_index,
    retry_dead_letters,
    verify_index,
)
from schemas.codes import Partition
from tests.integration.search.asking.scene import AW, CW, Lines, Scene, a_phone, about
from tests.integration.search.engine.probes import dump
from tests.integration.services.running.test_operators_log import calling
from tests.unit.api.cli.desk import document


def test_settled_index_agrees_with_postgresql(scene: Scene) -> None:
    scene.hold(CW, about(a_phone()))
    gone = scene.hold(CW, about(a_phone()))
    scene.record(selectors=[a_phone().model_dump()])
    scene.settle()
    scene.mirrors[CW].retract(gone)
    scene.settle()
    for origin in (AW, CW):
        found = verify_index(scene.aruba, origin)
        assert found.agrees
        assert found.compared > 0


def test_token_that_was_lost_in_the_engine_is_found_and_mended(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    engine = Engine(scene.engine.settings)
    theirs = Peppers(*scene.aruba.keys.peppers).object_key(CW, record)
    lost = [place for place, (_, body) in dump(engine, "rtr-aw-cw-token-*").items() if body.get("object") == theirs]
    for index, key in lost:
        engine.call("DELETE", f"/{index}/_doc/{key}", write=True)
    assert lost
    found = verify_index(scene.aruba, CW, repair=True)
    assert (found.differing, found.differ, found.queued) == ((record,), 1, 1)


def test_record_that_postgresql_does_not_know_is_counted_and_goes_with_a_rebuild(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    engine = Engine(scene.engine.settings)
    everything = dump(engine, "rtr-aw-cw-record-*")
    ((index, _), (_, body)) = next((place, doc) for place, doc in everything.items() if place[1] == str(record))
    stray = {"version": "4", "version_type": "external"}
    engine.call("PUT", f"/{index}/_doc/{uuid4()}", body, params=stray, write=True)
    assert verify_index(scene.aruba, CW).unknown == 1

    rebuilt = rebuild_index(scene.aruba, CW)
    assert rebuilt.objects > 0
    assert verify_index(scene.aruba, CW).agrees
    assert [h.record for h in scene.answer(CW, phone).hits] == [record]
    assert retire_index(scene.aruba, CW) == 1
    assert [h.record for h in scene.answer(CW, phone).hits] == [record]
    assert scene.rows("SELECT id FROM rtr.audit_leaf WHERE country = 'AW' AND action = 'index.rebuilt'")


def test_record_that_does_not_open_is_left_out_of_a_rebuild_and_holds_up_nothing(scene: Scene) -> None:
    bad, good = a_phone(), a_phone()
    spoilt = scene.record(selectors=[bad.model_dump()])
    kept = scene.record(selectors=[good.model_dump()])
    scene.settle()
    scene.rows("UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE id = %s RETURNING id", spoilt.id)
    rebuild_index(scene.aruba, AW)
    found = verify_index(scene.aruba, AW)
    assert (found.differ, found.unreadable, found.unknown) == (0, 1, 0)
    assert kept.id != spoilt.id
    scene.rows("DELETE FROM rtr.outbox WHERE consumer = 'index' RETURNING object")
    scene.rows("UPDATE rtr.signal SET account = substring(account FROM 2) WHERE id = %s RETURNING id", spoilt.id)
    assert verify_index(scene.aruba, AW, repair=True).queued == 1
    scene.settle()
    assert verify_index(scene.aruba, AW).agrees


@pytest.mark.any_engine
def test_two_rebuilds_of_one_origin_never_run_at_once(scene: Scene) -> None:
    scene.hold(CW, about(a_phone()))
    scene.settle()
    refused: list[type[Exception]] = []

    def beside(_: int) -> None:
        def second() -> None:
            try:
                rebuild_index(scene.aruba, CW)
            except RebuildRuns as error:
                refused.append(type(error))

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    rebuild_index(scene.aruba, CW, moved=beside)
    assert refused == [RebuildRuns]
    assert retire_index(scene.aruba, CW) >= 1


def test_dead_letter_is_listed_with_its_reason_and_tried_again(scene: Scene) -> None:
    bad = scene.hold(CW, about(a_phone()))

    def refuse(lines: Lines) -> Lines:
        return [dict(line) | {"no_such_field": 1} if "legal_basis" in line else line for line in lines]

    scene.engine.alter = refuse
    while index_records(scene.aruba, 10):
        pass
    assert [(one.consumer, one.object) for one in dead_letters(scene.aruba)] == [("index-CW", bad)]
    assert [one.refused for one in index_status(scene.aruba) if one.origin is CW] == [1]
    scene.engine.alter = list
    assert retry_dead_letters(scene.aruba) == 1
    scene.settle()
    assert dead_letters(scene.aruba) == ()


@pytest.mark.any_engine
def test_node_without_an_engine_says_how_to_get_one(scene: Scene) -> None:
    with pytest.raises(NoEngine, match="AW"):
        index_status(scene.with_engine(None))


def test_operator_sees_compares_and_rebuilds_at_the_command_line(scene: Scene, tmp_path: Path) -> None:
    scene.hold(CW, about(a_phone()))
    scene.settle()

    def rtr(*words: str) -> Result:
        return calling(scene.world.settings, tmp_path, engine={"url": scene.engine.settings.url})("index", *words)

    shown = rtr("status", "--country", "AW", "--json")
    assert {one["origin"]: one["current"] for one in document(shown)["origins"]} == dict.fromkeys(Partition, True)
    assert rtr("verify", "--country", "AW", "--of", "CW").exit_code == 0
    before = next(one for one in document(shown)["origins"] if one["origin"] == "CW")["generation"]
    made = document(rtr("rebuild", "--country", "AW", "--of", "CW", "--json"))["origins"]
    assert [one["generation"] for one in made] == [before + 1]
    assert document(rtr("retire", "--country", "AW", "--json"))["retired"]["CW"] == 1
    quiet = rtr("dead-letters", "--country", "AW")
    assert (quiet.exit_code, "Everything gets on." in quiet.stdout) == (0, True)
