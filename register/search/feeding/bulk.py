"""Many documents in few requests, with each item's own result.

A conflict (409) means that the engine already has this version or a newer one: done, not an error. An item that was
refused for being too many (429) is sent again after a growing pause; items that were taken are not. Sending an item
twice is harmless: its version settles it. Only what the engine says of the document itself (400) is the document's
fault; a block, a missing right or a sign-in that failed (401, 403 and the like) is the operator's, and is waited out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from register.search.engine import Engine
from register.search.errors import EngineBusy, EngineRefused, EngineUnavailable, IndexMissing

ITEMS_MAX: Final = 1_000
ATTEMPTS_MAX: Final = 7
FIRST_PAUSE_S: Final = 0.1  # doubles: together 6.3 s before we give up

_ABOUT_THE_DOCUMENT: Final = 400
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_TOO_BUSY: Final = 429
_SERVER_ERRORS: Final = 500


class Written(StrEnum):
    """What became of one document."""

    CREATED = "created"
    UPDATED = "updated"
    NEWER_THERE = "newer-there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Item:
    """One document to write, or with `body=None` to delete for good."""

    id: str
    version: int
    body: dict[str, Any] | None

    def lines(self) -> Iterator[dict[str, Any]]:
        """The action and, for a write, the document."""
        if self.body is None:
            yield {"delete": {"_id": self.id, "version": self.version, "version_type": "external_gte"}}
            return
        yield {"index": {"_id": self.id, "version": self.version, "version_type": "external"}}
        yield self.body


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of an item; `reason` is the engine's error type where it was refused."""

    written: Written
    reason: str | None = None


class Bulk:
    """Writes items to one index at a time."""

    def __init__(self, engine: Engine, pause: Callable[[float], None]) -> None:
        self._engine = engine
        self._pause = pause

    def write(self, index: str, items: Sequence[Item], *, wait: bool = False) -> list[ItemResult]:
        """Write the items and return their results in order; with `wait`, return only when searches see them.

        Raises:
            EngineBusy: some were still refused after the last pause. Those taken stay; repeat the whole.
            EngineUnavailable, EngineRefused, IndexMissing: as with `Engine.call`, also where an item says so; repeat
                the whole.
        """
        results: list[ItemResult] = []
        for start in range(0, len(items), ITEMS_MAX):
            part = items[start : start + ITEMS_MAX]
            last = start + ITEMS_MAX >= len(items)
            results += self._write_part(index, part, {"refresh": "wait_for"} if wait and last else None)
        return results

    def _write_part(self, index: str, items: Sequence[Item], params: dict[str, str] | None) -> list[ItemResult]:
        results: dict[int, ItemResult] = {}
        waiting = list(range(len(items)))
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                self._pause(FIRST_PAUSE_S * 2 ** (attempt - 1))
            for position, answer in self._send(index, items, waiting, params):
                result = _read_result(answer)
                if result is not None:
                    results[position] = result
            waiting = [position for position in waiting if position not in results]
            if not waiting:
                return [results[position] for position in range(len(items))]
        raise EngineBusy(f"the engine refused {len(waiting)} of {len(items)} documents {ATTEMPTS_MAX} times")

    def _send(
        self, index: str, items: Sequence[Item], positions: list[int], params: dict[str, str] | None
    ) -> Iterable[tuple[int, dict[str, Any]]]:
        lines = [line for position in positions for line in items[position].lines()]
        try:
            answer = self._engine.call_lines(f"/{index}/_bulk", lines, params=params, write=True)
        except EngineBusy:
            return ()
        return zip(positions, (next(iter(item.values())) for item in answer["items"]), strict=True)


def _read_result(answer: dict[str, Any]) -> ItemResult | None:
    """None: try again."""
    status = int(answer["status"])
    error = answer.get("error")
    reason = str(error.get("type", "unnamed")) if isinstance(error, dict) else None
    if status == _TOO_BUSY:
        return None
    if reason is None:
        return ItemResult(Written.CREATED if answer["result"] == "created" else Written.UPDATED)
    if status == _CONFLICT:
        return ItemResult(Written.NEWER_THERE)
    if status == _NOT_FOUND:
        raise IndexMissing(f"the engine answered {status}: {reason}")
    if status == _ABOUT_THE_DOCUMENT:
        return ItemResult(Written.REFUSED, reason)
    if status < _SERVER_ERRORS:
        raise EngineRefused(f"the engine answered {status}: {reason}")
    raise EngineUnavailable(f"the engine answered {status}: {reason}")
