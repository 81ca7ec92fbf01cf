"""A log that a lying receipt stopped: who is told, and how it goes on without anybody believing the lie."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from register.domain.access.caller import Task
from register.errors import PartnerError
from register.services.exchange.exchange_state import standing_still
from register.services.running.list_to_do import list_to_do
from schemas.canonical import b64
from schemas.codes import Partition, ToDoKind, Urgency
from schemas.exchange.wire import Typ
from sync.appender import AskedReceipt
from sync.protocol.refusals import LogNotStopped, ReceiptNotRefused
from sync.status import exchange_findings, exchange_status
from sync.stopping import Answer, Comparison, resume_log
from sync.transport.partner import PartnerUnreachable
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net
from tests.integration.exchange.restoring.test_restored import Wire
from tests.integration.services.running.test_operators_log import calling

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX
MUCH = 1_000_000_000
NOBODY_RESTORED = Answer(reason="their disk was full", uid=7, disown=(2,), by="A. Croes", confirmed_by="B. Maduro")


@pytest.fixture
def liar(trio: Net) -> Net:
    """Aruba has two extracts of Curaçao, and then signs that it has a thousand million."""
    for number in (1, 2):
        trio[CW].put(AW, number=number)
    trio[CW].append()
    trio[AW].pull_all(CW)
    lie(trio)
    return trio


def lie(net: Net, **changes: Any) -> bytes:
    """Aruba's next receipt, valid but for what it claims; returns it. It is the one that Aruba says it gave last."""
    (newest,) = rows(net, "SELECT n, jws, claims FROM rtr.receipt_given WHERE country = 'AW' ORDER BY n DESC LIMIT 1")
    digest = b64(hashlib.sha256(newest["jws"].encode()).digest())
    claims = newest["claims"] | {"n": newest["n"] + 1, "prev_receipt": digest, "applied_to": MUCH} | changes
    jws = net[AW].sign(Typ.RECEIPT, claims)
    rows(
        net,
        "INSERT INTO rtr.receipt_given (country, partner, incarnation, n, jws, claims) "
        "SELECT country, partner, incarnation, n + 1, :jws, claims || jsonb_build_object('n', n + 1) "
        "FROM rtr.receipt_given WHERE country = 'AW' ORDER BY n DESC LIMIT 1",
        jws=jws.decode(),
    )
    rows(
        net,
        "UPDATE rtr.partner_cursor SET receipt_n = receipt_n + 1, receipt_digest = :d WHERE country = 'AW'",
        d=hashlib.sha256(jws).digest(),
    )
    with pytest.raises(PartnerError) as refused:
        net[CW].sender().take(AW, jws)
    assert refused.value.code == "receipt-ahead"
    return jws


def resume(net: Net, answer: Answer, ask: AskedReceipt | None = None) -> Comparison:
    node = net[CW]
    return resume_log(node.register, ask or AskedReceipt(node.register, node.http, node.rosters), AW, answer)


def stops(net: Net) -> list[str | None]:
    found = rows(net, "SELECT stopped FROM rtr.log_head WHERE country = 'CW' AND partner = 'AW'")
    return [row["stopped"] for row in found]


def test_removals_that_wait_behind_a_stopped_log_are_counted_and_called_urgent_where_people_look(liar: Net) -> None:
    told = [
        row["object"] for row in rows(liar, "SELECT DISTINCT object FROM rtr.draft WHERE country = 'CW' ORDER BY 1")
    ]
    status = next(p for p in exchange_status(liar[CW].register).partners if p.partner is AW)
    assert (status.sent.stopped, status.sent.held_back, status.sent.held_back_since) == ("receipt-ahead", 0, None)
    before = liar[CW].register.clock.now()
    liar[CW].put(AW, number=3)  # of what Aruba never had, nothing can be found there
    liar[CW].retract(told[0], AW)
    liar[CW].retract(told[1], AW)
    liar[CW].put(AW, number=4, about=told[1])  # narrowed: taken back, and told again with less
    assert liar[CW].append() == 0
    status = next(p for p in exchange_status(liar[CW].register).partners if p.partner is AW)
    assert status.sent.held_back == 2
    assert status.sent.held_back_since is not None
    assert status.sent.held_back_since >= before
    (found,) = [f for f in exchange_findings(exchange_status(liar[CW].register)) if f.code == "removals-held-back"]
    assert (found.about, found.detail, found.since) == ("AW", "2", status.sent.held_back_since)
    assert "other means" in found.advice
    for task in (Task.REGISTER, Task.PRIVACY):
        who = liar.world.caller("CW-KPC", task)
        (still,) = standing_still(liar[CW].register, who)
        assert (still.held_back, still.held_back_since) == (2, found.since)
        (waits,) = [
            one
            for one in list_to_do(liar[CW].register, who, cursor=None, limit=50).items
            if one.kind is ToDoKind.LOG_STOPPED
        ]
        assert (waits.detail, waits.urgency) == ("AW", Urgency.NOW)
    assert not standing_still(liar[CW].register, liar.world.caller("CW-KPC", Task.SUBMIT))


def test_refused_receipt_is_kept_as_evidence_and_the_stop_is_noted_once_however_often_it_comes(liar: Net) -> None:
    (kept,) = rows(liar, "SELECT n, jws, code, disowned_at FROM rtr.receipt_refused WHERE country = 'CW'")
    for _ in range(3):
        with pytest.raises(PartnerError):
            liar[CW].sender().take(AW, kept["jws"].encode())
    assert (kept["n"], kept["code"], kept["disowned_at"]) == (2, "receipt-ahead", None)
    assert rows(liar, "SELECT count(*) AS n FROM rtr.receipt_refused") == [{"n": 1}]
    assert rows(liar, "SELECT count(*) AS n FROM rtr.audit_leaf WHERE action = 'exchange.stopped'") == [{"n": 1}]


def test_what_contradicts_is_shown_beside_our_log_and_nothing_goes_on(liar: Net) -> None:
    found = resume(liar, Answer(reason="I want it to go", uid=7))
    (one,) = found.contradicting
    assert (one.receipt.n, one.receipt.claims["applied_to"], found.tip.seq) == (2, MUCH, 2)
    assert found.agreed is not None
    assert (found.agreed.n, found.agreed.claims["applied_to"]) == (1, 2)
    assert (found.goes_on, stops(liar)) == (False, ["receipt-ahead"])
    liar[CW].put(AW, number=3)
    assert liar[CW].append() == 0


@pytest.mark.parametrize("names", [("", ""), ("A. Croes", ""), ("", "B. Maduro"), ("A. Croes", " a. croes ")])
def test_receipt_is_disowned_by_two_persons_only(liar: Net, names: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="two persons"):
        resume(liar, Answer(reason="sure", uid=7, disown=(2,), by=names[0], confirmed_by=names[1]))
    assert stops(liar) == ["receipt-ahead"]


def test_disowned_receipt_lets_removals_go_and_stops_nothing_any_more(liar: Net) -> None:
    told = [
        row["object"] for row in rows(liar, "SELECT DISTINCT object FROM rtr.draft WHERE country = 'CW' ORDER BY 1")
    ]
    liar[CW].retract(told[0], AW)
    found = resume(liar, NOBODY_RESTORED)
    assert (found.goes_on, found.held_back, stops(liar)) == (True, 1, [None])
    assert liar[CW].append() == 1
    assert liar[CW].another_appender("after a start").append_to(AW) == 0
    assert stops(liar) == [None], "what is disowned is not asked about at the next start"
    assert liar[AW].pull_all(CW) == 1
    assert len(held(liar[AW], CW, *told)) == 1
    assert rows(liar, "SELECT disowned_at IS NULL AS open, counted_at IS NULL AS unread FROM rtr.receipt_refused") == [
        {"open": False, "unread": False}
    ]
    status = next(p for p in exchange_status(liar[CW].register).partners if p.partner is AW).sent
    assert (status.acknowledged_to, status.stopped) == (3, None), "the receipt after the lie is believed again"
    who = liar.world.caller("CW-KPC", Task.REGISTER)
    kinds = {one.kind for one in list_to_do(liar[CW].register, who, cursor=None, limit=50).items}
    assert ToDoKind.LOG_STOPPED not in kinds


def test_lie_is_never_taken_for_what_the_partner_has(liar: Net) -> None:
    resume(liar, NOBODY_RESTORED)
    liar[CW].put(AW, number=3)
    liar[CW].append()
    (jws,) = [row["jws"] for row in rows(liar, "SELECT jws FROM rtr.receipt_refused")]
    liar[CW].sender().take(AW, jws.encode())
    liar[CW].sender().take(AW, jws.encode())
    status = next(p for p in exchange_status(liar[CW].register).partners if p.partner is AW).sent
    assert (status.acknowledged_to, status.converged) == (2, False)
    assert rows(liar, "SELECT max(applied_to) AS most FROM rtr.receipt_got WHERE country = 'CW'") == [{"most": 2}]


def test_next_lie_stops_the_log_again_and_rings(liar: Net) -> None:
    resume(liar, NOBODY_RESTORED)
    (jws,) = [row["jws"] for row in rows(liar, "SELECT jws FROM rtr.receipt_refused")]
    liar[CW].sender().take(AW, jws.encode())
    lie(liar, applied_to=MUCH + 1)
    assert stops(liar) == ["receipt-ahead"]
    assert rows(liar, "SELECT count(*) AS n FROM rtr.audit_leaf WHERE action = 'exchange.stopped'") == [{"n": 2}]
    assert rows(liar, "SELECT count(*) AS n FROM rtr.to_do WHERE done_at IS NULL AND kind = 'LOG_STOPPED'") == [
        {"n": 1}
    ]
    found = resume(liar, Answer(reason="again", uid=7))
    assert [one.receipt.n for one in found.contradicting] == [3]


def test_number_of_no_refused_receipt_disowns_nothing(liar: Net) -> None:
    with pytest.raises(ReceiptNotRefused):
        resume(liar, Answer(reason="all", uid=7, disown=(1, 2), by="A. Croes", confirmed_by="B. Maduro"))
    assert stops(liar) == ["receipt-ahead"]


def test_log_goes_on_where_the_partners_newest_receipt_agrees_again(liar: Net) -> None:
    """Aruba mended its node: its next receipt says what it has. What it said before is its own to take back."""
    (old,) = rows(liar, "SELECT n, jws, claims FROM rtr.receipt_got WHERE country = 'CW'")
    (lied,) = rows(liar, "SELECT n, digest FROM rtr.receipt_refused")
    mended = old["claims"] | {"n": 3, "prev_receipt": b64(lied["digest"])}
    node = liar[CW]
    wire = Wire(node)
    try:
        wire.answer = _given(liar[AW].sign(Typ.RECEIPT, mended))
        found = resume(liar, Answer(reason="they mended it", uid=7), AskedReceipt(node.register, wire, node.rosters))
    finally:
        wire.close()
    assert (found.goes_on, found.contradicting, stops(liar)) == (True, (), [None])
    (jws,) = [row["jws"] for row in rows(liar, "SELECT jws FROM rtr.receipt_refused")]
    node.sender().take(AW, jws.encode())
    assert stops(liar) == [None]


def test_older_receipt_does_not_take_back_a_newer_one(liar: Net) -> None:
    node = liar[CW]
    wire = Wire(node)
    (old,) = rows(liar, "SELECT jws FROM rtr.receipt_got WHERE country = 'CW'")
    try:
        wire.answer = _given(old["jws"].encode())
        found = resume(liar, Answer(reason="they say so", uid=7), AskedReceipt(node.register, wire, node.rosters))
    finally:
        wire.close()
    assert (found.goes_on, [one.receipt.n for one in found.contradicting]) == (False, [2])


def test_nothing_changes_where_the_partner_cannot_be_asked_or_the_log_goes_on(liar: Net) -> None:
    node = liar[CW]
    wire = Wire(node)
    wire.away.add(AW)
    try:
        with pytest.raises(PartnerUnreachable):
            resume(liar, NOBODY_RESTORED, AskedReceipt(node.register, wire, node.rosters))
    finally:
        wire.close()
    assert stops(liar) == ["receipt-ahead"]
    resume(liar, NOBODY_RESTORED)
    with pytest.raises(LogNotStopped):
        resume(liar, NOBODY_RESTORED)


@pytest.mark.parametrize("to", ["NULL, stopped_at = NULL", "stopped, stopped_at = NULL", "'receipt-forks'"])
def test_log_in_of_the_pages_neither_ends_nor_changes_a_stop(liar: Net, to: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        liar[CW].register.database.transaction("api") as connection,
    ):
        connection.execute(sa.text(f"UPDATE rtr.log_head SET stopped = {to} WHERE partner = 'AW'"))
    assert stops(liar) == ["receipt-ahead"]


def test_audit_log_says_who_resumed_what_and_names_stay_sealed(liar: Net) -> None:
    resume(liar, NOBODY_RESTORED)
    (leaf,) = rows(liar, "SELECT * FROM rtr.audit_leaf WHERE action = 'exchange.resumed'")
    facts = leaf["commitment"]["facts"]
    assert (facts["disowned"], facts["uid"], facts["code"]) == ([2], 7, "receipt-ahead")
    assert "Croes" not in repr(leaf)


def test_command_shows_both_sides_and_warns_and_two_names_let_the_log_go_on(liar: Net, tmp_path: Path) -> None:
    told = [
        row["object"] for row in rows(liar, "SELECT DISTINCT object FROM rtr.draft WHERE country = 'CW' ORDER BY 1")
    ]
    liar[CW].retract(told[0], AW)
    settings = liar[CW].register.settings
    rtr = calling(settings, tmp_path, sync={"roster_sha256": settings.sync.roster_sha256})
    assert "REMOVALS HELD BACK: 1 since" in rtr("sync", "status", "--country", "CW").stdout
    resume = ("sync", "resume", "AW", "--country", "CW", "--reason", "their operator says so")
    asked = rtr(*resume)
    assert asked.exit_code == 1
    assert str(MUCH) in asked.stdout
    assert "If this node was ever restored from a backup since 20" in asked.stdout
    assert "--disown-receipt 2 --by NAME --confirmed-by NAME" in asked.stdout
    assert "Urgent: 1 extracts" in asked.stdout
    for names in (("--by", "A. Croes"), ("--by", "A. Croes", "--confirmed-by", "a. croes")):
        assert rtr(*resume, "--disown-receipt", "2", *names).exit_code != 0
    assert stops(liar) == ["receipt-ahead"]
    done = rtr(*resume, "--disown-receipt", "2", "--by", "A. Croes", "--confirmed-by", "B. Maduro")
    assert (done.exit_code, stops(liar)) == (0, [None]), done.output
    assert "goes on" in done.stdout
    again = rtr(*resume)
    assert again.exit_code != 0
    assert "log-not-stopped" in again.stderr


def _given(jws: bytes) -> bytes:
    return b'{"receipts":[{"inc":1,"receipt":"' + jws + b'"}]}'
