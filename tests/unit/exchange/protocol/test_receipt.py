"""Receipts: numbered, chained, taken once, and the only thing that makes a retraction done (fault cases 11, 31)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import canonical
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.wire import Receipt, Typ
from sync.protocol import effects as fx
from sync.protocol.documents.receipt import (
    OriginView,
    PassedOver,
    ReceiptArrived,
    ReceiptFacts,
    ReceiptMark,
    ReceiptStep,
    Refused,
    Taken,
    TakenBefore,
    check_restart,
    draft_receipt,
    take_receipt,
)
from sync.protocol.documents.signed import Signed, Trust, read_signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.effects import StopAppending
from sync.protocol.events import Given, ReceiptDue, ReceiptsLost, ReceiverState, Renumbered
from sync.protocol.refusals import OriginRestored, WrongAudience
from sync.protocol.stream import step
from tests.simulator.builders import PUT, an_id, chained
from tests.simulator.fakes import FakeRefused, FakeSigner, FakeVerifier, a_roster, rosters_of, sign_kid
from tests.unit.exchange.scene import AW, CW, LOG, NOW, OPENING, START, effect, tip_of

ENTRIES = chained(START, *[(PUT, an_id(n), 1, b"{}") for n in range(1, 6)])
HASHES = {entry.seq: entry.entry_hash for entry in ENTRIES}
RETRACTS = frozenset({2, 4})
"""Which of them the origin says are retracts: a receipt is judged by their numbers alone."""
ROOT = bytes(range(32))
FACTS = ReceiptFacts(at=wire.instant(NOW), roster=1, live_root=ROOT)
TRUST = Trust(CW, AW, rosters_of(a_roster()), FakeVerifier())
VIEW = OriginView(LOG, tip_of(ENTRIES), ReceiptMark.none(LOG))


def standing(at: int, state: ReceiverState = OPENING) -> ReceiverState:
    return replace(state, applied=tip_of(ENTRIES[:at]))


def give(
    state: ReceiverState, facts: ReceiptFacts = FACTS, signer: FakeSigner | None = None
) -> tuple[ReceiverState, Signed[Receipt]]:
    done = step(state, ReceiptDue(facts, signer or FakeSigner(sign_kid(AW))))
    jws = effect(done, fx.GiveReceipt).jws
    return done.state, read_signed(jws, Typ.RECEIPT, Receipt, TRUST)


def take(view: OriginView, receipt: Signed[Receipt], digests: dict[int, bytes] | None = None) -> ReceiptStep:
    return take_receipt(view, ReceiptArrived(receipt, HASHES, digests or {}, RETRACTS))


def refused(done: ReceiptStep, view: OriginView = VIEW) -> str:
    assert isinstance(done.verdict, Refused)
    assert done.view == view
    assert not any(isinstance(found, fx.KeepReceipt | fx.MarkDone) for found in done.effects)
    return done.verdict.refusal.code


def test_disowned_receipt_counts_by_its_number_only_and_the_one_after_it_is_believed() -> None:
    state, first = give(standing(3))
    view = take(VIEW, first).view
    beyond = replace(state, applied=Tip(9, b"\7" * 32))
    state, lie = give(beyond, replace(FACTS, done=(2,)))
    view = replace(view, disowned=frozenset({lie.digest}))
    done = take(view, lie)
    assert (done.verdict, done.effects) == (PassedOver(2), (fx.PassOver(lie.digest),))
    assert (done.view.newest, done.view.applied_to) == (ReceiptMark(2, lie.digest), 3)
    again = take(done.view, lie, {2: lie.digest})
    assert (again.verdict, again.effects) == (TakenBefore(2), ())
    _, honest = give(standing(5, state))
    assert take(done.view, honest).verdict == Taken(3, restored=False)
    _, other = give(replace(state, applied=Tip(8, b"\7" * 32)))
    assert StopAppending("receipt-ahead") in take(done.view, other).effects


def test_a_receipt_says_where_the_receiver_stands_and_is_taken_once() -> None:
    _, receipt = give(standing(3))
    done = take(VIEW, receipt)
    assert (done.verdict, done.view.applied_to) == (Taken(1, restored=False), 3)
    assert done.effects == (fx.KeepReceipt(1, receipt.jws, receipt.claims),)
    again = take(done.view, receipt, {1: receipt.digest})
    assert (again.verdict, again.effects) == (TakenBefore(1), ())


def test_receipts_are_chained_by_the_hash_of_the_one_before() -> None:
    state, first = give(standing(1))
    _, second = give(standing(2, state))
    assert second.claims.prev_receipt == canonical.b64(first.digest)
    assert take(take(VIEW, first).view, second).verdict == Taken(2, restored=False)


def test_a_receipt_before_the_one_it_follows_is_a_gap_and_says_from_where_to_send() -> None:
    state, _ = give(standing(1))
    _, second = give(standing(2, state))
    done = take(VIEW, second)
    assert refused(done) == "receipt-gap"
    assert isinstance(done.verdict, Refused)
    assert done.verdict.refusal.details["send_from"] == 1


@pytest.mark.parametrize("at", [1, 2])
def test_another_receipt_of_a_number_already_taken_is_a_conflict(at: int) -> None:
    _, first = give(standing(at))
    view = take(VIEW, first).view
    _, other = give(standing(3))
    assert refused(take(view, other, {1: first.digest}), view) == "receipt-conflict"


def test_a_receipt_that_follows_another_history_is_a_conflict() -> None:
    state, _ = give(standing(1))
    _, second = give(standing(2, state))
    _, other = give(standing(2))
    view = take(VIEW, other).view
    assert refused(take(view, second), view) == "receipt-conflict"


def test_a_lower_cursor_under_a_newer_number_counts_and_is_an_alarm() -> None:
    state, first = give(standing(4))
    _, second = give(standing(2, state))
    done = take(take(VIEW, first).view, second)
    assert (done.verdict, done.view.applied_to) == (Taken(2, restored=True), 2)
    assert [found.code for found in done.effects if isinstance(found, fx.Alarm)] == ["receiver-restored"]


def test_a_restored_receiver_goes_on_after_the_newest_number_the_origin_took() -> None:
    state, first = give(standing(3))
    _, second = give(standing(4, state))
    view = take(take(VIEW, first).view, second).view
    lost, other = give(standing(1))
    done = take(view, other, {1: first.digest})
    assert isinstance(done.verdict, Refused)
    details = done.verdict.refusal.details
    newest = ReceiptMark(details["newest_n"], canonical.unb64(details["newest_digest"]))
    renumbered = step(lost, ReceiptsLost(newest))
    assert (renumbered.verdict, renumbered.effects) == (Renumbered(2), (fx.VoidReceipts(),))
    _, third = give(standing(1, renumbered.state))
    assert take(view, third).verdict == Taken(3, restored=True)


def test_a_receipt_for_more_than_we_have_stops_appending_since_we_were_restored() -> None:
    _, receipt = give(standing(5))
    view = replace(VIEW, tip=tip_of(ENTRIES[:3]))
    done = take(view, receipt)
    assert refused(done, view) == "receipt-ahead"
    assert fx.StopAppending("receipt-ahead") in done.effects


def test_a_receipt_for_another_story_stops_appending() -> None:
    _, receipt = give(replace(OPENING, applied=Tip(3, bytes(32))))
    assert refused(take(VIEW, receipt)) == "receipt-forks"


def test_a_receipt_of_nothing_applied_names_the_start_of_the_log() -> None:
    assert take(VIEW, give(OPENING)[1]).verdict == Taken(1, restored=False)


def test_a_forged_receipt_is_refused() -> None:
    _, receipt = give(standing(3))
    with pytest.raises(FakeRefused):
        read_signed(receipt.jws[:-1] + b"A", Typ.RECEIPT, Receipt, TRUST)


def test_a_receipt_that_the_same_partner_gave_for_another_countrys_log_is_no_receipt_of_ours() -> None:
    log = LogId(Partition.SX, AW)
    claims, _ = draft_receipt(log, ReceiptMark.none(log), Tip(3, HASHES[3]), FACTS)
    jws = FakeSigner(sign_kid(AW)).sign(Typ.RECEIPT, wire.document(claims))
    with pytest.raises(WrongAudience):
        read_signed(jws, Typ.RECEIPT, Receipt, TRUST)
    # Nor as one for ours: its chain begins with another word.
    ours = FakeSigner(sign_kid(AW)).sign(Typ.RECEIPT, wire.document(claims) | {"aud": "CW"})
    assert refused(take(VIEW, read_signed(ours, Typ.RECEIPT, Receipt, TRUST))) == "receipt-conflict"


def test_a_receipt_of_another_incarnation_is_refused() -> None:
    _, receipt = give(standing(3))
    claims = receipt.claims.model_copy(update={"inc": 2})
    assert refused(take(VIEW, replace(receipt, claims=claims))) == "wrong-incarnation"


def test_retractions_are_listed_once_a_thousand_at_a_time() -> None:
    done = range(1, 1_501)
    state = replace(OPENING, applied=Tip(2_000, bytes(32)))
    given = step(state, ReceiptDue(replace(FACTS, done=tuple(done)), FakeSigner(sign_kid(AW))))
    first = effect(given, fx.GiveReceipt)
    assert (first.receipt.retracted_done, first.more_done, given.verdict) == (tuple(done)[:1_000], True, Given(1))


def test_the_origin_marks_done_what_a_receipt_lists_and_nothing_else() -> None:
    _, receipt = give(standing(4), replace(FACTS, done=(4, 2)))
    assert fx.MarkDone(1, (2, 4)) in take(VIEW, receipt).effects


@pytest.mark.parametrize("listed", [(1,), (1, 2), (2, 3), (2, 3, 4)])
def test_a_receipt_that_lists_as_removed_what_is_no_retract_is_refused_and_marks_nothing(
    listed: tuple[int, ...],
) -> None:
    """Else somebody could be told that a withdrawal is done which was never made."""
    _, receipt = give(standing(4), replace(FACTS, done=listed))
    done = take(VIEW, receipt)
    assert refused(done) == "receipt-confirms-none"
    assert [type(one) for one in done.effects] == [fx.Alarm]


def test_a_receipt_cannot_list_what_is_not_applied() -> None:
    with pytest.raises(ValueError, match="none is above applied_to"):
        give(standing(2), replace(FACTS, done=(3,)))


def test_a_receipt_names_what_is_in_quarantine() -> None:
    _, receipt = give(standing(4), replace(FACTS, quarantined=[(3, "schema-unknown"), (1, "policy-refused")], stale=2))
    assert [(note.seq, note.code) for note in receipt.claims.quarantined] == [
        (1, "policy-refused"),
        (3, "schema-unknown"),
    ]
    assert receipt.claims.stale == 2


# --- the origin's own restart ---


def test_an_origin_that_remembers_all_its_partner_acknowledged_may_append() -> None:
    _, receipt = give(standing(3))
    check_restart(LOG, tip_of(ENTRIES), receipt.claims, HASHES)
    check_restart(LOG, START, None, {})


@pytest.mark.parametrize("inc", [1, 2])
def test_an_origin_whose_partner_follows_a_later_incarnation_refuses_to_append(inc: int) -> None:
    claims = give(standing(3))[1].claims.model_copy(update={"inc": inc + 1})
    with pytest.raises(OriginRestored):
        check_restart(replace(LOG, incarnation=inc), tip_of(ENTRIES), claims, HASHES)


def test_a_receipt_of_an_earlier_incarnation_says_nothing_about_this_one() -> None:
    check_restart(replace(LOG, incarnation=2), START, give(standing(3))[1].claims, {})


@pytest.mark.parametrize("tip", [2, 5])
def test_an_origin_that_was_restored_refuses_to_append(tip: int) -> None:
    claims = give(replace(OPENING, applied=Tip(4, bytes(32))))[1].claims
    with pytest.raises(OriginRestored):
        check_restart(LOG, tip_of(ENTRIES[:tip]), claims, HASHES)
