"""Commands of other distributions: found by their entry points, listed in their place, and never needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.frame.added import Command, with_added
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


def install(folder: Path, *lines: str) -> None:
    info = folder / "made_up_trial-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-trial\nVersion: 1\n")
    (info / "entry_points.txt").write_text("\n".join(("[rtr.commands]", *lines, "")))


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
