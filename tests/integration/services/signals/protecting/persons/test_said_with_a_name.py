"""Who is a child, a victim or a witness by what stands with the name, and who may be the one whom a report means."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW
_lines = count(1)


def somebody(role: str, name: str | None = None, n: int = 1, kind: str = "person") -> dict[str, Any]:
    line = next(_lines)
    letters = f"{'bcdfghjkl'[line % 9]}{'aeiou'[line % 5]}{'mnprst'[line % 6]}{'aeiou'[line // 9 % 5]}"
    phone = {"type": "PHONE", "value": f"+297 568 {4000 + line}"}
    whole = name or f"Otmarina Wend{letters}"
    return {"n": n, "role": role, "kind": kind, "name": whole, "selectors": [phone]}


def going(two: World, signal: SignalOut) -> set[int]:
    share_all(two[AW])
    return {n for n, _ in families(two, signal)}


@pytest.mark.parametrize(
    ("role", "form"),
    [
        ("COMPANION", {"signal_type": "MISSING_PERSON"}),
        ("ADVERTISER", {"signal_type": "MISSING_PERSON"}),
        ("RELATIVE", {"signal_type": "HT", "exploitation_forms": ["SEX"]}),
    ],
)
def test_who_may_be_missing_or_leads_to_a_victim_who_is_not_named_waits_for_the_register_unit(
    two: World, record: Record, hotline: Caller, role: str, form: dict[str, Any]
) -> None:
    signal = record(subjects=[somebody(role), somebody("SUSPECT", n=2)], selectors=[], **form)
    assert any("which of these persons is it" in one or "whose relative is it" in one for one in signal.questions)
    assert going(two, signal) == {2}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.ALSO_A_VICTIMS, 1)
    assert asked.id in waiting(two, hotline)
    said = AmendIn.model_validate({"changes": {"exploitation_forms": []}, "reason": "Said otherwise."})
    amend_signal(two[AW], hotline, SignalId(signal.id), said, version=1)
    assert going(two, signal) == {2}
    say(two, hotline, asked, "KEEP", "NO_VICTIM")
    assert going(two, signal) == {1, 2}


def test_beside_who_was_found_to_be_no_victim_a_relative_still_leads_to_her(
    two: World, record: Record, hotline: Caller
) -> None:
    both = [somebody("VICTIM_NOT"), somebody("RELATIVE", n=2), somebody("SUSPECT", n=3)]
    signal = record(subjects=both, selectors=[], signal_type="HT", exploitation_forms=["SEX"])
    assert going(two, signal) == {3}
    assert {one.subject for one in findings(two, hotline, signal)} <= {2}


def test_who_is_said_to_be_missing_is_protected_in_every_report(two: World, record: Record, hotline: Caller) -> None:
    her = somebody("COMPANION", "Ulrica Vermistveld") | {"birth": {"year": 1991, "month": 6, "day": 5}}
    before = record(subjects=[her | {"role": "SUSPECT"}], selectors=[])
    signal = record(subjects=[her], selectors=[], signal_type="MISSING_PERSON")
    [asked] = [one for one in findings(two, hotline, signal) if one.subject == 1]
    say(two, hotline, asked, "WITHHOLD")
    assert (going(two, signal), going(two, before)) == (set(), set())


def test_beside_a_victim_who_is_named_nobody_is_asked_about(two: World, record: Record, hotline: Caller) -> None:
    both = [somebody("VICTIM_POTENTIAL"), somebody("RELATIVE", n=2), somebody("SUSPECT", n=3)]
    signal = record(subjects=both, selectors=[], signal_type="HT", exploitation_forms=["SEX"])
    assert (going(two, signal), findings(two, hotline, signal)) == ({3}, [])


@pytest.mark.parametrize(
    ("kind", "name"),
    [("person", "Melder: Rosa Pertin"), ("company", "Lolarona, 15"), ("group", "3 kinderen van Rosa (4, 6 en 9)")],
)
def test_what_stands_with_a_name_protects_whoever_has_it(two: World, record: Record, kind: str, name: str) -> None:
    signal = record(subjects=[somebody("SUSPECT", name, kind=kind)], selectors=[])
    assert going(two, signal) == set()


@pytest.mark.parametrize(("name", "child"), [("Kids Travel", True), ("Shelter Bar", False), ("Lolarona, 15", True)])
def test_a_company_that_is_called_as_a_child_or_a_victim_goes_once_the_register_unit_says_that_it_is_none(
    two: World,
    record: Record,
    hotline: Caller,
    name: str,
    child: bool,  # noqa: FBT001 - a case
) -> None:
    """It stayed at home for good: a company has no age that could be answered."""
    firm = somebody("EMPLOYER", name, kind="company")
    signal = record(subjects=[firm, somebody("SUSPECT", "Otto Vandrisk", n=2)], selectors=[])
    assert any("A company is called" in one for one in signal.questions)
    assert {one.allowed for one in signal.sharing if child} <= {False}
    assert going(two, signal) == (set() if child else {2}), "the whole report stays, where it may be a child"
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.ALSO_A_VICTIMS, 1)
    assert asked.id in waiting(two, hotline)
    kept = say(two, hotline, asked, "KEEP", "NO_VICTIM")
    assert going(two, signal) == {1, 2}
    say(two, hotline, kept, "WITHHOLD")
    assert going(two, signal) == (set() if child else {2})
