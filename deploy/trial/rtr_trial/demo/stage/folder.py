"""The demo's home: one folder that holds everything it makes, and that it may therefore wipe.

Only a folder that carries the demo's own mark is ever wiped; one that holds anything else is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from register.errors import OperatorError

MARK: Final = "demo-home.json"
POSTGRES: Final = "postgres"
"""Where `rtr db` looks for the embedded server of a home, too."""


class NotADemoHome(OperatorError):
    """The folder named as the demo's home holds something else."""

    code = "not-a-demo-home"
    advice = "Choose an empty or a new folder with --home; nothing in the one you named was touched."


class DemoRuns(OperatorError):
    """Another demo is up on this home."""

    code = "demo-runs"
    advice = "Stop the other one with Ctrl-C, or choose another folder with --home."


class NothingKept(OperatorError):
    """A demo was to be gone on with, but none of this shape was kept."""

    code = "nothing-kept"
    advice = "Run the demo once without --keep, with the same countries and engine; then --keep goes on with it."


@dataclass(frozen=True, slots=True)
class Folder:
    """Where things are below the home; nothing is made by looking.

    Attributes:
        home: absolute.
    """

    home: Path

    @property
    def settings(self) -> Path:
        """What `rtr node --config` and `rtr --config` read."""
        return self.home / "settings.toml"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL."""
        return self.home / POSTGRES

    @property
    def engine(self) -> Path:
        """The real OpenSearch node, where there is one."""
        return self.home / "opensearch"

    @property
    def node_log(self) -> Path:
        """What the node says."""
        return self.home / "node.log"

    @property
    def profiles(self) -> Path:
        """For `rtr --profile`: one file a persona and service, with its key beside it."""
        return self.home / "profiles"

    @property
    def tokens(self) -> Path:
        """Access tokens as header files for curl, owner-only, made fresh while the demo is up."""
        return self.home / "tokens"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other demos off this home while the block lasts.

        Raises:
            DemoRuns: one is there already.
        """
        self.home.parent.mkdir(parents=True, exist_ok=True)
        # Beside the home, since the home itself is wiped; let go of when this process ends, however that happens.
        with self.home.with_name(f"{self.home.name}.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DemoRuns(f"a demo is up on {self.home}") from error
            yield

    def claim_fresh(self, shape: Mapping[str, Any]) -> None:
        """Make the home anew; what a demo of before left is removed.

        Args:
            shape: what a later demo must have in common to go on with this one.

        Raises:
            NotADemoHome: the folder holds something that no demo made.
        """
        if self.home.is_symlink() or (self.home.exists() and not self._is_ours() and any(self.home.iterdir())):
            raise NotADemoHome(f"{self.home} holds something that is not a demo's")
        if self.home.exists():
            shutil.rmtree(self.home)
        self.home.mkdir(mode=0o700, parents=True)
        (self.home / MARK).write_text(json.dumps(dict(shape)) + "\n", encoding="ascii")

    def claim_kept(self, shape: Mapping[str, Any]) -> None:
        """See that the home is one that a demo of this shape has set up to its end.

        Raises:
            NothingKept: it is not.
        """
        if not self._is_ours() or not self.settings.is_file():
            raise NothingKept(f"no demo was set up in {self.home}")
        kept = json.loads((self.home / MARK).read_text(encoding="ascii"))
        if kept != dict(shape):
            raise NothingKept(f"the demo in {self.home} has other countries or another engine: {kept}")

    def shown(self, path: Path) -> str:
        """A path as a person may type it here: relative where it lies below the present folder."""
        found = os.path.relpath(path)
        return str(path) if found.startswith("..") else found

    def _is_ours(self) -> bool:
        return (self.home / MARK).is_file()


def folder_at(home: Path) -> Folder:
    """The demo's folder there."""
    return Folder(home.absolute())


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, replacing it in one step."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(file)
