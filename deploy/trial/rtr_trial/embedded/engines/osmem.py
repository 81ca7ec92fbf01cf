"""osmem: an in-memory engine that speaks OpenSearch, for the demo and for quick tests. It forgets all when it ends.

It listens on 127.0.0.1 only, on a port the kernel chooses, without sign-in, and ends when its standard input closes
or this process is gone, however that happens. How it differs from OpenSearch (a document is visible before a
refresh; an index is made by a write to a name that does not exist) is held against the real node by the contract
tests. It refuses production.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Final

from rtr_trial.embedded.engines.engine import EmbeddedEngine
from rtr_trial.embedded.processes import LOOPBACK, EngineDoesNotStart, EngineNotInstalled, clean_environment

READY_S: Final = 20.0
STOP_S: Final = 5.0


class EmbeddedOsmem(EmbeddedEngine["_Server"]):
    """One osmem process, started and stopped here."""

    name = "osmem"

    def __init__(self, *, production: bool) -> None:
        """Find the program.

        Raises:
            RefusedInProduction: see `production` of every embedded engine.
            EngineNotInstalled: the wheel `osmem-server` is not there, or has no program for this machine.
        """
        super().__init__(production=production)
        self._program = _program()

    def start(self) -> str:
        """Start it, wait until it answers and return its URL.

        Raises:
            EngineDoesNotStart: it ended or said nothing in time.
        """
        if self._process is not None:
            return self._url
        self._process = _Server(self._program)
        said = self._process.first_line()
        try:
            ready = json.loads(said)
            self._url, self.version = str(ready["url"]), str(ready["version"])
        except (ValueError, KeyError, TypeError) as exc:
            self.stop()
            raise EngineDoesNotStart(f"osmem did not say where it listens within {READY_S:g} s") from exc
        return self._url


class _Server:
    """The process: it says in its first line where it listens; all its documents go with it."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [str(program), "-no-ja", "-addr", f"{LOOPBACK}:0", "-parent-pid", str(os.getpid())],
            stdin=subprocess.PIPE,  # closes with us: it ends then
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            start_new_session=True,
            bufsize=0,
        )
        self.pid = self._process.pid

    def first_line(self) -> bytes:
        out = self._process.stdout
        if out is None or not select([out], [], [], READY_S)[0]:
            return b""
        return out.readline()

    def stop(self) -> None:
        with self._process as process:
            if process.stdin is not None:
                with suppress(BrokenPipeError):
                    process.stdin.close()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _program() -> Path:
    found = importlib.util.find_spec("osmem_server")
    if found is None or found.origin is None:
        raise EngineNotInstalled("the in-memory engine is missing: the wheel osmem-server is not installed")
    program = Path(found.origin).parent / "bin" / "osmem-server"
    if not os.access(program, os.X_OK):
        raise EngineNotInstalled("the wheel osmem-server has no program for this kind of machine")
    return program
