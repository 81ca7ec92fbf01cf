"""The index follows PostgreSQL: nothing is lost while the engine is away, and no retraction confirmed too early."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from register.search.engine import Engine
from register.search.errors import EngineUnavailable
from register.search.peppers import Peppers
from register.services.search.index_records import index_records
from schemas.codes import Partition
from schemas.search.question import Answer
from tests.integration.search.asking.scene import AW, CW, Lines, Scene, a_phone, about
from tests.integration.search.engine.probes import dump


def test_a_new_version_replaces_what_the_engine_holds(scene: Scene) -> None:
    was, now = a_phone(), a_phone()
    record = scene.hold(CW, about(was))
    scene.settle()
    scene.mirrors[CW].hold(scene.extract(CW, about(now)), about=record, version=2)
    scene.settle()
    assert _tokens(scene, record) == 1
    assert [h.record for h in scene.answer(CW, now).hits] == [record]
    assert scene.answer(CW, was).answer is Answer.NOTHING
    assert _noted(scene, record) == [{"version": 2, "dead_letter": None}]


def test_a_retraction_is_confirmed_only_after_the_engine_holds_nothing(scene: Scene) -> None:
    record = scene.hold(CW, about(a_phone()))
    scene.settle()
    seq = scene.mirrors[CW].retract(record)
    assert not _confirmed(scene, seq)
    scene.engine.down = True
    with pytest.raises(EngineUnavailable):
        index_records(scene.aruba, 10)
    assert not _confirmed(scene, seq)
    scene.engine.down = False
    assert index_records(scene.aruba, 10) == 0, "the lease has not run out"
    scene.clock.move(61)
    assert index_records(scene.aruba, 10) == 1
    assert _confirmed(scene, seq)
    assert _tokens(scene, record) == 0


def test_a_retraction_is_not_confirmed_while_a_search_still_finds_the_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    seq = scene.mirrors[CW].retract(record)
    assert scene.aruba.index is not None
    with monkeypatch.context() as patch:
        patch.setattr(scene.aruba.index, "apply", lambda _: ())  # an engine that loses a write
        index_records(scene.aruba, 10)
    assert not _confirmed(scene, seq)
    (waiting,) = scene.rows("SELECT last_error FROM rtr.outbox WHERE consumer = 'index' AND object = %s", record)
    assert waiting["last_error"] == "still-in-the-index"
    scene.clock.move(60)
    scene.settle()
    assert _confirmed(scene, seq)


def test_what_waits_while_the_engine_is_away_is_indexed_when_it_is_back(scene: Scene) -> None:
    phones = [a_phone() for _ in range(3)]
    records = [scene.hold(CW, about(p)) for p in phones]
    own = scene.record(subjects=[], selectors=[a_phone().model_dump()])
    waiting = scene.waiting("index")
    assert waiting == 4
    scene.engine.down = True
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            index_records(scene.aruba, 10)
        scene.clock.move(61)
    assert scene.waiting("index") == waiting
    scene.engine.down = False
    scene.settle()
    assert scene.waiting("index") == 0
    for phone, record in zip(phones, records, strict=True):
        out = scene.ask(phone)
        assert not out.degraded
        assert [h.record for h in out.countries[1].hits] == [record]
    assert scene.rows(
        "SELECT FROM rtr.indexed_record i JOIN rtr.signal s ON s.extract_id = i.object WHERE s.id = %s", own.id
    )


def test_looking_at_everything_again_changes_no_document(scene: Scene) -> None:
    gone = scene.hold(CW, about(a_phone()))
    scene.hold(CW, about(a_phone(), a_phone()))
    scene.record(selectors=[a_phone().model_dump()])
    scene.settle()
    scene.mirrors[CW].retract(gone)
    scene.settle()
    before = dump(Engine(scene.engine.settings))
    everything = [r["object"] for r in scene.rows("SELECT object FROM rtr.indexed_record WHERE country = 'AW'")]
    with scene.aruba.work(scene.world.worker(AW)) as work:
        work.outbox.add("index", *everything)
    scene.settle()
    assert dump(Engine(scene.engine.settings)) == before
    assert len(before) > len(everything)


def test_what_the_engine_refuses_is_noted_and_holds_up_nothing(scene: Scene) -> None:
    bad = scene.hold(CW, about(a_phone()))
    good_phone = a_phone()
    good = scene.hold(CW, about(good_phone))

    def refuse(lines: Lines) -> Lines:
        """Give one record a field that the mapping does not know."""
        theirs = [isinstance(d, dict) and d.get("_id") == str(bad) for line in lines for d in [*line.values()][:1]]
        return [dict(line) | {"no_such_field": 1} if i and theirs[i - 1] else line for i, line in enumerate(lines)]

    scene.engine.alter = refuse
    while index_records(scene.aruba, 10):
        pass
    scene.settle()
    assert scene.waiting("index") == 0
    (row,) = _noted(scene, bad)
    assert row["dead_letter"]
    with scene.aruba.work(scene.world.worker(AW)) as work:
        assert work.indexed.dead_letters() == 1
    assert [h.record for h in scene.answer(CW, good_phone).hits] == [good]


def test_a_node_without_an_engine_keeps_no_to_dos_and_confirms_removals(scene: Scene) -> None:
    without = scene.with_engine(None)
    record = scene.hold(CW, about(a_phone()))
    seq = scene.mirrors[CW].retract(record)
    assert index_records(without, 10) == 1
    assert _confirmed(scene, seq)


def _confirmed(scene: Scene, seq: int) -> bool:
    (row,) = scene.rows(
        "SELECT index_done_at FROM rtr.received_stub WHERE country = 'AW' AND partner = 'CW' AND seq = %s", seq
    )
    return row["index_done_at"] is not None


def _noted(scene: Scene, record: UUID) -> list[dict[str, Any]]:
    return scene.rows("SELECT version, dead_letter FROM rtr.indexed_record WHERE object = %s", record)


def _tokens(scene: Scene, record: UUID, origin: Partition = CW) -> int:
    """How many token documents of a record a search can find."""
    key = Peppers(*scene.aruba.keys.peppers).object_key(origin, record)
    scene.engine.refresh()
    return sum(1 for _, (_, source) in dump(Engine(scene.engine.settings)).items() if source.get("object") == key)
