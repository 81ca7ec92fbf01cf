"""Looking at processes from outside, as an operator would with `ps`."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from api.servers.address import ServerAddress
from api.servers.programs import Binaries
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from tests.support.started.run import passing_folder

from .conftest import REPOSITORY

HOLDER = Path(__file__).with_name("holder.py")


def naming(folder: Path, *, but: str) -> list[int]:
    """Ids of processes (not zombies) whose command or working folder names `folder`, and whose command not `but`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            inside = str((entry / "cwd").readlink()).startswith(str(folder))
            if command and but not in command and (str(folder) in command or inside):
                found.append(int(entry.name))
    return found


def servers(folder: Path) -> list[int]:
    """Ids of everything that serves a data folder: keeper, server and its own processes."""
    return [pid for pid in naming(folder, but=HOLDER.name) if pid != os.getpid()]


def eventually(holds: Callable[[], bool], *, within_s: float = 20.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def sql(binaries: Binaries, address: ServerAddress, statement: str, *, database: str = "postgres") -> str:
    """Run one statement with `psql` and return what it prints, bare."""
    command = [str(binaries.program("psql")), "-X", "-v", "ON_ERROR_STOP=1", "-Atc", statement]
    done = subprocess.run(
        command, env=address.environment(database), capture_output=True, text=True, check=True, timeout=60, cwd="/"
    )
    return done.stdout.strip()


def made(folder: Path, binaries: Binaries) -> Path:
    """A data folder as a server leaves it that was started once and stopped: for tests of what comes after that.

    It is a copy. To make the data costs a second, and what a server does when there are none has tests of its own.
    """
    shutil.copytree(_pattern(binaries), folder)
    return folder


@cache
def _pattern(binaries: Binaries) -> Path:
    keeping = ExitStack()
    atexit.register(keeping.close)
    place = keeping.enter_context(passing_folder())
    with EmbeddedPostgres(place / "pg", environment="test", bin_dir=binaries.folder) as server:
        log = server.log_file
    log.unlink()  # it belongs to that start
    return place / "pg"


def hold(data_dir: Path, binaries: Binaries, *, python: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start a process that holds a server on `data_dir`, and wait until the server is ready."""
    holder = subprocess.Popen(
        [
            *(python or (sys.executable,)),
            str(HOLDER),
            str(data_dir),
            str(binaries.folder),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=data_dir.parent,
        env={
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "deploy" / "trial"))),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    assert holder.stdout is not None
    assert holder.stderr is not None
    said = holder.stdout.readline().strip()
    assert said == "ready", holder.stderr.read()
    return holder
