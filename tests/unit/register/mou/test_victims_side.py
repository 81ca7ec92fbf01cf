"""Who stands for the victim where a protection is to be lifted: only while a row is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from register.mou.ladder.victims_side import standing_for_victims, victims_sides
from rtr_trial.demo.made_up import data
from schemas.codes import Partition

ORGANISATIONS = tuple(one.registered() for one in data.organisations())
TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("country", Partition)
def test_every_country_has_a_row(country: Partition) -> None:
    assert [row for row in victims_sides() if row.country is country and row.holds(TODAY)]


def test_row_stands_from_its_first_day_to_its_last_and_for_nobody_before() -> None:
    begins = max(row.valid_from for row in victims_sides())
    assert standing_for_victims(ORGANISATIONS, begins)
    before = min(row.valid_from for row in victims_sides()) - timedelta(days=1)
    assert standing_for_victims(ORGANISATIONS, before) == []
    last = replace(victims_sides()[0], valid_to=begins)
    assert (last.holds(begins), last.holds(begins + timedelta(days=1))) == (True, False)
