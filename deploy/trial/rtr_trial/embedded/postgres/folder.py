"""The folder of an embedded PostgreSQL: whose it is, the superuser's secret, the data, and the place of the socket.

Nothing here starts a server; `initdb` is run once, aside, and its result renamed into place.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from api.servers.address import ServerAddress
from api.servers.programs import Binaries
from register.errors import OperatorError
from rtr_trial.embedded.postgres import identity
from rtr_trial.embedded.processes import tail

SUPERUSER: Final = "postgres"
SOCKET_PATH_MAX: Final = 100  # bytes; the kernel allows 107
# Not TMPDIR: two processes of one user may have different ones, and must find the same socket. The folder made in it
# is for its owner only, and one that somebody else made is refused.
SHORT_PLACE: Final = Path("/tmp")  # noqa: S108 see above


class ServerDoesNotStart(OperatorError):
    """The embedded server ended, or did not accept a connection in time."""

    code = "postgres-does-not-start"
    advice = "Read the last lines of server.log in the data folder; the message repeats them."


class FolderNotOurs(OperatorError):
    """The data folder belongs to another user, or holds something else."""

    code = "postgres-folder-not-ours"
    advice = "Run the command as the user who made the folder, or choose a new one."


class DataOfOtherVersion(OperatorError):
    """The data folder was made by another major version of PostgreSQL."""

    code = "postgres-data-version"
    advice = "Start it with programs of that version and move the data with `rtr db backup` and `rtr db restore`."


class ServerFolder:
    """One data folder, ours alone (mode 0700); holds the cluster, the secret and the log.

    Args:
        path: made by `claim` if it is not there.
        binaries: the programs whose data it holds.
        port: part of the socket's name only.
    """

    def __init__(self, path: Path, binaries: Binaries, port: int) -> None:
        self.path, self._binaries, self._port = path, binaries, port

    @property
    def cluster(self) -> Path:
        """Where the server's data lie."""
        return self.path / "cluster"

    @property
    def log_file(self) -> Path:
        """What the server says; no statement and no value is in it."""
        return self.path / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The private folder of the socket: inside the data folder, or under a short name if that path is too long."""
        inside = self.path / "socket"
        if len(os.fsencode(inside)) + len(f"/.s.PGSQL.{self._port}.lock") <= SOCKET_PATH_MAX:
            return inside
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return SHORT_PLACE / f"rtr-pg-{os.geteuid()}-{name}"

    def address(self) -> ServerAddress:
        """Return where the server listens and the superuser's password, also for another process of the same user.

        Raises:
            ServerDoesNotStart: it was never started on this folder.
        """
        try:
            password = (self.path / "superuser.secret").read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise ServerDoesNotStart(f"no server was ever started on {self.path}") from error
        return ServerAddress(host=str(self.socket_dir), port=self._port, user=SUPERUSER, password=password)

    def claim(self) -> None:
        """Make the folder, or see that the one there is ours: all in it is given to the server's user.

        Raises:
            FolderNotOurs: the folder belongs to another user, or holds other files.
        """
        with suppress(FileExistsError):
            self.path.mkdir(mode=0o700, parents=True)
            return
        owner = self.path.stat().st_uid
        if owner != os.geteuid() and not (os.geteuid() == 0 and owner == identity.nobody()[0]):
            raise FolderNotOurs(f"{self.path} belongs to user {owner}, this is user {os.geteuid()}")
        if any(self.path.iterdir()) and not (self.path / "keeper.lock").exists():
            raise FolderNotOurs(f"{self.path} holds files that are not a server's")

    def prepare(self, who: identity.Identity) -> None:
        """Make what is missing: the secret, the data, the socket's folder; give them to the server's user.

        Raises:
            DataOfOtherVersion: the data was made by another major version.
            ServerDoesNotStart: `initdb` failed, or the socket's folder is somebody else's.
        """
        secret = self.path / "superuser.secret"
        if not secret.exists():
            unfinished = secret.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
            unfinished.rename(secret)
        self._prepare_socket_dir(who)
        who.own(self.path)
        cluster = self.path / "cluster"
        if not cluster.exists():
            self._initdb(who, secret)
        made_by = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(self._binaries.major):
            raise DataOfOtherVersion(
                f"{cluster} was made by PostgreSQL {made_by}, the programs are {self._binaries.version}"
            )

    def pid_in_cluster(self) -> int | None:
        """The number of the server process as the cluster has it."""
        try:
            first = (self.path / "cluster" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
        except OSError:
            return None
        return int(first) if first.isdigit() else None

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
        unfinished = self.path / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)  # of an initdb that was killed; it never held data
        command = [
            *(str(self._binaries.program("initdb")), "-D", str(unfinished), "-U", SUPERUSER),
            *("--pwfile", str(secret), "--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"),
            *_locale(self._binaries.major),
        ]
        done = subprocess.run(
            who.initdb(command),
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode:
            raise ServerDoesNotStart(f"initdb ended with {done.returncode}: {tail(done.stdout + done.stderr)}")
        unfinished.rename(self.path / "cluster")


def server_environment() -> dict[str, str]:
    """A clean one: nothing of ours (a token, a proxy, PGDATA) reaches the server.

    PG_GRANDPARENT_PID lets the server take a pid file for stale whose number is now ours, as happens in containers.
    """
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": path, "LC_ALL": "C", "PG_GRANDPARENT_PID": str(os.getpid())}


def _locale(major: int) -> list[str]:
    """C.UTF-8 everywhere: since 17 PostgreSQL brings its own, before that the machine's C library has it."""
    if major >= 17:  # noqa: PLR2004 the version that brought the builtin provider
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]
