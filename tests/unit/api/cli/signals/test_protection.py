"""`rtr protection`, against a small register over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.published.examples import examples
from schemas.codes import code_list
from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.builders import ID
from tests.unit.api.client.server import Answer, Asked, problem

LIFTING = {**examples()["read_lifting"].answer, "id": ID, "version": 3}
NOTE = "Made up: the passport was seen."


def register_of_one(asked: Asked) -> Answer:
    path = urlsplit(asked.path).path
    answers = {
        ("GET", f"/v1/signals/{ID}"): examples()["read"].answer | {"id": ID},
        ("GET", f"/v1/signals/{ID}/protection"): examples()["read_protection"].answer,
        ("GET", "/v1/liftings"): examples()["list_liftings"].answer,
        ("POST", "/v1/liftings"): LIFTING,
        ("GET", f"/v1/liftings/{ID}"): LIFTING,
        ("POST", f"/v1/liftings/{ID}/decisions"): examples()["decide_lifting"].answer,
    }
    if (asked.method, path) not in answers:
        return problem(404, "not-found")
    return Answer(200, answers[asked.method, path])


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_one) as somebody:
        yield somebody


def test_why_says_the_reasons_and_who_can_be_asked(ana: Person) -> None:
    result = ana.rtr("protection", "why", str(ID))
    assert result.exit_code == 0, result.stderr
    for text in ("(birth)", "Companion", "AW-CHILD, AW-VICTIM"):
        assert text in result.stdout, text


def test_question_is_sent_whole_and_its_note_is_in_no_address(ana: Person) -> None:
    result = ana.rtr(
        "protection", "ask", str(ID), "2", "birth", "--because", "AGE_WRONG", "--second", "AW-VICTIM", "--note", NOTE
    )
    assert result.exit_code == 0, result.stderr
    sent = ana.asked[-1]
    assert json.loads(sent.body) == {
        "signal": str(ID),
        "subject": 2,
        "protection": "birth",
        "because": "AGE_WRONG",
        "second": "AW-VICTIM",
        "note": NOTE,
    }
    assert all("passport" not in one.path for one in ana.asked)


def test_reason_that_is_none_is_refused_before_anything_is_sent(ana: Person) -> None:
    result = ana.rtr(
        "protection", "ask", str(ID), "2", "charm", "--because", "AGE_WRONG", "--second", "AW-VICTIM", "--note", NOTE
    )
    assert result.exit_code != 0
    assert not [one for one in ana.asked if one.method == "POST" and "liftings" in one.path]


def test_decision_names_the_version_that_was_read(ana: Person) -> None:
    result = ana.rtr("protection", "decide", str(ID), "LIFT")
    assert result.exit_code == 0, result.stderr
    sent = ana.asked[-1]
    assert json.loads(sent.body) == {"decision": "LIFT"}
    assert sent.headers["If-Match"] == '"3"'


def test_list_and_one_are_shown(ana: Person) -> None:
    assert "Waits for the second person" in ana.rtr("protection", "list").stdout
    shown = ana.rtr("protection", "show", str(ID)).stdout
    for text in ("Prueba Inventada", "1980-3-20", "The birth date or the age was wrong", "AW-VICTIM: Refused"):
        assert text in shown, text
    assert document(ana.rtr("--json", "protection", "show", str(ID)))["version"] == 3


def test_help_names_every_fact_that_can_have_been_wrong(ana: Person) -> None:
    shown = ana.rtr("protection", "ask", "--help").stdout
    assert [code for code in code_list("lifting_reason").codes if code not in shown] == []
