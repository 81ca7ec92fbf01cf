"""A partner that uses an id of another's extract, or of ours, in its own log gains nothing by it and hides nothing."""

from __future__ import annotations

from uuid import UUID

import pytest

from register.domain.exchange.held import OwnerNeeded
from register.domain.signals.signal import SignalId
from register.services.search.read_record import read_record
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.search.question import Answer, RecordOut
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, CW, SX, Scene, a_phone, about

pytestmark = pytest.mark.any_engine


def test_both_are_found_each_as_its_owners(scene: Scene) -> None:
    theirs, forged = a_phone(), a_phone()
    record = scene.hold(SX, about(theirs))
    scene.mirrors[CW].hold(scene.extract(CW, about(forged)), about=record)
    scene.settle()
    assert [h.owner for h in scene.answer(SX, theirs).hits] == [SX]
    assert [h.owner for h in scene.answer(CW, forged).hits] == [CW]


def test_a_withdrawal_is_confirmed_though_another_log_uses_its_id(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(SX, about(phone))
    scene.mirrors[CW].hold(scene.extract(CW, about(a_phone())), about=record)
    scene.settle()
    seq = scene.mirrors[SX].retract(record)
    scene.settle()
    (stub,) = scene.rows(
        "SELECT index_done_at FROM rtr.received_stub WHERE country = 'AW' AND partner = 'SX' AND seq = %s", seq
    )
    assert stub["index_done_at"] is not None
    assert scene.answer(SX, phone).answer is Answer.NOTHING
    assert scene.aruba.index is not None
    assert scene.aruba.index.confirm_gone(SX, record)


def test_hits_of_both_stand(scene: Scene) -> None:
    phone = a_phone()
    signal = _signal(scene, phone)
    record = scene.hold(SX, about(phone))
    scene.mirrors[CW].hold(scene.extract(CW, about(phone)), about=record)
    scene.settle()
    assert _origins(scene, signal) == {CW, SX}
    scene.mirrors[CW].retract(record)
    scene.settle()
    assert _origins(scene, signal) == {SX}


def test_an_id_of_our_own_extract_in_a_partners_log_hides_neither(scene: Scene) -> None:
    ours, theirs = a_phone(), a_phone()
    signal = _signal(scene, ours)
    with scene.aruba.work(scene.world.worker(AW)) as work:
        extract = work.signals.reports.get(SignalId(signal)).extract_id
    scene.mirrors[CW].hold(scene.extract(CW, about(theirs)), about=extract)
    real = scene.hold(SX, about(ours))
    scene.settle()
    assert [h.record for h in scene.answer(CW, theirs).hits] == [extract]
    hits = scene.hits()
    assert [h.record for h in hits if h.signal == signal] == [real]


def test_which_is_read_is_never_left_to_chance(scene: Scene) -> None:
    record = scene.hold(SX, about(a_phone()))
    scene.mirrors[CW].hold(scene.extract(CW, about(a_phone())), about=record)
    with pytest.raises(OwnerNeeded):
        _read(scene, record)
    assert [_read(scene, record, owner).owner for owner in (CW, SX)] == [CW, SX]
    scene.mirrors[CW].retract(record)
    assert _read(scene, record).owner is SX


def _signal(scene: Scene, phone: SelectorIn) -> UUID:
    subject = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [phone.model_dump()]}
    return scene.record(subjects=[subject], selectors=[]).id


def _origins(scene: Scene, signal: UUID) -> set[Partition]:
    hits = scene.hits()
    return {h.origin for h in hits if h.signal == signal}


def _read(scene: Scene, record: UUID, owner: Partition | None = None) -> RecordOut:
    with scene.aruba.work(scene.coordinator) as work:
        work.search.budgets.note_shown(scene.coordinator.actor, [record], scene.aruba.today())
    return read_record(
        scene.aruba,
        scene.coordinator,
        record,
        purpose=Purpose.COORDINATE,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case="Z-2026-1",
        owner=owner,
    )
