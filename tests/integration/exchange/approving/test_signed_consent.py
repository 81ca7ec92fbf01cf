"""The prosecutor of the Caribbean Netherlands consents by a signature, which the Netherlands check by their edition.

Data on organised crime (WPG10A) under the strict edition: it leaves with the gate's approval and with the consent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.errors import NotPermitted
from register.keys.approval_key import ApprovalKey
from register.services.exchange.hide_run_out import hide_run_out
from register.services.signals.approving.approve_signal import SignatureNeeded, confirm_signal, consent_to_provision
from register.services.signals.approving.ask_approval import ask_approval
from register.services.signals.approving.keep_approval import ApprovalRefused, end_approvals, hand_in_approval
from register.services.signals.approving.keep_consent import (
    NoConsent,
    ask_consent,
    hand_in_consent,
    withdraw_consent,
)
from register.services.signals.change_signal import amend_signal
from register.services.signals.record_signal import record_signal
from register.store.exchange.drafts import Said
from schemas import canonical
from schemas.codes import EntryType, Partition
from schemas.exchange.wire import (
    SCHEMA_VERSION,
    ExtractRecord,
    GateApproval,
    IndicatorPut,
    content_of,
    encode_body,
    read,
)
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from sync.trust import approval_under, consent_under
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net, net
from tests.support.forms import a_form
from tests.support.told import share_all

BQ, NL = Partition.BQ, Partition.NL
WHY = "Weighed."


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ApprovalKey]:
    folder: Path = tmp_path_factory.mktemp("keepers")
    kinds = {"BQ-OM": "prosecution", "BQ-KPCN": "police"}
    return {
        code: ApprovalKey.make(folder / code, b"a passphrase for tests", organisation=code, kind=kind)
        for code, kind in kinds.items()
    }


@pytest.fixture(scope="module")
def two(keys: dict[str, ApprovalKey]) -> Iterator[Net]:
    listed = [key.listed for key in keys.values()]
    with net(BQ, NL, change=lambda s: replace(s, edition="strict"), approval_keys=listed) as made:
        yield made


@pytest.fixture
def om(two: Net) -> Iterator[Caller]:
    yield two.world.caller("BQ-OM", Task.PROSECUTE, actor="prosecutor")
    for clock in two.clocks.values():
        clock.offset = timedelta()


def told(two: Net) -> None:
    share_all(two[BQ].register)
    two[BQ].append()
    two[NL].pull_all(BQ)


def a_record(two: Net, **parts: Any) -> SignalOut:
    """A record on organised crime, confirmed by a second person."""
    register, place = two[BQ].register, {"island": "BONAIRE", "location_type": "STREET"}
    whole = {"place": place, "legal_basis": "WPG10A", "selectors": []} | parts
    made = record_signal(
        register, two.world.caller("BQ-KPCN", Task.SUBMIT), a_form(**whole), str(register.clock.new_id())
    )
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, actor="unit")
    confirmed = confirm_signal(register, unit, SignalId(made.id), WHY, version=1)
    share_all(register)
    return confirmed


def claims_of(two: Net, of: ApprovalAskedOut, **changes: Any) -> GateApproval:
    record = read(ExtractRecord, canonical.dumps(of.record))
    whole = {
        "approval": str(two[BQ].register.clock.new_id()), "keeper": of.keeper, "task": of.task, "actor": of.actor,
        "object": str(of.object), "content": content_of(record), "purpose": of.purpose,
        "recipients": [str(p) for p in of.partners], "given": f"{of.today}", "expires": f"{of.retain_until}",
    }  # fmt: skip
    return read(GateApproval, canonical.dumps(whole | changes))


def consent(
    two: Net, om: Caller, signal: SignalOut, key: ApprovalKey, *, consents: bool = True, **changes: Any
) -> SignalOut:
    """Ask, sign and hand in."""
    register = two[BQ].register
    of = ask_consent(register, om, SignalId(signal.id))
    signed = SignedApprovalIn(approval=key.sign(claims_of(two, of, **changes), consents=consents), reason=WHY)
    prove = partial(consent_under, rosters=two[BQ].rosters())
    return hand_in_consent(register, om, SignalId(signal.id), signed, prove, version=of.version)


def approve(two: Net, om: Caller, signal: SignalOut, key: ApprovalKey, *, consents: bool = False) -> SignalOut:
    """The same at the exit gate."""
    register = two[BQ].register
    of = ask_approval(register, om, SignalId(signal.id))
    signed = SignedApprovalIn(approval=key.sign(claims_of(two, of), consents=consents), reason=WHY)
    prove = partial(approval_under, rosters=two[BQ].rosters())
    return hand_in_approval(register, om, SignalId(signal.id), signed, prove, version=of.version)


def is_held(two: Net, signal: SignalOut) -> bool:
    (row,) = rows(two, "SELECT extract_id FROM rtr.signal WHERE country = 'BQ' AND id = :s", s=signal.id)
    return bool(held(two[NL], BQ, row["extract_id"]))


def put_of(two: Net, signal: SignalOut) -> tuple[Any, IndicatorPut]:
    (row,) = rows(two, "SELECT extract_id FROM rtr.signal WHERE country = 'BQ' AND id = :s", s=signal.id)
    with two[NL].register.work(two[NL].caller()) as work:
        return row["extract_id"], work.exchange.held.open(BQ, [row["extract_id"]])[row["extract_id"]].put


def codes(two: Net) -> list[str]:
    with two[NL].register.work(two[NL].caller()) as work:
        return [f"{row.code}/{row.rule}" for row in work.exchange.received.quarantined(BQ, 1)]


def test_it_leaves_with_the_signed_consent_and_the_signed_approval_and_with_neither_alone(
    two: Net, keys: dict[str, ApprovalKey], om: Caller
) -> None:
    signal = a_record(two)
    with pytest.raises(SignatureNeeded):
        consent_to_provision(two[BQ].register, om, SignalId(signal.id), WHY, version=signal.version)
    consented = consent(two, om, signal, keys["BQ-OM"])
    told(two)
    assert not is_held(two, signal)
    approved = approve(two, om, signal, keys["BQ-OM"])
    told(two)
    assert is_held(two, signal)
    _, put = put_of(two, signal)
    said, key = consent_under(put.consent or "", two[NL].rosters())
    assert (said.content, key.organisation) == (content_of(put.record), "BQ-OM")
    assert approved.version == consented.version + 1
    withdraw_consent(two[BQ].register, om, SignalId(signal.id), WHY, version=approved.version)
    told(two)
    assert not is_held(two, signal)
    with pytest.raises(NoConsent):
        withdraw_consent(two[BQ].register, om, SignalId(signal.id), WHY, version=approved.version + 1)


def test_receiver_takes_neither_for_the_other_and_no_node_for_the_prosecutor(
    two: Net, keys: dict[str, ApprovalKey], om: Caller
) -> None:
    signal = a_record(two)
    consent(two, om, signal, keys["BQ-OM"])
    approve(two, om, signal, keys["BQ-OM"])
    told(two)
    extract, honest = put_of(two, signal)
    other = claims_of(two, ask_consent(two[BQ].register, om, SignalId(signal.id)), content=canonical.b64(bytes(32)))
    forged = {
        "no consent": None,
        "the approval in its place": honest.approval,
        "a consent to another record": keys["BQ-OM"].sign(other, consents=True),
        "a consent of the police": keys["BQ-KPCN"].sign(
            other.model_copy(update={"content": content_of(honest.record), "keeper": "BQ-KPCN"}), consents=True
        ),
    }
    found = {}
    for how, compact in forged.items():
        body = encode_body(honest.model_copy(update={"consent": compact}))
        two[BQ].say(extract, {NL: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, body, live=True)})
        two[BQ].append()
        two[NL].pull_all(BQ)
        assert not is_held(two, signal)
        found[how] = codes(two)[-1]
    assert found.pop("no consent") == "refused-by-rule/WPG10A-1"
    assert set(found.values()) == {"consent-unfit/None"}


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"content": canonical.b64(bytes(32))}, "approval-content"),
    ({"object": "01900000-0000-7000-8000-000000000001"}, "approval-object"),
    ({"purpose": "PREVENT"}, "approval-purpose"),
    ({"recipients": ["NL", "BQ"]}, "approval-recipient"),
    ({"task": "CONSENT"}, "approval-keeper"),
    ({"given": "2020-01-01", "expires": "2020-01-02"}, "approval-expired"),
    ({"actor": "f" * 32}, "actor"),
)


def test_owner_takes_nothing_in_that_a_partner_would_refuse(two: Net, keys: dict[str, ApprovalKey], om: Caller) -> None:
    signal = a_record(two)
    for changes, why in REFUSED:
        with pytest.raises(ApprovalRefused) as refusal:
            consent(two, om, signal, keys["BQ-OM"], **changes)
        assert refusal.value.details["why"] == why
    with pytest.raises(ApprovalRefused):
        consent(two, om, signal, keys["BQ-OM"], consents=False)
    consent(two, om, signal, keys["BQ-OM"])
    with pytest.raises(ApprovalRefused):
        approve(two, om, signal, keys["BQ-OM"], consents=True)


def test_nobody_but_the_prosecutor_asks_gives_or_withdraws(two: Net, keys: dict[str, ApprovalKey], om: Caller) -> None:
    signal = a_record(two)
    done = consent(two, om, signal, keys["BQ-OM"])
    register, police = two[BQ].register, two.world.caller("BQ-KPCN", *Task, actor="police")
    with pytest.raises(NotPermitted):
        ask_consent(register, police, SignalId(signal.id))
    with pytest.raises(NotPermitted):
        consent(two, police, signal, keys["BQ-KPCN"])
    with pytest.raises(NotPermitted):
        withdraw_consent(register, police, SignalId(signal.id), WHY, version=done.version)


def test_it_goes_only_to_whom_the_consent_names(two: Net, keys: dict[str, ApprovalKey], om: Caller) -> None:
    signal = a_record(two)
    consent(two, om, signal, keys["BQ-OM"], recipients=["AW", "CW"])
    of = ask_approval(two[BQ].register, om, SignalId(signal.id))
    assert NL not in of.partners


def test_change_of_the_record_ends_the_consent(two: Net, keys: dict[str, ApprovalKey], om: Caller) -> None:
    signal = a_record(two)
    consent(two, om, signal, keys["BQ-OM"])
    done = approve(two, om, signal, keys["BQ-OM"])
    told(two)
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, Task.ENRICH, actor="unit")
    change = AmendIn.model_validate({"changes": {"acts": ["TRANSPORT"]}, "reason": "Told later."})
    amend_signal(two[BQ].register, unit, SignalId(signal.id), change, version=done.version)
    told(two)
    assert not is_held(two, signal)
    with two[BQ].register.work(two[BQ].caller()) as work:
        ground = work.signals.reports.get(SignalId(signal.id)).ground
    assert (ground.consent, ground.prosecutor_consent, ground.consent_until) == (None, None, None)


def test_consent_that_ran_out_is_taken_back_here_and_hidden_there(
    two: Net, keys: dict[str, ApprovalKey], om: Caller
) -> None:
    """The approval runs on: the earlier of both last days counts, for owner and receiver."""
    signal = a_record(two)
    last = max(two[BQ].register.today(), two[NL].register.today())
    consent(two, om, signal, keys["BQ-OM"], expires=f"{last}")
    approve(two, om, signal, keys["BQ-OM"])
    told(two)
    assert is_held(two, signal)
    for clock in two.clocks.values():
        clock.offset = timedelta(days=2)
    assert hide_run_out(two[NL].register) == 1
    assert not is_held(two, signal)
    assert end_approvals(two[BQ].register) == 1
    with two[BQ].register.work(two[BQ].caller()) as work:
        ground = work.signals.reports.get(SignalId(signal.id)).ground
    assert (ground.consent, ground.gate_approval is None) == (None, False)
    told(two)
    assert not is_held(two, signal)
    assert end_approvals(two[BQ].register) == 0
