"""A reference as people type it: what is read out on the telephone leads to the report."""

from __future__ import annotations

import pytest

from register.domain.reference import YEARS_BACK, read_references

REFERENCE = "AW-2026-0168"


@pytest.mark.parametrize(
    "typed",
    [
        REFERENCE, "aw-2026-0168", "  aw 2026 168 ", "2026-168", "2026 0168", "20260168", "AW20260168", "aw 20260168",
        "AW\u20132026\u20130168", "aw.2026.0168", "AW/2026/168",
    ],
)  # fmt: skip
def test_reference_is_read_as_people_type_it(typed: str) -> None:
    assert read_references(typed, "AW", 2026) == (REFERENCE,)


@pytest.mark.parametrize("typed", ["0168", "168", "AW-0168", "aw 168"])
def test_number_without_its_year_is_of_the_newest_year_first(typed: str) -> None:
    found = read_references(typed, "AW", 2026)
    assert found[:2] == (REFERENCE, "AW-2025-0168")
    assert len(found) == YEARS_BACK


def test_number_of_five_digits_keeps_the_zero_that_makes_it_another() -> None:
    assert read_references("AW-2026-01680", "AW", 2026) == ("AW-2026-01680",)


@pytest.mark.parametrize(
    "typed", ["CW-2026-0168", "Ana Ficticia", "+297 000 0142", "", "AW-", "1234567890123", "A' OR 1"]
)
def test_what_is_no_reference_of_the_country_is_none(typed: str) -> None:
    assert read_references(typed, "AW", 2026) == ()
