"""How the version of an object becomes the version of its documents, so that any order of writes ends the same.

The engine keeps the highest version it was given (`version_type=external`). For version v of an object:

- 3v: "version v does not have this token": written over tokens that v no longer has;
- 3v + 1: what version v holds: its record and its tokens;
- 3v + 2: version v was removed: tombstones of the record and of all its tokens.

So whoever sees that v is in force may clear away what older versions left, at 3v, and cannot harm the writer of v,
who may still be busy; a later version beats all three; and a removal beats a put of the same version.
"""

from __future__ import annotations

from typing import Final

VERSION_MAX: Final = 2**53 - 1  # what JSON carries exactly in every program
_STEPS: Final = 3


def cleared(version: int) -> int:
    """For a token that this version no longer has."""
    return _STEPS * version


def held(version: int) -> int:
    """For the record and the tokens of this version."""
    return _STEPS * version + 1


def removed(version: int) -> int:
    """For the tombstones of this version's removal."""
    return _STEPS * version + 2


def is_removed(engine_version: int) -> bool:
    """Whether a record's document with this version is a tombstone."""
    return engine_version % _STEPS == _STEPS - 1


def sweep(engine_version: int) -> int:
    """With which version to write over tokens older than a record's document with this version."""
    return engine_version if is_removed(engine_version) else engine_version - 1
