"""What stands with a number or in an address and says whose it is: understood as beside a name, and asked about.

A number that somebody typed as the victim's went abroad under the exploiter.
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
_lines = count(1)
PAPER = {"type": "PASSPORT", "value": "AV7113131 (van het slachtoffer)", "country": "VE"}
HER_ADDRESS = {"type": "EMAIL", "value": "katherinne.oropeza98@hotmail.com"}
HER_HANDLE = {"type": "SOCIAL_HANDLE", "platform": "INSTAGRAM", "value": "katherinne_oropeza"}


def phone(remark: str = "") -> dict[str, Any]:
    return {"type": "PHONE", "value": f"+297 566 {7000 + next(_lines)} {remark}".strip()}


def boss(*things: dict[str, Any], n: int = 1, **parts: Any) -> dict[str, Any]:
    line = next(_lines)
    name = f"Rudo Krembak{'bcdfghjkl'[line % 9]}{'aeiou'[line % 5]}{'mnprst'[line % 6]}{'aeiou'[line // 9 % 5]}"
    return {"n": n, "role": "EXPLOITER", "kind": "person", "name": name, "selectors": list(things), **parts}


def her(name: str) -> dict[str, Any]:
    return {"n": 2, "role": "VICTIM_POTENTIAL", "kind": "person", "name": name, "selectors": []}


def going(two: World, signal: SignalOut) -> list[str]:
    share_all(two[AW])
    return sorted(family.partition(".")[0] for _, family in families(two, signal))


@pytest.mark.parametrize(
    "one",
    [
        phone("melder"),
        phone("(kind)"),
        phone("nummer van haar"),
        phone("niet delen"),
        phone("moeder van het meisje"),
        PAPER,
        {"type": "EMAIL", "value": "Maria Gomez (victim) <mg7108@gmail.com>"},
    ],
    ids=lambda one: one["value"],
)
@pytest.mark.parametrize("loose", [False, True], ids=["under a suspect", "under nobody"])
def test_a_value_waits_for_the_register_unit_where_what_stands_beside_it_says_whose_it_is(
    two: World,
    record: Record,
    hotline: Caller,
    one: dict[str, Any],
    loose: bool,  # noqa: FBT001 - a case
) -> None:
    plate = {"type": "PLATE", "value": f"V-{7000 + next(_lines)}", "country": "AW"}
    owned, rest = ([plate], [one]) if loose else ([one, plate], [])
    signal = record(subjects=[boss(*owned)], selectors=rest)
    assert any("What stands with a name, a number" in said for said in signal.questions)
    assert going(two, signal) == ["plate"]
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject, asked.because) == (Finding.ALSO_A_VICTIMS, 0 if loose else 1, signal.id)
    assert asked.id in waiting(two, hotline)
    say(two, hotline, asked, "KEEP", "NO_VICTIM")
    assert len(going(two, signal)) == 2


def test_a_remark_that_comes_later_takes_the_value_back_and_one_that_goes_releases_nothing(
    two: World, record: Record, hotline: Caller
) -> None:
    number = phone()
    signal = record(subjects=[boss(number)], selectors=[])
    assert going(two, signal) == ["phone"]
    for version, typed in enumerate((f"{number['value']} victima", number["value"]), start=1):
        told = boss({**number, "value": typed}, name=signal.form.subjects[0].name)
        said = AmendIn.model_validate({"changes": {"subjects": [told]}, "reason": "Said otherwise."})
        amend_signal(two[AW], hotline, SignalId(signal.id), said, version=version)
        assert live(two[AW], signal.id, CW) is None, "in the same transaction"
        assert going(two, signal) == []


def test_a_number_that_the_unit_says_is_hers_stays_at_home_under_whomever_it_stands(
    two: World, record: Record, hotline: Caller
) -> None:
    number = phone()
    said_so = boss({**number, "value": f"{number['value']} (victim)"})
    signal = record(subjects=[said_so, boss(number, n=2)], selectors=[])
    assert going(two, signal) == []
    say(two, hotline, findings(two, hotline, signal)[0], "WITHHOLD")
    other = record(subjects=[boss(number)], selectors=[])
    assert (going(two, signal), going(two, other)) == ([], [])


def test_a_label_is_no_remark_and_what_nothing_understands_is_shown_to_who_typed_it(
    two: World, record: Record, hotline: Caller
) -> None:
    labelled = [phone(label) for label in ("(whatsapp)", "mobiel", "thuis", "werk")]
    signal = record(subjects=[boss(*labelled, phone("Jan de Boer"))], selectors=[])
    assert [one.beside for one in signal.readings if one.value and one.value.startswith("+297")] == [
        *[None] * 4,
        "Jan de Boer",
    ]
    assert "Jan de Boer" in signal.readings[-1].says
    assert going(two, signal) == ["phone"]
    assert findings(two, hotline, signal) == []


@pytest.mark.parametrize("one", [HER_ADDRESS, HER_HANDLE], ids=lambda one: one["value"])
def test_an_address_of_the_victims_name_waits_under_whomever_it_stands(
    two: World, record: Record, hotline: Caller, one: dict[str, Any]
) -> None:
    number = phone()
    signal = record(subjects=[boss(one, number), her("Katherinne Oropeza Blanco")], selectors=[])
    assert going(two, signal) == ["phone"]
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject, asked.because_subject) == (Finding.ALSO_A_VICTIMS, 1, 0)
    say(two, hotline, asked, "KEEP", "HELD_BY_ANOTHER")
    assert len(going(two, signal)) == 2
    first = boss(one, number, name=signal.form.subjects[0].name)
    theirs = [first, her("Katherinne Oropeza Blanco"), {**her("Wilma Oropeza Katoen"), "n": 3}]
    said = AmendIn.model_validate({"changes": {"subjects": theirs}, "reason": "Another one."})
    amend_signal(two[AW], hotline, SignalId(signal.id), said, version=1)
    assert going(two, signal) == ["phone"], "somebody else is protected since, whose it may be"


def test_an_address_of_nobody_that_has_the_victims_name_is_asked_about_once_it_is_said_to_be_nobodys(
    two: World, record: Record, hotline: Caller
) -> None:
    name, plate = "Katherinne Oropeza Blanco", {"type": "PLATE", "value": f"V-{7000 + next(_lines)}", "country": "AW"}
    signal = record(subjects=[boss(plate), her(name)], selectors=[HER_ADDRESS])
    assert (going(two, signal), findings(two, hotline, signal)) == (["plate"], [])
    said = AmendIn.model_validate({"changes": {"selectors": [HER_ADDRESS | {"of_nobody": True}]}, "reason": "Said."})
    amend_signal(two[AW], hotline, SignalId(signal.id), said, version=1)
    assert going(two, signal) == ["plate"]
    assert {one.family for one in findings(two, hotline, signal)} == {"email"}


def test_a_company_that_has_the_victims_name_waits_as_a_whole(two: World, record: Record, hotline: Caller) -> None:
    address = {"type": "EMAIL", "value": "wendolyn.farias@gmail.com"}
    firm = boss(address, phone(), role="EMPLOYER", kind="company", name="Wendolyn Nails & Spa")
    signal = record(subjects=[firm, her("Wendolyn Farias Rondon")], selectors=[])
    assert going(two, signal) == []
    of_firm = [one for one in findings(two, hotline, signal) if one.family == "taken-off"]
    say(two, hotline, of_firm[0], "KEEP", "NO_VICTIM")
    assert going(two, signal) == ["phone"], "the address is asked about by itself"


def test_an_address_of_ones_own_name_goes_also_beside_a_victim_of_the_same_family(two: World, record: Record) -> None:
    own = {"type": "EMAIL", "value": "jose.oropeza71@hotmail.com"}
    brother = boss(own, name="José Oropeza Blanco")
    assert going(two, record(subjects=[brother, her("Katherinne Oropeza Blanco")], selectors=[])) == ["email"]


def test_a_value_that_is_said_to_be_nobodys_needs_an_answer_to_each_question_about_it(
    two: World, record: Record, hotline: Caller
) -> None:
    nobodys = phone("(moeder)") | {"of_nobody": True}
    plate = {"type": "PLATE", "value": f"V-{7000 + next(_lines)}", "country": "AW"}
    signal = record(subjects=[boss(plate)], selectors=[nobodys], source="CITIZEN", reporter_anonymous=True)
    asked = {one.finding: one for one in findings(two, hotline, signal)}
    assert set(asked) == {Finding.ALSO_A_VICTIMS, Finding.ALSO_A_REPORTERS}
    say(two, hotline, asked[Finding.ALSO_A_VICTIMS], "KEEP", "NO_VICTIM")
    assert going(two, signal) == ["plate"]
    say(two, hotline, asked[Finding.ALSO_A_REPORTERS], "KEEP", "NOT_WHO_TOLD")
    assert going(two, signal) == ["phone", "plate"]


def test_what_is_said_to_be_the_reporters_needs_no_question(two: World, record: Record, hotline: Caller) -> None:
    signal = record(subjects=[boss(phone())], selectors=[phone("melder") | {"of_reporter": True}])
    assert going(two, signal) == ["phone"]
    assert findings(two, hotline, signal) == []


@pytest.mark.parametrize(
    "place",
    [
        {"island": "AW", "location_type": "SHELTER"},
        {"island": "AW", "location_type": "PRIVATE_HOME", "locality": "Opvang Noord"},
    ],
)
def test_whoever_is_named_at_a_shelter_waits_unless_they_are_blamed(
    two: World, record: Record, hotline: Caller, place: dict[str, str]
) -> None:
    guest = boss(phone(), role="COMPANION")
    signal = record(subjects=[guest, boss(phone(), n=2)], selectors=[], place=place)
    assert any("It happened at a shelter" in one for one in signal.questions)
    assert going(two, signal) == ["phone"]
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.ALSO_A_VICTIMS, 1)
    say(two, hotline, asked, "KEEP", "NO_VICTIM")
    assert going(two, signal) == ["phone", "phone"]


@pytest.mark.parametrize("account", ["Lola is 15 jaar.", "Se llama Lola, edad 15.", "Lola, a 17yo, works at night."])
def test_an_age_in_digits_in_the_account_holds_whoever_may_be_that_child(
    two: World, record: Record, hotline: Caller, account: str
) -> None:
    grown = boss(phone(), n=2, birth={"year": 1970, "month": 2, "day": 3})
    signal = record(subjects=[boss(phone(), role="ADVERTISER"), grown], selectors=[], account=account)
    assert any("The story tells of somebody under 18" in one for one in signal.questions)
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {2}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.ALSO_A_VICTIMS, 1)
    say(two, hotline, asked, "KEEP", "NO_VICTIM")
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1, 2}
