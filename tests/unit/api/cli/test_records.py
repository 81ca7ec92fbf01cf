"""`rtr intake`, `victim`, `training` and `referral`, and the client under them, against a small register over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.published.examples_of_records import of_records
from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.server import Answer, Asked, problem

EXAMPLES = of_records()
ID = EXAMPLES["read_victim"][1]["id"]
INTAKE = EXAMPLES["read_intake"][1]["id"]
ANSWERS = {
    ("POST", "/v1/intakes"): "record_intake",
    ("GET", "/v1/intakes"): "list_intakes",
    ("GET", f"/v1/intakes/{INTAKE}"): "read_intake",
    ("PATCH", f"/v1/intakes/{INTAKE}"): "amend_intake",
    ("POST", f"/v1/intakes/{INTAKE}/withdrawal"): "withdraw_intake",
    ("POST", "/v1/victims"): "record_victim",
    ("GET", "/v1/victims"): "list_victims",
    ("GET", "/v1/victims/assigning-rules"): "victim_rules",
    ("GET", f"/v1/victims/{ID}"): "read_victim",
    ("POST", f"/v1/victims/{ID}/statuses"): "assign_status",
    ("POST", f"/v1/victims/{ID}/withdrawal"): "withdraw_victim",
    ("POST", "/v1/trainings"): "record_training",
    ("GET", "/v1/trainings"): "list_trainings",
    ("GET", f"/v1/trainings/{ID}"): "read_training",
    ("PATCH", f"/v1/trainings/{ID}"): "amend_training",
    ("POST", f"/v1/trainings/{ID}/withdrawal"): "withdraw_training",
    ("GET", "/v1/referrals"): "list_referrals",
    ("GET", f"/v1/referrals/{ID}"): "read_referral",
    ("POST", f"/v1/referrals/{ID}/answers"): "answer_referral",
    ("POST", f"/v1/referrals/{ID}/closing"): "close_referral",
    ("POST", f"/v1/referrals/{ID}/taking-back"): "take_back_referral",
}


def register_of_records(asked: Asked) -> Answer:
    """Answers every route with its example."""
    name = ANSWERS.get((asked.method, asked.path.partition("?")[0]))
    return problem(404, "not-found") if name is None else Answer(200, EXAMPLES[name][1])


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_records) as somebody:
        yield somebody


def parts(form: dict[str, Any]) -> list[str]:
    return [word for name, value in form.items() for word in ("--set", f"{name}={json.dumps(value)}")]


@pytest.mark.parametrize(
    ("words", "operation"),
    [
        (["intake", "record", *parts(EXAMPLES["record_intake"][0])], "record_intake"),
        (["intake", "show", INTAKE], "read_intake"),
        (["intake", "amend", INTAKE, "--set", "age_band=25-29", "--reason", "Passport seen."], "amend_intake"),
        (["intake", "withdraw", INTAKE, "--reason", "Entered twice."], "withdraw_intake"),
        (["victim", "record", *parts(EXAMPLES["record_victim"][0])], "record_victim"),
        (["victim", "show", ID], "read_victim"),
        (["victim", "withdraw", ID, "--reason", "Entered twice."], "withdraw_victim"),
        (
            [
                "victim", "status", ID, "PRESUMED", "--form", "LABOUR", "--on", "2026-03-03",
                "--reason", "Weighed after the interview.",
            ],
            "assign_status",
        ),
        (["training", "record", *parts(EXAMPLES["record_training"][0])], "record_training"),
        (["training", "amend", ID, "--set", "people=182", "--reason", "Two came late."], "amend_training"),
        (["training", "withdraw", ID, "--reason", "Entered twice."], "withdraw_training"),
        (["referral", "show", ID], "read_referral"),
        (
            ["referral", "answer", ID, "ANSWERED", "--outcome", "HELP_GIVEN", "--on", "2026-03-03", "--note",
             "She has a place."],
            "answer_referral",
        ),
        (["referral", "close", ID, "--reason", "She has a place."], "close_referral"),
        (["referral", "take-back", ID, "--reason", "It was meant for another organisation."], "take_back_referral"),
    ],
)  # fmt: skip
def test_command_sends_the_form_and_answers_with_the_record(ana: Person, words: list[str], operation: str) -> None:
    request, answer = EXAMPLES[operation]
    assert document(ana.rtr("--json", *words)) == answer
    if request is not None:
        sent = json.loads(ana.asked[-1].body)
        assert {name: value for name, value in sent.items() if value is not None} == request
    headers = ana.asked[-1].headers
    if operation.startswith("record_"):
        assert len(headers["Idempotency-Key"]) >= 8
    elif request is not None:
        # The present version was read first; it is the one that the change names.
        assert headers["If-Match"] == '"1"'
    assert ana.rtr(*words).exit_code == 0


@pytest.mark.parametrize("name", ["intake", "victim", "training", "referral"])
def test_list_shows_ids_and_no_name(ana: Person, name: str) -> None:
    (line,) = EXAMPLES[f"list_{name}s"][1]["items"]
    assert line["id"] in ana.rtr(name, "list").stdout
    assert document(ana.rtr("--json", name, "list"))["items"] == [line]


def test_list_asks_for_the_status_that_was_typed(ana: Person) -> None:
    ana.rtr("victim", "list", "--status", "presumed")
    assert "status=PRESUMED" in ana.asked[-1].path
    assert ana.rtr("victim", "list", "--status", "MAYBE").exit_code == 1


def test_rules_say_who_may_assign_and_that_it_is_assumed(ana: Person) -> None:
    shown = ana.rtr("victim", "rules").stdout
    for words in ("LADDER-AW-3", "AW-UMM", "CONFIRMED", "assumed"):
        assert words in shown


def test_version_that_was_seen_is_sent_without_reading_first(ana: Person) -> None:
    ana.rtr("intake", "withdraw", INTAKE, "--reason", "Entered twice.", "--version", "7")
    (asked,) = [one for one in ana.asked if one.path.startswith("/v1/intakes")]
    assert asked.headers["If-Match"] == '"7"'


def test_form_that_is_wrong_is_not_sent(ana: Person) -> None:
    result = ana.rtr("intake", "record", "--set", "sex=Ana")
    assert result.exit_code == 1
    assert ana.asked == []
    assert "/sex: Not a code of the list sex." in result.stderr
    assert "Ana" not in result.output


@pytest.mark.parametrize("words", [["intake", "record"], ["intake", "show", "no-id"]])
def test_missing_form_or_id_is_a_usage_error(ana: Person, words: list[str]) -> None:
    assert ana.rtr(*words).exit_code == 2
