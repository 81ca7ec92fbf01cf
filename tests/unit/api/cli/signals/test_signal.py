"""`rtr signal`, `rtr stats` and `rtr me`, against a small register over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.signals.signal import SignalIn
from tests.support.forms import a_form
from tests.unit.api.cli.desk import TOKEN, Person, document, person, register_of_one
from tests.unit.api.client.builders import ID, NAME, PHONE, REFERENCE, form, signal
from tests.unit.api.client.server import Answer, Asked, problem

TOML = """
kind = "submission"
urgency = "NORMAL"
account = "A man paid for two tickets."
received_on = 2026-03-11
signal_type = "UNDETERMINED"
source = "GOV_DEPT"
channel = "PHONE"
nothing_known = true
period = { from = 2026-03-10 }
place = { island = "AW", location_type = "AIRPORT" }
"""


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "profile", register_of_one) as somebody:
        yield somebody


def sent(somebody: Person) -> SignalIn:
    return SignalIn.model_validate_json(somebody.asked[-1].body)


# -- submit


def test_form_from_a_json_file_is_sent_and_answered_with_the_reference(ana: Person, tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps(form()))

    result = ana.rtr("signal", "submit", str(tmp_path / "form.json"))

    assert result.exit_code == 0
    assert sent(ana) == SignalIn.model_validate(form())
    assert result.stdout.startswith(f"{REFERENCE} registered")
    for words in ("Next: The register unit looks at it.", "Curaçao", "SHARED-1", "Private life."):
        assert words in result.stdout


def test_form_from_a_toml_file_may_have_dates_of_toml(ana: Person, tmp_path: Path) -> None:
    (tmp_path / "form.toml").write_text(TOML)
    assert ana.rtr("signal", "submit", str(tmp_path / "form.toml")).exit_code == 0
    assert sent(ana).received_on.isoformat() == "2026-03-11"


@pytest.mark.parametrize("text", [TOML, json.dumps(form())])
def test_form_from_standard_input_is_json_or_toml(ana: Person, text: str) -> None:
    assert ana.rtr("signal", "submit", "-", typed=text).exit_code == 0
    assert sent(ana).channel == "PHONE"


def test_key_given_is_the_key_sent(ana: Person) -> None:
    ana.rtr("signal", "submit", "-", "--key", "key-of-before", typed=TOML)
    assert ana.asked[-1].headers["Idempotency-Key"] == "key-of-before"


def test_answer_for_programs_is_the_whole_signal(ana: Person) -> None:
    assert document(ana.rtr("--json", "signal", "submit", "-", typed=TOML))["reference"] == REFERENCE


def test_quiet_answer_is_the_reference_alone(ana: Person) -> None:
    assert ana.rtr("signal", "submit", "-", "--quiet", typed=TOML).output == f"{REFERENCE}\n"


def test_form_that_is_wrong_is_not_sent_and_each_place_is_named_without_what_was_typed(ana: Person) -> None:
    wrong = form(urgency=NAME, source="TELEPATHY")
    result = ana.rtr("signal", "submit", "-", typed=json.dumps(wrong))

    assert result.exit_code == 1
    assert ana.asked == []
    assert "/urgency: Not a code of the list urgency. Allowed: NOW, DAY, NORMAL." in result.stderr
    assert "/source" in result.stderr
    assert NAME not in result.output


@pytest.mark.parametrize("text", ["{", "kind = ", "[1]", f'{{"{NAME}": }}', f"{NAME} ="])
def test_file_that_cannot_be_read_is_refused_without_repeating_it(ana: Person, text: str) -> None:
    result = ana.rtr("signal", "submit", "-", typed=text)
    assert result.exit_code == 1
    assert "Testman" not in result.output


def test_without_a_file_and_without_a_terminal_nothing_is_asked(ana: Person) -> None:
    result = ana.rtr("signal", "submit", typed="")
    assert result.exit_code == 2
    assert ana.asked == []


# -- the eight questions

ANSWERS = ["NOW", "A man paid for two tickets.", "He was in a hurry.", "", "2026-03-10", "", "2026-03-11"]
PLACE = ["AW", "AIRPORT", "gate 3", "", "GOV_DEPT", "n", "PHONE"]


def typed(*answers: str) -> str:
    return "\n".join([*ANSWERS, *PLACE, *answers, ""])


def test_eight_questions_make_a_signal(ana: Person) -> None:
    person_known = ["person", "SUSPECT", "", NAME, "1979-04-03", "co", "y", "PHONE", PHONE, "n"]
    document_known = ["mark", "PASSPORT", "ZZ0000017", "ve"]
    result = ana.rtr("signal", "submit", "--ask", typed=typed(*person_known, *document_known, "done", "y"))

    assert result.exit_code == 0
    form = sent(ana)
    assert form.account == "A man paid for two tickets.\nHe was in a hurry."
    assert (form.urgency, form.signal_type, form.period.to) == ("NOW", "UNDETERMINED", None)
    assert (form.place.island, form.place.locality) == ("AW", "gate 3")
    subject = form.subjects[0]
    assert (subject.role, subject.kind, subject.name, subject.nationality) == ("SUSPECT", "person", NAME, "CO")
    assert subject.birth is not None
    assert (subject.birth.year, subject.birth.month, subject.birth.day) == (1979, 4, 3)
    assert subject.selectors[0].value == PHONE
    assert (form.selectors[0].type, form.selectors[0].country) == ("PASSPORT", "VE")


def test_nothing_known_is_an_answer(ana: Person) -> None:
    assert ana.rtr("signal", "submit", "--ask", typed=typed("", "")).exit_code == 0
    assert sent(ana).nothing_known


def test_codes_are_shown_with_their_words_and_may_be_answered_by_number(ana: Person) -> None:
    by_number = typed("", "").replace("AIRPORT", "13")
    result = ana.rtr("signal", "submit", "--ask", typed=by_number)
    assert sent(ana).place.location_type == "AIRPORT"
    assert "UNDETERMINED      Cannot yet be told" in result.stderr


def test_danger_now_shows_the_emergency_number_before_anything_else_is_asked(ana: Person) -> None:
    result = ana.rtr("signal", "submit", "--ask", typed=typed("", ""))
    assert result.stderr.index("call 911 first") < result.stderr.index("2. What happened?")


def test_answer_that_does_not_fit_is_asked_again(ana: Person) -> None:
    answers = ["SOON", *ANSWERS[:4], "yesterday", "2026-03-10", "2026-03-01", "2026-03-10", "", "2026-03-11", *PLACE]
    wrong_mark = ["mark", "PLATE", "A-123", "", "PLATE", "A-123", "aw"]
    result = ana.rtr("signal", "submit", "--ask", typed="\n".join([*answers, *wrong_mark, "done", "y", ""]))

    assert result.exit_code == 0
    assert sent(ana).selectors[0].country == "AW"
    for words in ("Give a number from 1 to 3", "Give the day with its year", "The period ends before it begins"):
        assert words in result.stderr
    assert "give the country" in result.stderr


def test_story_of_as_many_characters_as_there_may_be_is_ended_by_an_empty_line(ana: Person) -> None:
    first = "A man paid for two tickets."
    answers = typed("done", "y").replace("He was in a hurry.", "x" * (8_000 - len(first) - 1))
    assert ana.rtr("signal", "submit", "--ask", typed=answers).exit_code == 0
    assert len(sent(ana).account) == 8_000


def test_line_that_makes_the_story_too_long_is_asked_for_again_before_the_other_questions(ana: Person) -> None:
    answers = typed("done", "y").replace("He was in a hurry.", "x" * 8_000 + "\nHe was in a hurry.")
    result = ana.rtr("signal", "submit", "--ask", typed=answers)
    assert "At most 8000 characters: this line makes 28 too many and is left out" in result.stderr
    assert sent(ana).account == "A man paid for two tickets.\nHe was in a hurry."


@pytest.mark.parametrize(
    ("born", "read"),
    [
        (["3/4/79", "2"], (1979, 3, 4)),
        (["3/4/79", "1"], (1979, 4, 3)),
        (["mei 1990"], (1990, 5, None)),
        (["3 april 1979"], (1979, 4, 3)),
        (["1979"], (1979, None, None)),
    ],
)
def test_dates_are_taken_as_people_write_them_and_one_that_may_be_two_is_asked_about(
    ana: Person, born: list[str], read: tuple[int, int | None, int | None]
) -> None:
    person_known = ["person", "SUSPECT", "", NAME, *born, "co", "n"]
    answers = typed(*person_known, "done", "y").replace("2026-03-10", "10 mrt 2026")
    result = ana.rtr("signal", "submit", "--ask", typed=answers)
    assert result.exit_code == 0
    birth = sent(ana).subjects[0].birth
    assert birth is not None
    assert (birth.year, birth.month, birth.day) == read
    assert sent(ana).period.from_.isoformat() == "2026-03-10"
    if len(born) > 1:
        assert "Is it 3 April 1979 (1) or 4 March 1979 (2)?" in result.stderr


def test_a_day_of_a_hundred_years_ago_and_one_before_it_happened_are_asked_about(ana: Person) -> None:
    days = ["1926-03-10", "n", "2026-03-10", "", "2026-03-09", "n", "2026-03-11"]
    result = ana.rtr("signal", "submit", "--ask", typed="\n".join([*ANSWERS[:4], *days, *PLACE, "done", "y", ""]))
    assert result.exit_code == 0
    assert "1926-03-10 is more than 10 years ago. Is that right?" in result.stderr
    assert "You heard of it before it happened (2026-03-10). Is that right?" in result.stderr
    assert (sent(ana).period.from_.isoformat(), sent(ana).received_on.isoformat()) == ("2026-03-10", "2026-03-11")


@pytest.mark.parametrize("end", [["", "n"], []])
def test_signal_is_not_sent_when_the_person_stops(ana: Person, end: list[str]) -> None:
    result = ana.rtr("signal", "submit", "--ask", typed=typed(*end)[:-1] if not end else typed(*end))
    assert result.exit_code == 130
    assert [asked.method for asked in ana.asked] == ["GET"]
    assert "Interrupted." in result.stderr


def test_questions_end_in_json_for_programs(ana: Person) -> None:
    result = ana.rtr("signal", "submit", "--ask", "--yes", "--json", typed=typed("done"))
    assert json.loads(result.stdout[result.stdout.index("{") :])["id"] == ID


def test_sign_in_is_tried_before_the_first_question(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(401, b"", {}, "text/plain")) as stranger:
        result = stranger.rtr("signal", "submit", "--ask", typed=typed("", ""))
    assert result.exit_code == 3
    assert "How urgent" not in result.stderr


# -- read


def test_signal_is_shown_with_words_for_codes(ana: Person) -> None:
    result = ana.rtr("signal", "show", REFERENCE, "--history")
    assert result.exit_code == 0
    for words in ("Aruba, Airport", "Suspect", NAME, PHONE, "2026-03-11T10:00:00Z", "recorded", "state=REGISTERED"):
        assert words in result.stdout


def test_signal_for_programs_has_its_history_only_when_asked(ana: Person) -> None:
    assert document(ana.rtr("signal", "show", REFERENCE, "--json"))["id"] == ID
    assert document(ana.rtr("signal", "show", ID, "--history", "--json"))["history"][0]["what"] == "recorded"


def test_what_came_from_elsewhere_cannot_steer_the_terminal(tmp_path: Path) -> None:
    def hostile(asked: Asked) -> Answer:
        said = register_of_one(asked)
        return said if asked.path == "/v1/me" else Answer(200, signal(next_steps=["\x1b]0;owned\x07\u202egnp.exe"]))

    with person(tmp_path, hostile) as somebody:
        result = somebody.rtr("signal", "withdraw", REFERENCE, "--reason", "r")
    assert result.exit_code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(result.output)


def test_list_is_aligned_text_or_json(ana: Person) -> None:
    lines = ana.rtr("signal", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["reference", "kind", "state"]
    assert len({line.index("submission") for line in lines[1:]}) == 1
    assert [one["reference"] for one in document(ana.rtr("signal", "list", "--json"))["items"]] == [
        "AW-2026-0001", "AW-2026-0002", "AW-2026-0003",
    ]  # fmt: skip


def test_list_ends_at_its_limit(ana: Person) -> None:
    assert ana.rtr("signal", "list", "--limit", "2", "-q").stdout.split() == ["AW-2026-0001", "AW-2026-0002"]


def test_filter_is_a_code_of_its_list(ana: Person) -> None:
    assert ana.rtr("signal", "list", "--type", "ht", "--channel", "PHONE").exit_code == 0
    assert "type_assessed=HT&channel=PHONE" in ana.asked[0].path

    result = ana.rtr("signal", "list", "--island", "ATLANTIS")
    assert result.exit_code == 1
    assert "BONAIRE" in result.stderr


# -- change


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (["signal", "amend", REFERENCE, "--set", "urgency=NOW", "--set", "single_approval=true",
          "--set", "operation=null"],
         f"/v1/signals/{ID}", {"changes": {"urgency": "NOW", "single_approval": True, "operation": None}}),
        (["signal", "reclassify", REFERENCE, "HT"], f"/v1/signals/{ID}/reclassifications", {"signal_type": "HT"}),
        (["signal", "step", REFERENCE, "forwarded"], f"/v1/signals/{ID}/steps", {"state": "FORWARDED"}),
        (["approve", "unsigned", REFERENCE, "--to", "cw", "--to", "SX"],
         f"/v1/signals/{ID}/approval", {"recipients": ["CW", "SX"]}),
        (["approve", "consent", REFERENCE], f"/v1/signals/{ID}/consent", {}),
        (["approve", "needless", REFERENCE], f"/v1/signals/{ID}/lifting", {}),
        (["signal", "withdraw", REFERENCE], f"/v1/signals/{ID}/withdrawal", {"code": "withdrawn"}),
    ],
)  # fmt: skip
def test_change_is_made_on_the_version_that_is_there(ana: Person, words: list[str], path: str, body: object) -> None:
    result = ana.rtr(*words, "--reason", "a reason")

    assert result.exit_code == 0
    change = ana.asked[-1]
    assert (change.path, change.headers["If-Match"]) == (path, '"3"')
    assert json.loads(change.body) == {**body, "reason": "a reason"}  # type: ignore[dict-item]  # a mapping
    assert "version 4" in result.stdout


@pytest.mark.parametrize(("status", "code"), [(404, "erased"), (503, "field-seal-broken")])
def test_report_that_does_not_open_is_withdrawn_by_its_line_in_the_list(tmp_path: Path, status: int, code: str) -> None:
    def damaged(asked: Asked) -> Answer:
        if asked.path.startswith("/v1/signals/") and asked.method == "GET":
            return problem(status, code)
        if asked.path.endswith("/withdrawal"):
            unread = {"version": 2, "withdrawn_at": "2026-03-12T10:00:00.000Z", "next_steps": ["Nobody read it."]}
            return Answer(200, {"id": ID, "reference": "AW-2026-0002", **unread})
        return register_of_one(asked)

    with person(tmp_path, damaged) as somebody:
        result = somebody.rtr("signal", "withdraw", "AW-2026-0002", "--reason", "r")
        missing = somebody.rtr("signal", "withdraw", "AW-2026-9999", "--reason", "r")
    assert (result.exit_code, somebody.asked[-1].method) == (0, "GET")
    assert "AW-2026-0002 withdrawn (version 2)" in result.stdout
    assert "Nobody read it." in result.stdout
    assert missing.exit_code != 0
    assert code in missing.stderr


def test_change_is_made_on_the_version_that_the_person_saw(ana: Person) -> None:
    ana.rtr("signal", "withdraw", REFERENCE, "--reason", "r", "--version", "2")
    assert ana.asked[-1].headers["If-Match"] == '"2"'


def test_list_takes_the_place_of_the_whole_list_only_where_the_version_it_was_copied_from_is_named(
    ana: Person,
) -> None:
    phones = 'selectors=[{"type":"PHONE","value":"+2977001111"}]'
    words = ("signal", "amend", REFERENCE, "--set", phones, "--reason", "r")

    refused = ana.rtr(*words)
    assert refused.exit_code == 1
    for said in ("selectors", "--version", "whole list"):
        assert said in " ".join(refused.stderr.split())
    assert "7001111" not in refused.stderr
    assert all(one.method != "PATCH" for one in ana.asked)

    assert ana.rtr(*words, "--version", "2").exit_code == 0
    assert ana.asked[-1].headers["If-Match"] == '"2"'


def test_referral_names_organisation_and_kind(ana: Person) -> None:
    assert ana.rtr("signal", "refer", REFERENCE, "AW-JIUMM", "--kind", "investigation").exit_code == 0
    assert json.loads(ana.asked[-1].body) == {"kind": "investigation", "to": "AW-JIUMM", "note": None}


@pytest.mark.parametrize(
    ("person_in_it", "warned"),
    [
        ({"role": "VICTIM_POTENTIAL"}, True),
        ({"role": "COMPANION", "minor": True}, True),
        ({"role": "COMPANION", "birth": {"year": 2015}}, True),
        ({"role": "WITNESS"}, True),
        ({"role": "SUSPECT", "birth": {"year": 1976}}, False),
    ],
)
def test_referral_says_who_reads_what_before_it_is_sent(
    tmp_path: Path, person_in_it: dict[str, object], *, warned: bool
) -> None:
    form = a_form(subjects=[{"n": 1, "kind": "person", **person_in_it}], selectors=[]).model_dump(mode="json")

    def register(asked: Asked) -> Answer:
        if asked.path.startswith("/v1/signals"):
            return Answer(200, signal(version=3, form=form))
        return register_of_one(asked)

    with person(tmp_path / "profile", register) as somebody:
        result = somebody.rtr("signal", "refer", REFERENCE, "AW-JIUMM", "--kind", "investigation")
        assert result.exit_code == 0
        methods = [(one.method, one.path.partition("?")[0].rpartition("/")[2]) for one in somebody.asked]
    said = " ".join(result.stderr.split())
    who = "Joint Information Unit (AW-JIUMM, Information unit)"
    assert f"{who} will read the names, the numbers and the story of {REFERENCE}." in said
    assert ("A victim, a child or a witness is in this report" in said) is warned
    assert methods.index(("GET", "organisations")) < methods.index(("POST", "referrals")), "said before it is sent"


def test_amendment_from_a_file_and_by_name_together(ana: Person) -> None:
    words = ("signal", "amend", REFERENCE, "-", "--set", "urgency=DAY", "--reason", "r")
    assert ana.rtr(*words, typed='{"channel": "EMAIL", "urgency": "NOW"}').exit_code == 0
    assert json.loads(ana.asked[-1].body)["changes"] == {"channel": "EMAIL", "urgency": "DAY"}


@pytest.mark.parametrize("words", [["--set", "urgency"], ["--set", "colour=red"], []])
def test_amendment_that_is_none_is_refused_here(ana: Person, words: list[str]) -> None:
    assert ana.rtr("signal", "amend", REFERENCE, "--reason", "r", *words).exit_code == 1
    assert ana.asked == []


# -- figures, and who I am


def test_figures_are_printed_in_the_rows_of_the_annual_report(ana: Person) -> None:
    result = ana.rtr("stats", "owner", "--country", "aw", "--year", "2023")
    assert result.exit_code == 0
    assert "Aruba 2023, notifications to the national contact point" in result.stdout
    assert "forwarded 12" in result.stdout
    lines = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line}
    assert lines["Citizens"][1:] == ["11", "anonymous", "2"]
    assert lines["School"][1:] == ["1", "*"]
    assert lines["total"] == ["total", "12"]
    assert "* 1 to 4: exact for the owner only" in result.stdout


def test_figures_for_programs_are_the_document(ana: Person) -> None:
    assert document(ana.rtr("stats", "owner", "--year", "2023", "--json"))["tables"][0]["rows"][0]["count"] == 11


def test_figures_of_another_country_are_not_asked_for(ana: Person) -> None:
    result = ana.rtr("stats", "owner", "--country", "CW", "--year", "2023")
    assert result.exit_code == 1
    assert [asked.path for asked in ana.asked] == ["/v1/me"]
    assert "register of AW, not of CW" in result.stderr


def test_me_says_country_tasks_and_rules(ana: Person) -> None:
    result = ana.rtr("me")
    for words in ("Aruba (AW)", "AW-IMIGRACION", "READ_OWN, SUBMIT", 'edition "demo"'):
        assert words in result.stdout
    assert document(ana.rtr("me", "--json"))["country"] == "AW"


def test_no_command_prints_a_token(ana: Person) -> None:
    for words in (["me"], ["signal", "list"], ["signal", "show", REFERENCE], ["--json", "me"]):
        assert TOKEN not in ana.rtr(*words).output
    assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in ana.asked)
