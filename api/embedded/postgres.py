"""The supervisor of a PostgreSQL server for trial and tests: it starts, it keeps its data, it leaves nothing behind.

Promises: SCRAM passwords, a socket in a private folder and no network port, checksums, fsync on; no account added, no
directory opened; the server ends when this process ends, however that happens (see `keeper`); after a kill -9 of
either, `start` waits for what is left to go and begins again on the same data. It never deletes a pid file and
refuses production. It does not make databases or roles: migrations do.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.embedded import identity
from api.embedded.address import ServerAddress, ServerStatus
from api.embedded.binaries import Binaries, binaries_in, wheel_binaries
from register.errors import OperatorError

KEEPER: Final = Path(__file__).with_name("keeper.py")
SUPERUSER: Final = "postgres"
SOCKET_PATH_MAX: Final = 100  # bytes; the kernel allows 107
# Not TMPDIR: two processes of one user may have different ones, and must find the same socket. The folder made in it
# is for its owner only, and one that somebody else made is refused.
SHORT_PLACE: Final = Path("/tmp")  # noqa: S108 see above
RETRY_S: Final = 30.0  # for what a killed predecessor left: its keeper, its server, its shared memory
RECOVERY_S: Final = 120.0  # a server that replays its log after a crash
FOREIGN_S: Final = 5.0  # a server that still answers after this long is somebody's, not a dying one
STILL_LEAVING: Final = ('lock file "', "pre-existing shared memory", "is still in use")

# For a machine with two cores and two gigabytes. Statements and values stay out of the server's log: it is plain text.
SMALL_MACHINE: Final[Mapping[str, str]] = {
    "shared_buffers": "128MB",
    "max_connections": "120",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
FIXED: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "full_page_writes": "on",
    "logging_collector": "off",
    "external_pid_file": "",
}


class RefusedInProduction(OperatorError):
    """An embedded part was asked for where RTR_ENV says production."""

    code = "embedded-in-production"
    advice = "Give the URL of a server that your operators run; embedded parts are for trial and test."


class ServerDoesNotStart(OperatorError):
    """The embedded server ended, or did not accept a connection in time."""

    code = "postgres-does-not-start"
    advice = "Read the last lines of server.log in the data folder; the message repeats them."


class ServedElsewhere(OperatorError):
    """Another process runs a server on this data folder."""

    code = "postgres-already-running"
    advice = "Stop the other process (`rtr db stop`), or choose another data folder."


class FolderNotOurs(OperatorError):
    """The data folder belongs to another user, or holds something else."""

    code = "postgres-folder-not-ours"
    advice = "Run the command as the user who made the folder, or choose a new one."


class DataOfOtherVersion(OperatorError):
    """The data folder was made by another major version of PostgreSQL."""

    code = "postgres-data-version"
    advice = "Start it with programs of that version and move the data with `rtr db backup` and `rtr db restore`."


class EmbeddedPostgres:
    """One server on one data folder; also a context manager.

    Args:
        data_dir: made if it is not there (mode 0700), and ours alone; holds the cluster, the secret and the log.
        environment: the value of RTR_ENV; "production" is refused.
        bin_dir: a folder of PostgreSQL programs, such as the machine's own; without it the wheel's are taken.
        settings: words of postgresql.conf over `SMALL_MACHINE`; those of `FIXED` cannot be changed.
        port: part of the socket's name only.
        form: as whom it runs; without it what works here (see `identity`).
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
        grace_s: float = 20.0,
    ) -> None:
        if environment.strip().lower() in {"production", "prod"}:
            raise RefusedInProduction("the embedded PostgreSQL does not run with RTR_ENV=production")
        fixed = sorted(set(settings or ()) & {*FIXED, "unix_socket_directories", "data_directory", "hba_file"})
        if fixed:
            raise ServerDoesNotStart(f"settings that the embedded server keeps for itself: {', '.join(fixed)}")
        self.data_dir = data_dir.resolve()
        self.binaries: Binaries = binaries_in(bin_dir) if bin_dir else wheel_binaries()
        self._settings = {**SMALL_MACHINE, **{name: _word(value) for name, value in (settings or {}).items()}}
        self._port = port
        self._form = form
        self._grace_s = grace_s
        self._keeper: subprocess.Popen[str] | None = None

    @property
    def log_file(self) -> Path:
        """What the server says; no statement and no value is in it."""
        return self.data_dir / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The private folder of the socket: inside the data folder, or under a short name if that path is too long."""
        inside = self.data_dir / "socket"
        if len(os.fsencode(inside)) + len(f"/.s.PGSQL.{self._port}.lock") <= SOCKET_PATH_MAX:
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return SHORT_PLACE / f"rtr-pg-{os.geteuid()}-{name}"

    def address(self) -> ServerAddress:
        """Return where the server listens and the superuser's password, also for another process of the same user.

        Raises:
            ServerDoesNotStart: it was never started on this folder.
        """
        try:
            password = (self.data_dir / "superuser.secret").read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise ServerDoesNotStart(f"no server was ever started on {self.data_dir}") from error
        return ServerAddress(host=str(self.socket_dir), port=self._port, user=SUPERUSER, password=password)

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
        self._claim_folder()
        lock = self._lock()
        try:
            who = identity.choose((self.data_dir, self.binaries.folder, self.socket_dir.parent), form=self._form)
            self._prepare(who)
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
        running = (self.data_dir / "cluster").is_dir() and self._accepts()
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

    # -- the folder

    def _claim_folder(self) -> None:
        """Make the folder, or see that the one there is ours: all in it is given to the server's user."""
        with suppress(FileExistsError):
            self.data_dir.mkdir(mode=0o700, parents=True)
            return
        owner = self.data_dir.stat().st_uid
        if owner != os.geteuid() and not (os.geteuid() == 0 and owner == identity.nobody()[0]):
            raise FolderNotOurs(f"{self.data_dir} belongs to user {owner}, this is user {os.geteuid()}")
        if any(self.data_dir.iterdir()) and not (self.data_dir / "keeper.lock").exists():
            raise FolderNotOurs(f"{self.data_dir} holds files that are not a server's")

    def _lock(self) -> int:
        """Take the folder's lock, which a keeper holds as long as it lives; wait for one that is on its way out."""
        lock = os.open(self.data_dir / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        begun = time.monotonic()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = time.monotonic() - begun
                if waited > RETRY_S or (waited > FOREIGN_S and self._accepts()):
                    os.close(lock)
                    raise ServedElsewhere(f"another process runs a server on {self.data_dir}") from None
                time.sleep(0.1)
            else:
                return lock

    def _prepare(self, who: identity.Identity) -> None:
        """Make what is missing: the secret, the data, the socket's folder; give them to the server's user."""
        secret = self.data_dir / "superuser.secret"
        if not secret.exists():
            unfinished = secret.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
            unfinished.rename(secret)
        self._prepare_socket_dir(who)
        who.own(self.data_dir)
        cluster = self.data_dir / "cluster"
        if not cluster.exists():
            self._initdb(who, secret)
        made_by = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(self.binaries.major):
            raise DataOfOtherVersion(
                f"{cluster} was made by PostgreSQL {made_by}, the programs are {self.binaries.version}"
            )

    def _prepare_socket_dir(self, who: identity.Identity) -> None:
        folder = self.socket_dir
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        seen = folder.lstat()
        # Under a shared temporary folder somebody else could have made it, or a link, to listen in our place.
        ours = {os.geteuid(), who.uid, *identity.nobody()[:1]} if os.geteuid() == 0 else {os.geteuid()}
        if folder.is_symlink() or not folder.is_dir() or seen.st_uid not in ours:
            raise ServerDoesNotStart(f"{folder} is not a folder of ours; remove it")
        folder.chmod(0o700)
        who.own(folder)

    def _initdb(self, who: identity.Identity, secret: Path) -> None:
        unfinished = self.data_dir / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)  # of an initdb that was killed; it never held data
        command = [
            *(str(self.binaries.program("initdb")), "-D", str(unfinished), "-U", SUPERUSER),
            *("--pwfile", str(secret), "--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"),
            *_locale(self.binaries.major),
        ]
        done = subprocess.run(
            who.initdb(command),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode:
            raise ServerDoesNotStart(f"initdb ended with {done.returncode}: {_tail(done.stdout + done.stderr)}")
        unfinished.rename(self.data_dir / "cluster")

    # -- the server

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
                raise ServerDoesNotStart(f"the server on {self.data_dir} {how}: {_tail(said)}")
            time.sleep(0.5)

    def _launch(self, who: identity.Identity, lock: int) -> tuple[subprocess.Popen[str], int]:
        settings = {**self._settings, **FIXED, "unix_socket_directories": str(self.socket_dir)}
        order = {
            "command": [
                *(*who.around_server, str(self.binaries.program("postgres"))),
                *("-D", str(self.data_dir / "cluster"), "-p", str(self._port)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            "environment": _environment(),
            "log": str(self.log_file),
            "parent": os.getpid(),
            "remove_empty": "" if self.socket_dir.is_relative_to(self.data_dir) else str(self.socket_dir),
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
            if self._pid_in_cluster() == server and self._accepts() and self._keeper.poll() is None:
                return True
            time.sleep(0.05)
        return False

    def _pid_in_cluster(self) -> int | None:
        try:
            first = (self.data_dir / "cluster" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
        except OSError:
            return None
        return int(first) if first.isdigit() else None

    def _accepts(self) -> bool:
        command = [str(self.binaries.program("pg_isready")), "-q", "-t", "3", "-h", str(self.socket_dir)]
        asked = subprocess.run([*command, "-p", str(self._port), "-d", "postgres"], check=False, cwd="/")
        return asked.returncode == 0

    def _stop_foreign(self) -> None:
        """Ask the keeper of another process to stop its server, and wait for it."""
        try:
            keeper = int((self.data_dir / "keeper.lock").read_text(encoding="ascii"))
            command = Path(f"/proc/{keeper}/cmdline").read_bytes()
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return
        # The number may by now be another process's; only a keeper's command names this folder's cluster.
        if os.fsencode(KEEPER.name) in command and os.fsencode(self.data_dir / "cluster") in command:
            with suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGTERM)
            os.close(self._lock())


def _locale(major: int) -> list[str]:
    """C.UTF-8 everywhere: since 17 PostgreSQL brings its own, before that the machine's C library has it."""
    if major >= 17:  # noqa: PLR2004 the version that brought the builtin provider
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


def _environment() -> dict[str, str]:
    """A clean one: nothing of ours (a token, a proxy, PGDATA) reaches the server.

    PG_GRANDPARENT_PID lets the server take a pid file for stale whose number is now ours, as happens in containers.
    """
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": path, "LC_ALL": "C", "PG_GRANDPARENT_PID": str(os.getpid())}


def _word(value: str | int | bool) -> str:  # noqa: FBT001 a setting's value, not a switch
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _tail(text: str, lines: int = 8) -> str:
    return " / ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip()) or "it said nothing"
