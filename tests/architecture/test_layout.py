"""The top level of the house is fixed, so that a newcomer finds the same few doors on every day."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = {"register", "api", "sync", "schemas", "migrations", "deploy", "tests"}
FILES = {"pyproject.toml", "README.md", "LICENSE"}
LOCKS = re.compile(r"requirements[\w-]*\.txt")


def kept() -> list[Path]:
    """What belongs to the project: known to git or not yet, but not what git is told to ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        return [Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()]
    return [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]


def test_top_level_holds_the_agreed_doors_and_nothing_else() -> None:
    doors = {path.parts[0] for path in kept() if not path.parts[0].startswith(".") and "__pycache__" not in path.parts}
    assert {door for door in doors - FOLDERS - FILES if not LOCKS.fullmatch(door)} == set()
    assert doors >= FOLDERS | FILES | {"requirements.txt", "requirements-test.txt"}


def test_deploy_holds_two_commands_the_trial_and_no_other_python() -> None:
    scripts = {path for path in kept() if path.parts[0] == "deploy" and path.suffix == ".py"}
    outside = {str(path) for path in scripts if not path.is_relative_to("deploy/trial/rtr_trial")}
    assert outside == {"deploy/demo.py", "deploy/check.py"}


def test_every_python_folder_of_the_product_and_the_trial_is_a_package() -> None:
    """Else its modules are left out of the wheel's import contracts without a word."""
    scripts = {Path("deploy")}
    folders = {path.parent for path in kept() if path.suffix == ".py"} - scripts
    assert {str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()


def test_licence_is_the_eupl() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert "5.Obligations of the Licensee" in licence
    assert "15.Applicable Law" in licence
