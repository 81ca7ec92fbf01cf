"""The index follows PostgreSQL: nothing is lost while the engine is away, and no retraction confirmed too early."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import structlog.testing

from register.domain.access.caller import Task
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.search.engine import Engine
from register.search.errors import EngineRefused, EngineUnavailable
from register.search.peppers import Peppers
from register.services.search.index_records import index_records
from register.services.search.oversee_index import verify_index
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import share_signals
from schemas.codes import Partition
from schemas.search.question import Answer
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.search.asking.scene import AW, CW, Lines, Scene, a_phone, about
from tests.integration.search.engine.probes import dump
from tests.support.forms import a_form
from tests.support.found import Person, findings, say


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


def test_own_record_is_brought_to_the_engine_each_time_that_keys_are_withheld_or_given_back(scene: Scene) -> None:
    """Its version stays, since nothing was said in the report itself; the engine must not take that for a mistake."""
    her, him = Person(), Person()
    unit = scene.world.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="hotline")
    there = scene.record(caller=unit, subjects=[him.named("SUSPECT", him.phone(), her.phone())], selectors=[])
    scene.settle()
    scene.record(caller=unit, subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [row] = scene.rows("SELECT extract_id FROM rtr.signal WHERE id = %s", there.id)
    extract = row["extract_id"]
    more, [found] = _tokens(scene, extract, AW), findings(scene.world, unit, there)
    kept = say(scene.world, unit, found, "KEEP", "HELD_BY_ANOTHER")
    scene.share()
    scene.settle()
    assert (_tokens(scene, extract, AW), _refused(scene, extract)) == (more, None)
    say(scene.world, unit, kept, "WITHHOLD")
    scene.share()
    scene.settle()
    assert (_tokens(scene, extract, AW), _refused(scene, extract)) == (more - 1, None)
    (row,) = scene.rows("SELECT version FROM rtr.signal WHERE id = %s", there.id)
    assert row["version"] == 1, "whoever entered it learns nothing of it"
    assert verify_index(scene.aruba, AW).agrees


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
    scene.pass_time(61)
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
    scene.pass_time(60)
    scene.settle()
    assert _confirmed(scene, seq)


def test_a_withdrawn_own_record_stays_to_be_removed_while_a_search_still_finds_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = _registered(scene)
    scene.share()
    scene.settle()
    (extract,) = (row["extract_id"] for row in scene.rows("SELECT extract_id FROM rtr.signal WHERE id = %s", own.id))
    assert _tokens(scene, extract, AW)
    unit = scene.world.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH)
    withdrawal = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    withdraw_signal(scene.aruba, unit, SignalId(own.id), withdrawal, version=1)
    scene.share()
    assert scene.aruba.index is not None
    with monkeypatch.context() as patch:
        patch.setattr(scene.aruba.index, "apply", lambda _: ())  # an engine that loses a write
        index_records(scene.aruba, 10)
    (waiting,) = scene.rows("SELECT last_error FROM rtr.outbox WHERE consumer = 'index' AND object = %s", extract)
    assert waiting["last_error"] == "still-in-the-index"
    scene.pass_time(60)
    scene.settle()
    assert scene.waiting("index") == 0
    assert _tokens(scene, extract, AW) == 0


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
        scene.pass_time(61)
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
        work.running.outbox.add(Consumer.INDEX, *everything)
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
        assert [one.object for one in work.search.indexed.dead_letters()] == [bad]
    assert [h.record for h in scene.answer(CW, good_phone).hits] == [good]


def test_what_the_engine_refuses_for_a_block_is_waited_out_and_found_afterwards(scene: Scene) -> None:
    phone, gone = a_phone(), scene.hold(CW, about(a_phone()))
    scene.settle()
    record = scene.hold(CW, about(phone))
    scene.mirrors[CW].retract(gone)
    scene.engine.answered = lambda path, answer: _blocked(answer) if path.endswith("_bulk") else answer
    for _ in range(3):
        with pytest.raises(EngineRefused):
            index_records(scene.aruba, 10)
        scene.pass_time(61)
    assert scene.waiting("index") == 2
    assert _noted(scene, record) == []

    scene.engine.answered = lambda _, answer: answer
    scene.settle()
    assert [h.record for h in scene.answer(CW, phone).hits] == [record]
    assert _tokens(scene, gone) == 0


def test_old_token_that_the_engine_keeps_is_a_dead_letter_and_no_success(scene: Scene) -> None:
    was = a_phone()
    record = scene.hold(CW, about(was))
    scene.settle()
    scene.mirrors[CW].hold(scene.extract(CW, about(a_phone())), about=record, version=2)

    def keep(lines: Lines) -> Lines:
        """Spoil every tombstone of a token."""
        return [dict(line) | {"no_such_field": 1} if set(line) == {"gone_on"} else line for line in lines]

    scene.engine.alter = keep
    assert index_records(scene.aruba, 10) == 1
    (row,) = _noted(scene, record)
    assert row["dead_letter"], "the number that was corrected away can still be found"


@pytest.mark.any_engine
def test_record_that_does_not_open_holds_up_nothing_and_is_named(scene: Scene) -> None:
    """One sealed field is damaged on the disk; what came after it is found, and the operator reads which it is."""
    phones = [a_phone() for _ in range(5)]
    bad, *good = [scene.record(selectors=[p.model_dump()]) for p in phones]
    scene.rows("UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE id = %s RETURNING id", bad.id)
    with structlog.testing.capture_logs() as lines:
        while index_records(scene.aruba, 10):
            pass
    (extract,) = scene.rows("SELECT extract_id FROM rtr.signal WHERE id = %s", bad.id)
    (waits,) = scene.rows("SELECT object, last_error FROM rtr.outbox WHERE consumer = 'index'")
    assert waits == {"object": extract["extract_id"], "last_error": "field-seal-broken"}
    (said,) = [line for line in lines if line["event"] == "object.put-off"]
    assert (said["object_id"], said["code"]) == (str(extract["extract_id"]), "field-seal-broken")
    assert said["where"][-1].split(":")[-1] == "open"
    noted = scene.rows(
        "SELECT s.id FROM rtr.indexed_record i JOIN rtr.signal s ON s.extract_id = i.object WHERE s.id = ANY(%s)",
        [one.id for one in good],
    )
    assert {row["id"] for row in noted} == {one.id for one in good}


@pytest.mark.any_engine
def test_signal_that_does_not_open_does_not_stop_those_behind_it_from_being_shared(scene: Scene) -> None:
    bad, good = (_registered(scene) for _ in range(2))
    scene.rows("UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE id = %s RETURNING id", bad.id)
    while share_signals(scene.aruba, 10):
        pass
    (waits,) = scene.rows("SELECT object, last_error FROM rtr.outbox WHERE consumer = 'pseudonymise'")
    assert waits == {"object": bad.id, "last_error": "field-seal-broken"}
    with scene.aruba.work(scene.world.worker(AW)) as work:
        assert work.signals.own_tokens.of(SignalId(good.id))


def test_removal_goes_before_everything_that_is_to_be_added(scene: Scene) -> None:
    gone = scene.hold(CW, about(a_phone()))
    scene.settle()
    for _ in range(5):
        scene.hold(CW, about(a_phone()))
    seq = scene.mirrors[CW].retract(gone)
    assert index_records(scene.aruba, 1) == 1
    assert _confirmed(scene, seq)


@pytest.mark.any_engine
def test_a_node_without_an_engine_keeps_no_to_dos_and_confirms_removals(scene: Scene) -> None:
    without = scene.with_engine(None)
    record = scene.hold(CW, about(a_phone()))
    seq = scene.mirrors[CW].retract(record)
    assert index_records(without, 10) == 1
    assert _confirmed(scene, seq)


def _refused(scene: Scene, record: UUID) -> str | None:
    (row,) = _noted(scene, record)
    return None if row["dead_letter"] is None else str(row["dead_letter"])


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


def _registered(scene: Scene) -> SignalOut:
    caller = scene.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-dimas")
    form = a_form(selectors=[a_phone().model_dump()])
    return record_signal(scene.aruba, caller, form, str(scene.clock.new_id()))


def _blocked(answer: dict[str, Any]) -> dict[str, Any]:
    """As an engine answers whose indexes were closed for writing, each item for itself."""
    error = {"status": 403, "error": {"type": "cluster_block_exception"}}
    return answer | {"items": [dict.fromkeys(item, error) for item in answer["items"]]}
