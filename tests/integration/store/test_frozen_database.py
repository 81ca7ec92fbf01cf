"""PostgreSQL stands still (a disk that hangs, a paused machine) and takes connections all the same: nobody waits on."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from starlette.testclient import TestClient

from api.http import app as application
from api.http.issuers import IssuerRegistry
from register.core import Register
from register.domain.access.caller import system
from register.keys.home import read_secret
from register.store.running.server.database import Address, Database, DatabaseUnavailable
from schemas.codes import Partition
from tests.integration.store.isolation.matrix import admin
from tests.support.started import servers
from tests.support.world import World, world

AW = Partition.AW
T = TypeVar("T")
HANGS_S = 60
"""Far beyond every bound that is looked at here, so that whoever waits for ever fails and does not hang."""


@pytest.fixture(scope="module")
def alone() -> Iterator[World]:
    with world(server=servers.apart("wheel"), countries=(AW,), with_organisations=False) as made:
        yield made


def test_monitor_is_answered_that_the_database_is_not_there_and_that_it_is_back(alone: World) -> None:
    client = client_of(alone[AW])
    assert client.get("/ready").status_code == 200
    with frozen(alone):
        for _ in range(3):  # by the connection that it has, and by new ones
            asked = ends(lambda: client.get("/ready"))
            assert (asked.status_code, asked.json()["parts"]) == (
                503,
                {"database": "database-unavailable", "keys": "ok"},
            )
    assert client.get("/ready").status_code == 200


def test_monitor_is_answered_while_every_connection_is_taken(alone: World) -> None:
    database = patient(alone[AW], {})
    with database.transaction("api"):
        asked = ends(lambda: client_of(replace(alone[AW], database=database)).get("/ready"))
    assert (asked.status_code, asked.json()["parts"]["database"]) == (200, "ok")
    database.close()


def test_request_that_the_database_leaves_without_an_answer_is_refused(alone: World) -> None:
    database = patient(alone[AW], {"api": 0.5})
    here = replace(alone[AW], database=database)
    caller = system(AW, "api")

    def ask() -> None:
        with here.work(caller) as work:
            work.running.schema.read()

    ask()
    with frozen(alone):
        for _ in range(2):  # by the connection that it has, and by a new one
            with pytest.raises(DatabaseUnavailable):
                ends(ask)
    ask()
    database.close()


def client_of(register: Register) -> TestClient:
    """A monitor of this register."""
    return TestClient(application.create(register, IssuerRegistry([], monotonic=lambda: 0.0), dict))  # type: ignore[arg-type] # unused


def patient(register: Register, answer_within_s: dict[str, float]) -> Database:
    """The register's database with one connection and other bounds."""
    settings = register.settings
    return Database(
        Address.of(settings.database),
        AW,
        lambda role: read_secret(settings, f"{role}.password"),
        pool_size=1,
        connect_within_s=2,
        answer_within_s=answer_within_s,
    )


@contextmanager
def frozen(alone: World) -> Iterator[None]:
    """All processes of the server that these tests have for themselves stand still until the block ends."""
    with psycopg.connect(admin(alone)) as connection:
        parent = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()[1]
    stopped = [int(parent)]
    os.kill(stopped[0], signal.SIGSTOP)  # first, so that no others come
    try:
        for number in _children(stopped[0]):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGSTOP)
                stopped.append(number)
        yield
    finally:
        for number in reversed(stopped):
            os.kill(number, signal.SIGCONT)
        # An attempt to connect that was given up is closed with the last error that remembers it; until then the server
        # waits a minute for its password, and drops no database meanwhile.
        gc.collect()


def ends(do: Callable[[], T]) -> T:
    """What comes of it, unless it waits for ever."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(do).result(timeout=HANGS_S)
    finally:
        pool.shutdown(wait=False)


def _children(of: int) -> list[int]:
    return [
        int(number) for task in Path(f"/proc/{of}/task").iterdir() for number in (task / "children").read_text().split()
    ]
