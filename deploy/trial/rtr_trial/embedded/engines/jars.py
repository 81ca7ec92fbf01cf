"""The jars of a real OpenSearch node: fetched once by Maven, and used only while each has the SHA-256 we committed.

They lie in the user's cache folder, one folder a version. A folder that does not hold exactly what is listed is
never used: it is fetched again, and if that does not help, refused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from register.errors import OperatorError
from rtr_trial.embedded.engines.java import Java
from rtr_trial.embedded.processes import EngineNotInstalled, clean_environment

FETCH_S: Final = 300.0
RECIPE: Final = Path(__file__).resolve().parents[4] / "opensearch"


class ForeignJar(OperatorError):
    """What Maven fetched is not what was committed: a jar is missing, too many, or differs."""

    code = "foreign-jar"
    advice = "Do not run it. Look at the repository that Maven uses; compare the jar's checksum with its publisher's."


def jars_for(version: str, java: Java, *, recipe: Path = RECIPE, cache: Path | None = None) -> Path:
    """The folder with the checked jars of a version, fetched if need be.

    Args:
        version: a profile of the recipe, for instance `3.8.0.0`.
        java: runs Maven.
        recipe: the folder with `pom.xml` and `jars.sha256`.
        cache: where the folders are kept; by default in the user's cache.

    Raises:
        EngineNotInstalled: there is no recipe or no Maven, or Maven cannot fetch.
        ForeignJar: a checksum does not hold.
    """
    wanted = _listed(version, recipe / "jars.sha256")
    folder = (cache or _user_cache()) / version
    if folder.is_dir() and _hashes(folder) == wanted:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{version}-") as name:
        fresh = Path(name) / "jars"
        _fetch(version, java, recipe / "pom.xml", fresh)
        _compare(_hashes(fresh), wanted)
        # Another process may have been as quick: what it put there is as good, if it holds.
        if not (folder.is_dir() and _hashes(folder) == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                fresh.rename(folder)
            _compare(_hashes(folder), wanted)
    return folder


def _fetch(version: str, java: Java, pom: Path, to: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineNotInstalled("Maven is needed to fetch OpenSearch (on Debian: apt install maven)")
    command = [maven, "-q", "-B", "-f", str(pom), "-P", f"node-{version}", "dependency:copy-dependencies"]
    try:
        ran = subprocess.run(
            [*command, f"-DoutputDirectory={to}"],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FETCH_S,
            env=_environment(java),
        )
    except subprocess.TimeoutExpired as exc:
        raise EngineNotInstalled(f"Maven did not fetch OpenSearch {version} within {FETCH_S:g} s") from exc
    if ran.returncode != 0 or not to.is_dir():
        said = next((line for line in ran.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise EngineNotInstalled(f"Maven cannot fetch OpenSearch {version}: {said[:300]}")


def _environment(java: Java) -> dict[str, str]:
    # Maven, unlike a server, needs what the user told it about the way out: its options and its proxies.
    told = {name: value for name, value in os.environ.items() if name.startswith("MAVEN_") or "proxy" in name.lower()}
    return {**clean_environment(), **told, "JAVA_HOME": str(java.home)}


def _listed(version: str, checksums: Path) -> dict[str, str]:
    try:
        lines = checksums.read_text(encoding="ascii").splitlines()
    except OSError as exc:
        raise EngineNotInstalled(
            f"no recipe for an OpenSearch node in {checksums.parent}: it is part of the source, not of the package"
        ) from exc
    entries = (line.split() for line in lines if line.strip())
    wanted = {path.removeprefix(f"{version}/"): digest for digest, path in entries if path.startswith(f"{version}/")}
    if not wanted:
        raise EngineNotInstalled(f"the recipe does not know OpenSearch {version}")
    return wanted


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as jar:
            found[path.name] = hashlib.file_digest(jar, "sha256").hexdigest()
    return found


def _compare(found: dict[str, str], wanted: dict[str, str]) -> None:
    differing = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    if differing:
        raise ForeignJar(f"{len(differing)} jars are not those committed, the first is {differing[0]}")


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "regional-theme-register" / "opensearch"
