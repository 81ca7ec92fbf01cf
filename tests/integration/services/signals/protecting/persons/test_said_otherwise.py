"""Children, reporters and relatives are protected in whatever words a report speaks of them, and whatever is corrected.

Each case was typed by somebody who used the register for a day.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.protecting.lift_protection import read_protection
from register.services.signals.read_signal import read_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def person(n: int, role: str, name: str, year: int | None = None, phone: int | None = None) -> dict[str, Any]:
    things = [] if phone is None else [{"type": "PHONE", "value": f"+297 560 {phone}"}]
    birth = None if year is None else {"year": year, "month": 1, "day": 10}
    return {"n": n, "role": role, "kind": "person", "name": name, "birth": birth, "selectors": things}


def loose(phone: int, **said: bool) -> dict[str, Any]:
    return {"type": "PHONE", "value": f"+297 560 {phone}", **said}


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    version = read_signal(two[AW], by, SignalId(signal.id)).version
    told = AmendIn.model_validate({"changes": changes, "reason": "mistake"})
    return amend_signal(two[AW], by, SignalId(signal.id), told, version=version)


# --- who told it ---


@pytest.mark.parametrize(
    "value",
    [
        {"type": "PASSPORT", "value": "RV1010010", "country": "VE"},
        {"type": "BANK_ACCOUNT", "value": "NL02ABNA0123456789"},
        {"type": "EMAIL", "value": "anon2401@mail.example"},
        loose(2401),
    ],
    ids=lambda one: one["type"],
)
def test_what_tells_who_an_unnamed_reporter_is_waits_also_once_they_are_said_to_be_named(
    two: World, record: Record, submitter: Caller, hotline: Caller, value: dict[str, Any]
) -> None:
    boss = person(1, "SUSPECT", "Boss Vten", 1977, 2499)
    signal = record(source="CITIZEN", reporter_anonymous=True, subjects=[boss], selectors=[value])
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1}
    answer = amend(two, submitter, signal, reporter_anonymous=False)
    amend(two, hotline, answer, source="GOV_DEPT")
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1}
    amend(two, submitter, signal, selectors=[{**value, "of_nobody": True}])
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1}
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {0, 1}, "the register unit has said whose it is"


def test_a_victim_who_told_it_goes_on_holding_what_is_nobodys_under_another_source(
    two: World, record: Record, hotline: Caller
) -> None:
    boss = person(1, "SUSPECT", "Boss Told", 1977, 2498)
    signal = record(hotline, source="VICTIM", subjects=[boss], selectors=[loose(2403)])
    amend(two, hotline, signal, source="CITIZEN")
    share_all(two[AW])
    assert (0, "phone") not in families(two, signal)


def test_a_reporters_number_that_is_moved_under_a_suspect_stays_at_home_until_the_unit_has_answered(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    boss = {**person(1, "SUSPECT", "Boss Rp", 1976), "selectors": []}
    signal = record(source="CITIZEN", subjects=[boss], selectors=[loose(2503, of_reporter=True)])
    short = {"type": "PHONE", "value": "5602503", "country": "AW"}
    amend(two, submitter, signal, selectors=[])
    amend(two, submitter, signal, selectors=[{**short, "of_nobody": True}])
    amend(two, submitter, signal, subjects=[{**boss, "selectors": [short]}], selectors=[])
    share_all(two[AW])
    assert not {key for key in families(two, signal) if key[1] == "phone"}
    [asked] = [one for one in findings(two, hotline, signal) if one.subject == 1]
    assert (asked.finding, asked.because_subject) == (Finding.ALSO_A_REPORTERS, 0)
    kept = say(two, hotline, asked, "KEEP", "HELD_BY_ANOTHER")
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    say(two, hotline, kept, "WITHHOLD")
    assert (1, "phone") not in families(two, signal)


# --- children ---


@pytest.mark.parametrize(
    ("name", "phone", "form"),
    [
        ("Celia Abt", 1821, {"exploitation_forms": ["CHILD_LABOUR"]}),
        ("Celia Cox", 1822, {"indicators": [{"group": "CHILD", "strength": "S"}]}),
        ("Celia Dix", 1823, {"smuggling_elements": ["UNACCOMPANIED_MINOR"]}),
        ("Gita (16 años)", 1824, {}),
        ("Gita 16 jaar", 1825, {}),
        ("Gita, 15 yrs", 1826, {}),
        ("girl of 12", 1827, {}),
        ("niña de la esquina", 1828, {}),
    ],
)
def test_who_may_be_the_child_that_a_report_speaks_of_is_protected(
    two: World, record: Record, hotline: Caller, name: str, phone: int, form: dict[str, Any]
) -> None:
    signal = record(subjects=[person(1, "COMPANION", name, phone=phone)], selectors=[], **form)
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
    [her] = read_protection(two[AW], hotline, SignalId(signal.id)).persons
    assert set(her.reasons) <= {"child-seen", "box"}
    assert her.reasons
    if form:
        assert any(one.startswith("A child is spoken of") for one in signal.questions)


def test_an_age_of_an_adult_in_a_name_protects_nobody(two: World, record: Record, hotline: Caller) -> None:
    signal = record(subjects=[person(1, "COMPANION", "Gita (26 años)", phone=1811)], selectors=[])
    assert read_protection(two[AW], hotline, SignalId(signal.id)).persons == ()


# --- relatives ---


def test_a_relative_beside_a_victim_is_withheld_as_a_witness_and_shared_where_there_is_none(
    two: World, record: Record, submitter: Caller
) -> None:
    boss, mother = person(1, "SUSPECT", "Boss Kin", 1976, 1901), person(2, "RELATIVE", "Mama Kin", 1970, 1902)
    alone = record(subjects=[boss, person(2, "RELATIVE", "Mama Lone", 1971, 1903)], selectors=[])
    beside = record(subjects=[boss, mother, person(3, "VICTIM_POTENTIAL", "Nena Kin", 1995, 1904)], selectors=[])
    share_all(two[AW])
    assert {n for n, _ in families(two, alone)} == {1, 2}
    assert {n for n, _ in families(two, beside)} == {1}
    amend(two, submitter, beside, subjects=[boss, mother])
    share_all(two[AW])
    assert {n for n, _ in families(two, beside)} == {1}, "also once the victim is taken off"


# --- numbers ---


def test_a_person_who_is_renumbered_keeps_the_number_and_what_is_known_of_them(
    two: World, record: Record, submitter: Caller, hotline: Caller
) -> None:
    her, him = person(1, "VICTIM_POTENTIAL", "Tilda Gow"), person(2, "SUSPECT", "Boss Lark", 1974, 1114)
    signal = record(subjects=[her, him], selectors=[])
    answer = amend(two, submitter, signal, subjects=[{**him, "n": 1}, {**her, "n": 2}])
    assert {s.n: s.name for s in answer.form.subjects} == {1: "Tilda Gow", 2: "Boss Lark"}
    share_all(two[AW])
    assert (2, "phone") in families(two, signal)
    assert [one.subject for one in read_protection(two[AW], hotline, SignalId(signal.id)).persons] == [1]
    answer = amend(two, submitter, signal, subjects=[{**him, "n": 1}])
    assert [s.n for s in answer.form.subjects] == [2], "also where she was dropped"
    share_all(two[AW])
    assert (2, "phone") in families(two, signal)


def test_somebody_else_under_the_number_of_a_protected_person_is_told_to_be_hidden(
    two: World, record: Record, submitter: Caller
) -> None:
    signal = record(subjects=[person(1, "VICTIM_POTENTIAL", "Tilda How", 1990, 1115)], selectors=[])
    him = person(1, "SUSPECT", "Boss Orvan", 1975, 1116)
    answer = amend(two, submitter, signal, subjects=[him])
    assert any(step.startswith("Person 1 stays at home") for step in answer.next_steps)
    share_all(two[AW])
    assert families(two, signal) == set()
    answer = amend(two, submitter, signal, subjects=[{**him, "n": 2}])
    assert [s.n for s in answer.form.subjects] == [1], "a number stays with its person"
