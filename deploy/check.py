#!/usr/bin/env python3
"""Run every check of the project on a fresh machine: `python3 deploy/check.py [--fast|--long] [words for pytest ...]`.

Standard library only. Prepares `.venv` with the locked packages of the tests, then runs the checks of the text (style,
types, import contracts, lock files) and the tests, in two lanes, three at a time. All of them run even if one fails;
what each said is printed whole when it ends. The end is one table, with the servers and engines that really ran and
with the CPU seconds that each layer used beside its budget. The exit code is 0 only if all passed, and all together
within their budgets.

`--fast` leaves out what needs a server of its own, and takes a few minutes; `--long` tries each property 1,000
times instead of 25, takes the long form of tests that repeat themselves (tests/support/runs/long_form.py), and adds the
drills.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demo import PRODUCT_LOCK, PROJECTS, ROOT, TEST_LOCK, TRIAL_LOCK, VENV, Cannot, check_machine, pins, prepare


@dataclass(frozen=True)
class Layer:
    """Some folders of tests, run by one pytest; or, without folders, the checks of the text or the run's servers.

    Attributes:
        lane: "A" or "B". Of A two run at a time; B's layers never run beside each other: they start engines and
            clusters of nodes.
        budget_s: CPU seconds: what a busy machine of two cores uses, which is about a quarter more than a quiet one.
    """

    name: str
    lane: str
    budget_s: float
    folders: tuple[str, ...] = ()
    fast: bool = False


# In the order in which each lane runs them, long ones first. When B has nothing left it helps with A, so that all end
# at about the same time. Two cores serve three layers: a quarter of the time of B's is waiting (a node that starts, a
# partner that is away), and what waits longest for the browser is A's. What a layer uses more than its
# budget is to be mended in its tests, or the budget raised here in a commit that says what the seconds are for, and
# taken from another's: together they are what fills two busy cores for twenty minutes; the aim is fifteen.
LAYERS = (
    Layer("ruff check", "A", 5, fast=True),
    Layer("ruff format", "A", 5, fast=True),
    Layer("mypy", "A", 50, fast=True),
    Layer("mypy of deploy", "A", 5, fast=True),
    Layer("import contracts", "A", 5, fast=True),
    Layer("browser", "A", 180, ("tests/acceptance/pages",)),
    Layer("web", "A", 195, ("tests/integration/web",)),
    Layer("services", "A", 300, ("tests/integration/services", "tests/integration/trial/issuer")),
    Layer("unit", "A", 150, ("tests/architecture", "tests/unit"), fast=True),
    Layer("exchange", "A", 115, ("tests/integration/exchange", "tests/integration/exchange/evaluators")),
    Layer("api", "A", 105, ("tests/integration/http",)),
    Layer("releases", "A", 95, ("tests/integration/statistics",)),
    Layer("store", "A", 75, ("tests/integration/store",)),
    Layer("properties", "A", 80, ("tests/properties",), fast=True),
    Layer("migrations", "A", 35, ("tests/migrations",)),
    Layer("simulator", "A", 15, ("tests/simulator",), fast=True),
    Layer("acceptance", "B", 370, ("tests/acceptance",)),
    Layer("engines", "B", 155, ("tests/integration/search/engine", "tests/integration/search/asking")),
    Layer("embedded", "B", 40, ("tests/integration/trial/embedded",)),
    Layer("bench", "B", 60, ("tests/bench",)),
    Layer("shared servers", "", 380, fast=True),
)
TEXT: Mapping[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "mypy of deploy": ("mypy", "deploy/demo.py", "deploy/check.py"),
    "import contracts": ("lint-imports",),
}
# Too long for the suite, which has a short form of each; B runs them after its layers.
DRILLS: Mapping[str, tuple[str, ...]] = {
    "simulator drill": ("python", "-m", "tests.simulator", "--steps", "20000", "--seed", "100", "--runs", "3"),
    "kill drill": ("python", "-m", "tests.drills", "kill", "--rounds", "12", "--seed", "3"),
    # What a pure area has reached; 95 % is the drill's own goal, and for each area a night's work.
    "mutants drill": ("python", "-m", "tests.drills", "mutants", "matching", "--sample", "100", "--goal", "0.85"),
    "statistics drill": ("rtr", "--json", "stats", "drill", "--years", "200"),
}
RUNNERS = ("A", "BA", "A")  # from which lanes each takes its next step
GIVES_WAY = ("nice", "-n", "5")
RED_LINE = 1.2  # of a budget
RUN_VARIABLE = "TESTS_RUN"  # see tests/support/started/run.py
NO_TEST_CHOSEN = 5  # pytest's exit code
OPENSEARCH_NEEDS_JDK = 21
OPENSEARCH_WANTED = "3.8"
NODE_RECIPE = ROOT / "deploy" / "opensearch" / "pom.xml"
WHAT_TO_INSTALL = (
    f"For the real OpenSearch {OPENSEARCH_WANTED} node: a JDK of {OPENSEARCH_NEEDS_JDK} or newer and Maven "
    "(Debian 13: apt-get install default-jdk-headless maven; Debian 12 has JDK 17 only: take 21 or 25 from\n"
    "adoptium.net and set JAVA_HOME), or set OPENSEARCH_URL to a node that you run."
)
WHEN_OVER = (
    "Find what is slow (pytest --durations=25 on the layer's folders) and mend it; if the seconds are worth it, raise\n"
    "the budget in LAYERS of deploy/check.py, in a commit that says what they are for."
)


@dataclass(frozen=True)
class Result:
    """One line of the closing table.

    Attributes:
        cpu_s: of the command and of all its descendants that were waited for; see `step`.
        budget_s: 0 where there is none to hold it to.
    """

    name: str
    passed: bool
    seconds: float
    summary: str
    code: int = 0
    cpu_s: float = 0.0
    budget_s: float = 0.0

    @property
    def over(self) -> bool:
        """Whether it used so much that somebody must look."""
        return bool(self.budget_s) and self.cpu_s > RED_LINE * self.budget_s


@dataclass(frozen=True)
class Step:
    """A command that waits for its turn in a lane."""

    name: str
    lane: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    budget_s: float = 0.0


def main(arguments: list[str]) -> int:
    """Prepare, run everything, print the table."""
    fast, long = "--fast" in arguments, "--long" in arguments
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    if reason := runs_nothing(arguments):
        print(reason, file=sys.stderr)
        return 2
    for_pytest = [word for word in arguments if word not in {"--fast", "--long"}]
    try:
        check_machine()
        python = prepare(TEST_LOCK)
        if os.environ.get("CI") == "true" and not fast:
            install_java()
            install_browser()
    except Cannot as reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="rtr-check-") as folder:
        reports = {name: Path(folder) / f"{name}.jsonl" for name in ("RTR_SERVER_REPORT", "RTR_ENGINE_REPORT")}
        environment = environment_of(os.environ, reports)
        results = [check_locks()]
        heed_signals()
        try:
            with shared_servers(python, environment, Path(folder), results):
                text = text_steps(environment)
                results += run_tests(python, environment, for_pytest, fast=fast, long=long, beside=text)
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)
            return 130
        servers, engines = (read_report(path) for path in reports.values())
    if NODE_RECIPE.exists() and not fast and not for_pytest:
        results += [judge_engines(engines, ci=os.environ.get("CI") == "true")]
    print(table(results, [*servers, *engines, *([] if fast else [browser()])]))
    return 1 if failures(results) else 0


def environment_of(ours: Mapping[str, str], reports: Mapping[str, Path]) -> dict[str, str]:
    """What every command of this run is started with: ours, the reports, and the programs of `.venv` first."""
    made = {**ours, **{name: str(path) for name, path in reports.items()}}
    made["PATH"] = f"{VENV / 'bin'}{os.pathsep}{made.get('PATH', os.defpath)}"
    # Some machines ask not to keep what Python compiled. A run is some hundred processes, and each that imports the
    # house would compile its modules anew: two seconds of five.
    made.pop("PYTHONDONTWRITEBYTECODE", None)
    return made


def runs_nothing(arguments: list[str]) -> str | None:
    """Say why these words would let a run pass in which no test ran, or contradict each other; None if they do not."""
    if {"--fast", "--long"} <= set(arguments):
        return "Choose one: --fast leaves out what takes long, --long adds it."
    idle = {"--version", "-V", "--collect-only", "--co", "--fixtures", "--markers", "--setup-plan"} & set(arguments)
    return f"With {idle.pop()} pytest runs no test; ask pytest itself: .venv/bin/python -m pytest." if idle else None


# -- the text


def check_locks() -> Result:
    """Compare the lock files with the project."""
    import tomllib  # here, so that an older Python gets as far as the sentence that says so

    begun = time.monotonic()
    product, trial = (tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")) for folder in PROJECTS)
    locks = {name: (ROOT / name).read_text(encoding="utf-8") for name in (PRODUCT_LOCK, TRIAL_LOCK, TEST_LOCK)}
    lacks = lock_faults(product, trial, locks)
    print("\n".join(["", "== lock files", *lacks]), flush=True)
    return Result("lock files", not lacks, time.monotonic() - begun, lacks[0] if lacks else "in step")


def lock_faults(product: dict[str, object], trial: dict[str, object], locks: dict[str, str]) -> list[str]:
    """Return what makes the three lock files disagree with the two projects or with each other; empty when in step.

    Seen are: a dependency without a pin, a pin outside its bounds, a pin without a hash, packages of a lock that the
    next one lacks or pins otherwise, what only the trial asks for in the product's lock, and an index named inside.
    Not seen are other packages that nothing asks for.
    """
    asks = lock_asks(product, trial)
    faults = []
    for name, text in locks.items():
        held = pins(text)
        faults += [f"{name}: {fault}" for line in asks[name] if (fault := requirement_fault(line, held))]
        blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
        faults += [
            f"{name}: {package} has no hash"
            for block in blocks
            if "--hash=sha256:" not in block
            for package in pins(block)
        ]
        if re.search(r"^\s*(--(extra-)?index-url|-i|--find-links|-f)\b|https?://", text, re.MULTILINE):
            faults.append(f"{name}: names a package index")
    for less, more in ((PRODUCT_LOCK, TRIAL_LOCK), (TRIAL_LOCK, TEST_LOCK)):
        held = pins(locks[more])
        faults += [
            f"{more}: {package} is {held.get(package)}, {less} has {version}"
            for package, version in pins(locks[less]).items()
            if held.get(package) != version
        ]
    only_trial = {package_of(line) for line in asks[TRIAL_LOCK]} - {package_of(line) for line in asks[PRODUCT_LOCK]}
    both = sorted(only_trial & set(pins(locks[PRODUCT_LOCK])))
    return faults + [f"{PRODUCT_LOCK}: {package} is the trial's alone" for package in both]


def lock_asks(product: dict[str, object], trial: dict[str, object]) -> dict[str, list[str]]:
    """Return the requirements that each lock file must meet; the product itself is no package of an index."""
    project, beside = product["project"], trial["project"]
    assert isinstance(project, dict)  # noqa: S101 for the type checker; the build fails before without it
    assert isinstance(beside, dict)  # noqa: S101 as above
    extras = project["optional-dependencies"]
    run = [*project["dependencies"], *extras["build"]]
    demo = [*run, *(line for line in beside["dependencies"] if not line.startswith(f"{project['name']}=="))]
    return {PRODUCT_LOCK: run, TRIAL_LOCK: demo, TEST_LOCK: [*demo, *extras["solver"], *extras["test"]]}


def requirement_fault(line: str, held: dict[str, str]) -> str | None:
    """Compare one line of pyproject.toml (`name[extra]>=1,<2` or `name==1.2`) with the pins of a lock file."""
    match = re.fullmatch(r"([A-Za-z0-9._-]+?)(?:\[[^\]]*\])?((?:[<>=!~]=?[0-9.]+,?)*)", line.replace(" ", ""))
    if match is None:
        return f"cannot read {line!r}"
    name = package_of(line)
    if name not in held:
        return f"{name} is not pinned"
    for bound in filter(None, match[2].split(",")):
        operator, wanted = re.match(r"([<>=!~]=?)(.*)", bound).groups()  # type: ignore[union-attr] # matched above
        if not within(held[name], operator, wanted):
            return f"{name} {held[name]} is outside {match[2]}"
    return None


def package_of(line: str) -> str:
    """Return the package that a line of pyproject.toml asks for, as lock files spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0]).lower()


def within(version: str, operator: str, wanted: str) -> bool:
    """Compare released versions; anything but plain numbers is outside, so that a person looks."""
    try:
        have, bound = (tuple(int(part) for part in text.split(".")) for text in (version, wanted))
    except ValueError:
        return version == wanted and operator == "=="
    size = max(len(have), len(bound))
    have, bound = (numbers + (0,) * (size - len(numbers)) for numbers in (have, bound))
    compare: dict[str, Callable[[], bool]] = {
        "==": lambda: have == bound,
        ">=": lambda: have >= bound,
        "<=": lambda: have <= bound,
        ">": lambda: have > bound,
        "<": lambda: have < bound,
        "!=": lambda: have != bound,
    }
    return operator in compare and compare[operator]()


# -- the lanes


def run_tests(
    python: Path,
    environment: Mapping[str, str],
    words: list[str],
    *,
    fast: bool,
    long: bool = False,
    beside: Iterable[Step] = (),
) -> list[Result]:
    """Run every layer that has tests, with `long` the drills too, and what else is to be run beside them."""
    tests = [
        # A budget is for the whole of a layer, tried as often as the suite tries it.
        Step(each.name, each.lane, pytest_of(python, each, words, long=long), environment,
             0.0 if words or long else each.budget_s)
        for each in LAYERS
        if has_tests(each) and (each.fast or not fast)
    ]  # fmt: skip
    drills = [Step(name, "B", command, environment) for name, command in DRILLS.items()] if long else []
    results = run_lanes([*beside, *tests, *drills])
    if words:  # a person asked for tests by name, and they are in some layers only
        results = [result for result in results if result.code != NO_TEST_CHOSEN]
    if not any(result.name in {each.name for each in tests} for result in results):
        results.append(Result("tests", passed=False, seconds=0.0, summary="no test ran"))
    return results


def text_steps(environment: Mapping[str, str]) -> list[Step]:
    """Return the checks of style, types and contracts."""
    typed = {**environment, "MYPYPATH": str(ROOT / "deploy")}
    return [
        Step(each.name, each.lane, TEXT[each.name], typed if "deploy" in each.name else environment, each.budget_s)
        for each in LAYERS
        if each.name in TEXT
    ]


def has_tests(layer: Layer) -> bool:
    """Whether there are any in its folders."""
    return any(any((ROOT / folder).rglob("test_*.py")) for folder in layer.folders)


def pytest_of(python: Path, layer: Layer, words: Iterable[str], *, long: bool) -> tuple[str, ...]:
    """Return the command that runs a layer; folders with a layer of their own are left out of a wider one."""
    present = [folder for folder in layer.folders if (ROOT / folder).is_dir()]
    apart = [
        f"--ignore={other}"
        for each in LAYERS
        for other in each.folders
        if each is not layer and any(other.startswith(f"{folder}/") for folder in present)
    ]
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    tries = ["--hypothesis-profile=long"] if long else []
    return (str(python), "-m", "pytest", "-q", *tries, *colour, *apart, *present, *words)


def run_lanes(steps: Iterable[Step]) -> list[Result]:
    """Run the lanes side by side, each its own steps in their order; B then helps with A. Return results in order."""
    waiting = list(steps)
    found: dict[str, Result] = {}
    order = [each.name for each in waiting]
    lock, idle = threading.Lock(), threading.Semaphore(0)

    def take(lanes: str) -> Step | None:
        with lock:
            for lane in lanes:
                for each in waiting:
                    if each.lane == lane:
                        waiting.remove(each)
                        return each
        return None

    def work(lanes: str) -> None:
        try:
            while (each := take(lanes)) is not None:
                print(f"-- {each.name} begins", flush=True)
                # B's steps follow each other and are the longest way to the end: A's take what those leave.
                command = [*(GIVES_WAY if each.lane == "A" else ()), *each.command]
                result = step(each.name, command, each.environment)
                found[each.name] = replace(result, budget_s=each.budget_s)
        finally:
            idle.release()

    runners = [threading.Thread(target=work, args=(lanes,), daemon=True) for lanes in RUNNERS]
    try:
        for runner in runners:  # what the first one starts may run, and we be told to end, before the last is there
            runner.start()
        # Not `join`: where that is interrupted, Python 3.11 takes a thread that still runs for one that has ended.
        for _ in runners:
            idle.acquire()
    except KeyboardInterrupt:  # as a terminal would have told all that runs; somebody else told us alone
        with lock:
            waiting.clear()
        end(runners)
        raise
    return [found[name] for name in order]


def end(runners: Iterable[threading.Thread]) -> None:
    """Tell all that runs to end, once each, until no lane is left; one may just be starting what it took."""
    told = set()
    for runner in runners:
        while runner.is_alive():
            for each in [one for one in list(RUNNING) if one not in told]:
                each.send_signal(signal.SIGINT)
                told.add(each)
            runner.join(0.1)


def step(name: str, command: list[str], environment: Mapping[str, str]) -> Result:
    """Run one command, print what it said when it ends, and keep its last line.

    The CPU seconds are its own and those of every descendant whose parent waited for it. Engines and servers that it
    started and stopped are among them, since their keepers wait for them; processes that were left behind are not,
    and the servers that all layers share have a line of their own.
    """
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        RUNNING.add(running)
        cpu_s = wait(running)
        RUNNING.discard(running)
        said.seek(0)
        text = said.read()
    with PRINTING:
        print(f"\n== {name}: {shlex.join(command)}\n{text}", end="", flush=True)
    last = next(filter(None, map(plain, reversed(text.splitlines()))), "")
    return Result(name, running.returncode == 0, time.monotonic() - begun, last, running.returncode, cpu_s)


PRINTING = threading.Lock()
RUNNING: set[subprocess.Popen[bytes]] = set()


def heed_signals() -> None:
    """End by SIGTERM as by SIGINT, and let what is started here hear both.

    A shell that starts us beside itself has SIGINT ignored, and what is ignored stays so in every child.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)


def interrupt(*_: object) -> None:
    """End as Ctrl-C does, so that nothing that was started here goes on without us."""
    raise KeyboardInterrupt


def wait(running: subprocess.Popen[Any]) -> float:
    """Wait until a process has ended; return the CPU seconds of it and of all that it and they waited for."""
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


@contextmanager
def shared_servers(python: Path, environment: dict[str, str], folder: Path, results: list[Result]) -> Iterator[None]:
    """Let all processes of tests share what tests/support/started/run.py makes, while the block lasts; add its line."""
    begun = time.monotonic()
    run = folder / "run"
    run.mkdir(mode=0o700)
    owner = subprocess.Popen(
        [str(python), "-m", "tests.support.started.run", str(run)], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,  # it ends by its input, after the tests
    )  # fmt: skip
    if owner.stdout is not None and owner.stdout.readline() == "ready\n":
        environment[RUN_VARIABLE] = str(run)
    try:
        yield
    finally:
        for pipe in (owner.stdin, owner.stdout):
            if pipe is not None:
                pipe.close()
        cpu_s = wait(owner)
        name = "shared servers"
        budget_s = next(layer.budget_s for layer in LAYERS if layer.name == name)
        summary = "ended" if owner.returncode == 0 else f"ended with {owner.returncode}"
        seconds = time.monotonic() - begun
        results.append(Result(name, owner.returncode == 0, seconds, summary, owner.returncode, cpu_s, budget_s))


def plain(line: str) -> str:
    """Return a line without colours, frames and space around it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line).strip().strip("=").strip()


# -- servers and engines


def install_java() -> None:
    """On a build machine of Debian's family, as root: install Java and Maven for the real node if they are missing."""
    if os.environ.get("OPENSEARCH_URL") or not NODE_RECIPE.exists():
        return
    newest = max(installed_jdks(), default=0)
    missing = newest < OPENSEARCH_NEEDS_JDK or shutil.which("mvn") is None
    if not missing or os.geteuid() or shutil.which("apt-get") is None:
        return
    if not installed("default-jdk-headless", "maven"):
        return
    newest = max(installed_jdks(), default=0)
    if newest < OPENSEARCH_NEEDS_JDK:
        print(f"This system's newest JDK is {newest}. {WHAT_TO_INSTALL}", file=sys.stderr)


def install_browser() -> None:
    """On a build machine of Debian's family, as root: install Chromium for the tests of the pages if it is missing."""
    if shutil.which("chromium") is None and not os.geteuid() and shutil.which("apt-get") is not None:
        installed("chromium")


def browser() -> dict[str, str]:
    """Say whether the browser that looks at the pages is there; without it their tests are not collected."""
    found = shutil.which("chromium")
    if found is None:
        return {"name": "Chromium", "state": "missing", "reason": "Debian: apt-get install chromium"}
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return {"name": "Chromium", "state": "ran", "version": said.strip().removeprefix("Chromium ")}


def installed(*packages: str) -> bool:
    """Install packages of the system; say what went wrong and return False if that fails."""
    print(f"Installing {' and '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{shlex.join(command)} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return False
    return True


def installed_jdks() -> list[int]:
    """Return the major versions of the JDKs in JAVA_HOME, on the PATH and in the usual folders."""
    homes = [*Path("/usr/lib/jvm").glob("*"), *Path("/opt").glob("*jdk*")]
    if os.environ.get("JAVA_HOME"):
        homes.append(Path(os.environ["JAVA_HOME"]))
    java = shutil.which("java")
    if java:
        homes.append(Path(java).resolve().parent.parent)
    releases = (home / "release" for home in homes)
    return [major for release in releases if release.is_file() and (major := jdk_major(release.read_text("utf-8")))]


def jdk_major(release: str) -> int:
    """Read the major version from a JDK's file `release`; 0 if it is not there."""
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    return int(match[1]) if match else 0


def read_report(path: Path) -> list[dict[str, str]]:
    """Return what the tests noted of servers or engines, one a name: what ran counts over what was missing."""
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    ordered = sorted(lines, key=lambda line: line.get("state") == "ran")
    return list({(line.get("name"), line.get("version", "")): line for line in ordered}.values())


def judge_engines(engines: list[dict[str, str]], *, ci: bool) -> Result:
    """Say whether the tests met a real OpenSearch of the wanted line; on a build machine that is a must."""
    ran = any(
        engine.get("state") == "ran"
        and "opensearch" in engine.get("name", "").lower()
        and engine.get("version", "").startswith(OPENSEARCH_WANTED)
        for engine in engines
    )
    if ran:
        return Result(f"OpenSearch {OPENSEARCH_WANTED}", passed=True, seconds=0.0, summary="ran")
    return Result(f"OpenSearch {OPENSEARCH_WANTED}", passed=not ci, seconds=0.0, summary="missing")


def table(results: list[Result], parts: list[dict[str, str]]) -> str:
    """Return the closing table."""
    lines = ["", "Servers and engines"] if parts else []
    for part in parts:
        about = part.get("version") or part.get("reason", "")
        lines.append(f"  {part.get('state', '?'):8}{part.get('name', '?'):44}{about}")
    lines += ["", f"Checks{'wall':>31}{'CPU':>10}{'budget':>9}"]
    for result in results:
        held = f"{result.budget_s:6.0f} s {result.cpu_s / result.budget_s:5.0%}" if result.budget_s else f"{'':14}"
        mark = ("OVER" if result.over else "ok") if result.passed else "FAILED"
        line = f"  {mark:8}{result.name:18}{result.seconds:7.1f} s{result.cpu_s:8.1f} s {held}  {result.summary}"
        lines.append(line if mark == "ok" else red(line))
    over = [result.name for result in results if result.over]
    if over:
        lines += ["", red(f"Over {RED_LINE:.0%} of the budget: {', '.join(over)}."), WHEN_OVER]
    if any(result.name.startswith("OpenSearch") and result.summary == "missing" for result in results):
        lines += ["", WHAT_TO_INSTALL]
    failed = failures(results)
    lines += ["", f"FAILED: {', '.join(failed)}" if failed else "All checks passed."]
    return "\n".join(lines)


def failures(results: list[Result]) -> list[str]:
    """Return what makes the whole fail: checks that did, and the whole if it is far over the budget of all.

    A single layer over its own is a red line and no failure: a machine with others on it counts more seconds for the
    same work, now for one layer and now for another. All of them together even that out.
    """
    failed = [result.name for result in results if not result.passed]
    held = [result for result in results if result.budget_s]
    used, budget = sum(result.cpu_s for result in held), sum(result.budget_s for result in held)
    return failed + ([f"the whole, {used:.0f} s for a budget of {budget:.0f} s"] if used > RED_LINE * budget else [])


def red(line: str) -> str:
    """Return a line in red, on a terminal."""
    return f"\x1b[31m{line}\x1b[0m" if sys.stdout.isatty() else line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
