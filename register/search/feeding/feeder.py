"""Bring objects to a version in one generation, whatever came before and whoever writes beside us.

For a batch: (1) the records, each with the version that decides; (2) the tokens of those that are not outdated;
(3) a look whether a record moved on meanwhile; (4) tokens that the version in force does not have are written over
with tombstones. A new token is findable before an old one goes. Why any order of writers ends the same is in
`versions`; that an engine shows a write only after a refresh is why (4) refreshes first.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, assert_never
from uuid import UUID

from register.clock import Clock
from register.search import compiler
from register.search.engine import Engine
from register.search.errors import EngineUnavailable
from register.search.feeding import versions
from register.search.feeding.bulk import Bulk, Item, Written
from register.search.feeding.changes import (
    TOKENS_PER_OBJECT_MAX,
    VERSION_REUSED,
    Change,
    Outcome,
    Put,
    Remove,
    Verdict,
    handles_of,
)
from register.search.generations import Generation
from register.search.mapping import record_body, record_tombstone, token_body, token_tombstone
from register.search.peppers import Peppers

_READ_AT_ONCE: Final = 1_000  # documents of a multi-get
_LOOKED_UP_AT_ONCE: Final = 100  # objects of a multi-search
_random: Final = secrets.SystemRandom()


@dataclass(slots=True)
class _Task:
    """One change on its way through the steps."""

    change: Change
    tokens: list[Item] = field(default_factory=list)
    before: bool = False  # the object was known: tokens of another version may be there
    wrote: bool = False
    outcome: Verdict | None = None
    reason: str | None = None

    @property
    def key(self) -> UUID:
        return self.change.object_id

    @property
    def version(self) -> int:
        match self.change:
            case Put(version=version):
                return versions.held(version)
            case Remove(version=version):
                return versions.removed(version)
            case _:
                assert_never(self.change)

    def die(self, reason: str | None) -> None:
        self.outcome, self.reason = Verdict.DEAD, reason


class Feeder:
    """Writes changes to a generation; used by the feed from the outbox and by a rebuild."""

    def __init__(self, engine: Engine, bulk: Bulk, peppers: Peppers, clock: Clock) -> None:
        self._engine = engine
        self._bulk = bulk
        self._peppers = peppers
        self._clock = clock

    def apply(self, generation: Generation, changes: Sequence[Change], *, wait: bool = False) -> list[Outcome]:
        """Apply changes, at most one for each object, all of one origin; outcomes in order."""
        tasks = [self._task(change) for change in changes]
        self._write_records(generation, _list_open_tasks(tasks))
        self._write_tokens(generation, _list_open_tasks(tasks), wait=wait)
        standing = self.standing(generation, [task.key for task in _list_open_tasks(tasks)])
        sweep: dict[UUID, tuple[_Task, int]] = {}
        for task in _list_open_tasks(tasks):
            now = standing.get(task.key, task.version)
            if now > task.version:
                task.outcome = Verdict.SUPERSEDED
            if task.before or now > task.version:
                sweep[task.key] = (task, now)
        self._sweep(generation, sweep, wait=wait)
        for task in _list_open_tasks(tasks):
            task.outcome = Verdict.APPLIED if task.wrote else Verdict.UNCHANGED
        return [Outcome(task.change, task.outcome or Verdict.UNCHANGED, task.reason) for task in tasks]

    def standing(self, generation: Generation, objects: Sequence[UUID]) -> dict[UUID, int]:
        """The engine's version of the records that are there, tombstones included; needs no refresh."""
        found: dict[UUID, int] = {}
        for start in range(0, len(objects), _READ_AT_ONCE):
            ids = [str(key) for key in objects[start : start + _READ_AT_ONCE]]
            answer = self._engine.call("POST", f"/{generation.record}/_mget", {"ids": ids}, params={"_source": "live"})
            found |= {UUID(doc["_id"]): int(doc["_version"]) for doc in answer["docs"] if doc.get("found")}
        return found

    def live_tokens(self, generation: Generation, objects: Sequence[str]) -> list[list[dict[str, Any]]]:
        """The live token documents for each object key, in order, as far as the last refresh shows them."""
        found: list[list[dict[str, Any]]] = []
        for start in range(0, len(objects), _LOOKED_UP_AT_ONCE):
            lines: list[Mapping[str, Any]] = []
            for key in objects[start : start + _LOOKED_UP_AT_ONCE]:
                lines += [{"index": generation.token}, compiler.of_object(key)]
            answer = self._engine.call_lines("/_msearch", lines, write=True)
            found += [response["hits"]["hits"] for response in whole(answer["responses"])]
        return found

    def refresh(self, *indexes: str) -> None:
        """Let searches see all that was written."""
        self._engine.call("POST", f"/{','.join(indexes)}/_refresh", write=True)

    def _task(self, change: Change) -> _Task:
        task = _Task(change)
        if isinstance(change, Remove):
            return task
        if len(change.tokens) > TOKENS_PER_OBJECT_MAX:
            task.die("too-many-tokens")
            return task
        task.tokens = token_items(self._peppers, change)
        return task

    def _write_records(self, generation: Generation, tasks: list[_Task]) -> None:
        today = self._clock.now().date()
        items = [Item(str(task.key), task.version, _record_document(task.change, today)) for task in tasks]
        conflicts: list[_Task] = []
        for task, result in zip(tasks, self._bulk.write(generation.record, items), strict=True):
            task.before = result.written is not Written.CREATED
            match result.written:
                case Written.CREATED | Written.UPDATED:
                    task.wrote = True
                case Written.NEWER_THERE:
                    conflicts.append(task)
                case Written.REFUSED:
                    task.die(result.reason)
                case _:
                    assert_never(result.written)
        # The same version again may be a repeat after a crash between record and tokens: it must go on.
        standing = self.standing(generation, [task.key for task in conflicts])
        for task in conflicts:
            if standing.get(task.key, task.version) > task.version:
                task.outcome = Verdict.SUPERSEDED

    def _write_tokens(self, generation: Generation, tasks: list[_Task], *, wait: bool) -> None:
        # Shuffled: the order of documents on disk must not tell which tokens came together.
        pairs = [(task, item) for task in tasks for item in task.tokens]
        _random.shuffle(pairs)
        results = self._bulk.write(generation.token, [item for _, item in pairs], wait=wait)
        for (task, _), result in zip(pairs, results, strict=True):
            match result.written:
                case Written.CREATED | Written.UPDATED:
                    task.wrote = True
                case Written.NEWER_THERE:
                    pass  # the record that won over ours is found by the look that follows
                case Written.REFUSED:
                    task.die(result.reason)
                case _:
                    assert_never(result.written)

    def _sweep(self, generation: Generation, work: dict[UUID, tuple[_Task, int]], *, wait: bool) -> None:
        if not work:
            return
        self.refresh(generation.token)
        today = self._clock.now().date()
        keys = [self._peppers.object_key(task.change.origin, task.key) for task, _ in work.values()]
        items: list[tuple[_Task, Item]] = []
        for (task, now), found in zip(work.values(), self.live_tokens(generation, keys), strict=True):
            wanted = {item.id: item for item in task.tokens}
            for hit in found:
                known = wanted.get(hit["_id"])
                if int(hit["_version"]) < now:
                    items.append((task, Item(hit["_id"], versions.sweep(now), token_tombstone(today))))
                elif now == task.version == int(hit["_version"]) and (
                    known is None or known.body is None or known.body["handle"] != hit["_source"]["handle"]
                ):
                    task.die(VERSION_REUSED)
        results = self._bulk.write(generation.token, [item for _, item in items], wait=wait)
        for (task, _), result in zip(items, results, strict=True):
            match result.written:
                case Written.CREATED | Written.UPDATED:
                    task.wrote = True
                case Written.NEWER_THERE:
                    pass  # somebody else wrote over it
                case Written.REFUSED:
                    task.die(result.reason)  # a token that is no longer of the record stays findable
                case _:
                    assert_never(result.written)


def _record_document(change: Change, today: date) -> dict[str, Any]:
    match change:
        case Put():
            return record_body(change.origin, change.version, change.record)
        case Remove():
            return record_tombstone(change.version, today)
        case _:
            assert_never(change)


def token_items(peppers: Peppers, change: Put) -> list[Item]:
    """The token documents of a put; a token named twice for one subject is one document."""
    handles = handles_of(peppers, change.origin, change.object_id, change.tokens)
    object_key = peppers.object_key(change.origin, change.object_id)
    items = {}
    for entry in change.tokens:
        key = peppers.document_id(change.origin, change.object_id, entry.subject, entry.token)
        body = token_body(
            peppers.peppered(entry.token),
            family=entry.family,
            epoch=entry.epoch,
            handle=handles[entry.subject][0],
            object_key=object_key,
        )
        items[key] = Item(key, versions.held(change.version), body)
    return list(items.values())


def whole(responses: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The answers of an upkeep search, which must be complete to be used at all.

    Raises:
        EngineUnavailable: an answer failed, timed out or left a shard out.
    """
    for response in responses:
        if "error" in response or response.get("timed_out") or response["_shards"]["failed"]:
            raise EngineUnavailable("the engine could not look through a whole index")
    return responses


def _list_open_tasks(tasks: Sequence[_Task]) -> list[_Task]:
    return [task for task in tasks if task.outcome is None]
