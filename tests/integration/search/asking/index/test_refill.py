"""An engine that lost everything is filled again from PostgreSQL, and never with what an amendment has replaced."""

from __future__ import annotations

from uuid import UUID

import pytest

from register.domain.access.caller import Task, system
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.search.engine import Engine
from register.search.peppers import Peppers
from register.services.search.oversee_index import refill_missing
from register.services.signals.change_signal import amend_signal, withdraw_signal
from schemas.codes import Partition
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.search.asking.scene import AW, CW, Scene, a_phone, about
from tests.integration.search.engine.probes import dump


def test_an_engine_that_comes_back_empty_is_filled_again(scene: Scene) -> None:
    phone = a_phone()
    record, own = scene.hold(CW, about(phone)), scene.record()
    scene.settle()
    before = _live(scene)
    scene.engine.empty()
    assert set(refill_missing(scene.aruba)) == set(Partition)
    scene.settle()
    assert _live(scene) == before
    assert {str(record), str(_extract(scene, own))} <= {key for _, key in before}
    assert [h.record for h in scene.answer(CW, phone).hits] == [record]


def test_nothing_is_queued_while_the_indexes_are_there(scene: Scene) -> None:
    scene.hold(CW, about(a_phone()))
    scene.settle()
    assert refill_missing(scene.aruba) == ()
    assert scene.waiting("index") == 0


def test_a_process_killed_before_the_indexes_were_made_leaves_them_to_be_found_missing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    before = _live(scene)
    scene.engine.empty()
    assert scene.aruba.index is not None
    with monkeypatch.context() as patch:
        patch.setattr(scene.aruba.index, "prepare", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            refill_missing(scene.aruba)
    assert set(refill_missing(scene.aruba)) == set(Partition)
    scene.settle()
    assert _live(scene) == before


def test_keys_that_an_amendment_replaced_are_not_put_back_under_its_version(scene: Scene) -> None:
    """The feed may come between the amendment and its pseudonyms; then the older keys would stay for good."""
    signal = scene.record()
    scene.settle()
    extract = _extract(scene, signal)
    was = _tokens(scene, extract)
    _amend(scene, signal, {"subjects": [], "selectors": [{"type": "PHONE", "value": "+297 000 0888"}]})
    with scene.aruba.work(system(AW, "worker")) as work:
        work.running.outbox.add(Consumer.INDEX, extract)
    scene.settle()
    scene.share()
    scene.settle()
    now = _tokens(scene, extract)
    assert len(now) == 1
    assert not now & was


def test_an_amendment_that_takes_the_last_key_away_leaves_none_behind(scene: Scene) -> None:
    signal = scene.record()
    scene.settle()
    extract = _extract(scene, signal)
    assert _tokens(scene, extract)
    _amend(scene, signal, {"subjects": [], "selectors": [], "nothing_known": True})
    scene.share()
    scene.settle()
    assert _tokens(scene, extract) == set()
    assert scene.rows("SELECT 1 FROM rtr.token WHERE signal_id = %s", signal.id) == []
    assert scene.rows("SELECT 1 FROM rtr.search_key WHERE record = %s", extract) == []


@pytest.mark.any_engine
def test_a_withdrawal_does_not_wait_for_evaluators(scene: Scene) -> None:
    signal = scene.record()
    scene.world.down.update(p for p in Partition if p is not AW)
    plate = {"type": "PLATE", "value": "A-99901", "country": "AW"}
    _amend(scene, signal, {"selectors": [plate, {"type": "PHONE", "value": "+297 000 0887"}]})
    scene.share()
    assert _told(scene, signal) == {"indicator.put"}, "what was added waits for its pseudonym"
    caller = scene.world.caller("AW-DIMAS", Task.SUBMIT)
    taken_back = WithdrawIn.model_validate({"reason": "Mistaken.", "code": "withdrawn"})
    withdraw_signal(scene.aruba, caller, SignalId(signal.id), taken_back, version=signal.version + 1)
    scene.share()
    assert _told(scene, signal) == {"indicator.put", "indicator.retract"}


@pytest.mark.any_engine
def test_what_an_amendment_takes_away_does_not_wait_for_evaluators(scene: Scene) -> None:
    signal = scene.record()
    scene.world.down.update(p for p in Partition if p is not AW)
    _amend(scene, signal, {"subjects": [], "selectors": [{"type": "PHONE", "value": "+297 000 0887"}]})
    assert "indicator.retract" in _told(scene, signal)


def _amend(scene: Scene, signal: SignalOut, changes: dict[str, object]) -> None:
    change = AmendIn.model_validate({"changes": changes, "reason": "Misread."})
    caller = scene.world.caller("AW-DIMAS", Task.SUBMIT)
    amend_signal(scene.aruba, caller, SignalId(signal.id), change, version=signal.version)


def _extract(scene: Scene, signal: SignalOut) -> UUID:
    (row,) = scene.rows("SELECT extract_id FROM rtr.signal WHERE id = %s", signal.id)
    found: UUID = row["extract_id"]
    return found


def _told(scene: Scene, signal: SignalOut) -> set[str]:
    query = "SELECT type FROM rtr.draft WHERE partner = 'CW' AND object = %s"
    return {row["type"] for row in scene.rows(query, _extract(scene, signal))}


def _live(scene: Scene) -> set[tuple[str, str]]:
    """Index and id of every document of Aruba's that a search can find."""
    held = dump(Engine(scene.engine.settings)).items()
    return {where for where, (_, source) in held if source.get("live") or "t" in source}


def _tokens(scene: Scene, extract: UUID) -> set[str]:
    key = Peppers(*scene.aruba.keys.peppers).object_key(AW, extract)
    held = dump(Engine(scene.engine.settings)).values()
    return {source["t"] for _, source in held if source.get("object") == key and "t" in source}
