"""A country whose extracts cannot all be read here says so in every answer, and never silently less."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from register.domain.running.node_finding import FindingCode
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.services.exchange.checking.check_own import check_own
from register.services.running.check_node import check_node
from register.services.running.list_to_do import list_to_do
from register.services.search.list_hits import list_hits
from register.services.search.oversee_index import rebuild_index, verify_index
from register.services.search.read_record import read_record
from register.services.signals.change_signal import amend_signal, refer_signal, withdraw_signal
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.search.question import Answer
from schemas.signals.changes import AmendIn, ReferIn, WithdrawIn
from tests.integration.search.asking.scene import CW, SX, Scene, a_phone, about, ground_of

SAID = "1 extract of this country cannot be read here now and may match; the register unit is told."


def flip(scene: Scene, record: UUID) -> None:
    """Flip a byte of a body."""
    scene.change(
        "UPDATE rtr.received_record SET body_sealed = set_byte(body_sealed, 20, get_byte(body_sealed, 20) # 1) "
        f"WHERE country = 'AW' AND object = '{record}'"
    )


def unreadable_beside_hits(scene: Scene) -> dict[Partition, int]:
    """What the list of hits says."""
    return list_hits(scene.aruba, scene.unit, ground_of(scene.unit), cursor=None, limit=200).unreadable


@pytest.mark.parametrize("degraded", [False, True])
def test_a_hit_that_does_not_open_is_said_beside_those_that_do(scene: Scene, *, degraded: bool) -> None:
    phone, other = a_phone(), a_phone()
    good, bad = (scene.hold(CW, about(phone)) for _ in range(2))
    scene.hold(SX, about(phone))
    scene.settle()
    flip(scene, bad)
    asked: dict[str, Any] = {"register": scene.degraded()} if degraded else {}
    answer = scene.answer(CW, phone, **asked)
    assert [hit.record for hit in answer.hits] == [good]
    assert (answer.answer, answer.unreadable) == (Answer.HIT, 1)
    assert answer.words == f"Curaçao: 1 shared extract matches. {SAID}"
    # Whatever is asked, or the words would tell which values are in an extract that may not be shown to the asker.
    unmatched = scene.answer(CW, other, **asked)
    assert (unmatched.answer, unmatched.unreadable) == (Answer.NOTHING, 1)
    assert unmatched.words.endswith(SAID)
    assert scene.answer(SX, phone, **asked).unreadable == 0
    found = [one for one in check_node(scene.aruba) if one.code is FindingCode.RECEIVED_DAMAGED]
    assert [(one.about, one.detail) for one in found] == [(CW, "1")]
    scene.mirrors[CW].retract(bad)
    assert scene.answer(CW, phone, **asked).words == "Curaçao: 1 shared extract matches."


@pytest.mark.any_engine
def test_a_hit_on_an_own_report_that_does_not_open_hides_none_of_the_others(scene: Scene) -> None:
    phone = a_phone()
    scene.record(selectors=[phone.model_dump()])
    good, bad = (scene.hold(CW, about(phone)) for _ in range(2))
    scene.settle()
    assert {row.record for row in scene.hits()} >= {good, bad}
    flip(scene, bad)
    shown = {row.record for row in scene.hits()}
    assert good in shown
    assert bad not in shown
    assert any(one.code is FindingCode.RECEIVED_DAMAGED for one in check_node(scene.aruba))
    assert unreadable_beside_hits(scene) == {CW: 1}
    scene.mirrors[CW].retract(bad)
    assert unreadable_beside_hits(scene) == {}


@pytest.mark.any_engine
def test_reading_an_extract_that_does_not_open_says_that_not_all_can_be_read(scene: Scene) -> None:
    """As of one that is not there: which of them is damaged would tell of one that may not be shown."""
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    scene.ask(phone)

    def read(which: UUID, owner: Partition | None = None) -> NotFound:
        with pytest.raises(NotFound) as caught:
            read_record(
                scene.aruba,
                scene.coordinator,
                which,
                purpose=Purpose.COORDINATE,
                legal_basis=LegalBasis.AW_NONPOLICE,
                case="Z-2026-1",
                owner=owner,
            )
        return caught.value

    assert read(UUID(int=1)).details == {}
    flip(scene, record)
    damaged, nothing = read(record), read(UUID(int=1))
    assert damaged.details == nothing.details == {"unreadable": {"CW": 1}}
    assert str(damaged).replace(str(record), str(UUID(int=1))) == str(nothing)
    assert read(record, owner=SX).details == {}
    assert any(one.code is FindingCode.RECEIVED_DAMAGED for one in check_node(scene.aruba))
    scene.mirrors[CW].retract(record)


def test_verifying_restores_the_search_key_of_a_hit_and_says_so(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    scene.change(f"DELETE FROM rtr.search_key WHERE country = 'AW' AND record = '{record}'")
    assert not scene.answer(CW, phone).hits
    found = verify_index(scene.aruba, CW)
    assert (found.restored, found.agrees) == (1, False)
    assert [hit.record for hit in scene.answer(CW, phone).hits] == [record]
    assert verify_index(scene.aruba, CW).restored == 0


def test_a_rebuild_restores_search_keys_too(scene: Scene) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone))
    scene.settle()
    scene.change(f"DELETE FROM rtr.search_key WHERE country = 'AW' AND record = '{record}'")
    rebuild_index(scene.aruba, CW)
    assert [hit.record for hit in scene.answer(CW, phone).hits] == [record]


def _flipped(table: str, column: str, which: str) -> tuple[str, str]:
    """The statement that spoils a byte, and the one that mends it, which is the same."""
    flip = f"set_byte({column}, 20, get_byte({column}, 20) # 1)"
    statement = f"UPDATE rtr.{table} SET {column} = {flip} WHERE country = 'AW' AND {which} AND {column} IS NOT NULL"
    return statement, statement


def _renamed(named: str) -> tuple[str, str]:
    """The statement that loses a data key, and the one that puts it back."""
    whose = f"(SELECT data_key FROM rtr.{named} AND data_key IS NOT NULL)"
    away = f"UPDATE rtr.data_key SET id = '{{0}}' WHERE country = 'AW' AND id = {whose}"
    return away, f"UPDATE rtr.data_key SET id = {whose} WHERE country = 'AW' AND id = '{{0}}'"


SPOILT = {
    "a byte of the story": _flipped("signal", "account", "id = '{0}'"),
    "a byte of a value": _flipped("selector", "value", "signal_id = '{0}'"),
    "a byte of a reason in its timeline": _flipped("signal_event", "reason", "signal_id = '{0}'"),
    "a byte of what was written to whom it was referred": _flipped("referral", "note", "signal_id = '{0}'"),
    "its data key": _renamed("signal WHERE id = '{0}'"),
    "the key of a reason": _renamed("signal_event WHERE signal_id = '{0}'"),
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.any_engine
def test_an_own_report_that_does_not_open_is_named_until_it_does(what: str, scene: Scene) -> None:
    spoil, mend = SPOILT[what]
    spoilt, whole = (scene.record(selectors=[a_phone().model_dump()]) for _ in range(2))
    for one in (spoilt, whole):
        asked = ReferIn(kind="assistance", to="AW-DIMAS", note="Does she still live there?")
        refer_signal(scene.aruba, scene.unit, SignalId(one.id), asked, version=1)
        said = AmendIn.model_validate({"changes": {"account": "She called again."}, "reason": "A second call."})
        amend_signal(scene.aruba, scene.unit, SignalId(one.id), said, version=2)
    scene.pass_time(86_401)
    check_own(scene.aruba, turn_s=60)
    assert not [one for one in check_node(scene.aruba) if one.code is FindingCode.OWN_DAMAGED]
    scene.change(spoil.format(spoilt.id))
    scene.pass_time(86_401)
    check_own(scene.aruba, turn_s=60)
    found = [one for one in check_node(scene.aruba) if one.code is FindingCode.OWN_DAMAGED]
    assert [one.detail for one in found] == [f"signal {spoilt.reference}"]
    told = list_to_do(scene.aruba, scene.unit, cursor=None, limit=50).items
    assert [one.reference for one in told if one.detail == "damaged-signal"] == [spoilt.reference]
    scene.change(mend.format(spoilt.id))
    scene.pass_time(86_401)
    check_own(scene.aruba, turn_s=60)
    assert not [one for one in check_node(scene.aruba) if one.code is FindingCode.OWN_DAMAGED]
    told = list_to_do(scene.aruba, scene.unit, cursor=None, limit=50).items
    assert not [one for one in told if one.detail == "damaged-signal"]


@pytest.mark.any_engine
def test_an_erased_report_is_no_damaged_one(scene: Scene) -> None:
    erased = scene.record(selectors=[a_phone().model_dump()])
    wrong = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Nobody's."})
    withdraw_signal(scene.aruba, scene.unit, SignalId(erased.id), wrong, version=erased.version)
    with scene.aruba.work(scene.unit) as work:
        work.signals.reports.erase(SignalId(erased.id))
    scene.pass_time(86_401)
    check_own(scene.aruba, turn_s=60)
    assert not [one for one in check_node(scene.aruba) if one.code is FindingCode.OWN_DAMAGED]
