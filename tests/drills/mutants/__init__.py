"""Would the tests notice? `python -m tests.drills mutants AREA [--sample N] [--seed S] [--all] [--only PATH]`.

Changes one place of an area's code at a time, as mutmut does, runs the tests of the area that run that line, the
quickest first, and says which share of a drawn sample they noticed, with its 95 % interval, and what they did not.
Where no test runs the line, nothing noticed. The areas are those of architecture.md and the pure parts: AREAS below
`mutants/areas.py`. A sample of 300 has an interval of about five hundredths; `--all` is for a night.

Which tests run a line is looked at in one run under coverage and kept outside the repository until the code changes.
Areas with a server share one, as all tests do. The exit code is 1 if even the interval's upper end is below the goal.

`python -m tests.drills mutants --fixed` tries the thirty of `mutants/fixed.toml`, which the suite does each time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.drills.mutants import fixed
from tests.drills.mutants.areas import AREAS, list_sources, list_tests
from tests.drills.mutants.lines import Recorded, TestsFail, read_or_record
from tests.drills.mutants.trying import NOTICED, Outcome, Trial, Tried, import_libraries, try_all

ROOT: Final = Path(__file__).parents[3]
SAMPLE: Final = 300
GOAL: Final = 0.95
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rtr-mutants"
MOST_S: Final = 120.0
"""Seconds of tests for one mutant, as recorded; what they leave out can not notice it."""
_Z: Final = 1.959964
_TESTS_RUN: Final = "TESTS_RUN"
Note = Callable[[str], None]


def run(words: list[str]) -> int:
    """Run the drill, print its report as one line of JSON, and return 0 if the goal may hold."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.drills mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("area", nargs="?", choices=sorted(AREAS), help="what is mutated")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"mutants to draw (default {SAMPLE})")
    parser.add_argument("--seed", type=int, default=1, help="draws them (default 1)")
    parser.add_argument("--all", action="store_true", help="try all mutants of the area: a night")
    parser.add_argument("--only", default="", metavar="PATH", help="mutate only below this path")
    parser.add_argument("--serverless", action="store_true", help="leave out the tests that need a server")
    parser.add_argument("--goal", type=float, default=GOAL, help=f"share to be noticed (default {GOAL})")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where runs are kept (default {CACHE})")
    parser.add_argument("--fixed", action="store_true", help="try the fixed mutants of the suite instead")
    asked = parser.parse_args(words)
    if asked.fixed == bool(asked.area):
        parser.error("name an area, or say --fixed")
    if asked.fixed:
        report = fixed.drill(ROOT, fixed.FILE)
        print(json.dumps(report))
        return 1 if report["violations"] else 0
    try:
        report = drill(asked, _say)
    except TestsFail as failed:
        print(failed, file=sys.stderr)
        return 2
    print(json.dumps(report))
    return 1 if report["interval"][1] < asked.goal else 0


def _say(line: str) -> None:
    print(line, flush=True)


def drill(asked: argparse.Namespace, note: Note) -> dict[str, Any]:
    """Draw, try and count; survivors are noted with their diff as they come.

    Raises:
        TestsFail: the tests fail with nothing mutated.
    """
    from tests.drills.mutants.sources import Source  # what mutates is not needed for the fixed ones

    begun, area = time.monotonic(), AREAS[asked.area]
    paths = list_sources(ROOT, area, asked.only)
    tests = list_tests(ROOT, area, serverless=asked.serverless)
    with _shared_servers(any(test.startswith("tests/integration") for test in tests)):
        recorded = read_or_record(ROOT, paths, tests, asked.cache)
        note(
            f"{len(recorded.seconds)} tests take {sum(recorded.seconds.values()):.0f} s and run {_ran(recorded)} lines"
        )
        sources = {path: Source(ROOT, path) for path in paths}
        mutants = [mutant for source in sources.values() for mutant in source.mutants]
        drawn = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))  # noqa: S311 - to be drawn again
        drawn = mutants if asked.all else drawn
        note(f"{len(drawn)} of {len(mutants)} mutants of {len(paths)} modules")
        import_libraries(recorded.libraries)
        trials = [
            Trial(
                one.path,
                sources[one.path].text_with(one),
                _affordable(recorded, recorded.tests_of(one.path, one.line, one.lines, once=one.once)),
            )
            for one in drawn
        ]
        found: dict[int, Tried] = {}
        survivors = []
        with tempfile.TemporaryDirectory(prefix="rtr-mutants-") as folder:
            _hold_control(recorded, sources[paths[0]], Path(folder))
            for number, tried in try_all(ROOT, trials, Path(folder)):
                found[number], mutant = tried, drawn[number]
                if tried.outcome not in NOTICED:
                    diff = sources[mutant.path].diff_of(mutant)
                    survivors.append({"at": f"{mutant.path}:{mutant.line}", "why": tried.outcome, "diff": diff})
                    note(f"{len(found)}: {mutant.path}:{mutant.line} {mutant.operator}: {tried.outcome}\n{diff}")
    noticed = sum(tried.outcome in NOTICED for tried in found.values())
    return {
        "drill": "mutants",
        "area": asked.area,
        "only": asked.only,
        "seed": asked.seed,
        "commit": _commit(),
        "mutants": len(mutants),
        "tried": len(drawn),
        "noticed": noticed,
        "share": round(noticed / len(drawn), 3) if drawn else None,
        "interval": [round(end, 3) for end in interval(noticed, len(drawn))],
        "goal": asked.goal,
        "ends": dict(Counter(tried.outcome.name.lower() for tried in found.values())),
        "seconds": round(time.monotonic() - begun),
        "survivors": survivors,
    }


def interval(noticed: int, tried: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share noticed; all of it where nothing was tried.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927), formula 2.
    """
    if not tried:
        return 0.0, 1.0
    share, z2 = noticed / tried, _Z**2 / tried
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z * math.sqrt(share * (1 - share) / tried + z2 / (4 * tried)) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def _affordable(recorded: Recorded, tests: Sequence[str]) -> dict[str, float]:
    """Take the first as long as they fit, and at least one."""
    taken: dict[str, float] = {}
    spent = 0.0
    for test in tests:
        spent += recorded.seconds[test]
        if taken and spent > MOST_S:
            break
        taken[test] = recorded.seconds[test]
    return taken


def _hold_control(recorded: Recorded, source: Any, folder: Path) -> None:
    """Try no change at all with one test of each file, as a mutant is tried: what fails then would notice anything."""
    quickest: dict[str, str] = {}
    for test in sorted(recorded.seconds, key=lambda test: (recorded.seconds[test], test)):
        quickest.setdefault(test.split("::")[0], test)
    chosen = {test: recorded.seconds[test] for test in quickest.values()}
    ((_, tried),) = try_all(ROOT, [Trial(source.path, source.text, chosen)], folder / "control")
    if tried.outcome is not Outcome.SURVIVED:
        raise TestsFail(f"with nothing mutated, {tried.outcome}: {tried.by}")


def _ran(recorded: Recorded) -> int:
    return sum(bool(tests) for of in recorded.lines.values() for tests in of.values())


@contextmanager
def _shared_servers(needed: bool) -> Iterator[None]:  # noqa: FBT001 - the only word there is
    """Let all processes of the drill share what tests/support/started/run.py makes, if nobody has made it yet."""
    if not needed or _TESTS_RUN in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="rtr-mutants-run-") as folder, subprocess.Popen(
        [sys.executable, "-m", "tests.support.started.run", folder], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    ) as owner:  # fmt: skip
        if owner.stdout is None or owner.stdout.readline() != "ready\n":
            raise RuntimeError("the servers of the tests did not start")
        os.environ[_TESTS_RUN] = folder
        try:
            yield
        finally:
            del os.environ[_TESTS_RUN]


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip()
