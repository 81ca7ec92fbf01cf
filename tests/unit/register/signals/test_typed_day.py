"""Days and months as people of the region write them (C19)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.typed_day import Written, read_day, read_month, read_written, read_year


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


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3/4/1979", [date(1979, 4, 3), date(1979, 3, 4)]),
        ("3/4/79", [date(1979, 4, 3), date(1979, 3, 4)]),
        ("3-4-79", [date(1979, 4, 3), date(1979, 3, 4)]),
        ("3-4-1979", [date(1979, 4, 3)]),
        ("4/4/79", [date(1979, 4, 4)]),
        ("23/4/79", [date(1979, 4, 23)]),
        ("4/23/79", []),
        ("3 apr '79", [date(1979, 4, 3)]),
        ("31/2/79", []),
        ("1/12/26", [date(1926, 12, 1), date(2026, 1, 12)]),
    ],
)
def test_of_a_day_that_may_be_two_both_are_given_with_the_day_first(text: str, days: list[date]) -> None:
    assert [one.whole for one in read_written(text, latest=date(2026, 11, 30))] == days
    assert read_day(text, latest=date(2026, 11, 30)) == (days[0] if len(days) == 1 else None)


@pytest.mark.parametrize("text", ["mei 1990", "mayo de 1990", "1990-05", "5-1990", "05/1990", "May, 1990"])
def test_of_a_birth_the_month_alone_may_be_known(text: str) -> None:
    assert read_written(text) == (Written(1990, 5),)


def test_a_year_of_two_digits_is_the_last_one_that_was() -> None:
    on = date(2026, 11, 30)
    assert [read_year(text, latest=on) for text in ("79", "'05", "26", "27", "1926", "0", "²²")] == [
        1979, 2005, 2026, 1927, 1926, None, None,
    ]  # fmt: skip
    assert read_year("79") is None


@given(text=st.text(alphabet="0123456789/-. aprmei'", max_size=14))
def test_nothing_typed_for_a_day_makes_its_reader_fall_over(text: str) -> None:
    for one in read_written(text, latest=date(2026, 11, 30)):
        assert one.month is None or 1 <= one.month <= 12


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_each_way_of_writing_it(day: date) -> None:
    assert (
        read_day(day.isoformat()) == read_day(f"{day:%d-%m-%Y}") == read_day(f"{day.day}.{day.month}.{day.year}") == day
    )
    assert read_written(f"{day.day}/{day.month}/{day.year}")[0].whole == day
