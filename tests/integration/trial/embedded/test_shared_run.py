"""What the processes of a run share outlives each of them, and never the run (tests/support/started/run.py)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from tests.integration.trial.embedded.conftest import REPOSITORY
from tests.support.started import run
from tests.support.started.processes import wait_until

ENDS_WITHIN_S: Final = 60.0


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.started.run", str(tmp_path)], cwd=REPOSITORY, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        yield started
        started.kill()


def test_server_is_the_same_for_all_stays_when_one_is_killed_and_ends_with_the_run(
    owner: subprocess.Popen[str], tmp_path: Path
) -> None:
    killed = _process(tmp_path, "import os; print(run.folder_of('wheel'), flush=True); os.kill(os.getpid(), 9)")
    assert killed.returncode == -signal.SIGKILL
    folder = Path(_process(tmp_path, "print(run.folder_of('wheel'))").stdout.strip())
    assert killed.stdout.strip() == str(folder)
    server = EmbeddedPostgres(folder, environment="test")
    with psycopg.connect(server.address().url()) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == (str(run.CONNECTIONS_MAX),)
    assert owner.stdin is not None
    owner.stdin.close()
    assert owner.wait(ENDS_WITHIN_S) == 0
    assert not folder.exists()


def test_server_ends_when_the_run_is_killed(owner: subprocess.Popen[str], tmp_path: Path) -> None:
    folder = Path(_process(tmp_path, "print(run.folder_of('wheel'))").stdout.strip())
    server = int((folder / "cluster" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    owner.kill()
    wait_until(lambda: not Path(f"/proc/{server}").exists(), "the server has ended", within_s=ENDS_WITHIN_S)
    shutil.rmtree(folder.parents[1])  # as the next run would, a minute later


def test_what_a_killed_run_left_is_cleared_and_what_a_running_one_uses_is_not(tmp_path: Path) -> None:
    left, used, young, foreign = (
        tmp_path / name for name in ("rtr-test-run-a", "rtr-test-run-b", "rtr-test-run-c", "d")
    )
    for folder in (left, used, young, foreign):
        (folder / "wheel").mkdir(parents=True)
    for folder in (left, used, foreign):
        os.utime(folder, (0, 0))
    held = run.locked(used)
    run.clear_left_behind(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([used, young, foreign])
    os.close(held)
    run.clear_left_behind(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, foreign])


def test_what_cannot_be_made_is_said_to_whoever_asked(owner: subprocess.Popen[str], tmp_path: Path) -> None:
    asked = _process(tmp_path, "run.folder_of('nosuchserver')")
    assert "of this run could not be made" in asked.stderr
    assert owner.poll() is None


def _process(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a line as a process of tests that knows of the run."""
    command = [sys.executable, "-c", f"from tests.support.started import run; {program}"]
    environment = {**os.environ, run.VARIABLE: str(folder)}
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
