"""The drill of fishing at home, in its short form."""

from __future__ import annotations

from register.settings import SearchSettings
from schemas.codes import Partition
from tests.drills.fishing import drill
from tests.support.clock import HandClock
from tests.support.world import world


def test_fishing_ends_at_the_budget_of_the_person_the_case_and_the_organisation() -> None:
    budgets = SearchSettings(person_day=4, case_day=3, organisation_day=6)
    with world(countries=(Partition.AW,), clock=HandClock()) as made:
        report = drill(made, budgets, 10, lambda _: None)
    assert report["violations"] == []
    assert report["asked"] == {"person": 4, "case": 3, "organisation": 6}
