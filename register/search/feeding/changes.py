"""What a caller asks of the index, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from register.search.feeding.versions import VERSION_MAX
from register.search.mapping import RecordDocument
from register.search.peppers import Handle, Peppers
from schemas.codes import Partition

VERSION_REUSED: Final = "version-reused"
"""Of a put that was refused: the engine holds other tokens under this version."""
TOKENS_PER_OBJECT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """One token of one subject of a record.

    Attributes:
        subject: the subject's number within its record.
        family: the family of match keys, for instance `phone`.
        epoch: the key epoch of the token.
        token: the pseudonym, raw bytes; goes no further than `Peppers`.
    """

    subject: int
    family: str
    epoch: int
    token: bytes


@dataclass(frozen=True, slots=True)
class Put:
    """Let the index hold this version of an object: this record, exactly these tokens.

    Whoever changes the tokens of an object raises the version given here: two sets under one version cannot be told
    apart, and the second is refused as `VERSION_REUSED`.

    Raises:
        ValueError: the version is not between 1 and 2^53 - 1.
    """

    origin: Partition
    object_id: UUID
    version: int
    record: RecordDocument
    tokens: tuple[TokenEntry, ...]

    def __post_init__(self) -> None:
        _check_version(self.version)


@dataclass(frozen=True, slots=True)
class Remove:
    """Let nothing of an object be findable, of this version or an older one.

    Raises:
        ValueError: the version is not between 1 and 2^53 - 1.
    """

    origin: Partition
    object_id: UUID
    version: int

    def __post_init__(self) -> None:
        _check_version(self.version)


Change = Put | Remove


class Verdict(StrEnum):
    """What became of a change. All but DEAD mean: done, nothing left to do."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        verdict: DEAD is for the dead-letter table: trying again cannot help.
        reason: with DEAD, the engine's error type or a code of ours; never a value of the document.
    """

    change: Change
    verdict: Verdict
    reason: str | None = None


def handles_of(
    peppers: Peppers, origin: Partition, object_id: UUID, tokens: Iterable[TokenEntry]
) -> dict[int, tuple[Handle, frozenset[str]]]:
    """The handle and the families of each subject, by its number: what the store keeps to resolve a handle.

    Give all tokens of the object's version, as in `Put.tokens`.
    """
    families: defaultdict[int, set[str]] = defaultdict(set)
    for entry in tokens:
        families[entry.subject].add(entry.family)
    return {
        subject: (peppers.handle(origin, object_id, subject, names), frozenset(names))
        for subject, names in families.items()
    }


def _check_version(version: int) -> None:
    if not 1 <= version <= VERSION_MAX:
        raise ValueError("the version of an object is between 1 and 2^53 - 1")
