"""The drill that mutates: what it changes and what not, whom it asks, and what counts as noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.drills.mutants import interval
from tests.drills.mutants.areas import AREAS, list_sources, list_tests
from tests.drills.mutants.lines import Recorded
from tests.drills.mutants.sources import Source

ROOT: Final = Path(__file__).parents[3]
MODULE: Final = '''"""A rule."""

__all__ = ["ENOUGH"]
ENOUGH: "int" = 5


@rule("R-1", always=True)
def is_enough(
    given: int = 3,
) -> "bool":
    """Whether it is."""
    if given < ENOUGH:
        raise ValueError("too few")
    return given > 0
'''


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "rule.py").write_text(MODULE, encoding="utf-8")
    return Source(tmp_path, "rule.py")


def test_constants_defaults_and_decorated_functions_are_mutated(source: Source) -> None:
    """Rules of the MoU are decorated, and thresholds are constants."""
    changed = {source.diff_of(one) for one in source.mutants}
    assert '-ENOUGH: "int" = 5\n+ENOUGH: "int" = 6' in changed
    assert "-    given: int = 3,\n+    given: int = 4," in changed
    assert "-    if given < ENOUGH:\n+    if given <= ENOUGH:" in changed
    assert "-    return given > 0\n+    return given >= 0" in changed


def test_what_is_not_behaviour_is_left_alone(source: Source) -> None:
    taken = "\n".join(source.diff_of(one) for one in source.mutants)
    assert "__all__" not in taken
    assert "@rule" not in taken
    assert '"bool"' not in taken
    assert "raise" not in taken
    assert "Whether it is" not in taken


def test_each_mutant_is_one_change_that_python_reads(source: Source) -> None:
    texts = [source.text_with(one) for one in source.mutants]
    assert MODULE not in texts
    assert len(set(texts)) == len(texts)
    for text in texts:
        compile(text, "rule.py", "exec")


def test_what_runs_when_the_module_is_read_is_known(source: Source) -> None:
    """No test's own context runs it."""
    assert {one.line for one in source.mutants if one.once} == {4, 9}


LINES: Final = {3: frozenset("a"), 4: frozenset("b"), 7: frozenset("c")}
RECORDED: Final = Recorded({"d": 0.5, "a": 2.0, "b": 1.0, "c": 3.0}, {"x.py": LINES}, {"x.py": frozenset({1, 7})}, ())


def test_line_is_asked_of_the_tests_that_run_it_or_else_of_its_statement() -> None:
    assert RECORDED.tests_of("x.py", 4, (3, 5), once=False) == ["b"]
    assert RECORDED.tests_of("x.py", 5, (3, 5), once=False) == ["b", "a"], "the quickest first"
    assert RECORDED.tests_of("x.py", 9, (9, 9), once=False) == []


@pytest.mark.parametrize(("line", "statement", "once"), [(1, (1, 1), True), (7, (7, 7), False), (2, (1, 2), False)])
def test_line_that_ran_for_all_at_once_is_asked_of_all_and_first_of_those_near(
    line: int, statement: tuple[int, int], *, once: bool
) -> None:
    """When a module was read, the product's or a test's."""
    assert RECORDED.tests_of("x.py", line, statement, once=once) == ["b", "a", "c", "d"]
    assert RECORDED.tests_of("y.py", line, statement, once=True) == ["d", "b", "a", "c"]


def test_every_area_has_code_and_tests_and_a_pure_one_needs_no_server() -> None:
    assert len(AREAS) == 12
    for name, area in AREAS.items():
        assert list_sources(ROOT, area), name
        tests = list_tests(ROOT, area, serverless=False)
        assert tests, name
        assert area.pure != any(test.startswith("tests/integration/") for test in tests), name


@pytest.mark.parametrize(
    ("noticed", "tried", "low", "high"),
    [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_interval_is_wilsons(noticed: int, tried: int, low: float, high: float) -> None:
    """81 of 263: R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I."""
    assert interval(noticed, tried) == pytest.approx((low, high), abs=5e-5)


RULE: Final = "def count(n):\n    while n > 0:\n        n -= 1\n    return n\n\n\ndef other(n):\n    return n\n"
TESTS: Final = """from rule import count, other


def test_ends():
    assert count(3) == 0


def test_other():
    other(1)
"""
PROGRAM: Final = """
import json, sys
from pathlib import Path
from tests.drills.mutants import trying
trying._TEST_WITHIN_S = 1.0
root, text = Path(sys.argv[1]), Path(sys.argv[1], "rule.py").read_text()
ends, other = {"test_rule.py::test_ends": 0.0}, {"test_rule.py::test_other": 0.0}
changes = [("return n\\n\\n", "return 1\\n\\n", ends), ("n -= 1", "n += 1", ends), ("import", "import", ends),
    ("def count", "def gone", ends), ("    return n\\n", "    return n + 1\\n", other), ("n > 0", "n > 1", {})]
trials = [trying.Trial("rule.py", text.replace(old, new), tests) for old, new, tests in changes]
found = {n: [tried.outcome.name, tried.by] for n, tried in trying.try_all(root, trials, root / "made")}
print(json.dumps([found[n] for n in range(len(trials))]))
"""


def test_mutant_is_noticed_by_a_test_that_fails_or_hangs_and_by_nothing_else(tmp_path: Path) -> None:
    """In processes of their own: the file stays as it is."""
    (tmp_path / "rule.py").write_text(RULE, encoding="utf-8")
    (tmp_path / "test_rule.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text("import sys\nsys.path.insert(0, __file__[: -len('conftest.py')])\n", "utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [outcome for outcome, _ in found] == ["FAILED", "SLOW", "SURVIVED", "BROKE", "SURVIVED", "NO_TEST"]
    assert found[0][1] == "test_rule.py::test_ends"
    assert (tmp_path / "rule.py").read_text(encoding="utf-8") == RULE
