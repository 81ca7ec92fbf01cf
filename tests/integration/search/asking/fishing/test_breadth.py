"""Who sweeps rings for the privacy officer and is told nothing; a week's searches are drawn by lot, and ticked once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from register.core import Register
from register.domain.access.alarm import MISSES_FROM, NEIGHBOURS_MAX, SAMPLE, AlreadySaid
from register.domain.access.caller import Caller, Task, TaskMissing
from register.errors import NotFound
from register.services.access.oversee_asking import acknowledge_alarm, list_alarms, list_sample, tick_search
from register.services.running.keep_house import call_privacy_officer, keep_house
from register.services.running.list_to_do import list_to_do
from register.services.search.budgets import SearchBudgetSpent
from register.settings import SearchSettings
from schemas.access.privacy import AcknowledgeIn, AlarmOut, SearchedOut, TickIn
from schemas.codes import AlarmKind, Partition, SampleVerdict, ToDoKind
from schemas.signals.parts import SelectorIn
from tests.integration.search.asking.scene import Scene, a_phone, about

pytestmark = pytest.mark.any_engine

CW = Partition.CW
WEEK_S = timedelta(days=7).total_seconds()


class Asking:
    """Somebody of Aruba who asks, and the privacy officer who looks."""

    def __init__(self, scene: Scene, name: str, **budgets: int) -> None:
        self.scene, self.name = scene, name
        given = {"person_day": 1_000, "case_day": 1_000, "organisation_day": 100_000, "own_day": 10_000, **budgets}
        self.register: Register = replace(
            scene.aruba, settings=replace(scene.aruba.settings, search=SearchSettings(**given))
        )

    def ask(self, *phones: SelectorIn, case: str | None = None, **changes: Any) -> Any:
        by = replace(self.scene.coordinator, actor=self.name)
        return self.scene.ask(*phones, by=by, register=self.register, case=case or f"case 1 of {self.name}", **changes)

    @property
    def officer(self) -> Caller:
        return self.scene.world.caller("AW-CMMA", Task.PRIVACY, actor="privacy")

    def alarms(self, *kinds: AlarmKind, **narrowed: Any) -> list[AlarmOut]:
        asked = {"acknowledged": None, "cursor": None, "limit": 200} | narrowed
        rung = list_alarms(self.register, self.officer, **asked).items
        return [a for a in rung if a.actor == self.name and a.kind in (kinds or set(AlarmKind))]

    def sample(self, ticked: bool | None = None) -> list[SearchedOut]:  # noqa: FBT001 - one word
        return list(list_sample(self.register, self.officer, ticked=ticked, cursor=None, limit=200).items)

    def waiting(self, kind: ToDoKind) -> set[UUID]:
        return {
            w.object for w in list_to_do(self.register, self.officer, cursor=None, limit=200).items if w.kind is kind
        }


def numbers(start: int, count: int, step: int = 1) -> list[SelectorIn]:
    return [SelectorIn(type="PHONE", value=f"+297{start + n * step:07}") for n in range(count)]


def test_values_one_after_the_other_ring_for_the_person_and_for_the_case(scene: Scene) -> None:
    asking = Asking(scene, "sweeper")
    for phone in numbers(5_600_100, NEIGHBOURS_MAX - 1):
        asking.ask(phone)
    assert asking.alarms(AlarmKind.NEIGHBOURS) == []
    asking.ask(numbers(5_600_100 + NEIGHBOURS_MAX, 1)[0])
    rung = {a.whose: a for a in asking.alarms(AlarmKind.NEIGHBOURS)}
    assert set(rung) == {"person", "case"}
    assert (rung["person"].about, rung["case"].about) == ("sweeper", "CASE 1 OF SWEEPER")
    assert {a.id for a in rung.values()} <= asking.waiting(ToDoKind.ALARM)


def test_a_question_of_neighbours_is_a_sweep_by_itself(scene: Scene) -> None:
    asking = Asking(scene, "at-once")
    asking.ask(*numbers(5_600_200, NEIGHBOURS_MAX))
    assert {a.whose for a in asking.alarms(AlarmKind.NEIGHBOURS)} == {"person", "case"}


def test_what_was_asked_a_week_ago_to_the_day_is_no_neighbour_any_more(scene: Scene) -> None:
    asking = Asking(scene, "weekly")
    for phone in numbers(5_600_800, NEIGHBOURS_MAX - 1):
        asking.ask(phone)
    scene.clock.move(WEEK_S)
    asking.ask(*numbers(5_600_820, 1))
    assert asking.alarms(AlarmKind.NEIGHBOURS) == []


def test_neither_the_same_value_again_nor_values_far_apart_ring(scene: Scene) -> None:
    asking = Asking(scene, "careful")
    for phone in [*numbers(5_600_300, 1) * (NEIGHBOURS_MAX + 2), *numbers(5_700_000, NEIGHBOURS_MAX + 2, step=1_000)]:
        asking.ask(phone)
    assert asking.alarms(AlarmKind.NEIGHBOURS) == []


def test_persons_who_share_a_sweep_ring_by_their_case(scene: Scene) -> None:
    asking = Asking(scene, "crew-0")
    for n, phone in enumerate(numbers(5_600_500, NEIGHBOURS_MAX)):
        asking.name = f"crew-{n}"
        asking.ask(phone, case="case 1 of many")
    assert [a.whose for a in asking.alarms(AlarmKind.NEIGHBOURS)] == ["case"]


def test_sweep_of_more_than_a_week_is_not_forgotten_within_it_and_is_after_it(scene: Scene) -> None:
    asking = Asking(scene, "patient")
    first, second = numbers(5_600_700, NEIGHBOURS_MAX - 1), numbers(5_600_720, 1)
    for phone in first:
        asking.ask(phone)
    scene.clock.move(WEEK_S + 86_400)
    asking.ask(second[0])
    assert asking.alarms(AlarmKind.NEIGHBOURS) == []
    keep_house(asking.register)
    left = scene.rows("SELECT min(day) AS first FROM rtr.search_neighbour WHERE country = 'AW'")
    assert left[0]["first"] > asking.register.today() - timedelta(days=7)


def test_what_is_kept_of_values_opens_none_and_joins_no_two_persons(scene: Scene) -> None:
    phone = a_phone()
    for name in ("one", "another"):
        Asking(scene, name).ask(phone, case=f"case 1 {name}")
    rows = scene.rows("SELECT bucket, value FROM rtr.search_neighbour WHERE country = 'AW'")
    held = [bytes(row[name]) for row in rows for name in row]
    digits = phone.value.lstrip("+").encode()
    assert all(len(one) == 32 and digits not in one for one in held)
    assert len({bytes(row["value"]) for row in rows}) == len(rows)
    assert "Z-2026" not in repr(scene.rows("SELECT * FROM rtr.alarm")) + repr(scene.rows("SELECT * FROM rtr.searched"))


def test_many_questions_of_which_almost_none_finds_anything_ring(scene: Scene) -> None:
    asking = Asking(scene, "misser")
    for n in range(MISSES_FROM):
        assert asking.alarms(AlarmKind.MANY_MISSES) == []
        asking.ask(numbers(5_000_000 + 1_000 * n, 1)[0])
    assert {a.whose for a in asking.alarms(AlarmKind.MANY_MISSES)} == {"person", "case"}


def test_value_that_is_known_hides_none_of_those_that_are_guessed_beside_it(scene: Scene) -> None:
    asking, known = Asking(scene, "hider"), a_phone()
    scene.hold(CW, about(known))
    scene.settle()
    for n in range(MISSES_FROM // 8 + 1):
        assert asking.alarms(AlarmKind.MANY_MISSES) == []
        asking.ask(known, *numbers(6_000_000 + 10_000 * n, 7, step=1_000))
    assert {a.whose for a in asking.alarms(AlarmKind.MANY_MISSES)} == {"person", "case"}


def test_who_finds_what_he_looks_for_does_not_ring(scene: Scene) -> None:
    asking, phone = Asking(scene, "finder"), a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    for _ in range(MISSES_FROM + 2):
        asking.ask(phone)
    assert asking.alarms() == []


def test_budget_rings_at_four_fifths_and_when_it_refuses(scene: Scene) -> None:
    asking = Asking(scene, "spender", person_day=5)
    for n in range(5):
        asking.ask(numbers(5_100_000 + 1_000 * n, 1)[0])
        assert len(asking.alarms(AlarmKind.BUDGET_NEARLY)) == (n >= 3)
    for _ in range(3):
        with pytest.raises(SearchBudgetSpent) as refusal:
            asking.ask(a_phone())
    (spent,) = asking.alarms(AlarmKind.BUDGET_SPENT)
    assert (spent.whose, spent.about, spent.times) == ("person", "spender", 3)
    assert "alarm" not in f"{refusal.value} {refusal.value.details}".lower()


def test_budget_of_the_own_register_rings_too_when_it_refuses(scene: Scene) -> None:
    asking = Asking(scene, "hoarder", own_day=2)
    for _ in range(2):
        asking.ask(a_phone())
    with pytest.raises(SearchBudgetSpent):
        asking.ask(a_phone())
    assert [(a.whose, a.about, a.times) for a in asking.alarms(AlarmKind.BUDGET_SPENT)] == [("own", "hoarder", 1)]


@pytest.mark.parametrize(("days", "rings"), [(6, True), (7, False)])
def test_misses_of_a_week_are_counted_together_and_none_of_an_earlier_day(
    scene: Scene, days: int, *, rings: bool
) -> None:
    asking = Asking(scene, f"missed-{days}")
    for n in range(MISSES_FROM // 6):
        asking.ask(*numbers(7_000_000 + 100_000 * days + 6_000 * n, 6 if n else 5, step=1_000))
    assert asking.alarms(AlarmKind.MANY_MISSES) == [], "one value less than rings"
    scene.clock.move(timedelta(days=days).total_seconds())
    asking.ask(numbers(7_080_000 + 100_000 * days, 1)[0])
    assert {a.whose for a in asking.alarms(AlarmKind.MANY_MISSES)} == ({"person", "case"} if rings else set())


def test_what_could_not_be_computed_is_no_miss(scene: Scene) -> None:
    asking = Asking(scene, "unlucky")
    asking.register = replace(asking.register, evaluators=None)
    for n in range(MISSES_FROM + 2):
        asking.ask(numbers(5_300_000 + 1_000 * n, 1)[0])
    assert asking.alarms(AlarmKind.MANY_MISSES) == []


def test_alarm_is_acknowledged_once_and_rings_anew_a_day_later(scene: Scene) -> None:
    asking = Asking(scene, "again", person_day=1)
    asking.ask(a_phone())
    with pytest.raises(SearchBudgetSpent):
        asking.ask(a_phone())
    (first,) = asking.alarms(AlarmKind.BUDGET_SPENT)
    said = AcknowledgeIn(reason="Asked him: a list from a seized phone, case file seen.")
    done = acknowledge_alarm(asking.register, asking.officer, first.id, said)
    assert (done.reason, done.acknowledged_at) == (said.reason, scene.clock.now())
    assert first.id not in asking.waiting(ToDoKind.ALARM)
    with pytest.raises(AlreadySaid):
        acknowledge_alarm(asking.register, asking.officer, first.id, AcknowledgeIn(reason="Otherwise."))
    assert "seized" not in repr(scene.rows("SELECT reason FROM rtr.alarm"))
    for still_quiet in (True, False):
        with pytest.raises(SearchBudgetSpent):
            asking.ask(a_phone())
        assert (asking.alarms(AlarmKind.BUDGET_SPENT, acknowledged=False) == []) is still_quiet
        scene.clock.move(86_401)
        asking.ask(a_phone())
    (leaf,) = scene.rows(
        "SELECT commitment FROM rtr.audit_leaf WHERE action = 'alarm.acknowledged' AND commitment->>'about' = %s",
        str(first.id),
    )
    assert "seized" not in repr(leaf["commitment"])


def test_an_alarm_is_quiet_for_a_day_from_when_it_was_acknowledged_however_long_it_waited(scene: Scene) -> None:
    asking = Asking(scene, "slow", person_day=1)
    asking.ask(a_phone())
    with pytest.raises(SearchBudgetSpent):
        asking.ask(a_phone())
    (first,) = asking.alarms(AlarmKind.BUDGET_SPENT)
    scene.clock.move(2 * 86_400)
    acknowledge_alarm(asking.register, asking.officer, first.id, AcknowledgeIn(reason="Seen, and asked."))
    asking.ask(a_phone())
    with pytest.raises(SearchBudgetSpent):
        asking.ask(a_phone())
    assert asking.alarms(AlarmKind.BUDGET_SPENT, acknowledged=False) == []


def test_week_is_drawn_when_it_is_over_and_the_rest_is_forgotten(scene: Scene) -> None:
    asking = Asking(scene, "drawn")
    call_privacy_officer(asking.register)
    scene.clock.move(WEEK_S)
    call_privacy_officer(asking.register)
    made = {asking.ask(phone, case="case 1 seen by the lot").id for phone in numbers(5_200_000, SAMPLE + 5, step=777)}
    assert call_privacy_officer(asking.register) == 0, "the week is not over"
    assert not made & {str(s.id) for s in asking.sample()}
    scene.clock.move(WEEK_S)
    assert call_privacy_officer(asking.register) == SAMPLE
    assert call_privacy_officer(asking.register) == 0
    drawn = [s for s in asking.sample() if str(s.id) in made]
    assert len(drawn) == SAMPLE
    assert {(s.actor, s.organisation, s.case, s.own, s.hits) for s in drawn} == {
        ("drawn", "AW-CMMA", "CASE 1 SEEN BY THE LOT", 0, 0)
    }
    left = {str(row["id"]) for row in scene.rows("SELECT id FROM rtr.searched WHERE country = 'AW'")}
    assert len(made & left) == SAMPLE
    lines = asking.waiting(ToDoKind.SAMPLE)
    assert len(lines & {s.id for s in drawn}) == 1
    for one in drawn:
        assert lines & asking.waiting(ToDoKind.SAMPLE) & {s.id for s in drawn}
        tick_search(asking.register, asking.officer, one.id, TickIn(verdict=SampleVerdict.IN_ORDER))
    assert not asking.waiting(ToDoKind.SAMPLE) & {s.id for s in drawn}
    with pytest.raises(AlreadySaid):
        tick_search(asking.register, asking.officer, drawn[0].id, TickIn(verdict="TO_BE_ASKED", note="Why?"))


def test_only_the_privacy_officer_looks_and_what_was_not_drawn_is_not_there(scene: Scene) -> None:
    asking = Asking(scene, "hidden")
    made = UUID(asking.ask(a_phone()).id)
    with pytest.raises(NotFound):
        tick_search(asking.register, asking.officer, made, TickIn(verdict=SampleVerdict.IN_ORDER))
    for task in set(Task) - {Task.PRIVACY}:
        other = scene.world.caller("AW-CMMA", task, actor="other")
        with pytest.raises(TaskMissing):
            list_alarms(asking.register, other, acknowledged=None, cursor=None, limit=10)
        with pytest.raises(TaskMissing):
            list_sample(asking.register, other, ticked=None, cursor=None, limit=10)
        with pytest.raises(TaskMissing):
            acknowledge_alarm(asking.register, other, made, AcknowledgeIn(reason="x"))
        with pytest.raises(TaskMissing):
            tick_search(asking.register, other, made, TickIn(verdict=SampleVerdict.IN_ORDER))
