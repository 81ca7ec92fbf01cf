"""The supervisor of a PostgreSQL server for trial and tests: it starts, it keeps its data, it leaves nothing behind.

Promises: SCRAM passwords, a socket in a private folder and no network port, checksums, fsync on unless the data are
said to be passing; no account added, no directory opened; the server ends when this process ends, however that happens
(see `keeper`); after a kill -9 of either, `start` waits for what is left to go and begins again on the same data. It
never deletes a pid file and refuses production. It does not make databases or roles: migrations do.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.servers.address import ServerAddress, ServerStatus
from api.servers.programs import Binaries, binaries_in
from register.errors import OperatorError
from rtr_trial.embedded.postgres import identity
from rtr_trial.embedded.postgres.folder import ServerDoesNotStart, ServerFolder, server_environment
from rtr_trial.embedded.postgres.settings import FIXED, LASTING, PASSING, words_of
from rtr_trial.embedded.postgres.wheel import wheel_binaries
from rtr_trial.embedded.processes import KEEPER, tail
from rtr_trial.embedded.production import RefusedInProduction

RETRY_S: Final = 30.0  # for what a killed predecessor left: its keeper, its server, its shared memory
RECOVERY_S: Final = 120.0  # a server that replays its log after a crash
FOREIGN_S: Final = 5.0  # a server that still answers after this long is somebody's, not a dying one
STILL_LEAVING: Final = ('lock file "', "pre-existing shared memory", "is still in use")


class ServedElsewhere(OperatorError):
    """Another process runs a server on this data folder."""

    code = "postgres-already-running"
    advice = "Stop the other process (`rtr db stop`), or choose another data folder."


class EmbeddedPostgres:
    """One server on one data folder; also a context manager.

    Args:
        data_dir: made if it is not there (mode 0700), and ours alone; holds the cluster, the secret and the log.
        environment: the value of RTR_ENV; "production" is refused.
        bin_dir: a folder of PostgreSQL programs, such as the machine's own; without it the wheel's are taken.
        settings: words of postgresql.conf over `SMALL_MACHINE`; those of `FIXED` cannot be changed.
        port: part of the socket's name only.
        form: as whom it runs; without it what works here (see `identity`).
        lasting: False for data that may be lost with the machine, or with a server that is killed: those of tests which
            are about something else.
        grace_s: how long clients' open work may delay a stop before the server is told to quit at once.

    Raises:
        RefusedInProduction: see `environment`.
        ProgramsNotFound: neither the wheel nor the folder has them.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        environment: str,
        bin_dir: Path | None = None,
        settings: Mapping[str, str | int | bool] | None = None,
        port: int = 5432,
        form: identity.Form | None = None,
        lasting: bool = True,
        grace_s: float = 20.0,
    ) -> None:
        if environment.strip().lower() in {"production", "prod"}:
            raise RefusedInProduction("the embedded PostgreSQL does not run with RTR_ENV=production")
        self._settings = {**words_of(settings), **FIXED, **(LASTING if lasting else PASSING)}
        self.binaries: Binaries = binaries_in(bin_dir) if bin_dir else wheel_binaries()
        self._folder = ServerFolder(data_dir.resolve(), self.binaries, port)
        self._port = port
        self._form = form
        self._grace_s = grace_s
        self._keeper: subprocess.Popen[str] | None = None

    @property
    def data_dir(self) -> Path:
        """The folder of the server, absolute."""
        return self._folder.path

    @property
    def log_file(self) -> Path:
        """What the server says; no statement and no value is in it."""
        return self._folder.log_file

    @property
    def socket_dir(self) -> Path:
        """The private folder of the socket."""
        return self._folder.socket_dir

    def address(self) -> ServerAddress:
        """Return where the server listens and the superuser's password, also for another process of the same user.

        Raises:
            ServerDoesNotStart: it was never started on this folder.
        """
        return self._folder.address()

    def start(self) -> ServerAddress:
        """Return the address of a server that accepts connections; starts it if it does not run yet.

        Raises:
            FolderNotOurs: the folder belongs to another user, or holds other files.
            ServedElsewhere: another process runs one on this folder.
            DataOfOtherVersion: the data was made by another major version.
            ServerDoesNotStart: with the last lines of its log.
            CannotChangeUser: we are root and may not become anybody else.
        """
        if self._keeper is not None:
            if self._keeper.poll() is None and self._accepts():
                return self.address()
            self.stop()
        self._folder.claim()
        lock = self._lock()
        try:
            who = identity.choose((self._folder.path, self.binaries.folder, self.socket_dir.parent), form=self._form)
            self._folder.prepare(who)
            self._launch_until_ready(who, lock)
        finally:
            os.close(lock)
        return self.address()

    def stop(self) -> None:
        """Stop the server with a fast shutdown and wait until it has ended; also one that another process started."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            self._stop_foreign()
            return
        with keeper:  # closes the lifeline, then waits: the keeper always ends, it escalates by itself
            if keeper.stdin is not None:
                with suppress(BrokenPipeError):
                    keeper.stdin.close()

    def status(self) -> ServerStatus:
        """Say whether the server accepts connections, whoever of this user's processes started it."""
        running = (self._folder.cluster).is_dir() and self._accepts()
        return ServerStatus(
            running=running,
            version=self.binaries.version,
            origin=self.binaries.origin,
            host=str(self.socket_dir),
            detail="for trial and test only",
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _lock(self) -> int:
        """Take the folder's lock, which a keeper holds as long as it lives; wait for one that is on its way out."""
        lock = os.open(self._folder.path / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        begun = time.monotonic()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = time.monotonic() - begun
                if waited > RETRY_S or (waited > FOREIGN_S and self._accepts()):
                    os.close(lock)
                    raise ServedElsewhere(f"another process runs a server on {self._folder.path}") from None
                time.sleep(0.1)
            else:
                return lock

    def _launch_until_ready(self, who: identity.Identity, lock: int) -> None:
        begun = time.monotonic()
        while True:
            said_before = self.log_file.stat().st_size if self.log_file.exists() else 0
            self._keeper, server = self._launch(who, lock)
            if self._wait_until_ready(server):
                return
            ended = self._keeper.poll()
            self.stop()
            with self.log_file.open(encoding="utf-8", errors="replace") as log:
                log.seek(said_before)
                said = log.read()
            leaving = any(words in said for words in STILL_LEAVING)
            if not leaving or time.monotonic() - begun > RETRY_S:
                how = "did not accept connections" if ended is None else f"ended with {ended}"
                raise ServerDoesNotStart(f"the server on {self._folder.path} {how}: {tail(said)}")
            time.sleep(0.5)

    def _launch(self, who: identity.Identity, lock: int) -> tuple[subprocess.Popen[str], int]:
        settings = {**self._settings, "unix_socket_directories": str(self.socket_dir)}
        order = {
            "command": [
                *(*who.around_server, str(self.binaries.program("postgres"))),
                *("-D", str(self._folder.cluster), "-p", str(self._port)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            "environment": server_environment(),
            "log": str(self.log_file),
            "parent": os.getpid(),
            "remove_empty": "" if self.socket_dir.is_relative_to(self._folder.path) else str(self.socket_dir),
            "grace_s": self._grace_s,
        }
        with self.log_file.open("ab") as log:
            keeper = subprocess.Popen(
                [*who.around_keeper, sys.executable, "-I", "-S", str(KEEPER), json.dumps(order, ensure_ascii=False)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                pass_fds=[lock],  # held until the keeper ends, not until we do
                start_new_session=True,  # Ctrl-C is for us; the keeper hears of it by our end
                cwd="/",
            )
        os.truncate(lock, 0)
        os.pwrite(lock, f"{keeper.pid}\n".encode(), 0)
        said = keeper.stdout.readline() if keeper.stdout else ""
        return keeper, int(said) if said.strip().isdigit() else 0

    def _wait_until_ready(self, server: int) -> bool:
        deadline = time.monotonic() + RECOVERY_S
        while time.monotonic() < deadline:
            if self._keeper is None or self._keeper.poll() is not None:
                return False
            # The pid is compared since a predecessor that is still leaving may answer on the same socket.
            if self._folder.pid_in_cluster() == server and self._accepts() and self._keeper.poll() is None:
                return True
            time.sleep(0.05)
        return False

    def _accepts(self) -> bool:
        command = [str(self.binaries.program("pg_isready")), "-q", "-t", "3", "-h", str(self.socket_dir)]
        asked = subprocess.run([*command, "-p", str(self._port), "-d", "postgres"], check=False, cwd="/")
        return asked.returncode == 0

    def _stop_foreign(self) -> None:
        """Ask the keeper of another process to stop its server, and wait for it."""
        try:
            keeper = int((self._folder.path / "keeper.lock").read_text(encoding="ascii"))
            command = Path(f"/proc/{keeper}/cmdline").read_bytes()
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return
        # The number may by now be another process's; only a keeper's command names this folder's cluster.
        if os.fsencode(KEEPER.name) in command and os.fsencode(self._folder.cluster) in command:
            with suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGTERM)
            os.close(self._lock())
