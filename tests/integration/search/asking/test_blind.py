"""Blind records and victims' keys change no answer: its bytes are those of a miss (search.md 1)."""

from __future__ import annotations

from typing import Any

import pytest

from register.store.search.search_keys import DF_MAX
from schemas.search.question import Answer, AskedSubject
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import AW, CW, Scene, a_phone, about

pytestmark = pytest.mark.any_engine

VICTIM = {"n": 1, "role": "VICTIM_PRESUMED", "kind": "person", "name": "Nadie Ficticia"}
DRIVER = {"n": 2, "role": "TRANSPORTER", "kind": "person"}


def test_an_ordinary_signal_of_curacao_is_found_through_what_it_really_shared(scene: Scene) -> None:
    phone = a_phone()
    signal = _curacao_shares(scene, selectors=[phone.model_dump()])
    (hit,) = scene.answer(CW, phone).hits
    assert hit.reference == signal


@pytest.mark.parametrize("which", ["blind", "victim", "minor"])
def test_what_is_kept_home_leaves_the_answer_of_its_country_a_miss(scene: Scene, which: str) -> None:
    phone = a_phone()
    miss = scene.answer(CW, phone).model_dump_json()
    _curacao_shares(scene, **_kept_home(which, phone))
    assert scene.answer(CW, phone).model_dump_json() == miss
    assert scene.rows("SELECT FROM rtr.token WHERE country = 'CW'"), "its own register has the pseudonyms all the same"


def test_a_victims_key_in_a_shared_record_is_a_miss_while_the_drivers_is_a_hit(scene: Scene) -> None:
    hers, his = a_phone(), a_phone()
    miss = scene.answer(CW, hers).model_dump_json()
    _curacao_shares(
        scene,
        subjects=[VICTIM | {"selectors": [hers.model_dump()]}, DRIVER | {"selectors": [his.model_dump()]}],
        selectors=[],
    )
    assert scene.answer(CW, his).answer is Answer.HIT
    assert scene.answer(CW, hers).model_dump_json() == miss
    asked_for_both = scene.answer(CW, his, hers)
    assert asked_for_both.hits == scene.answer(CW, his).hits


def test_a_blind_extract_that_came_all_the_same_is_a_miss(scene: Scene) -> None:
    phone = a_phone()
    miss = scene.answer(CW, phone).model_dump_json()
    scene.hold(CW, about(phone), visibility="V3")
    scene.settle()
    assert scene.answer(CW, phone).model_dump_json() == miss
    assert scene.answer(CW, phone, register=scene.degraded()).model_dump_json() == miss


@pytest.mark.parametrize("which", ["blind", "victim"])
def test_what_the_own_country_keeps_home_does_not_make_a_partners_value_too_common(scene: Scene, which: str) -> None:
    phone = a_phone()
    scene.hold_many(CW, about(phone), DF_MAX)
    scene.settle()
    hits = scene.answer(CW, phone).model_dump_json()
    scene.record(**_kept_home(which, phone))
    scene.settle()
    assert scene.answer(CW, phone).model_dump_json() == hits


def test_an_own_drivers_number_counts_though_a_victim_stands_in_the_same_report(scene: Scene) -> None:
    """A key that is withheld of one person of a report hid those of all its persons from the count."""
    hers, his = a_phone(), a_phone()
    scene.hold_many(CW, about(his), DF_MAX)
    made = scene.record(
        subjects=[VICTIM | {"selectors": [hers.model_dump()]}, DRIVER | {"selectors": [his.model_dump()]}],
        selectors=[],
    )
    scene.settle()
    query = "SELECT k.key FROM rtr.search_key k JOIN rtr.signal s ON s.extract_id = k.record WHERE s.reference = %s"
    keys = [row["key"] for row in scene.rows(query, made.reference)]
    with scene.aruba.work(scene.world.worker(AW)) as work:
        counted = work.search.keys.carriers(keys)
    assert [found for found in counted.values() if found] == [{AW: 1, CW: DF_MAX}], "of the victim no key counts"


def test_an_own_blind_signal_shows_to_the_register_unit_only(scene: Scene) -> None:
    phone = a_phone()
    miss = scene.ask(phone).own.model_dump_json()
    signal = scene.record(**_kept_home("blind", phone))
    scene.settle()
    assert scene.ask(phone).own.model_dump_json() == miss
    assert [s.reference for s in scene.ask(phone, by=scene.unit).own.signals] == [signal.reference]


def test_a_hit_on_an_own_blind_signal_shows_to_the_register_unit_only(scene: Scene) -> None:
    phone = a_phone()
    signal = scene.record(**_kept_home("blind", phone))
    scene.hold(CW, about(phone))
    scene.settle()
    theirs = scene.hits(scene.coordinator)
    ours = scene.hits()
    assert signal.id not in {h.signal for h in theirs}
    assert signal.id in {h.signal for h in ours}


def test_an_own_victim_is_found_at_her_owner_by_her_number_and_by_her_name(scene: Scene) -> None:
    phone, whole = a_phone(), {"name": "Nadie Inventada", "birth": {"year": 1991, "month": 4, "day": 3}}
    signal = scene.record(subjects=[VICTIM | whole | {"selectors": [phone.model_dump()]}], selectors=[])
    assert [s.reference for s in scene.ask(phone).own.signals] == [signal.reference]
    by_name = scene.ask(subject=AskedSubject.model_validate(whole))
    assert [s.reference for s in by_name.own.signals] == [signal.reference]


def test_an_own_victim_is_a_hit_for_her_owner_when_a_partner_names_her_number(scene: Scene) -> None:
    phone = a_phone()
    signal = scene.record(**_kept_home("victim", phone))
    scene.hold(CW, about(phone))
    scene.settle()
    assert signal.id in {h.signal for h in scene.hits()}


def test_nothing_of_what_is_kept_home_is_in_the_engine(scene: Scene) -> None:
    assert scene.aruba.index is not None
    before = scene.aruba.index.count_tokens(AW)
    scene.record(**_kept_home("blind", a_phone()))
    scene.record(**_kept_home("victim", a_phone()))
    scene.settle()
    assert scene.aruba.index.count_tokens(AW) == before
    scene.record(selectors=[a_phone().model_dump()], subjects=[])
    scene.settle()
    assert scene.aruba.index.count_tokens(AW) == before + 1


def _kept_home(which: str, phone: SelectorIn) -> dict[str, Any]:
    """A signal of which nothing may leave that carries this number."""
    if which == "blind":
        return {"visibility": "V3", "selectors": [phone.model_dump()], "subjects": []}
    victim = VICTIM | {"selectors": [phone.model_dump()]}
    if which == "minor":
        victim |= {"role": "COMPANION", "minor": True}
    return {"subjects": [victim], "selectors": []}


def _curacao_shares(scene: Scene, **parts: Any) -> str:
    whole = {"place": {"island": "CW", "location_type": "STREET"}, "subjects": []} | parts
    signal = scene.record(scene.curacao, "CW-KPC", **whole)
    scene.mirrors[CW].take(scene.curacao)
    scene.mirrors[CW].fresh()
    scene.settle()
    return signal.reference
