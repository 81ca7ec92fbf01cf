"""Whether this run takes the long form of the tests, as `check.py --long` does: every round of what repeats itself.

The suite's short form proves the same sentence once. What is long by nature asks here how far to go.
"""

from __future__ import annotations

from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")


def is_long() -> bool:
    """As `--hypothesis-profile=long` has it; known once pytest has read its options."""
    return settings.get_current_profile_name() == "long"


def by_form(*, short: T, long: T) -> T:
    """What this run is to take of the two."""
    return long if is_long() else short
