"""What an operator asks of the search index of a node: how it stands, whether it agrees with PostgreSQL, a new one.

The index is derived: nothing here can lose anything, and whatever is wrong is mended from PostgreSQL, by the feed or by
a rebuild. Nothing that is returned holds a value, a token or a reference; objects go by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.partition import PARTITIONS
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.errors import Conflict, OperatorError, code_of
from register.logs import frames_of, logger
from register.search.feeding.changes import Change, Put
from register.search.feeding.rebuild import Rebuilt
from register.search.index import SearchIndex
from register.services.exchange.checking.check_received import check_records
from register.services.running.try_each import is_about_the_object
from register.services.search.index_records import find_wanted_changes
from register.store.running.outbox import Stuck
from register.store.work import Work
from schemas.codes import Partition

PORTION = 500
NAMED = 20  # of objects that differ: enough to look into one, and a rebuild is the answer to many


class NoEngine(OperatorError):
    """This node has no search engine in its settings, so there is no index."""

    code = "no-engine"
    advice = "Set `engine.url` where this node is to have one; without it searches are answered from PostgreSQL."


class RebuildRuns(Conflict):
    """Another process is rebuilding this origin's index at this moment."""

    code = "rebuild-runs"
    advice = "Wait until it has ended; `rtr index status` shows the generation that is read."


@dataclass(frozen=True, slots=True)
class OriginStatus:
    """How the index of one origin's records stands on this node.

    Attributes:
        generation: the one that searches read; None where there is none, and the worker makes it anew.
        current: whether it has the mapping of this release; one that has not is due for a rebuild.
        live: records that PostgreSQL holds as live.
        found: records that can be found in the engine at this moment. V3 records are live and never found, nor are
            those whose pseudonyms wait for partners.
        refused: records that the engine refused for what they hold.
    """

    origin: Partition
    generation: int | None
    current: bool
    live: int
    found: int
    refused: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a comparison found of one origin.

    Attributes:
        compared: objects looked at, live and removed.
        differing: ids whose record or tokens are not those of PostgreSQL, at most `NAMED` of them.
        differ: how many do.
        unreadable: how many could not be opened here, and so not compared.
        unknown: how many more records can be found than PostgreSQL knows of; only a rebuild removes them.
        queued: how many were put before the feed again.
        restored: how many had other search keys than their pseudonyms give, and were given these.
    """

    origin: Partition
    compared: int
    differing: tuple[UUID, ...]
    differ: int
    unreadable: int
    unknown: int
    queued: int
    restored: int = 0

    @property
    def agrees(self) -> bool:
        """Whether searches find what PostgreSQL holds, and nothing else."""
        return not (self.differ or self.unreadable or self.unknown or self.restored)


@dataclass(slots=True)
class _Tally:
    compared: int = 0
    unreadable: int = 0
    there: int = 0
    differing: list[UUID] = field(default_factory=list)


def index_status(register: Register) -> tuple[OriginStatus, ...]:
    """Look at the index of every origin.

    Raises:
        NoEngine, EngineUnavailable, EngineRefused: there is nothing to look at.
    """
    index = _require_index(register)
    found = []
    for origin in PARTITIONS:
        with _open_work(register) as work:
            live = len(_list_live_records(work, origin))
            refused = sum(one.consumer == f"index-{origin}" for one in work.search.indexed.dead_letters())
        generation = index.generation(origin)
        number, current = (generation.number, generation.current) if generation else (None, False)
        found.append(OriginStatus(origin, number, current, live, index.count(origin) if generation else 0, refused))
    return tuple(found)


def verify_index(register: Register, origin: Partition, *, repair: bool = False) -> Verified:
    """Compare what searches find of an origin with PostgreSQL, object by object; with `repair`, queue what differs.

    What waits in the feed differs until it has been fed; ask again when nothing waits. Of a partner's extracts each
    body is opened, and search keys are restored at once where they are not those of the body.
    """
    index = _require_index(register)
    tally = _Tally()
    with _open_work(register) as work:
        ids = sorted({*_list_live_records(work, origin), *work.search.indexed.objects(origin)})
    restored = 0
    for portion in _split_portions(ids):
        restored += _check_received(register, origin, portion)
        with _open_work(register) as work:
            changes = [change for one in portion if (change := _read_change(work, origin, one, tally)) is not None]
        tally.compared += len(changes)
        tally.there += sum(isinstance(change, Put) for change in changes)
        differing = index.differing(origin, changes)
        tally.differing += differing
        if repair and differing:
            with _open_work(register) as work:
                work.running.outbox.add(Consumer.INDEX, *differing)
    missing = len(tally.differing)
    unknown = max(0, index.count(origin) - tally.there - tally.unreadable)
    return Verified(
        origin,
        tally.compared,
        tuple(tally.differing[:NAMED]),
        missing,
        tally.unreadable,
        unknown,
        missing if repair else 0,
        restored,
    )


def rebuild_index(register: Register, origin: Partition, *, moved: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Fill a new generation of an origin from PostgreSQL beside the one that serves, check it, and let it be read.

    The feed goes on meanwhile. A record that cannot be opened is left out, and named in the log. Left out too is one
    whose pseudonyms wait for partners; the feed adds it when they are there.

    Args:
        register: whose index.
        origin: of which records.
        moved: is told how many were read.

    Raises:
        NoEngine, RebuildRuns, RebuildMismatch, EngineUnavailable, EngineRefused: the old one serves on.
    """
    index = _require_index(register)
    with _open_work(register) as locked:
        if not locked.search.indexed.hold_rebuild(origin):
            raise RebuildRuns(f"the index of {origin} on {register.partition} is being rebuilt")

        def stream() -> Iterator[Put]:
            tally = _Tally()
            with _open_work(register) as work:
                ids = _list_live_records(work, origin)
            for portion in _split_portions(ids):
                # Asked again: the server ends a transaction that says nothing for a minute, and with it the lock.
                locked.search.indexed.hold_rebuild(origin)
                _check_received(register, origin, portion)
                with _open_work(register) as work:
                    read = [_read_change(work, origin, one, tally) for one in portion]
                moved(len(read))
                yield from (change for change in read if isinstance(change, Put))

        rebuilt = index.rebuild(origin, stream)
        # In a transaction of its own: that of the lock may have ended while the engine was compared.
        with _open_work(register) as work:
            work.running.audit.note(
                AuditAction.INDEX_REBUILT, str(origin), generation=rebuilt.generation, count=rebuilt.objects
            )
    return rebuilt


def retire_index(register: Register, origin: Partition) -> int:
    """Delete the generations that searches read no more; return how many. For hours after a rebuild."""
    return _require_index(register).retire(origin)


def dead_letters(register: Register) -> tuple[Stuck, ...]:
    """What does not get on for whatever consumer, the longest first: it is tried on, and needs somebody."""
    with _open_work(register) as work:
        return (*work.running.outbox.stuck(), *work.search.indexed.dead_letters())


def retry_dead_letters(register: Register) -> int:
    """Have everything that does not get on tried at once; return how much that is."""
    with _open_work(register) as work:
        again = work.running.outbox.retry_stuck()
        refused = {one.object for one in work.search.indexed.dead_letters()}
        work.running.outbox.add(Consumer.INDEX, *refused)
        work.running.audit.note(AuditAction.INDEX_RETRIED, "-", count=again + len(refused))
    return again + len(refused)


def _check_received(register: Register, origin: Partition, records: Sequence[UUID]) -> int:
    """Note which of a partner's extracts do not open; return how many had their search keys restored."""
    if origin is register.partition:
        return 0
    _, restored = check_records(register, origin, records)
    return len(restored)


def _require_index(register: Register) -> SearchIndex:
    if register.index is None:
        raise NoEngine(f"{register.partition} has no search engine in its settings")
    return register.index


def _open_work(register: Register) -> AbstractContextManager[Work]:
    return register.work(system(register.partition, "worker"))


def _list_live_records(work: Work, origin: Partition) -> list[UUID]:
    if origin is work.partition:
        return work.signals.reports.live_extracts()
    return [row.object for row in work.exchange.received.live(origin)]


def _read_change(work: Work, origin: Partition, about: UUID, tally: _Tally) -> Change | None:
    try:
        with work.savepoint():
            found = next((change for change in find_wanted_changes(work, about) if change.origin is origin), None)
    except Exception as error:
        if not is_about_the_object(error):
            raise
        tally.unreadable += 1
        logger().error(
            "index.not-read",
            partition=work.partition,
            object_id=str(about),
            code=code_of(error),
            where=frames_of(error),
        )
        return None
    return found


def _split_portions(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    source = iter(ids)
    while portion := list(islice(source, PORTION)):
        yield portion


def refill_missing(register: Register) -> tuple[Partition, ...]:
    """Make the indexes that are missing and queue what belongs in them; return their origins. Cheap to repeat.

    Raises:
        EngineUnavailable, EngineRefused: nothing is lost; call it again.
    """
    if register.index is None:
        return ()
    missing = register.index.missing(PARTITIONS)
    if not missing:
        return ()
    queued = 0
    # Queued before the indexes are made: killed in between, the next look finds them missing again.
    with register.work(system(register.partition, "worker")) as work:
        for origin in missing:
            own = origin is register.partition
            objects = (
                work.signals.reports.live_extracts()
                if own
                else [row.object for row in work.exchange.received.live(origin)]
            )
            work.running.outbox.add(Consumer.INDEX, *objects)
            queued += len(objects)
    register.index.prepare(missing)
    logger().info("index.refilled", partition=register.partition, count=len(missing), entries=queued)
    return missing
