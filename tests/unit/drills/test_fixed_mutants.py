"""Thirty wrong lines, each where it would hurt a person: the tests have to notice every one of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.drills.mutants import fixed

ROOT: Final = Path(__file__).parents[3]
EVERY: Final = fixed.read()


@pytest.fixture(scope="module")
def violations() -> dict[str, str]:
    """What one run of the drill did not see noticed, by the mutant's number."""
    command = [sys.executable, "-m", "tests.drills", "mutants", "--fixed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])["violations"]
    return found


@pytest.mark.parametrize("number", range(len(EVERY)), ids=[f"{n}-{Path(one.path).stem}" for n, one in enumerate(EVERY)])
def test_wrong_line_that_would_hurt_a_person_is_noticed_by_the_test_that_is_named(
    number: int, violations: dict[str, str]
) -> None:
    assert violations.get(str(number)) is None


def test_thirty_are_tried_and_each_says_whom_it_would_hurt() -> None:
    assert len(EVERY) == 30
    assert all(one.hurts.endswith(".") for one in EVERY)
    assert len({(one.path, one.old, one.new) for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize(("text", "stands"), [("a = 2\n", 0), ("a = 1\nb = a = 1\n", 2)])
def test_line_that_is_no_longer_there_or_there_twice_is_told_with_what_to_do(text: str, stands: int) -> None:
    gone = fixed.Fixed("register/x.py", "a = 1", "a = 3", "tests/test_x.py::test_x", "Nobody.")
    assert fixed.fault_of(gone, "a = 1\n") is None
    told = fixed.fault_of(gone, text)
    assert told is not None
    assert told.startswith(f"register/x.py: 'a = 1' stands there {stands} times, not once: ")
