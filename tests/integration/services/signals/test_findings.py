"""What is found in two records reaches a person who can decide it, and does what was decided; each way back, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.signals.protecting.finding import DecisionDoesNotFit, FindingId
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import NotFound
from register.mou.keeping import SecondPersonNeeded
from register.services.running.list_to_do import list_to_do
from register.services.signals.change_signal import amend_signal, withdraw_signal
from register.services.signals.protecting import assess_protection, keep_protection
from register.services.signals.protecting.decide_findings import list_findings, read_finding
from register.services.signals.protecting.object_to_letting_go import object_to_letting_go, read_letting_go
from register.services.signals.read_signal import read_dossier
from register.store.models.running import audit_leaf
from schemas.codes import AlarmKind, Finding, Partition, ToDoKind
from schemas.running.to_do import ToDoOut
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.finding import ObjectIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import drafts_of, live, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def her() -> Person:
    return Person()


@pytest.fixture
def him() -> Person:
    return Person()


@pytest.fixture
def hotline(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="hotline")


def shared(two: World, record: Record, *persons: dict[str, Any], **parts: Any) -> SignalOut:
    made = record(subjects=list(persons), selectors=[], **parts)
    share_all(two[AW])
    return made


# --- a value that several may use ---


def test_a_phone_that_is_also_a_victims_is_taken_back_and_waits_for_the_unit_for_a_day(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, him.as_("SUSPECT", her.phone()))
    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    assert families(two, there) == set()
    [one] = findings(two, hotline, there)
    assert (one.finding, one.because, one.because_reference, one.subject) == (
        Finding.ALSO_A_VICTIMS, victim.id, victim.reference, 1,
    )  # fmt: skip
    to_do = waiting(two, hotline)[one.id]
    assert (to_do.signal, to_do.reference, to_do.detail) == (there.id, there.reference, "ALSO_A_VICTIMS")
    assert to_do.due_at - to_do.opened_at == one.due_at - one.opened_at == timedelta(days=1)


def test_a_victim_in_danger_is_asked_about_within_the_hour_also_once_she_is_found_to_be(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, him.as_("SUSPECT", her.phone()))
    victim = record(hotline, subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    change = AmendIn.model_validate({"changes": {"urgency": "NOW"}, "reason": "He threatened her."})
    amend_signal(two[AW], hotline, SignalId(victim.id), change, version=1)
    to_do = waiting(two, hotline)[one.id]
    assert to_do.due_at - to_do.opened_at == timedelta(hours=1)
    later = shared(two, record, Person().as_("SUSPECT", her.phone()))
    [also] = findings(two, hotline, later)
    assert also.due_at - also.opened_at == timedelta(hours=1), "also in what comes later"


def test_what_is_withheld_is_retracted_and_put_again_in_the_same_transaction_and_closes_the_to_do(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, him.as_("SUSPECT", him.phone(), her.phone()))
    before = len(drafts_of(two[AW], there.id, CW))
    record(subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    newest = drafts_of(two[AW], there.id, CW)[before:]
    assert [d.type for d in newest] == ["indicator.retract", "indicator.put"]
    assert newest[0].body == {"reason": "narrowed"}
    assert newest[1].body is not None
    assert len(newest[1].body["record"]["tokens"]) == 1
    made = say(two, hotline, one, "WITHHOLD")
    assert drafts_of(two[AW], there.id, CW)[before:] == newest, "nothing is left to say"
    assert one.id not in waiting(two, hotline)
    # And back: what is given is for the worker.
    kept = say(two, hotline, made, "KEEP", "HELD_BY_ANOTHER")
    share_all(two[AW])
    record_now = live(two[AW], there.id, CW)
    assert record_now is not None
    assert len(record_now["tokens"]) == 2
    again = say(two, hotline, kept, "WITHHOLD")
    assert again.version == 5, "letting go took two"
    assert len(leaves(two, "finding.decided", one)) == 3, "a leaf each"


def test_what_is_kept_stays_and_is_not_asked_again(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, him.as_("SUSPECT", her.phone()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    say(two, hotline, one, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert families(two, there) == {(1, "phone")}
    assert one.id not in waiting(two, hotline)
    change = AmendIn.model_validate({"changes": {"account": "Another account of it."}, "reason": "Looked again."})
    amend_signal(two[AW], hotline, SignalId(there.id), change, version=1)
    share_all(two[AW])
    assert [f.id for f in findings(two, hotline, there)] == [one.id]
    assert one.id not in waiting(two, hotline)


def test_a_document_of_somebody_else_asks_about_its_rightful_holder_also_in_what_comes_later(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    borrowed = him.passport(use="LOOKALIKE")
    there = shared(two, record, him.as_("SUSPECT", him.passport()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", borrowed)], selectors=[])
    later = shared(two, record, him.as_("EMPLOYER", him.passport()))
    for signal in (there, later):
        [asked] = findings(two, hotline, signal)
        assert asked.finding is Finding.RIGHTFUL_HOLDER
        assert families(two, signal) == set()
        say(two, hotline, asked, "KEEP", "OTHER_HOLDER")
        share_all(two[AW])
        assert families(two, signal) == {(1, "document")}


def test_a_number_in_very_many_records_asks_about_the_newest_and_says_how_many_more(
    two: World, record: Record, hotline: Caller, her: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_protection, "ASKED_MAX", 2)
    hotel = [record(subjects=[Person().as_("EMPLOYER", her.phone())], selectors=[]) for _ in range(4)]
    share_all(two[AW])
    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    assert [len(findings(two, hotline, one)) for one in hotel] == [0, 0, 1, 1]
    [leaf] = leaves(two, "protection.not-asked", victim)
    assert leaf["more"] == 2


# --- a person ---


def test_a_person_recognised_in_a_second_record_is_protected_there_as_a_whole(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(
        two,
        record,
        her.as_("SUSPECT", her.passport(), her.passport(1), her.phone()),
        him.as_("SUSPECT", him.phone(), n=2),
    )
    assert families(two, there) == {(1, "document"), (1, "phone"), (2, "phone")}
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    assert families(two, there) == {(2, "phone")}, "her other passport and her phone too, in the same transaction"
    assert [(f.finding, f.subject) for f in findings(two, hotline, there)] == [(Finding.SAME_PERSON, 1)]


def test_what_she_has_in_a_second_record_is_looked_for_in_a_third(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    second = shared(two, record, her.as_("SUSPECT", her.passport(), her.passport(1), her.phone()))
    third = shared(two, record, her.as_("EMPLOYER", her.passport(1)))
    fourth = shared(two, record, Person().as_("LANDLORD", her.phone()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    assert families(two, second) == families(two, third) == set()
    assert families(two, fourth) == set()
    assert [f.finding for f in findings(two, hotline, fourth)] == [Finding.ALSO_A_VICTIMS]


def test_another_person_gets_back_what_is_theirs_and_a_document_of_hers_stays(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    there = shared(two, record, her.named("SUSPECT", her.passport(), her.phone()))
    record(subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [one] = findings(two, hotline, there)
    assert families(two, there) == set()
    made = say(two, hotline, one, "ANOTHER", "NOT_OWN_DOCUMENT")
    assert families(two, there) == set(), "a decision gives nothing by itself"
    share_all(two[AW])
    assert families(two, there) == {(1, "phone"), (1, "person.p1")}
    say(two, hotline, made, "SAME")
    assert families(two, there) == set(), "and at once when it is her after all"
    share_all(two[AW])
    assert families(two, there) == set()


def test_another_person_lets_go_of_what_was_recognised_through_that_person_too(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    second = shared(two, record, her.as_("SUSPECT", her.passport(), her.passport(1)))
    third = shared(two, record, her.as_("EMPLOYER", her.passport(1), her.phone()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [further] = findings(two, hotline, third)
    [one] = findings(two, hotline, second)
    say(two, hotline, one, "ANOTHER", "NOT_OWN_DOCUMENT")
    share_all(two[AW])
    assert families(two, second) == {(1, "document")}, "the other one"
    assert families(two, third) == {(1, "document"), (1, "phone")}
    assert further.id not in waiting(two, hotline), "nobody need say any more"
    say(two, hotline, read_finding(two[AW], hotline, FindingId(one.id)), "SAME")
    assert families(two, second) == families(two, third) == set()
    assert further.id in waiting(two, hotline)


def test_two_who_were_taken_for_her_and_for_each_other_are_let_go_once_all_are_others(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    second = shared(two, record, her.as_("SUSPECT", her.passport(), her.passport(1)))
    third = shared(two, record, her.as_("EMPLOYER", her.passport(), her.passport(1), her.phone()))
    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    asked = [*findings(two, hotline, second), *findings(two, hotline, third)]
    assert len(asked) == 3, "each with her, and the two with each other once"
    with_her, [with_each_other] = (
        [one for one in asked if (one.because == victim.id) is hers] for hers in (True, False)
    )
    for one in with_her:
        assert families(two, second) == families(two, third) == set(), "as long as one of them may be her"
        say(two, hotline, one, "ANOTHER", "NOT_OWN_DOCUMENT")
        share_all(two[AW])
    assert with_each_other.id not in waiting(two, hotline)
    assert families(two, second) == {(1, "document")}, "hers stays, the other one goes"
    assert families(two, third) == {(1, "document"), (1, "phone")}


def test_somebody_in_many_reports_is_asked_about_twice_at_most_in_each(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    """Each report was compared with each other one: with 500 of them a place on the ladder did not come to an end."""
    reports = [record(subjects=[her.as_("SUSPECT", her.passport())], selectors=[]) for _ in range(12)]
    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    asked = {one.id: findings(two, hotline, one) for one in reports}
    assert all(1 <= len(found) <= 2 for found in asked.values())
    assert all(victim.id in {one.because for one in found} for found in asked.values())
    share_all(two[AW])
    assert all(live(two[AW], one.id, CW) is None for one in reports)


def test_same_person_holds_when_the_record_is_changed_so_that_nothing_shows_it_any_more(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    there = shared(two, record, her.as_("SUSPECT", her.passport(), her.phone()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [one] = findings(two, hotline, there)
    say(two, hotline, one, "SAME")
    person = her.as_("SUSPECT", her.phone(7))
    change = AmendIn.model_validate({"changes": {"subjects": [person]}, "reason": "Looked again."})
    amend_signal(two[AW], hotline, SignalId(there.id), change, version=1)
    share_all(two[AW])
    assert families(two, there) == set()


def test_whoever_uses_her_passport_as_a_lookalikes_is_asked_about_and_not_taken_for_her(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    there = shared(two, record, him.as_("SUSPECT", her.passport(use="LOOKALIKE"), him.phone()))
    assert families(two, there) == {(1, "phone")}
    assert [f.finding for f in findings(two, hotline, there)] == [Finding.SAME_PERSON]


# --- one surname of two ---


@pytest.mark.parametrize("longer", ["the-victims", "the-others"])
@pytest.mark.parametrize("first", ["victim", "other"])
def test_one_surname_of_two_is_recognised_whichever_is_longer_and_whichever_comes_first(
    two: World, record: Record, hotline: Caller, her: Person, longer: str, first: str
) -> None:
    ours, theirs = ("Gomez", "") if longer == "the-victims" else ("", "Gomez")
    victim = her.named("VICTIM_POTENTIAL", more=ours)
    other = her.named("SUSPECT", her.phone(), more=theirs)
    if first == "victim":
        record(subjects=[victim], selectors=[])
        there = shared(two, record, other)
    else:
        there = shared(two, record, other)
        assert families(two, there) == {(1, "phone"), (1, "person.p1")}
        record(subjects=[victim], selectors=[])
    assert families(two, there) == set()
    [one] = findings(two, hotline, there)
    assert (one.finding, one.family) == (Finding.SAME_PERSON, "person.part")
    say(two, hotline, one, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert families(two, there) == {(1, "phone"), (1, "person.p1")}


def test_twins_with_both_surnames_and_another_given_name_are_two(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    record(subjects=[her.named("VICTIM_POTENTIAL", more="Una")], selectors=[])
    twin = shared(two, record, her.named("SUSPECT", her.phone(), more="Otra"))
    assert families(two, twin) == {(1, "phone"), (1, "person.p1")}
    assert findings(two, hotline, twin) == []


def test_a_resemblance_is_passed_on_to_nobody_until_a_person_has_said_that_it_is_her(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    second = shared(two, record, her.named("SUSPECT", her.passport()))
    third = shared(two, record, her.as_("EMPLOYER", her.passport()))
    record(subjects=[her.named("VICTIM_POTENTIAL", more="Gomez")], selectors=[])
    assert families(two, second) == set()
    assert families(two, third) == {(1, "document")}
    say(two, hotline, findings(two, hotline, second)[0], "SAME")
    assert families(two, third) == set()


def test_a_common_name_takes_no_more_records_down_than_a_person_can_look_at(
    two: World, record: Record, hotline: Caller, her: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assess_protection, "ALIKE_MAX", 2)
    there = [shared(two, record, her.named("SUSPECT", her.phone(i), more=f"Gomez{'abcd'[i]}")) for i in range(3)]
    record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[])
    assert [bool(families(two, one)) for one in there] == [False, False, True]
    assert all(findings(two, hotline, one) for one in there), "each is asked about"
    later = shared(two, record, her.named("SUSPECT", her.phone(9), more="Gomezz"))
    assert families(two, later)
    say(two, hotline, findings(two, hotline, there[0])[0], "ANOTHER", "NAMESAKE")
    say(two, hotline, findings(two, hotline, there[1])[0], "ANOTHER", "NAMESAKE")
    again = shared(two, record, her.named("SUSPECT", her.phone(8), more="Gomezy"))
    assert families(two, again) == set() or findings(two, hotline, again)


# --- who may know ---


def test_nobody_but_the_register_unit_learns_of_a_finding_or_of_the_other_record(
    two: World, record: Record, submitter: Caller, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, her.as_("SUSPECT", her.passport(), him.phone()))
    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport(), him.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    others = [
        submitter,
        two.caller("AW-KPA", Task.ENRICH, Task.SEARCH_SHARED),
        two.caller("AW-OM", Task.PROSECUTE, Task.CONSENT),
        two.caller("AW-CMMA", Task.STATISTICS, Task.READ_OWN),
    ]
    for caller in others:
        assert waiting(two, caller) == {}
        for ask in (
            lambda by: list_findings(two[AW], by, decided=None, cursor=None, limit=5),
            lambda by: read_finding(two[AW], by, FindingId(one.id)),
            lambda by: say(two, by, one, "SAME"),
        ):
            with pytest.raises(TaskMissing):
                ask(caller)
    shown = read_dossier(two[AW], submitter, SignalId(there.id))
    assert victim.reference not in repr(shown)
    assert str(victim.id) not in repr(shown)
    bodies = repr([d.body for d in drafts_of(two[AW], there.id, CW)])
    assert not any(word in bodies for word in ("SAME", "finding", "protect", str(victim.id), victim.reference))


def test_a_decision_is_refused_that_does_not_fit_or_was_made_on_something_else(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    there = shared(two, record, him.as_("SUSPECT", her.phone()))
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    for decision, reason in (("SAME", None), ("KEEP", None), ("KEEP", "NAMESAKE"), ("WITHHOLD", "SHARED_BY_MANY")):
        with pytest.raises(DecisionDoesNotFit):
            say(two, hotline, one, decision, reason)
    say(two, hotline, one, "WITHHOLD")
    with pytest.raises(ChangedMeanwhile):
        say(two, hotline, one, "KEEP", "SHARED_BY_MANY")
    with pytest.raises(NotFound):
        read_finding(two[AW], hotline, FindingId(two[AW].clock.new_id()))


def test_what_was_asked_of_a_record_waits_on_when_it_is_withdrawn_until_another_of_the_unit_has_looked(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    """Whoever may register can try a number, see that something is withheld, and take the report back."""
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    there = record(subjects=[him.as_("SUSPECT", her.phone())], selectors=[])
    [one] = findings(two, hotline, there)
    gone = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told twice."})
    withdraw_signal(two[AW], hotline, SignalId(there.id), gone, version=1)
    share_all(two[AW])
    assert waiting(two, hotline)[one.id].withdrawn
    assert read_finding(two[AW], hotline, FindingId(one.id)).withdrawn
    with pytest.raises(SecondPersonNeeded):
        say(two, hotline, one, "WITHHOLD")
    drafted = drafts_of(two[AW], there.id, CW)
    answered = say(two, replace(hotline, actor="another"), one, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (answered.decision, answered.proposed) == ("KEEP", None)
    assert one.id not in waiting(two, hotline)
    assert drafts_of(two[AW], there.id, CW) == drafted, "nothing of it is shared, whatever is said"


def test_who_often_takes_back_what_the_unit_was_asked_about_rings_for_the_privacy_officer(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    prober = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="prober")

    def rung() -> list[str | None]:
        with two[AW].work(hotline) as work:
            every = work.access.alarms.page(acknowledged=None, before=None, limit=50)
        return [one.actor for one in every if one.kind is AlarmKind.TAKEN_BACK_UNANSWERED]

    def try_it(*things: dict[str, Any]) -> None:
        made = record(prober, subjects=[Person().as_("SUSPECT", *things)], selectors=[])
        gone = WithdrawIn.model_validate({"code": "withdrawn", "reason": "A mistake."})
        withdraw_signal(two[AW], prober, SignalId(made.id), gone, version=1)

    for _ in range(4):
        try_it(Person().phone())
    assert rung() == [], "of these nobody was asked anything"
    for n in range(1, 4):
        try_it(her.phone())
        assert rung() == (["prober"] if n == 3 else [])


def test_a_record_withdrawn_before_the_fact_is_neither_asked_about_nor_told_of_again(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    there = shared(two, record, her.as_("SUSPECT", her.passport(), her.phone()))
    gone = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told twice."})
    withdraw_signal(two[AW], hotline, SignalId(there.id), gone, version=1)
    share_all(two[AW])
    before = drafts_of(two[AW], there.id, CW)
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport(), her.phone())], selectors=[])
    share_all(two[AW])
    assert findings(two, hotline, there) == []
    assert drafts_of(two[AW], there.id, CW) == before


# --- who entered her report may object ---


def test_who_entered_a_protected_report_is_told_that_two_let_her_go_and_an_objection_protects_again_at_once(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    shelter = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="shelter")
    there = shared(two, record, her.as_("SUSPECT", her.passport(), her.phone()))
    victim = record(shelter, subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [one] = [f for f in findings(two, hotline, there) if f.finding is Finding.SAME_PERSON]
    assert families(two, there) == set()
    decided = say(two, hotline, one, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert families(two, there) != set()

    def told(by: Caller) -> list[ToDoOut]:
        page = list_to_do(two[AW], by, cursor=None, limit=200)
        return [each for each in page.items if each.object == one.id]

    [waits] = told(shelter)
    assert (waits.kind, waits.reference, waits.signal) == (ToDoKind.LET_GO, victim.reference, victim.id)
    assert there.reference not in waits.model_dump_json()
    shown = read_letting_go(two[AW], shelter, FindingId(one.id))
    assert there.reference not in shown.model_dump_json()
    assert str(there.id) not in shown.model_dump_json()
    stranger = two.caller("AW-KPA", Task.SUBMIT, Task.READ_OWN, actor="police")
    assert told(stranger) == []
    for nobody in (stranger, replace(shelter, kind="service")):
        with pytest.raises(NotFound):
            object_to_letting_go(two[AW], nobody, FindingId(one.id), ObjectIn(objects=True))
    object_to_letting_go(two[AW], shelter, FindingId(one.id), ObjectIn(objects=True))
    assert families(two, there) == set(), "in the same transaction, without the worker"
    again = read_finding(two[AW], hotline, FindingId(one.id))
    assert (again.decision, again.proposed, again.version) == (None, None, decided.version + 1)
    assert one.id in waiting(two, hotline)
    assert told(shelter) == []
    with pytest.raises(NotFound):
        object_to_letting_go(two[AW], shelter, FindingId(one.id), ObjectIn(objects=True))


def test_an_objection_protects_also_where_the_value_was_answered_about_for_another_person_since(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    shelter = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="shelter")
    there = shared(two, record, her.named("SUSPECT", her.phone()))
    record(shelter, subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [same] = [f for f in findings(two, hotline, there) if f.finding is Finding.SAME_PERSON]
    say(two, hotline, same, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    [phone] = [f for f in findings(two, hotline, there) if f.finding is Finding.ALSO_A_VICTIMS]
    say(two, hotline, phone, "KEEP", "SHARED_BY_MANY")
    record(subjects=[him.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [more] = [f for f in findings(two, hotline, there) if f.decision is None]
    say(two, hotline, more, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (1, "phone") in families(two, there)
    object_to_letting_go(two[AW], shelter, FindingId(phone.id), ObjectIn(objects=True))
    assert (1, "phone") not in families(two, there)
    share_all(two[AW])
    assert (1, "phone") not in families(two, there)
    assert phone.id in waiting(two, hotline)


def test_whoever_was_told_of_a_letting_go_need_answer_no_more_once_it_is_asked_anew(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    shelter = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="shelter")
    there = shared(two, record, her.as_("SUSPECT", her.passport()))
    victim = record(shelter, subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [one] = findings(two, hotline, there)
    say(two, hotline, one, "ANOTHER", "NOT_OWN_DOCUMENT")

    def told() -> list[Any]:
        page = list_to_do(two[AW], shelter, cursor=None, limit=200)
        return [each.object for each in page.items if each.object == one.id]

    assert told() == [one.id]
    change = {"changes": {"subjects": [him.named("VICTIM_POTENTIAL", him.passport())]}, "reason": "Another person."}
    amend_signal(two[AW], hotline, SignalId(victim.id), AmendIn.model_validate(change), version=1)
    assert read_finding(two[AW], hotline, FindingId(one.id)).decision is None
    assert told() == []


def test_for_an_organisation_that_has_ended_the_register_unit_says_whether_somebody_objects(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    shelter = two.caller("AW-CMMA", Task.SUBMIT, Task.READ_OWN, actor="shelter")
    there = shared(two, record, her.as_("SUSPECT", her.passport(), her.phone()))
    record(shelter, subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [one] = findings(two, hotline, there)
    say(two, hotline, one, "ANOTHER", "NOT_OWN_DOCUMENT")
    with pytest.raises(NotFound):
        read_letting_go(two[AW], hotline, FindingId(one.id))
    database = two.settings.database
    end = "UPDATE rtr.organisation SET valid_to = %s WHERE country = 'AW' AND code = 'AW-CMMA'"
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(end, ("2020-01-01",))
        try:
            page = list_to_do(two[AW], hotline, cursor=None, limit=200)
            assert [each.kind for each in page.items if each.object == one.id] == [ToDoKind.LET_GO]
            object_to_letting_go(two[AW], hotline, FindingId(one.id), ObjectIn(objects=False))
            page = list_to_do(two[AW], hotline, cursor=None, limit=200)
            assert [each for each in page.items if each.object == one.id] == []
        finally:
            connection.execute(end, (None,))


# --- helpers ---


def leaves(two: World, action: str, about: Any) -> list[dict[str, Any]]:
    query = sa.select(audit_leaf.c.commitment).where(audit_leaf.c.country == AW, audit_leaf.c.action == action)
    with two[AW].work(two.worker(AW)) as work:
        found = work._connection.execute(query.order_by(audit_leaf.c.id)).scalars().all()
    return [leaf["facts"] for leaf in found if leaf["about"] == str(about.id)]
