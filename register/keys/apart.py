"""What of a country's keys may not lie on its node, and what may not lie beside what it opens.

A coordinator approves rosters and a keeper approves at the exit gate as persons: whoever takes a node must not be able
to speak for them. And a stolen disk must not hold both the key store and its passphrase. Trials keep all in one place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from register.errors import OperatorError
from register.settings import Settings

STORE_BYTES_MAX: Final = 4 * 1024 * 1024
COORDINATOR: Final = "coordinator/sign"
"""The coordinator's key, by its name in a key store."""
_PERSONS: Final = {COORDINATOR: "a coordinator's key", "approve/key": "an approval key"}


class PersonsKeyHere(OperatorError):
    """On a production node lies the key of a person: a coordinator's, or that of an exit gate's keeper."""

    code = "persons-key-on-node"
    advice = (
        "Take it to its person's own machine or medium: `rtr keys coordinator --to FILE` moves a coordinator's out of "
        "the key store; move the file of an approval key, and leave no copy."
    )


class PassphraseBesideKeys(OperatorError):
    """In production, a key store and the passphrase that opens it lie on one file system, and are stolen together."""

    code = "passphrase-beside-keys"
    advice = "Put the passphrase on another file system, best one in memory, and set `passphrase_folder` to its folder."


def persons_keys(home: Path) -> Iterator[tuple[Path, str]]:
    """Files under a home that hold the key of a person, whatever they are called, and whose it is.

    A key store shows the names of its secrets without its passphrase.
    """
    for file in sorted(home.rglob("*")):
        if file.is_symlink() or not file.is_file() or file.stat().st_size > STORE_BYTES_MAX:
            continue
        for name in _names_in(file):
            if name in _PERSONS:
                yield file, _PERSONS[name]


def refuse_persons_keys(settings: Settings) -> None:
    """Do nothing in trial, or where the home holds no key of a person.

    Raises:
        PersonsKeyHere: names the file.
    """
    if settings.env != "production":
        return
    for file, what in persons_keys(settings.home):
        raise PersonsKeyHere(f"{file.relative_to(settings.home)} holds {what}")


def refuse_inside_home(settings: Settings, file: Path) -> None:
    """The same for a file that is about to be made."""
    if settings.env == "production" and file.resolve().is_relative_to(settings.home.resolve()):
        raise PersonsKeyHere(f"{file.name} would lie in the node's own home")


def refuse_passphrase_beside(settings: Settings, store: Path, passphrase: Path) -> None:
    """Do nothing in trial, or where the two files are, or would be, on two file systems.

    Raises:
        PassphraseBesideKeys: they are on one.
    """
    if settings.env == "production" and _find_device(store) == _find_device(passphrase):
        raise PassphraseBesideKeys(f"{store.name} and {passphrase.name} are on one file system")


def _find_device(file: Path) -> int:
    """Of the file behind all links; of the folder that it would be made in, where it is not there yet."""
    whole = file.resolve()
    return next(place for place in (whole, *whole.parents) if place.exists()).stat().st_dev


def _names_in(file: Path) -> list[str]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    secrets = found.get("secrets") if isinstance(found, dict) else None
    return list(secrets) if isinstance(secrets, dict) else []
