"""Who may receive what, said once for all partners of whom the rules say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.codes import Partition
from schemas.signals.out import SharingPreview


@dataclass(frozen=True, slots=True)
class Group:
    """Partners that get the same answer by the same rules."""

    partners: tuple[Partition, ...]
    allowed: bool
    rules: tuple[str, ...]
    sentences: tuple[str, ...]


def groups_of(sharing: Iterable[SharingPreview]) -> list[Group]:
    """Return the answers in the order in which they first come, each with its partners."""
    found: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], list[Partition]] = {}
    for one in sharing:
        found.setdefault((one.allowed, one.rules, one.sentences), []).append(one.recipient)
    return [Group(tuple(partners), *answer) for answer, partners in found.items()]
