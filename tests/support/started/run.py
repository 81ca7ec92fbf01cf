"""What a run of tests has once: a PostgreSQL server of each kind, and a home with keys. Made when first asked for.

`deploy/check.py` starts `python -m tests.support.started.run FOLDER` and names the folder in `TESTS_RUN` to all
processes of tests, of both lanes; they ask at the socket in it, and what they were given ends with that program. Its
lifeline is its standard input: it ends when the command does, however that happens, and keepers end the servers if it
is killed.
Without `TESTS_RUN` a process of tests makes what it asks for, and ends it at its exit.

The servers' data lie in memory where there is room. Each database is a thousand files that live for seconds: a disk's
file system asks four times the CPU seconds of the server itself to make and drop them, and more with each one.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import socket
import socketserver
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

from api.servers.programs import system_binaries
from register.services.running import operate_keys
from register.settings import Settings
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition
from tests.support import key_stores

VARIABLE: Final = "TESTS_RUN"
HOME: Final = "home"
SERVERS: Final = ("wheel", "system")
CONNECTIONS_MAX: Final = 400
"""Each process has some worlds open, each with a pool of four for up to four roles of up to five countries."""
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 each run has a folder of its own in it, which nobody else can read
_ROOM: Final = 4 * 2**30
"""Bytes that must be free in it and on the machine; a run takes about a quarter of that."""
_PREFIX: Final = "rtr-test-run-"
_YOUNG_S: Final = 60.0
_SOCKET: Final = "run.sock"
_ANSWER_WITHIN_S: Final = 300.0


@cache
def folder_of(what: str) -> Path:
    """Where something of this run is: a server's data by the server's name, or `HOME`."""
    run = os.environ.get(VARIABLE)
    return _ask(Path(run), what) if run else _own().folder_of(what)


def own_folder_of(what: str) -> Path:
    """The same, made for this process alone."""
    return _own().folder_of(what)


class Owner:
    """Makes what is asked for, once, and ends it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._in_memory: tuple[Path, int] | None = None
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._made: dict[str, Path] = {}
        self._servers: list[EmbeddedPostgres] = []

    def folder_of(self, what: str) -> Path:
        """See `folder_of` of the module; also for threads that ask at once."""
        with self._locks[what]:
            if what not in self._made:
                self._made[what] = self._make_home() if what == HOME else self._start_server(what)
            return self._made[what]

    def end(self) -> None:
        """End all of it; harmless to repeat."""
        while self._servers:
            self._servers.pop().stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._in_memory is not None:
            (data, held), self._in_memory = self._in_memory, None
            shutil.rmtree(data, ignore_errors=True)
            os.close(held)

    def _make_home(self) -> Path:
        key_stores.make_cheap()
        home = self._folder / HOME
        home.mkdir(mode=0o700)
        settings = Settings(home=home)
        nodes = {c: operate_keys.init_keys(settings, c) for c in Partition}
        operate_keys.hold_ceremony(settings, nodes)
        return home

    def _start_server(self, name: str) -> Path:
        if name not in SERVERS:
            raise ValueError(f"{name!r} is none of {HOME}, {', '.join(SERVERS)}")
        programs = system_binaries()[0].folder if name == "system" else None
        more = {"max_connections": CONNECTIONS_MAX}
        with self._locks["data"]:  # the servers are asked for by threads of their own
            self._in_memory = self._in_memory or _folder_in_memory()
        data = (self._in_memory[0] if self._in_memory else self._folder) / name / "data"
        server = EmbeddedPostgres(data, environment="trial", bin_dir=programs, settings=more, lasting=False)
        server.start()
        self._servers.append(server)
        _report(name, server.binaries.version)
        return server.data_dir


@cache
def _own() -> Owner:
    owner = Owner(Path(tempfile.mkdtemp(prefix=_PREFIX)))
    atexit.register(owner.end)
    return owner


@contextmanager
def passing_folder() -> Iterator[Path]:
    """A fresh folder for a server of a test's own, in memory where there is room; gone when the block ends.

    What a server waits for the disk to have is the same there, and costs nothing. If this process is killed, the next
    one clears it.
    """
    folder, held = _folder_in_memory() or (Path(tempfile.mkdtemp(prefix=_PREFIX)), None)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _folder_in_memory() -> tuple[Path, int] | None:
    """A fresh folder and the lock that says that somebody uses it; None where memory is short or not to be had."""
    try:
        room = os.statvfs(_MEMORY)
        meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    free = next(int(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.startswith("MemAvailable:"))
    if min(free, room.f_bavail * room.f_frsize) < _ROOM or not os.access(_MEMORY, os.W_OK):
        return None
    clear_left_behind(_MEMORY)
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY))
    return made, locked(made)


def clear_left_behind(place: Path) -> None:
    """Remove what killed runs left there: folders that nobody has locked, and that are not just being made."""
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, in use, or just gone
            if time.time() - left.stat().st_mtime > _YOUNG_S:
                os.close(locked(left))
                shutil.rmtree(left)


def locked(folder: Path) -> int:
    """Say that somebody uses a folder, until the file descriptor that is returned is closed.

    Raises:
        OSError: somebody does.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened


def _ask(run: Path, what: str) -> Path:
    with socket.socket(socket.AF_UNIX) as door, door.makefile("rw", encoding="utf-8") as line:
        door.settimeout(_ANSWER_WITHIN_S)
        door.connect(str(run / _SOCKET))
        line.write(f"{what}\n")
        line.flush()
        answer = json.loads(line.readline())
    if "error" in answer:
        raise RuntimeError(f"{what} of this run could not be made: {answer['error']}")
    return Path(answer["folder"])


def _report(name: str, version: str) -> None:
    file = os.environ.get("RTR_SERVER_REPORT")
    if file:
        line = {"name": f"PostgreSQL ({name})", "state": "ran", "version": version, "reason": ""}
        with Path(file).open("a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")


def main(folder: Path) -> None:
    """Serve what processes of tests ask for until standard input ends."""
    owner = Owner(folder / "made")
    (folder / "made").mkdir(mode=0o700)

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            what = self.rfile.readline().decode().strip()
            try:
                answer = {"folder": str(owner.folder_of(what))}
            except Exception as error:  # noqa: BLE001 whoever asked must hear of it, whatever it is
                answer = {"error": f"{type(error).__name__}: {error}"}
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    with socketserver.ThreadingUnixStreamServer(str(folder / _SOCKET), Answer) as door:
        door.daemon_threads = True
        threading.Thread(target=door.serve_forever, daemon=True).start()
        print("ready", flush=True)
        try:
            sys.stdin.read()
        finally:
            door.shutdown()
            owner.end()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
