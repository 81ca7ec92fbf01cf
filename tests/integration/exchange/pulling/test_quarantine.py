"""What may not be held waits as stub and reason, without its body, and is looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from register.domain.exchange.log import LogHead, NewEntry, NewRecord, NewStub
from register.store.exchange.drafts import Said
from schemas.canonical import b64
from schemas.codes import EntryType, Partition
from schemas.exchange.wire import SCHEMA_VERSION, encode_body
from sync.protocol.documents.stub import DraftStub, LogId, Tip, chain
from sync.status import exchange_status
from tests.integration.exchange.extracts import token_of
from tests.integration.exchange.looking import held, record, rows, verdicts
from tests.integration.exchange.net import Net, Node
from tests.simulator.builders import UNREADABLE

AW, CW = Partition.AW, Partition.CW


def _token(**changes: Any) -> dict[str, Any]:
    made = {"family": "phone", "version": 1, "epoch": 1, "token": b64(token_of(1)), "n": 1}
    return made | changes


def _subject(role: str, category: str) -> dict[str, Any]:
    return {"n": 1, "role": role, "category": category, "kind": "person"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"edition": b64(bytes(32))}, "unknown-edition"),
        ({"record": {"reference": "SX-2026-1"}}, "foreign-reference"),
        ({"record": {"subjects": [_subject("VICTIM_PRESUMED", "VICTIM")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("VICTIM_NOT", "INVOLVED")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("COMPANION", "VICTIM")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("REPORTER", "IN_RELATION")]}}, "protected-person"),
        ({"audience": ["SX"]}, "label-audience"),
        ({"retain_until": "2020-01-01"}, "retention-passed"),
        ({"legal_basis": "WPG10B"}, "refused-by-rule"),
        ({"ext": {"critical": {"later": 1}}}, "critical-unknown"),
        ({"ext": {"optional": {"later": "x" * 2_048}}}, "ext-too-large"),
        ({"retain_until": "2999-01-01"}, "retention-too-long"),
        ({"record": {"tokens": [_token(epoch=2)]}}, "epoch-unknown"),
        ({"record": {"acts": ["DANCE"]}}, "code-unknown"),
        ({"record": {"period": {"from": "2026-01", "to": "9999-12"}}}, "day-impossible"),
        ({"record": {"tokens": [_token(version=99)]}}, "pseudonym-unknown"),
        ({"record": {"tokens": [_token(token=b64(token_of(n))) for n in range(792)]}}, "count-impossible"),
        # More than a row of ours could hold: it would have stopped the whole log.
        ({"record": {"tokens": [_token(version=2**40)]}}, "epoch-unknown"),
    ],
)
def test_what_may_not_be_held_is_quarantined_without_its_body_and_the_rest_goes_on(
    trio: Net, changes: dict[str, Any], code: str
) -> None:
    bad = trio[CW].put(AW, number=1, **changes)
    good = trio[CW].put(AW, number=2)
    trio[CW].append()
    assert trio[AW].pull_all(CW) == 2
    assert held(trio[AW], CW, bad, good) == {good: "CW-2026-2"}
    assert verdicts(trio, AW, CW) == ["quarantined", "held"]
    row = record(trio, AW, bad)
    assert (row["live"], row["body_sealed"], row["data_key"], row["reference"]) == (False, None, None, None)
    status = next(p for p in exchange_status(trio[AW].register).partners if p.partner is CW)
    assert [(q.seq, q.code) for q in status.received.quarantine] == [(1, code)]
    if code in {"refused-by-rule", "protected-person"}:
        assert status.received.quarantine[0].rule
    there = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert there.sent.refused == ((1, code),)
    assert there.sent.not_converged == ("quarantine",)


def test_bodies_that_nobody_can_read_cost_their_own_entries_and_what_their_origin_takes_back_goes(trio: Net) -> None:
    origin = trio[CW]
    first, dishonest = origin.put(AW, number=1), [origin.register.clock.new_id() for _ in UNREADABLE]
    for about, body in zip(dishonest, UNREADABLE.values(), strict=True):
        origin.say(about, {AW: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, body, live=True)})
    last = origin.put(AW, number=2)
    origin.append()
    assert trio[AW].pull_all(CW) == len(UNREADABLE) + 2
    assert held(trio[AW], CW, first, *dishonest, last) == {first: "CW-2026-1", last: "CW-2026-2"}
    found = rows(trio, "SELECT code, count(*) AS n FROM rtr.quarantine WHERE country = 'AW' GROUP BY code")
    assert found == [{"code": "body-unreadable", "n": len(UNREADABLE)}]
    assert trio[AW].receiver.look_again(CW, not_since=0) == 0
    for about in (first, *dishonest):
        origin.retract(about, AW)
    origin.append()
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, first, *dishonest, last) == {last: "CW-2026-2"}
    assert not rows(trio, "SELECT 1 FROM rtr.quarantine WHERE country = 'AW'")


def append_as_version(node: Node, partner: Partition, version: int) -> None:
    """Append what waits as no honest origin does: under a version of one's own choice."""
    log = LogId(node.country, partner)
    with node.register.work(node.caller()) as work:
        fence = work.exchange.log.lease("first", 30.0)
        assert fence is not None
        head = work.exchange.log.lock_head(partner, LogHead(1, 0, log.start().hash), fence)
        drafts = work.exchange.log.waiting(partner, 10)
        stubs = [DraftStub(str(d.id), d.type, str(d.object), version, d.schema, d.commitment) for d in drafts]
        entries, tip = chain(Tip(head.tip_seq, head.tip_hash), stubs)
        made = [NewEntry(e.seq, d, e.stub, e.entry_hash) for e, d in zip(entries, drafts, strict=True)]
        work.exchange.log.append(partner, LogHead(1, tip.seq, tip.hash), made)


@pytest.mark.parametrize("jump", [2**20 + 2, 2**40])
def test_version_that_no_origin_reaches_is_quarantined_for_good_and_the_next_honest_one_is_held(
    trio: Net, jump: int
) -> None:
    about, other = trio[CW].put(AW, number=1), trio[CW].put(AW, number=2)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=3, about=about)
    append_as_version(trio[CW], AW, jump)
    trio[CW].put(AW, number=4, about=other)
    trio[CW].append()
    assert trio[AW].pull_all(CW) == 2
    assert held(trio[AW], CW, about, other) == {other: "CW-2026-4"}
    (row,) = rows(trio, "SELECT seq, code FROM rtr.quarantine WHERE country = 'AW'")
    assert row == {"seq": 3, "code": "version-jump"}
    assert trio[AW].receiver.look_again(CW, not_since=0) == 0


def test_retract_takes_its_object_away_whatever_its_version(trio: Net) -> None:
    about = trio[CW].put(AW, number=1)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].retract(about, AW)
    append_as_version(trio[CW], AW, 2**40)
    assert trio[AW].pull_all(CW) == 1
    assert not held(trio[AW], CW, about)
    assert verdicts(trio, AW, CW)[-1] == "tombstone"


def test_extract_of_an_older_form_hides_itself_and_no_other(trio: Net) -> None:
    """One body that an update no longer reads made every search that met it fail."""
    old, good = trio[CW].put(AW, number=1), trio[CW].put(AW, number=2)
    trio[CW].append()
    trio[AW].pull_all(CW)
    with trio[AW].register.work(trio[AW].caller()) as work:
        put = work.exchange.held.open(CW, [old])[old].put
        body = encode_body(put).replace(b'"onward":false', b'"gate_ref":"SINGLE-1","onward":false')
        stub = NewStub(1, old, 1, "indicator.put", bytes(32), b"{}", bytes(32), "held")
        work.exchange.received.hold(CW, [NewRecord(stub, put, body, bytes(32))])
    assert held(trio[AW], CW, old, good) == {good: "CW-2026-2"}
    trio[CW].put(AW, number=3, about=old)
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert set(held(trio[AW], CW, old, good)) == {old, good}


def test_looking_again_pulls_the_entry_anew_and_holds_it_once_it_may_be_held(trio: Net) -> None:
    today = trio[CW].register.today()
    about = trio[CW].put(AW, retain_until=f"{today + timedelta(days=2)}")
    trio[CW].append()
    trio.clocks[AW].offset = timedelta(days=4)
    trio.clocks[CW].offset = timedelta(days=4)
    trio[AW].pull_all(CW)
    assert not held(trio[AW], CW, about)
    assert trio[AW].receiver.look_again(CW, not_since=0) == 0
    trio.clocks[AW].offset = trio.clocks[CW].offset = timedelta()
    assert trio[AW].receiver.look_again(CW, not_since=0) == 1
    assert held(trio[AW], CW, about)
    assert not rows(trio, "SELECT 1 FROM rtr.quarantine WHERE country = 'AW'")
    assert rows(trio, "SELECT 1 FROM rtr.search_key WHERE country = 'AW' AND record = :r", r=about)
    there = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert there.sent.converged


def test_what_was_looked_at_lately_is_left_alone(trio: Net) -> None:
    trio[CW].put(AW, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    asked = rows(trio, "SELECT count(*) AS n FROM rtr.request_seen WHERE country = 'CW'")
    assert trio[AW].receiver.look_again(CW, not_since=3600) == 0
    assert rows(trio, "SELECT count(*) AS n FROM rtr.request_seen WHERE country = 'CW'") == asked


def test_a_newer_version_releases_the_older_one(trio: Net) -> None:
    about = trio[CW].put(AW, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2, about=about)
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, about) == {about: "CW-2026-2"}
    assert verdicts(trio, AW, CW) == ["gone", "held"]


def test_a_version_that_may_not_be_held_takes_the_older_one_away(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2, about=about, legal_basis="WPG10B")
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert not held(trio[AW], CW, about)
    assert not rows(trio, "SELECT 1 FROM rtr.search_key WHERE country = 'AW' AND record = :r", r=about)


def test_a_version_that_may_not_be_held_is_seen_on_both_sides_though_it_took_the_older_one_away(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2, about=about, legal_basis="WPG10B")
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert verdicts(trio, AW, CW)[-1] == "quarantined"
    here = next(p for p in exchange_status(trio[AW].register).partners if p.partner is CW)
    assert [(q.seq, q.code) for q in here.received.quarantine] == [(2, "refused-by-rule")]
    there = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert there.sent.refused == ((2, "refused-by-rule"),)
    assert there.sent.not_converged == ("quarantine",)


def test_a_victim_of_whom_only_is_told_that_there_is_one_is_held(trio: Net) -> None:
    there = trio[CW].put(AW, record={"subjects": [_subject("VICTIM_PRESUMED", "VICTIM")], "tokens": []})
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, there)
