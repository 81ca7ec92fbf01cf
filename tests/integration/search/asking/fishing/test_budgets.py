"""What a person, a case and an organisation may ask a day; hits and misses count alike, and a refusal leaves a leaf."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from register.core import Register
from register.domain.access.caller import Task
from register.services.search.budgets import SearchBudgetSpent
from register.settings import SearchSettings
from schemas.search.question import AskedSubject, SearchOut
from schemas.signals.parts import Birth, SelectorIn
from tests.integration.search.asking.scene import Scene, a_phone

pytestmark = pytest.mark.any_engine


class Fishing:
    """Aruba with small budgets, on a day of its own."""

    def __init__(self, scene: Scene, **budgets: int) -> None:
        self.scene = scene
        given = {"person_day": 100, "case_day": 60, "organisation_day": 400, "own_day": 1_000, **budgets}
        settings = replace(scene.aruba.settings, search=SearchSettings(**given))
        self.register: Register = replace(scene.aruba, settings=settings)

    def ask(self, *, actor: str, case: str = "2026-1", **more: Any) -> SearchOut:
        return self.scene.ask(
            a_phone(), by=replace(self.scene.coordinator, actor=actor), register=self.register, case=case, **more
        )

    def asked_before_refusal(self, most: int, **who: Any) -> tuple[int, SearchBudgetSpent | None]:
        for done in range(most):
            try:
                self.ask(**who)
            except SearchBudgetSpent as refusal:
                return done, refusal
        return most, None


def test_a_persons_questions_of_a_day_end_and_say_when_there_are_new_ones(scene: Scene) -> None:
    fishing = Fishing(scene, person_day=5)
    done, refusal = fishing.asked_before_refusal(9, actor="angler-1")
    assert done == 5
    assert refusal is not None
    assert (refusal.details["budget"], refusal.details["most"]) == ("person", 5)
    assert "from 00:00" in str(refusal)
    assert 0 < refusal.details["retry_after_s"] <= 86_401
    fishing.ask(actor="angler-2")


def test_a_new_day_of_the_country_brings_new_questions(scene: Scene) -> None:
    fishing = Fishing(scene, person_day=1)
    fishing.ask(actor="angler-3")
    with pytest.raises(SearchBudgetSpent) as refusal:
        fishing.ask(actor="angler-3")
    scene.clock.move(refusal.value.details["retry_after_s"])
    fishing.ask(actor="angler-3")


def test_a_case_is_one_budget_for_all_who_ask_for_it_however_its_reference_is_spaced(scene: Scene) -> None:
    fishing = Fishing(scene, case_day=3)
    for actor, case in (("a-1", "AB 11"), ("a-2", " ab  11"), ("a-3", "\uff21\u200bB-11")):
        fishing.ask(actor=actor, case=case)
    with pytest.raises(SearchBudgetSpent, match="for one case"):
        fishing.ask(actor="a-4", case="ab11")
    fishing.ask(actor="a-4", case="AB 22")


@pytest.mark.parametrize("budget", ["person", "case", "organisation", "own"])
def test_question_costs_as_many_as_the_values_that_are_looked_up_with_it(scene: Scene, budget: str) -> None:
    """Eight numbers in one question are eight numbers that somebody asked about."""
    fishing = Fishing(scene)
    by = scene.world.caller("AW-UMM", Task.SEARCH_SHARED, actor=f"eight-{budget}")
    before = _spent(scene, budget)
    scene.ask(*(a_phone() for _ in range(8)), by=by, register=fishing.register, case=f"Z-8-{budget}")
    assert _spent(scene, budget) - before == 8


def test_question_that_asks_for_more_than_is_left_is_refused_and_says_what_is_left(scene: Scene) -> None:
    fishing = Fishing(scene, person_day=10)
    by = replace(scene.coordinator, actor="angler-8")
    scene.ask(*(a_phone() for _ in range(8)), by=by, register=fishing.register)
    with pytest.raises(SearchBudgetSpent, match=r"about 3 values.* 8 of the 10") as refusal:
        scene.ask(*(a_phone() for _ in range(3)), by=by, register=fishing.register)
    assert (refusal.value.details["spent"], refusal.value.details["values"]) == (8, 3)
    scene.ask(*(a_phone() for _ in range(2)), by=by, register=fishing.register)


def test_name_with_its_birth_date_is_one_value_and_what_is_compared_with_nothing_is_none(scene: Scene) -> None:
    fishing, phone = Fishing(scene, person_day=2), a_phone()
    somebody = AskedSubject(
        name="Ricardo Croes",
        birth=Birth(year=1988, month=3, day=4),
        selectors=(phone, phone, SelectorIn(type="ADDRESS", value="Kaya Grandi 5")),
    )
    scene.ask(subject=somebody, by=replace(scene.coordinator, actor="angler-9"), register=fishing.register)
    assert _spent(scene, "person", "angler-9") == 2


def test_an_organisation_is_one_budget_whoever_asks_for_whatever_case(scene: Scene) -> None:
    fishing = Fishing(scene, organisation_day=0)
    with pytest.raises(SearchBudgetSpent, match="your organisation"):
        fishing.ask(actor="o-1", case="O 11-1")


def test_the_own_register_has_a_budget_too_and_questions_abroad_count_in_it(scene: Scene) -> None:
    fishing = Fishing(scene, own_day=2)
    fishing.ask(actor="own-1")
    fishing.ask(actor="own-1")
    with pytest.raises(SearchBudgetSpent, match="own register"):
        fishing.ask(actor="own-1")


def test_a_question_that_is_refused_looks_nothing_up_and_leaves_a_leaf_that_says_who(scene: Scene) -> None:
    fishing = Fishing(scene, person_day=1)
    fishing.ask(actor="angler-5")
    scene.engine.calls.clear()
    with pytest.raises(SearchBudgetSpent):
        fishing.ask(actor="angler-5")
    assert scene.engine.calls == []
    leaf = scene.leaves()[-1]
    assert (leaf["action"], leaf["commitment"]["actor"]) == ("search.refused", "angler-5")
    assert leaf["commitment"]["facts"]["budget"] == "person"


def test_questions_at_the_same_moment_never_pass_a_budget_together(scene: Scene) -> None:
    fishing = Fishing(scene, person_day=3)

    def ask(_: int) -> bool:
        with suppress(SearchBudgetSpent):
            fishing.ask(actor="angler-6")
            return True
        return False

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(ask, range(8))) == 3


def test_the_budgets_hold_no_case_and_no_value(scene: Scene) -> None:
    Fishing(scene).ask(actor="angler-7", case="Case 7 of the South Quay")
    held = repr(scene.rows("SELECT * FROM rtr.search_spent"))
    assert "angler-7" in held
    assert "quay" not in held.lower()
    assert "2975" not in held


def _spent(scene: Scene, budget: str, name: str | None = None) -> int:
    """All that was counted in the budgets of a kind, or in one of them."""
    rows = scene.rows("SELECT name, spent FROM rtr.search_spent WHERE country = 'AW' AND budget = %s", budget)
    return sum(row["spent"] for row in rows if name in {None, row["name"]})
