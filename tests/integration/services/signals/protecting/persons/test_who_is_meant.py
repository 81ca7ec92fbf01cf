"""An interview or a place on the ladder protects whom it may mean, whatever the person is called there.

Each case was entered by somebody who interviewed the only person of a report under what people call her.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from register.domain.access.caller import Caller
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.services.desk.keep_intakes import record_intake
from register.services.desk.keep_victims import put_on_ladder
from register.services.signals.protecting.lift_protection import read_protection
from schemas.codes import Finding, FindingDecision, Partition
from schemas.desk.intake import IntakeIn
from schemas.desk.victim import VictimIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def somebody(n: int, role: str, name: str | None, birth: str | None, phone: int) -> dict[str, Any]:
    year, month, day = map(int, birth.split("-")) if birth else (0, 0, 0)
    born = {"year": year, "month": month, "day": day} if birth else None
    value = {"type": "PHONE", "value": f"+297 560 {phone}"}
    return {"n": n, "role": role, "kind": "person", "name": name, "birth": born, "selectors": [value]}


def interview(
    two: World,
    by: Caller,
    signal: SignalOut,
    said: str | None,
    band: str = "30-39",
    *,
    ladder: bool = False,
    **entry: Any,
) -> None:
    told = {"signal": signal.id, "held_on": "2025-06-02", "sex": "FEMALE", "age_band": band, "name": said}
    held = record_intake(two[AW], by, IntakeIn.model_validate(told), str(two[AW].clock.new_id()))
    if ladder:
        status = {"status": "POTENTIAL", "form": "SEX", "decided_on": "2025-06-02", "reason": "interview"}
        entry |= {"intake": held.id, "sex": "FEMALE", "age_band": band, "status": status}
        put_on_ladder(two[AW], by, VictimIn.model_validate(entry), str(two[AW].clock.new_id()))


def protected(two: World, by: Caller, signal: SignalOut) -> set[int]:
    return {one.subject for one in read_protection(two[AW], by, SignalId(signal.id)).persons}


@pytest.mark.parametrize(
    ("person", "said", "band", "ladder"),
    [
        (("SUSPECT", "Xenia Cobb", "1996-04-03", 1403), "X. Cobb", "12-17", False),
        (("SUSPECT", "Xenia Dodd", "1996-04-04", 1404), "Xenia", "12-17", True),
        (("SUSPECT", "Xenia", "1996-04-08", 1408), "Xenia Hobbs", "30-39", True),
        (("SUSPECT", None, "1996-04-09", 1409), "Xenia Ince", "30-39", True),
        (("SUSPECT", "Wanda Fry", "1996-01-06", 1306), "W. Fry", "30-39", True),
        (("SUSPECT", "Wanda Gill", "1996-01-07", 1307), "Wanda Gil", "30-39", True),
        (("SUSPECT", "Jola Baird", None, 2302), "Jola B.", "12-17", False),
        (("COMPANION", "Wanda Archer", "1996-01-01", 1301), "Wanda Archer", "30-39", False),
        (("COMPANION", "Wanda Eads", "1996-01-05", 1305), None, "30-39", False),
        (("SUSPECT", "Vesna Garner", "1995-03-05", 1214), "GARNER, VESNA", "30-39", False),
        (("SUSPECT", "Véśna Jarvis", "1995-03-08", 1217), "vesna jarvis", "30-39", False),
        (("SUSPECT", "Quirina Sool", "1995-03-09", 1218), "La Flaca", "30-39", True),
    ],
)
def test_an_interview_in_a_report_with_one_person_protects_that_person_at_once_and_asks(
    two: World,
    record: Record,
    hotline: Caller,
    person: tuple[str, str | None, str | None, int],
    said: str | None,
    band: str,
    ladder: bool,  # noqa: FBT001 - a case
) -> None:
    role, name, birth, phone = person
    signal = record(subjects=[somebody(1, role, name, birth, phone)], selectors=[])
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    interview(two, hotline, signal, said, band, ladder=ladder)
    assert live(two[AW], signal.id, CW) is None, "in the transaction of the interview"
    assert protected(two, hotline, signal) == {1}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.PERHAPS_MEANT, 1)
    assert asked.id in waiting(two, hotline)


def test_of_several_whoever_may_be_meant_is_protected_and_the_others_stay_shared(
    two: World, record: Record, hotline: Caller
) -> None:
    boss = somebody(2, "SUSPECT", "Rudo Kramm", "1970-01-02", 1502)
    signal = record(subjects=[somebody(1, "SUSPECT", "Xenia Lowe", "1996-04-10", 1501), boss], selectors=[])
    share_all(two[AW])
    interview(two, hotline, signal, "X. L.", ladder=True)
    assert {n for n, _ in families(two, signal)} == {2}
    assert {one.subject for one in findings(two, hotline, signal)} == {1}


def test_a_nameless_interview_is_with_whom_the_place_on_the_ladder_names(
    two: World, record: Record, hotline: Caller
) -> None:
    names = ("Rudo Kromm", "Yelva Pruett", "Tomas Vries")
    people = [somebody(n, "SUSPECT", name, f"197{n}-01-03", 1510 + n) for n, name in enumerate(names, start=1)]
    signal = record(subjects=people, selectors=[])
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {1, 2, 3}
    interview(two, hotline, signal, None, ladder=True, name="PRUETT, Yelva")
    assert {n for n, _ in families(two, signal)} == {1, 3}, "in the transaction of the entry"
    [her] = read_protection(two[AW], hotline, SignalId(signal.id)).persons
    assert (her.subject, "ladder" in her.reasons) == (2, True)


def test_of_several_whom_the_name_does_not_fit_all_are_asked_about_and_those_withheld_whom_nothing_blames(
    two: World, record: Record, hotline: Caller
) -> None:
    boss = somebody(2, "SUSPECT", "Rudo Kremm", "1970-01-03", 1504)
    signal = record(subjects=[somebody(1, "COMPANION", "Xenia Mudd", "1996-04-11", 1503), boss], selectors=[])
    share_all(two[AW])
    interview(two, hotline, signal, "La Flaca", ladder=True)
    assert {n for n, _ in families(two, signal)} == {2}
    assert {one.subject for one in findings(two, hotline, signal)} == {1, 2}


def test_an_interview_with_somebody_else_lets_go_whom_it_was_said_of(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody(1, "SUSPECT", "Xenia Nash", "1996-04-12", 1505)], selectors=[])
    interview(two, hotline, signal, "Petra", "12-17", ladder=True)
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "ANOTHER", "NOT_INTERVIEWED")
    share_all(two[AW])
    assert (1, "phone") in families(two, signal)
    assert protected(two, hotline, signal) == set()
    assert asked.id not in waiting(two, hotline)


def test_an_interview_that_is_said_to_be_hers_protects_her_as_by_her_name(
    two: World, record: Record, hotline: Caller
) -> None:
    signal = record(subjects=[somebody(1, "SUSPECT", "Xenia Oddo", "1996-04-13", 1506)], selectors=[])
    interview(two, hotline, signal, "Petra", "12-17", ladder=True)
    [asked] = findings(two, hotline, signal)
    say(two, hotline, asked, "SAME")
    [her] = read_protection(two[AW], hotline, SignalId(signal.id)).persons
    assert {"ladder", "band"} <= set(her.reasons)
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None


UNREAD = {
    "key of the interview lost": "DELETE FROM rtr.data_key_aw k USING rtr.intake_aw i "
    "WHERE k.id = i.data_key AND i.signal_id = %s",
    "interview damaged": "UPDATE rtr.intake_aw SET details = decode('00', 'hex') || details WHERE signal_id = %s",
    "place on the ladder damaged": "UPDATE rtr.victim_aw v SET details = decode('00', 'hex') || v.details "
    "FROM rtr.intake_aw i WHERE v.intake_id = i.id AND i.signal_id = %s",
}


@pytest.mark.parametrize("how", UNREAD)
def test_an_interview_that_does_not_open_holds_back_whoever_it_may_mean_and_the_unit_decides(
    two: World, record: Record, hotline: Caller, how: str
) -> None:
    """It stopped the sharing of the report, and every fact about its persons: nobody was held back, or asked."""
    her = somebody(1, "SUSPECT", "Yrsa Quill", "1996-05-10", 2601)
    him = somebody(2, "SUSPECT", "Rudo Krimm", "1970-05-02", 2602)
    signal = record(subjects=[her, him], selectors=[])
    share_all(two[AW])
    interview(two, hotline, signal, "Y. Q.", ladder=True)
    assert {n for n, _ in families(two, signal)} == {2}
    spoil(two, how, signal)
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    share_all(two[AW])
    assert live(two[AW], signal.id, CW) is None, "it may mean either"
    read = read_protection(two[AW], hotline, SignalId(signal.id))
    assert all("meant" in one.reasons for one in read.persons)
    asked = {one.subject: one for one in findings(two, hotline, signal)}
    assert asked.keys() == {1, 2}
    assert {one.id for one in asked.values()} <= waiting(two, hotline).keys()
    say(two, hotline, asked[2], FindingDecision.ANOTHER, "NOT_INTERVIEWED")
    share_all(two[AW])
    assert {n for n, _ in families(two, signal)} == {2}, "the unit has said that it is not he"


def spoil(two: World, how: str, signal: SignalOut) -> None:
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        assert connection.execute(UNREAD[how].encode(), (signal.id,)).rowcount == 1
