"""Does every leaf of the audit log still say what was hashed when it was written?

Finds a leaf that was changed, one whose hash is none, and one that was put in by hand with times that do not fit. What
it cannot find, as long as no tree with witnesses grows over the leaves: a leaf that is gone, and one that somebody with
the administrator's rights made whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from schemas.canonical import DocumentRefused, dumps
from schemas.merkle import leaf_hash

Log = Literal["register", "evaluator"]
NAMED_MAX: Final = 100
"""So many leaves are named one by one; all are counted."""
_APART: Final = timedelta(minutes=5)
"""How far the time of an id and the time of its leaf may lie apart: both are of one clock."""
_VERSION: Final = 7


@dataclass(frozen=True, slots=True)
class WrongLeaf:
    """A leaf that does not hold; `fault` is `hash`, `id`, `time` or `action`: the first that is wrong."""

    id: UUID
    at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in one log.

    Attributes:
        wrong: the first of them, in the order of their ids.
        faults: all that do not hold, counted.
    """

    leaves: int
    wrong: tuple[WrongLeaf, ...]
    faults: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether every leaf does."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it is stored; `action` is None where the log has no column of its own for it."""

    id: UUID
    at: datetime
    commitment: Mapping[str, Any]
    leaf_hash: bytes
    action: str | None = None


def verify_audit(register: Register, log: Log) -> Verified:
    """Read a country's log from beginning to end; that it was read leaves a leaf in the register's.

    Args:
        register: the country's.
        log: the register's own, or that of its evaluator, whose role this process must have.

    Raises:
        SecretMissing: the role that may read the log has no password here.
    """
    leaves, wrong, faults = 0, list[WrongLeaf](), Counter[str]()
    for leaf in _leaves(register, log):
        leaves += 1
        if (fault := fault_of(leaf)) is not None:
            faults[fault] += 1
            if len(wrong) < NAMED_MAX:
                wrong.append(WrongLeaf(leaf.id, leaf.at, fault))
    with register.work(system(register.partition, "worker")) as work:
        work.audit.note("audit.verified", "-", log=log, leaves=leaves, wrong=faults.total())
    return Verified(leaves, tuple(wrong), dict(faults))


def fault_of(leaf: Leaf) -> str | None:
    """What is wrong with a leaf by itself; None where nothing is."""
    said = leaf.commitment
    try:
        hashed = leaf_hash(dumps(said))
    except (DocumentRefused, TypeError, ValueError):
        return "hash"
    if hashed != leaf.leaf_hash:
        return "hash"
    if said.get("id") != str(leaf.id) or leaf.id.version != _VERSION:
        return "id"
    if said.get("at") != leaf.at.astimezone(UTC).isoformat(timespec="milliseconds"):
        return "time"
    if abs(datetime.fromtimestamp((leaf.id.int >> 80) / 1_000, UTC) - leaf.at) > _APART:
        return "time"
    return "action" if leaf.action is not None and said.get("action") != leaf.action else None


def _leaves(register: Register, log: Log) -> Iterator[Leaf]:
    caller, after = system(register.partition, "auditor" if log == "register" else "evaluator"), None
    while True:
        with register.work(caller) as work:
            # One portion a transaction: a long one would hold up the tidying of the database.
            if log == "register":
                found = [Leaf(*row) for row in work.audit.read(after=after)]
            else:
                found = [Leaf(*row) for row in work.evaluations.leaves(after=after)]
        yield from found
        if not found:
            return
        after = found[-1].id
