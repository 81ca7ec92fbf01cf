"""Referrals at the pages: in the addressee's inbox, read and answered there, and shown to nobody else."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from api.web.frame.languages import Words
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import withdraw_signal
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import present, recorded, referred, shown
from tests.integration.web.walk import send
from tests.support.web.pages import AW, Pages

SQL_A_PAGE = 6
MINOR = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Ana Ficticia", "minor": True}


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    return recorded(served, urgency="NOW", subjects=[MINOR], account="She asks for a bed.")


@pytest.fixture
def referral(served: Pages, signal: SignalOut) -> UUID:
    return referred(served, signal.id, "AW-SCHOOL")


def test_addressee_finds_it_reads_what_was_reported_and_answers(
    served: Pages, signal: SignalOut, referral: UUID, at: At
) -> None:
    school = at("aw-school")
    assert f'<a href="/referrals/{referral}">{signal.reference}: ' in school.get("/referrals").text
    page = school.get(f"/referrals/{referral}").text
    assert "A bed tonight." in page
    assert "Ana Ficticia" not in page, "opened by itself, since reading leaves a leaf"
    report = school.get(f"/referrals/{referral}/report").text
    assert "Ana Ficticia" in report
    assert "She asks for a bed." in report
    assert "Timeline" not in report
    assert school.get(f"/ours/{signal.id}").status_code == 404
    today = served[AW].register.today().isoformat()
    fields: dict[str, str | list[str]] = {"state": "ANSWERED", "outcome": "HELP_GIVEN", "on": today, "version": "1"}
    answer = send(school, f"/referrals/{referral}", {**fields, "note": "She has one."})
    assert answer.headers["location"] == f"/referrals/{referral}?done=answered"
    assert "Your answer is in the register." in school.get(f"/referrals/{referral}?done=answered").text
    waiting = school.get("/referrals").text.partition("Answered, declined or withdrawn")
    assert str(referral) not in waiting[0]
    assert str(referral) in waiting[2]
    assert present(served, signal.id).referrals[0].outcome == "HELP_GIVEN"


def test_faults_lead_to_their_fields_and_nothing_is_sent(referral: UUID, at: At) -> None:
    school = at("aw-school")
    page = send(school, f"/referrals/{referral}", {"state": "ANSWERED", "on": "2999-01-01", "version": "1"}).text
    assert re.findall(r'href="#([a-z]+)"', page.partition("<h1")[0]) == ["main", "outcome", "on"]
    page = send(school, f"/referrals/{referral}", {"state": "SENT", "on": "2020-01-01", "version": "1"}).text
    assert shown("Give a day on which it had been sent already.") in page
    assert "Choose what you answer." in page


def test_answer_on_what_somebody_else_answered_is_not_sent_over_it(served: Pages, referral: UUID, at: At) -> None:
    school, today = at("aw-school"), served[AW].register.today().isoformat()
    fields: dict[str, str | list[str]] = {"state": "ACCEPTED", "on": today, "version": "1"}
    assert send(school, f"/referrals/{referral}", fields).status_code == 303
    page = send(school, f"/referrals/{referral}", {**fields, "note": "Mine."}).text
    assert "Somebody answered meanwhile" in page
    assert "Mine." in page


def test_nobody_else_finds_it(signal: SignalOut, referral: UUID, at: At) -> None:
    for name in ("aw-officer", "aw-reader", "aw-gate"):
        person = at(name)
        assert signal.reference not in person.get("/referrals").text
        for path in (f"/referrals/{referral}", f"/referrals/{referral}/report"):
            assert person.get(path).status_code == 404, (name, path)
    assert at("aw-officer").get("/referrals/all").status_code == 403


def test_register_unit_sees_whose_answer_is_late(served: Pages, signal: SignalOut, referral: UUID, at: At) -> None:
    with served[AW].register.work(served.world.worker(AW)) as work:
        work._connection.exec_driver_sql(
            f"UPDATE rtr.to_do SET due_at = now() - interval '1 hour' WHERE object = '{referral}'"
        )
    unit = at("aw-unit")
    assert signal.reference not in unit.get("/referrals").text
    line = unit.get("/referrals/all").text.partition(str(referral))[2].partition("</li>")[0]
    assert "Overdue since" in line
    assert "AW-SCHOOL" not in line, "organisations are called by name"
    assert "Secondary school" in line
    assert "AW-SCHOOL" not in unit.get(f"/referrals/{referral}").text


def test_report_of_a_declined_referral_is_not_shown_and_the_page_says_why(
    served: Pages, referral: UUID, at: At
) -> None:
    school, today = at("aw-school"), served[AW].register.today().isoformat()
    send(school, f"/referrals/{referral}", {"state": "DECLINED", "on": today, "version": "1"})
    assert "is not shown any more" in school.get(f"/referrals/{referral}").text
    assert school.get(f"/referrals/{referral}/report").status_code == 404


def test_referral_that_was_taken_back_says_when_and_by_whom_and_why_to_who_may_know(
    served: Pages, referral: UUID, at: At
) -> None:
    """The reason may name her: whom it was sent to by mistake learns when and by which role, and whom to ask."""
    unit, school = at("aw-unit"), at("aw-school")
    why = "Sent to the wrong organisation: Rosalba lives elsewhere."
    send(unit, f"/referrals/{referral}/taking-back", {"version": "1", "why": why})
    today = Words("en", AW).day(served[AW].register.today())
    taken = unit.get(f"/referrals/{referral}").text
    assert why in taken
    assert f"<dt>Taken back</dt><dd>{today}, " in taken
    theirs = school.get(f"/referrals/{referral}").text
    assert f"<dt>Taken back</dt><dd>{today}, " in theirs
    assert "Why is known to whoever sent it and to the register unit" in theirs
    line = school.get("/referrals").text.partition(str(referral))[2].partition("</li>")[0]
    assert re.search(f"Taken back by (whoever sent it|the register unit), {today}", line)
    for page in (theirs, line):
        assert "Rosalba" not in page
        assert "aw-unit" not in page
    school.get("/language/nl?next=/referrals")
    assert re.search("door (de afzender|het registerteam)<", school.get(f"/referrals/{referral}").text)


def test_declined_referral_is_in_the_units_list_and_closed_there_with_a_reason(
    served: Pages, signal: SignalOut, referral: UUID, at: At
) -> None:
    school, unit, today = at("aw-school"), at("aw-unit"), served[AW].register.today().isoformat()
    send(school, f"/referrals/{referral}", {"state": "DECLINED", "on": today, "version": "1", "note": "Closed."})
    assert "A bed tonight." not in school.get(f"/referrals/{referral}").text
    assert "It came back" not in school.get(f"/referrals/{referral}").text
    line = unit.get("/to-do").text.partition(str(referral))[2].partition("</li>")[0]
    assert f"A referral that came back: {signal.reference}" in line
    assert "Nobody has it now. It goes from here once you refer the report again" in line
    page = unit.get(f"/referrals/{referral}").text
    assert "It came back: nobody has it now" in page
    assert "Closed." in page
    fields: dict[str, str | list[str]] = {"version": "2"}
    assert "Say why, in a few words." in send(unit, f"/referrals/{referral}/closing", fields).text
    assert send(school, f"/referrals/{referral}/closing", {**fields, "reason": "No."}).status_code == 403
    answer = send(unit, f"/referrals/{referral}/closing", {**fields, "reason": "She has a bed."})
    assert answer.headers["location"] == f"/referrals/{referral}?done=closed"
    assert "It is closed, and waits for nobody any more." in unit.get(f"/referrals/{referral}?done=closed").text
    assert str(referral) not in unit.get("/to-do").text
    assert "nobody else need have it" in unit.get(f"/ours/{signal.id}").text


def test_what_was_typed_stays_on_the_page_where_there_is_nothing_to_close_or_answer_any_more(
    served: Pages, signal: SignalOut, referral: UUID, at: At
) -> None:
    school, unit, today = at("aw-school"), at("aw-unit"), served[AW].register.today().isoformat()
    declined: dict[str, str | list[str]] = {"state": "DECLINED", "on": today, "version": "1"}
    send(school, f"/referrals/{referral}", declined)
    for reason in ("She has a bed.", "A cousin took her in."):
        page = send(unit, f"/referrals/{referral}/closing", {"version": "2", "reason": reason}).text
    assert "A cousin took her in." in page
    by, back = served.world.caller("AW-JIUMM", Task.REGISTER), {"code": "withdrawn", "reason": "She wants it gone."}
    withdraw_signal(served[AW].register, by, SignalId(signal.id), WithdrawIn.model_validate(back), version=2)
    late = send(school, f"/referrals/{referral}", {**declined, "note": "Her aunt was here."})
    assert "Her aunt was here." in late.text


def test_referral_of_a_withdrawn_report_says_so_and_shows_nothing_of_it(
    served: Pages, signal: SignalOut, referral: UUID, at: At
) -> None:
    by, back = served.world.caller("AW-JIUMM", Task.REGISTER), {"code": "withdrawn", "reason": "She wants it gone."}
    withdraw_signal(served[AW].register, by, SignalId(signal.id), WithdrawIn.model_validate(back), version=2)
    school = at("aw-school")
    assert str(referral) not in school.get("/to-do").text
    waits, _, ended = school.get("/referrals").text.partition("Answered, declined or withdrawn")
    assert str(referral) not in waits
    assert "the report was withdrawn" in ended.partition(str(referral))[2].partition("</li>")[0]
    page = school.get(f"/referrals/{referral}").text
    assert "The report was withdrawn, and the referral ended with it." in page
    assert "A bed tonight." not in page
    assert '<form method="post" action="/referrals/' not in page


def test_no_page_asks_the_database_more_than_six_times(served: Pages, referral: UUID, at: At) -> None:
    said = {}
    school, unit = at("aw-school"), at("aw-unit")
    for person, path in (
        (school, "/to-do"),
        (school, "/referrals"),
        (school, f"/referrals/{referral}"),
        (school, f"/referrals/{referral}/report"),
        (unit, "/referrals/all"),
        (unit, "/to-do"),
        (unit, "/"),
    ):
        served[AW].statements.count = 0
        assert person.get(path).status_code == 200
        said[path] = served[AW].statements.count
    assert max(said.values()) <= SQL_A_PAGE, said
