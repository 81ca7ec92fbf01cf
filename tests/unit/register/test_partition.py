"""The day is the island's day: one function from a country and a moment to day and year, and nobody goes past it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.partition import day_in, local_time, midnight_in
from schemas.codes import Partition

AW, NL = Partition.AW, Partition.NL
ROOT = Path(__file__).parents[3]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
A_DAY_OF_A_MOMENT = re.compile(r"(now|now\(\)|\bat|_at|_at\"\]|moment|astimezone\([^)]*\))\.(date\(\)|year\b)")
KEEPS_UTC = {
    "register/store/exchange/evaluating/evaluations.py": "the budget that all five evaluators count alike",
    "register/store/exchange/evaluating/shown_tickets.py": "the same day, of what a node signs by itself",
    "register/domain/exchange/quotas.py": "until when that budget holds",
    "register/search/feeding/feeder.py": "when a tombstone of the index was laid; nobody reads it as a day",
    "register/services/statistics/statements/send_words.py": "until when a key is kept",
    "register/services/statistics/statements/contribute.py": "until when a key is kept",
    "register/store/exchange/received.py": "until when a key is kept",
    "register/store/running/audit_leaves.py": "until when a key is kept",
    "register/services/running/verify_audit.py": "until when a key is kept",
    "sync/pulling/answered.py": "the day that the lists of all five evaluators are cut by",
    "sync/pulling/counted.py": "the same",
    "sync/pulling/nights.py": "the same",
}


@pytest.mark.parametrize(
    ("country", "moment", "day"),
    [
        (AW, datetime(2027, 1, 1, 0, 30, tzinfo=UTC), date(2026, 12, 31)),
        (AW, datetime(2027, 1, 1, 4, 0, tzinfo=UTC), date(2027, 1, 1)),
        (Partition.SX, datetime(2027, 1, 1, 3, 59, tzinfo=UTC), date(2026, 12, 31)),
        (Partition.BQ, datetime(2027, 7, 1, 3, 59, tzinfo=UTC), date(2027, 6, 30)),
        (Partition.CW, datetime(2027, 7, 1, 4, 0, tzinfo=UTC), date(2027, 7, 1)),
        (NL, datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
        (NL, datetime(2026, 12, 31, 22, 30, tzinfo=UTC), date(2026, 12, 31)),
        (NL, datetime(2027, 6, 30, 22, 30, tzinfo=UTC), date(2027, 7, 1)),
        (NL, datetime(2027, 6, 30, 21, 59, tzinfo=UTC), date(2027, 6, 30)),
    ],
)
def test_day_is_the_one_on_the_countrys_calendar_in_summer_and_in_winter(
    country: Partition, moment: datetime, day: date
) -> None:
    assert day_in(country, moment) == day


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 5, 1), 24)])
def test_day_of_the_netherlands_is_as_long_as_summer_time_makes_it(day: date, hours: int) -> None:
    begins, ends = midnight_in(NL, day), midnight_in(NL, day + timedelta(days=1))
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=hours)


@given(country=st.sampled_from(Partition), moment=MOMENTS)
def test_every_moment_lies_between_the_two_midnights_of_its_day(country: Partition, moment: datetime) -> None:
    day = day_in(country, moment)
    assert midnight_in(country, day) <= moment < midnight_in(country, day + timedelta(days=1))
    assert local_time(country, moment).date() == day


@given(country=st.sampled_from([c for c in Partition if c is not NL]), moment=MOMENTS)
def test_islands_are_four_hours_behind_all_the_year_round(country: Partition, moment: datetime) -> None:
    assert local_time(country, moment) == moment.replace(tzinfo=None) - timedelta(hours=4)


def test_nothing_takes_the_day_of_a_moment_past_that_function() -> None:
    """A day in UTC is tomorrow in the evening of the islands: whoever needs one all the same stands above, with why."""
    files = [path for floor in ("register", "sync", "api") for path in (ROOT / floor).rglob("*.py")]
    files += (ROOT / "api/web/templates").rglob("*.html")
    made_up = ("api/demo", "api/bench", "api/embedded")
    taken = {
        name
        for path in files
        if not (name := path.relative_to(ROOT).as_posix()).startswith(made_up)
        and A_DAY_OF_A_MOMENT.search(path.read_text(encoding="utf-8"))
    }
    assert taken == set(KEEPS_UTC)
