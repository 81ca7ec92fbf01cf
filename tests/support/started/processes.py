"""Processes for tests that kill: a node, and an engine that comes back at its old address.

Each runs under a keeper, so nothing outlives the test process, however that ends.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.servers.answering import who_answers
from register.failpoints import Failpoint
from rtr_trial.embedded.engines.osmem import _program
from rtr_trial.embedded.processes import LOOPBACK, KeptProcess, clean_environment, free_port, last_lines

READY_S: Final = 240.0
KILLED: Final = 128 + signal.SIGKILL
"""What a keeper exits with when its process was killed."""
_PORTS: Final = range(20_000, 30_000)
"""Below what the kernel gives to outgoing connections: the port of a process that is down stays free."""
_RTR: Final = (sys.executable, "-P", "-c", "from api.cli import main; main()")


def fresh_port() -> int:
    """A port that nobody listens on, and that nobody is given by chance."""
    candidates = list(_PORTS)
    random.SystemRandom().shuffle(candidates)
    return free_port(candidates)


def wait_until(found: Callable[[], object], what: str, *, within_s: float, look_every_s: float = 0.02) -> None:
    """Wait until something holds; an AssertionError that names it if it does not in time."""
    deadline = time.monotonic() + within_s
    while not found():
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(look_every_s)


class NodeProcess:
    """One `rtr node` or `rtr evaluate` at a time, on one settings file; started and ended as often as a test likes.

    Attributes:
        took_s: seconds from each start that was waited for to its first answer.
    """

    def __init__(self, settings: Path, log: Path, *words: str, command: str = "node") -> None:
        """Take its settings; nothing runs yet.

        Args:
            settings: its file, absolute.
            log: what it says is appended here.
            words: further options of the command.
            command: of `rtr`; says in a line of its own when it is ready.
        """
        self.log, self.took_s = log, list[float]()
        self._command = [*_RTR, "--config", str(settings), command, *words]
        self._process: KeptProcess | None = None
        self._said, self._begun = 0, 0.0

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        return self._running().pid

    @property
    def age_s(self) -> float:
        """Seconds since it was started last."""
        return time.monotonic() - self._begun

    def start(self, failpoint: Failpoint | None = None, *, at: int = 1) -> None:
        """Start it and return at once; with a failpoint it kills itself when it gets there for the n-th time."""
        if self._process is not None:
            assert self._process.ended(), "it runs already"
            self._process.stop()
        self._said = self.log.stat().st_size if self.log.exists() else 0
        self._begun = time.monotonic()
        more = {"RTR_FAILPOINT": f"{failpoint}:{at}"} if failpoint else {}
        environment = clean_environment(PYTHONUNBUFFERED="1", **more)
        self._process = KeptProcess(self._command, log=self.log, environment=environment, grace_s=20.0)

    def wait_until_ready(self) -> None:
        """Return when it answers, or when it has ended: a failpoint may be reached before that."""
        if self._is_ready():
            return  # for how long, nobody knows
        wait_until(lambda: self.ended() or self._is_ready(), f"{self.log.name} is ready", within_s=READY_S)
        if self._is_ready():
            self.took_s.append(self.age_s)
        else:
            assert self.exit_code() == KILLED, last_lines(self.log)

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._running().ended()

    def exit_code(self) -> int | None:
        """Of the process that ended; `KILLED` for kill -9."""
        return self._running()._keeper.poll()

    def kill(self) -> None:
        """Kill it with -9; one that has ended by itself, other than at a failpoint, is an error."""
        assert self.exit_code() in {None, KILLED}, last_lines(self.log)
        self._running().kill()

    def stop(self) -> None:
        """End it in order and wait; harmless to repeat."""
        if self._process is not None:
            self._process.stop()

    def _running(self) -> KeptProcess:
        assert self._process is not None, "it was never started"
        return self._process

    def _is_ready(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self._said)
            return any(line.startswith(b'{"ready"') and json.loads(line) for line in log if line.endswith(b"\n"))


class EngineProcess:
    """The in-memory engine at one address; when it is killed, all its documents are gone."""

    def __init__(self, log: Path) -> None:
        """Choose the address; nothing runs yet."""
        self._log, self._port = log, fresh_port()
        self._process: KeptProcess | None = None

    @property
    def url(self) -> str:
        """Where it answers while it runs."""
        return f"http://{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.stop()
        command = [str(_program()), "-no-ja", "-no-stdin-watch", "-addr", f"{LOOPBACK}:{self._port}"]
        self._process = KeptProcess(command, log=self._log, environment=clean_environment())
        wait_until(lambda: who_answers(self.url), "the engine answers", within_s=READY_S)

    def kill(self) -> None:
        """Kill it with -9."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End it and wait; harmless to repeat."""
        if self._process is not None:
            self._process.stop()
