"""Of a report by somebody who does not want to be known, nobody goes abroad who may be that person.

An anonymous caller was entered as a relative, and found abroad by name and phone.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.desk.keep_intakes import record_intake
from register.services.signals.change_signal import amend_signal
from register.services.signals.read_signal import read_signal
from schemas.codes import Finding, Partition
from schemas.desk.intake import IntakeIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import drafts_of, live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
ANONYMOUS = {"source": "CITIZEN", "reporter_anonymous": True, "selectors": []}


def somebody(role: str, name: str, line: int, n: int = 1) -> dict[str, Any]:
    phone = {"type": "PHONE", "value": f"+297 563 {line}"}
    born = {"year": 1960, "month": 1 + line % 12, "day": 1 + line % 28}
    return {"n": n, "role": role, "kind": "person", "name": name, "birth": born, "selectors": [phone]}


def told_of(two: World, signal: SignalOut) -> list[tuple[str, str]]:
    """Role and kind of each person of whom Curaçao is told."""
    extract = live(two[AW], signal.id, CW)
    assert extract is not None
    return [(one["role"], one["kind"]) for one in extract["subjects"]]


def amend(two: World, by: Caller, signal: SignalOut, version: int, **changes: Any) -> None:
    said = AmendIn.model_validate({"changes": changes, "reason": "Said otherwise."})
    amend_signal(two[AW], by, SignalId(signal.id), said, version=version)


@pytest.mark.parametrize(
    ("role", "name", "line"),
    [
        ("RELATIVE", "Tante Griselda Palvan", 4001),
        ("COMPANION", "Otilio Bermarez", 4002),
        ("CUSTOMER", "Wendolf Krastig", 4003),
    ],
)
def test_whoever_may_have_told_it_waits_for_a_word_of_the_register_unit(
    two: World, record: Record, hotline: Caller, role: str, name: str, line: int
) -> None:
    boss = somebody("SUSPECT", f"Rudo Kremm{'aeiou'[line % 5]}", line + 100, n=2)
    signal = record(subjects=[somebody(role, name, line), boss], **ANONYMOUS)
    assert any("who told it" in one for one in signal.questions)
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {2}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject, asked.because_subject) == (Finding.ALSO_A_REPORTERS, 1, 0)
    assert asked.id in waiting(two, hotline)
    say(two, hotline, asked, "KEEP", "NOT_WHO_TOLD")
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1, 2}


def test_who_is_said_to_have_told_it_is_found_in_no_other_report_by_number(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody("RELATIVE", "Griselda Aruna", 4011)], **ANONYMOUS)
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "WITHHOLD")
    share_all(two[AW])
    assert families(two, signal) == set()
    other = record(subjects=[somebody("SUSPECT", "Lodewijk Strand", 4011)], selectors=[])
    share_all(two[AW])
    assert (1, "phone") not in families(two, other)
    assert [one.finding for one in findings(two, hotline, other)] == [Finding.ALSO_A_REPORTERS]


def test_another_role_or_a_name_for_who_told_it_releases_nobody(two: World, record: Record, hotline: Caller) -> None:
    aunt = somebody("RELATIVE", "Griselda Bonari", 4021)
    signal = record(subjects=[aunt], **ANONYMOUS)
    amend(two, hotline, signal, 1, subjects=[{**aunt, "role": "SUSPECT"}])
    amend(two, hotline, signal, 2, reporter_anonymous=False)
    share_all(two[AW])
    assert families(two, signal) == set()


@pytest.mark.parametrize("said_before", [True, False])
def test_the_answer_counts_for_that_person_and_not_for_who_comes_under_the_number(
    two: World,
    record: Record,
    hotline: Caller,
    said_before: bool,  # noqa: FBT001 - a case
) -> None:
    line = 4031 + said_before
    signal = record(subjects=[somebody("RELATIVE", f"Griselda Corr{'ae'[said_before]}l", line)], **ANONYMOUS)
    if said_before:
        say(two, hotline, findings(two, hotline, signal)[0], "KEEP", "NOT_WHO_TOLD")
    amend(two, hotline, signal, 1, subjects=[somebody("RELATIVE", f"Tobias Windt{'ae'[said_before]}r", line + 50)])
    share_all(two[AW])
    assert families(two, signal) == set()


def test_who_told_it_and_is_known_holds_nobody_and_a_suspect_is_not_who_told_it(
    two: World, record: Record, hotline: Caller
) -> None:
    known = record(subjects=[somebody("COMPANION", "Otilio Serrant", 4041)], source="CITIZEN", selectors=[])
    blamed = record(subjects=[somebody("SUSPECT", "Nelis Tromp", 4042)], **ANONYMOUS)
    share_all(two[AW])
    for signal in (known, blamed):
        assert (1, "phone") in families(two, signal)
        assert findings(two, hotline, signal) == []


PERHAPS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a relative, where who told it is not to be known": (
        "RELATIVE",
        {"source": "CITIZEN", "reporter_anonymous": True},
        "NOT_WHO_TOLD",
    ),
    "anybody, where a victim told it": ("COMPANION", {"source": "VICTIM"}, "NOT_WHO_TOLD"),
    "anybody whom nothing blames, where somebody is missing": (
        "COMPANION",
        {"signal_type": "MISSING_PERSON"},
        "NO_VICTIM",
    ),
    "a relative, where no victim is named": ("RELATIVE", {"exploitation_forms": ["SEX"]}, "NO_VICTIM"),
}


@pytest.mark.parametrize("keyed", [True, False], ids=["with a number", "of whom nothing is known"])
@pytest.mark.parametrize("case", PERHAPS)
def test_that_somebody_is_there_who_may_be_the_victim_or_have_told_it_is_told_to_nobody_before_the_unit_has_said(
    two: World,
    record: Record,
    hotline: Caller,
    case: str,
    keyed: bool,  # noqa: FBT001 - a case
) -> None:
    """Neither role nor kind: how many there are, and as what they stand in it, finds her on a small island."""
    role, form, because = PERHAPS[case]
    line = 4101 + 2 * list(PERHAPS).index(case) + keyed
    boss = somebody("SUSPECT", f"Rudo Brakk{'aeiouyno'[line % 8]}", line + 100)
    perhaps = somebody(role, "Otilio Bermarez", line, n=2)
    if not keyed:
        perhaps = {"n": 2, "role": role, "kind": "person", "selectors": []}
    signal = record(subjects=[boss, perhaps], **{"selectors": []} | form)
    for one in findings(two, hotline, signal):
        if one.subject == 1:
            say(two, hotline, one, "KEEP", because)
    share_all(two[AW])
    assert told_of(two, signal) == [("SUSPECT", "person")]
    [asked] = [one for one in findings(two, hotline, signal) if one.subject == 2]
    kept = say(two, hotline, asked, "KEEP", because)
    share_all(two[AW])
    assert told_of(two, signal) == [("SUSPECT", "person"), (role, "person")]
    say(two, hotline, kept, "WITHHOLD")
    share_all(two[AW])
    assert told_of(two, signal) == [("SUSPECT", "person")], "who did tell it, or is she, is told to nobody at all"


def test_who_may_have_told_it_from_now_on_goes_from_partners_without_a_version_that_shows_who_went(
    two: World, record: Record, hotline: Caller
) -> None:
    boss = somebody("SUSPECT", "Rudo Stremmik", 4221)
    passer = {"n": 2, "role": "COMPANION", "kind": "person", "selectors": []}
    signal = record(subjects=[boss, passer], **ANONYMOUS | {"reporter_anonymous": False})
    share_all(two[AW])
    assert told_of(two, signal) == [("SUSPECT", "person"), ("COMPANION", "person")]
    had = len(drafts_of(two[AW], signal.id, CW))
    amend(two, hotline, signal, 1, reporter_anonymous=True)
    assert told_of(two, signal) == [("SUSPECT", "person")], "in the same transaction"
    assert [one.type for one in drafts_of(two[AW], signal.id, CW)[had:]] == ["indicator.retract", "indicator.put"]


@pytest.mark.parametrize("case", PERHAPS)
def test_a_report_whose_only_person_waits_stays_at_home_whatever_is_known_of_them(
    two: World, record: Record, hotline: Caller, case: str
) -> None:
    """With a phone it stayed at home; without one, its type, island and month went."""
    role, form, because = PERHAPS[case]
    somebody_there = {"n": 1, "role": role, "kind": "person", "selectors": []}
    signal = record(subjects=[somebody_there], **{"selectors": []} | form)
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
    for one in read_signal(two[AW], hotline, SignalId(signal.id)).sharing:
        assert "KEYS-7" in one.rules
        assert any("waits as a whole" in sentence for sentence in one.sentences)
    [asked] = findings(two, hotline, signal)
    kept = say(two, hotline, asked, "KEEP", because)
    share_all(two[AW])
    assert told_of(two, signal) == [(role, "person")]
    say(two, hotline, kept, "WITHHOLD")
    assert live(two[AW], signal.id, CW) is None, "in the same transaction, and no shell is left of it"
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None


def test_who_waits_holds_back_nothing_of_another_person_or_of_a_value_of_nobody(two: World, record: Record) -> None:
    perhaps = {"n": 2, "role": "COMPANION", "kind": "person", "selectors": []}
    missing: dict[str, Any] = {"signal_type": "MISSING_PERSON", "selectors": []}
    nobody_known = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": []}
    beside = record(subjects=[nobody_known, perhaps], **missing)
    plate = {"type": "PLATE", "value": "A-44917", "country": "AW"}
    value = record(subjects=[perhaps], **missing | {"selectors": [plate]})
    share_all(two[AW])
    assert told_of(two, beside) == [("SUSPECT", "person")]
    assert families(two, value) == {(0, "plate")}


def test_whom_alone_an_interview_may_mean_leaves_no_shell_of_the_report_abroad(
    two: World, record: Record, hotline: Caller
) -> None:
    companion = {"n": 1, "role": "COMPANION", "kind": "person", "name": "Wendolf", "selectors": []}
    signal = record(subjects=[companion], selectors=[])
    share_all(two[AW])
    assert told_of(two, signal) == [("COMPANION", "person")]
    told = {"signal": signal.id, "held_on": "2025-06-02", "sex": "FEMALE", "age_band": "30-39", "name": "La Flaca"}
    record_intake(two[AW], hotline, IntakeIn.model_validate(told), str(two[AW].clock.new_id()))
    assert live(two[AW], signal.id, CW) is None
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
