"""A report is no search: whoever brings one in learns from no door which countries know what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.access.case import CaseRefused
from register.domain.signals.signal import SignalId
from register.errors import OperatorError
from register.mou.asking import QuestionRefused
from register.services.running.list_to_do import count_to_do, list_to_do
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.list_hits import list_hits
from register.services.signals.change_signal import amend_signal
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_dossier, read_history, read_sharing, read_signal
from register.settings import SearchSettings
from register.store.running.sealing import Place
from schemas.codes import LegalBasis, Purpose
from schemas.search.question import Ground
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, CW, SX, Scene, a_phone, about, ground_of

pytestmark = pytest.mark.any_engine

Door = Callable[[Register, Caller, SignalId], object]
DOORS: dict[str, Door] = {
    "signal": read_signal,
    "whole report": read_dossier,
    "timeline": read_history,
    "who has it": read_sharing,
    "list": lambda register, caller, _: list_signals(register, caller, filters={}, cursor=None, limit=1).items,
    "what waits": lambda register, caller, _: list_to_do(register, caller, cursor=None, limit=50).items,
    "how much waits": lambda register, caller, _: sorted(count_to_do(register, caller).items()),
}
EVERYTHING_BUT_HITS = tuple(set(Task) - {Task.REGISTER, Task.SEARCH_SHARED})


def test_a_bait_reads_the_same_with_and_without_a_hit_at_every_door_of_a_report(scene: Scene) -> None:
    known, unknown = a_phone(), a_phone()
    officer = scene.world.caller("AW-DIMAS", *EVERYTHING_BUT_HITS, actor="aw-dimas")
    scene.hold(CW, about(known))
    scene.hold(SX, about(known))
    said: list[dict[str, str]] = []
    for phone in (unknown, known):
        signal = _bait(scene, phone)
        scene.settle()
        said.append({name: _plain(door(scene.aruba, officer, SignalId(signal.id))) for name, door in DOORS.items()})
    assert {row.signal for row in scene.hits()} >= {signal.id}, "the last one does have hits"
    assert said[0] == said[1]


@pytest.mark.parametrize("hit", [True, False])
def test_who_only_submits_and_enriches_is_refused_alike(scene: Scene, *, hit: bool) -> None:
    phone = a_phone()
    if hit:
        scene.hold(CW, about(phone))
    signal = _bait(scene, phone)
    scene.settle()
    officer = scene.world.caller("AW-DIMAS", *EVERYTHING_BUT_HITS, actor="aw-dimas")
    with pytest.raises(TaskMissing) as refused:
        scene.hits(officer, signal=SignalId(signal.id))
    assert str(refused.value) == "this needs the task SEARCH_SHARED (X) or REGISTER (T)"


@pytest.mark.parametrize("how", ["recorded", "amended"])
def test_the_units_own_bait_shows_to_the_others_of_the_unit_only(scene: Scene, how: str) -> None:
    """Keeping the register is no authorisation to search: a bait would make it one."""
    phone = a_phone()
    scene.hold(CW, about(phone))
    fisher = scene.world.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="fisher")
    if how == "recorded":
        signal = _bait(scene, phone, by=fisher)
    else:
        signal = _bait(scene, a_phone())
        changes = AmendIn.model_validate({"changes": {"selectors": [phone.model_dump()]}, "reason": "Told later."})
        amend_signal(scene.aruba, fisher, SignalId(signal.id), changes, version=1)
        scene.share()
    scene.settle()
    other = scene.world.caller("AW-JIUMM", Task.REGISTER, actor="other")
    assert [h.origin for h in scene.hits(other) if h.signal == signal.id] == [CW]
    assert [h.origin for h in scene.hits(fisher) if h.signal == signal.id] == []
    assert scene.hits(fisher, signal=SignalId(signal.id)) == []
    searcher = scene.world.caller("AW-JIUMM", Task.REGISTER, Task.SEARCH_SHARED, actor="fisher")
    assert [h.origin for h in scene.hits(searcher) if h.signal == signal.id] == [CW]


@pytest.mark.parametrize(
    "ground",
    [
        Ground(Purpose.COORDINATE, LegalBasis.SX_POLICE, "Z-2026-04"),
        Ground(Purpose.COORDINATE, LegalBasis.AW_NONPOLICE, ""),
    ],
    ids=["of another country", "without a case"],
)
def test_hits_without_a_lawful_ground_are_refused_before_anything_is_read(scene: Scene, ground: Ground) -> None:
    before = _leaves(scene)
    with pytest.raises((QuestionRefused, CaseRefused)):
        scene.hits(ground=ground)
    assert _leaves(scene) == before


def test_a_hit_shows_only_on_a_ground_on_which_a_search_would_show_it(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone), purpose="PROTECT_VICTIM")
    signal = _bait(scene, phone)
    scene.settle()
    shown: dict[Purpose, tuple[bool, bool]] = {}
    for purpose in Purpose:
        ground = ground_of(scene.unit)._replace(purpose=purpose)
        try:
            hit = bool(scene.hits(ground=ground, signal=SignalId(signal.id)))
            found = scene.answer(CW, phone, by=scene.unit, purpose=purpose, legal_basis=ground.legal_basis)
        except QuestionRefused:
            continue
        shown[purpose] = (hit, bool(found.hits))
    assert {one for one, _ in shown.values()} == {True, False}
    assert all(hit == found for hit, found in shown.values()), shown


@pytest.mark.parametrize("hit", [True, False])
def test_the_log_says_who_looked_why_and_what_was_shown_also_that_it_was_nothing(scene: Scene, *, hit: bool) -> None:
    phone = a_phone()
    record = scene.hold(CW, about(phone)) if hit else None
    signal = _bait(scene, phone)
    scene.settle()
    known = len(_leaves(scene))
    scene.hits(signal=SignalId(signal.id), ground=ground_of(scene.unit)._replace(case="Case 7 of the North Quay"))
    asked, shown = _leaves(scene)[known:]
    assert (asked["action"], asked["commitment"]["actor"]) == ("hits.asked", "unit")
    assert asked["commitment"]["about"] == str(signal.id)
    assert asked["commitment"]["facts"] | {"edition": ""} == {
        "purpose": "COORDINATE",
        "basis": "AW_NONPOLICE",
        "edition": "",
    }
    assert "NORTH QUAY" not in repr(asked)
    with scene.aruba.work(scene.unit) as work:
        key = work.keys.get(asked["data_key"])
        place = Place(AW, "audit_leaf", asked["commitment"]["id"])
        assert key.open_json(place, "private", asked["private_sealed"])["case"] == "CASE 7 OF THE NORTH QUAY"
    assert (shown["action"], shown["commitment"]["about"]) == ("hits.shown", asked["commitment"]["id"])
    rows = [{"signal": str(signal.id), "owner": "CW", "record": str(record)}] if hit else []
    assert shown["commitment"]["facts"] == {"count": len(rows), "hits": rows}


@pytest.mark.parametrize("action", ["hits.asked", "hits.shown"])
def test_hits_of_which_the_log_cannot_be_written_are_not_shown(scene: Scene, action: str) -> None:
    answers: list[object] = []
    scene.change(
        "CREATE FUNCTION rtr.no_leaf() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.action = '{action}' THEN RAISE 'the log is full'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER no_leaf BEFORE INSERT ON rtr.audit_leaf_aw FOR EACH ROW EXECUTE FUNCTION rtr.no_leaf()",
    )
    try:
        with pytest.raises(OperatorError):
            answers.append(scene.hits())
    finally:
        scene.change("DROP FUNCTION rtr.no_leaf CASCADE")
    assert answers == []


@pytest.mark.parametrize("hit", [True, False])
def test_reports_as_bait_ask_no_more_a_day_than_a_search_does(scene: Scene, *, hit: bool) -> None:
    """Whoever searches and reports would else ask by reports what the budget of his searches refuses him."""
    given = SearchSettings(person_day=3, case_day=60, organisation_day=400, own_day=1_000)
    limited = replace(scene.aruba, settings=replace(scene.aruba.settings, search=given))
    fisher = scene.world.caller("AW-CMMA", Task.SUBMIT, Task.SEARCH_SHARED, actor=f"fisher-{hit}")
    baits = []
    for _ in range(3):
        phone = a_phone()
        if hit:
            scene.hold(CW, about(phone))
        baits.append(SignalId(_bait(scene, phone, by=fisher).id))
    scene.settle()
    ground = Ground(Purpose.COORDINATE, LegalBasis.AW_NONPOLICE, f"Z-2026-bait-{hit}")
    scene.ask(a_phone(), by=fisher, register=limited, case=ground.case)

    def look(bait: SignalId, by: Caller = fisher) -> int:
        return len(list_hits(limited, by, ground, signal=bait, cursor=None, limit=50).items)

    assert [look(bait) for bait in baits[:2]] == [int(hit)] * 2
    known = len(_leaves(scene))
    with pytest.raises(SearchBudgetSpent) as refused:
        look(baits[2])
    assert refused.value.details["budget"] == "person"
    assert len(_leaves(scene)) == known, "nothing was read"
    leaf = scene.leaves("search.refused")[-1]
    assert leaf["commitment"]["actor"] == f"fisher-{hit}"
    with pytest.raises(SearchBudgetSpent):
        scene.ask(a_phone(), by=fisher, register=limited, case=ground.case)
    colleague = replace(fisher, actor=f"colleague-{hit}")
    assert look(baits[2], colleague) == int(hit), "of another, who has asked nothing yet"


def _bait(scene: Scene, phone: SelectorIn, by: Caller | None = None) -> SignalOut:
    if by is None:
        return scene.record(subjects=[], selectors=[phone.model_dump()])
    return scene.record(caller=by, subjects=[], selectors=[phone.model_dump()])


def _plain(said: object) -> str:
    """What was said, without what differs between any two reports: ids, references, moments, the number itself."""
    text = repr([one.model_dump() for one in said] if isinstance(said, tuple) else said)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|AW-\d{4}-\w+|\d{4}-\d\d-\d\dT[\d:.]+Z?|datetime\([^)]*\)", "-", text)
    return re.sub(r"5\d{6}\b|0x[0-9a-f]+", "-", text)


def _leaves(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows("SELECT * FROM rtr.audit_leaf WHERE country = 'AW' AND action LIKE 'hits.%' ORDER BY id")
