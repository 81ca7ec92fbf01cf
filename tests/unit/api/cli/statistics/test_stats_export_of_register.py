"""`rtr stats export --release`: the files as the register made them, checked before anything is written."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.published import examples_releases as example
from api.release.files import pack_files, release_folder, unpack_files
from register.statistics.definition import Tier
from register.statistics.release.release import NoRelease
from tests.unit.api.cli.desk import Person, person, rtr
from tests.unit.api.client.server import Answer, Asked, problem
from tests.unit.register.statistics.publications import made

FILES = release_folder(made(Tier.PUBLIC).publication)
SUMMARY = example.build_summary()
DIGEST = str(SUMMARY["digest"])


def asked_of(tmp_path: Path, answer: Answer) -> tuple[int, str, Person]:
    def register(asked: Asked) -> Answer:
        return Answer(200, {"items": [SUMMARY]}) if asked.path == "/v1/releases" else answer

    with person(tmp_path, register) as somebody:
        result = somebody.rtr("stats", "export", "--release", DIGEST[:8], "--to", str(tmp_path / "out"), "--json")
        return result.exit_code, result.output, somebody


def zipped(files: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made_of:
        for name, data in files.items():
            made_of.writestr(name, data)
    return into.getvalue()


def test_folder_holds_what_the_register_made(tmp_path: Path) -> None:
    code, said, somebody = asked_of(tmp_path, Answer(200, pack_files(FILES), kind="application/zip"))
    out = tmp_path / "out"

    assert code == 0, said
    assert {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()} == FILES
    assert json.loads(said)["publication"] == json.loads(FILES["manifest.json"])["publication"]
    assert somebody.register.asked[-1].path == f"/v1/releases/{DIGEST}/files"


def test_refusal_of_the_register_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    code, said, _ = asked_of(tmp_path, problem(409, "release-state"))
    assert code != 0
    assert "release-state" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        pack_files({}),
        pack_files(FILES)[:-40],
        zipped({**FILES, "../outside.txt": b"x"}),
        zipped({**FILES, "/outside.txt": b"x"}),
        zipped({**FILES, "a\\..\\b": b"x"}),
        zipped({**FILES, "further.txt": b"x"}),
        zipped({**FILES, "README.md": b"other words"}),
        zipped({name: data for name, data in FILES.items() if name != "README.md"}),
        zipped({"manifest.json": b"[]"}),
        zipped({"manifest.json": b'{"files": {"a": 1}}'}),
    ],
)
def test_zip_that_is_not_a_whole_release_is_refused_and_nothing_is_written(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NoRelease):
        unpack_files(data)
    code, said, _ = asked_of(tmp_path, Answer(200, data, kind="application/zip"))
    assert code != 0
    assert "not-a-release" in said
    assert not (tmp_path / "out").exists()


def test_zip_that_would_fill_the_disk_is_refused_unread() -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("manifest.json", b"0" * 100_000_001)
    with pytest.raises(NoRelease, match="few and small"):
        unpack_files(into.getvalue())


def test_what_was_packed_is_unpacked_the_same() -> None:
    assert unpack_files(pack_files(FILES)) == FILES


@pytest.mark.parametrize("words", [(), ("--release", "ab", "--from", "x.json")])
def test_release_comes_from_one_place(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = rtr("stats", "export", *words, "--to", str(tmp_path / "out"))
    assert result.exit_code != 0
    assert not (tmp_path / "out").exists()
