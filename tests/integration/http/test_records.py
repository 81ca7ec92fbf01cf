"""The records behind the figures over HTTP: keys, versions, pages, and errors that give nothing back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.http.doors import Doors, a_key

INTAKE = {"held_on": "2025-03-01", "sex": "FEMALE", "age_band": "30-39", "nationality": "CO", "name": "Prueba Ficticia"}
TRAINING = {
    "kind": "SKILLS",
    "group": "HOTEL",
    "provider": "AW",
    "recipient": "SX",
    "people": 9,
    "held_on": "2025-02-01",
}
STEP = {"status": "POTENTIAL", "form": "SEX", "decided_on": "2025-03-02", "reason": "Weighed."}


def new(doors: Doors, path: str, body: Any, **headers: str) -> Any:
    return doors.send("POST", path, "unit", body, **({"Idempotency_Key": a_key()} | headers))


def a_person(doors: Doors) -> dict[str, Any]:
    signal = doors.signal()["id"]
    return {"signal": signal, "subject": 1, "sex": "FEMALE", "age_band": "30-39", "status": STEP}


@pytest.mark.parametrize(("path", "body"), [("/v1/intakes", INTAKE), ("/v1/trainings", TRAINING)])
def test_repeat_with_the_same_key_gets_the_first_answer_and_another_body_is_refused(
    doors: Doors, path: str, body: dict[str, Any]
) -> None:
    key = a_key()
    first, again = (new(doors, path, body, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.headers["Location"] == f"{path}/{first.json()['id']}"
    other = new(doors, path, {**body, "held_on": "2025-04-04"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    missing = doors.send("POST", path, "unit", body)
    assert (missing.status_code, missing.json()["code"]) == (422, "idempotency-key-needed")


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/v1/intakes", INTAKE, {"changes": {"sex": "MALE"}, "reason": "Slip."}),
        ("/v1/trainings", TRAINING, {"changes": {"people": 10}, "reason": "Slip."}),
    ],
)
def test_change_names_the_version_that_was_seen(
    doors: Doors, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    made = new(doors, path, body)
    where = f"{path}/{made.json()['id']}"
    assert doors.send("PATCH", where, "unit", change).status_code == 428
    changed = doors.send("PATCH", where, "unit", change, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = doors.send("PATCH", where, "unit", change, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    gone = doors.send("POST", f"{where}/withdrawal", "unit", {"reason": "Entered twice."}, If_Match='"2"')
    assert gone.json()["withdrawn_at"] is not None
    again = doors.send("POST", f"{where}/withdrawal", "unit", {"reason": "Entered twice."}, If_Match='"3"')
    assert (again.status_code, again.json()["code"]) == (409, "already-withdrawn")


def test_amendment_that_takes_a_needed_part_away_is_placed(doors: Doors) -> None:
    made = new(doors, "/v1/intakes", INTAKE).json()
    change = {"changes": {"sex": None}, "reason": "Slip."}
    answer = doors.send("PATCH", f"/v1/intakes/{made['id']}", "unit", change, If_Match='"1"')
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/changes/sex"


def test_statuses_follow_the_rule_of_the_country(doors: Doors) -> None:
    made = new(doors, "/v1/victims", a_person(doors))
    assert made.status_code == 201, made.text
    where = f"/v1/victims/{made.json()['id']}/statuses"
    confirmed = {**STEP, "status": "CONFIRMED", "decided_on": "2025-04-01"}
    refused = doors.send("POST", where, "unit", confirmed, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "may-not-assign-status")
    presumed = doors.send("POST", where, "unit", {**confirmed, "status": "PRESUMED"}, If_Match='"1"')
    assert [line["status"] for line in presumed.json()["history"]] == ["POTENTIAL", "PRESUMED"]


def test_lists_page_by_the_link_to_the_next(doors: Doors) -> None:
    made = [new(doors, "/v1/trainings", TRAINING).json()["id"] for _ in range(3)]
    first = doors.send("GET", "/v1/trainings?limit=2", "unit")
    address = first.headers["Link"].partition(">")[0].removeprefix("<")
    second = doors.send("GET", address, "unit")
    assert [one["id"] for one in (*first.json()["items"], *second.json()["items"])][:3] == made[::-1]
    bad = doors.send("GET", "/v1/trainings?cursor=none", "unit")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-cursor")


def test_list_narrowed_to_a_status_stays_so_on_the_next_page(doors: Doors) -> None:
    for _ in range(2):
        new(doors, "/v1/victims", a_person(doors))
    first = doors.send("GET", "/v1/victims?status=POTENTIAL&limit=1", "unit")
    assert "status=POTENTIAL" in first.headers["Link"]
    assert doors.send("GET", "/v1/victims?status=MAYBE", "unit").status_code == 422


def test_no_list_and_no_error_gives_a_name_back(doors: Doors) -> None:
    new(doors, "/v1/intakes", INTAKE)
    assert "Prueba" not in doors.send("GET", "/v1/intakes", "unit").text
    wrong = new(doors, "/v1/intakes", {**INTAKE, "sex": "Prueba", "age_band": "old"})
    assert wrong.status_code == 422
    assert "Prueba" not in wrong.text
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/sex", "/age_band"}


@pytest.mark.parametrize(
    "person",
    [
        {"intake": None, "signal": None, "subject": None},
        {"subject": None},
        {"signal": None},
        {"intake": "01976a10-5c00-7000-8000-000000000011"},
    ],
)
def test_person_is_of_an_intake_or_a_subject_of_a_signal_and_never_both(doors: Doors, person: dict[str, Any]) -> None:
    answer = new(doors, "/v1/victims", a_person(doors) | person)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not-one-person"


@pytest.mark.parametrize(
    "answer",
    [{"state": "SENT"}, {"state": "ANSWERED"}, {"state": "ACCEPTED", "outcome": "HELP_GIVEN"}, {"state": "DONE"}],
)
def test_answer_has_an_outcome_exactly_when_it_is_one(doors: Doors, answer: dict[str, Any]) -> None:
    nowhere = doors.register.clock.new_id()
    sent = doors.send("POST", f"/v1/referrals/{nowhere}/answers", "unit", answer | {"on": "2025-01-01"}, If_Match='"1"')
    assert sent.status_code == 422


def test_owner_page_shows_the_new_tables_and_how_they_travel(doors: Doors) -> None:
    new(doors, "/v1/trainings", TRAINING)
    found = doors.send("GET", "/v1/statistics/owner?year=2025", "statistics").json()
    tables = {table["id"]: table for table in found["registered"]}
    trainings = tables["trainings-by-recipient"]
    assert {v["tier"]: v["travels"] for v in trainings["verdicts"]} == {"W": "exact", "P": "exact"}
    assert (tables["permits-by-kind"]["collected"], tables["permits-by-kind"]["total"]) == (False, None)
