"""The Caribbean Netherlands tells the Netherlands under the strict edition: what its prosecutor signed and no more.

The node of the Caribbean Netherlands has every key but the prosecutor's, who has an approval key in a file of his own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.process.worker import jobs
from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.running.consumer import Consumer
from register.domain.running.to_do import KINDS, Count
from register.domain.signals.signal import SignalId
from register.errors import NotPermitted
from register.keys import jws
from register.keys.approval_key import ApprovalKey
from register.mou.decide import may_see
from register.mou.edition import load
from register.mou.facts import AskerFacts, LegalProfile
from register.mou.label import terms_of
from register.mou.rules.gate import Gates
from register.search.feeding.changes import Put
from register.services.exchange.hide_run_out import hide_run_out
from register.services.running.list_to_do import count_to_do, list_to_do
from register.services.running.watch_clock import ClockJumped
from register.services.search.index_records import find_wanted_changes
from register.services.search.read_record import read_record
from register.services.signals.approving.approve_signal import SignatureNeeded, approve_signal, confirm_signal
from register.services.signals.approving.ask_approval import ask_approval, list_waiting_approvals
from register.services.signals.approving.keep_approval import (
    ApprovalRefused,
    NoApproval,
    end_approvals,
    hand_in_approval,
    withdraw_approval,
)
from register.services.signals.change_signal import amend_signal, reclassify_signal, withdraw_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from register.store.exchange.drafts import Said
from schemas import canonical
from schemas.codes import EntryType, LegalBasis, Partition, Purpose, ToDoKind
from schemas.exchange.wire import (
    SCHEMA_VERSION,
    ExtractRecord,
    GateApproval,
    IndicatorPut,
    Typ,
    content_of,
    document,
    encode_body,
    read,
)
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn
from schemas.signals.changes import AmendIn, ReclassifyIn, WithdrawIn
from schemas.signals.out import SignalOut
from sync.trust import approval_under
from tests.integration.exchange.extracts import an_extract
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net, Node, net
from tests.support.exchange.limited import Limited
from tests.support.forms import a_form
from tests.support.told import live, share_all

BQ, NL = Partition.BQ, Partition.NL
WHY = "Weighed."
PASSPHRASE = b"a passphrase for tests"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ApprovalKey]:
    folder: Path = tmp_path_factory.mktemp("keepers")
    kinds = {"BQ-OM": "prosecution", "BQ-KPCN": "police"}
    return {
        code: ApprovalKey.make(folder / code, PASSPHRASE, organisation=code, kind=kind) for code, kind in kinds.items()
    }


@pytest.fixture(scope="module")
def two(keys: dict[str, ApprovalKey]) -> Iterator[Net]:
    listed = [key.listed for key in keys.values()]
    with net(BQ, NL, change=lambda s: replace(s, edition="strict"), approval_keys=listed) as made:
        yield made


@pytest.fixture
def prosecutor(two: Net) -> Caller:
    return two.world.caller("BQ-OM", Task.PROSECUTE, actor="prosecutor")


def share(node: Node) -> None:
    for lease in lease_signals(node.register, 100):
        share_signal(node.register, lease)
    node.append()


def boat(two: Net, register: Register | None = None) -> SignalOut:
    """A record of the police, confirmed by a second person, that waits for its prosecutor alone."""
    register = register or two[BQ].register
    form = a_form(
        place={"island": "BONAIRE", "location_type": "STREET"},
        selectors=[{"type": "PLATE", "value": "BES-0017", "country": "BQ"}],
    )
    made = record_signal(register, two.world.caller("BQ-KPCN", Task.SUBMIT), form, str(register.clock.new_id()))
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, actor="unit")
    confirmed = confirm_signal(register, unit, SignalId(made.id), WHY, version=1)
    share_all(register)
    two[BQ].append()
    return confirmed


def asked(two: Net, prosecutor: Caller, signal: SignalOut) -> ApprovalAskedOut:
    return ask_approval(two[BQ].register, prosecutor, SignalId(signal.id))


def approval(two: Net, of: ApprovalAskedOut, **changes: Any) -> GateApproval:
    """What the keeper's process signs of what it was shown."""
    claims = {
        "approval": str(two[BQ].register.clock.new_id()), "keeper": of.keeper, "task": of.task, "actor": of.actor,
        "object": str(of.object), "content": content_of_asked(of), "purpose": of.purpose,
        "recipients": [str(p) for p in of.partners], "given": f"{of.today}", "expires": f"{of.retain_until}",
    }  # fmt: skip
    return read(GateApproval, canonical.dumps(claims | changes))


def content_of_asked(of: ApprovalAskedOut) -> str:
    return content_of(read(ExtractRecord, canonical.dumps(of.record)))


def hand_in(two: Net, by: Caller, signal: SignalOut, compact: str, version: int) -> SignalOut:
    prove = partial(approval_under, rosters=two[BQ].rosters())
    signed = SignedApprovalIn(approval=compact, reason=WHY)
    return hand_in_approval(two[BQ].register, by, SignalId(signal.id), signed, prove, version=version)


def approve(two: Net, prosecutor: Caller, signal: SignalOut, key: ApprovalKey) -> tuple[SignalOut, UUID]:
    """Ask, sign, hand in, share: the whole way; with the id of the extract."""
    of = asked(two, prosecutor, signal)
    done = hand_in(two, prosecutor, signal, key.sign(approval(two, of)), of.version)
    share(two[BQ])
    return done, of.object


def codes(two: Net) -> list[str]:
    with two[NL].register.work(two[NL].caller()) as work:
        return [row.code for row in work.exchange.received.quarantined(BQ, 1)]


def test_what_the_prosecutor_signed_travels_with_his_signature_and_is_held(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    signal = boat(two)
    two[NL].pull_all(BQ)
    assert [one.reference for one in list_waiting_approvals(two[BQ].register, prosecutor)] == [signal.reference]
    _, extract = approve(two, prosecutor, signal, keys["BQ-OM"])
    assert list_waiting_approvals(two[BQ].register, prosecutor) == []
    two[NL].pull_all(BQ)
    with two[NL].register.work(two[NL].caller()) as work:
        put = work.exchange.held.open(BQ, [extract])[extract].put
    said, key = approval_under(put.approval or "", two[NL].rosters())
    assert (said.content, key.organisation, put.label.gate) == (content_of(put.record), "BQ-OM", None)


def test_keys_that_follow_what_was_signed_leave_only_when_it_is_signed_anew(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    """A full book of plates holds the record back from nobody, and no key leaves that the keeper has not seen."""
    evaluators = Limited(two[BQ].register.evaluators, full=["plate/e1"])
    register = replace(two[BQ].register, evaluators=evaluators)

    def families(signal: SignalOut) -> set[str] | None:
        record = live(register, signal.id, NL)
        return None if record is None else {t["family"].partition(".")[0] for t in record["tokens"]}

    signal = boat(two, register)
    of = asked(two, prosecutor, signal)
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of)), of.version)
    share_all(register)
    assert families(signal) == {"person", "phone"}

    evaluators.full.clear()
    with register.work(system(BQ, "worker")) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    share_all(register)
    assert families(signal) is None
    assert signal.reference in [one.reference for one in list_waiting_approvals(register, prosecutor)]

    of = asked(two, prosecutor, signal)
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of)), of.version)
    share_all(register)
    assert families(signal) == {"person", "phone", "plate"}


def test_reader_is_told_whose_listed_key_approved_it(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    _, extract = approve(two, prosecutor, boat(two), keys["BQ-OM"])
    two[NL].pull_all(BQ)
    coordinator = two.world.caller("NL-LE", Task.SEARCH_SHARED, actor="coordinator")
    with two[NL].register.work(coordinator) as work:  # an answer showed it
        work.search.budgets.note_shown(coordinator.actor, [extract], two[NL].register.today())
    shown = read_record(
        two[NL].register,
        coordinator,
        extract,
        purpose=Purpose.INVESTIGATE,
        legal_basis=LegalBasis.WPG8,
        case="Z-2026-1",
    )
    assert (shown.gate, shown.approved_by) == ("signed", "BQ-OM")


def test_page_alone_approves_nothing_where_the_edition_asks_for_the_signature(two: Net, prosecutor: Caller) -> None:
    signal = boat(two)
    with pytest.raises(SignatureNeeded):
        approve_signal(two[BQ].register, prosecutor, SignalId(signal.id), WHY, version=2)


def forged(two: Net, keys: dict[str, ApprovalKey], how: str, honest: IndicatorPut, about: UUID) -> IndicatorPut:
    """What a dishonest node of the Caribbean Netherlands makes of a record that its prosecutor never saw."""
    node = two[BQ]
    today = node.register.today()
    claims = GateApproval(
        approval=str(node.register.clock.new_id()), keeper="BQ-OM", task="PROSECUTE", actor="0" * 32,
        object=str(about), content=content_of(honest.record), purpose=honest.label.purpose, recipients=(NL,),
        given=today, expires=today,
    )  # fmt: skip
    own = node.register.keys
    payload = document(claims)
    signed = {
        "own key": lambda: jws.sign(payload, typ=Typ.GATE_APPROVAL, kid=own.kid, key=own.signing),
        "own key under the prosecutor's name": lambda: jws.sign(
            payload, typ=Typ.GATE_APPROVAL, kid=keys["BQ-OM"].listed.kid, key=own.signing
        ),
        "key of the police": lambda: keys["BQ-KPCN"].sign(claims.model_copy(update={"keeper": "BQ-KPCN"})),
    }
    if how == "its own word":
        return honest.model_copy(update={"label": honest.label.model_copy(update={"gate": "node"})})
    return honest.model_copy(update={"approval": signed[how]() if how in signed else None})


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("own key", "approval-key-unknown"),
        ("own key under the prosecutor's name", "approval-unproven"),
        ("key of the police", "approval-keeper"),
        ("its own word", "approval-by-node"),
        ("nothing", "approval-missing"),
    ],
)
def test_dishonest_node_lets_nothing_out_by_itself(two: Net, keys: dict[str, ApprovalKey], how: str, code: str) -> None:
    node, about = two[BQ], two[BQ].register.clock.new_id()
    honest = an_extract(
        node.register, NL, number=900, legal_basis="WPG8", source_profile="POLICE", purpose="INVESTIGATE",
        rules=["SHARED-1", "GATE-1"],
    )  # fmt: skip
    body = encode_body(forged(two, keys, how, honest, about))
    before = codes(two)
    node.say(about, {NL: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, body, live=True)})
    node.append()
    two[NL].pull_all(BQ)
    assert codes(two) == [*before, code]
    assert held(two[NL], BQ, about) == {}


def test_dishonest_node_does_not_pass_another_record_on_an_approval_that_was_given(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    """Also not the same record as another extract, nor this extract with one code more."""
    signal = boat(two)
    _, extract = approve(two, prosecutor, signal, keys["BQ-OM"])
    two[NL].pull_all(BQ)
    with two[NL].register.work(two[NL].caller()) as work:
        put = work.exchange.held.open(BQ, [extract])[extract].put
    wider = put.model_copy(update={"record": put.record.model_copy(update={"acts": ("TRANSPORT",)})})
    other = two[BQ].register.clock.new_id()
    before = codes(two)
    for about, body in ((extract, wider), (other, put)):
        two[BQ].say(about, {NL: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, encode_body(body), live=True)})
    two[BQ].append()
    two[NL].pull_all(BQ)
    assert codes(two) == [*before, "approval-content", "approval-object"]
    assert held(two[NL], BQ, other) == {}


def test_change_of_the_record_takes_it_back_until_it_is_signed_anew(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    signal = boat(two)
    done, extract = approve(two, prosecutor, signal, keys["BQ-OM"])
    two[NL].pull_all(BQ)
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, actor="unit")
    change = ReclassifyIn(signal_type="HT", reason=WHY)
    reclassify_signal(two[BQ].register, unit, SignalId(signal.id), change, version=done.version)
    share(two[BQ])
    two[NL].pull_all(BQ)
    assert held(two[NL], BQ, extract) == {}
    approve(two, prosecutor, signal, keys["BQ-OM"])
    two[NL].pull_all(BQ)
    assert held(two[NL], BQ, extract) == {extract: signal.reference}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"content": canonical.b64(bytes(32))}, "approval-content"),
        ({"object": "01900000-0000-7000-8000-000000000001"}, "approval-object"),
        ({"purpose": "PREVENT"}, "approval-purpose"),
        ({"recipients": ["NL", "BQ"]}, "approval-recipient"),
        ({"task": "CONSENT"}, "approval-keeper"),
        ({"keeper": "BQ-KPCN"}, "approval-keeper"),
        ({"given": "2020-01-01", "expires": "2020-01-02"}, "approval-expired"),
        ({"actor": "f" * 32}, "actor"),
    ],
)
def test_owner_takes_nothing_in_that_a_partner_would_refuse(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller, changes: dict[str, Any], why: str
) -> None:
    signal = boat(two)
    of = asked(two, prosecutor, signal)
    compact = keys["BQ-OM"].sign(approval(two, of, **changes))
    with pytest.raises(ApprovalRefused) as refusal:
        hand_in(two, prosecutor, signal, compact, of.version)
    assert refusal.value.details["why"] == why


def test_nobody_but_the_keeper_is_shown_what_waits_or_hands_anything_in(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    signal = boat(two)
    of = asked(two, prosecutor, signal)
    police = two.world.caller("BQ-KPCN", *Task, actor="police")
    with pytest.raises(NotPermitted):
        ask_approval(two[BQ].register, police, SignalId(signal.id))
    with pytest.raises(NotPermitted):
        hand_in(two, police, signal, keys["BQ-OM"].sign(approval(two, of)), of.version)
    assert list_waiting_approvals(two[BQ].register, police) == []


# --- what waits ---


def to_approve(two: Net, caller: Caller) -> set[str]:
    page = list_to_do(two[BQ].register, caller, cursor=None, limit=200)
    counted = count_to_do(two[BQ].register, caller).get(ToDoKind.APPROVAL, Count(0, 0))
    found = [one for one in page.items if one.kind is ToDoKind.APPROVAL]
    assert counted.waiting == len(found)
    return {str(one.reference) for one in found}


def test_what_the_gate_alone_holds_back_waits_for_its_keeper_and_for_nobody_else(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    signal = boat(two)
    assert signal.reference in to_approve(two, prosecutor)
    others = [two.world.caller(code, *Task) for code in ("BQ-KPCN", "BQ-KMAR")]
    others += [two.world.caller("BQ-OM", *(set(Task) - {Task.PROSECUTE, Task.CONSENT}))]
    assert [to_approve(two, one) for one in others] == [set()] * len(others)
    of = asked(two, prosecutor, signal)
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of)), of.version)
    assert signal.reference not in to_approve(two, prosecutor)
    share(two[BQ])
    assert signal.reference not in to_approve(two, prosecutor)


def test_what_was_changed_waits_anew_once_it_is_known_what_would_leave(two: Net, prosecutor: Caller) -> None:
    signal = boat(two)
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, Task.ENRICH, actor="unit")
    change = AmendIn.model_validate({"changes": {"acts": ["TRANSPORT"]}, "reason": "Told later."})
    amend_signal(two[BQ].register, unit, SignalId(signal.id), change, version=signal.version)
    assert signal.reference not in to_approve(two, prosecutor)
    share(two[BQ])
    assert signal.reference not in to_approve(two, prosecutor), "it waits for its confirmation as well"
    other = two.world.caller("BQ-KPCN", Task.REGISTER, actor="other")
    confirm_signal(two[BQ].register, other, SignalId(signal.id), WHY, version=signal.version + 1)
    share(two[BQ])
    assert signal.reference in to_approve(two, prosecutor)


def test_what_was_withdrawn_waits_for_no_approval(two: Net, prosecutor: Caller) -> None:
    signal = boat(two)
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, Task.ENRICH, actor="unit")
    withdrawal = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    withdraw_signal(two[BQ].register, unit, SignalId(signal.id), withdrawal, version=signal.version)
    assert signal.reference not in to_approve(two, prosecutor)
    share(two[BQ])
    assert signal.reference not in to_approve(two, prosecutor)


def test_keepers_tasks_are_those_that_wait_for_an_approval() -> None:
    """An edition that names another task would let its keeper be told of nothing."""
    named = {
        keeper.task
        for edition in ("demo", "strict")
        for gate in load(edition).given("GATE-1", Gates).gates.values()
        for keeper in (gate.keeper, gate.second)
    }
    assert named == KINDS[ToDoKind.APPROVAL].tasks


# --- taken back -----------------------------------------------------------------------------------------------------


def sent_again(two: Net, about: UUID) -> list[str]:
    """The types of what was drafted of an extract, in order."""
    found = rows(two, "SELECT type FROM rtr.draft WHERE country = 'BQ' AND object = :o ORDER BY version", o=about)
    return [row["type"] for row in found]


def test_withdrawn_approval_is_retracted_in_the_same_transaction(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    done, extract = approve(two, prosecutor, boat(two), keys["BQ-OM"])
    two[NL].pull_all(BQ)
    withdraw_approval(two[BQ].register, prosecutor, SignalId(done.id), WHY, version=done.version)
    # No worker has run: it is drafted with the withdrawal itself.
    assert sent_again(two, extract)[-1] == EntryType.INDICATOR_RETRACT
    two[BQ].append()
    two[NL].pull_all(BQ)
    assert held(two[NL], BQ, extract) == {}


def test_approval_that_was_withdrawn_is_not_handed_in_again(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    signal = boat(two)
    of = asked(two, prosecutor, signal)
    compact = keys["BQ-OM"].sign(approval(two, of))
    done = hand_in(two, prosecutor, signal, compact, of.version)
    back = withdraw_approval(two[BQ].register, prosecutor, SignalId(done.id), WHY, version=done.version)
    with pytest.raises(ApprovalRefused, match="withdrawn"):
        hand_in(two, prosecutor, signal, compact, back.version)
    with pytest.raises(NoApproval):
        withdraw_approval(two[BQ].register, prosecutor, SignalId(done.id), WHY, version=back.version)
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of)), back.version)


def test_police_do_not_withdraw_what_the_prosecutor_approved(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    done, _ = approve(two, prosecutor, boat(two), keys["BQ-OM"])
    police = two.world.caller("BQ-KPCN", *Task, actor="police")
    with pytest.raises(NotPermitted):
        withdraw_approval(two[BQ].register, police, SignalId(done.id), WHY, version=done.version)


@pytest.fixture
def short(two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller) -> Iterator[UUID]:
    """An extract that the Netherlands hold on an approval of a day, once that day is over in both countries."""
    signal = boat(two)
    of, last = asked(two, prosecutor, signal), two[NL].register.today()
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of, expires=f"{last}")), of.version)
    share(two[BQ])
    two[NL].pull_all(BQ)
    assert held(two[NL], BQ, of.object)
    for clock in two.clocks.values():
        clock.offset = timedelta(days=2)
    yield of.object
    for clock in two.clocks.values():
        clock.offset = timedelta()


def test_approval_that_ran_out_is_taken_back_by_its_owner(two: Net, short: UUID) -> None:
    assert end_approvals(two[BQ].register) == 1
    assert sent_again(two, short)[-1] == EntryType.INDICATOR_RETRACT
    assert end_approvals(two[BQ].register) == 0


SPOILT = {
    "key damaged": "UPDATE rtr.data_key SET wrapped = decode('00', 'hex') || wrapped WHERE id = "
    "(SELECT data_key FROM rtr.signal WHERE country = 'BQ' AND extract_id = :o)",
    "content damaged": "UPDATE rtr.signal SET account = decode('00', 'hex') || account "
    "WHERE country = 'BQ' AND extract_id = :o",
    "approval damaged": "UPDATE rtr.signal SET gate_approval = 'x' WHERE country = 'BQ' AND extract_id = :o",
}


@pytest.mark.parametrize("how", SPOILT)
def test_report_that_does_not_open_ends_too_and_stops_no_other(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller, short: UUID, how: str
) -> None:
    """It is the earliest, so the others come after it: all are taken back, and the keeper's list goes on."""
    for clock in two.clocks.values():
        clock.offset = timedelta()
    signal = boat(two)
    of, last = asked(two, prosecutor, signal), two[NL].register.today() + timedelta(days=1)
    hand_in(two, prosecutor, signal, keys["BQ-OM"].sign(approval(two, of, expires=f"{last}")), of.version)
    share(two[BQ])
    waits = boat(two)
    for clock in two.clocks.values():
        clock.offset = timedelta(days=3)
    rows(two, SPOILT[how], o=short)
    try:
        assert turn(two[BQ], "approvals")
        assert [sent_again(two, one)[-1] for one in (short, of.object)] == [EntryType.INDICATOR_RETRACT] * 2
        (row,) = rows(
            two,
            "SELECT version, gate_ref, gate_approval, gate_until, recipients FROM rtr.signal "
            "WHERE country = 'BQ' AND extract_id = :o",
            o=short,
        )
        assert row == {"version": 4, "gate_ref": None, "gate_approval": None, "gate_until": None, "recipients": []}
        assert not turn(two[BQ], "approvals")
        assert {waits.reference, of.reference} <= {
            one.reference for one in list_waiting_approvals(two[BQ].register, prosecutor)
        }
    finally:
        # What does not open waits for a person; the other tests share without one.
        rows(two, "DELETE FROM rtr.outbox WHERE object = (SELECT id FROM rtr.signal WHERE extract_id = :o)", o=short)


def test_approval_that_ran_out_is_hidden_by_its_receiver_though_the_owner_does_nothing(two: Net, short: UUID) -> None:
    with two[NL].register.work(two[NL].caller()) as work:
        terms = terms_of(work.exchange.held.open(BQ, [short])[short])
    asker = AskerFacts(
        partition=NL, purpose=Purpose.INVESTIGATE, legal_basis=LegalBasis.WPG8, profile=LegalProfile.POLICE,
        case_ref="Z-1", searches_shared=True,
    )  # fmt: skip
    edition, today = two[NL].register.edition, two[NL].register.today()
    assert not may_see(asker, terms, edition, today=today).allowed
    assert may_see(asker, terms, edition, today=terms.gate_until or today).allowed
    assert hide_run_out(two[NL].register) == 1
    assert held(two[NL], BQ, short) == {}
    assert rows(two, "SELECT 1 FROM rtr.search_key WHERE country = 'NL' AND record = :o", o=short) == []
    assert hide_run_out(two[NL].register) == 0


def turn(node: Node, job: str) -> bool:
    """One turn of a job, on whatever day its clock says; the worker itself would not believe it."""
    return {"approvals": end_approvals, "hide": hide_run_out}[job](node.register) > 0


@pytest.mark.parametrize("days", [400, -400])
@pytest.mark.parametrize("job", ["house", "approvals", "hide"])
def test_nothing_ends_by_a_clock_that_jumped_while_the_worker_ran(two: Net, job: str, days: int) -> None:
    node = two[BQ]
    table = jobs(node.register, node.appender, node.receiver)
    two.clocks[BQ].offset = timedelta(days=days)
    try:
        with pytest.raises(ClockJumped):
            table[job].turn()
    finally:
        two.clocks[BQ].offset = timedelta(seconds=30)
    assert table[job].turn() is False
    two.clocks[BQ].offset = timedelta()


def test_what_a_wrong_clock_hid_is_shown_again_and_found_once_it_is_right(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller
) -> None:
    """As by an operator's word for a wrong day: what it hid comes back by itself, without a newer version."""
    _, extract = approve(two, prosecutor, boat(two), keys["BQ-OM"])
    two[NL].pull_all(BQ)
    whole = "SELECT object, hidden_at FROM rtr.received_record WHERE country = 'NL' ORDER BY object"
    found = "SELECT key, subject, handle FROM rtr.search_key WHERE country = 'NL' AND record = :o ORDER BY key"
    before, reference = rows(two, found, o=extract), held(two[NL], BQ, extract)
    assert before
    assert reference
    two.clocks[NL].offset = timedelta(days=4_000)
    try:
        assert turn(two[NL], "hide")
        assert held(two[NL], BQ, extract) == {}
        with two[NL].register.work(two[NL].caller()) as work:
            assert [type(change) for change in find_wanted_changes(work, extract)] == [
                Put
            ]  # a removal could not be undone there
    finally:
        two.clocks[NL].offset = timedelta()
    while turn(two[NL], "hide"):
        pass
    assert held(two[NL], BQ, extract) == reference
    assert rows(two, found, o=extract) == before
    assert all(row["hidden_at"] is None for row in rows(two, whole) if row["object"] == extract)
    assert not turn(two[NL], "hide")


def test_what_ran_out_stays_hidden(two: Net, short: UUID) -> None:
    assert turn(two[NL], "hide")
    assert not turn(two[NL], "hide")
    assert held(two[NL], BQ, short) == {}


def test_approved_anew_it_is_shown_again(
    two: Net, keys: dict[str, ApprovalKey], prosecutor: Caller, short: UUID
) -> None:
    hide_run_out(two[NL].register)
    end_approvals(two[BQ].register)
    register = two[BQ].register
    (row,) = rows(two, "SELECT id FROM rtr.signal WHERE country = 'BQ' AND extract_id = :o", o=short)
    of = ask_approval(register, prosecutor, SignalId(row["id"]))
    prove = partial(approval_under, rosters=two[BQ].rosters())
    signed = SignedApprovalIn(approval=keys["BQ-OM"].sign(approval(two, of)), reason=WHY)
    hand_in_approval(register, prosecutor, SignalId(row["id"]), signed, prove, version=of.version)
    share(two[BQ])
    two[NL].pull_all(BQ)
    assert held(two[NL], BQ, short) == {short: of.reference}
