"""After failures in a row the engine is left alone for a while, then tried again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from register.search.breaker import FAILURES, OPEN_S, Breaker
from tests.support.clock import HandClock


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(HandClock())
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert not breaker.open
    breaker.failed()
    assert breaker.open


def test_an_answer_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker(HandClock())
    for _ in range(5):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
    assert not breaker.open


def test_it_lets_one_through_again_after_its_time() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.move(OPEN_S - 0.001)
    assert breaker.open
    clock.move(0.001)
    assert not breaker.open


def test_one_failure_after_its_time_opens_it_at_once() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.move(OPEN_S)
    breaker.failed()
    assert breaker.open


def test_an_answer_after_its_time_closes_it_for_good() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.move(OPEN_S)
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert not breaker.open


def test_failures_of_several_threads_all_count() -> None:
    breaker = Breaker(HandClock())
    with ThreadPoolExecutor(FAILURES) as pool:
        for _ in range(FAILURES):
            pool.submit(breaker.failed)
    assert breaker.open


@given(st.lists(st.sampled_from(["failed", "succeeded", "wait"]), max_size=40))
def test_it_is_open_only_if_the_last_failures_in_a_row_are_recent(events: list[str]) -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    row, until = 0, clock.monotonic()
    for event in events:
        if event == "wait":
            clock.move(OPEN_S / 2)
        elif event == "failed":
            breaker.failed()
            row += 1
            until = clock.monotonic() + OPEN_S if row >= FAILURES else until
        else:
            breaker.succeeded()
            row = 0
        assert breaker.open == (clock.monotonic() < until)
