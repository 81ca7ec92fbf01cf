"""Which servers and which users these tests can run with here, and the report that the test command prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice, product
from pathlib import Path

import pytest

from api.servers.programs import Binaries, system_binaries
from rtr_trial.embedded.postgres.identity import CannotChangeUser, Form, choose
from rtr_trial.embedded.postgres.wheel import wheel_binaries
from tests.support.runs.long_form import is_long
from tests.support.started.run import passing_folder

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


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of this folder."""
    config.addinivalue_line("markers", "each_with_each: each server in each way, in the suite too: see `pairs`")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a server (`binaries`) on each, what needs a way to run it (`form`) in each, and both in pairs."""
    asked = {"binaries", "form"} & set(metafunc.fixturenames)
    if asked == {"binaries", "form"}:
        several = pairs(crossed=is_long() or metafunc.definition.get_closest_marker("each_with_each") is not None)
        metafunc.parametrize(("binaries", "form"), several, ids=[f"{_name(one)}-{form}" for one, form in several])
    elif "binaries" in asked:
        metafunc.parametrize("binaries", SERVERS, ids=_name)
    elif "form" in asked:
        metafunc.parametrize("form", FORMS, ids=str)


def pairs(*, crossed: bool) -> list[tuple[Binaries, Form]]:
    """Each server that this machine has with each way to run it; or so few pairs that every one of both is in some.

    What a server does and under whose name it runs do not depend on each other, so the suite takes the few.
    """
    if crossed:
        return list(product(SERVERS, FORMS))
    size = max(len(SERVERS), len(FORMS))
    return list(islice(zip(cycle(SERVERS), cycle(FORMS), strict=False), size))


def _name(binaries: Binaries) -> str:
    return f"{binaries.origin}-{binaries.major}"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A private folder with a short name, removed at once: pytest's own would keep some gigabytes of clusters."""
    with passing_folder() as folder:
        yield folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user of the machine can enter and write to, unlike pytest's own."""
    with passing_folder() as folder:
        folder.chmod(0o777)
        yield folder
