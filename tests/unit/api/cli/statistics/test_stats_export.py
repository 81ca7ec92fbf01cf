"""`rtr stats export`: a folder from a document, all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.release.files import release_folder
from register.statistics.definition import Tier
from register.statistics.formats.folder import write_release
from tests.unit.register.statistics.publications import made

FILES = release_folder(made(Tier.PUBLIC).publication)


def run(*args: str, given: bytes | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["stats", "export", *args], input=given)
    return result.exit_code, result.output


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    path = tmp_path / "release.json"
    path.write_bytes(FILES["release.json"])
    return path


def test_folder_is_written_from_a_file(releases: Path, tmp_path: Path) -> None:
    assert run("--from", str(releases), "--to", str(tmp_path / "out"))[0] == 0
    found = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == FILES


def test_folder_is_written_from_the_standard_input(tmp_path: Path) -> None:
    code, said = run("--from", "-", "--to", str(tmp_path / "out"), "--json", given=FILES["release.json"])
    assert code == 0
    assert json.loads(said)["files"].keys() == FILES.keys()


def test_folder_that_holds_anything_is_left_alone(releases: Path, tmp_path: Path) -> None:
    code, said = run("--from", str(releases), "--to", str(tmp_path))
    assert code != 0
    assert "folder-in-use" in said
    assert [p.name for p in tmp_path.iterdir()] == ["release.json"]


def test_nothing_is_written_from_what_is_no_release(tmp_path: Path) -> None:
    code, said = run("--from", "-", "--to", str(tmp_path / "out"), given=b'{"tier": "P"}')
    assert code != 0
    assert "not-a-release" in said
    assert not (tmp_path / "out").exists()


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said = run("--from", str(tmp_path / "none.json"), "--to", str(tmp_path / "out"))
    assert code != 0
    assert "no-such-document" in said


def test_further_file_cannot_take_the_place_of_one_of_ours() -> None:
    with pytest.raises(ValueError, match=r"README\.md"):
        write_release(made(Tier.PUBLIC).publication, {"README.md": b""})
