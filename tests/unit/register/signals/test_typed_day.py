"""Days and months as people of the region write them (C19)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.typed_day import read_day, read_month


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20",
        "20-11-2026",
        "20/11/2026",
        "20.11.2026",
        "20 nov 2026",
        "20 NOV. 2026",
        "20 november 2026",
        "20 de noviembre de 2026",
        "20 di novèmber 2026",
        "20 di november 2026",
        "20-nov-2026",
        "20th November 2026",
        "November 20, 2026",
        " 20-11-2026 ",
    ],
)
def test_a_day_is_read_as_it_is_written_here(text: str) -> None:
    assert read_day(text) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "text", ["", "20-11-26", "31-02-2026", "20 nov", "11-20-2026", "gisteren", "20261120x", "0-1-2026"]
)
def test_what_is_no_day_or_could_be_two_is_not_read(text: str) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("5", 5), ("05", 5), ("mei", 5), ("May", 5), ("mayo", 5), ("mrt", 3), ("maart", 3), ("enero", 1),
        ("yanüari", 1), ("yüni", 6), ("ougùstùs", 8), ("dic", 12), ("òktober", 10), ("set", 9), ("sept.", 9),
    ],
)  # fmt: skip
def test_a_month_has_a_number_and_names_in_four_languages(text: str, month: int) -> None:
    assert read_month(text) == month


@pytest.mark.parametrize("text", ["", "0", "13", "ma", "maandag", "²"])
def test_what_is_no_month_is_not_read(text: str) -> None:
    assert read_month(text) is None


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_each_way_of_writing_it(day: date) -> None:
    assert (
        read_day(day.isoformat()) == read_day(f"{day:%d-%m-%Y}") == read_day(f"{day.day}/{day.month}/{day.year}") == day
    )
