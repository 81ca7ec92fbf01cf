"""Which servers and which users these tests can run with here, and the report that the test command prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.servers.programs import Binaries, system_binaries
from rtr_trial.embedded.postgres.identity import CannotChangeUser, Form, choose
from rtr_trial.embedded.postgres.wheel import wheel_binaries

REPOSITORY = Path(__file__).parents[4]
SYSTEM = system_binaries()
SERVERS = [wheel_binaries(), *SYSTEM[:1]]


def report(name: str, state: str, *, version: str = "", reason: str = "") -> None:
    """Add one line to the table of servers that ran or were missing, if the test command asked for it."""
    path = os.environ.get("RTR_SERVER_REPORT")
    if path:
        line = {"name": name, "state": state, "version": version, "reason": reason}
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _forms() -> list[Form]:
    """The ways to run a server that this machine allows this user; at least one, else nothing here can be tested."""
    if os.geteuid():
        return [Form.DIRECT]
    possible = []
    for form, probe in ((Form.NAMESPACE, "unshare -U --map-user=65534 -- true"), (Form.NOBODY, None)):
        if probe is not None and subprocess.run(probe.split(), capture_output=True, check=False).returncode:
            report(f"PostgreSQL as root, {form}", "missing", reason="user namespaces are not allowed here")
            continue
        try:
            choose((), form=form)
        except CannotChangeUser as error:
            report(f"PostgreSQL as root, {form}", "missing", reason=str(error))
        else:
            possible.append(form)
    assert possible, "root can run no server here"
    return possible


FORMS = _forms()


def _normal_user_python() -> list[str]:
    """The command of a Python as a user without rights: ours, or one that root's test can start; else empty."""
    if os.geteuid():
        return [sys.executable]
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--", python]
        probe = (  # it must also be able to start itself, as it does for the keeper
            "import sys, pathlib, subprocess; subprocess.run([sys.executable, '-c', ''], check=True);"
            "sys.exit(sys.version_info < (3, 11) or not pathlib.Path(sys.argv[1]).is_file())"
        )
        answer = subprocess.run([*command, "-c", probe, __file__], capture_output=True, check=False, cwd="/")
        if answer.returncode == 0:
            return command
    report("PostgreSQL as a normal user", "missing", reason="no Python that other users may run")
    return []


NORMAL_USER = _normal_user_python()
collect_ignore = [] if NORMAL_USER else ["test_normal_user.py"]  # the report says that it is missing

if not SYSTEM:
    report("PostgreSQL of the system", "missing", reason="no server 15 or newer is installed")


@pytest.fixture(params=SERVERS, ids=lambda one: f"{one.origin}-{one.major}")
def binaries(request: pytest.FixtureRequest) -> Binaries:
    """Each server that this machine has: the wheel's, and the system's newest."""
    found = request.param
    assert isinstance(found, Binaries)
    return found


@pytest.fixture(params=FORMS, ids=str)
def form(request: pytest.FixtureRequest) -> Form:
    """Each way to run it as this user."""
    return Form(request.param)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A private folder with a short name, removed at once: pytest's own would keep some gigabytes of clusters."""
    with tempfile.TemporaryDirectory(prefix="rtr-test-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user of the machine can enter and write to, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="rtr-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o777)
        yield folder
