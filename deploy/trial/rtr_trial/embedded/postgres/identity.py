"""As whom the server runs: PostgreSQL refuses to run as root, and a trial must not change the machine to please it.

A normal user's server runs as that user. Root's server runs in a user namespace in which root is called "nobody"
(to the files it stays their owner, so no account is added and no directory opened). Where namespaces are forbidden,
as in many containers, the server becomes the account "nobody", which every system has; if that account may not enter
a folder above the data, the server is handed the right to pass it, and the folder's mode is left as it is.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from register.errors import OperatorError

NOBODY_UID = 65534
NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY_UID}", "--")


class CannotChangeUser(OperatorError):
    """Root asked for a server, and this machine offers no way to run it as somebody else."""

    code = "postgres-needs-a-user"
    advice = "Run the command as a normal user, or install util-linux (it carries unshare and setpriv)."


class Form(StrEnum):
    """The three ways."""

    DIRECT = "direct"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Identity:
    """How to start the server's programs, and to whom its files must belong.

    Attributes:
        form: which of the three ways.
        around_keeper: words before the keeper's command; the server inherits what they do.
        around_server: words before the command of `postgres` or `initdb` itself.
        uid: owner of the data folder and of the socket's folder.
        gid: their group.
    """

    form: Form
    around_keeper: tuple[str, ...]
    around_server: tuple[str, ...]
    uid: int
    gid: int

    def initdb(self, command: Sequence[str]) -> list[str]:
        """Return the whole command that makes a data folder."""
        return [*self.around_keeper, *self.around_server, *command]

    def own(self, folder: Path) -> None:
        """Make a folder of ours, and all in it, belong to the server's user; nothing above it changes."""
        paths: list[Path] = [folder]
        for top, folders, files in os.walk(folder):
            paths += [Path(top) / name for name in (*folders, *files)]
        for path in paths:
            seen = path.lstat()
            if (seen.st_uid, seen.st_gid) != (self.uid, self.gid) and os.geteuid() == 0:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(needed: Iterable[Path], *, form: Form | None = None) -> Identity:
    """Return the way that works here.

    Args:
        needed: folders that the server must reach: its data, its socket, its programs.
        form: take this one and no other; for tests.

    Raises:
        CannotChangeUser: we are root and neither way works.
    """
    if form is None:
        form = Form.DIRECT if os.geteuid() else Form.NAMESPACE if _namespace_works() else Form.NOBODY
    match form:
        case Form.DIRECT:
            return Identity(form, (), (), os.geteuid(), os.getegid())
        case Form.NAMESPACE:
            return Identity(form, NAMESPACE, (), os.geteuid(), os.getegid())
        case Form.NOBODY:
            return _as_nobody(needed)
        case _:
            assert_never(form)


def _as_nobody(needed: Iterable[Path]) -> Identity:
    uid, gid = nobody()
    drop = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    if not all(_may_enter(folder, uid, gid) for folder in needed):
        drop += ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    else:
        drop += ["--inh-caps=-all"]
    if not _succeeds([*drop, "--", "true"]):
        raise CannotChangeUser("neither `unshare -U` nor `setpriv --reuid` works here, and PostgreSQL refuses root")
    # The death signal is cleared by the change of user, so setpriv sets it after that.
    return Identity(Form.NOBODY, (), (*drop, "--pdeathsig", "INT", "--"), uid, gid)


def _namespace_works() -> bool:
    return _succeeds([*NAMESPACE, "true"])


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def nobody() -> tuple[int, int]:
    """Return user and group of the account that owns nothing; every system has it, often as 65534."""
    try:
        account = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY_UID, NOBODY_UID
    return account.pw_uid, account.pw_gid


def _may_enter(folder: Path, uid: int, gid: int) -> bool:
    """Whether that user passes every directory above and including `folder`; access lists are not looked at."""
    resolved = folder.resolve()
    return all(_passes(above.stat(), uid, gid) for above in (*resolved.parents, resolved) if above.exists())


def _passes(seen: os.stat_result, uid: int, gid: int) -> bool:
    if seen.st_uid == uid:
        return bool(seen.st_mode & stat.S_IXUSR)
    return bool(seen.st_mode & (stat.S_IXGRP if seen.st_gid == gid else stat.S_IXOTH))
