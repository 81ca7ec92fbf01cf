"""This year beside last: up, down or the same, and only as far as the rounding lets anybody say so."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from register.statistics.deduction import Interval

SLIGHT: Final = 2
"""A change of at most so many is called slight."""


class Trend(StrEnum):
    """What may be said of two figures."""

    UP = "up"
    SLIGHTLY_UP = "slightly up"
    SAME = "the same"
    SLIGHTLY_DOWN = "slightly down"
    DOWN = "down"
    FIRST = "for the first time"
    CANNOT_TELL = "cannot be told from rounded figures"


def derive_trend(last: Interval, this: Interval) -> Trend:
    """Compare two figures by all they can be; exact figures are intervals of one number."""
    if last.is_exact and this.is_exact:
        return _compare_exact(last.low, this.low)
    if this.low > last.high:
        return Trend.UP
    return Trend.DOWN if this.high < last.low else Trend.CANNOT_TELL


def _compare_exact(last: int, this: int) -> Trend:
    if last == this:
        return Trend.SAME
    if last == 0:
        return Trend.FIRST
    if this > last:
        return Trend.UP if this - last > SLIGHT else Trend.SLIGHTLY_UP
    return Trend.DOWN if last - this > SLIGHT else Trend.SLIGHTLY_DOWN
