"""Registering is no cheaper way of asking: values that stand by themselves ring, and a look at hits pays for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.services.access.oversee_asking import list_alarms
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.list_hits import list_hits
from register.services.search.mark_hit import mark_hit
from register.services.signals.change_signal import amend_signal
from register.services.signals.record_signal import record_signal
from register.settings import SearchSettings
from schemas.codes import AlarmKind, HitState, Partition
from schemas.search.question import HitMarkIn, HitRow, HitsPage
from schemas.signals.changes import AmendIn, SignalChanges
from schemas.signals.out import SignalOut
from tests.integration.search.asking.scene import Scene, a_phone, about, ground_of
from tests.support.forms import a_form

pytestmark = pytest.mark.any_engine

CW = Partition.CW
MANY = 61
ROOMY = SearchSettings(person_day=1_000, case_day=1_000)


class Baiting:
    """Somebody who may report and search, in an Aruba with budgets of its own."""

    def __init__(self, scene: Scene, name: str, *, budgets: SearchSettings = ROOMY) -> None:
        self.scene = scene
        settings = replace(scene.aruba.settings, search=budgets)
        self.register: Register = replace(scene.aruba, settings=settings)
        self.by = scene.world.caller("AW-DIMAS", Task.SUBMIT, Task.SEARCH_SHARED, Task.READ_OWN, actor=name)

    def report(self, count: int, **parts: Any) -> SignalOut:
        given = {"subjects": [], "selectors": [a_phone().model_dump() for _ in range(count)], **parts}
        return record_signal(self.register, self.by, a_form(**given), str(self.scene.clock.new_id()))

    def look(self, at: SignalOut | None = None, by: Caller | None = None) -> list[HitRow]:
        return list(self.page(at, by).items)

    def page(self, at: SignalOut | None = None, by: Caller | None = None) -> HitsPage:
        ground = ground_of(self.by)._replace(case=f"Z-2026-{self.by.actor}")
        of = None if at is None else SignalId(at.id)
        return list_hits(self.register, by or self.by, ground, signal=of, cursor=None, limit=50)

    def spent(self, by: Caller | None = None) -> int:
        rows = self.scene.rows(
            "SELECT spent FROM rtr.search_spent WHERE country = 'AW' AND budget = 'person' AND name = %s",
            (by or self.by).actor,
        )
        return sum(row["spent"] for row in rows)

    def rung(self, kind: AlarmKind) -> int:
        officer = self.scene.world.caller("AW-CMMA", Task.PRIVACY, actor="privacy")
        found = list_alarms(self.register, officer, acknowledged=None, cursor=None, limit=200).items
        return sum(one.kind is kind and one.actor == self.by.actor for one in found)


def test_look_at_hits_costs_the_loose_values_that_he_brought_in_hit_or_not_and_costs_them_once(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-1")
    baiting.report(MANY)
    baiting.report(2)
    assert baiting.spent() == 0, "what is registered is no question"
    baiting.look()
    assert baiting.spent() == MANY + 2
    baiting.look()
    assert baiting.spent() == MANY + 3, "a look that answers for nothing new is one"


def test_reports_full_of_numbers_are_paid_look_by_look_and_show_only_what_is_paid(scene: Scene) -> None:
    """With the budgets as they are set: a look is 60 at most, a case has 120 a day and a person 200."""
    baiting = Baiting(scene, "baiter-2", budgets=SearchSettings())
    phones = [a_phone() for _ in range(2)]
    for phone in phones:
        scene.hold(CW, about(phone))
    rest = [a_phone().model_dump() for _ in range(63)]
    for phone in phones:
        baiting.report(0, selectors=[phone.model_dump(), *rest])
    scene.share()
    scene.settle()
    seen = [baiting.page() for _ in range(2)]
    assert [(len(one.items), one.unanswered) for one in seen] == [(0, 68), (1, 8)]
    assert baiting.spent() == 120
    with pytest.raises(SearchBudgetSpent, match="about 8 values") as refused:
        baiting.page()
    assert "those on one report" in refused.value.advice
    assert baiting.spent() == 120, "what is refused is not paid"
    scene.clock.move(86_400)
    last = baiting.page()
    assert (len(last.items), last.unanswered, baiting.spent()) == (2, 0, 128)


def test_fresh_day_never_refuses_a_look_at_one_report_or_at_all(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-11", budgets=SearchSettings())
    unnamed = [
        {"n": n, "role": "GUARANTOR", "kind": "person", "selectors": [a_phone().model_dump() for _ in range(16)]}
        for n in range(1, 21)
    ]
    report = baiting.report(0, subjects=unnamed)
    left = []
    for at in (None, report, None, report, None, report):
        left.append(baiting.page(at).unanswered)
        scene.clock.move(86_400)
    assert left == [260, 200, 140, 80, 20, 0]
    assert baiting.spent() == 320


def test_whoever_looks_at_a_report_by_itself_pays_for_it_whoever_brought_it_in(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-3")
    report = baiting.report(MANY)
    other = scene.world.caller("AW-CMMA", Task.SEARCH_SHARED, actor="baiter-3-friend")
    baiting.look(by=other)
    assert baiting.spent(other) == 1
    baiting.look(report, by=other)
    assert baiting.spent(other) == 1 + MANY


def test_who_is_not_shown_the_hits_on_own_reports_pays_for_none_and_the_colleague_who_is_shown_them_does(
    scene: Scene,
) -> None:
    baiting = Baiting(scene, "keeper-1")
    baiting.by = keeper = scene.world.caller("AW-CMMA", Task.REGISTER, Task.SUBMIT, actor="keeper-1")
    colleague = scene.world.caller("AW-CMMA", Task.REGISTER, actor="keeper-2")
    report, phone = baiting.report(MANY), a_phone()
    scene.hold(CW, about(phone))
    corrected = Baiting(scene, "baiter-10").report(2, selectors=[phone.model_dump(), a_phone().model_dump()])
    change = AmendIn(reason="The date was wrong.", changes=SignalChanges(account="Corrected."))
    amend_signal(baiting.register, keeper, SignalId(corrected.id), change, version=corrected.version)
    scene.share()
    scene.settle()
    own = {report.id, corrected.id}
    assert not own & {one.signal for one in baiting.look()}
    assert [baiting.look(at) for at in (report, corrected)] == [[], []]
    assert baiting.spent(keeper) == 3, "a look is one value, and what is not shown is not paid"
    assert baiting.look(report, by=colleague) == []
    assert baiting.spent(colleague) == MANY
    assert len(baiting.look(corrected, by=colleague)) == 1
    assert baiting.spent(colleague) == MANY + 2
    baiting.look()
    assert baiting.spent(keeper) == 4


def test_what_a_correction_adds_is_paid_like_what_a_report_brings(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-4")
    report = baiting.report(1)
    baiting.look()
    kept = [one.model_dump() for one in report.form.selectors]
    added = [a_phone().model_dump() for _ in range(9)]
    change = AmendIn(reason="The list of the phone.", changes=SignalChanges(selectors=[*kept, *added]))
    amend_signal(baiting.register, baiting.by, SignalId(report.id), change, version=report.version)
    before = baiting.spent()
    baiting.look()
    assert baiting.spent() - before == 9


def test_what_a_correction_says_of_a_value_that_was_paid_makes_no_other_value_of_it(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-12")
    report = baiting.report(9)
    baiting.look()
    marked = [one.model_dump() | {"of_nobody": True} for one in report.form.selectors]
    change = AmendIn(reason="They are nobody's.", changes=SignalChanges(selectors=marked))
    amend_signal(baiting.register, baiting.by, SignalId(report.id), change, version=report.version)
    before = baiting.spent()
    baiting.look()
    assert baiting.spent() - before == 1


def test_cost_of_a_look_tells_nothing_of_what_it_finds(scene: Scene) -> None:
    costs = []
    for name in ("hit", "miss"):
        baiting, phone = Baiting(scene, f"baiter-5-{name}"), a_phone()
        if name == "hit":
            scene.hold(CW, about(phone))
        baiting.report(0, selectors=[phone.model_dump(), a_phone().model_dump()])
        scene.share()
        scene.settle()
        baiting.look()
        costs.append(baiting.spent())
    assert costs == [2, 2]


def test_many_loose_values_of_one_person_and_day_ring_and_every_report_is_kept_whole(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-6", budgets=SearchSettings(loose_day=100))
    reports = [baiting.report(MANY)]
    assert baiting.rung(AlarmKind.LOOSE_VALUES) == 0
    reports += [baiting.report(MANY) for _ in range(2)]
    assert baiting.rung(AlarmKind.LOOSE_VALUES) == 1
    assert [len(one.form.selectors) for one in reports] == [MANY] * 3
    assert "alarm" not in repr(reports).lower()


def test_values_of_persons_with_a_name_are_no_loose_ones(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-7", budgets=SearchSettings(loose_day=3))
    person = {"n": 1, "role": "GUARANTOR", "kind": "person", "name": "Ricardo Croes"}
    for _ in range(4):
        phones = [a_phone().model_dump() for _ in range(2)]
        baiting.report(0, subjects=[person | {"selectors": phones}])
    assert baiting.rung(AlarmKind.LOOSE_VALUES) == 0
    baiting.look()
    assert baiting.spent() == 1


@pytest.mark.parametrize("kind", ["unnamed", "crowded"])
def test_person_without_a_name_or_with_more_than_a_person_has_hides_no_values(scene: Scene, kind: str) -> None:
    baiting = Baiting(scene, f"baiter-8-{kind}", budgets=SearchSettings(loose_day=6))
    name = {"unnamed": {}, "crowded": {"name": "Ricardo Croes"}}[kind]
    phones = [a_phone().model_dump() for _ in range(16)]
    person = {"n": 1, "role": "GUARANTOR", "kind": "person", **name, "selectors": phones}
    baiting.report(0, subjects=[person])
    assert baiting.rung(AlarmKind.LOOSE_VALUES) == 1
    baiting.look()
    assert baiting.spent() == {"unnamed": 16, "crowded": 8}[kind]


def test_nothing_is_said_of_a_hit_on_a_value_that_nobody_has_paid_for_yet(scene: Scene) -> None:
    baiting, phone = Baiting(scene, "baiter-13"), a_phone()
    scene.hold(CW, about(phone))
    report = baiting.report(0, selectors=[phone.model_dump()])
    scene.share()
    scene.settle()
    (hit,) = [row for row in scene.hits(scene.unit) if row.signal == report.id]
    ground, seen = ground_of(baiting.by), HitMarkIn(state=HitState.SEEN)
    with pytest.raises(NotFound):
        mark_hit(baiting.register, baiting.by, ground, hit.id, seen, version=hit.version)
    assert hit.id in {row.id for row in baiting.look()}
    assert mark_hit(baiting.register, baiting.by, ground, hit.id, seen, version=hit.version).state is HitState.SEEN


def test_counts_of_loose_values_hold_no_value(scene: Scene) -> None:
    baiting = Baiting(scene, "baiter-9")
    baiting.report(3)
    held = repr(scene.rows("SELECT * FROM rtr.loose_value WHERE country = 'AW'"))
    assert "baiter-9" in held
    assert "+599" not in held
