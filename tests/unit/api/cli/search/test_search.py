"""`rtr search`: the question comes from a file, from standard input or as it is typed, never from the command line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.search import search as command
from api.published.examples import examples
from schemas.search.question import SearchIn
from tests.unit.api.cli.desk import Person, document, person
from tests.unit.api.client.server import Answer, Asked, problem

BASIS = ("--basis", "AW_NONPOLICE")
QUESTION = """
case = "Z-2026-04"
name = "Ricardo Croes"
birth = "1988-03-04"
phone = ["+297 560 0100", "+297 560 0101"]
passport = "CO:AB123456"
handle = "INSTAGRAM:somebody"
"""


def answered(asked: Asked) -> Answer:
    answer = next(one.answer for one in examples().values() if "countries" in (one.answer or {}))
    return Answer(200, answer) if asked.path == "/v1/searches" else problem(404, "not-found")


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", answered) as somebody:
        yield somebody


def sent(ana: Person) -> SearchIn:
    (asked,) = ana.asked
    return SearchIn.model_validate_json(asked.body)


def test_question_of_a_file_is_asked_with_all_that_it_holds_and_the_case_is_shown_back(
    ana: Person, tmp_path: Path
) -> None:
    (tmp_path / "question.toml").write_text(QUESTION)
    result = ana.rtr("search", str(tmp_path / "question.toml"), *BASIS)
    assert result.exit_code == 0
    assert "case Z-2026-04" in result.stdout
    question = sent(ana)
    assert (question.case, question.legal_basis, question.purpose) == ("Z-2026-04", "AW_NONPOLICE", "COORDINATE")
    assert question.subject.name == "Ricardo Croes"
    assert [(one.type, one.value, one.country or one.platform) for one in question.subject.selectors] == [
        ("PHONE", "+297 560 0100", None),
        ("PHONE", "+297 560 0101", None),
        ("PASSPORT", "AB123456", "CO"),
        ("SOCIAL_HANDLE", "somebody", "INSTAGRAM"),
    ]


@pytest.mark.parametrize("text", [QUESTION, json.dumps({"case": "Z-2026-04", "phone": "+297 560 0100"})])
def test_question_of_standard_input_is_asked(ana: Person, text: str) -> None:
    assert document(ana.rtr("--json", "search", "-", *BASIS, typed=text))["case"] == "Z-2026-04"
    assert sent(ana).case == "Z-2026-04"


def test_question_that_is_typed_is_asked_once_a_line_is_empty(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_somebody_types", lambda: True)
    result = ana.rtr("search", *BASIS, typed="Z-2026-04\nphone +297 560 0100\nplate AW:A-1234\n\n")
    assert result.exit_code == 0
    assert [(one.type, one.value) for one in sent(ana).subject.selectors] == [
        ("PHONE", "+297 560 0100"),
        ("PLATE", "A-1234"),
    ]


@pytest.mark.parametrize(
    "option",
    ["--case", "--name", "--birth", "--phone", "--email", "--passport", "--plate", "--account", "--vessel", "--company",
     "--address", "--handle", "--nationality"],
)  # fmt: skip
def test_nothing_that_is_asked_about_and_no_case_is_taken_from_the_command_line(ana: Person, option: str) -> None:
    result = ana.rtr("search", "-", *BASIS, option, "Z-2026-04", typed=QUESTION)
    assert result.exit_code == 2
    assert ana.asked == []


@pytest.mark.parametrize(
    "text",
    ['phone = "+297 560 0100"', 'case = "Z-2026-04"', 'case = "Z-2026-04"\npassport = "AB123456"',
     'case = "Z-2026-04"\nphnoe = "+297 560 0100"', 'case = "Z-2026-04"\nphone = 2975600100',
     'case = ["Z-1", "Z-2"]\nphone = "+297 560 0100"', 'case = "Z-2026-04"\nbirth = "soon"\nname = "Somebody"',
     'case = "Z-2026-04"\nbirth = "1990-01-01-02"\nname = "Somebody"',
     'case = "Z-2026-04"\nbirth = "3/4/1990"\nname = "Somebody"'],
)  # fmt: skip
def test_question_that_cannot_be_read_is_not_asked_and_nothing_of_it_is_repeated(ana: Person, text: str) -> None:
    result = ana.rtr("search", "-", *BASIS, typed=text)
    assert result.exit_code == 1
    assert ana.asked == []
    assert not any(word in result.stderr for word in ("5600100", "560 0100", "AB123456", "Z-2026-04", "phnoe", "1990"))


def test_without_a_question_and_without_somebody_who_types_the_ways_are_said(ana: Person) -> None:
    result = ana.rtr("search", *BASIS)
    assert result.exit_code == 2
    assert "standard input" in " ".join(result.stderr.split())


def test_help_names_every_member_of_a_question(ana: Person) -> None:
    said = " ".join(ana.rtr("search", "--help").stdout.split())
    for name in {*tomllib.loads(QUESTION), "email", "account", "vessel", "address", "plate", "company"}:
        assert name in said


def test_country_with_a_hit_is_named_once(ana: Person) -> None:
    result = ana.rtr("search", "-", *BASIS, typed=QUESTION)
    assert "Curaçao: 1 shared extract matches." in result.stdout
    assert "Curaçao: Curaçao" not in result.stdout


def test_a_member_that_is_none_is_refused_with_those_that_there_are_and_its_name_is_not_repeated(ana: Person) -> None:
    result = ana.rtr("search", "-", *BASIS, typed=QUESTION + 'croes = "+297 560 0102"\n')
    assert result.exit_code != 0
    said = " ".join(result.stderr.split())
    assert "one member is not known; there are" in said
    assert "croes" not in said
    assert ana.asked == []
