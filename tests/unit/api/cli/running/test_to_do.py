"""`rtr to-do`, against a small register over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.builders import ID
from tests.unit.api.client.server import Answer, Asked, problem


def row(number: int, *, overdue: bool) -> dict[str, object]:
    return {
        "id": ID,
        "kind": "REFERRAL",
        "object": ID,
        "detail": "assistance",
        "urgency": "NOW",
        "unit": "AW-CMMA",
        "signal": ID,
        "reference": f"AW-2026-{number:04}",
        "opened_at": "2026-03-11T10:00:00.000Z",
        "due_at": "2026-03-11T11:00:00.000Z",
        "overdue": overdue,
    }


def register_of_three(asked: Asked) -> Answer:
    parts = urlsplit(asked.path)
    if parts.path != "/v1/to-do":
        return problem(404, "not-found")
    if parse_qs(parts.query).get("cursor"):
        return Answer(200, {"items": [row(3, overdue=False)], "next": None})
    return Answer(200, {"items": [row(1, overdue=True), row(2, overdue=False)], "next": "page-2"})


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_three) as somebody:
        yield somebody


def test_what_waits_is_listed_and_late_is_a_word(ana: Person) -> None:
    result = ana.rtr("to-do")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if "AW-2026" in line]
    assert ["OVERDUE" in line for line in lines] == [True, False, False]
    assert "A referral to answer" in lines[0]


def test_no_more_is_asked_for_than_wanted(ana: Person) -> None:
    said = document(ana.rtr("--json", "to-do", "--limit", "1"))
    assert [one["reference"] for one in said["items"]] == ["AW-2026-0001"]
    assert [one.path for one in ana.asked if "to-do" in one.path] == ["/v1/to-do?limit=1"]


def test_nothing_waiting_is_said(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(200, {"items": [], "next": None})) as somebody:
        assert "Nothing waits for you." in somebody.rtr("to-do").stdout


def test_findings_about_one_report_name_the_other_report_and_the_kind_of_value(tmp_path: Path) -> None:
    told = {"kind": "FINDING", "detail": "ALSO_A_VICTIMS", "unit": None, "family": "phone", "also": "AW-2026-0123"}
    rows = [row(1, overdue=False) | told, row(1, overdue=False) | told | {"also": "AW-2026-0124"}]
    with person(tmp_path / "profile", lambda _: Answer(200, {"items": rows, "next": None})) as somebody:
        said = " ".join(somebody.rtr("to-do").stdout.split())
    assert "phone, also in AW-2026-0123" in said
    assert "phone, also in AW-2026-0124" in said


def test_findings_within_one_report_name_the_person(tmp_path: Path) -> None:
    told = {"kind": "FINDING", "detail": "ALSO_A_VICTIMS", "unit": None, "family": "phone", "also": "AW-2026-0001"}
    rows = [row(1, overdue=False) | told | {"subject": n} for n in (2, 0)]
    with person(tmp_path / "profile", lambda _: Answer(200, {"items": rows, "next": None})) as somebody:
        said = " ".join(somebody.rtr("to-do").stdout.split())
    assert "person 2: phone, in this report" in said
    assert "nobody: phone, in this report" in said
