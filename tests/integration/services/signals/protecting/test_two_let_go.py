"""Two persons of the register unit let go whom all that identifies a person says to be somebody protected.

One of them, alone, sent a victim's name, birth date and phone abroad in eight seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.running.consumer import Consumer
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.protecting.lifting import NotTheSecond
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.protecting.decide_findings import decide_finding, read_finding
from schemas.codes import Finding, FindingDecision, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.finding import DecideIn, FindingOut
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import Person, families, findings, waiting
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


def says(two: World, by: Caller, one: FindingOut, decision: str, reason: str | None = None) -> FindingOut:
    """Say it as one person."""
    said = DecideIn.model_validate({"decision": decision, "reason": reason})
    return decide_finding(two[AW], by, FindingId(one.id), said, version=one.version)


def test_one_person_alone_sends_nothing_of_a_victim_abroad(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her = Person()
    record(subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    again = record(subjects=[her.named("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, again)
    assert asked.finding is Finding.SAME_PERSON
    first = says(two, hotline, asked, "ANOTHER", "NAMESAKE")
    assert (first.decision, first.proposed) == (None, FindingDecision.ANOTHER)
    share_all(two[AW])
    assert families(two, again) == set()
    assert asked.id in waiting(two, hotline), "for a second person"
    with pytest.raises(NotTheSecond):
        says(two, hotline, first, "ANOTHER", "NAMESAKE")
    with pytest.raises(NotTheSecond):
        says(two, replace(colleague, kind="service"), first, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert families(two, again) == set()
    second = says(two, colleague, first, "ANOTHER", "NAMESAKE")
    assert (second.decision, second.proposed) == (FindingDecision.ANOTHER, None)
    assert asked.id not in waiting(two, hotline)
    share_all(two[AW])
    assert {family for _, family in families(two, again)} == {"person.p1"}
    # And the phone of whoever is called as she is takes two, too.
    [phone] = [one for one in findings(two, hotline, again) if one.finding is Finding.ALSO_A_VICTIMS]
    kept = says(two, hotline, phone, "KEEP", "SHARED_BY_MANY")
    assert kept.proposed is FindingDecision.KEEP
    share_all(two[AW])
    assert (1, "phone") not in families(two, again)
    says(two, colleague, kept, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert (1, "phone") in families(two, again)


def test_what_two_have_said_stands_when_one_of_them_says_it_again(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her = Person()
    record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[])
    again = record(subjects=[her.named("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, again)
    said = says(two, colleague, says(two, hotline, asked, "ANOTHER", "NAMESAKE"), "ANOTHER", "NAMESAKE")
    more = says(two, hotline, said, "ANOTHER", "NOT_OWN_DOCUMENT")
    assert (more.decision, more.proposed, more.reason) == (FindingDecision.ANOTHER, None, "NOT_OWN_DOCUMENT")
    with two[AW].work(hotline) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, again.id)
    share_all(two[AW])
    assert {family for _, family in families(two, again)} == {"person.p1", "phone"}
    assert read_finding(two[AW], hotline, FindingId(asked.id)).decision is FindingDecision.ANOTHER


def test_a_document_takes_two_and_what_only_resembles_takes_one(two: World, record: Record, hotline: Caller) -> None:
    her, him, plate = Person(), Person(), {"type": "PLATE", "value": "A-71346", "country": "AW"}
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    record(subjects=[him.named("VICTIM_POTENTIAL", plate)], selectors=[])
    holder = record(subjects=[her.as_("SUSPECT", her.passport())], selectors=[])
    like = record(subjects=[in_part(him)], selectors=[])
    caller = record(subjects=[Person().as_("SUSPECT", plate)], selectors=[])
    assert says(two, hotline, findings(two, hotline, holder)[0], "ANOTHER", "NOT_OWN_DOCUMENT").decision is None
    assert says(two, hotline, findings(two, hotline, like)[0], "ANOTHER", "NAMESAKE").decision is not None
    assert says(two, hotline, findings(two, hotline, caller)[0], "KEEP", "SHARED_BY_MANY").decision is not None


def test_whoever_says_that_it_is_the_same_person_needs_nobody_and_ends_what_the_first_said(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her = Person()
    record(subjects=[her.named("VICTIM_POTENTIAL")], selectors=[])
    again = record(subjects=[her.named("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, again)
    first = says(two, hotline, asked, "ANOTHER", "NAMESAKE")
    same = says(two, colleague, first, "SAME")
    assert (same.decision, same.proposed) == (FindingDecision.SAME, None)
    assert says(two, colleague, same, "ANOTHER", "NAMESAKE").decision is FindingDecision.SAME, "until a second says so"
    share_all(two[AW])
    assert families(two, again) == set()


def test_what_one_said_counts_no_more_once_somebody_else_has_the_number(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her, him = Person(), Person()
    victim = record(hotline, subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    again = record(subjects=[her.named("SUSPECT", her.passport())], selectors=[])
    [asked] = findings(two, hotline, again)
    says(two, hotline, asked, "ANOTHER", "NAMESAKE")
    change = {"changes": {"subjects": [him.named("VICTIM_POTENTIAL", him.passport())]}, "reason": "Another person."}
    amend_signal(two[AW], hotline, SignalId(victim.id), AmendIn.model_validate(change), version=1)
    assert read_finding(two[AW], colleague, FindingId(asked.id)).proposed is None


def in_part(who: Person, *things: dict[str, Any]) -> dict[str, Any]:
    """Somebody called so, of whom of the birth the year alone is known."""
    born = {"year": who.born["year"]}
    return who.as_("SUSPECT", *things, name=f"{who.name} {who.family}", birth=born, nationality="VE")


def renamed(two: World, by: Caller, signal: SignalOut, *subjects: dict[str, Any], version: int) -> None:
    change = {"changes": {"subjects": list(subjects)}, "reason": "Heard wrong."}
    amend_signal(two[AW], by, SignalId(signal.id), AmendIn.model_validate(change), version=version)


def test_what_one_said_of_a_likeness_counts_no_more_once_all_that_identifies_her_agrees(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    """Else one alone makes her name another, says that it is another person, and makes it hers again."""
    her = Person()
    record(subjects=[her.named("VICTIM_POTENTIAL", her.phone())], selectors=[])
    again = record(hotline, subjects=[in_part(her, her.phone())], selectors=[])
    [alike] = [one for one in findings(two, hotline, again) if one.finding is Finding.SAME_PERSON]
    assert says(two, hotline, alike, "ANOTHER", "NAMESAKE").decision is FindingDecision.ANOTHER
    share_all(two[AW])
    assert {family for _, family in families(two, again)} == {"person.p0"}
    renamed(two, hotline, again, her.named("SUSPECT", her.phone()), version=again.version)
    share_all(two[AW])
    assert families(two, again) == set()
    assert alike.id in waiting(two, hotline)
    first = says(two, hotline, read_finding(two[AW], hotline, FindingId(alike.id)), "ANOTHER", "NAMESAKE")
    assert first.proposed is FindingDecision.ANOTHER
    share_all(two[AW])
    assert families(two, again) == set()
    says(two, colleague, first, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert {family for _, family in families(two, again)} == {"person.p1"}
    assert alike.id not in waiting(two, hotline)


def test_what_one_said_against_an_answer_waits_for_a_second_and_takes_nothing_of_the_answer_with_it(
    two: World, record: Record, hotline: Caller
) -> None:
    her, him = Person(), Person()
    victim = record(hotline, subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    again = record(subjects=[her.named("SUSPECT", her.passport())], selectors=[])
    [asked] = findings(two, hotline, again)
    same = says(two, hotline, asked, "SAME")
    says(two, hotline, same, "ANOTHER", "NAMESAKE")
    assert asked.id in waiting(two, hotline)
    renamed(two, hotline, victim, him.named("VICTIM_POTENTIAL", him.passport()), version=victim.version)
    found = read_finding(two[AW], hotline, FindingId(asked.id))
    assert (found.decision, found.proposed) == (FindingDecision.SAME, None)


def told_by_nobody_known(**parts: Any) -> dict[str, Any]:
    return {"source": "CITIZEN", "reporter_anonymous": True, "selectors": []} | parts


def remarked(who: Person, remark: str) -> dict[str, Any]:
    phone = who.phone()
    return phone | {"value": f"{phone['value']} ({remark})"}


def of_itself() -> dict[str, tuple[dict[str, Any], str]]:
    """What a report asks about by itself: the report, and the reason that lets it go."""
    her, him = Person(), Person()
    firm: dict[str, Any] = {"kind": "company", "name": "Melder Bar"}
    boat = {"type": "VESSEL", "value": "IMO 9074729 (victim)"}
    loose = Person().phone() | {"of_nobody": True}
    mail = {"type": "EMAIL", "value": "Slachtoffer <nm71349@example.org>"}
    return {
        "who told it": (told_by_nobody_known(subjects=[her.named("RELATIVE", her.phone())]), "NOT_WHO_TOLD"),
        "the victim who told it": ({"source": "VICTIM", "subjects": [him.named("SUSPECT")]}, "NOT_WHO_TOLD"),
        "who is missing": ({"signal_type": "MISSING_PERSON", "subjects": [her.named("COMPANION")]}, "NO_VICTIM"),
        "a company called so": ({"subjects": [him.as_("EMPLOYER", him.phone(), **firm)]}, "NO_VICTIM"),
        "a number of the teller": ({"subjects": [him.named("SUSPECT", remarked(her, "melder"))]}, "HELD_BY_ANOTHER"),
        "an address for mail": ({"subjects": [him.named("SUSPECT", mail)]}, "HELD_BY_ANOTHER"),
        "a boat that is said to be hers": ({"subjects": [him.named("SUSPECT", boat)]}, "HELD_BY_ANOTHER"),
        "a found passport": ({"subjects": [him.named("SUSPECT", her.passport(use="FOUND"))]}, "OTHER_HOLDER"),
        "a number of nobody": ({"subjects": [her.named("VICTIM_POTENTIAL")], "selectors": [loose]}, "SHARED_BY_MANY"),
    }


@pytest.mark.parametrize("case", of_itself())
def test_who_or_what_a_report_itself_says_may_be_a_victims_or_its_tellers_takes_two(
    two: World, record: Record, hotline: Caller, colleague: Caller, case: str
) -> None:
    """One alone let go the sister who had called, and the number with "melder" beside it."""
    form, because = of_itself()[case]
    signal = record(**{"selectors": []} | form)
    share_all(two[AW])
    before = families(two, signal)
    [asked] = findings(two, hotline, signal)
    first = says(two, hotline, asked, "KEEP", because)
    assert (first.decision, first.proposed) == (None, FindingDecision.KEEP)
    share_all(two[AW])
    assert families(two, signal) == before
    with pytest.raises(NotTheSecond):
        says(two, hotline, first, "KEEP", because)
    assert says(two, colleague, first, "KEEP", because).decision is FindingDecision.KEEP
    share_all(two[AW])
    assert families(two, signal) > before


def test_what_many_use_and_is_said_to_be_nobodys_beside_her_takes_one(
    two: World, record: Record, hotline: Caller
) -> None:
    """A plate leads to a car, and nothing says that it is hers."""
    plate = {"type": "PLATE", "value": "A-71348", "country": "AW", "of_nobody": True}
    signal = record(subjects=[Person().named("VICTIM_POTENTIAL")], selectors=[plate])
    [asked] = findings(two, hotline, signal)
    assert says(two, hotline, asked, "KEEP", "SHARED_BY_MANY").decision is FindingDecision.KEEP


def test_what_is_left_of_who_was_taken_off_takes_two(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her, him = Person(), Person()
    signal = record(subjects=[her.named("VICTIM_POTENTIAL"), him.named("SUSPECT", n=2)], selectors=[her.phone()])
    renamed(two, hotline, signal, him.named("SUSPECT", n=2), version=signal.version)
    [asked] = [one for one in findings(two, hotline, signal) if one.finding is Finding.TAKEN_OFF]
    first = says(two, hotline, asked, "KEEP", "NOT_THEIRS")
    assert first.proposed is FindingDecision.KEEP
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)
    says(two, colleague, first, "KEEP", "NOT_THEIRS")
    share_all(two[AW])
    assert (0, "phone") in families(two, signal)


@pytest.mark.parametrize("kind", [Finding.ALSO_A_REPORTERS, Finding.RIGHTFUL_HOLDER], ids=str)
def test_another_reports_tellers_number_and_a_document_that_she_used_take_two(
    two: World, record: Record, hotline: Caller, kind: Finding
) -> None:
    her = Person()
    if kind is Finding.ALSO_A_REPORTERS:
        value = her.phone()
        record(subjects=[Person().named("SUSPECT")], selectors=[value | {"of_reporter": True}])
    else:
        value = her.passport()
        record(subjects=[her.named("VICTIM_POTENTIAL", value | {"use": "LOOKALIKE"})], selectors=[])
    there = record(subjects=[Person().named("SUSPECT", value)], selectors=[])
    [asked] = findings(two, hotline, there)
    assert asked.finding is kind
    assert says(two, hotline, asked, "KEEP", "HELD_BY_ANOTHER").proposed is FindingDecision.KEEP


def test_that_a_boat_is_none_of_those_it_stands_beside_says_nothing_of_the_remark_with_it(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    boat = {"type": "VESSEL", "value": "IMO 9176187 (victim)", "of_nobody": True}
    signal = record(subjects=[Person().named("VICTIM_POTENTIAL")], selectors=[boat])
    asked = {bool(one.because_subject): one for one in findings(two, hotline, signal)}
    assert says(two, hotline, asked[True], "KEEP", "SHARED_BY_MANY").decision is FindingDecision.KEEP
    share_all(two[AW])
    assert families(two, signal) == set()
    first = says(two, hotline, asked[False], "KEEP", "NO_VICTIM")
    assert first.proposed is FindingDecision.KEEP
    says(two, colleague, first, "KEEP", "NO_VICTIM")
    share_all(two[AW])
    assert families(two, signal) == {(0, "vessel")}
