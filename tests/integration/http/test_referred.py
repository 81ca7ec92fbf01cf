"""A referral of an urgent report about a minor to the contact point (C40): it stands there and is read there only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

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


def refer(doors: Doors, signal: dict[str, Any], version: int, to: str = "AW-CMMA") -> dict[str, Any]:
    body = {"kind": "assistance", "to": to, "note": "A bed tonight."}
    answer = doors.send("POST", f"/v1/signals/{signal['id']}/referrals", "unit", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["referrals"][-1]
    return found


def say(doors: Doors, referral: dict[str, Any], state: str, version: int = 1) -> Any:
    body = {"state": state, "on": doors.register.today().isoformat()}
    return doors.send("POST", f"/v1/referrals/{referral['id']}/answers", "unit", body, If_Match=f'"{version}"')


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
    assert not {"sharing", "referrals", "history", "state"} & set(found)
    for path in ("", "/history", "/sharing"):
        assert doors.send("GET", f"/v1/signals/{signal['id']}{path}", OWN_READER).status_code == 404


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


def test_withdrawn_report_is_read_by_nobody_and_its_referral_still_waits(
    doors: Doors, signal: dict[str, Any], referral: dict[str, Any]
) -> None:
    back = {"code": "corrected", "reason": "Entered twice."}
    path = f"/v1/signals/{signal['id']}/withdrawal"
    assert doors.send("POST", path, "unit", back, If_Match='"2"').status_code == 200
    assert doors.send("GET", f"/v1/referrals/{referral['id']}/report", OWN_READER).status_code == 404
    found = doors.send("GET", f"/v1/referrals/{referral['id']}", OWN_READER).json()
    assert (found["withdrawn"], found["note"]) == (True, "A bed tonight.")
    waits = doors.send("GET", "/v1/to-do", OWN_READER).json()["items"]
    assert referral["id"] in {one["object"] for one in waits}


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
