"""`rtr finding`, against a small register over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.builders import ID
from tests.unit.api.client.server import Answer, Asked, problem

FOUND = {
    "id": ID,
    "version": 3,
    "finding": "SAME_PERSON",
    "signal": ID,
    "reference": "AW-2026-0001",
    "subject": 1,
    "because": ID,
    "because_reference": "AW-2026-0002",
    "because_subject": 2,
    "family": "document",
    "urgency": "NOW",
    "opened_at": "2026-03-11T10:00:00.000Z",
    "due_at": "2026-03-11T11:00:00.000Z",
    "overdue": True,
}


def register_of_one(asked: Asked) -> Answer:
    path = urlsplit(asked.path).path
    if path == "/v1/findings":
        return Answer(200, {"items": [FOUND], "next": None})
    if path == f"/v1/findings/{ID}":
        return Answer(200, FOUND)
    if path == f"/v1/findings/{ID}/decisions":
        return Answer(200, {**FOUND, **json.loads(asked.body), "version": 4})
    return problem(404, "not-found")


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_one) as somebody:
        yield somebody


def test_findings_are_listed_and_late_is_a_word(ana: Person) -> None:
    result = ana.rtr("finding", "list", "--open")
    assert result.exit_code == 0
    assert "OVERDUE" in result.stdout
    assert [one.path for one in ana.asked if "findings" in one.path] == ["/v1/findings?limit=50&decided=false"]


def test_one_is_shown_with_both_records(ana: Person) -> None:
    shown = ana.rtr("finding", "show", str(ID)).stdout
    assert "Perhaps the same person" in shown, "a person reads it"
    assert "AW-2026-0001" in shown
    assert "AW-2026-0002" in shown


def test_it_is_decided_on_the_version_that_stands(ana: Person) -> None:
    said = document(ana.rtr("--json", "finding", "decide", str(ID), "ANOTHER", "--reason", "NAMESAKE"))
    assert (said["decision"], said["version"]) == ("ANOTHER", 4)
    [sent] = [one for one in ana.asked if one.path.endswith("/decisions")]
    assert sent.headers["If-Match"] == '"3"'
    assert json.loads(sent.body) == {"decision": "ANOTHER", "reason": "NAMESAKE"}


def test_a_word_that_is_no_decision_is_refused_here(ana: Person) -> None:
    assert ana.rtr("finding", "decide", str(ID), "PERHAPS").exit_code != 0
    assert not [one for one in ana.asked if one.path.endswith("/decisions")]
