"""Ctrl-C ends the demo, also where Python dropped what it raised."""

from __future__ import annotations

import os
import signal
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from rtr_trial.cli import demo


class Something:
    """What ends while a signal comes."""


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_to_end_that_was_dropped_in_a_finaliser_is_not_forgotten(number: int) -> None:
    def ends(_gone: Any) -> None:
        os.kill(os.getpid(), number)
        sum(range(1_000))  # Python looks for signals between instructions

    asked = demo._interrupt_once()
    something = Something()
    kept = weakref.ref(something, ends)
    del something
    assert kept() is None
    assert list(asked) == [number], "and nothing was raised here"
    os.kill(os.getpid(), number)  # a second one breaks nothing off


def test_the_first_wish_to_end_breaks_off_what_is_under_way() -> None:
    demo._interrupt_once()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
