"""What the embedded engines refuse, what they say is missing, and that they never outlive us."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.servers.answering import who_answers
from rtr_trial.embedded.engines.jars import ForeignJar, jars_for
from rtr_trial.embedded.engines.java import Java, find_java
from rtr_trial.embedded.engines.opensearch import RELEASES, EmbeddedOpenSearch, ExternalOpenSearch
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from rtr_trial.embedded.processes import EngineDoesNotStart, EngineNotInstalled, KeptProcess, clean_environment
from rtr_trial.embedded.production import RefusedInProduction

JAVA = Java(Path("/nowhere"), 25, frozenset())


def _java_home(folder: Path, *, version: str, modules: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n', encoding="ascii")
    return folder


def _only_java(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtr_trial.embedded.engines.java.USUAL_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("JAVA_HOME", str(home))


def test_embedded_engines_refuse_production(tmp_path: Path) -> None:
    with pytest.raises(RefusedInProduction):
        EmbeddedOsmem(production=True)
    with pytest.raises(RefusedInProduction):
        EmbeddedOpenSearch(tmp_path, production=True)


def test_a_version_without_a_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineNotInstalled, match=r"3\.8\.0\.0"):
        EmbeddedOpenSearch(tmp_path, production=False, version="1.0.0.0")


def test_java_home_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _java_home(tmp_path / "jdk", version="21.0.3", modules="java.base jdk.localedata jdk.incubator.vector")
    _only_java(home, monkeypatch)
    release = RELEASES["3.8.0.0"]

    assert find_java(release.javas, modules=release.modules) == Java(
        home, 21, frozenset({"java.base", "jdk.localedata", "jdk.incubator.vector"})
    )


@pytest.mark.parametrize(
    ("version", "modules", "words"),
    [
        ("17.0.1", "jdk.localedata jdk.incubator.vector", "21 or newer"),
        ("25", "jdk.incubator.vector", "without jdk.localedata"),
    ],
)
def test_a_java_that_cannot_run_the_node_is_named_with_what_is_needed(
    version: str, modules: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _java_home(tmp_path / "jdk", version=version, modules=modules)
    _only_java(home, monkeypatch)
    release = RELEASES["3.8.0.0"]

    with pytest.raises(EngineNotInstalled, match=words) as refused:
        find_java(release.javas, modules=release.modules)
    assert str(home) in str(refused.value)


def _recipe(folder: Path, jar: bytes) -> Path:
    folder.mkdir()
    (folder / "pom.xml").write_text("<project/>", encoding="ascii")
    digest = hashlib.sha256(jar).hexdigest()
    (folder / "jars.sha256").write_text(f"{digest}  9.0/a.jar\n", encoding="ascii")
    return folder


def _maven_that_fetches(jar: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "content").write_bytes(jar)
    maven = folder / "mvn"
    maven.write_text(
        '#!/bin/sh\nfor word; do case "$word" in -DoutputDirectory=*) to="${word#*=}";; esac; done\n'
        f'mkdir -p "$to" && cp {folder}/content "$to/a.jar"\n',
        encoding="ascii",
    )
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_jars_are_fetched_once_and_used_while_their_checksums_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = _recipe(tmp_path / "recipe", b"right")
    _maven_that_fetches(b"right", tmp_path / "maven", monkeypatch)
    folder = jars_for("9.0", JAVA, recipe=recipe, cache=tmp_path / "cache")
    assert (folder / "a.jar").read_bytes() == b"right"

    monkeypatch.setenv("PATH", "/nowhere")
    assert jars_for("9.0", JAVA, recipe=recipe, cache=tmp_path / "cache") == folder
    (folder / "b.jar").write_bytes(b"smuggled in")
    with pytest.raises(EngineNotInstalled, match="Maven"):
        jars_for("9.0", JAVA, recipe=recipe, cache=tmp_path / "cache")


def test_a_jar_that_is_not_the_one_committed_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = _recipe(tmp_path / "recipe", b"right")
    _maven_that_fetches(b"wrong", tmp_path / "maven", monkeypatch)

    with pytest.raises(ForeignJar, match=r"a\.jar"):
        jars_for("9.0", JAVA, recipe=recipe, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_without_the_source_says_that_the_recipe_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EngineNotInstalled, match="recipe"):
        jars_for("3.8.0.0", JAVA, recipe=tmp_path, cache=tmp_path)


def test_the_committed_list_has_a_checksum_for_every_jar_of_every_release() -> None:
    recipe = Path(__file__).parents[3] / "deploy" / "opensearch"
    lines = [line.split() for line in (recipe / "jars.sha256").read_text(encoding="ascii").splitlines()]

    assert {path.split("/")[0] for _, path in lines} == set(RELEASES)
    assert all(len(digest) == 64 and path.endswith(".jar") for digest, path in lines)
    for version in RELEASES:
        assert f"<id>node-{version}</id>" in (recipe / "pom.xml").read_text(encoding="utf-8")


def test_a_url_where_no_opensearch_answers_is_refused() -> None:
    with pytest.raises(EngineDoesNotStart, match="OPENSEARCH_URL"):
        ExternalOpenSearch("http://127.0.0.1:9").start()


def test_osmem_listens_on_this_machine_only_and_ends_with_us() -> None:
    osmem = EmbeddedOsmem(production=False)
    url = osmem.start()
    assert url.startswith("http://127.0.0.1:")
    assert who_answers(url) is not None

    osmem.stop()
    assert who_answers(url) is None


def test_a_program_that_cannot_be_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineDoesNotStart):
        KeptProcess(["/nowhere/java"], log=tmp_path / "log", environment=clean_environment())


def test_nothing_of_our_environment_reaches_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTR_SECRET", "x")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dx=y")

    assert set(clean_environment(JAVA_HOME="/j")) <= {"PATH", "HOME", "TMPDIR", "LC_ALL", "JAVA_HOME"}


@pytest.mark.parametrize("kept", ["node", "osmem"])
def test_a_server_ends_when_its_starter_is_killed(kept: str, tmp_path: Path) -> None:
    code = {
        "node": (
            "from pathlib import Path\n"
            "from rtr_trial.embedded.processes import KeptProcess, clean_environment as env\n"
            f"server = KeptProcess(['sleep', '60'], log=Path({str(tmp_path / 'log')!r}), environment=env())\n"
            "print(server.pid, flush=True)\n"
        ),
        "osmem": (
            "from rtr_trial.embedded.engines.osmem import EmbeddedOsmem\n"
            "server = EmbeddedOsmem(production=False)\n"
            "server.start()\n"
            "print(server._process.pid, flush=True)\n"
        ),
    }[kept]
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}import time\ntime.sleep(60)\n"], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        server = int(starter.stdout.readline())
        assert _runs(server)
        os.kill(starter.pid, signal.SIGKILL)

    deadline = time.monotonic() + 10
    while _runs(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(server)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
