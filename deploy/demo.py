#!/usr/bin/env python3
"""Play the demo on a fresh machine: `python3 deploy/demo.py [--once] [--json] [--engine opensearch] [--country AW]`.

Needs Python 3.11 or newer on Linux x86-64 and a package index; the standard library only. It makes `.venv` beside this
repository, installs exactly the packages of the lock file (each checked by its hash), then the project itself and its
trial, and hands over to `rtr demo` with all arguments. A second run finds the stamp of the first and starts at once.
Nothing outside the repository is written. `check.py` uses the same steps.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "rtr-installed.json"
PROJECTS = (ROOT, ROOT / "deploy" / "trial")  # the product, and what only a trial has
OWN_PACKAGES = ("regional-theme-register", "regional-theme-register-trial")
NEW_ENVIRONMENT = ("pip", "setuptools")  # what `python -m venv` puts there, by its version
PRODUCT_LOCK = "requirements.txt"  # for operators: what a node needs, and nothing of a trial
TRIAL_LOCK = "deploy/trial/requirements.txt"  # holds all of it, and what the demo needs
TEST_LOCK = "requirements-test.txt"  # holds all of both; deploy/check.py sees to that

OLDEST_PYTHON = (3, 11)
DISK_MB = 1500  # packages 400, data of the five countries 300, and room to work
MEMORY_MB = 1000
NETWORK_SIGNS = (
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Network is unreachable",
)
WAYS_OUT = """
  Behind a proxy:       set HTTPS_PROXY and run this again.
  With an own mirror:   set PIP_INDEX_URL and run this again.
  Without any network:  on a machine with one (Linux x86-64, the same Python) run
                          python3 -m pip download --require-hashes --only-binary :all: -r {lock} -d wheels
                        bring the folder here, set PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheels, run this again."""
NO_NETWORK = f"The packages could not be fetched: no package index answered.{WAYS_OUT}"
NO_WHEEL = f"""A package was not found (its name is above). Either no package index answered, or the one that did does
not carry it for this Python ({{version}}; the project is tested with 3.11).{WAYS_OUT}"""
WRONG_HASH = """A package is not the one that {lock} was made with. Do not go on:
  tell whoever runs your package index, and see the lines above for which package it is."""


class Cannot(Exception):
    """This machine cannot run it; the text says what to do, in words for a person."""


def main(arguments: list[str]) -> NoReturn:
    """Prepare `.venv` and become `rtr demo`, or end with what to do instead."""
    try:
        check_machine()
        prepare(TRIAL_LOCK)
    except Cannot as reason:
        print(reason, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped. What was installed so far is kept; run it again to go on.", file=sys.stderr)
        sys.exit(130)
    command = [str(VENV / "bin" / "rtr"), "demo", *arguments]
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 no shell is wanted: signals then reach the demo itself


def check_machine(folder: Path = ROOT) -> None:
    """See that the demo can run here, before anything is downloaded.

    Raises:
        Cannot: one sentence on what is missing and how to get it.
    """
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        raise Cannot(
            f"This needs Linux on x86-64; here is {system} on {machine}. Use WSL2 on Windows, else a virtual machine."
        )
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Cannot(python_too_old(platform.python_version(), newer_python()))
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Cannot(
            "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install "
            f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    free = shutil.disk_usage(folder).free // 2**20
    if not STAMP.exists() and free < DISK_MB:
        raise Cannot(f"There are {free} MB free in {folder}; {DISK_MB} MB are needed.")
    memory = available_memory_mb(Path("/proc/meminfo").read_text(encoding="ascii"))
    if memory < MEMORY_MB:
        print(f"Warning: {memory} MB of memory are free; {MEMORY_MB} MB are advised.", file=sys.stderr)


def python_too_old(version: str, newer: str | None) -> str:
    """Say what to do when this Python is too old."""
    if newer:
        return f"This is Python {version}; run it with a newer one that you have: {newer} {' '.join(sys.argv)}"
    return f"This is Python {version}; 3.11 or newer is needed (Debian 12 and Ubuntu 24.04 have one)."


def newer_python() -> str | None:
    """Return the name of a Python on the PATH that is new enough."""
    names = [f"python3.{minor}" for minor in range(14, OLDEST_PYTHON[1] - 1, -1)]
    return next((name for name in names if shutil.which(name)), None)


def available_memory_mb(meminfo: str) -> int:
    """Read what a program could still get, in MB, from the text of /proc/meminfo."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo, re.MULTILINE)
    return int(match[1]) // 1024 if match else MEMORY_MB


# -- the environment


def prepare(lock: str) -> Path:
    """Make `.venv` hold exactly the packages of a lock file and this project; return its Python.

    Raises:
        Cannot: with what to do about it.
    """
    python = VENV / "bin" / "python"
    wanted = fingerprint(lock)
    if python.exists() and is_installed(
        read_stamp(), lock, {name: fingerprint(name) for name in (TRIAL_LOCK, TEST_LOCK)}
    ):
        return python
    if not python.exists():
        make_environment()
    version = run([str(python), "-c", "import platform; print(platform.python_version())"], "look at .venv").strip()
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PYTHON:
        raise Cannot(f"{VENV} was made with Python {version}; remove that folder and run this again.")
    STAMP.unlink(missing_ok=True)
    install(python, lock)
    remove_strays(python, lock)
    projects = [word for folder in PROJECTS for word in ("-e", str(folder))]
    options = ["--quiet", "--no-deps", "--no-build-isolation"]
    run([*pip(python), *options, *projects], "install the project itself and its trial")
    STAMP.write_text(json.dumps({"python": version, "lock": lock, "sha256": wanted}) + "\n", encoding="utf-8")
    return python


def fingerprint(lock: str) -> str:
    """Hash what decides an installation: the lock file, the projects' own tables of commands, and where they lie."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for file in (ROOT / lock, *(folder / "pyproject.toml" for folder in PROJECTS)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """Return what the last installation noted; empty if there was none or it did not finish."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_installed(stamp: dict[str, str], lock: str, fingerprints: dict[str, str]) -> bool:
    """Whether what was installed is what this lock file asks, or the test lock file, which holds more."""
    installed = stamp.get("lock", "")
    enough = {lock, TEST_LOCK}
    return installed in enough and stamp.get("sha256") == fingerprints[installed]


def make_environment() -> None:
    """Make `.venv`; an unfinished one of ours is made again, a broken one of somebody else is left alone."""
    if VENV.is_symlink() or (VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir())):
        raise Cannot(f"{VENV} is there but is no Python environment; move it away and run this again.")
    print(f"Making {VENV}", flush=True)
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], "make the environment")


def install(python: Path, lock: str) -> None:
    """Install a lock file's packages, each checked by its hash, wheels only; show how far it is."""
    names = pinned(lock)
    command = [*pip(python), "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)]
    begun = time.monotonic()
    print(f"Installing {len(names)} packages of {lock}", flush=True)
    said: deque[str] = deque(maxlen=40)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as pip_run:
        seen = 0
        for line in pip_run.stdout or ():
            said.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                progress(f"  {min(seen, len(names))} of {len(names)} {line.split(': ')[-1].split()[-1]}")
            elif line.startswith("Installing collected packages"):
                progress("  unpacking")
    progress("")
    if pip_run.returncode:
        print("\n".join(list(said)[-12:]), file=sys.stderr)
        raise Cannot(explain_pip("\n".join(said), lock))
    print(f"Installed in {time.monotonic() - begun:.0f} s", flush=True)


def remove_strays(python: Path, lock: str) -> None:
    """Remove what an older lock file had installed: with it, a dependency that nobody names any more still works here.

    Raises:
        Cannot: with what to do about it.
    """
    look = "import importlib.metadata as m; print(*(one.metadata['Name'] for one in m.distributions()), sep='\\n')"
    names = run([str(python), "-I", "-c", look], "look at .venv").split()
    if strays := strays_among(names, pinned(lock)):
        print(f"Removing what {lock} does not name: {' '.join(strays)}", flush=True)
        run([*pip(python, "uninstall"), "--yes", *strays], "remove packages of an older lock file")


def strays_among(names: Iterable[str], held: Mapping[str, str]) -> list[str]:
    """Return which packages are neither in a lock file, nor the projects themselves, nor what a new `.venv` brings."""
    return sorted({canonical(name) for name in names} - {*held, *OWN_PACKAGES, *NEW_ENVIRONMENT})


def canonical(name: str) -> str:
    """Return a package's name as lock files spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def explain_pip(said: str, lock: str) -> str:
    """Turn pip's last lines into one advice."""
    if "DO NOT MATCH THE HASHES" in said:
        return WRONG_HASH.format(lock=lock)
    if any(sign in said for sign in NETWORK_SIGNS):
        return NO_NETWORK.format(lock=lock)
    if "No matching distribution found" in said:
        return NO_WHEEL.format(lock=lock, version=platform.python_version())
    if "No space left" in said:
        return f"The disk is full; {DISK_MB} MB are needed in {ROOT}."
    return f"pip could not install {lock}; its last lines are above."


def pinned(lock: str) -> dict[str, str]:
    """Return name and version of every package of a lock file."""
    return pins((ROOT / lock).read_text(encoding="utf-8"))


def pins(text: str) -> dict[str, str]:
    """Read `name==version` lines; markers and hashes are left out."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonical(name): version for name, version in found}


def pip(python: Path, command: str = "install") -> list[str]:
    """Return a command of plain pip, without questions or advice of its own."""
    quiet = ["--progress-bar", "off"] if command == "install" else []
    return [str(python), "-m", "pip", command, "--disable-pip-version-check", "--no-input", *quiet]


def run(command: list[str], what: str) -> str:
    """Run a short command and return what it printed.

    Raises:
        Cannot: it failed; with its last lines.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise Cannot(f"Could not {what}:\n{last}")
    return done.stdout


def progress(text: str) -> None:
    """Show a line that the next one replaces, on a terminal only."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text[:78]}", end="", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
