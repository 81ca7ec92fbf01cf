"""Pages that come twice, in the wrong order, changed, for somebody else, or telling another story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.codes import Partition
from schemas.exchange.wire import PageAnswer, unframe
from sync.appender import Appender
from sync.status import FromPartner, exchange_status
from tests.integration.exchange.looking import held, rows, snapshot
from tests.integration.exchange.net import Net
from tests.integration.exchange.wire import flipped, receiver_between
from tests.support.records.mirror import none_given

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def small_pages(net: Net, entries: int) -> None:
    """Let Curaçao give pages of so many entries."""
    for country in (AW, CW):
        node = net[country]
        sync = replace(node.register.settings.sync, page_entries_max=entries)
        object.__setattr__(node.register, "settings", replace(node.register.settings, sync=sync))


@pytest.fixture
def small(trio: Net) -> Iterator[Net]:
    before = {c: trio[c].register.settings for c in (AW, CW)}
    small_pages(trio, 2)
    yield trio
    for country, settings in before.items():
        object.__setattr__(trio[country].register, "settings", settings)


def test_a_page_delivered_three_times_changes_nothing_and_has_its_receipt_posted_again(trio: Net) -> None:
    trio[CW].put(AW)
    trio[CW].append()
    receiver, between = receiver_between(trio[AW])
    receiver.pull_once(CW)
    before = snapshot(trio, AW)
    page = between.seen[0]
    between.change = lambda answer: page._replace(head=answer.head)
    for _ in range(2):
        pulled = receiver.pull_once(CW)
        assert (pulled.applied, pulled.error) == (0, None)
    assert snapshot(trio, AW) == before
    between.close()


def test_a_repeated_head_is_refused_and_its_page_is_applied_all_the_same(trio: Net) -> None:
    trio[CW].put(AW)
    trio[CW].append()
    receiver, between = receiver_between(trio[AW])
    receiver.pull_once(CW)
    old = between.seen[0]
    about = trio[CW].put(AW, number=2)
    trio[CW].append()
    between.change = lambda answer: answer._replace(head=old.head)
    pulled = receiver.pull_once(CW)
    assert (pulled.applied, pulled.behind, pulled.error) == (1, None, "nonce-mismatch")
    assert held(trio[AW], CW, about)
    between.close()


def test_swapped_pages_are_a_gap_and_heal(small: Net) -> None:
    objects = [small[CW].put(AW, number=n) for n in range(1, 5)]
    small[CW].append()
    receiver, between = receiver_between(small[AW])
    first = small[CW].sender().pull(AW, "n" * 24, incarnation=1, after=0, limit=2)
    second = small[CW].sender().pull(AW, "n" * 24, incarnation=1, after=2, limit=2)
    between.change = lambda answer: unframe(second)._replace(head=answer.head)
    assert receiver.pull_once(CW).error == "out-of-sequence"
    assert not held(small[AW], CW, *objects)
    between.change = lambda answer: unframe(first)._replace(head=answer.head)
    assert receiver.pull_once(CW).applied == 2
    between.change = lambda answer: answer
    assert receiver.pull_once(CW).applied == 2
    assert len(held(small[AW], CW, *objects)) == 4
    between.close()


@pytest.mark.parametrize("part", ["head", "page", "sealed"])
@pytest.mark.parametrize("at", [0, 30, 150, -20, -1])
def test_one_flipped_bit_is_refused_and_nothing_of_it_is_applied(trio: Net, part: str, at: int) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    receiver, between = receiver_between(trio[AW])

    def change(answer: PageAnswer) -> PageAnswer:
        return answer._replace(**{part: flipped(getattr(answer, part), at)})

    between.change = change
    pulled = receiver.pull_once(CW)
    if part == "head":
        assert pulled.behind is None
    else:
        assert pulled.applied == 0
        assert not held(trio[AW], CW, about)
        assert not rows(trio, "SELECT 1 FROM rtr.received_stub WHERE country = 'AW'")
    assert pulled.error is not None
    (cursor,) = rows(trio, "SELECT last_error FROM rtr.partner_cursor WHERE country = 'AW'")
    assert cursor["last_error"] == pulled.error
    between.change = lambda answer: answer
    receiver.pull_once(CW)
    assert held(trio[AW], CW, about)
    between.close()


def test_a_page_for_another_country_is_refused(trio: Net) -> None:
    about = trio[CW].put(AW, SX)
    trio[CW].append()
    _, elsewhere = receiver_between(trio[SX])
    path = "/sync/v1/log?inc=1&after=0"
    elsewhere.get(CW, path, nonce="n" * 24)
    receiver, between = receiver_between(trio[AW])
    between.change = lambda answer: elsewhere.seen[0]._replace(head=answer.head)
    assert receiver.pull_once(CW).error == "wrong-audience"
    assert not held(trio[AW], CW, about)
    between.close()
    elsewhere.close()


def test_another_story_stops_this_log_only_and_its_evidence_is_kept(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    # Curaçao's log is set back by hand, and tells something else under the same number.
    rows(trio, "DELETE FROM rtr.log_entry WHERE country = 'CW' AND partner = 'AW'")
    rows(trio, "DELETE FROM rtr.log_head WHERE country = 'CW' AND partner = 'AW'")
    # An honest one would ask what was acknowledged, and append nothing.
    liar = Appender(trio[CW].register, "first", none_given)
    trio[CW].put(AW, number=2)
    liar.append_to(AW)
    trio[CW].put(AW, number=3)
    liar.append_to(AW)
    trio[SX].put(AW, number=4)
    trio[SX].append()
    assert trio[AW].pull(CW).error == "log-forked"
    assert trio[AW].pull(CW).error == "log-forked"
    assert trio[AW].pull(SX).applied == 1
    assert held(trio[AW], CW, about)
    (cursor,) = rows(trio, "SELECT halted, halt_evidence FROM rtr.partner_cursor WHERE country='AW' AND partner='CW'")
    assert cursor["halted"] == "log-forked"
    assert cursor["halt_evidence"].count(".") == 2
    status = next(p for p in exchange_status(trio[AW].register).partners if p.partner is CW)
    assert status.received.halted == "log-forked"


def test_a_partner_that_cannot_be_reached_is_noted_and_goes_stale(trio: Net) -> None:
    trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert not _received(trio).stale
    trio.clocks[AW].offset += timedelta(minutes=4)
    assert _received(trio).stale
    trio.clocks[AW].offset += timedelta(days=2)
    assert trio[AW].pull(CW).error == "clock-skew"
    assert _received(trio).last_error == "clock-skew"
    trio.clocks[AW].offset = timedelta()
    assert trio[AW].pull(CW).error is None
    assert _received(trio).last_error is None
    assert not _received(trio).stale


def _received(net: Net) -> FromPartner:
    return next(p for p in exchange_status(net[AW].register).partners if p.partner is CW).received
