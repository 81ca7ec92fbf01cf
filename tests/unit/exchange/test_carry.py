"""From effects to rows: what `carry` does not know is never let pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

import pytest

from register.services.exchange.received_log import ReceivedLog
from sync.carry import carry_out
from sync.protocol import effects as fx
from sync.protocol.documents.receipt import ReceiptMark
from sync.protocol.effects import Effect
from tests.unit.exchange.scene import LOG

NO_ROWS = cast("ReceivedLog", object())
"""Whoever asks anything of it fails: these effects must be refused, or be nothing to do, without a row."""


@dataclass(frozen=True, slots=True)
class DropOldPages:
    """An effect that the protocol may have one day; `carry` has not heard of it."""

    below: int


@dataclass(frozen=True, slots=True)
class OtherHalt:
    """Of the shape of an effect that is known, and none of them."""

    code: str
    evidence: bytes


@pytest.mark.parametrize(
    "stranger",
    [DropOldPages(7), OtherHalt("log-forked", b"page"), fx.StopAppending("receipt-forks"), ReceiptMark(1, b"digest")],
    ids=["of-tomorrow", "look-alike", "of-the-origin", "no-effect"],
)
def test_effect_that_carry_does_not_know_is_an_error_and_not_dropped(stranger: object) -> None:
    """C35: a silent drop would move the cursor past what was never done."""
    with pytest.raises(AssertionError, match=type(stranger).__name__):
        carry_out(LOG, NO_ROWS, [cast("Effect", stranger)])


def test_question_asked_again_is_no_row_and_no_error() -> None:
    """Every pull asks from where the cursor stands."""
    carry_out(LOG, NO_ROWS, [fx.AskAgain(4)])


def test_each_effect_of_a_step_is_in_exactly_one_family() -> None:
    families = (fx.EntryEffect, fx.QuarantineEffect, fx.GivingEffect, fx.PlaceEffect)
    listed = [effect for family in families for effect in get_args(family)]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(get_args(Effect))
