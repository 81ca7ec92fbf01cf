"""Receipts: taken once, in order, from their giver only; a receiver that was set back goes on."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from api.web.exchange.words import State, describe_overview
from register.errors import PartnerError
from schemas.canonical import b64
from schemas.codes import Partition
from schemas.exchange.wire import Typ
from sync.status import PartnerStatus, exchange_findings, exchange_status, note_doubts
from sync.transport.partner import PartnerRefused
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net
from tests.integration.exchange.wire import receiver_between

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def given(net: Net) -> list[bytes]:
    return [row["jws"].encode() for row in rows(net, "SELECT jws FROM rtr.receipt_given WHERE country='AW' ORDER BY n")]


def told(net: Net, *numbers: int) -> None:
    for number in numbers:
        net[CW].put(AW, number=number)
        net[CW].append()
        net[AW].pull_all(CW)


def test_a_receipt_lost_on_its_way_is_posted_again_and_counts_once(trio: Net) -> None:
    receiver, between = receiver_between(trio[AW])
    trio[CW].put(AW)
    trio[CW].append()
    between.cut = True
    assert receiver.pull_once(CW).error == "partner-unreachable"
    assert not rows(trio, "SELECT 1 FROM rtr.receipt_got")
    between.cut = False
    assert receiver.pull_once(CW).error is None
    trio[CW].sender().take(AW, given(trio)[0])
    assert rows(trio, "SELECT n FROM rtr.receipt_got WHERE country = 'CW'") == [{"n": 1}]
    between.close()


def test_a_receipt_of_somebody_else_is_refused(trio: Net) -> None:
    told(trio, 1)
    (good,) = given(trio)
    with pytest.raises(PartnerError) as refused:
        trio[CW].sender().take(SX, good)
    assert refused.value.code == "wrong-issuer"
    with pytest.raises(PartnerRefused) as over_http:
        trio[SX].http.post(CW, "/sync/v1/receipts", good)
    assert over_http.value.said == "wrong-issuer"


def test_a_forged_receipt_is_refused_and_changes_nothing(trio: Net) -> None:
    told(trio, 1)
    (claims,) = [r["claims"] for r in rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW'")]
    forged = trio[SX].sign(Typ.RECEIPT, claims | {"n": 2, "iss": "AW"})
    with pytest.raises(PartnerError) as refused:
        trio[CW].sender().take(AW, forged)
    assert refused.value.code == "wrong-issuer"
    assert len(rows(trio, "SELECT 1 FROM rtr.receipt_got")) == 1


def test_a_receipt_beyond_our_tip_stops_appending_to_this_log_until_somebody_looks(trio: Net) -> None:
    told(trio, 1)
    (claims,) = [r["claims"] for r in rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW'")]
    ahead = claims | {"n": 2, "applied_to": 9, "prev_receipt": b64(hashlib.sha256(given(trio)[0]).digest())}
    with pytest.raises(PartnerError) as refused:
        trio[CW].sender().take(AW, trio[AW].sign(Typ.RECEIPT, ahead))
    assert refused.value.code == "receipt-ahead"
    trio[CW].put(AW, SX, number=2)
    assert trio[CW].append() == 1
    assert [r["partner"] for r in rows(trio, "SELECT partner FROM rtr.log_head WHERE stopped = 'receipt-ahead'")] == [
        "AW"
    ]


def test_a_receipt_that_confirms_a_removal_nobody_asked_for_is_refused_and_nothing_is_done(trio: Net) -> None:
    told(trio, 1)
    (claims,) = [r["claims"] for r in rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW'")]
    newest = {"n": 2, "prev_receipt": b64(hashlib.sha256(given(trio)[0]).digest()), "retracted_done": [1]}
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.post(CW, "/sync/v1/receipts", trio[AW].sign(Typ.RECEIPT, claims | newest))
    assert (refused.value.status, refused.value.said) == (409, "receipt-confirms-none")
    assert len(rows(trio, "SELECT 1 FROM rtr.receipt_got")) == 1
    assert not rows(trio, "SELECT 1 FROM rtr.draft WHERE done_n IS NOT NULL")


@pytest.fixture
def taken_back(trio: Net) -> Net:
    """Curaçao took back what Aruba has, Aruba has fetched that, and its index has confirmed nothing yet."""
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].retract(about, AW)
    trio[CW].put(AW, number=2, about=about)
    trio[CW].append()
    assert trio[AW].pull_all(CW) == 2
    return trio


def says(net: Net, **claims: object) -> PartnerStatus:
    """Aruba signs one more receipt, of which this is not what it should be; how it then stands with it."""
    (newest,) = rows(net, "SELECT n, claims, jws FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n DESC LIMIT 1")
    digest = b64(hashlib.sha256(newest["jws"].encode()).digest())
    receipt = newest["claims"] | {"n": newest["n"] + 1, "prev_receipt": digest} | claims
    net[AW].http.post(CW, "/sync/v1/receipts", net[AW].sign(Typ.RECEIPT, receipt))
    return next(p for p in exchange_status(net[CW].register).partners if p.partner is AW)


def rings(net: Net) -> set[str]:
    """What an operator, a coordinator and whoever has the list of what waits are told of Aruba."""
    status = exchange_status(net[CW].register)
    note_doubts(net[CW].register)
    waiting = rows(net, "SELECT kind FROM rtr.to_do WHERE country = 'CW' AND detail = 'AW' AND done_at IS NULL")
    told = next(t for t in describe_overview(status, net[CW].register.clock.now()).partners if t.partner is AW)
    found = {one.code for one in exchange_findings(status) if one.about == AW}
    assert bool(found & DOUBTS) == bool(waiting) == (told.state is State.NEEDS_YOU)
    return {str(code) for code in found & DOUBTS}


DOUBTS = {"withdrawals-overdue", "withdrawals-refused", "partner-differs", "receipt-from-the-future"}


def test_a_receipt_at_the_tip_that_lists_no_removal_confirms_none_and_is_overdue_in_time(taken_back: Net) -> None:
    sent = says(taken_back, retracted_done=[]).sent
    assert (sent.acknowledged_to, sent.open_retracts, sent.converged) == (3, 1, False)
    assert rings(taken_back) == set()
    taken_back.clocks[CW].offset = timedelta(hours=25)
    assert rings(taken_back) == {"withdrawals-overdue"}


@pytest.mark.parametrize(
    ("claims", "ring"),
    [
        ({"live_root": b64(bytes(32))}, "partner-differs"),
        ({"quarantined": [{"seq": 2, "code": "schema-invalid"}]}, "withdrawals-refused"),
        ({"at": "2099-01-01T00:00:00.000Z"}, "receipt-from-the-future"),
    ],
)
def test_what_no_honest_receipt_says_rings_until_an_honest_one_comes(
    taken_back: Net, claims: dict[str, object], ring: str
) -> None:
    assert rings(taken_back) == set()
    assert not says(taken_back, **claims).sent.converged
    assert rings(taken_back) == {ring}
    (one,) = rows(taken_back, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW' AND n = 2")
    honest = {name: one["claims"][name] for name in ("live_root", "quarantined", "at")}
    says(taken_back, **honest, retracted_done=[2])
    assert rings(taken_back) == set()
    (told,) = [p for p in exchange_status(taken_back[CW].register).partners if p.partner is AW]
    assert told.sent.converged


def test_the_same_number_with_another_content_is_a_conflict_and_a_number_too_high_a_gap(trio: Net) -> None:
    told(trio, 1)
    (claims,) = [r["claims"] for r in rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW'")]
    for change, code in (({"stale": 5}, "receipt-conflict"), ({"n": 5}, "receipt-gap")):
        with pytest.raises(PartnerRefused) as refused:
            trio[AW].http.post(CW, "/sync/v1/receipts", trio[AW].sign(Typ.RECEIPT, claims | change))
        assert (refused.value.status, refused.value.said) == (409, code)


def test_receipts_that_the_origin_lost_are_posted_from_the_missing_one(trio: Net) -> None:
    told(trio, 1, 2, 3)
    rows(trio, "DELETE FROM rtr.receipt_got WHERE n > 1")
    told(trio, 4)
    assert [r["n"] for r in rows(trio, "SELECT n FROM rtr.receipt_got ORDER BY n")] == [1, 2, 3, 4]


def test_a_receiver_set_back_goes_on_after_the_newest_number_the_origin_knows(trio: Net) -> None:
    told(trio, 1, 2, 3)
    # Aruba comes back with what it had after the first page.
    rows(trio, "DELETE FROM rtr.receipt_given WHERE n > 1")
    (first,) = rows(trio, "SELECT entry_hash FROM rtr.received_stub WHERE seq = 1 AND country = 'AW'")
    rows(trio, "DELETE FROM rtr.received_stub WHERE seq > 1 AND country = 'AW'")
    rows(
        trio,
        "UPDATE rtr.partner_cursor SET applied_to = 1, last = :h, receipt_n = 1, "
        "receipt_digest = sha256(convert_to((SELECT jws FROM rtr.receipt_given WHERE n = 1), 'UTF8'))",
        h=first["entry_hash"],
    )
    rows(trio, "DELETE FROM rtr.received_record WHERE reference <> 'CW-2026-1'")
    rows(trio, "DELETE FROM rtr.page_evidence WHERE from_seq > 1")
    assert trio[AW].pull_all(CW) == 2
    newest = rows(trio, "SELECT n, claims FROM rtr.receipt_got ORDER BY n DESC LIMIT 1")[0]
    assert (newest["n"], newest["claims"]["applied_to"]) == (4, 3)
    told(trio, 4)
    newest = rows(trio, "SELECT n, claims FROM rtr.receipt_got ORDER BY n DESC LIMIT 1")[0]
    assert (newest["n"], newest["claims"]["applied_to"]) == (5, 4)


def test_a_node_gives_its_newest_receipt_and_a_partners_own_stubs_back(trio: Net) -> None:
    told(trio, 1, 2)
    answer = trio[CW].http.get(AW, "/sync/v1/receipts/latest")
    assert given(trio)[-1] in answer.body
    stubs = trio[CW].http.get(AW, "/sync/v1/stubs?inc=1&after=1").body
    (own,) = rows(trio, "SELECT stub FROM rtr.log_entry WHERE country = 'CW' AND seq = 2")
    assert stubs == own["stub"] + b"\n"
