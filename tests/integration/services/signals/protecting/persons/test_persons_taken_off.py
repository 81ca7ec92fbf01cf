"""Who was protected in a report stays so when taken off it: what waited beside them goes on waiting.

Each case was typed by somebody who corrected a report that he had sent himself, and let a child's number leave.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller, TaskMissing
from register.domain.signals.signal import SignalId
from register.services.desk.keep_victims import put_on_ladder
from register.services.signals.change_signal import amend_signal
from register.services.signals.protecting.lift_protection import read_protection
from register.services.signals.read_signal import read_signal
from schemas.codes import Finding, Partition
from schemas.desk.victim import VictimIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
ON = {"received_on": "2025-06-01", "period": {"from": "2025-05-20", "to": "2025-05-28"}}


def person(n: int, role: str, name: str, *born: int, things: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    birth = dict(zip(("year", "month", "day"), born, strict=True)) if born else None
    return {"n": n, "role": role, "kind": "person", "name": name, "birth": birth, "selectors": list(things)}


def phone(number: str) -> dict[str, Any]:
    return {"type": "PHONE", "value": number}


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    version = read_signal(two[AW], by, SignalId(signal.id)).version
    told = AmendIn.model_validate({"changes": changes, "reason": "taken off by mistake"})
    return amend_signal(two[AW], by, SignalId(signal.id), told, version=version)


def pair(her: dict[str, Any], boss: str, waits: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A report with her and a suspect, and the correction that takes her off."""
    his = person(2, "SUSPECT", boss, 1976, 1, 1)
    return {"subjects": [her, his], "selectors": [waits]}, {"subjects": [his]}


SURETY = person(2, "GUARANTOR", "Boss Wesh", 1966, 5, 7, things=(phone("+297 560 2007"),))
LETTER = {"kind": "ENTRY", "service": "IASA", "on": "2024-11-02", "guarantor": 2, "beneficiary": 1}
CASES = {
    "a child": pair(person(1, "VICTIM_POTENTIAL", "Ilka Abt", 2011, 2, 3), "Boss Ilk", phone("+297 560 2301")),
    "an adult": pair(person(1, "VICTIM_POTENTIAL", "Brisa Able", 1997, 2, 1), "Boss Rem", phone("+297 560 1701")),
    "an e-mail": pair(
        person(1, "VICTIM_POTENTIAL", "Brisa Abel", 1997, 2, 1),
        "Boss Mail",
        {"type": "EMAIL", "value": "brisa.contact@mail.example"},
    ),
    "a plate": pair(
        person(1, "VICTIM_POTENTIAL", "Brisa Bell", 2011, 2, 2),
        "Boss Plate",
        {"type": "PLATE", "value": "A-7702", "country": "AW"},
    ),
    "a child alone": (
        {"subjects": [person(1, "VICTIM_POTENTIAL", "Brisa Jupp", 2012, 2, 11)], "selectors": [phone("+297 560 1713")]},
        {"subjects": []},
    ),
    "the whole record of a child": (
        {
            "subjects": [person(1, "VICTIM_POTENTIAL", "Fay Gage", 2012, 5, 7), SURETY],
            "guarantees": [LETTER],
            "selectors": [phone("+297 560 2017")],
        },
        {"subjects": [SURETY], "guarantees": []},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_taking_a_protected_person_off_releases_nothing_that_waited_beside_them(
    two: World, record: Record, submitter: Caller, hotline: Caller, case: str
) -> None:
    form, correction = CASES[case]
    signal = record(**ON, **form)
    share_all(two[AW])
    before = families(two, signal)
    assert not {key for key in before if key[0] == 0}
    answer = amend(two, submitter, signal, **correction)
    share_all(two[AW])
    assert families(two, signal) == before
    assert any("taken off" in step for step in answer.next_steps)
    assert {one.allowed for one in answer.sharing} == {one.allowed for one in signal.sharing}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.TAKEN_OFF, 1)
    assert asked.id in waiting(two, hotline)


def test_who_stands_on_the_ladder_and_is_taken_off_the_report_still_holds_what_waits(
    two: World, record: Record, hotline: Caller
) -> None:
    boss = person(2, "SUSPECT", "Boss Wsix", 1966, 5, 6)
    her = person(1, "SUSPECT", "Fay Ford", 1996, 5, 6)
    signal = record(**ON, subjects=[her, boss], selectors=[phone("+297 560 2016")])
    status = {"status": "PRESUMED", "form": "SEX", "decided_on": "2025-06-02", "reason": "She told of her debt."}
    entry = {"signal": signal.id, "subject": 1, "sex": "FEMALE", "age_band": "25-29", "status": status}
    put_on_ladder(two[AW], hotline, VictimIn.model_validate(entry), str(two[AW].clock.new_id()))
    amend(two, hotline, signal, subjects=[boss])
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)


def test_the_register_unit_says_that_what_is_left_is_not_theirs_and_may_think_again(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    hers, boss = phone("+297 560 2391"), person(2, "SUSPECT", "Boss Left", 1979, 1, 1)
    signal = record(**ON, subjects=[person(1, "VICTIM_POTENTIAL", "Ilka Left", 2011, 2, 3, things=(hers,)), boss],
                    selectors=[phone("+297 560 2392")])  # fmt: skip
    amend(two, submitter, signal, subjects=[{**boss, "selectors": [hers]}])
    [asked] = findings(two, hotline, signal)
    kept = say(two, hotline, asked, "KEEP", "NOT_THEIRS")
    share_all(two[AW])
    assert {key for key in families(two, signal) if key[1] == "phone"} == {(0, "phone")}, "hers stays at home"
    assert not waiting(two, hotline).get(asked.id)
    say(two, hotline, kept, "WITHHOLD")
    assert live(two[AW], signal.id, CW) is None, "in the same transaction"


def test_who_is_put_back_waits_for_no_answer(two: World, record: Record, submitter: Caller, hotline: Caller) -> None:
    her, boss = person(1, "VICTIM_POTENTIAL", "Ilka Back", 2011, 2, 3), person(2, "SUSPECT", "Boss Back", 1979, 1, 1)
    signal = record(**ON, subjects=[her, boss], selectors=[phone("+297 560 2393")])
    amend(two, submitter, signal, subjects=[boss])
    [asked] = findings(two, hotline, signal)
    amend(two, submitter, signal, subjects=[her, boss])
    assert asked.id not in waiting(two, hotline)
    assert {p.subject for p in read_protection(two[AW], hotline, SignalId(signal.id)).persons} == {1}


def test_a_late_answer_about_who_was_put_back_stops_no_worker_and_is_asked_again_when_they_are_taken_off_again(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    her, boss = person(1, "VICTIM_POTENTIAL", "Ilka Late", 2011, 2, 3), person(2, "SUSPECT", "Boss Late", 1979, 1, 1)
    signal = record(**ON, subjects=[her, boss], selectors=[phone("+297 560 2397")])
    amend(two, submitter, signal, subjects=[boss])
    [asked] = findings(two, hotline, signal)
    amend(two, submitter, signal, subjects=[her, boss])
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "KEEP", "NOT_THEIRS")
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)
    amend(two, submitter, signal, subjects=[boss])
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal), "it was said while she stood there"
    assert asked.id in waiting(two, hotline)


def test_who_is_only_taken_for_somebody_of_another_report_is_taken_off_without_a_word_to_the_submitter(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    her = person(1, "VICTIM_POTENTIAL", "Ilka Hidden", 1990, 2, 3)
    record(hotline, subjects=[her], selectors=[])
    boss = person(2, "SUSPECT", "Boss Hidden", 1979, 1, 1)
    signal = record(subjects=[{**her, "role": "SUSPECT"}, boss], selectors=[phone("+297 560 2395")])
    answer = amend(two, submitter, signal, subjects=[boss])
    assert not [step for step in answer.next_steps if "taken off" in step]
    assert not [step for step in read_signal(two[AW], submitter, signal.reference).next_steps if "taken off" in step]
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)


def test_who_submitted_the_report_answers_no_question_about_whom_they_took_off(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    her, boss = person(1, "VICTIM_POTENTIAL", "Ilka Task", 2011, 2, 3), person(2, "SUSPECT", "Boss Task", 1979, 1, 1)
    signal = record(**ON, subjects=[her, boss], selectors=[phone("+297 560 2396")])
    amend(two, submitter, signal, subjects=[boss])
    [asked] = findings(two, hotline, signal)
    with pytest.raises(TaskMissing):
        say(two, submitter, asked, "KEEP", "NOT_THEIRS")
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
