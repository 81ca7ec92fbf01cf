"""A normal user runs the server too, also when the rest of these tests is run by root."""

from __future__ import annotations

import os
from pathlib import Path

from api.servers.programs import Binaries
from rtr_trial.embedded.postgres.server import EmbeddedPostgres

from .conftest import NORMAL_USER, report
from .processes import eventually, hold, servers, sql

UID = os.geteuid() or 65534


def test_normal_users_server_runs_as_that_user_and_leaves_nothing_when_killed(
    open_folder: Path, binaries: Binaries
) -> None:
    data_dir = open_folder / "pg"
    held = EmbeddedPostgres(data_dir, environment="test", bin_dir=binaries.folder)
    socket_of_user = data_dir / "socket"  # short enough, so root's process finds it by the same name
    for begun_before in (False, True):  # the second begins on what the killed first one left
        with hold(data_dir, binaries, python=tuple(NORMAL_USER)) as holder:
            assert held.address().host == str(socket_of_user)
            owner = "CREATE TEMP TABLE who (uid text); COPY who FROM PROGRAM 'id -u'; SELECT uid FROM who"
            assert sql(binaries, held.address(), owner).splitlines()[-1] == str(UID)
            assert (data_dir / "cluster").stat().st_uid == UID
            sql(binaries, held.address(), f"CREATE TABLE kept_{begun_before} ()")
            holder.kill()
    assert eventually(lambda: servers(data_dir) == [])
    report(f"PostgreSQL of the {binaries.origin}, normal user", "ran", version=binaries.version)
