"""Whom an interview or the ladder names is protected in every report of the country, and not in the interview's own.

Each case was entered by somebody who interviewed a person of whom another report spoke, or none yet.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import IntakeId
from register.domain.signals.signal import SignalId
from register.services.desk.keep_intakes import amend_intake, read_intake, record_intake, withdraw_intake
from register.services.desk.keep_victims import put_on_ladder
from register.services.signals.change_signal import amend_signal
from schemas.codes import Finding, Partition
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import VictimIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
FIRST = 1001
HESSING = "Unvira Caltrop Hessing"


def held(two: World, by: Caller, name: str | None, band: str = "18-24", **parts: Any) -> IntakeOut:
    told = {"held_on": "2025-06-02", "sex": "FEMALE", "age_band": band, "name": name} | parts
    return record_intake(two[AW], by, IntakeIn.model_validate(told), str(two[AW].clock.new_id()))


def put_on(two: World, by: Caller, **whom: Any) -> None:
    status = {"status": "POTENTIAL", "form": "SEX", "decided_on": "2025-06-02", "reason": "interview"}
    entry = VictimIn.model_validate({"sex": "FEMALE", "age_band": "18-24", "status": status} | whom)
    put_on_ladder(two[AW], by, entry, str(two[AW].clock.new_id()))


def companion(record: Record, name: str, line: int, *, nationality: str | None = "CO", **parts: Any) -> SignalOut:
    phone = {"type": "PHONE", "value": f"+297 561 {line}"}
    person = {"n": 1, "role": "COMPANION", "kind": "person", "name": name, "nationality": nationality}
    # Far enough from each other's that no two of the cases are one person by a slip of a letter or a day.
    born = {"year": 1992 if line == FIRST else 1930 + (line - FIRST) * 7 % 61, "month": 3, "day": 4}
    return record(subjects=[person | {"birth": born, "selectors": [phone]} | parts], selectors=[])


@pytest.fixture
def cmma(two: World) -> Caller:
    return two.caller("AW-CMMA", Task.ENRICH, Task.READ_OWN, actor="cmma")


@pytest.mark.parametrize(
    ("name", "line", "band", "ladder"),
    [(HESSING, FIRST, "18-24", True), ("Unvira Caltrop Zwart", 1002, "12-17", False)],
)
def test_an_interview_of_no_report_withholds_whoever_has_the_name_at_once_and_asks(
    two: World,
    record: Record,
    hotline: Caller,
    cmma: Caller,
    name: str,
    line: int,
    band: str,
    ladder: bool,  # noqa: FBT001 - a case
) -> None:
    signal = companion(record, name, line)
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    interview = held(two, cmma, name, band, nationality="CO")
    if ladder:
        put_on(two, cmma, intake=interview.id)
    assert live(two[AW], signal.id, CW) is None, "in the transaction of the interview"
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.PERHAPS_MEANT, 1)
    assert asked.id in waiting(two, hotline)
    share_all(two[AW])
    assert families(two, signal) == set()


def test_a_report_that_comes_after_the_interview_is_held_too(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    put_on(two, cmma, intake=held(two, cmma, "Unvira Caltrop Late", nationality="CO").id)
    later = companion(record, "CALTROP LATE, Unvira", 1003)
    share_all(two[AW])
    assert families(two, later) == set()
    assert [one.finding for one in findings(two, hotline, later)] == [Finding.PERHAPS_MEANT]


@pytest.mark.parametrize("nothing_known", [True, False])
def test_an_interview_of_a_report_that_has_not_the_person_finds_her_in_another(
    two: World,
    record: Record,
    hotline: Caller,
    cmma: Caller,
    nothing_known: bool,  # noqa: FBT001 - a case
) -> None:
    name = f"Unvira Caltrop {'Nihil' if nothing_known else 'Duo'}"
    suspects: list[dict[str, Any]] = [
        {"n": n, "role": "SUSPECT", "kind": "person", "name": f"Rudo Kramp{'a' * n}", "selectors": []} for n in (1, 2)
    ]
    number = {"type": "PHONE", "value": "+297 561 1099"}
    parts: dict[str, Any] = {"subjects": [] if nothing_known else suspects, "selectors": [number]}
    stems_from = record(**parts)
    signal = companion(record, name, 1010 + nothing_known)
    held(two, cmma, name, "12-17", signal=stems_from.id, nationality="CO")
    share_all(two[AW])
    assert families(two, signal) == set()
    assert [one.finding for one in findings(two, hotline, signal)] == [Finding.PERHAPS_MEANT]


def test_a_person_on_the_ladder_under_another_name_than_the_reports_is_found_by_both(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    known_as = companion(record, "La Flaca", 1020)
    signal = companion(record, "Unvira Caltrop Otra", 1021)
    put_on(two, cmma, signal=known_as.id, subject=1, name="Unvira Caltrop Otra", nationality="CO")
    share_all(two[AW])
    assert families(two, signal) == set()
    assert [one.finding for one in findings(two, hotline, signal)] == [Finding.PERHAPS_MEANT]


def test_a_name_that_the_ladder_alone_has_of_whom_was_interviewed_finds_her_in_reports_before_and_after(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    before = companion(record, "Unvira Caltrop Doble", 1080)
    interview = held(two, cmma, "La Flaca", nationality="CO")
    share_all(two[AW])
    assert (1, "phone") in families(two, before)
    put_on(two, cmma, intake=interview.id, name="Unvira Caltrop Doble", nationality="CO")
    assert live(two[AW], before.id, CW) is None, "in the transaction of the entry"
    later = companion(record, "Unvira Caltrop Doble", 1082)
    share_all(two[AW])
    for signal in (before, later):
        assert families(two, signal) == set()
        assert [one.finding for one in findings(two, hotline, signal)] == [Finding.PERHAPS_MEANT]


def test_a_child_by_the_interview_who_is_said_to_be_of_another_report_is_a_child_there(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    """Whom nobody put on the ladder: all that is known of her is the interview's."""
    signal = companion(record, "Unvira Caltrop Chica", 1084)
    held(two, cmma, "Unvira Caltrop Chica", "12-17", nationality="CO")
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "SAME")
    with two[AW].work(hotline) as work:
        assert "band" in work.signals.protections.reasons(SignalId(signal.id))[1]
    share_all(two[AW])
    assert families(two, signal) == set()


def test_an_interview_that_was_taken_back_holds_nobody_at_home_who_is_reported_after_it(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    empty = record(subjects=[], selectors=[], nothing_known=True)
    for parts in ({}, {"signal": empty.id}):
        made = held(two, cmma, "Unvira Caltrop Nunca", "12-17", nationality="CO", **parts)
        withdraw_intake(two[AW], cmma, IntakeId(made.id), TakeBackIn(reason="another person"), version=1)
    named = companion(record, "Unvira Caltrop Nunca", 1086)
    whom = named.form.subjects[0].model_dump() | {"name": "Unvira Caltrop Jamas"}
    change = {"changes": {"subjects": [whom], "nothing_known": False}, "reason": "now known"}
    amend_signal(two[AW], hotline, SignalId(empty.id), AmendIn.model_validate(change), version=1)
    share_all(two[AW])
    for signal in (named, empty):
        assert (1, "phone") in families(two, signal)
        assert findings(two, hotline, signal) == []


def test_who_has_another_nationality_or_is_said_to_be_another_person_is_shared(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    held(two, cmma, "Unvira Caltrop Igual", nationality="CO")
    other = companion(record, "Unvira Caltrop Igual", 1030, nationality="VE")
    hers = companion(record, "Unvira Caltrop Igual", 1031)
    share_all(two[AW])
    assert (1, "phone") in families(two, other)
    assert families(two, hers) == set()
    [asked] = findings(two, hotline, hers)
    say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    share_all(two[AW])
    assert (1, "phone") in families(two, hers)


def test_who_is_said_to_be_the_one_interviewed_is_protected_as_such(
    two: World, record: Record, hotline: Caller, cmma: Caller
) -> None:
    signal = companion(record, "Unvira Caltrop Ella", 1040, nationality=None)
    put_on(two, cmma, intake=held(two, cmma, "Unvira Caltrop Ella", nationality="CO").id)
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "SAME")
    with two[AW].work(hotline) as work:
        assert "ladder" in work.signals.protections.reasons(SignalId(signal.id))[1]
    share_all(two[AW])
    assert families(two, signal) == set()


def test_a_name_that_is_corrected_in_the_interview_is_looked_for_then(two: World, record: Record, cmma: Caller) -> None:
    signal = companion(record, "Unvira Caltrop Tarde", 1050)
    made = held(two, cmma, None, nationality="CO")
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    change = AmendIntakeIn.model_validate({"changes": {"name": "Unvira Caltrop Tarde"}, "reason": "now known"})
    assert amend_intake(two[AW], cmma, IntakeId(made.id), change, version=1).protects == ("BY_NAME",)
    assert live(two[AW], signal.id, CW) is None


def test_the_answer_to_an_interview_says_what_it_protects_and_nothing_of_who_is_reported(
    two: World, record: Record, cmma: Caller
) -> None:
    assert held(two, cmma, None).protects == ()
    assert held(two, cmma, "Unvira", nationality="CO").protects == ()
    reported = companion(record, "Unvira Caltrop Sabe", 1060)
    # The second is a name like any other: one that says "nobody" would be that of everybody who has one part more.
    for name in ("Unvira Caltrop Sabe", "Unvira Caltrop Lejana"):
        assert held(two, cmma, name, nationality="CO").protects == ("BY_NAME",)
    both = held(two, cmma, "Unvira Caltrop Sabe", nationality="CO", signal=reported.id)
    assert both.protects == ("IN_REPORT", "BY_NAME")
    assert read_intake(two[AW], cmma, IntakeId(both.id)).protects == both.protects


def test_one_common_name_takes_no_more_reports_from_partners_than_a_likeness_may(
    two: World, record: Record, hotline: Caller, cmma: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("register.services.signals.protecting.assess_protection.ALIKE_MAX", 2)
    held(two, cmma, "Ana Comun Comun", nationality="CO")
    births = [{"year": 1950 + 9 * n, "month": 1 + 4 * n, "day": 3 + 9 * n} for n in range(3)]  # nobody's of the others
    signals = [companion(record, "Ana Comun", 1070 + n, birth=birth) for n, birth in enumerate(births)]
    share_all(two[AW])
    assert [bool(families(two, one)) for one in signals] == [False, False, True]
    assert all(findings(two, hotline, one) for one in signals)
