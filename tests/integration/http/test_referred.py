"""A referral of an urgent report about a minor to the contact point (C40): it stands there and is read there only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from tests.integration.http.doors import PERSONAS, Doors

MINOR = {
    "n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Ana Ficticia", "minor": True,
    "birth": {"year": 2013}, "selectors": [{"type": "PHONE", "value": "+297 000 0777"}],
}  # fmt: skip
OWN_READERS, OTHERS = ("coordinator", "statistics"), ("service", "prosecutor")
"""Of the organisation referred to, with the task READ_OWN; and people of others, or without it."""
OWN_READER = OWN_READERS[0]


@pytest.fixture
def signal(doors: Doors) -> dict[str, Any]:
    return doors.signal(urgency="NOW", subjects=[MINOR], single_approval=True)


@pytest.fixture
def referral(doors: Doors, signal: dict[str, Any]) -> dict[str, Any]:
    return refer(doors, signal, 1)


def refer(
    doors: Doors, signal: dict[str, Any], version: int, to: str = "AW-CMMA", kind: str = "assistance"
) -> dict[str, Any]:
    body = {"kind": kind, "to": to, "note": "A bed tonight."}
    answer = doors.send("POST", f"/v1/signals/{signal['id']}/referrals", "unit", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["referrals"][-1]
    return found


def say(doors: Doors, referral: dict[str, Any], state: str, version: int = 1, **more: str) -> Any:
    body = {"state": state, "on": doors.register.today().isoformat(), **more}
    return doors.send("POST", f"/v1/referrals/{referral['id']}/answers", "unit", body, If_Match=f'"{version}"')


def withdraw(doors: Doors, signal: dict[str, Any], version: int, code: str) -> None:
    body = {"code": code, "reason": "She withdraws her consent."}
    path = f"/v1/signals/{signal['id']}/withdrawal"
    answer = doors.send("POST", path, "unit", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text


def items(doors: Doors, persona: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = doors.send("GET", "/v1/to-do?limit=200", persona).json()["items"]
    return found


def waiting(doors: Doors, persona: str) -> set[str]:
    return {one["object"] for one in items(doors, persona)}


def minutes(one: dict[str, Any]) -> float:
    return (datetime.fromisoformat(one["due_at"]) - datetime.fromisoformat(one["opened_at"])) / timedelta(minutes=1)


def test_it_stands_in_the_inbox_of_the_organisation_and_is_overdue_after_an_hour(
    doors: Doors, referral: dict[str, Any]
) -> None:
    waits = doors.send("GET", "/v1/to-do", OWN_READER).json()["items"]
    mine = next(one for one in waits if one["object"] == referral["id"])
    assert (mine["kind"], mine["urgency"], mine["unit"], mine["overdue"]) == ("REFERRAL", "NOW", "AW-CMMA", False)
    listed = doors.send("GET", "/v1/referrals", OWN_READER).json()["items"]
    line = next(one for one in listed if one["id"] == referral["id"])
    assert (line["overdue"], line["due_at"]) == (False, mine["due_at"])
    age(doors, referral["id"], hours=2)
    assert doors.send("GET", f"/v1/referrals/{referral['id']}", OWN_READER).json()["overdue"] is True
    assert next(
        one for one in doors.send("GET", "/v1/to-do", OWN_READER).json()["items"] if one["object"] == referral["id"]
    )["overdue"]


def test_its_addressee_reads_what_was_referred_and_that_only(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any]
) -> None:
    answer = doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["signal"], found["reported"]["subjects"][0]["name"]) == (signal["reference"], "Ana Ficticia")
    assert found["reported"]["account"] == signal["form"]["account"]
    assert found["reported"]["single_approval"] is False
    beside = ("purpose", "legal_basis", "crime_class", "evaluation", "handling", "visibility", "operation")
    assert [found["reported"][name] for name in beside] == [None] * len(beside)
    assert found["changed"] is False
    assert not {"sharing", "referrals", "history", "state"} & set(found)
    for path in ("", "/history", "/sharing"):
        assert doors.send("GET", f"/v1/signals/{signal['id']}{path}", OWN_READER).status_code == 404
    earlier = "UPDATE rtr.referral SET referred_at = referred_at - interval '30 hours' WHERE id = '{}' RETURNING 1"
    assert rows(doors, earlier.format(referral["id"])) == [(1,)]
    later = doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER).json()
    assert later["changed"] is True, "it was referred the day before"


def test_nobody_else_gains_by_a_referral(doors: Doors, referral: dict[str, Any]) -> None:
    assert set(PERSONAS) == {*OWN_READERS, "unit", *OTHERS}
    nowhere = doors.register.clock.new_id()
    for persona in OTHERS:
        answers = [doors.send("GET", f"/v1/referrals/{which}/report", persona) for which in (referral["id"], nowhere)]
        assert [one.status_code for one in answers] == [404, 404]
        told = [
            one.json()["detail"].replace(str(which), "X")
            for one, which in zip(answers, (referral["id"], nowhere), strict=True)
        ]
        assert told[0] == told[1]


def test_reading_leaves_a_leaf_and_so_does_the_attempt(doors: Doors, referral: dict[str, Any]) -> None:
    doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER)
    doors.send("GET", f"/v1/referrals/{referral['id']}/report", "service")
    found = rows(
        doors,
        "SELECT action, commitment FROM rtr.audit_leaf WHERE action LIKE 'referral.report%' ORDER BY id DESC LIMIT 2",
    )
    assert {action for action, _ in found} == {"referral.report-read", "referral.report-not-found"}
    assert all(referral["id"] in str(commitment) for _, commitment in found)
    assert "Ana" not in str(found)


@pytest.mark.parametrize(("state", "status"), [("ACCEPTED", 200), ("DECLINED", 404)])
def test_right_to_read_holds_while_the_referral_does(
    doors: Doors, referral: dict[str, Any], state: str, status: int
) -> None:
    assert say(doors, referral, state).status_code == 200
    assert doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER).status_code == status


@pytest.mark.parametrize("code", ["withdrawn", "corrected"])
def test_withdrawal_ends_its_referrals_and_nobody_reads_what_was_asked_any_more(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any], code: str
) -> None:
    assert say(doors, referral, "ACCEPTED").status_code == 200
    refer(doors, signal, 2, "AW-DIMAS")
    withdraw(doors, signal, 3, code)
    answer = doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER)
    assert (answer.status_code, answer.json()["code"]) == (404, "report-not-shown")
    assert "withdrawn" in answer.json()["detail"]
    for persona in (OWN_READER, "unit"):
        found = doors.send("GET", f"/v1/referrals/{referral['id']}", persona).json()
        assert (found["withdrawn"], found["note"], found["due_at"], found["back_until"]) == (True, None, None, None)
    assert waiting(doors, OWN_READER) & {referral["id"]} == set()
    late = say(doors, referral, "ANSWERED", 2, outcome="HELP_GIVEN")
    assert (late.status_code, late.json()["code"]) == (409, "answer-not-allowed")


@pytest.mark.parametrize("said", [None, {"state": "ACCEPTED"}, {"state": "ANSWERED", "outcome": "HELP_GIVEN"}])
def test_what_went_to_the_wrong_organisation_is_taken_back_and_they_read_nothing_from_then_on(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any], said: dict[str, Any] | None
) -> None:
    path = f"/v1/referrals/{referral['id']}"
    assert doors.send("GET", f"{path}/report", OWN_READER).status_code == 200
    assert said is None or say(doors, referral, **said).status_code == 200
    version = doors.send("GET", path, "unit").json()["version"]
    why, seen = {"reason": "It was meant for the school of another street."}, f'"{version}"'
    assert doors.send("POST", f"{path}/taking-back", "unit", why, If_Match='"9"').status_code == 412
    taken = doors.send("POST", f"{path}/taking-back", "unit", why, If_Match=seen)
    assert (taken.status_code, taken.json()["state"]) == (200, "TAKEN_BACK")
    answer = doors.send("GET", f"{path}/report", OWN_READER)
    assert (answer.status_code, answer.json()["code"]) == (404, "report-not-shown")
    assert "taken back" in answer.json()["detail"]
    told = doors.send("GET", path, OWN_READER).json()
    assert (told["state"], told["note"], told["due_at"], told["may_take_back"]) == ("TAKEN_BACK", None, None, False)
    assert referral["id"] not in waiting(doors, OWN_READER)
    assert referral["id"] not in waiting(doors, "unit")
    again = doors.send("POST", f"{path}/taking-back", "unit", why, If_Match=f'"{version + 1}"')
    assert (again.status_code, again.json()["code"]) == (409, "referral-ended")
    late = say(doors, referral, "ANSWERED", version + 1, outcome="HELP_GIVEN")
    assert (late.status_code, late.json()["code"]) == (409, "answer-not-allowed")
    ((leaf,),) = rows(
        doors,
        "SELECT commitment FROM rtr.audit_leaf WHERE action = 'referral.taken-back' "
        f"AND commitment->>'about' = '{referral['id']}'",
    )
    assert len(leaf["facts"]["read_by"]) == 1
    history = doors.send("GET", f"/v1/signals/{signal['id']}/history", "unit").json()
    assert "school of another street" in str(history)


def test_what_was_taken_back_is_opened_to_nobody_by_the_log_in_of_the_api(
    doors: Doors, referral: dict[str, Any]
) -> None:
    why = {"reason": "The wrong one."}
    path = f"/v1/referrals/{referral['id']}"
    assert doors.send("POST", f"{path}/taking-back", "unit", why, If_Match='"1"').status_code == 200
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        doors.register.database.transaction("api") as connection,
    ):
        connection.exec_driver_sql(f"UPDATE rtr.referral SET state = 'SENT' WHERE id = '{referral['id']}'")


def test_only_who_sent_a_referral_and_the_register_unit_take_it_back(doors: Doors, referral: dict[str, Any]) -> None:
    path, why = f"/v1/referrals/{referral['id']}/taking-back", {"reason": "I do not want it seen."}
    for persona in (OWN_READER, *OTHERS):
        assert doors.send("POST", path, persona, why, If_Match='"1"').status_code in (403, 404), persona
    assert doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER).status_code == 200


def test_what_is_not_theirs_and_what_is_not_there_is_said_truly(doors: Doors, referral: dict[str, Any]) -> None:
    for path in (f"/v1/referrals/{doors.register.clock.new_id()}/report", f"/v1/referrals/{referral['id']}/report"):
        told = doors.send("GET", path, "service").json()
        assert (told["code"], "search" in told["advice"]) == ("referral-unknown", False)


@pytest.mark.parametrize("answer", [{"state": "DECLINED"}, {"state": "ANSWERED", "outcome": "PASSED_ON"}])
def test_urgent_referral_that_nobody_has_any_more_waits_for_the_unit_within_the_hour(
    doors: Doors, referral: dict[str, Any], answer: dict[str, Any]
) -> None:
    """The victim is locked up, the report is urgent, and the office is closed: somebody must hear of it."""
    assert say(doors, referral, note="Not ours, office closed.", **answer).status_code == 200
    back = [one for one in items(doors, "unit") if one["object"] == referral["id"]]
    assert [(one["kind"], one["urgency"], one["detail"]) for one in back] == [("REFERRED_BACK", "NOW", "assistance")]
    assert minutes(back[0]) == 60
    assert doors.send("GET", f"/v1/referrals/{referral['id']}", "unit").json()["back_until"] == back[0]["due_at"]
    assert doors.send("GET", f"/v1/referrals/{referral['id']}", OWN_READER).json()["back_until"] is None
    assert referral["id"] not in waiting(doors, OWN_READER)


def test_what_came_back_waits_until_it_is_referred_again_for_the_same(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any]
) -> None:
    assert say(doors, referral, "DECLINED").status_code == 200
    refer(doors, signal, 2, "AW-KPA", "investigation")
    assert referral["id"] in waiting(doors, "unit"), "the police help nobody to a bed"
    refer(doors, signal, 3, "AW-DIMAS")
    assert referral["id"] not in waiting(doors, "unit")


def test_what_came_back_waits_until_the_unit_says_why_nobody_need_have_it(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any]
) -> None:
    path, why = f"/v1/referrals/{referral['id']}/closing", {"reason": "She has a bed at her aunt's."}
    early = doors.send("POST", path, "unit", why, If_Match='"1"')
    assert (early.status_code, early.json()["code"]) == (409, "referral-not-back")
    assert say(doors, referral, "DECLINED").status_code == 200
    assert doors.send("POST", path, OWN_READER, why, If_Match='"2"').status_code == 403
    assert doors.send("POST", path, "unit", {"reason": ""}, If_Match='"2"').status_code == 422
    assert doors.send("POST", path, "unit", why, If_Match='"1"').status_code == 412, "it was answered meanwhile"
    assert referral["id"] in waiting(doors, "unit")
    assert doors.send("POST", path, "unit", why, If_Match='"2"').json()["back_until"] is None
    assert referral["id"] not in waiting(doors, "unit")
    amend = {"changes": {"urgency": "DAY"}, "reason": "She called."}
    told = doors.send("PATCH", f"/v1/signals/{signal['id']}", "unit", amend, If_Match='"2"')
    assert told.status_code == 200, told.text
    assert referral["id"] not in waiting(doors, "unit"), "what was closed stays closed"
    lines = doors.send("GET", f"/v1/signals/{signal['id']}/history", "unit").json()
    assert "She has a bed at her aunt's." in str(lines)


def test_what_came_back_of_a_withdrawn_report_waits_for_nobody(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any]
) -> None:
    assert say(doors, referral, "DECLINED").status_code == 200
    withdraw(doors, signal, 2, "withdrawn")
    assert referral["id"] not in waiting(doors, "unit")


def test_whoever_declined_reads_neither_the_report_nor_what_was_asked(doors: Doors, referral: dict[str, Any]) -> None:
    assert say(doors, referral, "DECLINED").status_code == 200
    assert doors.send("GET", f"/v1/referrals/{referral['id']}", OWN_READER).json()["note"] is None
    assert doors.send("GET", f"/v1/referrals/{referral['id']}", "unit").json()["note"] == "A bed tonight."


@pytest.mark.parametrize(("urgency", "hours"), [("NOW", 8), ("DAY", 72), ("NORMAL", 168)])
def test_referral_that_was_taken_up_stays_due_as_soon_as_its_urgency_wants(
    doors: Doors, urgency: str, hours: int
) -> None:
    made = refer(doors, doors.signal(urgency=urgency), 1)
    assert say(doors, made, "ACCEPTED").status_code == 200
    (mine,) = [one for one in items(doors, OWN_READER) if one["object"] == made["id"]]
    assert minutes(mine) == hours * 60


def test_answer_settles_it(doors: Doors, referral: dict[str, Any]) -> None:
    taken_up = say(doors, referral, "ACCEPTED").json()
    assert taken_up["due_at"] > doors.send("GET", f"/v1/referrals/{referral['id']}", "unit").json()["on"]
    assert say(doors, referral, "DECLINED", 2).json()["due_at"] is None
    waits = doors.send("GET", "/v1/to-do", OWN_READER).json()["items"]
    assert referral["id"] not in {one["object"] for one in waits}


def age(doors: Doors, about: str, *, hours: float) -> None:
    """Let a to-do have been opened earlier."""
    earlier = timedelta(hours=hours)
    with doors.register.work(doors.world.worker(doors.register.partition)) as work:
        work._connection.exec_driver_sql(
            "UPDATE rtr.to_do SET due_at = due_at - %(earlier)s WHERE object = %(about)s",
            {"earlier": earlier, "about": UUID(about)},
        )


def rows(doors: Doors, query: str) -> list[Any]:
    database = doors.world.settings.database
    address = psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)
    with psycopg.connect(address) as connection:
        return connection.execute(query.encode()).fetchall()
