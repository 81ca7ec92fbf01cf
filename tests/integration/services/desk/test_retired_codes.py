"""A code that is retired: records of the desk that have it stay readable, and no new one takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.codes_in_force import CodeRetired
from register.domain.desk.intake import IntakeId
from register.domain.desk.training import TrainingId
from register.domain.desk.victim import VictimId
from register.services.desk.keep_intakes import amend_intake, read_intake, record_intake
from register.services.desk.keep_trainings import amend_training, read_training, record_training
from register.services.desk.keep_victims import assign_status, put_on_ladder, read_victim
from schemas.codes import CodeList, Partition, code_list
from schemas.desk.intake import AmendIntakeIn
from schemas.desk.training import AmendTrainingIn
from tests.integration.services.desk.test_records import a_person, a_status, a_training, an_intake
from tests.support.world import World

AW = Partition.AW
RETIRED = {
    "age_band": ("30-39", "25-29"),
    "training_group": ("SCHOOL", "HEALTH"),
    "exploitation_form": ("SEX", "OTHER"),
}


def lists(name: str) -> CodeList:
    """The lists of this release, in three of which a code was retired long ago."""
    found = code_list(name)
    if name not in RETIRED:
        return found
    old, new = RETIRED[name]
    assert new in found
    retired = replace(found[old], valid_until=date(2020, 12, 31), followed_by=new)
    return replace(found, _codes={code.code: retired if code.code == old else code for code in found})


@pytest.fixture
def jiumm(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.ENRICH, actor="jiumm")


@pytest.fixture
def cmma(two: World) -> Caller:
    return two.caller("AW-CMMA", Task.REGISTER, actor="cmma")


@pytest.fixture
def later(two: World) -> Register:
    return replace(two[AW], code_lists=lists)


def refused(act: Callable[[], object]) -> CodeRetired:
    with pytest.raises(CodeRetired) as found:
        act()
    return found.value


def key(two: World) -> str:
    return str(two[AW].clock.new_id())


def test_an_interview(two: World, later: Register, jiumm: Caller) -> None:
    made = record_intake(two[AW], jiumm, an_intake(), key(two))
    assert read_intake(later, jiumm, IntakeId(made.id)).form.age_band == "30-39"
    said = refused(lambda: record_intake(later, jiumm, an_intake(), key(two)))
    assert (said.details["pointer"], said.details["followed_by"]) == ("/age_band", "25-29")
    assert "enter 25-29" in str(said)

    change = AmendIntakeIn.model_validate({"changes": {"sex": "MALE"}, "reason": "Heard wrong."})
    assert amend_intake(later, jiumm, IntakeId(made.id), change, version=1).form.age_band == "30-39"
    other = record_intake(later, jiumm, an_intake(age_band="18-24"), key(two))
    change = AmendIntakeIn.model_validate({"changes": {"age_band": "30-39"}, "reason": "Heard wrong."})
    refused(lambda: amend_intake(later, jiumm, IntakeId(other.id), change, version=1))


def test_a_person_on_the_ladder(two: World, later: Register, jiumm: Caller) -> None:
    intake = record_intake(two[AW], jiumm, an_intake(), key(two))
    made = put_on_ladder(two[AW], jiumm, a_person(intake.id), key(two))
    assert read_victim(later, jiumm, VictimId(made.id)).history[0].form == "SEX"
    said = refused(lambda: put_on_ladder(later, jiumm, a_person(intake.id), key(two)))
    assert said.details["pointer"] == "/age_band"
    said = refused(
        lambda: assign_status(later, jiumm, VictimId(made.id), a_status("PRESUMED", "2025-04-01"), version=1)
    )
    assert (said.details["pointer"], said.details["followed_by"]) == ("/form", "OTHER")


def test_a_training(two: World, later: Register, cmma: Caller) -> None:
    made = record_training(two[AW], cmma, a_training(), key(two))
    assert read_training(later, cmma, TrainingId(made.id)).form.group == "SCHOOL"
    assert "enter HEALTH" in str(refused(lambda: record_training(later, cmma, a_training(), key(two))))
    change = AmendTrainingIn.model_validate({"changes": {"people": 13}, "reason": "Miscounted."})
    assert amend_training(later, cmma, TrainingId(made.id), change, version=1).form.group == "SCHOOL"
