"""The test command compares the lock files with the project, and its table hides neither a failure nor a gap."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))
    return importlib.import_module("check")


# -- lock files

PRODUCT, TRIAL, TEST = "requirements.txt", "deploy/trial/requirements.txt", "requirements-test.txt"


def a_lock(*pins: str) -> str:
    return "".join(f"{pin} \\\n    --hash=sha256:00\n" for pin in pins)


RUN = ("alpha==1.4.0", "builder==1.0")
DEMO = (*RUN, "beta-two==2.0")
LOCKS = {PRODUCT: a_lock(*RUN), TRIAL: a_lock(*DEMO), TEST: a_lock(*DEMO, "solver==1.1", "tester==9.1")}


def two_projects(dependency: str = "alpha>=1,<2") -> tuple[dict[str, object], dict[str, object]]:
    extras = {"build": ["builder>=1,<2"], "solver": ["solver>=1,<2"], "test": ["tester>=9,<10"]}
    product = {"name": "it", "dependencies": [dependency], "optional-dependencies": extras}
    trial = {"name": "it-trial", "dependencies": ["it==1.0", "Beta_Two==2.0"]}
    return {"project": product}, {"project": trial}


def test_lock_files_in_step_have_no_fault(check: ModuleType) -> None:
    assert check.lock_faults(*two_projects(), LOCKS) == []


def test_lock_files_of_this_project_are_in_step(check: ModuleType) -> None:
    projects = [tomllib.loads((folder / "pyproject.toml").read_text()) for folder in check.PROJECTS]
    assert check.lock_faults(*projects, {name: (ROOT / name).read_text() for name in LOCKS}) == []


@pytest.mark.parametrize(
    ("dependency", "fault"),
    [
        ("gamma>=1", "gamma is not pinned"),
        ("alpha>=1.5,<2", "alpha 1.4.0 is outside"),
        ("alpha>=1,<1.4", "alpha 1.4.0 is outside"),
        ("alpha==1.4.1", "alpha 1.4.0 is outside"),
        ("alpha @ https://example.org/alpha.whl", "cannot read"),
    ],
)
def test_dependency_that_the_locks_do_not_meet_is_named(check: ModuleType, dependency: str, fault: str) -> None:
    faults = check.lock_faults(*two_projects(dependency), LOCKS)
    assert [line.split(":")[0] for line in faults] == [PRODUCT, TRIAL, TEST]
    assert all(fault in line for line in faults)


def test_pin_without_a_hash_is_named(check: ModuleType) -> None:
    loose = {**LOCKS, TEST: f"{LOCKS[TEST]}loose==1.0\n"}
    assert check.lock_faults(*two_projects(), loose) == [f"{TEST}: loose has no hash"]


def test_each_lock_must_hold_the_smaller_one(check: ModuleType) -> None:
    other = {**LOCKS, TEST: LOCKS[TEST].replace("beta-two==2.0", "beta-two==2.0.0")}
    assert check.lock_faults(*two_projects(), other) == [f"{TEST}: beta-two is 2.0.0, {TRIAL} has 2.0"]
    fewer = {**LOCKS, PRODUCT: a_lock(*RUN, "delta==3.0")}
    assert check.lock_faults(*two_projects(), fewer) == [f"{TRIAL}: delta is None, {PRODUCT} has 3.0"]


def test_what_only_the_trial_asks_for_is_not_in_the_products_lock(check: ModuleType) -> None:
    fuller = {**LOCKS, PRODUCT: LOCKS[TRIAL]}
    assert check.lock_faults(*two_projects(), fuller) == [f"{PRODUCT}: beta-two is the trial's alone"]


@pytest.mark.parametrize("line", ["--index-url https://mirror.example/simple", "-f /wheels"])
def test_package_index_inside_a_lock_file_is_a_fault(check: ModuleType, line: str) -> None:
    named = {**LOCKS, PRODUCT: f"{line}\n{LOCKS[PRODUCT]}"}
    assert f"{PRODUCT}: names a package index" in check.lock_faults(*two_projects(), named)


@pytest.mark.parametrize(
    ("version", "operator", "wanted", "inside"),
    [
        ("1.10", ">=", "1.9", True),
        ("1.0", "==", "1", True),
        ("2", "<", "2.0", False),
        ("0.32", "<=", "0.32.0", True),
        ("3.1", "!=", "3.1.0", False),
        ("1.4", "~=", "1.4", False),
        ("1.0rc1", ">=", "0.9", False),
        ("1.0rc1", "==", "1.0rc1", True),
    ],
)
def test_versions_are_compared_as_numbers(
    check: ModuleType, version: str, operator: str, wanted: str, *, inside: bool
) -> None:
    assert check.within(version, operator, wanted) is inside


# -- engines

REAL = {"name": "OpenSearch", "state": "ran", "version": "3.8.0"}


@pytest.mark.parametrize(
    "engines",
    [
        [],
        [{**REAL, "state": "missing", "reason": "no JDK"}],
        [{**REAL, "version": "2.19.1"}],
        [{"name": "osmem", "state": "ran", "version": "3.8.0"}],
    ],
)
def test_build_machine_fails_without_the_real_engine_and_others_are_told(
    check: ModuleType, engines: list[dict[str, str]]
) -> None:
    assert not check.judge_engines(engines, ci=True).passed
    elsewhere = check.judge_engines(engines, ci=False)
    assert elsewhere.passed
    assert "JAVA_HOME" in check.table([elsewhere], engines)


def test_engine_that_ran_is_enough(check: ModuleType) -> None:
    judged = check.judge_engines([REAL], ci=True)
    assert judged.passed
    assert "JAVA_HOME" not in check.table([judged], [REAL])


def test_what_ran_counts_over_what_was_missing_elsewhere(check: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "engines.jsonl"
    report.write_text(
        '{"name": "OpenSearch", "state": "ran", "version": "3.8.0"}\n'
        '{"name": "OpenSearch", "state": "missing", "version": "3.8.0", "reason": "x"}\n\n'
    )
    assert [line["state"] for line in check.read_report(report)] == ["ran"]
    assert check.read_report(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("release", "major"), [('JAVA_VERSION="25.0.3"\n', 25), ('X="1"\nJAVA_VERSION="1.8.0_392"\n', 8), ("", 0)]
)
def test_jdk_is_known_by_its_release_file(check: ModuleType, release: str, major: int) -> None:
    assert check.jdk_major(release) == major


# -- the run and its table


def test_step_keeps_the_last_line_without_its_frame(check: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    program = "print('one'); print('\\x1b[32m=== 3 passed in 0.1s ===\\x1b[0m'); print()"
    result = check.step("tests", [sys.executable, "-c", program], dict(os.environ))
    assert (result.passed, result.summary) == (True, "3 passed in 0.1s")
    assert "one" in capfd.readouterr().out


def test_step_fails_when_its_command_fails(check: ModuleType) -> None:
    assert not check.step("bad", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ)).passed


def test_table_ends_with_every_failure_by_name(check: ModuleType) -> None:
    results = [
        check.Result("ruff check", passed=False, seconds=1.0, summary="2 errors"),
        check.Result("unit", passed=True, seconds=2.0, summary="9 passed"),
        check.Result("mypy", passed=False, seconds=3.0, summary="1 error"),
    ]
    assert check.table(results, []).splitlines()[-1] == "FAILED: ruff check, mypy"
    assert check.table(results[1:2], []).splitlines()[-1] == "All checks passed."


def test_folders_without_tests_are_left_out_but_no_test_at_all_is_a_failure(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    monkeypatch.setattr(check, "ROOT", tmp_path)
    assert [result.passed for result in check.run_tests(Path(sys.executable), {}, [], fast=True)] == [False]


def test_every_layer_of_tests_is_run_by_the_test_command(check: ModuleType) -> None:
    known = [ROOT / folder for layer in check.LAYERS for folder in layer.folders]
    left_out = [p for p in (ROOT / "tests").rglob("test_*.py") if not any(p.is_relative_to(folder) for folder in known)]
    assert left_out == []


def test_folder_with_a_layer_of_its_own_is_not_run_twice(check: ModuleType) -> None:
    wide, narrow = (next(one for one in check.LAYERS if folder in one.folders) for folder in NESTED)
    command = check.pytest_of(Path("python"), wide, ["-x"], long=False)
    assert f"--ignore={NESTED[1]}" in command
    assert not any(word.startswith("--ignore") for word in check.pytest_of(Path("python"), narrow, [], long=False))
    assert command[-2:] == (NESTED[0], "-x"), "words of a person come last"


NESTED = ("tests/acceptance", "tests/acceptance/pages")


def test_long_run_tries_more_and_adds_the_drills(check: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[Any] = []

    def note(given: Iterable[Any]) -> list[Any]:
        steps.extend(given)
        return []

    monkeypatch.setattr(check, "run_lanes", note)
    check.run_tests(Path("python"), {}, [], fast=False, long=True)
    tests = [each for each in steps if "pytest" in each.command]
    assert all("--hypothesis-profile=long" in each.command for each in tests)
    assert check.DRILLS.keys() <= {each.name for each in steps}
    assert {each.budget_s for each in steps} == {0.0}, "budgets are those of the suite"


def test_run_keeps_what_python_compiled_whatever_the_machine_asks(check: ModuleType, tmp_path: Path) -> None:
    """The house is compiled once, not by each of a run's processes."""
    ours = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/bin", "OTHER": "kept"}
    made = check.environment_of(ours, {"RTR_SERVER_REPORT": tmp_path})
    program = "import sys; print(sys.dont_write_bytecode)"
    said = subprocess.run([sys.executable, "-c", program], env=made, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"
    assert (made["OTHER"], made["RTR_SERVER_REPORT"]) == ("kept", str(tmp_path))
    assert made["PATH"].endswith(f"bin{os.pathsep}/bin")


# -- lanes and budgets


def a_step(check: ModuleType, name: str, lane: str, program: str) -> Any:
    return check.Step(name, lane, (sys.executable, "-c", program), dict(os.environ))


@pytest.mark.parametrize("lanes", ["ABA", "AAA"], ids=["each its own lane's", "one helps the other"])
def test_three_steps_run_side_by_side_and_results_keep_their_order(
    check: ModuleType, tmp_path: Path, lanes: str
) -> None:
    """Each of them waits for the files that the others make."""
    meet = (
        "import pathlib, sys, time\nhere = pathlib.Path({folder!r})\n(here / {mine!r}).touch()\n"
        "for _ in range(600):\n    len(list(here.iterdir())) == 3 and sys.exit()\n    time.sleep(0.05)\nsys.exit(1)"
    )
    steps = [
        a_step(check, f"step {n}", lane, meet.format(folder=str(tmp_path), mine=str(n))) for n, lane in enumerate(lanes)
    ]
    results = check.run_lanes(steps)
    assert [(result.name, result.passed) for result in results] == [(f"step {n}", True) for n in range(3)]


def test_what_may_run_beside_others_gives_way_to_what_may_not(check: ModuleType) -> None:
    """The lane of engines and nodes is the longest way to the end."""
    said = "import os; print(os.nice(0))"
    beside, alone = check.run_lanes([a_step(check, lane, lane, said) for lane in "AB"])
    assert int(beside.summary) > int(alone.summary)


def test_engines_never_run_two_at_once(check: ModuleType, tmp_path: Path) -> None:
    alone = (
        "import os, pathlib, time\nmark = pathlib.Path({mark!r})\nos.close(os.open(mark, os.O_CREAT | os.O_EXCL))\n"
        "time.sleep(0.3)\nmark.unlink()"
    ).format(mark=str(tmp_path / "engine"))
    results = check.run_lanes([a_step(check, f"engine {n}", "B", alone) for n in range(3)])
    assert [result.passed for result in results] == [True] * 3


def test_what_a_layer_says_is_not_mixed_with_another(check: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    slow = "import time\nfor n in range(9):\n    print('{0}', n, flush=True)\n    time.sleep(0.02)"
    check.run_lanes([a_step(check, lane, lane, slow.format(lane)) for lane in "AB"])
    said = [line for line in capfd.readouterr().out.splitlines() if line[:2] in {"A ", "B "}]
    assert len(said) == 18
    assert sum(one[0] != other[0] for one, other in pairwise(said)) == 1


def test_cpu_of_a_childs_child_is_counted(check: ModuleType) -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    assert check.step("burns", [sys.executable, "-c", inner], dict(os.environ)).cpu_s >= 0.4


def test_over_a_fifth_above_the_budget_is_a_red_line_that_says_what_to_do(check: ModuleType) -> None:
    within, over = (
        check.Result(f"layer {cpu_s:g}", passed=True, seconds=9.0, summary="3 passed", cpu_s=cpu_s, budget_s=100.0)
        for cpu_s in (119.0, 121.0)
    )
    assert (within.over, over.over) == (False, True)
    said = check.table([within, over], [])
    assert "OVER    layer 121" in said
    assert "121%" in said
    assert "--durations=25" in said
    assert check.failures([within, within, over]) == []
    assert check.failures([over, over]) == ["the whole, 242 s for a budget of 200 s"]
    assert check.table([over], []).splitlines()[-1].startswith("FAILED: the whole")
    assert "--durations" not in check.table([within], [])


# Budgets are what a busy machine uses, about half as much again as a quiet one.
TWO_CORES_FOR_A_QUARTER_OF_AN_HOUR_S = 2 * 15 * 60 * 1.5


def test_every_layer_has_a_budget_and_a_name_of_its_own(check: ModuleType) -> None:
    assert all(layer.budget_s > 0 for layer in check.LAYERS)
    assert sum(layer.budget_s for layer in check.LAYERS) <= TWO_CORES_FOR_A_QUARTER_OF_AN_HOUR_S
    assert len({layer.name for layer in check.LAYERS}) == len(check.LAYERS)
    assert {layer.name for layer in check.LAYERS if not layer.folders} == {*check.TEXT, "shared servers"}


def test_whoever_ends_the_command_ends_what_it_runs(tmp_path: Path) -> None:
    """SIGTERM reaches the command alone, unlike Ctrl-C; and a shell's `&` has Ctrl-C ignored by all that it starts."""
    noted = tmp_path / "pid"
    lasts = "import os, pathlib, sys, time\npathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\ntime.sleep(60)"
    program = (
        f"import sys\nsys.path.insert(0, {str(ROOT / 'deploy')!r})\nimport check\n"
        "check.heed_signals()\n"
        f"check.run_lanes([check.Step('long', 'A', (sys.executable, '-c', {lasts!r}, {str(noted)!r}), {{}})])"
    )
    beside = ["/bin/sh", "-c", 'trap "" INT; exec "$0" "$@"', sys.executable, "-c", program]
    with subprocess.Popen(beside, stderr=subprocess.DEVNULL) as command:
        for _ in range(600):
            if noted.exists() and noted.read_text():
                break
            time.sleep(0.05)
        command.terminate()
        assert command.wait(20) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)


@pytest.mark.parametrize(
    "words", [["--fast", "--long"], ["--collect-only"], ["--fast", "--version"], ["--co", "-k", "x"]]
)
def test_words_by_which_no_test_would_run_are_refused_before_anything_starts(
    check: ModuleType, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert check.main(words) == 2
    assert capsys.readouterr().err.strip()


def test_help_says_what_the_command_is_and_runs_nothing(check: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "--fast" in said
    assert "All checks passed" not in said


# -- the command as a whole


@dataclass(frozen=True)
class Tried:
    """What `check.py` did with a project of its own: the real command, in which nothing is replaced but its layers."""

    code: int
    said: str


@pytest.fixture
def tried(tmp_path: Path) -> Callable[..., Tried]:
    """Runs the command in a small project that has all that it looks for: locks, an environment, servers, a test."""
    (deploy := tmp_path / "deploy").mkdir()
    for script in ("check.py", "demo.py"):
        shutil.copy(ROOT / "deploy" / script, deploy)
    product, beside = '[project]\nname = "it"\nversion = "1"\ndependencies = []\n', deploy / "trial"
    beside.mkdir()
    (tmp_path / "pyproject.toml").write_text(
        f"{product}[project.optional-dependencies]\nbuild=[]\nsolver=[]\ntest=[]\n"
    )
    (beside / "pyproject.toml").write_text(product.replace("it", "it-trial"))
    for lock in LOCKS:
        (tmp_path / lock).write_text("")
    (tests := tmp_path / "tests" / "unit").mkdir(parents=True)
    (tests / "test_it.py").write_text("def test_it() -> None: ...\n")
    (support := tmp_path / "tests" / "support" / "started").mkdir(parents=True)
    for package in (tests.parent, support.parent, support):
        (package / "__init__.py").touch()
    (support / "run.py").write_text("import sys\nprint('ready', flush=True)\nsys.stdin.read()\n")
    (programs := tmp_path / ".venv" / "bin").mkdir(parents=True)
    _program(programs / "python", f'exec "{sys.executable}" "$@"')

    def run(*words: str, ruff: str = "true", budgets: tuple[float, ...] = (100, 100, 100), servers: str = "") -> Tried:
        _program(programs / "ruff", ruff)
        if servers:
            (support / "run.py").write_text(servers)
        program = (
            f"import sys; sys.path.insert(0, {str(deploy)!r}); import check, demo, json\n"
            "stamp = {'lock': demo.TEST_LOCK, 'sha256': demo.fingerprint(demo.TEST_LOCK)}\n"
            "demo.STAMP.write_text(json.dumps(stamp))\n"
            f"check.LAYERS = (check.Layer('ruff check', 'A', {budgets[0]}, fast=True),"
            f" check.Layer('unit', 'B', {budgets[1]}, ('tests/unit',), fast=True),"
            f" check.Layer('shared servers', '', {budgets[2]}))\n"
            "sys.exit(check.main(sys.argv[1:]))"
        )
        plain = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=plain,
        )
        return Tried(done.returncode, done.stdout + done.stderr)

    return run


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)


def test_command_ends_with_0_only_if_all_of_it_passed(tried: Callable[..., Tried]) -> None:
    done = tried("--fast")
    assert done.said.splitlines()[-1] == "All checks passed."
    assert done.code == 0


def test_command_fails_with_one_failing_step_and_still_runs_the_others(tried: Callable[..., Tried]) -> None:
    done = tried("--fast", ruff="echo 2 errors; exit 1")
    assert done.said.splitlines()[-1] == "FAILED: ruff check"
    assert "1 passed" in done.said
    assert done.code == 1


def test_command_fails_where_the_shared_servers_did_not_end_well(tried: Callable[..., Tried]) -> None:
    done = tried("--fast", servers="print('ready', flush=True)\nraise SystemExit(3)\n")
    assert done.said.splitlines()[-1] == "FAILED: shared servers"
    assert done.code == 1


def test_layer_over_its_budget_is_told_and_fails_the_command_only_with_the_whole(tried: Callable[..., Tried]) -> None:
    told = tried("--fast", budgets=(100, 0.01, 100))
    assert "OVER    unit" in told.said
    assert told.code == 0
    failed = tried("--fast", budgets=(0.01, 0.01, 0.01))
    assert failed.said.splitlines()[-1].startswith("FAILED: the whole")
    assert failed.code == 1


def test_words_of_a_person_that_choose_no_test_fail_the_command(tried: Callable[..., Tried]) -> None:
    done = tried("--fast", "-k", "no_such_test")
    assert done.said.splitlines()[-1] == "FAILED: tests"
    assert done.code == 1
