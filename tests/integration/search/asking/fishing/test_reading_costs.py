"""Reading a record of a partner is a question too, and a case that is invented for each question does not hide one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.access.case import CaseRefused
from register.errors import NotFound
from register.services.access.oversee_asking import list_alarms
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.read_record import read_record
from register.settings import SearchSettings
from schemas.codes import AlarmKind, LegalBasis, Partition, Purpose
from schemas.search.question import RecordOut
from tests.integration.search.asking.scene import Scene, a_phone, about, ground_of

pytestmark = pytest.mark.any_engine

CW = Partition.CW


class Reading:
    """A coordinator who reads records of partners by their ids."""

    def __init__(self, scene: Scene, name: str, **budgets: int) -> None:
        self.scene = scene
        settings = replace(scene.aruba.settings, search=SearchSettings(**budgets))
        self.register: Register = replace(scene.aruba, settings=settings)
        self.by: Caller = scene.world.caller("AW-CMMA", Task.SEARCH_SHARED, Task.READ_OWN, actor=name)

    def read(self, record: UUID, case: str = "Z-2026-04") -> RecordOut:
        return read_record(
            self.register, self.by, record, purpose=Purpose.COORDINATE, legal_basis=LegalBasis.AW_NONPOLICE, case=case
        )

    def seen(self, record: UUID) -> UUID:
        """A record that an answer of yesterday showed."""
        with self.register.work(self.by) as work:
            work.search.budgets.note_shown(self.by.actor, [record], self.register.today() - timedelta(days=1))
        return record

    def spent(self) -> int:
        rows = self.scene.rows(
            "SELECT spent FROM rtr.search_spent WHERE country = 'AW' AND budget = 'person' AND name = %s", self.by.actor
        )
        return sum(row["spent"] for row in rows)

    def rung(self, kind: AlarmKind) -> int:
        officer = self.scene.world.caller("AW-CMMA", Task.PRIVACY, actor="privacy")
        found = list_alarms(self.register, officer, acknowledged=None, cursor=None, limit=200).items
        return sum(one.kind is kind and one.actor == self.by.actor for one in found)


def test_records_are_read_one_by_one_until_the_day_is_spent_whatever_the_cases(scene: Scene) -> None:
    reading = Reading(scene, "reader-1", person_day=3, cases_day=3)
    records = [scene.hold(CW, about(a_phone()), visibility="V2") for _ in range(4)]
    for n, record in enumerate(records[:3]):
        reading.read(reading.seen(record), f"made up {n}-{n}")
    with pytest.raises(SearchBudgetSpent, match="about 1 value, "):
        reading.read(records[3], "made up 4-4")
    leaf = scene.leaves("search.refused")[-1]
    assert leaf["commitment"]["actor"] == "reader-1"
    assert reading.rung(AlarmKind.MANY_CASES) == 1
    assert reading.rung(AlarmKind.BUDGET_SPENT) == 1


def test_record_that_is_not_there_costs_what_one_that_is_there_costs(scene: Scene) -> None:
    reading = Reading(scene, "reader-2")
    for _ in range(2):
        with pytest.raises(NotFound):
            reading.read(scene.clock.new_id())
    reading.read(reading.seen(scene.hold(CW, about(a_phone()), visibility="V2")))
    assert reading.spent() == 3


def test_record_opens_for_whom_it_was_a_hit_and_for_nobody_else_who_knows_its_id(scene: Scene) -> None:
    reading, other, phone = Reading(scene, "reader-4"), Reading(scene, "reader-4-friend"), a_phone()
    record = scene.hold(CW, about(phone), visibility="V2")
    scene.settle()
    with pytest.raises(NotFound) as hidden:
        reading.read(record)
    with pytest.raises(NotFound) as nothing:
        reading.read(unknown := scene.clock.new_id())
    assert str(hidden.value).replace(str(record), "") == str(nothing.value).replace(str(unknown), "")
    assert reading.spent() == 2
    missed = (
        "SELECT count(*) AS n FROM rtr.audit_leaf WHERE action = 'record.not-shown' AND commitment ->> 'about' = %s"
    )
    assert [row["n"] for row in scene.rows(missed, str(record))] == [1]
    scene.ask(phone, by=reading.by, register=reading.register)
    assert reading.read(record).record == record
    with pytest.raises(NotFound):
        other.read(record)
    scene.clock.move(29 * 86_400)
    assert reading.read(record).record == record
    scene.mirrors[CW].fresh()


def test_record_that_was_shown_to_the_person_today_is_read_again_for_nothing(scene: Scene) -> None:
    reading, phone = Reading(scene, "reader-3"), a_phone()
    record = scene.hold(CW, about(phone), visibility="V2")
    scene.settle()
    scene.ask(phone, by=reading.by, register=reading.register)
    for _ in range(2):
        reading.read(record)
    assert reading.spent() == 1, "the question"
    scene.clock.move(86_400)
    reading.read(record)
    reading.read(record)
    assert reading.spent() == 2
    other = Reading(scene, "reader-3-friend")
    other.read(other.seen(record))
    assert other.spent() == 1


def test_many_different_cases_of_one_person_in_a_day_ring_and_one_case_typed_in_many_ways_does_not(
    scene: Scene,
) -> None:
    many, one = Reading(scene, "cases-1", cases_day=4), Reading(scene, "cases-2", cases_day=4)
    for case in ("AB 12", "ab-12", "ＡＢ１２", "A\u200bB12", "AB/12", "ab 12"):
        scene.ask(a_phone(), by=one.by, register=one.register, case=case)
    assert one.rung(AlarmKind.MANY_CASES) == 0
    for n in range(4):
        assert many.rung(AlarmKind.MANY_CASES) == 0
        scene.ask(a_phone(), by=many.by, register=many.register, case=f"Z-{n}-{n}-77")
    assert many.rung(AlarmKind.MANY_CASES) == 1


def test_a_record_that_costs_nothing_still_names_a_case_that_is_counted(scene: Scene) -> None:
    reading, phone = Reading(scene, "cases-3", cases_day=4), a_phone()
    record = scene.hold(CW, about(phone), visibility="V2")
    scene.settle()
    scene.ask(phone, by=reading.by, register=reading.register)
    for n in range(4):
        reading.read(record, f"Y-{n}-{n}-78")
    assert reading.spent() == 1
    assert reading.rung(AlarmKind.MANY_CASES) == 1


@pytest.mark.parametrize("case", ["x", "-", "none", "\u200b", "ABCD", "0000", "+297 593 1401", "Z-9999-99"])
def test_what_is_no_case_is_refused_at_every_door_before_anything_is_counted_or_looked_up(
    scene: Scene, case: str
) -> None:
    reading = Reading(scene, "caseless")
    known = len(scene.leaves())
    with pytest.raises(CaseRefused):
        reading.read(scene.clock.new_id(), case)
    with pytest.raises(CaseRefused):
        scene.hits(by=reading.by, ground=ground_of(reading.by)._replace(case=case))
    if case.strip("\u200b"):
        with pytest.raises(CaseRefused):
            scene.ask(a_phone(), by=reading.by, case=case)
    assert reading.spent() == 0
    assert len(scene.leaves()) == known


def test_case_is_shown_back_as_it_is_counted(scene: Scene) -> None:
    assert scene.ask(a_phone(), case="ｚ-2026\u200b-77").case == "Z-2026-77"


def test_organisation_says_how_its_cases_look(scene: Scene) -> None:
    by = replace(scene.coordinator, case_forms=("ZAAK-####",))
    with pytest.raises(CaseRefused, match="ZAAK-####"):
        scene.ask(a_phone(), by=by, case="Z-2026-04")
    assert scene.ask(a_phone(), by=by, case="zaak-0417").case == "ZAAK-0417"
