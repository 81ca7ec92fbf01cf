"""Own reports that an older release read otherwise are counted, and found again once their keys are derived anew."""

from __future__ import annotations

from register.domain.signals.signal import SignalId
from register.services.search.rederive_keys import Rederived, rederive_keys
from register.services.signals.change_signal import withdraw_signal
from schemas.signals.changes import WithdrawIn
from tests.integration.search.asking.scene import Scene, a_phone


def as_read_by_an_older_release(scene: Scene, signal: object) -> None:
    """It made another value of the phone, in the index and in the pseudonyms."""
    for table in ("blind_index", "token"):
        scene.change(
            f"UPDATE rtr.{table} SET blind = sha256(blind) WHERE country = 'AW' AND signal_id = '{signal}' "
            "AND family = 'phone'"
        )


def test_what_today_s_rules_would_make_otherwise_is_counted_and_changed_only_when_asked(scene: Scene) -> None:
    phone = a_phone()
    old = scene.record(selectors=[phone.model_dump()])
    scene.record(selectors=[a_phone().model_dump()])
    scene.settle()
    rederive_keys(scene.aruba, apply=True)
    scene.share()
    scene.settle()
    as_before = rederive_keys(scene.aruba, apply=False)
    assert (as_before.differ, as_before.unreadable) == (0, 0)
    assert as_before.looked_at >= 2

    as_read_by_an_older_release(scene, old.id)
    for _ in range(2):
        found = rederive_keys(scene.aruba, apply=False)
        assert (found.differ, found.asked_anew) == (1, 1)
        assert found.new == found.gone > 0

    assert rederive_keys(scene.aruba, apply=True) == found
    scene.share()
    scene.settle()
    assert rederive_keys(scene.aruba, apply=False) == as_before
    with scene.aruba.work(scene.unit) as work:
        now = work.signals.get(SignalId(old.id))
    assert (now.version, now.pseudonyms) == (old.version + 1, "done")
    assert old.reference in {hit.reference for hit in scene.ask(phone).own.signals}


def test_withdrawn_report_is_left_alone_and_one_that_does_not_open_stops_no_other(scene: Scene) -> None:
    gone, spoilt, last = (scene.record(selectors=[a_phone().model_dump()]) for _ in range(3))
    scene.settle()
    rederive_keys(scene.aruba, apply=True)
    scene.share()
    scene.settle()
    withdrawal = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Entered twice."})
    withdraw_signal(scene.aruba, scene.unit, SignalId(gone.id), withdrawal, version=gone.version)
    for one in (gone, spoilt, last):
        as_read_by_an_older_release(scene, one.id)
    flip = (
        "UPDATE rtr.signal SET account = set_byte(account, 20, get_byte(account, 20) # 1) "
        f"WHERE country = 'AW' AND id = '{spoilt.id}'"
    )
    scene.change(flip)
    found = rederive_keys(scene.aruba, apply=True)
    assert (found.differ, found.unreadable) == (1, 1)
    scene.change(flip)
    assert rederive_keys(scene.aruba, apply=True).differ == 1
    scene.share()
    scene.settle()
    assert rederive_keys(scene.aruba, apply=False) == Rederived(looked_at=found.looked_at + 1)
