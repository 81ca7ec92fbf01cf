"""`rtr request`, against a small register over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.casework.request import RequestIn
from tests.unit.api.cli.desk import EXAMPLE, Person, document, person, register_of_one

GROUND = ("--route", "police", "--basis", "AW_NONPOLICE", "--by", "2026-03-30")


@pytest.fixture
def case(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "case").write_text("Z-2026-04\n")
    return "--case-file", str(tmp_path / "case")


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_one) as somebody:
        yield somebody


def test_draft_is_sent_once_with_a_key_and_answered_with_what_to_do(ana: Person, case: tuple[str, str]) -> None:
    result = ana.rtr("request", "draft", EXAMPLE["record"], "-", *GROUND, *case, typed="Who stood surety?\nFor whom?")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{EXAMPLE['reference']} drafted")
    assert "does not send or answer requests yet" in result.stdout
    (asked,) = ana.asked
    sent = RequestIn.model_validate_json(asked.body)
    assert (sent.asks, sent.route, sent.purpose) == ("Who stood surety?\nFor whom?", "police", "COORDINATE")
    assert len(asked.headers["Idempotency-Key"]) == 36


def test_nothing_of_the_case_is_in_the_address(ana: Person, case: tuple[str, str]) -> None:
    ana.rtr("request", "draft", EXAMPLE["record"], "-", *GROUND, *case, typed="Who?")
    assert [asked.path for asked in ana.asked] == ["/v1/requests"]


@pytest.mark.parametrize(("option", "value"), [("--route", "pigeon"), ("--by", "soon")])
def test_form_that_is_not_valid_is_not_sent(ana: Person, case: tuple[str, str], option: str, value: str) -> None:
    result = ana.rtr("request", "draft", EXAMPLE["record"], "-", *GROUND, *case, option, value, typed="Who?")
    assert result.exit_code == 1
    assert ana.asked == []


@pytest.mark.parametrize("said", [("--case", "Z-2026-04"), ("--case-file", "-"), ()])
def test_case_comes_from_a_file_of_its_own_and_from_no_command_line(ana: Person, said: tuple[str, ...]) -> None:
    result = ana.rtr("request", "draft", EXAMPLE["record"], "-", *GROUND, *said, typed="Who?")
    assert result.exit_code == 2
    assert ana.asked == []


def test_request_is_shown_by_the_reference_on_its_page_and_by_its_id(ana: Person) -> None:
    by_reference, by_id = (ana.rtr("request", "show", EXAMPLE[name]) for name in ("reference", "id"))

    assert by_reference.stdout == by_id.stdout
    for words in (EXAMPLE["asks"], "CW-NCT, Curaçao", "Police request", "Next: Print it"):
        assert words in by_id.stdout
    assert [asked.path for asked in ana.asked] == [
        f"/v1/requests/by-reference/{EXAMPLE['reference']}",
        f"/v1/requests/{EXAMPLE['id']}",
    ]


def test_list_names_each_request_and_whom_it_is_for(ana: Person) -> None:
    result = ana.rtr("request", "list")
    assert EXAMPLE["reference"] in result.stdout
    assert "CW-NCT" in result.stdout
    assert document(ana.rtr("--json", "request", "list"))[0]["record_reference"] == "CW-2026-0417"
