"""What the supervisors share: a child that never outlives us, a free port, the end of a log.

A server is started through `keeper`, so it ends when this process ends, however that happens. Not here: what is
started, and when it counts as ready.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from register.errors import OperatorError

LOOPBACK: Final = "127.0.0.1"
KEEPER: Final = Path(__file__).with_name("keeper.py")


class EngineDoesNotStart(OperatorError):
    """An embedded search engine ended, or did not answer in time."""

    code = "engine-does-not-start"
    advice = "Read the engine's log, whose last lines the message repeats; then start it again."


class EngineNotInstalled(OperatorError):
    """What an embedded search engine is made of is not on this machine."""

    code = "engine-not-installed"
    advice = "Install what the message names, or give the URL of an OpenSearch that runs elsewhere."


class KeptProcess:
    """A server under a keeper.

    Attributes:
        pid: of the server itself.
    """

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], grace_s: float = 10.0
    ) -> None:
        """Start it; its output is appended to the log.

        Args:
            command: program and arguments.
            log: made if it is not there.
            environment: all that the server sees of ours.
            grace_s: how long a stop may take before the server is killed.

        Raises:
            EngineDoesNotStart: the program cannot be run.
        """
        order = {
            "command": list(command),
            "environment": dict(environment),
            "log": str(log),
            "parent": os.getpid(),
            "grace_s": grace_s,
        }
        with log.open("ab") as said:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,  # Ctrl-C is for us; the keeper hears of it by our end
                cwd="/",
            )
        first = self._keeper.stdout.readline().strip() if self._keeper.stdout else ""
        if not first.isdigit():
            self.stop()
            raise EngineDoesNotStart(f"{command[0]} cannot be run; see {log}")
        self.pid = int(first)

    def ended(self) -> bool:
        """Whether the server, and with it the keeper, has ended."""
        return self._keeper.poll() is not None

    def stop(self) -> None:
        """End the server and wait until it has ended; harmless to repeat."""
        with self._keeper as keeper:  # closes the lifeline, then waits: the keeper escalates by itself
            if keeper.stdin is not None:
                with suppress(BrokenPipeError):
                    keeper.stdin.close()

    def kill(self) -> None:
        """End the server as a power cut would (kill -9), and wait. For tests of what survives that."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
        self.stop()


def clean_environment(**more: str) -> dict[str, str]:
    """A path, a home and a locale: no token, proxy or option of ours reaches a server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C.UTF-8", **more}


def free_port(candidates: Iterable[int]) -> int:
    """The first of the ports that nobody listens on at 127.0.0.1.

    Raises:
        EngineDoesNotStart: all are taken.
    """
    for port in candidates:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                door.bind((LOOPBACK, port))
                return port
    raise EngineDoesNotStart("no free port in the range that the engine can use")


def last_lines(log: Path) -> str:
    """The end of a log in one line, for a message."""
    try:
        return tail(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return tail("")


def tail(text: str, *, count: int = 8) -> str:
    """The last lines of what a program said, in one line, for a message."""
    return " / ".join(line.strip()[:300] for line in text.splitlines()[-count:] if line.strip()) or "it said nothing"
