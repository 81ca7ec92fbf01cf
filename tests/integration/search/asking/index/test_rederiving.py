"""Own reports that an older release read otherwise are counted, and found again once their keys are derived anew."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.protecting.rederive_keys import Rederived, rederive_keys
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.signals.changes import WithdrawIn
from tests.integration.search.asking.scene import AW, Scene, a_phone

pytestmark = pytest.mark.any_engine


def as_read_by_an_older_release(scene: Scene, signal: SignalId) -> None:
    """It made another value of the phone, in the index, in the pseudonyms and in what is known to be protected."""
    scene.change(
        "UPDATE rtr.protected_input SET blind = sha256(p.blind) FROM rtr.blind_index AS b, rtr.protected_input AS p "
        "WHERE b.country = 'AW' AND b.blind = p.blind AND b.signal_id = p.signal_id AND b.family = 'phone' AND "
        f"p.signal_id = '{signal}' AND rtr.protected_input.ctid = p.ctid"
    )
    scene.change(
        f"UPDATE rtr.blind_index SET blind = sha256(blind) WHERE country = 'AW' AND signal_id = '{signal}' "
        "AND family = 'phone'"
    )
    with scene.aruba.work(scene.world.worker(AW)) as work:
        ends = work.signals.reports.get(signal).ground.retain_until
        older = [
            replace(one, blind=sha256(one.blind).digest()) if one.family == "phone" else one
            for one in work.signals.own_tokens.of(signal)
        ]
        work.signals.own_tokens.set(signal, older, ends=ends)


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

    as_read_by_an_older_release(scene, SignalId(old.id))
    for _ in range(2):
        found = rederive_keys(scene.aruba, apply=False)
        assert (found.differ, found.asked_anew) == (1, 1)
        assert found.new == found.gone > 0

    assert rederive_keys(scene.aruba, apply=True) == found
    scene.share()
    scene.settle()
    assert rederive_keys(scene.aruba, apply=False) == as_before
    with scene.aruba.work(scene.unit) as work:
        now = work.signals.reports.get(SignalId(old.id))
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
        as_read_by_an_older_release(scene, SignalId(one.id))
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


def test_what_a_run_put_in_step_reaches_the_worker_though_the_run_was_broken_off(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that is found by other values, and needs no other pseudonyms, is as in step for every later run."""
    found_otherwise, asked_anew = (scene.record(selectors=[a_phone().model_dump()]) for _ in range(2))
    scene.settle()
    rederive_keys(scene.aruba, apply=True)
    scene.share()
    scene.settle()
    scene.change(
        "UPDATE rtr.blind_index SET blind = sha256(blind) WHERE country = 'AW' AND family = 'phone' "
        f"AND signal_id = '{found_otherwise.id}'"
    )
    as_read_by_an_older_release(scene, SignalId(asked_anew.id))

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("register.services.signals.protecting.rederive_keys._put_before_the_worker", broken_off)
    with pytest.raises(KeyboardInterrupt):
        rederive_keys(scene.aruba, apply=True)
    assert found_otherwise.id in {lease.object for lease in lease_signals(scene.aruba, 100)}
    assert rederive_keys(scene.aruba, apply=False).differ == 1, "the other is looked at again"


def test_what_is_a_victims_by_today_s_rules_goes_out_with_no_report_that_the_worker_reaches_first(
    scene: Scene,
) -> None:
    """An older release read the number in two ways, and did not see that the suspect's is the victim's too."""
    phone = a_phone().model_dump()
    suspect = {"n": 1, "role": "SUSPECT", "kind": "person", "name": None, "selectors": [phone]}
    other = scene.record(subjects=[suspect], selectors=[])
    for _ in range(2):
        as_read_by_an_older_release(scene, SignalId(other.id))
    victim = {**suspect, "role": "VICTIM_POTENTIAL"}
    hers = scene.record(subjects=[victim], selectors=[])
    as_read_by_an_older_release(scene, SignalId(hers.id))
    scene.settle()
    withheld = f"SELECT withheld_by FROM rtr.token WHERE signal_id = '{other.id}' AND family = 'phone'"
    assert [row["withheld_by"] for row in scene.rows(withheld)] == [None]

    rederive_keys(scene.aruba, apply=True)
    for lease in lease_signals(scene.aruba, 100):
        if lease.object == other.id:
            share_signal(scene.aruba, lease)
    assert None not in [row["withheld_by"] for row in scene.rows(withheld)]
