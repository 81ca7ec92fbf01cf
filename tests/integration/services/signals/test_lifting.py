"""A protection ends only where two persons, one of the victim's side, say that the fact behind it was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.desk.victim import VictimId
from register.domain.signals.protecting.lifting import (
    AlreadyAsked,
    FactStands,
    LiftingId,
    LiftingSettled,
    NotTheSecond,
    NotToBeLifted,
    RefusedBefore,
)
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import NotFound
from register.keys.envelope import FieldSealBroken
from register.mou.ladder.victims_side import NotOfTheVictimsSide
from register.services.desk.keep_victims import assign_status, put_on_ladder, withdraw_victim
from register.services.running.list_to_do import list_to_do
from register.services.signals.protecting.decide_findings import decide_finding
from register.services.signals.protecting.lift_protection import (
    ask_lifting,
    decide_lifting,
    list_liftings,
    read_lifting,
    read_protection,
)
from register.services.signals.read_signal import read_history
from schemas.codes import FindingDecision, LiftingDecision, LiftingState, Partition
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import StatusIn, VictimIn
from schemas.signals.finding import DecideIn
from schemas.signals.lifting import DecideLiftingIn, LiftIn
from tests.support.records.lifted import SECOND, a_person, a_report, asked, corrected, decided, grown_up
from tests.support.told import drafts_of, live_blinds, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
STATUS = {"status": "POTENTIAL", "form": "SEX", "decided_on": "2025-06-02", "reason": "She told of her debt."}


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def unit(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.REGISTER, actor="unit")


@pytest.fixture
def bureau(two: World) -> Caller:
    return two.caller(SECOND, Task.SUBMIT, actor="bureau")


@pytest.fixture
def wrong(two: World) -> UUID:
    """A report on an adult who was entered with a child's birth date; corrected since, and still protected."""
    person = a_person()
    signal = a_report(two, person).id
    corrected(two, signal, grown_up(person))
    assert live_blinds(two[AW], signal, CW) == set()
    return signal


def say(two: World, caller: Caller, lifting: UUID, decision: LiftingDecision, version: int = 1) -> LiftingState:
    said = DecideLiftingIn(decision=decision)
    return decide_lifting(two[AW], caller, LiftingId(lifting), said, version=version).state


def protection(two: World, signal: UUID) -> dict[str, Any]:
    """What is kept of who is protected in a report, and what of it leaves."""
    with two[AW].work(two.worker(AW)) as work:
        reasons, inputs = (
            work.signals.protections.reasons(SignalId(signal)),
            work.signals.protections.inputs(SignalId(signal)),
        )
    return {"reasons": dict(reasons), "inputs": dict(inputs), "abroad": live_blinds(two[AW], signal, CW)}


# --- two persons -----------------------------------------------------------------------------------------------------


def test_correcting_the_fact_alone_lifts_nothing_and_two_persons_do(two: World, wrong: UUID) -> None:
    question = asked(two, wrong)
    assert (question.state, question.in_force) == (LiftingState.ASKED, False)
    share_all(two[AW])
    assert live_blinds(two[AW], wrong, CW) == set(), "one person lifts nothing"
    lifted = decided(two, question)
    assert (lifted.state, lifted.in_force, lifted.others) == (LiftingState.LIFTED, True, ())
    assert len(live_blinds(two[AW], wrong, CW)) >= 3


@pytest.mark.parametrize(
    ("organisation", "task", "actor"),
    [
        pytest.param("AW-JIUMM", Task.REGISTER, "asker", id="the one who asked"),
        pytest.param("AW-JIUMM", Task.REGISTER, "another", id="another of the register unit"),
        pytest.param("AW-KPA", Task.SUBMIT, "police", id="two of the police side"),
        pytest.param("AW-CHILD", Task.SUBMIT, "other", id="another organisation of the victim's side"),
        pytest.param(SECOND, Task.SUBMIT, "asker", id="the same person at both"),
        pytest.param(SECOND, Task.READ_OWN, "reader", id="who only reads there"),
        pytest.param(SECOND, Task.SUBMIT, "aw-dimas-reporter", id="who reported it"),
    ],
)
def test_nobody_else_lifts(two: World, wrong: UUID, organisation: str, task: Task, actor: str) -> None:
    question = asked(two, wrong)
    caller = two.caller(organisation, task, actor=actor)
    with pytest.raises((NotTheSecond, NotFound)):
        say(two, caller, question.id, LiftingDecision.LIFT)
    share_all(two[AW])
    assert live_blinds(two[AW], wrong, CW) == set()


def test_a_program_neither_asks_nor_lifts(two: World, wrong: UUID, bureau: Caller, unit: Caller) -> None:
    with pytest.raises(NotTheSecond):
        _ask(two, replace(unit, kind="service"), wrong)
    with pytest.raises(NotTheSecond):
        say(two, replace(bureau, kind="service"), asked(two, wrong).id, LiftingDecision.LIFT)


def test_who_reported_it_does_not_ask_and_nobody_asks_his_own_side(two: World, wrong: UUID, unit: Caller) -> None:
    reporter = two.caller("AW-JIUMM", Task.REGISTER, actor="aw-dimas-reporter")
    with pytest.raises(NotTheSecond):
        _ask(two, reporter, wrong)
    for second in ("AW-KPA", "AW-UMM", "AW-OM", "AW-JIUMM", "CW-VICTIM", "AW-NOBODY"):
        with pytest.raises(NotOfTheVictimsSide):
            _ask(two, unit, wrong, second=second)
    cmma = two.caller("AW-CMMA", Task.REGISTER, actor="cmma")
    with pytest.raises(NotOfTheVictimsSide):
        _ask(two, cmma, wrong, second="AW-CMMA")
    assert _ask(two, cmma, wrong, second="AW-CHILD").second == "AW-CHILD"


@pytest.mark.parametrize("task", sorted(set(Task) - {Task.REGISTER}))
def test_asking_and_reading_why_is_the_register_units(two: World, wrong: UUID, task: Task) -> None:
    caller = two.caller("AW-JIUMM", task, actor="someone")
    with pytest.raises(TaskMissing):
        _ask(two, caller, wrong)
    with pytest.raises(TaskMissing):
        read_protection(two[AW], caller, SignalId(wrong))


# --- only what was wrong ---------------------------------------------------------------------------------------------


def test_what_the_report_still_says_cannot_be_lifted(two: World, unit: Caller) -> None:
    signal = a_report(two, a_person()).id
    with pytest.raises(FactStands):
        _ask(two, unit, signal)


def test_what_the_report_says_under_the_persons_other_number_cannot_be_lifted_either(two: World, unit: Caller) -> None:
    person = a_person(birth=None, minor=True)
    twice = person | {"n": 2, "role": "RELATIVE"}
    signal = a_report(two, person, twice).id
    corrected(two, signal, person | {"minor": None}, twice)
    for subject in (1, 2):
        with pytest.raises(FactStands):
            _ask(two, unit, signal, subject=subject, protection="box")
    corrected(two, signal, person | {"minor": None}, twice | {"minor": None})
    assert _ask(two, unit, signal, protection="box").state is LiftingState.ASKED


def test_a_fact_that_comes_back_before_the_answer_stops_it(two: World) -> None:
    person = a_person()
    signal = a_report(two, person).id
    corrected(two, signal, grown_up(person))
    question = asked(two, signal)
    corrected(two, signal, person)
    with pytest.raises(FactStands):
        decided(two, question)


def test_lifting_one_reason_leaves_the_others(two: World) -> None:
    person = a_person(role="VICTIM_POTENTIAL")
    signal = a_report(two, person).id
    corrected(two, signal, grown_up(person) | {"role": "RELATIVE"})
    lifted = decided(two, asked(two, signal))
    assert lifted.others == ("role",)
    assert live_blinds(two[AW], signal, CW) == set()
    decided(two, asked(two, signal, "role", "ROLE_WRONG"))
    assert live_blinds(two[AW], signal, CW)


@pytest.mark.parametrize(
    ("protection_", "because"),
    [("birth", "ROLE_WRONG"), ("birth", "STATUS_NOT"), ("box", "AGE_WRONG"), ("role", "AGE_WRONG")],
)
def test_reason_and_mistake_must_be_the_persons_and_fit(
    two: World, wrong: UUID, unit: Caller, protection_: str, because: str
) -> None:
    with pytest.raises(NotToBeLifted):
        _ask(two, unit, wrong, protection=protection_, because=because)


def test_a_later_fact_that_says_the_same_protects_again_at_once(two: World) -> None:
    person = a_person()
    signal = a_report(two, person).id
    corrected(two, signal, grown_up(person))
    lifted = decided(two, asked(two, signal))
    assert live_blinds(two[AW], signal, CW)
    corrected(two, signal, person)
    assert live_blinds(two[AW], signal, CW) == set()
    with two[AW].work(two.worker(AW)) as work:
        assert not work.signals.liftings.get(LiftingId(lifted.id)).in_force
    corrected(two, signal, grown_up(person))
    assert live_blinds(two[AW], signal, CW) == set(), "it needs two persons anew"


# --- the ladder ------------------------------------------------------------------------------------------------------


def test_not_on_the_ladder_lifts_nothing_by_itself_and_what_rested_on_the_ladder_by_two_persons(two: World) -> None:
    signal = a_report(two, grown_up(a_person())).id
    assert live_blinds(two[AW], signal, CW)
    victim = _on_ladder(two, signal)
    assert live_blinds(two[AW], signal, CW) == set()
    with pytest.raises(FactStands):
        asked(two, signal, "ladder", "STATUS_NOT")
    _assign(two, victim, "NOT")
    share_all(two[AW])
    assert live_blinds(two[AW], signal, CW) == set()
    decided(two, asked(two, signal, "ladder", "STATUS_NOT"))
    assert live_blinds(two[AW], signal, CW)
    _assign(two, victim, "PRESUMED", version=2)
    assert live_blinds(two[AW], signal, CW) == set(), "new signs open the ladder anew"


def test_not_does_not_lift_the_ladder_while_another_fact_protects(two: World) -> None:
    person = a_person()
    signal = a_report(two, person).id
    corrected(two, signal, grown_up(person))
    _assign(two, _on_ladder(two, signal), "NOT")
    with pytest.raises(FactStands, match="birth"):
        asked(two, signal, "ladder", "STATUS_NOT")
    decided(two, asked(two, signal))
    decided(two, asked(two, signal, "ladder", "STATUS_NOT"))
    assert live_blinds(two[AW], signal, CW)


def test_who_was_put_on_the_ladder_in_anothers_place_can_be_lifted_when_taken_off(two: World) -> None:
    signal = a_report(two, grown_up(a_person())).id
    victim = _on_ladder(two, signal)
    with pytest.raises(FactStands):
        asked(two, signal, "ladder", "OTHER_PERSON")
    withdraw_victim(two[AW], _umm(two), victim, TakeBackIn(reason="Another person."), version=1)
    decided(two, asked(two, signal, "ladder", "OTHER_PERSON"))
    assert live_blinds(two[AW], signal, CW)


def test_who_was_taken_off_under_one_number_can_be_lifted_under_the_other(two: World) -> None:
    person = grown_up(a_person())
    signal = a_report(two, person, person | {"n": 2, "role": "RELATIVE"}).id
    victim = _on_ladder(two, signal)
    assert set(protection(two, signal)["reasons"]) == {1, 2}
    withdraw_victim(two[AW], _umm(two), victim, TakeBackIn(reason="Another person."), version=1)
    decided(two, asked(two, signal, "ladder", "OTHER_PERSON", subject=2))
    assert protection(two, signal)["reasons"] == {}


# --- in other reports ------------------------------------------------------------------------------------------------


def test_who_was_recognised_elsewhere_as_that_person_is_let_go_and_comes_back(two: World) -> None:
    person = a_person()
    other = a_report(two, grown_up(person) | {"role": "SUSPECT", "selectors": person["selectors"][1:]}).id
    before = live_blinds(two[AW], other, CW)
    assert before
    signal = a_report(two, person).id
    assert live_blinds(two[AW], other, CW) == set()
    corrected(two, signal, grown_up(person))
    lifted = decided(two, asked(two, signal))
    assert live_blinds(two[AW], other, CW) == before
    assert live_blinds(two[AW], signal, CW)
    say(two, two.caller(SECOND, Task.SUBMIT, actor="bureau"), lifted.id, LiftingDecision.REVERSE, lifted.version)
    for one in (signal, other):
        assert live_blinds(two[AW], one, CW) == set(), "with the reversal itself, before any worker"


def test_being_recognised_is_for_the_finding_and_not_lifted_here(two: World, unit: Caller) -> None:
    person = a_person()
    a_report(two, person)
    other = a_report(two, grown_up(person) | {"role": "SUSPECT", "selectors": person["selectors"][1:]}).id
    with pytest.raises(NotToBeLifted):
        _ask(two, unit, other, protection="same-person", because="OTHER_PERSON")
    with two[AW].work(unit) as work:
        [finding] = work.signals.findings.of_signal(SignalId(other))
    said = DecideIn(decision=FindingDecision.ANOTHER, reason="NOT_OWN_DOCUMENT")
    decide_finding(two[AW], unit, finding.id, said, version=1)


def test_a_person_entered_twice_is_lifted_under_both_numbers(two: World) -> None:
    person = a_person()
    twice = person | {"n": 2, "role": "RELATIVE"}
    signal = a_report(two, person, twice).id
    corrected(two, signal, grown_up(person), grown_up(twice))
    lifted = decided(two, asked(two, signal))
    assert protection(two, signal)["reasons"] == {}
    say(two, two.caller("AW-JIUMM", Task.REGISTER, actor="u"), lifted.id, LiftingDecision.REVERSE, lifted.version)
    assert set(protection(two, signal)["reasons"]) == {1, 2}


def test_somebody_taken_off_the_report_is_lifted_and_comes_back_too(two: World) -> None:
    person, stays = a_person(), grown_up(a_person(n=2, role="SUSPECT"))
    signal = a_report(two, person, stays).id
    corrected(two, signal, stays)
    before = protection(two, signal)
    assert before["reasons"]
    lifted = decided(two, asked(two, signal))
    assert lifted.person is None
    assert protection(two, signal)["inputs"] == {}
    say(two, two.caller("AW-JIUMM", Task.REGISTER, actor="u"), lifted.id, LiftingDecision.REVERSE, lifted.version)
    assert protection(two, signal) == before


# --- what is said to whom --------------------------------------------------------------------------------------------


def test_reversing_restores_exactly_and_either_side_may_alone(two: World, wrong: UUID, unit: Caller) -> None:
    before = protection(two, wrong)
    lifted = decided(two, asked(two, wrong))
    assert protection(two, wrong)["reasons"] == {}
    assert say(two, unit, lifted.id, LiftingDecision.REVERSE, lifted.version) is LiftingState.REVERSED
    assert protection(two, wrong) == before, "in the transaction itself"
    share_all(two[AW])
    assert protection(two, wrong) == before
    again = decided(two, asked(two, wrong))
    assert again.in_force
    assert live_blinds(two[AW], wrong, CW)


def test_partners_see_a_new_state_and_no_word_of_it(two: World, wrong: UUID) -> None:
    known = len(drafts_of(two[AW], wrong, CW))
    decided(two, asked(two, wrong))
    new = drafts_of(two[AW], wrong, CW)[known:]
    assert [one.type for one in new] == ["indicator.put"]
    assert not any(word in str(new[0].body) for word in ("lift", "protect", "birth", "AGE_WRONG"))


def test_the_reporter_sees_nothing_of_it_in_the_timeline(two: World, wrong: UUID) -> None:
    reporter = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="aw-dimas-reporter")
    before = [line.what for line in read_history(two[AW], reporter, SignalId(wrong)) if line.actor != "system:worker"]
    decided(two, asked(two, wrong))
    after = [line.what for line in read_history(two[AW], reporter, SignalId(wrong)) if line.actor != "system:worker"]
    assert after == before


def test_the_question_waits_for_the_organisation_that_was_asked_and_for_nobody_else(
    two: World, wrong: UUID, unit: Caller, bureau: Caller
) -> None:
    question = asked(two, wrong)
    for caller, sees in (
        (bureau, True),
        (two.caller("AW-CHILD", Task.SUBMIT, actor="child"), False),
        (unit, False),
    ):
        waiting = {one.object for one in list_to_do(two[AW], caller, cursor=None, limit=200).items}
        assert (question.id in waiting) == sees
    say(two, bureau, question.id, LiftingDecision.REFUSE)
    assert question.id not in {one.object for one in list_to_do(two[AW], bureau, cursor=None, limit=200).items}


def test_second_reads_the_person_and_what_was_wrong_and_others_learn_of_nothing(
    two: World, wrong: UUID, bureau: Caller
) -> None:
    question = asked(two, wrong)
    found = read_lifting(two[AW], bureau, LiftingId(question.id))
    assert found.person is not None
    assert found.person.birth is not None
    assert (found.person.birth.year, found.note) == (1980, "Passport seen.")
    stranger = two.caller("AW-HELPLINE", Task.SUBMIT, Task.READ_OWN, Task.ENRICH, actor="line")
    for lifting in (question.id, two[AW].clock.new_id()):
        with pytest.raises(NotFound) as nothing:
            read_lifting(two[AW], stranger, LiftingId(lifting))
        assert str(nothing.value) == f"there is no lifting {lifting} in this register"
    assert list_liftings(two[AW], stranger, cursor=None, limit=50).items == ()
    assert question.id in {one.id for one in list_liftings(two[AW], bureau, cursor=None, limit=50).items}


def test_a_refusal_is_not_shopped_around(two: World, wrong: UUID, bureau: Caller, unit: Caller) -> None:
    refused = asked(two, wrong)
    say(two, bureau, refused.id, LiftingDecision.REFUSE)
    with pytest.raises(RefusedBefore) as another:
        asked(two, wrong, second="AW-CHILD")
    assert another.value.details["second"] == SECOND
    with pytest.raises(RefusedBefore):
        asked(two, wrong, second="AW-CHILD", because="OTHER_PERSON")
    again = asked(two, wrong)
    assert [(one.id, one.second, one.state) for one in again.earlier] == [(refused.id, SECOND, LiftingState.REFUSED)]
    say(two, unit, again.id, LiftingDecision.TAKE_BACK)
    with pytest.raises(RefusedBefore):
        asked(two, wrong, second="AW-CHILD")


def test_who_answers_reads_what_was_answered_before_and_of_whom(
    two: World, wrong: UUID, bureau: Caller, unit: Caller
) -> None:
    """Also that a question was taken back before it was answered; and never what was written for another."""
    first = asked(two, wrong, note="Only for the bureau.")
    assert first.earlier == ()
    say(two, unit, first.id, LiftingDecision.TAKE_BACK)
    second = asked(two, wrong, second="AW-CHILD")
    child = two.caller("AW-CHILD", Task.SUBMIT, actor="child")
    found = read_lifting(two[AW], child, LiftingId(second.id))
    assert [(one.second, one.state) for one in found.earlier] == [(SECOND, LiftingState.TAKEN_BACK)]
    assert "Only for the bureau." not in found.model_dump_json()
    assert read_lifting(two[AW], bureau, LiftingId(first.id)).earlier == (), "what came later is none of its business"
    with pytest.raises(NotFound):
        read_lifting(two[AW], child, LiftingId(first.id))


def test_refusal_holds_for_a_person_who_is_entered_anew_under_another_number(two: World, bureau: Caller) -> None:
    person = a_person()
    report = a_report(two, person).id
    corrected(two, report, grown_up(person))
    say(two, bureau, asked(two, report).id, LiftingDecision.REFUSE)
    anew = person | {"n": 2, "name": "Otra Escritura", "selectors": []}  # as herself she would get her number back
    corrected(two, report, anew)
    corrected(two, report, grown_up(anew))
    with pytest.raises(RefusedBefore):
        asked(two, report, subject=2, second="AW-CHILD")


def test_another_is_asked_where_who_refused_does_not_stand_for_the_victim_any_more(
    two: World, wrong: UUID, bureau: Caller
) -> None:
    say(two, bureau, asked(two, wrong).id, LiftingDecision.REFUSE)
    database = two.settings.database
    end = "UPDATE rtr.organisation SET valid_to = %s WHERE country = 'AW' AND code = 'AW-VICTIM'"
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(end, ("2020-01-01",))
        try:
            assert asked(two, wrong, second="AW-CHILD").state is LiftingState.ASKED
        finally:
            connection.execute(end, (None,))


def test_what_is_said_once_is_not_said_again(two: World, wrong: UUID, bureau: Caller, unit: Caller) -> None:
    question = asked(two, wrong)
    with pytest.raises(AlreadyAsked):
        asked(two, wrong, second="AW-CHILD")
    with pytest.raises(ChangedMeanwhile):
        say(two, bureau, question.id, LiftingDecision.LIFT, version=2)
    with pytest.raises(LiftingSettled):
        say(two, bureau, question.id, LiftingDecision.REVERSE)
    with pytest.raises(NotTheSecond):
        say(two, bureau, question.id, LiftingDecision.TAKE_BACK)
    assert say(two, unit, question.id, LiftingDecision.TAKE_BACK) is LiftingState.TAKEN_BACK
    with pytest.raises(LiftingSettled):
        say(two, bureau, question.id, LiftingDecision.LIFT, version=2)
    assert asked(two, wrong, second="AW-CHILD").second == "AW-CHILD"


def test_each_step_leaves_a_leaf_refusals_too(two: World, wrong: UUID, bureau: Caller) -> None:
    police = two.caller("AW-CHILD", Task.REGISTER, actor="police")
    question = asked(two, wrong)
    with pytest.raises(NotTheSecond):
        say(two, police, question.id, LiftingDecision.LIFT)
    lifted = decided(two, question)
    say(two, bureau, question.id, LiftingDecision.REVERSE, lifted.version)
    query = (
        "SELECT action FROM rtr.audit_leaf WHERE action LIKE 'protection.lifting-%%' "
        "AND commitment->>'about' IN (%s, %s) ORDER BY id"
    )
    with two[AW].database.transaction("auditor") as connection:
        actions = list(connection.exec_driver_sql(query, (str(wrong), str(question.id))).scalars())
    assert actions == [
        "protection.lifting-asked",
        "protection.lifting-not-decided",
        "protection.lifting-lifted",
        "protection.lifting-reversed",
    ]


def test_erasing_the_report_forgets_what_was_asked(two: World, wrong: UUID) -> None:
    question = asked(two, wrong)
    with two[AW].work(two.caller("AW-DIMAS")) as work:
        work.signals.reports.erase(SignalId(wrong))
    with two[AW].work(two.worker(AW)) as work, pytest.raises(NotFound):
        work.signals.liftings.get(LiftingId(question.id))


def _ask(two: World, caller: Caller, signal: UUID, **parts: Any) -> Any:
    form = {"subject": 1, "protection": "birth", "because": "AGE_WRONG", "second": SECOND, "note": "Seen."} | parts
    return ask_lifting(two[AW], caller, LiftIn.model_validate({"signal": signal} | form))


def _umm(two: World) -> Caller:
    return two.caller("AW-UMM", Task.SUBMIT, Task.ENRICH, actor="umm")


def _on_ladder(two: World, signal: UUID) -> VictimId:
    form = {"signal": signal, "subject": 1, "sex": "FEMALE", "age_band": "30-39", "status": STATUS}
    made = put_on_ladder(two[AW], _umm(two), VictimIn.model_validate(form), str(two[AW].clock.new_id()))
    return VictimId(made.id)


def _assign(two: World, victim: VictimId, status: str, version: int = 1) -> None:
    said = StatusIn.model_validate(STATUS | {"status": status, "decided_on": "2025-06-03"})
    assign_status(two[AW], _umm(two), victim, said, version=version)


# --- a report that does not open -------------------------------------------------------------------------------------


def test_what_was_asked_about_a_report_that_does_not_open_can_be_refused_and_not_lifted(
    two: World, wrong: UUID, bureau: Caller
) -> None:
    question = asked(two, wrong)
    _damage(two, wrong)
    read = read_lifting(two[AW], bureau, LiftingId(question.id))
    assert (read.person, read.damaged, read.offered) == (None, True, (LiftingDecision.REFUSE,))
    with pytest.raises(FieldSealBroken):
        say(two, bureau, question.id, LiftingDecision.LIFT)
    assert say(two, bureau, question.id, LiftingDecision.REFUSE) is LiftingState.REFUSED


def test_what_was_lifted_in_a_report_that_does_not_open_protects_again_when_it_is_reversed(
    two: World, wrong: UUID, bureau: Caller
) -> None:
    lifted = decided(two, asked(two, wrong))
    assert live_blinds(two[AW], wrong, CW)
    _damage(two, wrong)
    assert say(two, bureau, lifted.id, LiftingDecision.REVERSE, lifted.version) is LiftingState.REVERSED
    with two[AW].work(two.worker(AW)) as work:
        allowed = {one for one, _ in work.signals.sharing.of(SignalId(wrong)).values()}
        assert allowed == {False}, "all of it is taken back: nobody can say what is hers"
        assert "birth" in work.signals.protections.reasons(SignalId(wrong))[1]


def _damage(two: World, signal: UUID) -> None:
    """Damage what a report says, as a bad disk does."""
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        connection.execute("UPDATE rtr.signal_aw SET account = decode('00', 'hex') || account WHERE id = %s", (signal,))
