"""Every error ends in one place: a message and advice on stderr, an exit code, and no traceback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli import COMMANDS
from api.cli.frame.added import with_added
from api.cli.frame.failures import exit_code, report
from api.cli.frame.terminal import Desk
from api.client import RegisterUnreachable, write_profile
from api.http.sign_in import ProviderUnreachable, SignInRefused
from register.errors import (
    CallerError,
    Conflict,
    NotFound,
    NotPermitted,
    NotSignedIn,
    OperatorError,
    PartnerError,
    RegisterError,
)
from register.settings import BadSettings
from tests.unit.api.cli.desk import KEY, person, register_of_one, rtr
from tests.unit.api.client.builders import form
from tests.unit.api.client.server import HANG_UP, Answer, Asked, problem


@pytest.mark.parametrize(
    ("family", "code"),
    [
        (CallerError, 1),
        (NotFound, 1),
        (Conflict, 1),
        (PartnerError, 1),
        (OperatorError, 1),
        (BadSettings, 2),
        (NotSignedIn, 3),
        (SignInRefused, 3),
        (NotPermitted, 4),
        (RegisterUnreachable, 5),
        (ProviderUnreachable, 5),
    ],
)
def test_exit_code_says_who_must_act(family: type[RegisterError], code: int) -> None:
    assert exit_code(family("message")) == code


@pytest.mark.parametrize(
    ("status", "code", "exit_with"),
    [
        (401, "token-refused", 3),
        (403, "rule-refused", 4),
        (404, "not-found", 1),
        (409, "conflict", 1),
        (412, "precondition-failed", 1),
        (422, "invalid-request", 1),
        (500, "internal-error", 5),
        (503, "unsafe-database", 5),
    ],
)
def test_refusal_of_the_register_becomes_message_advice_and_exit_code(
    tmp_path: Path, status: int, code: str, exit_with: int
) -> None:
    with person(tmp_path, lambda _: problem(status, code, {"Retry-After": "0"})) as somebody:
        result = somebody.rtr("me")
        for_programs = somebody.rtr("me", "--json")

    assert result.exit_code == for_programs.exit_code == exit_with
    assert result.stdout == for_programs.stdout == ""
    assert f"Error: the detail of {code} ({code})" in result.stderr
    assert f"What to do: The advice of {code}." in result.stderr
    said = json.loads(for_programs.stderr)
    assert (said["code"], said["exit_code"], said["status"]) == (code, exit_with, status)
    assert (said["detail"], said["advice"]) == (f"the detail of {code}", f"The advice of {code}.")


def test_each_place_of_a_refused_form_is_named(tmp_path: Path) -> None:
    places = [{"location": "body", "pointer": "/channel", "code": "x", "message": "Not so.", "allowed": ["A", "B"]}]
    with person(tmp_path, lambda _: problem(422, "invalid-request", errors=places)) as somebody:
        result = somebody.rtr("signal", "submit", "-", typed=json.dumps(form()))
    assert "  /channel: Not so. Allowed: A, B." in result.stderr


def test_lost_submission_says_the_key_to_send_it_again_with(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return HANG_UP if asked.method == "POST" else register_of_one(asked)

    with person(tmp_path, answer) as somebody:
        result = somebody.rtr("signal", "submit", "-", "--key", "key-of-this-one", typed=json.dumps(form()))
    assert result.exit_code == 5
    assert "key-of-this-one (give it with --key" in result.stderr


def test_nobody_at_the_address_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
    file = write_profile(tmp_path, "me", api=url, issuer=url, client_id="c", key=KEY, kid="k")
    assert rtr("--profile", str(file), "me").exit_code == 5


def test_command_of_people_needs_a_profile() -> None:
    result = rtr("me")
    assert result.exit_code == 2
    assert "--profile FILE or set RTR_PROFILE" in result.stderr


def test_profile_may_be_named_after_the_command_too(tmp_path: Path) -> None:
    with person(tmp_path, register_of_one) as somebody:
        assert rtr("me", "--profile", str(somebody.profile)).exit_code == 0
        assert rtr("me", f"--profile={somebody.profile}", "-q").stdout == "AW-IMIGRACION\n"


def test_profile_that_is_wrong_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('api = "https://a"\ncolour = "red"\n')
    result = rtr("--profile", str(tmp_path / "p.toml"), "me")
    assert result.exit_code == 2
    assert "issuer: Field required" in result.stderr
    assert "colour: Unexpected" in result.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["signal", "nonsense"], ["stats", "owner"], ["signal", "show"]])
def test_slip_in_the_command_is_a_matter_of_usage(words: list[str]) -> None:
    assert rtr(*words).exit_code == 2


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with person(tmp_path, register_of_one) as somebody:
        result = somebody.rtr("signal", "submit", str(tmp_path / "nowhere.json"))
    assert result.exit_code == 1
    assert "nowhere.json: No such file or directory (cannot-use-file)" in result.stderr


def test_driver_error_is_told_by_its_connection_and_never_by_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    row = "Zeno Testman"
    refused = type("OperationalError", (Exception,), {"__module__": "psycopg"})("no password\nmore")
    broken = type("UniqueViolation", (Exception,), {"__module__": "psycopg"})(f"Key (name)=({row}) exists")
    fresh = type("OperationalError", (Exception,), {"__module__": "psycopg"})('database "register" does not exist')

    assert report(refused, Desk()) == 5
    assert report(broken, Desk()) == 5
    assert report(fresh, Desk()) == 1
    said = capsys.readouterr().err
    assert "PostgreSQL: no password (database-refused)" in said
    assert "rtr db migrate" in said
    assert row not in said


def test_help_is_quick_and_imports_no_command() -> None:
    look = (
        "import sys, api.cli; from typer.testing import CliRunner; r = CliRunner().invoke(api.cli.app, ['--help']);"
        "ours = ('api.', 'rtr_trial.cli.', 'register.', 'schemas', 'httpx2', 'pydantic');"
        "print(r.exit_code, *sorted(name for name in sys.modules if name.startswith(ours)))"
    )
    begun = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert time.monotonic() - begun < 5  # half a second on an idle machine; this bound is for a busy one
    code, *modules = ran.stdout.split()
    assert code == "0"
    assert set(modules) == {
        "api.cli",
        "api.cli.frame",
        "api.cli.frame.added",
        "api.cli.frame.terminal",
        "api.cli.frame.failures",
        "api.cli.frame.lazy",
        "register.errors",
        "rtr_trial.cli.commands",
    }


@pytest.mark.parametrize("name", sorted(with_added(COMMANDS)))
def test_every_command_has_help_and_a_line_in_the_list(name: str) -> None:
    assert name in rtr("--help").stdout
    assert rtr(name, "--help").exit_code == 0
    assert "install-completion" not in rtr(name, "--help").stdout


def test_command_of_people_loads_nothing_of_a_node() -> None:
    """Whoever types it waits for what is imported; with store, engine and logs that was three times as much."""
    look = (
        "import sys, api.client; from importlib import import_module; from api.cli import COMMANDS;"
        "[import_module(module) for module, _ in COMMANDS.values()];"
        "print(*sorted(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert {"api.client", "httpx2", "pydantic"} <= loaded, "else the look itself would be wrong"
    of_a_node = {"sqlalchemy", "psycopg", "alembic", "opensearchpy", "fastapi", "uvicorn", "structlog"}
    assert loaded & (of_a_node | {"register.core", "register.store", "register.services"}) == set()
