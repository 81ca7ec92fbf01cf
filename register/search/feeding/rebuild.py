"""Fill the next generation of an origin from Postgres while the feed goes on, check it, and let searches read it.

The new generation gets every change of the feed from the moment it exists, and only then is the stream opened: what
the feed wrote before is committed and so in the stream, what comes later is written to both. Versions settle which
of the two writers has the newer state. The generation that serves is never locked, and stays, fed, until
`SearchIndex.retire`, so that searches under way end where they began and a withdrawal reaches every copy.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from uuid import UUID

from register.search.compiler import count_all
from register.search.engine import Engine
from register.search.errors import RebuildMismatch
from register.search.feeding import versions
from register.search.feeding.changes import Outcome, Put, Verdict
from register.search.feeding.feeder import Feeder, token_items
from register.search.generations import Generation, Generations
from register.search.mapping import record_body
from register.search.peppers import Peppers
from schemas.codes import Partition

BATCH: Final = 500  # objects
SAMPLE: Final = 64  # objects read back and compared
_random: Final = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        objects: how many the stream gave.
        superseded: of those, how many the feed had brought further meanwhile.
        compared: how many were read back and found equal.
    """

    origin: Partition
    generation: int
    objects: int
    superseded: int
    compared: int


class Rebuilder:
    """Does what the module says, for one host."""

    def __init__(self, engine: Engine, generations: Generations, feeder: Feeder, peppers: Peppers) -> None:
        self._engine = engine
        self._generations = generations
        self._feeder = feeder
        self._peppers = peppers

    def run(self, origin: Partition, stream: Callable[[], Iterable[Put]]) -> Rebuilt:
        """See `SearchIndex.rebuild`."""
        new = self._generations.next(origin)
        try:
            objects, superseded, sample = self._fill(origin, new, stream)
            compared = self._compare(new, objects, sample)
        except RebuildMismatch:
            self._generations.drop([new])
            raise
        self._generations.swap(origin, new)
        return Rebuilt(origin, new.number, objects, superseded, compared)

    def _fill(
        self, origin: Partition, new: Generation, stream: Callable[[], Iterable[Put]]
    ) -> tuple[int, int, list[Put]]:
        objects = superseded = 0
        sample: list[Put] = []
        for batch in _shuffled_batches(stream()):
            if any(change.origin is not origin for change in batch):
                raise ValueError("the stream of a rebuild holds records of its own origin only")
            outcomes = self._feeder.apply(new, batch)
            _refuse_dead(outcomes)
            for change, outcome in zip(batch, outcomes, strict=True):
                objects += 1
                superseded += outcome.verdict is Verdict.SUPERSEDED
                _keep_sample(sample, change, objects)
        return objects, superseded, sample

    def _compare(self, new: Generation, objects: int, sample: list[Put]) -> int:
        """Every object of the stream is there, as streamed or newer, and a sample is equal field by field."""
        self._feeder.refresh(new.record, new.token)
        held = int(self._engine.call("POST", f"/{new.record}/_count", count_all())["count"])
        if held < objects:
            raise RebuildMismatch(f"{objects} objects were written and {held} are there", written=objects, held=held)
        return sum(self._equal(new, put) for put in sample)

    def _equal(self, new: Generation, put: Put) -> bool:
        """Whether an object was compared; False if it moved on since it was streamed."""
        record = self._read(new.record, [str(put.object_id)])[0]
        if record.get("found") and record["_version"] > versions.held(put.version):
            return False
        items = token_items(self._peppers, put)
        tokens = self._read(new.token, [item.id for item in items]) if items else []
        wanted = [record_body(put.origin, put.version, put.record), *(item.body for item in items)]
        found = [doc.get("_source") for doc in (record, *tokens)]
        if [_list_tuples_plainly(body) for body in wanted] != found:
            # It may have moved on between the two looks: then its record says so now.
            if self._feeder.standing(new, [put.object_id]).get(put.object_id, 0) > versions.held(put.version):
                return False
            raise RebuildMismatch(
                f"object {put.object_id} reads back other than it was written", object=str(put.object_id)
            )
        return True

    def _read(self, index: str, ids: list[str]) -> list[dict[str, Any]]:
        docs: list[dict[str, Any]] = self._engine.call("POST", f"/{index}/_mget", {"ids": ids})["docs"]
        return docs


def _shuffled_batches(stream: Iterable[Put]) -> Iterator[list[Put]]:
    source = iter(stream)
    while batch := list(islice(source, BATCH)):
        once: dict[UUID, Put] = {change.object_id: change for change in batch}
        shuffled = list(once.values())
        _random.shuffle(shuffled)
        yield shuffled


def _refuse_dead(outcomes: Iterable[Outcome]) -> None:
    dead = [outcome for outcome in outcomes if outcome.verdict is Verdict.DEAD]
    if dead:
        ids = [str(outcome.change.object_id) for outcome in dead[:10]]
        raise RebuildMismatch(
            f"the engine refused {len(dead)} objects of a batch, the first for {dead[0].reason}", objects=ids
        )


def _keep_sample(sample: list[Put], change: Put, seen: int) -> None:
    # Reservoir sampling: each object of a stream of unknown length has the same chance.
    if len(sample) < SAMPLE:
        sample.append(change)
    elif (place := _random.randrange(seen)) < SAMPLE:
        sample[place] = change


def _list_tuples_plainly(body: dict[str, Any] | None) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in (body or {}).items()}
