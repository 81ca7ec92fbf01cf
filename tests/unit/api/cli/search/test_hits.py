"""`rtr hits`, against a small register over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.builders import ID
from tests.unit.api.client.server import Answer, Asked, problem

GROUND = ("--case-file", "-", "--basis", "AW_POLICE")
CASE = "Z-2026-04\n"


def row(number: int) -> dict[str, object]:
    return {
        "id": ID,
        "signal": ID,
        "signal_reference": f"AW-2026-{number:04}",
        "origin": "CW",
        "record": ID,
        "reference": f"CW-2026-{number:04}",
        "families": ["phone"],
        "strength": "same-number",
        "bits": 3.5,
        "found_at": "2026-03-11T10:00:00.000Z",
    }


def register_of_three(asked: Asked) -> Answer:
    """Three hits, two a page at the most."""
    parts = urlsplit(asked.path)
    if parts.path != "/v1/hits":
        return problem(404, "not-found")
    cursor = parse_qs(parts.query).get("cursor", [""])[0]
    if cursor not in {"", "page-2"}:
        return problem(422, "bad-hits-cursor")
    if cursor:
        return Answer(200, {"items": [row(3)], "next": None})
    return Answer(200, {"items": [row(1), row(2)], "next": "page-2"})


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_three) as somebody:
        yield somebody


def test_hits_are_listed_and_the_line_to_go_on_is_printed(ana: Person) -> None:
    result = ana.rtr("hits", *GROUND, typed=CASE)
    assert result.exit_code == 0
    assert "AW-2026-0001" in result.stdout
    assert "CW-2026-0002" in result.stdout
    assert "AW-2026-0003" not in result.stdout
    said = " ".join(result.stdout.split())
    assert "rtr hits --basis AW_POLICE --purpose COORDINATE --case-file - --cursor page-2" in said
    assert "Z-2026-04" not in said


def test_the_cursor_goes_on_where_the_page_ended(ana: Person) -> None:
    said = document(ana.rtr("--json", "hits", *GROUND, "--cursor", "page-2", "--limit", "2", typed=CASE))
    assert [one["signal_reference"] for one in said["items"]] == ["AW-2026-0003"]
    assert said["next"] is None
    assert "limit=2" in ana.asked[-1].path


def test_a_program_gets_rows_and_the_next_cursor(ana: Person) -> None:
    said = document(ana.rtr("--json", "hits", *GROUND, typed=CASE))
    assert (len(said["items"]), said["next"]) == (2, "page-2")


def test_all_pages_are_read_when_asked_for(ana: Person) -> None:
    result = ana.rtr("--quiet", "hits", *GROUND, "--all", typed=CASE)
    assert result.stdout.splitlines() == [f"AW-2026-000{n} CW-2026-000{n}" for n in (1, 2, 3)]


def test_all_and_a_cursor_contradict_each_other(ana: Person) -> None:
    assert ana.rtr("hits", *GROUND, "--all", "--cursor", "page-2", typed=CASE).exit_code == 2
    assert ana.asked == []


def test_a_cursor_of_no_page_is_refused_with_its_code(ana: Person) -> None:
    result = ana.rtr("hits", *GROUND, "--cursor", "made-up", typed=CASE)
    assert result.exit_code == 1
    assert "bad-hits-cursor" in result.stderr


def test_questions_of_the_day_that_are_asked_are_said_and_not_asked_again(tmp_path: Path) -> None:
    spent = problem(429, "search-budget-spent", {"Retry-After": "3600"})
    with person(tmp_path, lambda _: spent) as somebody:
        result = somebody.rtr("hits", *GROUND, typed=CASE)
        assert result.exit_code == 1
        assert "the detail of search-budget-spent" in " ".join(result.stderr.split())
        assert len(somebody.asked) == 1


def test_nothing_found_is_said(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(200, {"items": [], "next": None})) as somebody:
        assert "No extract from abroad" in somebody.rtr("hits", *GROUND, typed=CASE).stdout


def test_values_that_are_still_to_be_looked_at_are_said(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(200, {"items": [], "next": None, "unanswered": 68})) as somebody:
        said = " ".join(somebody.rtr("hits", *GROUND, typed=CASE).stdout.split())
        assert "Not all is shown yet: 68 values" in said
        assert "No extract from abroad" not in said


def test_ground_and_signal_are_sent_and_the_case_is_in_no_address(ana: Person) -> None:
    ana.rtr("hits", *GROUND, "--signal", str(ID), typed=CASE)
    asked = ana.asked[-1]
    assert {name: asked.headers.get(name) for name in ("RTR-Purpose", "RTR-Legal-Basis", "RTR-Case")} == {
        "RTR-Purpose": "COORDINATE",
        "RTR-Legal-Basis": "AW_POLICE",
        "RTR-Case": "Z-2026-04",
    }
    assert f"signal={ID}" in asked.path
    assert "Z-2026-04" not in asked.path


@pytest.mark.parametrize("said", [(), ("--basis", "AW_POLICE"), ("--case", "Z-2026-04", "--basis", "AW_POLICE")])
def test_without_a_ground_and_with_a_case_on_the_command_line_nothing_is_asked(
    ana: Person, said: tuple[str, ...]
) -> None:
    assert ana.rtr("hits", *said).exit_code == 2
    assert ana.asked == []


def test_case_of_a_file_is_sent_as_the_register_counts_it(ana: Person, tmp_path: Path) -> None:
    (tmp_path / "case").write_text(" Ｚ-2026\u200b-é04\n", encoding="utf-8")
    ana.rtr("hits", "--case-file", str(tmp_path / "case"), "--basis", "AW_POLICE")
    assert ana.asked[-1].headers["RTR-Case"] == "Z-2026-E04"


def test_case_in_another_script_is_asked_of_nobody(ana: Person) -> None:
    assert ana.rtr("hits", "--case-file", "-", "--basis", "AW_POLICE", typed="Ж-2026-04").exit_code == 1
    assert ana.asked == []


def a_marked_hit(asked: Asked) -> Answer:
    if asked.path != f"/v1/hits/{ID}/marks":
        return problem(404, "not-found")
    return Answer(200, {**row(1), "state": "NO_CONCERN", "no_concern": "SHARED_BY_MANY", "version": 2})


MARK = ("hit", "mark", ID, "no_concern", "--version", "1", *GROUND)


def test_what_was_done_about_a_hit_is_sent_with_its_version_and_ground(tmp_path: Path) -> None:
    with person(tmp_path, a_marked_hit) as somebody:
        result = somebody.rtr(*MARK, "--reason", "SHARED_BY_MANY", typed=CASE)
        assert result.exit_code == 0, result.output
        assert f"Hit {ID}: NO_CONCERN (version 2)." in result.stdout
        (asked,) = somebody.asked
        assert json.loads(asked.body) == {"state": "NO_CONCERN", "no_concern": "SHARED_BY_MANY"}
        said = [asked.headers.get(name) for name in ("If-Match", "RTR-Case", "RTR-Legal-Basis")]
        assert said == ['"1"', "Z-2026-04", "AW_POLICE"]


@pytest.mark.parametrize(
    "wrong", [MARK, (*MARK[:3], "seen", *MARK[4:], "--reason", "X"), (*MARK[:3], "NEW", *MARK[4:])]
)
def test_mark_that_says_no_reason_or_nothing_that_a_person_says_is_sent_to_nobody(
    tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    with person(tmp_path, a_marked_hit) as somebody:
        assert somebody.rtr(*wrong, typed=CASE).exit_code == 1
        assert somebody.asked == []
