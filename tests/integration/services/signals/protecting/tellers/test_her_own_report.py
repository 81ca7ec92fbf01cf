"""What a victim tells herself leads nobody abroad to her, under whatever role or beside whatever company she stands.

Nobody stood in these reports in the role of a victim: a companion was found abroad by name and phone.
"""

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
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
HERS = {"source": "VICTIM", "selectors": []}
_lines = count(1)
_NAMES = ("Zelfmeldana Binnenloper", "Aurelinda Koraalwerf", "Ivonetta Strandhoek", "Odalisca Verrewind")


def somebody(role: str, n: int = 1, **parts: Any) -> dict[str, Any]:
    line = next(_lines)
    name = f"{_NAMES[line % 4]}{'bcdfghjkl'[line % 9]}{'aeiou'[line % 5]}{'mnprst'[line % 6]}{'aeiou'[line // 9 % 5]}"
    phone = {"type": "PHONE", "value": f"+297 564 {4000 + line}"}
    born = {"year": 1991, "month": 2, "day": 7}
    return {"n": n, "role": role, "kind": "person", "name": name, "birth": born, "selectors": [phone], **parts}


def company(n: int = 1, **parts: Any) -> dict[str, Any]:
    phone = {"type": "PHONE", "value": f"+297 565 {4000 + next(_lines)}"}
    return {"n": n, "role": "EMPLOYER", "kind": "company", "name": "Kwekerij Zandveld", "selectors": [phone], **parts}


def amend(two: World, by: Caller, signal: SignalOut, version: int, **changes: Any) -> None:
    said = AmendIn.model_validate({"changes": changes, "reason": "Said otherwise."})
    amend_signal(two[AW], by, SignalId(signal.id), said, version=version)


def going(two: World, signal: SignalOut) -> set[int]:
    share_all(two[AW])
    return {n for n, _ in families(two, signal)}


@pytest.mark.parametrize(
    ("role", "parts", "form"),
    [
        ("COMPANION", {}, {}),
        ("ADVERTISER", {}, {"channel": "WALK_IN"}),
        ("SUSPECT", {}, {"exploitation_forms": ["CRIMINAL"]}),
        ("COMPANION", {"name": None, "birth": None}, {"channel": "PHONE"}),
        ("OFFICIAL", {"kind": "unknown"}, {}),
        ("COMPANION", {"kind": "group", "birth": None}, {}),
    ],
)
def test_whoever_stands_in_a_victims_report_may_be_she_until_the_register_unit_has_said(
    two: World, record: Record, hotline: Caller, role: str, parts: dict[str, Any], form: dict[str, Any]
) -> None:
    signal = record(subjects=[somebody(role, **parts), company(2)], **HERS, **form)
    assert any("which of them is she" in one for one in signal.questions)
    assert going(two, signal) == {2}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject, asked.because_subject) == (Finding.ALSO_A_REPORTERS, 1, 0)
    assert asked.id in waiting(two, hotline)
    say(two, hotline, asked, "KEEP", "NOT_WHO_TOLD")
    assert going(two, signal) == {1, 2}


def test_of_several_each_waits_and_where_a_victim_is_named_nobody_else_is_she(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody("COMPANION"), somebody("SUSPECT", 2)], **HERS)
    assert going(two, signal) == set()
    assert {one.subject for one in findings(two, hotline, signal)} == {1, 2}
    named = record(subjects=[somebody("VICTIM_POTENTIAL"), somebody("SUSPECT", 2)], **HERS)
    assert going(two, named) == {2}
    assert findings(two, hotline, named) == []


@pytest.mark.parametrize("name", ["Neef Pedro", "nn", None])
def test_who_was_found_to_be_no_victim_does_not_answer_who_of_the_report_is_she(
    two: World, record: Record, hotline: Caller, name: str | None
) -> None:
    """A cousin "assessed, not a victim" was taken for the victim of the report, and the companion went."""
    cousin = {"n": 2, "role": "VICTIM_NOT", "kind": "person", "name": name, "selectors": []}
    signal = record(subjects=[somebody("COMPANION"), cousin], **HERS)
    assert any("which of them is she" in one for one in signal.questions)
    assert going(two, signal) == set()
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.ALSO_A_REPORTERS, 1)
    later = record(subjects=[somebody("COMPANION"), cousin], source="CITIZEN", selectors=[])
    assert going(two, later) == {1}
    amend(two, hotline, later, 1, source="VICTIM")
    assert live(two[AW], later.id, CW) is None, "in the same transaction"


def test_who_is_said_to_be_she_is_protected_as_a_victim_is_in_every_report(
    two: World, record: Record, hotline: Caller
) -> None:
    her = somebody("COMPANION")
    before = record(subjects=[{**her, "role": "SUSPECT"}], selectors=[])
    assert going(two, before) == {1}
    signal = record(subjects=[her], **HERS)
    assert going(two, signal) == set()
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "WITHHOLD")
    assert going(two, signal) == set()
    assert going(two, before) == set(), "taken back, with the answer"
    assert going(two, record(subjects=[{**her, "role": "LANDLORD", "selectors": []}], selectors=[])) == set()


def test_a_source_that_is_said_later_takes_her_back_at_once_and_another_one_after_it_releases_nobody(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody("COMPANION")], selectors=[], source="CITIZEN")
    assert going(two, signal) == {1}
    amend(two, hotline, signal, 1, source="VICTIM")
    assert live(two[AW], signal.id, CW) is None, "in the same transaction"
    amend(two, hotline, signal, 2, source="CITIZEN")
    assert going(two, signal) == set()
    never = record(subjects=[somebody("COMPANION")], **HERS)
    amend(two, hotline, never, 1, source="CITIZEN", subjects=[somebody("SUSPECT")])
    assert going(two, never) == set(), "also who is entered when the source is another"


def test_her_number_waits_with_her_under_whomever_it_stands(two: World, record: Record, hotline: Caller) -> None:
    her = somebody("COMPANION")
    signal = record(subjects=[her, company(2, selectors=her["selectors"])], **HERS)
    assert going(two, signal) == set()
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "KEEP", "NOT_WHO_TOLD")
    assert going(two, signal) == {1, 2}


def test_her_own_company_waits_where_it_has_her_name_or_nobody_else_is_named(two: World, record: Record) -> None:
    her = somebody("VICTIM_POTENTIAL", name="Rosalinde Palmstrand")
    assert going(two, record(subjects=[her, company(2, name="Palmstrand Schoonmaak")], **HERS)) == set()
    assert going(two, record(subjects=[her, company(2)], **HERS)) == {2}
    assert going(two, record(subjects=[company()], **HERS)) == set()


@pytest.mark.parametrize("form", [{"source": "VICTIM"}, {"source": "NGO_IO"}])
def test_that_somebody_is_in_a_shelter_is_told_to_nobody(two: World, record: Record, form: dict[str, Any]) -> None:
    place = {"island": "AW", "location_type": "SHELTER"}
    boss = {**somebody("EXPLOITER", 2), "kind": "person"}
    signal = record(subjects=[somebody("VICTIM_POTENTIAL"), boss], selectors=[], place=place, **form)
    share_all(two[AW])
    told = live(two[AW], signal.id, CW)
    assert told is not None
    assert (told["location_type"], "SHELTER" in str(told)) == ("UNKNOWN", False)
