"""The drill of fishing at home, in its short form."""

from __future__ import annotations

from register.settings import SearchSettings
from schemas.codes import Partition
from tests.drills.fishing import drill
from tests.support.clock import HandClock
from tests.support.world import world


def test_fishing_ends_at_a_budget_and_rings_whether_it_asks_registers_or_reads() -> None:
    budgets = SearchSettings(person_day=64, case_day=64, organisation_day=200, cases_day=5, loose_day=60)
    with world(countries=(Partition.AW,), clock=HandClock()) as made:
        report = drill(made, budgets, 300, lambda _: None)
    assert report["violations"] == []
    assert report["asked"] == {"person": 64, "case": 64, "organisation": 200, "hits": 61, "records": 64}
    assert {"BUDGET_SPENT person", "MANY_CASES person", "LOOSE_VALUES person"} <= report["rang"].keys()
