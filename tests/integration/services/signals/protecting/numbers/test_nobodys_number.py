"""Beside somebody protected, or from a teller who is, a number that is said to be nobody's needs a second word.

Who entered a victim's report chose "It belongs to none of them" for her number, since she stood in it with no role.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.preview_signal import preview_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


def nobodys(line: int) -> dict[str, Any]:
    return {"type": "PHONE", "value": f"+297 567 {line}", "of_nobody": True}


def amend(two: World, by: Caller, signal: SignalOut, version: int, **changes: Any) -> None:
    said = AmendIn.model_validate({"changes": changes, "reason": "Said otherwise."})
    amend_signal(two[AW], by, SignalId(signal.id), said, version=version)


CASES: dict[str, tuple[dict[str, Any], str, Finding]] = {
    "told by a victim": ({"source": "VICTIM"}, "VICTIM_POTENTIAL", Finding.ALSO_A_REPORTERS),
    "who told it is not to be known": ({"reporter_anonymous": True}, "SUSPECT", Finding.ALSO_A_REPORTERS),
    "beside a victim": ({}, "VICTIM_POTENTIAL", Finding.ALSO_A_VICTIMS),
    "beside a child": ({"persons_seen": {"adults": 1, "children": 1}}, "COMPANION", Finding.ALSO_A_VICTIMS),
}


@pytest.mark.parametrize("case", CASES)
def test_a_number_said_to_be_nobodys_goes_when_the_register_unit_agrees(
    two: World, record: Record, hotline: Caller, her: Person, case: str
) -> None:
    form, role, kind = CASES[case]
    value = nobodys(4001 + list(CASES).index(case))
    someone = her.as_(role, her.phone()) if role == "COMPANION" else her.named(role, her.phone())
    signal = record(subjects=[someone], selectors=[value], **form)
    preview = preview_signal(two[AW], hotline, a_form(subjects=[someone], selectors=[value], **form))
    assert preview.loose_stay == (True,)
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)
    [asked] = [one for one in findings(two, hotline, signal) if one.subject == 0]
    assert asked.finding is kind
    assert asked.id in waiting(two, hotline)
    amend(two, hotline, signal, 1, urgency="DAY")
    assert len([one for one in findings(two, hotline, signal) if one.subject == 0]) == 1, "asked once"
    say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    # Children seen keep the whole report at home.
    assert ((0, "phone") in families(two, signal)) is (case != "beside a child")


def test_the_answer_withholds_for_good_and_a_number_of_nobody_knows_whom_is_not_asked_about(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    value = nobodys(4011)
    signal = record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[value])
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "WITHHOLD")
    share_all(two[AW])
    assert families(two, signal) == set()
    open_ = record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[nobodys(4012) | {"of_nobody": False}])
    assert findings(two, hotline, open_) == []


def test_an_answer_about_this_report_answers_for_no_other(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    number = her.phone(4021)
    record(subjects=[her.named("VICTIM_POTENTIAL", number)], selectors=[])
    signal = record(subjects=[him.named("VICTIM_POTENTIAL")], selectors=[number | {"of_nobody": True}])
    asked = [one for one in findings(two, hotline, signal) if one.subject == 0]
    here = [one for one in asked if one.because == one.signal]
    assert (len(asked), len(here)) == (2, 1)
    say(two, hotline, here[0], "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert families(two, signal) == set()


def test_beside_nobody_protected_the_choice_alone_lets_it_go(two: World, record: Record, him: Person) -> None:
    signal = record(subjects=[him.named("SUSPECT")], selectors=[nobodys(4031)])
    share_all(two[AW])
    assert (0, "phone") in families(two, signal)


def test_it_waits_for_somebody_as_long_as_anybody_is_protected_beside_it(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    record(subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    beside = [her.as_("SUSPECT", her.passport()), him.named("VICTIM_POTENTIAL", n=2)]
    signal = record(subjects=beside, selectors=[nobodys(4041)])
    [value] = [one for one in findings(two, hotline, signal) if one.subject == 0]
    [same] = [one for one in findings(two, hotline, signal) if one.finding is Finding.SAME_PERSON]
    assert value.because_subject == 1
    say(two, hotline, same, "ANOTHER", "NOT_OWN_DOCUMENT")
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)
    assert value.id in waiting(two, hotline)
    say(two, hotline, value, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (0, "phone") in families(two, signal)


def test_that_a_found_documents_holder_is_nobody_protected_does_not_say_that_it_is_no_victims_who_is_entered_later(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    found = {**him.passport(3), "use": "FOUND"}
    boss = him.named("EXPLOITER", him.phone())
    signal = record(subjects=[boss], selectors=[found])
    [holder] = findings(two, hotline, signal)
    say(two, hotline, holder, "KEEP", "OTHER_HOLDER")
    share_all(two[AW])
    assert (0, "document") in families(two, signal)
    both = [boss, her.named("VICTIM_POTENTIAL", n=2)]
    amend(two, hotline, signal, 1, subjects=both, selectors=[found | {"of_nobody": True}])
    share_all(two[AW])
    assert (0, "document") not in families(two, signal)
    [value] = [one for one in findings(two, hotline, signal) if one.decision is None]
    assert (value.finding, value.subject) == (Finding.ALSO_A_VICTIMS, 0)
    say(two, hotline, value, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (0, "document") in families(two, signal)


@pytest.mark.parametrize("kind", ["phone", "document"])
def test_what_the_unit_says_to_be_somebodys_who_is_protected_waits_in_every_other_report_too(
    two: World, record: Record, hotline: Caller, her: Person, him: Person, kind: str
) -> None:
    """One report kept her number at home, and the next one sent it."""
    plain = her.phone(5) if kind == "phone" else her.passport(5)
    said = {"of_nobody": True} if kind == "phone" else {"use": "FOUND"}
    role = "VICTIM_POTENTIAL" if kind == "phone" else "EXPLOITER"
    other = record(subjects=[him.as_("SUSPECT", plain)], selectors=[])
    share_all(two[AW])
    assert (1, kind) in families(two, other)
    signal = record(subjects=[Person().named(role)], selectors=[plain | said])
    [value] = findings(two, hotline, signal)
    assert (1, kind) in families(two, other), "nobody has said whose it is"
    say(two, hotline, value, "WITHHOLD")
    assert (1, kind) not in families(two, other), "in the same transaction"
    [asked] = findings(two, hotline, other)
    assert (asked.because, asked.id in waiting(two, hotline)) == (signal.id, True)
    later = record(subjects=[him.as_("LANDLORD", plain)], selectors=[])
    share_all(two[AW])
    assert families(two, later) == families(two, other) == set()
    say(two, hotline, asked, "KEEP", "SHARED_BY_MANY" if kind == "phone" else "OTHER_HOLDER")
    share_all(two[AW])
    assert (families(two, later), families(two, other)) == (set(), {(1, kind)})


def test_what_is_nobodys_beside_one_victim_is_asked_about_again_when_another_is_entered(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    """The unit had said that it is not the first one's."""
    boss = Person().named("SUSPECT")
    first = [boss, her.named("VICTIM_POTENTIAL", n=2)]
    signal = record(subjects=first, selectors=[nobodys(4051)])
    [value] = findings(two, hotline, signal)
    say(two, hotline, value, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (0, "phone") in families(two, signal)
    amend(two, hotline, signal, 1, subjects=[*first, him.named("VICTIM_POTENTIAL", n=3)])
    assert (0, "phone") not in families(two, signal), "in the same transaction"
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)
    [again] = findings(two, hotline, signal)
    assert (again.decision, again.id in waiting(two, hotline)) == (None, True)
    kept = say(two, hotline, again, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (0, "phone") in families(two, signal), "it is nobody's of the two"
    amend(two, hotline, signal, 2, urgency="DAY")
    [same] = findings(two, hotline, signal)
    assert same == kept, "nobody has become protected"
    amend(two, hotline, signal, 3, source="VICTIM")
    assert (0, "phone") not in families(two, signal), "nor is it known that it is not hers who told it"


def test_what_is_nobodys_is_asked_about_again_when_another_victim_stands_under_ones_number(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    boss, other = Person().named("SUSPECT"), Person().named("VICTIM_POTENTIAL", n=3)
    signal = record(subjects=[boss, her.named("VICTIM_POTENTIAL", n=2), other], selectors=[nobodys(4052)])
    [value] = findings(two, hotline, signal)
    say(two, hotline, value, "KEEP", "SHARED_BY_MANY")
    new = Person().named("VICTIM_POTENTIAL", n=3)
    amend(two, hotline, signal, 1, subjects=[boss, her.named("VICTIM_POTENTIAL", n=2), new])
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)


def test_a_found_document_at_an_exploiter_is_asked_about_again_when_a_victim_is_entered_beside_him(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    boss = him.named("EXPLOITER", him.phone(), {**him.passport(4), "use": "FOUND"})
    signal = record(subjects=[boss], selectors=[])
    [holder] = findings(two, hotline, signal)
    say(two, hotline, holder, "KEEP", "OTHER_HOLDER")
    share_all(two[AW])
    assert "document" in {family for _, family in families(two, signal)}
    amend(two, hotline, signal, 1, subjects=[boss, her.named("VICTIM_POTENTIAL", n=2)])
    share_all(two[AW])
    assert "document" not in {family for _, family in families(two, signal)}
    assert [one.id for one in findings(two, hotline, signal) if one.decision is None] == [holder.id]


def test_what_was_answered_about_one_report_is_asked_about_again_when_a_victim_of_another_has_it(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    number = nobodys(4053)
    signal = record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[number])
    [value] = findings(two, hotline, signal)
    say(two, hotline, value, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (0, "phone") in families(two, signal)
    record(subjects=[him.named("VICTIM_POTENTIAL", number | {"of_nobody": False})], selectors=[])
    assert (0, "phone") not in families(two, signal)
    [asked] = [one for one in findings(two, hotline, signal) if one.decision is None]
    assert (asked.because != signal.id, asked.id in waiting(two, hotline)) == (True, True)
