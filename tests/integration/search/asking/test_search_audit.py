"""No path returns a hit without a committed row: the intent before the engine, the outcome after, misses too."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from register.domain.access.caller import TaskMissing
from register.mou.asking import QuestionRefused
from register.pseudonyms.errors import SelectorRefused
from register.store.running.sealing import Place
from schemas.codes import LegalBasis
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, BQ, CW, NL, SX, Scene, a_phone, about

pytestmark = pytest.mark.any_engine


class EngineOnFire(RuntimeError):
    """Nothing of ours expects this."""


def test_the_intent_is_committed_before_the_engine_is_asked(scene: Scene) -> None:
    seen: list[list[dict[str, Any]]] = []

    def burn() -> None:
        seen.append(scene.leaves())
        raise EngineOnFire

    known = len(scene.leaves())
    scene.engine.before = burn
    with pytest.raises(EngineOnFire):
        scene.ask(a_phone())
    ((*_, leaf),) = seen
    assert (len(seen[0]), leaf["action"]) == (known + 1, "search.asked")
    assert len(scene.leaves()) == known + 1


def test_the_intent_says_who_asked_whom_for_what_and_on_what_ground(scene: Scene) -> None:
    out = scene.ask(a_phone(), simulate_edition="strict")
    asked = scene.leaves(out.id)[0]["commitment"]
    assert (asked["action"], asked["id"], asked["actor"]) == ("search.asked", out.id, "coordinator")
    assert asked["facts"] == {
        "purpose": "COORDINATE",
        "basis": "AW_NONPOLICE",
        "families": ["phone"],
        "asked": ["BQ", "NL"],
        "edition": asked["facts"]["edition"],
    }


@pytest.mark.parametrize("hit", [True, False])
def test_hits_and_misses_leave_an_outcome_each(scene: Scene, *, hit: bool) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone)) if hit else None
    scene.settle()
    out = scene.ask(phone)
    asked, answered = scene.leaves(out.id)
    assert (asked["action"], answered["action"]) == ("search.asked", "search.answered")
    facts = answered["commitment"]["facts"]
    assert facts["answers"]["CW"] == ("hit" if hit else "nothing-that-may-be-shown")
    assert facts["hits"] == ({"CW": [str(record)]} if hit else {})


def test_a_question_that_could_not_be_computed_leaves_both_leaves(scene: Scene) -> None:
    scene.world.down.update({BQ, CW, NL, SX})
    out = scene.ask(a_phone())
    assert [x["action"] for x in scene.leaves(out.id)] == ["search.asked", "search.answered"]


def test_the_case_and_what_was_asked_are_sealed(scene: Scene) -> None:
    out = scene.ask(SelectorIn(type="PHONE", value="+599 9 7645132"), case="Case 7 of the North Quay")
    leaf = scene.leaves(out.id)[0]
    whole = repr(leaf)
    for part in ("NORTH QUAY", "North Quay", "7645132"):
        assert part not in whole
    with scene.aruba.work(scene.coordinator) as work:
        key = work.keys.get(leaf["data_key"])
        opened = key.open_json(Place(AW, "audit_leaf", out.id), "private", leaf["private_sealed"])
    assert opened["case"] == "CASE 7 OF THE NORTH QUAY"
    assert len(opened["keys"]) == 1


@pytest.mark.parametrize("action", ["search.asked", "search.answered"])
def test_a_search_of_which_the_log_cannot_be_written_answers_nothing(scene: Scene, action: str) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    scene.engine.calls.clear()
    answers: list[object] = []
    scene.change(
        "CREATE FUNCTION rtr.no_leaf() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.action = '{action}' THEN RAISE 'the log is full'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER no_leaf BEFORE INSERT ON rtr.audit_leaf_aw FOR EACH ROW EXECUTE FUNCTION rtr.no_leaf()",
    )
    try:
        with suppress(Exception):
            answers.append(scene.ask(phone))
    finally:
        scene.change("DROP FUNCTION rtr.no_leaf CASCADE")
    assert answers == []
    assert bool(scene.engine.calls) == (action == "search.answered")
    assert scene.answer(CW, phone).hits


def test_a_question_that_is_refused_looks_nothing_up(scene: Scene) -> None:
    nobody = scene.world.caller("AW-DIMAS")
    scene.engine.calls.clear()
    with pytest.raises(TaskMissing):
        scene.ask(a_phone(), by=nobody)
    with pytest.raises(QuestionRefused):
        scene.ask(a_phone(), legal_basis=LegalBasis.SX_POLICE)
    with pytest.raises(SelectorRefused):
        scene.ask(SelectorIn(type="PHONE", value="no number at all"))
    assert scene.engine.calls == []
