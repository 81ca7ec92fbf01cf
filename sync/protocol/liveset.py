"""The live set: which objects a log leaves in being, as a function of its verified stubs (sync/README.md, step 9).

Origin and recipient run the same function over their own stubs; equal roots mean that both hold the same set in the
same versions. Quarantined and hidden objects are in it: it says what was told, not what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas import canonical, merkle
from schemas.codes import EntryType
from schemas.exchange.wire import Receipt, Stub
from sync.protocol.documents.stub import Tip


@dataclass(frozen=True, slots=True, order=True)
class LiveObject:
    """One object in being. commitment: 32 raw bytes."""

    object: str
    version: int
    commitment: bytes

    def leaf(self) -> bytes:
        """Return its leaf: over RFC 8785 of {commitment, object, version}, which these bytes are."""
        text = f'{{"commitment":"{canonical.b64(self.commitment)}","object":"{self.object}","version":{self.version}}}'
        return merkle.leaf_hash(text.encode("ascii"))


class LiveSet:
    """The live set of one log, fed with its stubs in order. Memory grows with the objects ever seen."""

    def __init__(self, stubs: Iterable[Stub] = ()) -> None:
        self._newest: dict[str, Stub] = {}
        for stub in stubs:
            self.add(stub)

    def add(self, stub: Stub) -> None:
        """Take in the next stub; one whose version is not above the object's (stale) changes nothing."""
        if stub.type not in (EntryType.INDICATOR_PUT, EntryType.INDICATOR_RETRACT):
            return
        known = self._newest.get(stub.object)
        if known is None or stub.version > known.version:
            self._newest[stub.object] = stub

    def __iter__(self) -> Iterator[LiveObject]:
        """Yield the live objects in the order of the root."""
        for name in sorted(self._newest):
            stub = self._newest[name]
            if stub.type == EntryType.INDICATOR_PUT:
                yield LiveObject(name, stub.version, canonical.unb64(stub.commitment))

    def root(self) -> bytes:
        """Return the live root."""
        return live_root(self)


def live_root(objects: Iterable[LiveObject]) -> bytes:
    """Return the RFC 6962 head over live objects, 32 raw bytes; reads them once, in flat memory.

    Raises:
        ValueError: they are not sorted by object, or one stands twice.
    """
    return merkle.tree_head(_list_leaves(objects))


def _list_leaves(objects: Iterable[LiveObject]) -> Iterator[bytes]:
    before = ""
    for live in objects:
        if live.object <= before:
            raise ValueError("live objects come sorted by object, each once")
        before = live.object
        yield live.leaf()


@dataclass(frozen=True, slots=True)
class Convergence:
    """Whether one log has fully arrived; where not, the codes of why."""

    reasons: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.reasons


def judge_convergence(newest: Receipt | None, tip: Tip, origin_root: bytes, *, index_caught_up: bool) -> Convergence:
    """Judge one ordered pair at its origin.

    Args:
        newest: the recipient's newest receipt.
        tip: end of the log.
        origin_root: root of the log's live set at the tip.
        index_caught_up: whether every retraction that the recipient acknowledged is also listed as done.

    Returns:
        Reasons out of: no-receipt, behind, other-log, roots-differ, quarantine, index-behind.
    """
    if newest is None:
        return Convergence(("no-receipt",))
    checks = {
        "behind": newest.applied_to < tip.seq,
        "other-log": newest.applied_to > tip.seq
        or (newest.applied_to == tip.seq and newest.last != canonical.b64(tip.hash)),
        # While more pages wait a receipt may leave its root out.
        "roots-differ": newest.live_root != canonical.b64(origin_root)
        and not (newest.live_root is None and newest.applied_to < tip.seq),
        "quarantine": bool(newest.quarantined),
        "index-behind": not index_caught_up,
    }
    return Convergence(tuple(reason for reason, holds in checks.items() if holds))


@dataclass(frozen=True, slots=True)
class AsOf:
    """How fresh our copy of one partner's log is.

    Attributes:
        seq: number of the last entry applied.
        tip_seq, at: of the newest head; None before the first.
    """

    incarnation: int
    seq: int
    tip_seq: int | None
    at: datetime | None

    def is_stale(self, now: datetime, *, max_age: timedelta = timedelta(minutes=3)) -> bool:
        """Say whether entries are known to be missing, or the newest head is older than `max_age`."""
        if self.tip_seq is None or self.at is None:
            return True
        return self.seq < self.tip_seq or now - self.at > max_age
