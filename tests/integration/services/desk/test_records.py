"""Intakes, the victim ladder, trainings and answers: who may, what is sealed, what counts, and what stays apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.desk.intake import IntakeId
from register.domain.desk.training import TrainingId
from register.domain.desk.victim import AlreadyOnLadder, StatusNotAllowed, VictimId
from register.domain.signals.referral import AnswerNotAllowed, ReferralId
from register.domain.signals.signal import AlreadyWithdrawn, ChangedMeanwhile, DateInFuture, SignalId
from register.errors import NotFound
from register.mou.ladder import MayNotAssign
from register.services.desk.keep_intakes import amend_intake, list_intakes, read_intake, record_intake, withdraw_intake
from register.services.desk.keep_trainings import (
    amend_training,
    list_trainings,
    read_training,
    record_training,
    withdraw_training,
)
from register.services.desk.keep_victims import (
    NoSuchPerson,
    assign_status,
    assigning_rules,
    list_victims,
    put_on_ladder,
    read_victim,
    withdraw_victim,
)
from register.services.signals.answer_referrals import answer_referral, list_referrals, read_referral
from register.services.signals.change_signal import refer_signal, withdraw_signal
from register.services.signals.read_signal import read_history, read_signal
from register.store.running.idempotency import KeyReused
from schemas.codes import Partition, ReferralState, VictimStatus
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut
from schemas.desk.record import TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn
from schemas.desk.victim import StatusIn, VictimIn, VictimOut
from schemas.signals.changes import ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from tests.integration.services.conftest import Record
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
BACK = TakeBackIn(reason="Entered twice.")


def an_intake(**parts: Any) -> IntakeIn:
    whole = {"held_on": "2025-03-04", "sex": "FEMALE", "age_band": "30-39", "nationality": "CO"}
    return IntakeIn.model_validate(whole | {"name": "Ficticia Prueba", "note": "Spoke freely."} | parts)


def a_status(status: str = "POTENTIAL", on: str = "2025-03-05", **parts: Any) -> StatusIn:
    return StatusIn.model_validate(
        {"status": status, "form": "SEX", "decided_on": on, "reason": "Weighed the signs."} | parts
    )


def a_training(**parts: Any) -> TrainingIn:
    whole = {"kind": "AWARENESS", "group": "SCHOOL", "provider": "AW", "recipient": "AW"}
    return TrainingIn.model_validate(whole | {"people": 12, "held_on": "2025-02-01"} | parts)


@pytest.fixture
def jiumm(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.ENRICH, actor="jiumm")


@pytest.fixture
def umm(two: World) -> Caller:
    return two.caller("AW-UMM", Task.ENRICH, actor="umm")


@pytest.fixture
def held(two: World, jiumm: Caller) -> Callable[..., IntakeOut]:
    def make(**parts: Any) -> IntakeOut:
        return record_intake(two[AW], jiumm, an_intake(**parts), str(two[AW].clock.new_id()))

    return make


@pytest.fixture
def laddered(two: World, jiumm: Caller, held: Callable[..., IntakeOut]) -> Callable[..., VictimOut]:
    """Puts a person on the ladder; parts of the first status may be named."""

    def make(by: Caller = jiumm, **parts: Any) -> VictimOut:
        return put_on_ladder(two[AW], by, a_person(held().id, **parts), str(two[AW].clock.new_id()))

    return make


def a_person(intake: UUID, **status: Any) -> VictimIn:
    return VictimIn(intake=intake, sex="FEMALE", age_band="30-39", nationality="FI", status=a_status(**status))


# -- intakes


def test_an_intake_is_read_as_it_was_given(two: World, jiumm: Caller, held: Callable[..., IntakeOut]) -> None:
    made = held()
    assert made.form == an_intake()
    assert made.nationality_group == "CO"
    assert read_intake(two[AW], jiumm, IntakeId(made.id)) == made


@pytest.mark.parametrize("task", Task)
def test_intakes_are_recorded_by_those_who_work_on_cases_only(two: World, task: Task) -> None:
    by = two.caller("AW-CMMA", task)
    if task in {Task.ENRICH, Task.REGISTER}:
        assert record_intake(two[AW], by, an_intake(), str(two[AW].clock.new_id())).version == 1
    else:
        with pytest.raises(TaskMissing):
            record_intake(two[AW], by, an_intake(), str(two[AW].clock.new_id()))


@pytest.mark.parametrize("task", Task)
def test_another_organisation_reads_an_intake_by_its_task_only(
    two: World, held: Callable[..., IntakeOut], task: Task
) -> None:
    made, by = held(), two.caller("AW-DIMAS", task)
    if task in {Task.ENRICH, Task.REGISTER}:
        assert read_intake(two[AW], by, IntakeId(made.id)).id == made.id
    else:
        with pytest.raises(NotFound):
            read_intake(two[AW], by, IntakeId(made.id))


def test_another_country_finds_no_intake_to_read_or_change(two: World, held: Callable[..., IntakeOut]) -> None:
    made, stranger = held(), two.caller("CW-KPC", *Task)
    with pytest.raises(NotFound):
        read_intake(two[CW], stranger, IntakeId(made.id))
    with pytest.raises(NotFound):
        withdraw_intake(two[CW], stranger, IntakeId(made.id), BACK, version=1)
    assert list_intakes(two[CW], stranger, cursor=None, limit=200).items == ()


def test_the_same_key_records_once_and_another_form_under_it_is_refused(two: World, jiumm: Caller) -> None:
    key = str(two[AW].clock.new_id())
    first, again = (record_intake(two[AW], jiumm, an_intake(), key) for _ in range(2))
    assert first == again
    with pytest.raises(KeyReused):
        record_intake(two[AW], jiumm, an_intake(sex="MALE"), key)
    with pytest.raises(KeyReused):
        record_training(two[AW], two.caller("AW-JIUMM", Task.REGISTER, actor="jiumm"), a_training(), key)


def test_an_amended_intake_keeps_the_rest_and_counts_in_its_new_row(
    two: World, jiumm: Caller, held: Callable[..., IntakeOut]
) -> None:
    made = held()
    change = AmendIntakeIn.model_validate({"changes": {"nationality": "AW", "note": None}, "reason": "Passport seen."})
    changed = amend_intake(two[AW], jiumm, IntakeId(made.id), change, version=1)
    assert changed.form == an_intake(nationality="AW", note=None)
    assert (changed.nationality_group, changed.version) == ("NL", 2)
    assert read_intake(two[AW], jiumm, IntakeId(made.id)) == changed
    with pytest.raises(ChangedMeanwhile):
        amend_intake(two[AW], jiumm, IntakeId(made.id), change, version=1)


def test_a_withdrawn_intake_holds_no_name_and_never_changes_again(
    two: World, jiumm: Caller, held: Callable[..., IntakeOut]
) -> None:
    made = held()
    gone = withdraw_intake(two[AW], jiumm, IntakeId(made.id), BACK, version=1)
    assert (gone.form.name, gone.form.note, gone.form.nationality) == (None, None, None)
    assert gone.withdrawn_at is not None
    assert read_intake(two[AW], jiumm, IntakeId(made.id)) == gone
    with pytest.raises(AlreadyWithdrawn):
        withdraw_intake(two[AW], jiumm, IntakeId(made.id), BACK, version=2)


def test_what_names_a_person_is_in_no_plain_column(two: World, jiumm: Caller) -> None:
    words = "Quetzalcoatla Inventada"
    intake = record_intake(
        two[AW], jiumm, an_intake(name=words, note=words, nationality="FI"), str(two[AW].clock.new_id())
    )
    person = VictimIn(
        intake=intake.id, sex="FEMALE", age_band="30-39", nationality="FI", name=words, note=words,
        status=a_status(reason=words),
    )  # fmt: skip
    victim = put_on_ladder(two[AW], jiumm, person, str(two[AW].clock.new_id()))
    with two[AW].database.transaction("api") as connection:
        for table, key in (("intake", intake.id), ("victim", victim.id), ("victim_status", None)):
            where = "" if key is None else f" WHERE id = '{key}'"
            for row in connection.exec_driver_sql(f"SELECT * FROM rtr.{table}{where}").mappings():
                plain = {name: value for name, value in row.items() if not isinstance(value, (bytes, memoryview))}
                assert words not in str(plain)
                assert "FI" not in plain.values()
                sealed = b"".join(bytes(v) for v in row.values() if isinstance(v, (bytes, memoryview)))
                assert words.encode() not in sealed


def test_list_of_intakes_pages_newest_first_and_shows_others_only_their_own(
    two: World, jiumm: Caller, held: Callable[..., IntakeOut]
) -> None:
    made = [held().id for _ in range(3)]
    first = list_intakes(two[AW], jiumm, cursor=None, limit=2)
    second = list_intakes(two[AW], jiumm, cursor=first.next, limit=1)
    assert [i.id for i in (*first.items, *second.items)] == made[::-1]
    assert list_intakes(two[AW], two.caller("AW-DIMAS", Task.READ_OWN), cursor=None, limit=200).items == ()


def test_an_intake_names_a_signal_of_the_own_country_or_none(
    two: World, signal: SignalOut, held: Callable[..., IntakeOut]
) -> None:
    assert held(signal=str(signal.id)).form.signal == signal.id
    stranger = two.caller("CW-KPC", Task.ENRICH)
    with pytest.raises(NotFound):
        record_intake(two[CW], stranger, an_intake(signal=str(signal.id)), str(two[CW].clock.new_id()))


def test_a_day_ahead_is_refused(two: World, jiumm: Caller) -> None:
    with pytest.raises(DateInFuture):
        record_intake(two[AW], jiumm, an_intake(held_on="2199-01-01"), str(two[AW].clock.new_id()))


# -- the victim ladder


@pytest.mark.parametrize(
    ("organisation", "may"),
    [
        ("AW-DIMAS", {"POTENTIAL"}),
        ("AW-JIUMM", {"POTENTIAL", "PRESUMED", "NOT"}),
        ("AW-UMM", {"POTENTIAL", "PRESUMED", "NOT", "CONFIRMED"}),
    ],
)
@pytest.mark.parametrize("status", VictimStatus)
def test_aruba_gives_each_status_by_the_organisations_of_its_rule(
    two: World, held: Callable[..., IntakeOut], organisation: str, may: set[str], status: VictimStatus
) -> None:
    by = two.caller(organisation, Task.ENRICH)
    form, key = a_person(held().id, status=status.value), str(two[AW].clock.new_id())
    if status in may:
        assert put_on_ladder(two[AW], by, form, key).history[0].rule.startswith("LADDER-AW-")
    else:
        with pytest.raises(MayNotAssign, match="AW-UMM"):
            put_on_ladder(two[AW], by, form, key)


def test_history_is_kept_with_who_when_and_by_which_rule(
    two: World, umm: Caller, laddered: Callable[..., VictimOut]
) -> None:
    victim = laddered()
    seen = assign_status(two[AW], umm, VictimId(victim.id), a_status("CONFIRMED", "2025-04-01"), version=1)
    assert [(line.status, line.organisation, line.rule, line.decided_on) for line in seen.history] == [
        ("POTENTIAL", "AW-JIUMM", "LADDER-AW-1", date(2025, 3, 5)),
        ("CONFIRMED", "AW-UMM", "LADDER-AW-3", date(2025, 4, 1)),
    ]
    assert read_victim(two[AW], umm, VictimId(victim.id)) == seen


def test_who_may_not_confirm_may_not_undo_a_confirmation(
    two: World, jiumm: Caller, umm: Caller, laddered: Callable[..., VictimOut]
) -> None:
    victim = laddered(by=umm, status="CONFIRMED")
    undo = a_status("NOT", "2025-05-01")
    with pytest.raises(MayNotAssign):
        assign_status(two[AW], jiumm, VictimId(victim.id), undo, version=1)
    assert assign_status(two[AW], umm, VictimId(victim.id), undo, version=1).status is VictimStatus.NOT


def test_a_status_comes_on_or_after_the_present_ones_day_and_by_the_ladder(
    two: World, umm: Caller, laddered: Callable[..., VictimOut]
) -> None:
    victim = laddered(status="PRESUMED", on="2025-03-05")
    for refused in (a_status("POTENTIAL", "2025-03-06"), a_status("CONFIRMED", "2025-03-04")):
        with pytest.raises(StatusNotAllowed):
            assign_status(two[AW], umm, VictimId(victim.id), refused, version=1)


def test_one_person_stands_on_the_ladder_once(two: World, jiumm: Caller, laddered: Callable[..., VictimOut]) -> None:
    victim = laddered()
    assert victim.intake is not None
    with pytest.raises(AlreadyOnLadder):
        put_on_ladder(two[AW], jiumm, a_person(victim.intake), str(two[AW].clock.new_id()))


def test_a_person_taken_off_by_mistake_is_put_on_again_and_stands_there_once(
    two: World, jiumm: Caller, umm: Caller, laddered: Callable[..., VictimOut]
) -> None:
    off = laddered()
    assert off.intake is not None
    gone = withdraw_victim(two[AW], jiumm, VictimId(off.id), BACK, version=1)
    back = put_on_ladder(two[AW], jiumm, a_person(off.intake), str(two[AW].clock.new_id()))
    assert (back.id != off.id, back.version, len(back.history)) == (True, 1, 1)
    assert assign_status(two[AW], umm, VictimId(back.id), a_status("CONFIRMED"), version=1).version == 2
    assert read_victim(two[AW], jiumm, VictimId(off.id)) == gone
    with pytest.raises(AlreadyOnLadder):
        put_on_ladder(two[AW], jiumm, a_person(off.intake), str(two[AW].clock.new_id()))


def test_of_a_record_that_was_taken_back_nobody_comes_on_the_ladder(
    two: World, unit: Caller, jiumm: Caller, signal: SignalOut, held: Callable[..., IntakeOut]
) -> None:
    intake = held()
    withdraw_intake(two[AW], jiumm, IntakeId(intake.id), BACK, version=1)
    withdraw_signal(
        two[AW], unit, SignalId(signal.id), WithdrawIn(code="withdrawn", reason="Never was."), version=signal.version
    )
    of_signal = VictimIn(signal=signal.id, subject=1, sex="MALE", age_band="UNKNOWN", status=a_status())
    for form in (a_person(intake.id), of_signal):
        with pytest.raises(AlreadyWithdrawn):
            put_on_ladder(two[AW], jiumm, form, str(two[AW].clock.new_id()))


def test_a_subject_of_a_signal_is_a_person_that_the_signal_has(two: World, jiumm: Caller, signal: SignalOut) -> None:
    def form(subject: int) -> VictimIn:
        return VictimIn(signal=signal.id, subject=subject, sex="MALE", age_band="UNKNOWN", status=a_status())

    made = put_on_ladder(two[AW], jiumm, form(1), str(two[AW].clock.new_id()))
    assert (made.signal, made.subject, made.intake) == (signal.id, 1, None)
    with pytest.raises(NoSuchPerson):
        put_on_ladder(two[AW], jiumm, form(2), str(two[AW].clock.new_id()))


def test_another_country_and_other_organisations_find_nobody(two: World, laddered: Callable[..., VictimOut]) -> None:
    victim = laddered()
    outsiders = [
        two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN), two.caller("AW-CMMA", Task.STATISTICS, Task.SEARCH_SHARED),
        two.caller("CW-KPC", *Task),
    ]  # fmt: skip
    for caller in outsiders:
        with pytest.raises(NotFound):
            read_victim(two[caller.partition], caller, VictimId(victim.id))
        with pytest.raises(NotFound):
            assign_status(two[caller.partition], caller, VictimId(victim.id), a_status("PRESUMED"), version=1)
    assert list_victims(two[CW], outsiders[2], status=None, cursor=None, limit=200).items == ()
    assert victim.id not in {
        v.id for v in list_victims(two[AW], outsiders[0], status=None, cursor=None, limit=200).items
    }


def test_a_withdrawn_person_has_no_words_left(two: World, jiumm: Caller, laddered: Callable[..., VictimOut]) -> None:
    victim = laddered()
    gone = withdraw_victim(two[AW], jiumm, VictimId(victim.id), BACK, version=1)
    assert gone.nationality is None
    assert [line.reason for line in gone.history] == [None]
    assert read_victim(two[AW], jiumm, VictimId(victim.id)) == gone
    with pytest.raises(AlreadyWithdrawn):
        assign_status(two[AW], jiumm, VictimId(victim.id), a_status("PRESUMED"), version=2)


def test_a_reading_that_finds_nobody_leaves_a_leaf(two: World, laddered: Callable[..., VictimOut]) -> None:
    victim, curious = laddered(), two.caller("AW-DIMAS", Task.READ_OWN, actor="curious")
    with pytest.raises(NotFound):
        read_victim(two[AW], curious, VictimId(victim.id))
    with two[AW].database.transaction("auditor") as connection:
        found = connection.exec_driver_sql(
            "SELECT commitment->>'about' FROM rtr.audit_leaf WHERE action = 'victim.not-found' "
            "AND commitment->>'actor' = 'curious'"
        ).scalars()
        assert str(victim.id) in set(found)


def test_help_is_asked_for_whatever_the_status_says(two: World, unit: Caller, jiumm: Caller, record: Record) -> None:
    """domain.md 4: assistance never depends on the case or on the victim's status."""
    for status in (None, "POTENTIAL", "PRESUMED", "NOT"):
        signal = record()
        if status is not None:
            form = VictimIn(signal=signal.id, subject=1, sex="FEMALE", age_band="18-24", status=a_status(status))
            put_on_ladder(two[AW], jiumm, form, str(two[AW].clock.new_id()))
        referred = refer_signal(
            two[AW], unit, SignalId(signal.id), ReferIn(kind="assistance", to="AW-VICTIM"), version=1
        )
        helper = two.caller("AW-VICTIM", Task.SUBMIT)
        answer = AnswerIn.model_validate({"state": "ANSWERED", "outcome": "HELP_GIVEN", "on": _today(two)})
        done = answer_referral(two[AW], helper, ReferralId(referred.referrals[0].id), answer, version=1)
        assert done.outcome == "HELP_GIVEN"


def test_a_status_changes_nothing_of_the_signal_but_who_may_have_it(
    two: World, unit: Caller, jiumm: Caller, record: Record
) -> None:
    her = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Sola Sinotro", "birth": {"year": 1984}}
    signal = record(subjects=[her | {"selectors": [{"type": "PHONE", "value": "+297 000 0771"}]}], selectors=[])
    form = VictimIn(signal=signal.id, subject=1, sex="FEMALE", age_band="18-24", status=a_status("PRESUMED"))
    put_on_ladder(two[AW], jiumm, form, str(two[AW].clock.new_id()))
    after = read_signal(two[AW], unit, SignalId(signal.id))
    # What it resembles is said once, to whoever registers it.
    said_apart = {"sharing": (), "resembles": ()}
    assert after.model_copy(update=said_apart) == signal.model_copy(update=said_apart)
    assert all(one.allowed for one in signal.sharing)
    assert not any(one.allowed for one in after.sharing)


def test_each_country_says_who_may_assign_what_and_that_it_is_assumed(two: World) -> None:
    for country, organisation in ((AW, "AW-CMMA"), (CW, "CW-KPC")):
        rules = assigning_rules(two[country], two.caller(organisation, Task.READ_OWN))
        assert {status for rule in rules for status in rule.status} == set(VictimStatus)
        assert all(rule.assumed and rule.source for rule in rules)
        assert all(rule.rule.startswith(f"LADDER-{country}-") for rule in rules)


# -- answers to referrals


@pytest.fixture
def referral(two: World, unit: Caller, signal: SignalOut) -> ReferralId:
    refer = ReferIn(kind="assistance", to="AW-VICTIM", note="Asks for a shelter.")
    return ReferralId(refer_signal(two[AW], unit, SignalId(signal.id), refer, version=1).referrals[0].id)


def _today(world: World) -> str:
    return world[AW].today().isoformat()


def _answer(world: World, state: str, outcome: str | None = None) -> AnswerIn:
    return AnswerIn.model_validate({"state": state, "outcome": outcome, "on": _today(world), "note": "Came by."})


def test_who_is_referred_to_reads_what_is_asked_and_not_the_signal(
    two: World, referral: ReferralId, signal: SignalOut
) -> None:
    helper = two.caller("AW-VICTIM", Task.SUBMIT, Task.READ_OWN)
    seen = read_referral(two[AW], helper, referral)
    assert (seen.note, seen.signal, seen.state) == ("Asks for a shelter.", signal.reference, "SENT")
    assert referral in {r.id for r in list_referrals(two[AW], helper, state=None, cursor=None, limit=200).items}
    with pytest.raises(NotFound):
        read_signal(two[AW], helper, SignalId(signal.id))


def test_others_find_no_referral_to_answer(two: World, referral: ReferralId) -> None:
    others = [two.caller("AW-KPA", Task.SUBMIT, Task.READ_OWN), two.caller("AW-VICTIM", Task.STATISTICS)]
    for caller in (*others, two.caller("CW-KPC", *Task)):
        with pytest.raises(NotFound):
            answer_referral(two[caller.partition], caller, referral, _answer(two, "ACCEPTED"), version=1)
        with pytest.raises(NotFound):
            read_referral(two[caller.partition], caller, referral)


def test_an_answer_stands_in_the_signal_and_in_its_timeline(
    two: World, unit: Caller, referral: ReferralId, signal: SignalOut
) -> None:
    helper = two.caller("AW-VICTIM", Task.SUBMIT, actor="helper")
    answer_referral(two[AW], helper, referral, _answer(two, "ACCEPTED"), version=1)
    done = answer_referral(two[AW], helper, referral, _answer(two, "ANSWERED", "HELP_GIVEN"), version=2)
    assert (done.version, done.answer, done.state) == (3, "Came by.", "ANSWERED")
    seen = read_signal(two[AW], unit, SignalId(signal.id)).referrals[0]
    assert (seen.state, seen.outcome, seen.answered_on) == ("ANSWERED", "HELP_GIVEN", done.answered_on)
    last = read_history(two[AW], unit, SignalId(signal.id))[-1]
    assert (last.what, last.actor) == ("referral-answered", "helper")


def test_a_declined_referral_stays_declined(two: World, unit: Caller, referral: ReferralId) -> None:
    answer_referral(two[AW], unit, referral, _answer(two, "DECLINED"), version=1)
    with pytest.raises(AnswerNotAllowed):
        answer_referral(two[AW], unit, referral, _answer(two, "ACCEPTED"), version=2)
    with pytest.raises(ChangedMeanwhile):
        answer_referral(two[AW], unit, referral, _answer(two, "ANSWERED", "PASSED_ON"), version=1)
    sent = list_referrals(two[AW], unit, state=ReferralState.SENT, cursor=None, limit=200)
    assert referral not in {r.id for r in sent.items}


# -- trainings


def test_a_training_is_kept_amended_and_taken_back(two: World) -> None:
    keeper = two.caller("AW-CMMA", Task.STATISTICS)
    made = record_training(two[AW], keeper, a_training(), str(two[AW].clock.new_id()))
    change = AmendTrainingIn.model_validate({"changes": {"people": 15}, "reason": "Counted again."})
    changed = amend_training(two[AW], keeper, TrainingId(made.id), change, version=1)
    assert changed.form == a_training(people=15)
    assert read_training(two[AW], keeper, TrainingId(made.id)) == changed
    gone = withdraw_training(two[AW], keeper, TrainingId(made.id), BACK, version=2)
    assert gone.withdrawn_at is not None
    assert list_trainings(two[AW], keeper, cursor=None, limit=1).items == (gone,)
    with pytest.raises(AlreadyWithdrawn):
        amend_training(two[AW], keeper, TrainingId(made.id), change, version=3)


@pytest.mark.parametrize("task", Task)
def test_trainings_are_for_the_register_unit_and_the_statisticians(two: World, task: Task) -> None:
    by = two.caller("AW-CMMA", task)
    if task in {Task.REGISTER, Task.STATISTICS}:
        assert record_training(two[AW], by, a_training(), str(two[AW].clock.new_id())).version == 1
    else:
        with pytest.raises(TaskMissing):
            record_training(two[AW], by, a_training(), str(two[AW].clock.new_id()))
        with pytest.raises(TaskMissing):
            list_trainings(two[AW], by, cursor=None, limit=1)


def test_another_country_finds_no_training(two: World) -> None:
    made = record_training(two[AW], two.caller("AW-CMMA", Task.STATISTICS), a_training(), str(two[AW].clock.new_id()))
    with pytest.raises(NotFound):
        read_training(two[CW], two.caller("CW-NCT", *Task), TrainingId(made.id))
