"""The keeper: a small process between us and a server, so that the server never outlives us.

It holds the read end of a pipe whose other end only the starting process has. When that end closes, because the
process asked for a stop or because it died in any way, the keeper stops the server: SIGINT (a fast shutdown; SIGTERM
would wait for idle clients), later SIGQUIT, at last SIGKILL. If the keeper itself is killed, the kernel sends the
server SIGINT. What a killed server leaves behind is adopted by the keeper and ended too.

Run by path with the standard library only: `python -I -S keeper.py '{"command": [...], ...}'`. It knows nothing of
PostgreSQL but its signals, deletes nothing but an empty folder it is told of, and exits with the server's exit code.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

LOOK_EVERY_S: Final = 0.2
QUIT_AFTER_S: Final = 5.0
PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36


def main() -> int:
    """Start the server, report its process id in one line, and stay until either side ends."""
    order = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    asked = _ignore_all_but_terminate()

    keeper = os.getpid()

    def die_with_keeper() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != keeper:
            os._exit(1)

    with Path(order["log"]).open("ab") as log:
        server = subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=order["environment"],
            start_new_session=True,
            preexec_fn=die_with_keeper,  # noqa: PLW1509 the keeper has one thread
        )
    with suppress(BrokenPipeError):
        print(server.pid, flush=True)  # noqa: T201 the report to the supervisor
    while server.poll() is None:
        if asked or os.getppid() != order["parent"] or _lifeline_cut():
            _stop(server, order["grace_s"])
    _end_orphans()
    if folder := order.get("remove_empty"):
        with suppress(OSError):  # not empty: the server was killed, and its successor clears its socket away
            Path(folder).rmdir()
    return server.returncode if server.returncode >= 0 else 128 - server.returncode


def _ignore_all_but_terminate() -> list[int]:
    """Leave the keys of the terminal to the starting process; note a SIGTERM in the list returned."""
    asked: list[int] = []
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(ignored, lambda *_: None)  # a handler, not SIG_IGN: the server must not inherit it
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    return asked


def _lifeline_cut() -> bool:
    readable, _, _ = select.select([0], [], [], LOOK_EVERY_S)
    return bool(readable) and os.read(0, 1) == b""


def _stop(server: subprocess.Popen[bytes], grace_s: float) -> None:
    for how, patience_s in ((signal.SIGINT, grace_s), (signal.SIGQUIT, QUIT_AFTER_S), (signal.SIGKILL, QUIT_AFTER_S)):
        server.send_signal(how)
        try:
            server.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
        return


def _end_orphans() -> None:
    """Wait for processes of a server that died; whoever does not leave by itself is told to quit."""
    for how in (None, signal.SIGQUIT, signal.SIGKILL):
        for child in _children() if how else ():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, how or 0)
        if _all_left(QUIT_AFTER_S):
            return


def _all_left(patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if not ended:
            time.sleep(LOOK_EVERY_S / 4)
    return False


def _children() -> list[int]:
    me = str(os.getpid())
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if entry.read_text().rpartition(")")[2].split()[1] == me:
                found.append(int(entry.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main())
