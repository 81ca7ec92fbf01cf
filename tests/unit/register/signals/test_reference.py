"""Drawn references: free ones, of four digits until the year is full."""

from __future__ import annotations

import secrets

from hypothesis import given
from hypothesis import strategies as st

from register.domain.reference import draw_reference


@given(st.sets(st.integers(1, 9_999), max_size=50))
def test_reference_is_free_and_has_four_digits(numbers: set[int]) -> None:
    taken = {f"AW-2026-{n:04d}" for n in numbers}
    drawn = draw_reference("AW-2026", taken.__contains__, secrets.randbelow)
    assert drawn not in taken
    assert len(drawn) == len("AW-2026-0001")
    assert drawn != "AW-2026-0000"


def test_numbers_grow_longer_once_the_year_is_full() -> None:
    full = draw_reference("AW-2026", lambda one: len(one) < len("AW-2026-00001"), secrets.randbelow)
    assert len(full) == len("AW-2026-00001")


@given(st.integers(0, 3), st.integers(0, 3))
def test_number_given_after_a_restore_meets_none_that_was_given_before_it(earlier: int, more: int) -> None:
    """What was given in the lost time is not known to be taken; only its length tells it from what is drawn now."""
    lengths = [
        len(draw_reference("AW-2026", lambda _: False, secrets.randbelow, restores=n))
        for n in (earlier, earlier + more)
    ]
    assert lengths == [len("AW-2026-0001") + earlier, len("AW-2026-0001") + earlier + more]
