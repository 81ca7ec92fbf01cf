"""What the kit of versioned records promises for each kind that is declared on it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from register.domain.access.caller import Caller, Task
from register.domain.desk.victim import VictimId
from register.errors import NotFound
from register.services.desk.keep_intakes import INTAKES, amend_intake, record_intake, withdraw_intake
from register.services.desk.keep_trainings import TRAININGS
from register.services.desk.keep_victims import VICTIMS, assign_status, put_on_ladder
from schemas.codes import Partition
from schemas.desk.intake import AmendIntakeIn, IntakeIn
from schemas.desk.record import Amendment, Changes, TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn
from schemas.desk.victim import StatusIn, VictimIn
from tests.support.world import World

AW = Partition.AW
INTAKE = {"held_on": "2025-03-04", "sex": "FEMALE", "age_band": "30-39", "name": "Kitty Verzonnen"}
STEP = {"status": "POTENTIAL", "form": "SEX", "decided_on": "2025-03-05", "reason": "Weighed."}


@pytest.fixture
def unit(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH, actor="kit-unit")


def key(two: World) -> str:
    return str(two[AW].clock.new_id())


@pytest.mark.parametrize(("form", "amendment"), [(IntakeIn, AmendIntakeIn), (TrainingIn, AmendTrainingIn)])
def test_an_amendment_may_change_each_field_of_the_form_and_nothing_else(
    form: type[Any], amendment: type[Amendment]
) -> None:
    changes = amendment.model_fields["changes"].annotation
    assert isinstance(changes, type)
    assert issubclass(changes, Changes)
    assert list(changes.model_fields) == list(form.model_fields)
    with pytest.raises(ValidationError, match="at least one part"):
        changes()
    with pytest.raises(ValidationError, match="Extra inputs"):
        changes.model_validate({"country": "CW"})


def test_a_field_that_hides_what_was_typed_hides_it_in_an_amendment_too() -> None:
    change = AmendIntakeIn.model_validate({"changes": {"name": "Kitty Verzonnen"}, "reason": "Passport seen."})
    assert "Verzonnen" not in repr(change.changes)


def test_history_says_who_changed_which_fields_when_and_nothing_of_what_stood_there(two: World, unit: Caller) -> None:
    colleague = two.caller("AW-JIUMM", Task.ENRICH, actor="kit-colleague")
    made = record_intake(two[AW], unit, IntakeIn.model_validate(INTAKE), key(two))
    change = {"changes": {"name": "Kitty Anders", "sex": "MALE"}, "reason": "Passport of Kitty seen."}
    amend_intake(two[AW], colleague, made.id, AmendIntakeIn.model_validate(change), version=1)
    withdraw_intake(two[AW], unit, made.id, TakeBackIn(reason="Kitty was entered twice."), version=2)
    whole = INTAKES.read_whole(two[AW], unit, made.id)
    assert [(one.done, one.actor, one.version, one.fields) for one in whole.history] == [
        ("recorded", "kit-unit", 1, ()),
        ("amended", "kit-colleague", 2, ("name", "sex")),
        ("withdrawn", "kit-unit", 3, ()),
    ]
    assert [one.at for one in whole.history] == sorted(one.at for one in whole.history)
    assert "Kitty" not in str(whole.history)


def test_history_of_the_ladder_counts_each_status_as_a_version(two: World, unit: Caller) -> None:
    intake = record_intake(two[AW], unit, IntakeIn.model_validate(INTAKE), key(two))
    person = VictimIn.model_validate({"intake": intake.id, "sex": "FEMALE", "age_band": "30-39", "status": STEP})
    made = put_on_ladder(two[AW], unit, person, key(two))
    step = StatusIn.model_validate({**STEP, "status": "PRESUMED"})
    assign_status(two[AW], unit, VictimId(made.id), step, version=1)
    history = VICTIMS.read_whole(two[AW], unit, made.id).history
    assert [(one.done, one.version) for one in history] == [("recorded", 1), ("status-assigned", 2)]


@pytest.mark.parametrize("task", sorted(set(Task) - {Task.ENRICH, Task.REGISTER}))
def test_history_shows_to_nobody_who_may_not_read_the_record(two: World, unit: Caller, task: Task) -> None:
    made = record_intake(two[AW], unit, IntakeIn.model_validate(INTAKE), key(two))
    other = two.caller("AW-DIMAS", task, actor="kit-other")
    with pytest.raises(NotFound) as refused:
        INTAKES.read_whole(two[AW], other, made.id)
    with pytest.raises(NotFound) as none:
        INTAKES.read_whole(two[AW], other, (nobody := two[AW].clock.new_id()))
    assert str(refused.value).replace(str(made.id), "") == str(none.value).replace(str(nobody), "")


def test_history_of_another_record_is_never_mixed_in(two: World) -> None:
    keeper = two.caller("AW-CMMA", Task.STATISTICS, actor="kit-keeper")
    form = TrainingIn.model_validate(
        {"kind": "SKILLS", "group": "HOTEL", "provider": "AW", "recipient": "AW", "people": 9, "held_on": "2025-02-01"}
    )
    first, second = (TRAININGS.record(two[AW], keeper, form, key(two)) for _ in range(2))
    for made, people in ((first, 10), (second, 11)):
        change = AmendTrainingIn.model_validate({"changes": {"people": people}, "reason": "Counted again."})
        TRAININGS.amend(two[AW], keeper, made.id, change, version=1)
    assert [one.version for one in TRAININGS.read_whole(two[AW], keeper, first.id).history] == [1, 2]
