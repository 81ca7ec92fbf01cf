"""Work begun ahead, in a thread of its own, while something else is under way: at most one piece a partner.

A piece is taken under the key it was begun with, or not at all: what was begun for another state of things is dropped
unread. Nothing here decides what may be done ahead; whoever takes a result checks it as if it had just been made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from schemas.codes import Partition

T = TypeVar("T")


class Ahead(Generic[T]):
    """Pieces of work under way, one for each partner; may be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[Partition, tuple[Hashable, _Piece[T]]] = {}

    def begin(self, partner: Partition, key: Hashable, work: Callable[[], T]) -> None:
        """Begin a piece; an earlier one of this partner that nobody took is dropped, and ends by itself."""
        piece = _Piece(work)
        with self._lock:
            self._begun[partner] = key, piece
        piece.start()

    def take(self, partner: Partition, key: Hashable) -> Callable[[], T] | None:
        """Return how to get what was begun under this key, once; None where nothing was.

        Calling it waits until the work has ended, and raises what the work raised.
        """
        with self._lock:
            begun = self._begun.pop(partner, None)
        return begun[1].result if begun is not None and begun[0] == key else None


class _Piece(Generic[T]):
    """One piece. Its thread does not keep the process alive: whatever is begun ahead may be lost."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: list[T] = []
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def result(self) -> T:
        self._thread.join()
        if self._failed:
            raise self._failed[0]
        return self._done[0]

    def _run(self) -> None:
        try:
            self._done.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again for whoever takes the result
            self._failed.append(error)
