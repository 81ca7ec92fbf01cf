"""Work begun ahead: taken once, under the key it was begun with, with whatever came of it."""

from __future__ import annotations

import threading

import pytest

from schemas.codes import Partition
from sync.pulling.ahead import Ahead

CW, SX = Partition.CW, Partition.SX


def test_begun_work_goes_on_beside_its_beginner_and_its_result_is_waited_for() -> None:
    ahead: Ahead[str] = Ahead()
    gate = threading.Event()

    def work() -> str:
        assert gate.wait(10)
        return "done"

    ahead.begin(CW, 1, work)
    result = ahead.take(CW, 1)
    assert result is not None
    gate.set()
    assert result() == "done"


def test_a_piece_is_taken_once() -> None:
    ahead: Ahead[int] = Ahead()
    ahead.begin(CW, 1, lambda: 7)
    assert ahead.take(CW, 1) is not None
    assert ahead.take(CW, 1) is None


def test_what_was_begun_under_another_key_is_dropped() -> None:
    ahead: Ahead[int] = Ahead()
    ahead.begin(CW, 1, lambda: 7)
    assert ahead.take(CW, 2) is None
    assert ahead.take(CW, 1) is None


def test_the_newest_piece_of_a_partner_counts_and_partners_do_not_share_any() -> None:
    ahead: Ahead[int] = Ahead()
    ahead.begin(CW, 1, lambda: 7)
    ahead.begin(CW, 1, lambda: 8)
    ahead.begin(SX, 1, lambda: 9)
    results = [ahead.take(partner, 1) for partner in (CW, SX)]
    assert [result() for result in results if result is not None] == [8, 9]


def test_what_the_work_raised_is_raised_for_whoever_takes_it() -> None:
    ahead: Ahead[int] = Ahead()
    ahead.begin(CW, 1, lambda: 1 // 0)
    result = ahead.take(CW, 1)
    assert result is not None
    with pytest.raises(ZeroDivisionError):
        result()
