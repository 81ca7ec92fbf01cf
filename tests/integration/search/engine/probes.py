"""Looks past the index's own door, straight at what the engine holds; for tests only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from register.search.compiler import Scope
from register.search.engine import Engine
from register.search.index import SearchIndex
from schemas.codes import Partition
from tests.integration.search.engine.builders import AW, token


def dump(engine: Engine, pattern: str = "rtr-*") -> dict[tuple[str, str], tuple[int, dict[str, Any]]]:
    """Every document of every index, after a refresh: (index, id) -> (version, source)."""
    engine.call("POST", f"/{pattern}/_refresh", write=True)
    body = {"query": {"match_all": {}}, "size": 10_000, "version": True}
    hits = engine.call("POST", f"/{pattern}/_search", body)["hits"]["hits"]
    return {(hit["_index"], hit["_id"]): (hit["_version"], hit["_source"]) for hit in hits}


def found(index: SearchIndex, number: int, *origins: Partition) -> int:
    """How many subjects a search for one token finds after a refresh, over these origins."""
    refresh(index._engine)
    return seen(index, number, *origins)


def seen(index: SearchIndex, number: int, *origins: Partition) -> int:
    """How many subjects a search for one token finds at this moment, over these origins."""
    answers = index.match(Scope(index.host, origins or (AW,)), [token(number)])
    assert all(answer.computed for answer in answers)
    return sum(len(answer.hits) for answer in answers)


def refresh(engine: Engine) -> None:
    """Let searches see everything."""
    engine.call("POST", "/rtr-*/_refresh", write=True)


class InterruptedEngine(Engine):
    """Lets something else happen just before its n-th request."""

    def __init__(self, inner: Engine, before: int, happens: Callable[[], None]) -> None:
        super().__init__(inner.settings)
        self.requests = 0
        self._before = before
        self._happens = happens

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
        within_s: float = math.inf,
    ) -> dict[str, Any]:
        self._count()
        return super().call(method, path, body, params=params, write=write, within_s=within_s)

    def call_lines(
        self,
        path: str,
        lines: Sequence[Mapping[str, Any]],
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
    ) -> dict[str, Any]:
        self._count()
        return super().call_lines(path, lines, params=params, write=write)

    def _count(self) -> None:
        self.requests += 1
        if self.requests == self._before:
            self._happens()
