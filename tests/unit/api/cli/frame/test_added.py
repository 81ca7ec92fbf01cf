"""Commands of other distributions: found by their entry points, listed in their place, and never needed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from api.cli.frame.added import UNLOADED, Command, DoesNotLoad, with_added
from api.cli.frame.local_servers import GROUP, find_local_servers, local_servers
from api.cli.running.checks import _local_servers
from register.settings import Settings
from tests.unit.api.cli.desk import rtr

OWN = {"first": ("a.first", "First."), "last": ("a.last", "Last.")}
MODULE = """
import typer
from api.cli.frame.added import Command

app = typer.Typer()
HERE = Command("made_up_trial", "Says hello.", before="last")
OTHER = "no command"


@app.command()
def hello() -> None:
    typer.echo("hello")
"""


@pytest.fixture
def announce(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, for distributions that announce themselves."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "made_up_trial.py").write_text(MODULE)
    return tmp_path


def install(folder: Path, *lines: str, name: str = "made-up-trial", group: str = "rtr.commands") -> None:
    info = folder / f"{name.replace('-', '_')}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text("\n".join((f"[{group}]", *lines, "")))


def test_added_command_is_listed_before_the_one_it_names_and_runs(announce: Path) -> None:
    install(announce, "hello = made_up_trial:HERE")
    listed = list(with_added(OWN))
    assert listed.index("first") < listed.index("hello") == listed.index("last") - 1
    assert "Says hello." in rtr("--help").stdout
    assert rtr("hello").stdout == "hello\n"


def test_own_command_is_not_replaced_by_one_of_the_same_name(announce: Path) -> None:
    install(announce, "first = made_up_trial:HERE")
    assert with_added(OWN)["first"] == Command("a.first", "First.")


@pytest.mark.parametrize("named", ["made_up_gone:HERE", "made_up_trial:OTHER"])
def test_what_is_announced_and_is_not_there_or_no_command_is_left_out(announce: Path, named: str) -> None:
    install(announce, f"hello = {named}")
    assert "hello" not in with_added(OWN)


BROKEN = {
    "a dependency that was forgotten": "import made_up_dependency",
    "a name that another version has": "from api.cli.frame.added import no_such_name",
    "no such object": "",
    "not even Python": "def",
    "whatever else": "raise RuntimeError('not on this machine')",
}


@pytest.mark.parametrize("program", BROKEN.values(), ids=BROKEN)
def test_added_command_that_does_not_load_is_listed_as_such_and_takes_no_other_down(
    announce: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.delitem(sys.modules, "made_up_broken", raising=False)
    (announce / "made_up_broken.py").write_text(program)
    install(announce, "broken = made_up_broken:HERE", "hello = made_up_trial:HERE")
    listed = rtr("--help")
    assert listed.exit_code == 0
    assert UNLOADED in next(line for line in listed.stdout.splitlines() if " broken " in line)
    assert rtr("hello").stdout == "hello\n"
    called = rtr("broken")
    assert called.exit_code != 0
    assert "(addition-does-not-load)" in called.stderr
    assert "`broken` of the distribution made-up-trial" in called.stderr
    assert "What to do: " in called.stderr


@pytest.fixture
def without_a_trial(announce: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is announced but what the test installs: the trial itself lies beside the packages of these tests."""
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if "-packages" not in folder])
    return announce


def test_servers_that_do_not_load_are_told_to_whoever_needs_them_and_by_the_doctor(without_a_trial: Path) -> None:
    (without_a_trial / "made_up_servers.py").write_text(BROKEN["whatever else"])
    install(without_a_trial, "a = made_up_servers:HERE", group=GROUP)
    assert find_local_servers() is None, "who can do without is not held up"
    with pytest.raises(DoesNotLoad, match=r"made-up-trial does not load: RuntimeError: not on this machine"):
        local_servers()
    (said,) = _local_servers(Settings(home=without_a_trial))
    assert (said.ok, said.fix) == (False, DoesNotLoad.advice)
    assert "made-up-trial does not load" in said.detail


@pytest.mark.parametrize("first", ["alpha", "beta"])
def test_one_name_announced_by_two_is_the_same_ones_whatever_was_installed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    for name in sorted(("alpha", "beta"), key=lambda one: one == first):  # what is put in front last is found first
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"made_up_{name}.py").write_text(
            f"from api.cli.frame.added import Command\nHERE = Command('', '{name}')"
        )
        install(folder, f"both = made_up_{name}:HERE", name=name)
        monkeypatch.syspath_prepend(str(folder))
    assert with_added(OWN)["both"].line == "alpha"
