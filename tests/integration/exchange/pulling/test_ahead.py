"""The page after the one that is applied is asked for ahead: nothing of it counts until it follows what is locked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from register.clock import SystemClock
from register.settings import Settings
from schemas.codes import Partition
from schemas.exchange.wire import PageAnswer
from sync.receiver import Receiver
from tests.integration.exchange.looking import rows, snapshot
from tests.integration.exchange.net import Net, net
from tests.integration.exchange.wire import flipped, receiver_between

AW, CW = Partition.AW, Partition.CW
ENTRIES = 9
PAGES = 5


def pages_of_two(settings: Settings) -> Settings:
    return replace(settings, sync=replace(settings.sync, page_entries_max=2))


@pytest.fixture
def five() -> Iterator[Net]:
    """Curaçao's log for Aruba holds five pages."""
    with net(AW, CW, change=pages_of_two) as made:
        for number in range(1, ENTRIES + 1):
            made[CW].put(AW, number=number)
        made[CW].append()
        yield made


def sequences(made: Net) -> list[int]:
    return [row["seq"] for row in rows(made, "SELECT seq FROM rtr.received_stub WHERE country = 'AW' ORDER BY seq")]


def test_every_page_is_asked_for_once_and_the_next_one_while_a_page_is_applied(five: Net) -> None:
    receiver, between = receiver_between(five[AW])
    assert receiver.pull_once(CW).applied == 2
    assert receiver.pull_once(CW).applied == 2
    assert len(between.seen) >= 2
    while receiver.pull_once(CW).more:
        pass
    assert len(between.seen) == PAGES
    assert sequences(five) == list(range(1, ENTRIES + 1))
    between.close()


def test_a_receipt_for_each_page_has_come_when_the_last_page_is_applied(five: Net) -> None:
    assert five[AW].pull_all(CW) == ENTRIES
    got = rows(five, "SELECT n, claims FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n")
    assert [row["n"] for row in got] == list(range(1, PAGES + 1))
    assert got[-1]["claims"]["applied_to"] == ENTRIES


def test_receipts_lost_between_two_pages_are_told_of_and_posted_in_the_end(five: Net) -> None:
    receiver, between = receiver_between(five[AW])
    between.cut = True
    errors = [receiver.pull_once(CW).error for _ in range(PAGES)]
    assert "partner-unreachable" in errors
    between.cut = False
    assert receiver.pull_once(CW).error is None
    got = rows(five, "SELECT n FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n")
    assert [row["n"] for row in got] == list(range(1, PAGES + 1))
    between.close()


@pytest.mark.parametrize("part", ["head", "page", "sealed"])
def test_a_page_that_was_changed_on_its_way_ahead_is_asked_for_again(five: Net, part: str) -> None:
    receiver, between = receiver_between(five[AW])

    def second_is_spoilt(answer: PageAnswer) -> PageAnswer:
        if len(between.seen) != 2:
            return answer
        return answer._replace(**{part: flipped(getattr(answer, part), 40)})

    between.change = second_is_spoilt
    assert receiver.pull_once(CW).error is None
    for _ in range(PAGES):
        receiver.pull_once(CW)
    assert sequences(five) == list(range(1, ENTRIES + 1))
    between.close()


def test_an_old_page_that_comes_in_place_of_the_next_one_ahead_changes_nothing(five: Net) -> None:
    receiver, between = receiver_between(five[AW])
    between.change = lambda answer: between.seen[0]._replace(head=answer.head)
    assert receiver.pull_once(CW).applied == 2
    after_one = snapshot(five, AW)
    assert receiver.pull_once(CW).applied == 0
    assert snapshot(five, AW)["stubs"] == after_one["stubs"]
    between.change = lambda answer: answer
    while receiver.pull_once(CW).more:
        pass
    assert sequences(five) == list(range(1, ENTRIES + 1))
    between.close()


def test_a_page_ahead_that_somebody_else_has_applied_meanwhile_is_not_applied_again(five: Net) -> None:
    """Two processes of one country pull at once: what one holds ahead the other may have stored."""
    first, between = receiver_between(five[AW])
    assert first.pull_once(CW).applied == 2
    assert five[AW].pull(CW).applied == 2
    assert first.pull_once(CW).applied == 2
    while first.pull_once(CW).more:
        pass
    assert sequences(five) == list(range(1, ENTRIES + 1))
    assert len(rows(five, "SELECT object FROM rtr.received_record WHERE country = 'AW' AND live")) == ENTRIES
    between.close()


class Striding(SystemClock):
    """A clock on which a minute passes between two looks at it."""

    def __init__(self) -> None:
        self._strides = count()

    def monotonic(self) -> float:
        return super().monotonic() + 60.0 * next(self._strides)


def test_a_page_ahead_that_has_waited_too_long_is_asked_for_again(five: Net) -> None:
    """The head beside it would say how things stood then, not now."""
    node = five[AW]
    _, between = receiver_between(node)
    receiver = Receiver(replace(node.register, clock=Striding()), between, node.rosters)
    while receiver.pull_once(CW).more:
        pass
    assert len(between.seen) == 2 * PAGES - 1
    assert sequences(five) == list(range(1, ENTRIES + 1))
    between.close()
