"""The first command says what is wrong in words that a newcomer can act on, and installs only when it must."""

from __future__ import annotations

import ast
import importlib
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pip
import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DEPLOY))
    return importlib.import_module("demo")


@pytest.mark.parametrize("script", ["demo.py", "check.py"])
def test_commands_need_the_standard_library_only(script: str) -> None:
    tree = ast.parse((DEPLOY / script).read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".", 1)[0] for name in imported} <= {*sys.stdlib_module_names, "demo"}


@pytest.mark.parametrize("script", ["demo.py", "check.py"])
def test_commands_are_read_by_an_older_python_so_that_it_can_say_it_is_too_old(script: str) -> None:
    ast.parse((DEPLOY / script).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "aarch64")])
def test_other_machines_are_refused_with_a_way_out(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(demo.Cannot, match=r"Linux on x86-64.*WSL2"):
        demo.check_machine()


def test_python_without_venv_is_told_in_one_sentence_what_to_install(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(demo.Cannot, match=r"apt-get install python3\.\d+-venv$"):
        demo.check_machine()


def test_full_disk_is_told_before_anything_is_downloaded(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=200 * 2**20))
    monkeypatch.setattr(demo, "STAMP", tmp_path / "none")
    with pytest.raises(demo.Cannot, match=r"200 MB free .* 1500 MB"):
        demo.check_machine(tmp_path)


def test_old_python_is_told_which_newer_one_to_use(demo: ModuleType) -> None:
    assert "python3.12 " in demo.python_too_old("3.9.2", "python3.12")
    assert "3.11 or newer" in demo.python_too_old("3.9.2", None)


def test_memory_is_what_programs_can_still_get(demo: ModuleType) -> None:
    assert demo.available_memory_mb("MemTotal: 9999999 kB\nMemFree: 1 kB\nMemAvailable:   2097152 kB\n") == 2048


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("WARNING: Retrying ... NewConnectionError('<pip...>: Failed to establish')", "HTTPS_PROXY"),
        ("ProxyError('Cannot connect to proxy.')\nERROR: No matching distribution found for rich", "PIP_INDEX_URL"),
        ("Temporary failure in name resolution", "pip download --require-hashes"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "Do not go on"),
        ("ERROR: No matching distribution found for psycopg-binary==3.3.9", "for this Python (3."),
        ("ERROR: No matching distribution found for alembic==1.20.1", "HTTPS_PROXY"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something new", "last lines are above"),
    ],
)
def test_failed_installation_ends_with_what_to_do(demo: ModuleType, said: str, advice: str) -> None:
    assert advice in demo.explain_pip(said, "requirements.txt")


def test_lock_file_is_read_whatever_its_marks(demo: ModuleType) -> None:
    text = (
        "alembic==1.20.1 \\\n    --hash=sha256:00\n"
        "PyJWT[crypto]==2.15.1 ; python_version >= '3.11' \\\n    --hash=sha256:11\n"
        "# a==1 in a comment\n"
        "typing_extensions==4.16.0\n"
    )
    assert demo.pins(text) == {"alembic": "1.20.1", "pyjwt": "2.15.1", "typing-extensions": "4.16.0"}


PRINTS = {"deploy/trial/requirements.txt": "aa", "requirements-test.txt": "bb"}


@pytest.mark.parametrize(
    ("stamp", "lock", "installed"),
    [
        ({}, "deploy/trial/requirements.txt", False),
        ({"lock": "deploy/trial/requirements.txt", "sha256": "aa"}, "deploy/trial/requirements.txt", True),
        ({"lock": "deploy/trial/requirements.txt", "sha256": "old"}, "deploy/trial/requirements.txt", False),
        ({"lock": "requirements-test.txt", "sha256": "bb"}, "deploy/trial/requirements.txt", True),
        ({"lock": "deploy/trial/requirements.txt", "sha256": "aa"}, "requirements-test.txt", False),
        ({"lock": "other.txt", "sha256": "aa"}, "deploy/trial/requirements.txt", False),
    ],
)
def test_environment_is_taken_as_it_is_only_if_its_stamp_matches(
    demo: ModuleType, stamp: dict[str, str], lock: str, *, installed: bool
) -> None:
    assert demo.is_installed(stamp, lock, PRINTS) is installed


def test_own_packages_are_those_of_the_projects(demo: ModuleType) -> None:
    files = [(folder / "pyproject.toml").read_text(encoding="utf-8") for folder in demo.PROJECTS]
    assert [tomllib.loads(text)["project"]["name"] for text in files] == list(demo.OWN_PACKAGES)


def test_what_the_lock_file_does_not_name_is_a_stray_however_it_is_spelt(demo: ModuleType) -> None:
    found = [
        "pip",
        "setuptools",
        "alembic",
        "Typing_Extensions",
        "regional-theme-register",
        "Old.Package",
        "old-package",
    ]
    assert demo.strays_among(found, {"alembic": "1.0", "typing-extensions": "4.0"}) == ["old-package"]


def test_package_that_the_lock_file_no_longer_names_is_removed_from_an_older_environment(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the one that was left there, the code that still imports it worked here and nowhere else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (lent := tmp_path / "lent").mkdir()
    (lent / "pip").symlink_to(Path(pip.__file__).parent)
    (packages / "lent.pth").write_text(f"{lent}\n")
    for name in ("kept", "stray"):
        _unpack(packages, name)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    (tmp_path / "a.txt").write_text("kept==1 \\\n    --hash=sha256:00\n")
    demo.remove_strays(python, "a.txt")
    assert sorted(path.name for path in packages.glob("*.py")) == ["kept.py"]
    assert [path.name for path in packages.glob("*.dist-info")] == ["kept-1.dist-info"]


def _unpack(packages: Path, name: str) -> None:
    """Do what pip does with a wheel of one module."""
    about = packages / f"{name}-1.dist-info"
    about.mkdir()
    (packages / f"{name}.py").touch()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (about / "INSTALLER").write_text("pip\n")
    files = [f"{name}.py", *(f"{about.name}/{file}" for file in ("METADATA", "INSTALLER", "RECORD"))]
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_foreign_folder_in_the_place_of_the_environment_is_left_alone(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "letter.txt").write_text("mine")
    monkeypatch.setattr(demo, "VENV", tmp_path / ".venv")
    with pytest.raises(demo.Cannot, match="move it away"):
        demo.make_environment()
    assert (tmp_path / ".venv" / "letter.txt").read_text() == "mine"


def test_machine_that_cannot_run_it_ends_with_code_1_and_no_traceback(tmp_path: Path) -> None:
    program = f"import sys, platform; sys.path.insert(0, {str(DEPLOY)!r}); platform.machine = lambda: 'arm64'"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; import demo; demo.main([])"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("This needs Linux on x86-64")
    assert "Traceback" not in done.stderr
