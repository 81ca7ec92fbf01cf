"""Does every leaf of the audit log still say what was hashed when it was written?

Finds a leaf that was changed, one whose hash is none, and one that was put in by hand with times that do not fit; and
of what is sealed beside a leaf (a case, a reason) whether it is there, opens, and has the hash that stands in the leaf.
What it cannot find, as long as no tree with witnesses grows over the leaves: a leaf that is gone, and one that somebody
with the administrator's rights made whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.running.audit_action import AuditAction
from register.errors import OperatorError
from register.keys.envelope import FieldSealBroken
from register.store.running.audit_leaves import APART_MAX_S, Leaf, last_month_kept
from register.store.running.sealing import DataKeyLost, OpenKey
from register.store.work import Work
from schemas.canonical import DocumentRefused, b64, dumps
from schemas.merkle import leaf_hash

Log = Literal["register", "evaluator"]
NAMED_MAX: Final = 100
"""So many leaves are named one by one; all are counted."""
_APART: Final = timedelta(seconds=APART_MAX_S)
"""How far the time of an id, by the node's clock, and that of its leaf, by the database's, may lie apart."""
_VERSION: Final = 7


@dataclass(frozen=True, slots=True)
class WrongLeaf:
    """A leaf that does not hold; `fault` is the first that is wrong.

    `hash`, `id`, `time` or `action` of the leaf itself; then of its private part: `private-gone` (wholly or a piece of
    it, before its time), `private-added` (the leaf speaks of none), `private-broken` (it is not this leaf's, or was
    changed), `private-hash` (it opens and says something else than was committed to).
    """

    id: UUID
    at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in one log.

    Attributes:
        wrong: the first of them, in the order of their ids.
        faults: all that do not hold, counted.
        private: leaves that speak of a private part.
        unopened: of these, whose key the key store here does not hold, or holds another in place of: nothing can be
            said of them, and nobody need have changed anything.
        ended: of these, that have had their time and were erased.
    """

    leaves: int
    wrong: tuple[WrongLeaf, ...]
    faults: Mapping[str, int]
    private: int = 0
    unopened: int = 0
    ended: int = 0

    @property
    def holds(self) -> bool:
        """Whether every leaf does, and every private part could be looked at."""
        return not self.faults and not self.unopened


@dataclass(slots=True)
class _Count:
    """What was found so far."""

    leaves: int = 0
    wrong: list[WrongLeaf] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    private: int = 0
    unopened: int = 0
    ended: int = 0

    def add_fault(self, leaf: Leaf, fault: str) -> None:
        self.faults[fault] += 1
        if len(self.wrong) < NAMED_MAX:
            self.wrong.append(WrongLeaf(leaf.id, leaf.at, fault))


def verify_audit(register: Register, log: Log) -> Verified:
    """Read a country's log from beginning to end; that it was read leaves a leaf in the register's.

    Args:
        register: the country's.
        log: the register's own, or that of its evaluator, whose role this process must have.

    Raises:
        SecretMissing: the role that may read the log has no password here.
    """
    found = _Count()
    for portion in _read_portions(register, log):
        found.leaves += len(portion)
        found.private += sum("private" in leaf.commitment for leaf in portion)
        said = [fault_of(leaf) for leaf in portion]
        sound = [leaf for leaf, fault in zip(portion, said, strict=True) if fault is None]
        of_private = dict(_look_at_private(register, sound))
        for leaf, fault in zip(portion, said, strict=True):
            match fault or of_private.get(leaf.id):
                case None:
                    pass
                case "unopened":
                    found.unopened += 1
                case "ended":
                    found.ended += 1
                case wrong:
                    found.add_fault(leaf, wrong)
    with register.work(system(register.partition, "worker")) as work:
        work.running.audit.note(
            AuditAction.AUDIT_VERIFIED,
            "-",
            log=log,
            leaves=found.leaves,
            wrong=found.faults.total(),
            unopened=found.unopened,
            ended=found.ended,
        )
    return Verified(found.leaves, tuple(found.wrong), dict(found.faults), found.private, found.unopened, found.ended)


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


def _look_at_private(register: Register, leaves: Sequence[Leaf]) -> Iterator[tuple[UUID, str]]:
    """What is to be said of private parts, by the leaf: a fault, `unopened` or `ended`; nothing of those that hold."""
    if all(leaf.private.is_empty and "private" not in leaf.commitment for leaf in leaves):
        return
    now = register.clock.now().astimezone(UTC)
    # The auditor's role has no data keys: the worker's opens what the auditor's read.
    with register.work(system(register.partition, "worker")) as work:
        keys = work.keys.try_many([leaf.private.data_key for leaf in leaves if leaf.private.data_key is not None])
        for leaf in leaves:
            fault = _fault_of_private(work, leaf, keys)
            if fault in ("private-gone", "unopened") and (now.year, now.month) > last_month_kept(leaf.at):
                fault = "ended"
            if fault is not None:
                yield leaf.id, fault


def _fault_of_private(work: Work, leaf: Leaf, keys: Mapping[UUID, OpenKey | OperatorError]) -> str | None:
    said, private = leaf.commitment.get("private"), leaf.private
    if said is None:
        return None if private.is_empty else "private-added"
    key = keys.get(private.data_key) if private.data_key is not None else None
    if key is None or isinstance(key, DataKeyLost):
        return "private-gone"
    if isinstance(key, FieldSealBroken):
        return "private-broken"
    if isinstance(key, OperatorError):
        return "unopened"
    try:
        hashed = work.running.audit.open_private(leaf, key)
    except (FieldSealBroken, ValueError):  # the latter: what was sealed is no JSON, so it was not sealed here
        return "private-broken"
    if hashed is None:
        return "private-gone"
    return None if b64(hashed) == said else "private-hash"


def _read_portions(register: Register, log: Log) -> Iterator[list[Leaf]]:
    caller, after = system(register.partition, "auditor" if log == "register" else "evaluator"), None
    while True:
        with register.work(caller) as work:
            # One portion a transaction: a long one would hold up the tidying of the database.
            if log == "register":
                found = work.running.audit.read(after=after)
            else:
                found = [Leaf(*row) for row in work.exchange.evaluations.leaves(after=after)]
        if not found:
            return
        yield found
        after = found[-1].id
