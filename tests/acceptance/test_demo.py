"""The demo, as a newcomer runs it: a process of its own, its whole story, and every line that it says to type."""

from __future__ import annotations

import html
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx2
import pytest

from rtr_trial.demo.story import ALONE, FIRST_LINE, NOT_BUILT, WHOLE
from tests.support.runs.long_form import by_form
from tests.support.started.run import passing_folder
from tests.support.web.pages import Browserless

pytestmark = pytest.mark.slow

RTR = str(Path(sys.executable).with_name("rtr"))
STORY_S = 580
END_S = 90
TITLES = {
    1: "Five registers open: Aruba, Curaçao, Sint Maarten, Caribbean Netherlands, Netherlands",
    2: "Keys made by all five, 3 needed to compute a pseudonym; no country alone can open one",
    3: "24 notifications and 86 submissions entered through the API by 18 services, 0 lost",
    4: "Exchange: 20 of 20 logs equal on both sides, every receipt signed",
    5: "Aruba's coordinator asks (case Z-2026-04; reason logged before the question)",
    6: "4 of 4 receipts, gone from 4 registers and the indexes of 4 hosts",
    7: '3 reports still registered and found at home ("pseudonym pending"); asked now,',
    8: "in index, opened pages, logs, plain columns: 0 found",
    9: "Aruba 2023, notifications to CMMA (own table, exact, as registered): 24; forwarded to JIUMM 24",
    10: "Notifications of 2023 of the other four, not among the 110; counted here because we made them up: CW 16",
}
"""What stands in the first line of each step beside what is measured."""


def environment() -> dict[str, str]:
    """Ours, without settings of a register that happen to be set here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RTR_")}


@dataclass(frozen=True)
class Up:
    """A demo that has told its story and stays up.

    Attributes:
        place: the folder in which it was started; what it prints is to be typed there.
        told: its document.
    """

    place: Path
    told: dict[str, Any]
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def whole() -> Iterator[Up]:
    """All five countries, the story told, still up."""
    with (
        passing_folder() as place,
        (place / "stderr").open("w") as said,
        subprocess.Popen(
            [RTR, "demo", "--json"], cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        assert lines, (place / "stderr").read_text()
        yield Up(place, json.loads("".join(lines)), process)
        process.send_signal(signal.SIGTERM)
        process.wait(END_S)


@pytest.fixture(scope="module")
def alone() -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    """Aruba alone, told once."""
    command = [RTR, "demo", "--once", "--json", "--country", "AW"]
    with passing_folder() as place:
        yield (
            place,
            subprocess.run(
                command, cwd=place, env=environment(), capture_output=True, text=True, timeout=STORY_S, check=False
            ),
        )


def false_words(told: dict[str, Any]) -> list[Any]:
    return [
        (step["step"], one["what"], one["wanted"], one["got"])
        for step in told["steps"]
        for one in step["assertions"]
        if not one["holds"]
    ]


@pytest.mark.parametrize("number", range(1, len(WHOLE) + 1))
def test_each_step_shows_what_it_must(whole: Up, number: int) -> None:
    assert [step["step"] for step in whole.told["steps"]] == list(range(1, len(WHOLE) + 1)), whole.told["steps"][-1]
    step = whole.told["steps"][number - 1]
    assert [one for one in false_words(whole.told) if one[0] == number] == []
    assert (step["holds"], step["broke"]) == (True, None)
    assert TITLES[number] in step["lines"][0]
    assert step["assertions"]


def test_every_word_of_the_story_is_an_assertion(whole: Up) -> None:
    assert whole.told["holds"] is True
    assert sum(len(step["assertions"]) for step in whole.told["steps"]) >= 120


def test_the_story_says_what_it_is_and_what_is_not_built(whole: Up) -> None:
    assert whole.told["demo"] == FIRST_LINE
    assert whole.told["not_built"] == list(NOT_BUILT)


def test_each_person_of_the_story_has_a_ready_line(whole: Up) -> None:
    from rtr_trial.demo.made_up.data import people

    assert {one["persona"] for one in whole.told["ready"]} == {one.key for one in people()}


@pytest.mark.parametrize("way", ["curl", "rtr"])
def test_each_ready_line_works_as_it_is_printed(whole: Up, way: str) -> None:
    """The suite types each command of `rtr` once, for the first person who is offered it; the long form, every line."""
    lines = [one[way] for one in whole.told["ready"]]
    if way == "rtr":
        lines = by_form(short=list({command_of(line): line for line in reversed(lines)}.values()), long=lines)
    for line in lines:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=whole.place,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), line
        assert done.stdout.strip(), line


def command_of(line: str) -> str:
    """The command in a line of `rtr`, without whose profile it is and what is asked."""
    words = shlex.split(line)
    after = words[words.index("--profile") + 2 :]
    return " ".join(takewhile(lambda word: not word.startswith("-"), after))


def test_each_person_signs_in_to_the_pages_with_the_password_that_is_printed(whole: Up) -> None:
    for one in whole.told["ready"]:
        url = httpx2.URL(one["page"])
        with Browserless(f"{url.scheme}://{url.host}:{url.port}") as person:
            person.sign_in(one["persona"], then=url.path, password=one["password"])
            page = person.get(url.path)
        assert page.status_code == 200, one["page"]
        assert one["title"] in html.unescape(page.text), one["page"]


def test_a_token_and_a_key_are_for_their_owner_only(whole: Up) -> None:
    home = whole.place / ".run" / "demo"
    secrets = [*(home / "tokens").iterdir(), *(home / "profiles").glob("*.key.json"), *(home / "secrets").iterdir()]
    assert len(secrets) > 60
    assert [file.name for file in secrets if file.stat().st_mode & 0o077] == []


def test_a_second_demo_on_the_same_home_is_refused(whole: Up) -> None:
    done = subprocess.run(
        [RTR, "demo", "--once"], cwd=whole.place, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "demo-runs" in done.stderr


def test_it_ends_when_it_is_told_to_and_leaves_no_process(whole: Up) -> None:
    """Last: ends the demo that the tests above look at."""
    whole.process.send_signal(signal.SIGTERM)
    assert whole.process.wait(END_S) == 0
    assert left_over(whole.place) == []


def test_one_country_alone_is_useful_before_the_others_are_ready(
    alone: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    place, done = alone
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert false_words(told) == []
    assert [step["holds"] for step in told["steps"]] == [True] * len(ALONE)
    first = [step["lines"][0] for step in told["steps"]]
    assert first[0] == "One register open: Aruba"
    assert first[2].startswith("24 notifications and 29 submissions entered through the API by 8 services, 0 lost")
    assert first[4].startswith("Aruba 2023, notifications to CMMA")
    assert "not computed" in "".join(told["steps"][3]["lines"])
    assert left_over(place) == []


def left_over(place: Path) -> list[str]:
    """Processes that were started for a folder and are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has just ended
        if str(place) in words:
            found.append(words)
    return found
