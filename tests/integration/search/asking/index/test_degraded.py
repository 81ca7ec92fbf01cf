"""Without the engine PostgreSQL answers: the same hits, and the answer says so (search.md 5)."""

from __future__ import annotations

import pytest

from register.core import Register
from register.domain.access.caller import Task
from register.search.breaker import FAILURES, OPEN_S
from register.search.engine import EngineSettings
from register.services.search.index_records import index_records
from register.services.search.search_records import search_records
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.search.question import Answer, SearchIn, SearchOut
from schemas.signals.parts import SelectorIn
from tests.integration.exchange.extracts import an_extract
from tests.integration.search.asking.scene import AW, CW, NL, SX, Scene, Switch, a_phone, about, of_country
from tests.support.records.mirror import Mirror, tokens_of
from tests.support.world import World, world


def test_with_the_engine_down_the_same_hits_come_and_the_answer_says_what_is_off(scene: Scene) -> None:
    phone, other = a_phone(), a_phone()
    scene.hold(CW, about(phone, other))
    scene.hold(CW, about(phone))
    scene.hold(NL, about(other), visibility="V2")
    scene.hold_many(SX, about(other), 30)
    scene.record(selectors=[phone.model_dump()])
    scene.settle()
    healthy = scene.ask(phone, other)
    scene.engine.down = True
    degraded = scene.ask(phone, other)
    assert [a.answer for a in healthy.countries] == [
        Answer.NOTHING,
        Answer.HIT,
        Answer.HIT,
        Answer.TOO_COMMON,
    ]
    assert (healthy.degraded, healthy.modes_off) == (False, ())
    assert (degraded.degraded, degraded.modes_off) == (True, ("browse",))
    assert _told(degraded) == _told(healthy)


@pytest.mark.any_engine
def test_rules_hold_without_the_engine(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    out = scene.ask(phone, register=scene.degraded(), simulate_edition="strict")
    assert of_country(out, CW).answer is Answer.NOT_ASKED


@pytest.mark.any_engine
def test_after_failures_in_a_row_the_engine_is_left_alone_and_then_tried_again(scene: Scene) -> None:
    phone = a_phone()
    scene.engine.down = True
    for _ in range(FAILURES):
        assert scene.ask(phone).degraded
    asked = len(scene.engine.calls)
    assert asked == FAILURES
    scene.engine.down = False
    assert scene.ask(phone).degraded
    assert len(scene.engine.calls) == asked
    scene.clock.move(OPEN_S)
    assert not scene.ask(phone).degraded
    assert len(scene.engine.calls) == asked + 1


@pytest.mark.parametrize("gone", [[CW], list(Partition)], ids=["one", "all"])
def test_an_index_that_is_missing_is_no_miss(scene: Scene, gone: list[Partition]) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.hold(NL, about(phone))
    scene.settle()
    whole = scene.ask(phone)
    engine = Switch(scene.engine.settings.url)
    names = [f"rtr-aw-{origin.lower()}-token-read" for origin in gone]
    engine.alter = lambda lines: [{"index": "rtr-none"} if line.get("index") in names else line for line in lines]
    out = scene.ask(phone, register=scene.with_engine(engine))
    assert (whole.degraded, out.degraded) == (False, True)
    assert _told(out) == _told(whole)


@pytest.mark.parametrize("engine", [None, EngineSettings(url="http://127.0.0.1:9")], ids=["none", "nobody-listens"])
@pytest.mark.any_engine
def test_a_node_without_an_engine_answers_degraded(scene: Scene, engine: EngineSettings | None) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    out = scene.ask(phone, register=scene.with_engine(engine))
    assert out.degraded
    assert of_country(out, CW).answer is Answer.HIT


def test_an_engine_that_really_stops_changes_no_hit() -> None:
    phone = a_phone()
    with EmbeddedOsmem(production=False) as osmem, world(countries=(AW, CW), engine_url=osmem.url) as made:
        aruba = made[AW]
        assert aruba.index is not None
        aruba.index.prepare(Partition)
        Mirror(aruba, CW).hold(an_extract(made[CW], AW, record={"tokens": tokens_of(aruba, about(phone))}))
        while index_records(aruba, 10):
            pass
        before = _ask(made, aruba, phone)
        osmem.stop()
        after = _ask(made, aruba, phone)
    assert (before.degraded, after.degraded) == (False, True)
    assert of_country(before, CW).answer is Answer.HIT
    assert of_country(before, CW).hits == of_country(after, CW).hits


def _ask(made: World, register: Register, phone: SelectorIn) -> SearchOut:
    question = SearchIn(
        purpose=Purpose.COORDINATE, legal_basis=LegalBasis.AW_NONPOLICE, case="Z-2026-1", subject=about(phone)
    )
    return search_records(register, made.caller("AW-CMMA", Task.SEARCH_SHARED), question)


def _told(out: SearchOut) -> str:
    return out.model_copy(update={"id": "", "degraded": False, "modes_off": ()}).model_dump_json()
