#!/usr/bin/env python3
"""Run every check of the project on a fresh machine: `python3 deploy/check.py [--fast] [words for pytest ...]`.

Standard library only. Prepares `.venv` with the locked packages of the tests, then runs the checks of the text (style,
types, import contracts, lock files) and the tests, quick ones first. All of them run even if one fails; the end is one
table, with the servers and engines that really ran. The exit code is 0 only if all passed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo import PRODUCT_LOCK, PROJECTS, ROOT, TEST_LOCK, TRIAL_LOCK, VENV, Cannot, check_machine, pins, prepare

# Folders of tests, quick first; whether two workers may share the machine (not where servers with fixed ports run).
LAYERS = (
    (("tests/architecture", "tests/unit"), True),
    (("tests/properties", "tests/simulator"), True),
    (("tests/migrations",), False),
    (
        (
            "tests/integration/api",
            "tests/integration/evaluators",
            "tests/integration/exchange",
            "tests/integration/issuer",
            "tests/integration/releases",
            "tests/integration/services",
            "tests/integration/store",
            "tests/integration/web",
        ),
        True,
    ),
    (("tests/integration/embedded", "tests/integration/search", "tests/integration/searching"), False),
    (("tests/bench", "tests/acceptance"), False),
)
QUICK_LAYERS = 2
NO_TEST_CHOSEN = 5  # pytest's exit code
OPENSEARCH_NEEDS_JDK = 21
OPENSEARCH_WANTED = "3.8"
NODE_RECIPE = ROOT / "deploy" / "opensearch" / "pom.xml"
WHAT_TO_INSTALL = (
    f"For the real OpenSearch {OPENSEARCH_WANTED} node: a JDK of {OPENSEARCH_NEEDS_JDK} or newer and Maven "
    "(Debian 13: apt-get install default-jdk-headless maven; Debian 12 has JDK 17 only: take 21 or 25 from\n"
    "adoptium.net and set JAVA_HOME), or set OPENSEARCH_URL to a node that you run."
)


@dataclass(frozen=True)
class Result:
    """One line of the closing table."""

    name: str
    passed: bool
    seconds: float
    summary: str
    code: int = 0


def main(arguments: list[str]) -> int:
    """Prepare, run everything, print the table."""
    fast = "--fast" in arguments
    for_pytest = [word for word in arguments if word != "--fast"]
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
        environment = {**os.environ, **{name: str(path) for name, path in reports.items()}}
        environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
        try:
            results = [*check_text(environment), *run_tests(python, environment, for_pytest, fast=fast)]
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)
            return 130
        servers, engines = (read_report(path) for path in reports.values())
    if NODE_RECIPE.exists() and not fast and not for_pytest:
        results += [judge_engines(engines, ci=os.environ.get("CI") == "true")]
    print(table(results, [*servers, *engines, *([] if fast else [browser()])]))
    return 0 if all(result.passed for result in results) else 1


# -- the text


def check_text(environment: dict[str, str]) -> list[Result]:
    """Style, types, contracts and lock files."""
    commands = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "mypy of deploy": ["mypy", "deploy/demo.py", "deploy/check.py"],
        "import contracts": ["lint-imports"],
    }
    typed = {**environment, "MYPYPATH": str(ROOT / "deploy")}
    results = [step(name, command, typed if "deploy" in name else environment) for name, command in commands.items()]
    import tomllib  # here, so that an older Python gets as far as the sentence that says so

    begun = time.monotonic()
    product, trial = (tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")) for folder in PROJECTS)
    locks = {name: (ROOT / name).read_text(encoding="utf-8") for name in (PRODUCT_LOCK, TRIAL_LOCK, TEST_LOCK)}
    lacks = lock_faults(product, trial, locks)
    print("\n".join(["", "== lock files", *lacks]), flush=True)
    results.append(Result("lock files", not lacks, time.monotonic() - begun, lacks[0] if lacks else "in step"))
    return results


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


# -- the tests


def run_tests(python: Path, environment: dict[str, str], words: list[str], *, fast: bool) -> list[Result]:
    """Run each layer that has tests, quick ones first."""
    results = []
    for folders, shared in LAYERS[: QUICK_LAYERS if fast else None]:
        present = [folder for folder in folders if any((ROOT / folder).rglob("test_*.py"))]
        if not present:
            continue
        workers = ["-n", "2", "--dist", "loadfile"] if shared else []
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        name = " ".join(folder.removeprefix("tests/") for folder in present)
        result = step(name, [str(python), "-m", "pytest", "-q", *workers, *colour, *present, *words], environment)
        if words and result.code == NO_TEST_CHOSEN:
            continue  # a person asked for tests by name, and they are in another layer
        results.append(result)
    return results or [Result("tests", passed=False, seconds=0.0, summary="no test ran")]


def step(name: str, command: list[str], environment: dict[str, str]) -> Result:
    """Run one command in the open and keep its last line."""
    print(f"\n== {name}: {shlex.join(command)}", flush=True)
    begun = time.monotonic()
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    ) as running:  # fmt: skip
        for line in running.stdout or ():
            print(line, end="", flush=True)
            last = plain(line) or last
    return Result(name, running.returncode == 0, time.monotonic() - begun, last, running.returncode)


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
    lines += ["", "Checks"]
    for result in results:
        mark = "ok" if result.passed else "FAILED"
        lines.append(f"  {mark:8}{result.name:24}{result.seconds:7.1f} s  {result.summary}")
    if any(result.name.startswith("OpenSearch") and result.summary == "missing" for result in results):
        lines += ["", WHAT_TO_INSTALL]
    failed = [result.name for result in results if not result.passed]
    lines += ["", f"FAILED: {', '.join(failed)}" if failed else "All checks passed."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
