"""What a person, a case and an organisation may ask a day; hits and misses count alike, and a refusal leaves a leaf."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from register.core import Register
from register.services.search.budgets import SearchBudgetSpent
from register.settings import SearchSettings
from schemas.search.question import SearchOut
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
    for actor, case in (("a-1", "AB 1"), ("a-2", " ab  1"), ("a-3", "AB 1")):
        fishing.ask(actor=actor, case=case)
    with pytest.raises(SearchBudgetSpent, match="for this case"):
        fishing.ask(actor="a-4", case="ab 1")
    fishing.ask(actor="a-4", case="AB 2")


def test_an_organisation_is_one_budget_whoever_asks_for_whatever_case(scene: Scene) -> None:
    fishing = Fishing(scene, organisation_day=0)
    with pytest.raises(SearchBudgetSpent, match="your organisation"):
        fishing.ask(actor="o-1", case="O 1")


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
    Fishing(scene).ask(actor="angler-7", case="Case of the South Quay")
    held = repr(scene.rows("SELECT * FROM rtr.search_spent"))
    assert "angler-7" in held
    assert "Quay" not in held
    assert "2975" not in held
