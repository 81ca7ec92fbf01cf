"""Whoever entered a protected person's report is told of each letting go, and may object; what is hers takes two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.protecting.finding import FindingId
from register.errors import NotFound
from register.services.desk.keep_intakes import record_intake
from register.services.running.list_to_do import list_to_do
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.protecting.decide_findings import decide_finding, read_finding
from register.services.signals.protecting.object_to_letting_go import object_to_letting_go, read_letting_go
from schemas.codes import Finding, FindingDecision, Partition, ToDoKind
from schemas.desk.intake import IntakeIn
from schemas.running.to_do import ToDoOut
from schemas.signals.changes import WithdrawIn
from schemas.signals.finding import DecideIn, FindingOut, ObjectIn
from tests.integration.services.conftest import Record
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


@pytest.fixture
def shelter(two: World) -> Caller:
    return two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="shelter")


def told(two: World, by: Caller, one: FindingOut) -> list[ToDoOut]:
    page = list_to_do(two[AW], by, cursor=None, limit=200)
    return [each for each in page.items if each.object == one.id and each.kind is ToDoKind.LET_GO]


def says(two: World, by: Caller, one: FindingOut, decision: str, reason: str) -> FindingOut:
    """Say it as one person."""
    said = DecideIn.model_validate({"decision": decision, "reason": reason})
    return decide_finding(two[AW], by, FindingId(one.id), said, version=one.version)


def test_who_entered_her_report_is_told_also_of_what_one_person_let_go_and_may_object(
    two: World, record: Record, hotline: Caller, shelter: Caller
) -> None:
    her, plate = Person(), {"type": "PLATE", "value": "A-84213", "country": "AW"}
    victim = record(shelter, subjects=[her.named("VICTIM_POTENTIAL", plate)], selectors=[])
    there = record(subjects=[Person().as_("SUSPECT", plate)], selectors=[])
    [asked] = findings(two, hotline, there)
    assert says(two, hotline, asked, "KEEP", "SHARED_BY_MANY").decision is not None, "one person says it"
    share_all(two[AW])
    assert families(two, there) == {(1, "plate")}
    [waits] = told(two, shelter, asked)
    assert (waits.reference, waits.signal) == (victim.reference, victim.id)
    shown = read_letting_go(two[AW], shelter, FindingId(asked.id)).model_dump_json()
    assert there.reference not in shown
    assert str(there.id) not in shown
    stranger = two.caller("AW-KPA", Task.SUBMIT, Task.READ_OWN, actor="police")
    assert told(two, stranger, asked) == []
    with pytest.raises(NotFound):
        object_to_letting_go(two[AW], stranger, FindingId(asked.id), ObjectIn(objects=True))
    object_to_letting_go(two[AW], shelter, FindingId(asked.id), ObjectIn(objects=True))
    assert families(two, there) == set(), "in the same transaction"
    assert read_finding(two[AW], hotline, FindingId(asked.id)).decision is None


def test_of_a_report_that_was_withdrawn_nothing_is_let_go_so_nobody_is_told(
    two: World, record: Record, hotline: Caller, shelter: Caller
) -> None:
    her = Person()
    record(shelter, subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    there = record(subjects=[Person().as_("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, there)
    gone = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told twice."})
    withdraw_signal(two[AW], hotline, there.id, gone, version=1)  # type: ignore[arg-type]
    say(two, replace(hotline, actor="another"), asked, "KEEP", "SHARED_BY_MANY")
    assert told(two, shelter, asked) == []


def test_who_entered_a_report_is_told_who_in_it_is_said_to_be_no_victim_and_an_objection_asks_anew(
    two: World, record: Record, hotline: Caller, shelter: Caller
) -> None:
    missing = Person()
    made = record(
        shelter, signal_type="MISSING_PERSON", subjects=[missing.named("RELATIVE", missing.phone())], selectors=[]
    )
    [asked] = [one for one in findings(two, hotline, made) if one.finding is Finding.ALSO_A_VICTIMS]
    say(two, hotline, asked, "KEEP", "NO_VICTIM")
    share_all(two[AW])
    assert families(two, made) != set()
    assert [one.reference for one in told(two, shelter, asked)] == [made.reference]
    object_to_letting_go(two[AW], shelter, FindingId(asked.id), ObjectIn(objects=True))
    assert families(two, made) == set()
    assert read_finding(two[AW], hotline, FindingId(asked.id)).decision is None


def test_a_protected_persons_own_number_takes_two(two: World, record: Record, hotline: Caller) -> None:
    her = Person()
    record(subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    there = record(subjects=[Person().as_("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, there)
    assert says(two, hotline, asked, "KEEP", "SHARED_BY_MANY").decision is None
    share_all(two[AW])
    assert families(two, there) == set()


@pytest.mark.parametrize(
    ("more", "birth"),
    [
        ("", {"year": 1990, "month": 7, "day": 5}),
        ("", {"year": 1990, "month": 5, "day": 8}),
        ("Larga", {"year": 1990, "month": 5, "day": 7}),
    ],
    ids=["day and month exchanged", "a day off", "a name more"],
)
def test_nearly_the_same_name_and_birth_takes_two(
    two: World, record: Record, hotline: Caller, more: str, birth: dict[str, int]
) -> None:
    her = Person()
    her.born = {"year": 1990, "month": 5, "day": 7}
    record(subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    there = record(subjects=[her.named("SUSPECT", more=more) | {"birth": birth}], selectors=[])
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.SAME_PERSON
    assert says(two, hotline, asked, "ANOTHER", "NAMESAKE").decision is None
    share_all(two[AW])
    assert families(two, there) == set()


def interviewed(two: World, by: Caller, name: str, **about: object) -> None:
    """An interview with a child, of a report or of none."""
    told = {"held_on": "2025-06-02", "sex": "FEMALE", "age_band": "12-17", "name": name} | about
    record_intake(two[AW], by, IntakeIn.model_validate(told), str(two[AW].clock.new_id()))


@pytest.mark.parametrize("of_the_report", [True, False], ids=["of the report", "of none"])
def test_who_entered_a_report_is_told_that_an_interview_is_said_to_mean_nobody_of_it_and_may_object(
    two: World,
    record: Record,
    hotline: Caller,
    shelter: Caller,
    of_the_report: bool,  # noqa: FBT001 - a case
) -> None:
    """It was the one letting go that nobody was told of, so nobody could say that it was she."""
    her = Person()
    made = record(shelter, subjects=[her.named("COMPANION", her.phone())], selectors=[])
    share_all(two[AW])
    whole = f"{her.name} {her.family}"
    if of_the_report:
        interviewed(two, hotline, "La Flaca", signal=made.id)
    else:
        interviewed(two, hotline, whole)
    assert families(two, made) == set()
    [asked] = findings(two, hotline, made)
    assert asked.finding is Finding.PERHAPS_MEANT
    first = says(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    assert (first.decision, told(two, shelter, asked)) == (None, []), "one alone lets nobody go"
    share_all(two[AW])
    assert families(two, made) == set()
    says(two, replace(hotline, actor="colleague"), first, "ANOTHER", "NOT_INTERVIEWED")
    share_all(two[AW])
    before = families(two, made)
    assert (1, "phone") in before
    [waits] = told(two, shelter, asked)
    assert (waits.reference, waits.signal) == (made.reference, made.id)
    shown = read_letting_go(two[AW], shelter, FindingId(asked.id)).model_dump_json()
    assert "Flaca" not in shown
    assert her.name not in shown
    object_to_letting_go(two[AW], shelter, FindingId(asked.id), ObjectIn(objects=True))
    assert families(two, made) == set(), "in the same transaction"
    assert read_finding(two[AW], hotline, FindingId(asked.id)).decision is None


@pytest.mark.parametrize("objects", [True, False])
def test_against_a_letting_go_that_has_ended_nobody_objects(
    two: World,
    record: Record,
    hotline: Caller,
    shelter: Caller,
    objects: bool,  # noqa: FBT001 - a case
) -> None:
    """What the unit withheld again of its own stays decided: an old page asks nothing anew and answers nothing."""
    her, plate = Person(), {"type": "PLATE", "value": f"A-8421{4 + objects}", "country": "AW"}
    record(shelter, subjects=[her.named("VICTIM_POTENTIAL", plate)], selectors=[])
    there = record(subjects=[Person().as_("SUSPECT", plate)], selectors=[])
    [asked] = findings(two, hotline, there)
    kept = say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    assert len(told(two, shelter, asked)) == 1
    ended = say(two, hotline, kept, "WITHHOLD")
    assert told(two, shelter, asked) == []
    assert read_letting_go(two[AW], shelter, FindingId(asked.id)).reopened, "it says that nobody is let go any more"
    with pytest.raises(NotFound):
        object_to_letting_go(two[AW], shelter, FindingId(asked.id), ObjectIn(objects=objects))
    after = read_finding(two[AW], hotline, FindingId(asked.id))
    assert (after.decision, after.version) == (FindingDecision.WITHHOLD, ended.version)
    assert asked.id not in waiting(two, hotline)
