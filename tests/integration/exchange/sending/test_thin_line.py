"""The line from a draft to a receipt, over HTTP, on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.store.exchange.drafts import Said
from schemas.codes import EntryType, Partition
from schemas.exchange.wire import SCHEMA_VERSION
from sync.protocol.refusals import IncarnationClosed
from sync.sender import Sender
from sync.status import exchange_status
from tests.integration.exchange.looking import held, rows, verdicts
from tests.integration.exchange.net import Net

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def test_a_draft_is_appended_pulled_held_and_acknowledged(trio: Net) -> None:
    about = trio[CW].put(AW, number=7)
    assert trio[CW].append() == 1
    pulled = trio[AW].pull(CW)
    assert (pulled.applied, pulled.behind, pulled.error) == (1, 0, None)
    with trio[AW].register.work(trio[AW].caller()) as work:
        extract = work.exchange.held.open(CW, [about])[about]
        keys = work.search.keys.of_records(CW, [about])[about]
        waiting = work.running.outbox.waiting()
    assert extract.put.record.reference == "CW-2026-7"
    assert {k.family for k in keys} == {"phone", "person.p1"}
    assert waiting == {"index": 1, "match": 1}
    with trio[CW].register.work(trio[CW].caller()) as work:
        got = work.exchange.receipts.got(AW, 1)
    assert got is not None
    assert got.claims["applied_to"] == 1
    assert trio[AW].pull(CW).applied == 0


def test_a_log_holds_what_its_recipient_may_have_and_says_nothing_of_the_rest(trio: Net) -> None:
    both = trio[CW].put(AW, SX, number=1)
    one = trio[CW].put(SX, number=2)
    again = trio[CW].put(AW, number=3)
    trio[CW].append()
    assert (trio[AW].pull_all(CW), trio[SX].pull_all(CW)) == (2, 2)
    assert held(trio[AW], CW, both, one, again) == {both: "CW-2026-1", again: "CW-2026-3"}
    assert held(trio[SX], CW, both, one, again) == {both: "CW-2026-1", one: "CW-2026-2"}


def test_all_pairs_converge(trio: Net) -> None:
    for node in trio.nodes.values():
        partners = [p for p in trio.nodes if p is not node.country]
        for number in (1, 2, 3):
            node.put(*partners, number=number)
        node.append()
    for node in trio.nodes.values():
        for partner in trio.nodes:
            if partner is not node.country:
                node.pull_all(partner)
    for node in trio.nodes.values():
        for status in exchange_status(node.register).partners:
            if status.partner in trio.nodes:
                assert status.sent.converged, (node.country, status)
                assert not status.received.stale
                assert (status.received.behind, status.received.as_of.seq) == (0, 3)


def test_an_entry_that_nothing_acts_on_yet_is_kept_sealed_and_listed(trio: Net) -> None:
    about = trio[CW].register.clock.new_id()
    trio[CW].say(about, {AW: Said(EntryType.CONTACT_TEST, SCHEMA_VERSION, b'{"hello":"there"}', live=True)})
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert verdicts(trio, AW, CW) == ["listed"]
    (row,) = rows(trio, "SELECT * FROM rtr.received_entry WHERE country = 'AW'")
    assert (row["type"], row["object"], row["seq"]) == ("contact.test", about, 1)
    assert b"hello" not in row["body_sealed"]
    assert not rows(trio, "SELECT 1 FROM rtr.received_record WHERE country = 'AW'")
    assert next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW).sent.converged


def test_a_closed_incarnation_is_refused_with_the_one_that_follows_it(trio: Net) -> None:
    register = trio[CW].register
    later = replace(register.settings, sync=replace(register.settings.sync, incarnation=2))
    sender = Sender(replace(register, settings=later), trio[CW].rosters())
    with pytest.raises(IncarnationClosed) as refused:
        sender.pull(AW, "n" * 24, incarnation=1, after=0)
    assert refused.value.details == {"incarnation": 2}
