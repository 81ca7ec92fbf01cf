"""The PostgreSQL servers that this machine has, each started once a test process and stopped with it."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from api.servers.address import ServerAddress
from api.servers.programs import system_binaries
from register.store.administration import password_file
from register.store.rls import roles
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition


def available() -> list[str]:
    """Names of the servers: always the wheel's, and the system's where one is installed."""
    return ["wheel", "system"] if system_binaries() else ["wheel"]


@cache
def server(name: str) -> EmbeddedPostgres:
    """A running server of this name; the same one for the whole test process."""
    folder = Path(tempfile.mkdtemp(prefix="rtr-test-pg-"))
    bin_dir = system_binaries()[0].folder if name == "system" else None
    found = EmbeddedPostgres(folder / "data", environment="trial", bin_dir=bin_dir)
    found.start()
    atexit.register(_end, found, folder)
    _report(name, found.binaries.version)
    return found


@cache
def address(name: str) -> ServerAddress:
    """Where that server listens."""
    return server(name).address()


def lend_passwords(name: str, home: Path) -> None:
    """Give a home the passwords of the log-in roles: they belong to the server, and so to every database on it."""
    (home / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in _passwords(name).iterdir():
        shutil.copy2(file, home / "secrets" / file.name)


@cache
def _passwords(name: str) -> Path:
    folder = server(name).data_dir.parent / "passwords"
    password = password_file(folder)
    for role in roles(Partition):
        password(role.name)
    return folder


def _end(found: EmbeddedPostgres, folder: Path) -> None:
    found.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _report(name: str, version: str) -> None:
    file = os.environ.get("RTR_SERVER_REPORT")
    if file:
        line = {"name": f"PostgreSQL ({name})", "state": "ran", "version": version, "reason": ""}
        with Path(file).open("a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")
