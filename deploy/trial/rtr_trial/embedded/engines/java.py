"""Find a Java that can run a given OpenSearch node: JAVA_HOME first, then the PATH, then the usual folders."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rtr_trial.embedded.processes import EngineNotInstalled

USUAL_FOLDERS: Final = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*jdk*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java on this machine.

    Attributes:
        home: the folder with `bin/java`.
        major: 17, 21, 25 ...
        modules: what it was built with; empty if it does not say.
    """

    home: Path
    major: int
    modules: frozenset[str]


def find_java(wanted: range, *, modules: frozenset[str]) -> Java:
    """The first Java whose major version is wanted and that has the modules.

    Raises:
        EngineNotInstalled: none; the message says which was looked for and what was found.
    """
    seen = []
    for java in _on_this_machine():
        missing = sorted(modules - java.modules) if java.modules else []
        if java.major in wanted and not missing:
            return java
        without = f" without {', '.join(missing)}" if missing else ""
        seen.append(f"{java.major}{without} in {java.home}")
    asked = f"{wanted.start} or newer" if wanted.stop > _NO_LIMIT else f"{wanted.start} to {wanted.stop - 1}"
    found = "; ".join(seen) or "none at all"
    raise EngineNotInstalled(
        f"a JDK of version {asked} is needed (on Debian: apt install openjdk-{_package(wanted)}-jdk-headless, "
        f"or set JAVA_HOME); found: {found}"
    )


_NO_LIMIT: Final = 100
_PACKAGED: Final = (17, 21)


def _package(wanted: range) -> int:
    return next((major for major in _PACKAGED if major in wanted), wanted.start)


def _on_this_machine() -> Iterator[Java]:
    seen: set[Path] = set()
    for home in _homes():
        real = home.resolve()
        if real in seen or not os.access(real / "bin" / "java", os.X_OK):
            continue
        seen.add(real)
        if (java := _read(real)) is not None:
            yield java


def _homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parent.parent
    for pattern in USUAL_FOLDERS:
        expanded = Path(pattern).expanduser()
        anchor = Path(expanded.anchor)
        yield from sorted(anchor.glob(str(expanded.relative_to(anchor))), reverse=True)


def _read(home: Path) -> Java | None:
    """From the file `release` that every Java since 9 has; no program is run to look."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    words = dict(re.findall(r'^(\w+)="(.*)"$', text, flags=re.MULTILINE))
    first = words.get("JAVA_VERSION", "").split(".", 1)[0]
    if not first.isdigit():
        return None
    return Java(home, int(first), frozenset(words.get("MODULES", "").split()))
