"""What a person answered counts for whom it was said of: not for who takes the number later, nor for half of them.

Each case was answered rightly once, and let somebody leave, or kept somebody, whom the answer never was about.
"""

from __future__ import annotations

from typing import Any

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal, withdraw_signal
from register.services.signals.protecting.lift_protection import read_protection
from register.services.signals.read_signal import read_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.integration.services.signals.protecting.persons.test_who_is_meant import interview, protected, somebody
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    version = read_signal(two[AW], by, SignalId(signal.id)).version
    told = AmendIn.model_validate({"changes": changes, "reason": "it was somebody else"})
    return amend_signal(two[AW], by, SignalId(signal.id), told, version=version)


def test_what_was_said_of_whoever_had_a_number_before_counts_not_for_who_has_it_now(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody(1, "SUSPECT", "Pedro Kast", "1970-02-03", 4101)], selectors=[])
    interview(two, hotline, signal, "Xenia Nash", ladder=True)
    [asked] = findings(two, hotline, signal)
    answered = say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    xenia = somebody(1, "COMPANION", "Xenia Nash", "1996-04-12", 4102)
    amend(two, hotline, signal, subjects=[xenia])
    assert protected(two, hotline, signal) == {1}, "the ladder names her"
    assert live(two[AW], signal.id, CW) is None, "in the transaction of the correction"
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
    [anew] = findings(two, hotline, signal)
    assert (anew.id, anew.decision, anew.reason) == (asked.id, None, None)
    assert anew.version > answered.version, "whoever has the old answer before him is told"


def test_who_is_corrected_and_stays_the_same_is_not_asked_about_again(
    two: World, record: Record, hotline: Caller
) -> None:
    pedro = somebody(1, "SUSPECT", "Pedro Kest", "1970-02-04", 4103)
    signal = record(subjects=[pedro], selectors=[])
    interview(two, hotline, signal, "Xenia Nesh", ladder=True)
    [asked] = findings(two, hotline, signal)
    answered = say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    amend(two, hotline, signal, subjects=[{**pedro, "role": "RECRUITER"}])
    assert findings(two, hotline, signal) == [answered]
    assert asked.id not in waiting(two, hotline)


def test_who_was_told_apart_from_somebody_is_asked_about_again_once_that_is_somebody_else(
    two: World, record: Record, hotline: Caller
) -> None:
    her, him, third = Person(), Person(), Person()
    there = record(subjects=[him.as_("SUSPECT", her.passport())], selectors=[])
    victim = record(hotline, subjects=[her.named("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.SAME_PERSON
    say(two, hotline, asked, "ANOTHER", "NOT_OWN_DOCUMENT")
    assert asked.id not in waiting(two, hotline)
    amend(two, hotline, victim, subjects=[third.named("VICTIM_POTENTIAL", third.passport())])
    assert asked.id in waiting(two, hotline)
    assert findings(two, hotline, there)[0].decision is None
    assert protected(two, hotline, there) == {1}, "until somebody has said it of who stands there now"


def test_a_number_that_many_protected_persons_have_is_asked_about_once_and_the_answer_is_for_all_of_them(
    two: World, record: Record, hotline: Caller
) -> None:
    hotel, guests = Person().phone(), [Person() for _ in range(4)]
    victims = [record(subjects=[one.named("VICTIM_POTENTIAL", hotel)], selectors=[]) for one in guests]
    him = Person()
    signal = record(subjects=[him.as_("SUSPECT", him.phone(), hotel)], selectors=[])
    share_all(two[AW])
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.because) == (Finding.ALSO_A_VICTIMS, victims[0].id), "the oldest"
    assert families(two, signal) == {(1, "phone")}
    say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert phones(two, signal) == 2
    # Who comes later was not there to be answered about.
    later = record(subjects=[Person().named("VICTIM_POTENTIAL", hotel)], selectors=[])
    assert phones(two, signal) == 1
    [anew] = [one for one in findings(two, hotline, signal) if one.decision is None]
    assert anew.because == later.id
    say(two, hotline, anew, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert phones(two, signal) == 2


def test_a_value_is_asked_about_because_of_the_next_once_the_first_is_said_to_be_none_of_hers(
    two: World, record: Record, hotline: Caller
) -> None:
    hers, him = Person(), Person()
    known = record(subjects=[hers.as_("VICTIM_POTENTIAL", hers.passport())], selectors=[])
    taken_for = record(subjects=[Person().as_("SUSPECT", hers.passport(), hers.phone())], selectors=[])
    record(subjects=[Person().named("VICTIM_POTENTIAL", hers.phone())], selectors=[])
    signal = record(subjects=[him.as_("SUSPECT", him.phone(), hers.phone())], selectors=[])
    [asked] = findings(two, hotline, signal)
    assert asked.because == taken_for.id
    [same] = [one for one in findings(two, hotline, taken_for) if one.because == known.id]
    say(two, hotline, same, "ANOTHER", "NOT_OWN_DOCUMENT")
    share_all(two[AW])
    assert phones(two, signal) == 1
    open_still = [one.id for one in findings(two, hotline, signal) if one.id in waiting(two, hotline)]
    assert len(open_still) == 1
    assert asked.id not in open_still


def test_who_was_entered_twice_and_is_not_whom_an_interview_means_is_free_under_both_numbers(
    two: World, record: Record, hotline: Caller
) -> None:
    first = somebody(1, "COMPANION", "Xenia Twice", "1996-04-14", 4110)
    second = somebody(2, "COMPANION", "Xenia Twice", "1996-04-14", 4111)
    signal = record(subjects=[first, second], selectors=[])
    interview(two, hotline, signal, "La Flaca")
    assert protected(two, hotline, signal) == {1, 2}
    for asked in findings(two, hotline, signal):
        say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    assert protected(two, hotline, signal) == set()
    share_all(two[AW])
    assert phones(two, signal) == 2


def test_what_was_found_in_a_withdrawn_report_waits_for_one_answer_and_comes_back_to_nobodys_list(
    two: World, record: Record, hotline: Caller, colleague: Caller
) -> None:
    her = Person()
    there = record(hotline, subjects=[Person().as_("SUSPECT", her.phone())], selectors=[])
    victim = record(hotline, subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    [asked] = findings(two, hotline, there)
    assert asked.id in waiting(two, hotline)
    withdrawal = WithdrawIn.model_validate({"reason": "entered twice", "code": "withdrawn"})
    withdraw_signal(two[AW], hotline, SignalId(there.id), withdrawal, version=1)
    assert waiting(two, hotline)[asked.id].withdrawn
    say(two, colleague, asked, "KEEP", "OTHER_HOLDER")
    assert asked.id not in waiting(two, hotline)
    amend(two, hotline, victim, urgency="NOW")
    assert asked.id not in waiting(two, hotline), "she is in danger, and it says nothing of her"


def phones(two: World, signal: SignalOut) -> int:
    found = live(two[AW], signal.id, CW)
    return 0 if found is None else len([t for t in found["tokens"] if t["family"] == "phone"])


def test_who_is_protected_by_what_is_said_of_them_now_is_not_called_protected_as_somebody_before(
    two: World, record: Record, hotline: Caller
) -> None:
    boss, suspect = somebody(1, "SUSPECT", "Boss Nigh", None, 4120), somebody(2, "SUSPECT", "Boss Second", None, 4121)
    signal = record(hotline, subjects=[boss, suspect], selectors=[])
    witness = somebody(2, "WITNESS", "Vera Seen", "1980-02-03", 4122)
    answer = amend(two, hotline, signal, subjects=[boss, witness])
    assert protected(two, hotline, signal) == {2}
    assert not [step for step in answer.next_steps if "stood under that number" in step]


def test_whom_an_interview_is_said_to_mean_is_recognised_as_nobody_of_another_report(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody(1, "SUSPECT", "Xenia Soley", "1996-04-15", 4130)], selectors=[])
    interview(two, hotline, signal, "La Flaca", ladder=True)
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "SAME")
    [her] = read_protection(two[AW], hotline, SignalId(signal.id)).persons
    assert "ladder" in her.reasons
    assert "same-person" not in her.reasons


def test_a_relative_beside_who_only_may_be_meant_is_free_once_that_is_answered(
    two: World, record: Record, hotline: Caller
) -> None:
    maybe = somebody(1, "COMPANION", "Xenia Relle", "1996-04-16", 4140)
    relative = somebody(2, "RELATIVE", "Ignacio Dumfries", "1970-04-16", 4141)
    signal = record(subjects=[maybe, relative], selectors=[])
    interview(two, hotline, signal, "Xenia R.")
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    for one in findings(two, hotline, signal):
        if one.decision is None:
            say(two, hotline, one, "ANOTHER", "NOT_INTERVIEWED")
    assert protected(two, hotline, signal) == set()
