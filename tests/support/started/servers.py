"""The PostgreSQL servers that this machine has; each is started once a run of tests (see `run`)."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Final

from api.servers.address import ServerAddress
from api.servers.programs import system_binaries
from register.store.running.server.administration import password_file
from register.store.running.server.rls import list_roles
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition
from tests.support.runs.long_form import by_form
from tests.support.started import run

_APART: Final = "-apart"


def available() -> list[str]:
    """Names of the servers: always the wheel's; in the long form the system's too, where one is installed."""
    return by_form(short=["wheel"], long=["wheel", "system"] if system_binaries() else ["wheel"])


def apart(name: str) -> str:
    """The name of such a server that no other process uses: for tests that spoil roles, which all databases share."""
    return name + _APART


@cache
def server(name: str) -> EmbeddedPostgres:
    """A running server of this name, or of a name that `apart` gave; the same one for the whole run."""
    kind = name.removesuffix(_APART)
    folder = run.own_folder_of(kind) if name.endswith(_APART) else run.folder_of(kind)
    bin_dir = system_binaries()[0].folder if kind == "system" else None
    return EmbeddedPostgres(folder, environment="trial", bin_dir=bin_dir)


@cache
def address(name: str) -> ServerAddress:
    """Where that server listens."""
    return server(name).address()


def lend_passwords(name: str, home: Path) -> None:
    """Give a home the passwords of the log-in roles: they belong to the server, and so to every database on it."""
    (home / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in _passwords(name):
        shutil.copy2(file, home / "secrets" / file.name)


@cache
def _passwords(name: str) -> tuple[Path, ...]:
    folder = server(name).data_dir.parent / "passwords"
    password = password_file(folder)
    for role in list_roles(Partition):
        password(role.name)
    return tuple(folder / f"{role.name}.password" for role in list_roles(Partition))
