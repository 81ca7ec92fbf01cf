"""The mutants that the suite tries each time: one wrong line each where it would hurt a person, and who is to notice.

They stand in `fixed.toml` as text, so that a reader sees what would be wrong and for whom. A line that was rewritten is
no longer found, and has to be found anew or its mutant replaced: the file says nothing about code that is gone.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.drills.mutants.trying import PYTEST, Outcome, Trial, forked, import_libraries, libraries, try_all

FILE: Final = Path(__file__).with_name("fixed.toml")


@dataclass(frozen=True)
class Fixed:
    """A wrong line.

    Attributes:
        path: of the module, below the root.
        old: text that stands in it once.
        new: what stands there instead.
        test: who has to fail, by its id of pytest, without what it is given.
        hurts: whom, and how.
    """

    path: str
    old: str
    new: str
    test: str
    hurts: str


def read(file: Path = FILE) -> list[Fixed]:
    """Return the mutants of a file, in order."""
    return [Fixed(**one) for one in tomllib.loads(file.read_text(encoding="utf-8"))["mutant"]]


def drill(root: Path, file: Path = FILE) -> dict[str, Any]:
    """Try them all; `violations` says in a sentence what was not noticed, or is no longer there, by its place."""
    every = read(file)
    texts = [(root / one.path).read_text(encoding="utf-8") for one in every]
    faults = {
        n: fault for n, (one, text) in enumerate(zip(every, texts, strict=True)) if (fault := fault_of(one, text))
    }
    whole = [n for n in range(len(every)) if n not in faults]
    with tempfile.TemporaryDirectory(prefix="rtr-fixed-") as made:
        folder = Path(made)
        seconds = _collect(root, [every[n] for n in whole], folder)
        trials = [
            Trial(every[n].path, texts[n].replace(every[n].old, every[n].new), _given(every[n].test, seconds))
            for n in whole
        ]
        for at, tried in try_all(root, trials, folder):
            one = every[whole[at]]
            if tried.outcome is not Outcome.FAILED:
                faults[whole[at]] = (
                    f"{one.path}: {one.new!r} instead of {one.old!r}: {tried.outcome}; {one.test} has to fail"
                )
    return {"drill": "fixed mutants", "tried": len(whole), "violations": {str(n): faults[n] for n in sorted(faults)}}


def fault_of(one: Fixed, text: str) -> str | None:
    """Say what is wrong with a mutant of this text, and what to do; None if it can be tried."""
    if (stands := text.count(one.old)) == 1 and one.old != one.new:
        return None
    todo = "name the line as it reads now, or another that hurts as much"
    return f"{one.path}: {one.old!r} stands there {stands} times, not once: {todo}"


def _collect(root: Path, every: Sequence[Fixed], folder: Path) -> list[str]:
    """Return the tests of the files that are named, and import what those import from outside."""
    told = folder / "collected"

    def collect() -> int:
        seen = _Collected()
        files = sorted({str(root / one.test.split("::")[0]) for one in every})
        code = int(pytest.main([*PYTEST, "--collect-only", f"--rootdir={root}", *files], plugins=[seen]))
        told.write_text(json.dumps({"tests": seen.tests, "libraries": libraries()}), encoding="utf-8")
        return code

    if forked(collect, output=folder / "log") != 0:
        raise RuntimeError(f"the tests can not be collected:\n{(folder / 'log').read_text(encoding='utf-8')[-2000:]}")
    found = json.loads(told.read_text(encoding="utf-8"))
    import_libraries(found["libraries"])
    tests: list[str] = found["tests"]
    return tests


class _Collected:
    def __init__(self) -> None:
        self.tests: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.tests = [item.nodeid for item in session.items]


def _given(test: str, collected: Sequence[str]) -> dict[str, float]:
    return {each: 0.0 for each in collected if each.split("[")[0] == test or each == test}
