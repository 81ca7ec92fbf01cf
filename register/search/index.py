"""The search index of one hosting country: what it takes, what it is asked, and that something is gone.

The index is derived: Postgres is the record, and any index can be dropped and filled again. Nothing here decides
who may see what: the caller gives the scope, and reads every candidate again in Postgres under row security before
it is shown. Hidden here: generations and aliases, versions and tombstones, bulk limits, pauses, the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, assert_never
from uuid import UUID

from register.clock import Clock, SystemClock
from register.search.candidates import OriginCandidates, ask
from register.search.compiler import Scope, count_live, tombstones
from register.search.engine import Engine, EngineSettings
from register.search.errors import EngineRefused, EngineUnavailable, IndexMissing
from register.search.feeding.bulk import Bulk, Item
from register.search.feeding.changes import Change, Outcome, Put, Remove, Verdict
from register.search.feeding.feeder import Feeder, token_items, whole
from register.search.feeding.rebuild import Rebuilder, Rebuilt
from register.search.feeding.versions import held, is_removed
from register.search.generations import Generation, Generations
from register.search.names import Kind
from register.search.peppers import Peppers
from schemas.codes import Partition

OBJECTS_AT_ONCE: Final = 500
HEALTH_WITHIN_S: Final = 1.5
"""An engine that says no more than who it is in this time is as good as away to whoever asks how it is."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `rtr doctor` and the status page say of the engine.

    Attributes:
        status: `green`, `yellow` or `red` of the cluster; None when unreachable.
        version: the engine's version, for instance `3.8.0`.
        reason: why it is not reachable.
    """

    reachable: bool
    status: str | None = None
    version: str | None = None
    reason: str | None = None


class SearchIndex:
    """The indexes of one host.

    Every method raises `EngineUnavailable` (also `EngineBusy`), `EngineRefused` or `IndexMissing` of
    `register.search.errors` when the engine cannot do its part; all of them may then be repeated as they were.
    """

    def __init__(
        self,
        host: Partition,
        engine: Engine | EngineSettings,
        peppers: Peppers,
        *,
        clock: Clock | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """Connect nothing yet.

        Args:
            host: whose mirror this is.
            engine: where the engine is, or an open one.
            peppers: this host's own; other hosts have others.
            clock: for the day on a tombstone.
            pause: waits that many seconds, when the engine is too busy.
        """
        self.host = host
        self._engine = Engine(engine) if isinstance(engine, EngineSettings) else engine
        self._peppers = peppers
        bulk = Bulk(self._engine, pause or SystemClock().pause)
        self._bulk = bulk
        self._generations = Generations(self._engine, host)
        self._feeder = Feeder(self._engine, bulk, peppers, clock or SystemClock())
        self._rebuilder = Rebuilder(self._engine, self._generations, self._feeder, peppers)

    def missing(self, origins: Iterable[Partition]) -> tuple[Partition, ...]:
        """Which of these origins have no index to write to or to read from; `prepare` makes them, empty."""
        return tuple(origin for origin in origins if not self._generations.exist(origin))

    def prepare(self, origins: Iterable[Partition]) -> tuple[Partition, ...]:
        """Create the indexes and aliases that are missing; harmless to repeat.

        Returns:
            The origins whose indexes have the mapping of an older release and should be rebuilt.
        """
        self._generations.forbid_auto_create()
        return tuple(origin for origin in origins if not self._generations.ensure(origin).current)

    def apply(self, changes: Sequence[Change], *, wait: bool = False) -> tuple[Outcome, ...]:
        """Bring objects to the version given, in every generation; outcomes in the order of the changes.

        Repeats and any order are harmless: an older version never overwrites a newer one, and a removal beats a put
        of the same version. Tokens that an earlier version had and this one has not are removed: the caller need
        not know them. Of several changes of one object in a call the highest version counts.

        Args:
            changes: any number, of any origins.
            wait: return only when searches see the tokens (up to the refresh interval, 1 s); for a submitter who
                asked to read his own write.
        """
        newest: dict[tuple[Partition, UUID], Change] = {}
        for change in changes:
            key = (change.origin, change.object_id)
            if key not in newest or _rank_change(change) > _rank_change(newest[key]):
                newest[key] = change
        found: dict[tuple[Partition, UUID], Outcome] = {}
        for origin in dict.fromkeys(change.origin for change in newest.values()):
            own = [change for change in newest.values() if change.origin is origin]
            for start in range(0, len(own), OBJECTS_AT_ONCE):
                for outcome in self._apply_batch(origin, own[start : start + OBJECTS_AT_ONCE], wait=wait):
                    found[origin, outcome.change.object_id] = outcome
        outcomes = []
        for change in changes:
            outcome = found[change.origin, change.object_id]
            outcomes.append(outcome if outcome.change is change else Outcome(change, Verdict.SUPERSEDED))
        return tuple(outcomes)

    def match(self, scope: Scope, tokens: Sequence[bytes]) -> tuple[OriginCandidates, ...]:
        """Which subjects hold any of these tokens, one answer for each origin of the scope.

        The hits carry opaque handles: resolve them in Postgres (`Peppers.handle`). At most 26 for a token and
        origin, with the total beside it; a common token never pushes out the hit of a rare one.

        Raises:
            TooManyTokens: more than 256 different tokens.
            ValueError: the scope is another host's.
        """
        if scope.host is not self.host:
            raise ValueError(f"this is the index of {self.host}")
        return ask(self._engine, scope, {self._peppers.peppered(token): token for token in tokens})

    def confirm_gone(self, origin: Partition, object_id: UUID) -> bool:
        """Look whether nothing of an object can be found any more, in any generation, after a refresh.

        True lets the caller acknowledge a retraction. It does not rest on what was written, but on what a search
        sees now. False means: apply the removal again, or a later version was put.
        """
        key = self._peppers.object_key(origin, object_id)
        for generation in self._generations.of(origin):
            self._feeder.refresh(generation.record, generation.token)
            standing = self._feeder.standing(generation, [object_id]).get(object_id)
            if standing is not None and not is_removed(standing):
                return False
            if any(self._feeder.live_tokens(generation, [key])):
                return False
        return True

    def rebuild(self, origin: Partition, stream: Callable[[], Iterable[Put]]) -> Rebuilt:
        """Fill a new generation from Postgres and let searches read it; the feed may go on meanwhile.

        Args:
            origin: the caller sees to it that one rebuild of an origin runs at a time.
            stream: called once, after the new generation gets the changes of the feed too. It opens a fresh
                snapshot of Postgres and gives each live object once. Objects to remove need not be in it.

        Raises:
            RebuildMismatch: the new generation does not hold what the stream gave; the old one keeps serving.
        """
        return self._rebuilder.run(origin, stream)

    def generation(self, origin: Partition) -> Generation | None:
        """The generation that searches of an origin read; None where there is none."""
        return self._generations.read(origin) if self._generations.exist(origin) else None

    def differing(self, origin: Partition, changes: Sequence[Change]) -> list[UUID]:
        """Of what an origin's objects are to be, those that searches find otherwise; changes in no order, as of now.

        Compared are the version of the record and, after a refresh, each live token with its version and handle.
        """
        generation = self._generations.read(origin)
        self._feeder.refresh(generation.record, generation.token)
        objects = [change.object_id for change in changes]
        standing = self._feeder.standing(generation, objects)
        live = self._feeder.live_tokens(generation, [self._peppers.object_key(origin, key) for key in objects])
        return [
            change.object_id
            for change, hits in zip(changes, live, strict=True)
            if not self._agrees(
                change,
                standing.get(change.object_id),
                {hit["_id"]: (int(hit["_version"]), hit["_source"]["handle"]) for hit in hits},
            )
        ]

    def _agrees(self, change: Change, standing: int | None, tokens: dict[str, tuple[int, str]]) -> bool:
        match change:
            case Put():
                items = token_items(self._peppers, change)  # an item's id is derived from its token
                wished = {item.id: (item.version, item.body["handle"]) for item in items if item.body is not None}
                return standing == held(change.version) and tokens == wished
            case Remove():
                return not tokens and (standing is None or is_removed(standing))
            case _:
                assert_never(change)

    def retire(self, origin: Partition) -> int:
        """Delete the generations that are not read, hours after a rebuild; returns how many."""
        return self._generations.drop(g for g in self._generations.of(origin) if not g.read)

    def purge(self, origin: Partition, *, before: date) -> int:
        """Delete tombstones made before a day for good; returns how many.

        Choose a day older than any change that could still arrive: a purged object's old version would be new.
        """
        purged = 0
        for generation in self._generations.of(origin):
            for index in (generation.record, generation.token):
                purged += self._purge(index, before)
        return purged

    def count(self, origin: Partition) -> int:
        """How many records of an origin can be found at this moment."""
        return self._count(origin, Kind.RECORD)

    def count_tokens(self, origin: Partition) -> int:
        """How many tokens of an origin can be found at this moment."""
        return self._count(origin, Kind.TOKEN)

    def health(self) -> Health:
        """Whether the engine answers soon, and how it is; never raises for an engine that is away or stands still."""
        try:
            root = self._engine.call("GET", "/", within_s=HEALTH_WITHIN_S)
            cluster = self._engine.call("GET", "/_cluster/health", within_s=HEALTH_WITHIN_S)
        except (EngineUnavailable, EngineRefused, IndexMissing) as exc:
            return Health(reachable=False, reason=str(exc))
        return Health(reachable=True, status=str(cluster["status"]), version=str(root["version"]["number"]))

    def close(self) -> None:
        """Close the connections."""
        self._engine.close()

    def _apply_batch(self, origin: Partition, changes: list[Change], *, wait: bool) -> list[Outcome]:
        runs = [
            self._feeder.apply(generation, changes, wait=wait and generation.read)
            for generation in self._generations.of(origin)
        ]
        return [min(outcomes, key=_weigh_outcome) for outcomes in zip(*runs, strict=True)]

    def _purge(self, index: str, before: date) -> int:
        purged = 0
        while True:
            self._feeder.refresh(index)
            answer: dict[str, Any] = self._engine.call("POST", f"/{index}/_search", tombstones(before), write=True)
            hits = whole([answer])[0]["hits"]["hits"]
            if not hits:
                return purged
            self._bulk.write(index, [Item(hit["_id"], int(hit["_version"]), None) for hit in hits])
            purged += len(hits)

    def _count(self, origin: Partition, kind: Kind) -> int:
        index = _index_of(kind, self._generations.read(origin))
        return int(self._engine.call("POST", f"/{index}/_count", count_live(kind))["count"])


def _index_of(kind: Kind, generation: Generation) -> str:
    match kind:
        case Kind.RECORD:
            return generation.record
        case Kind.TOKEN:
            return generation.token
        case _:
            assert_never(kind)


def _rank_change(change: Change) -> tuple[int, bool]:
    return change.version, isinstance(change, Remove)


# Where generations differ, what the caller must act on comes first, then what changed something.
_WEIGHT: Final = {Verdict.DEAD: 0, Verdict.APPLIED: 1, Verdict.SUPERSEDED: 2, Verdict.UNCHANGED: 3}


def _weigh_outcome(outcome: Outcome) -> int:
    return _WEIGHT[outcome.verdict]
