"""Time a piece of work, again and again, with somebody told how far it is."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from register.clock import SystemClock

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class Progress(Protocol):
    """Whoever watches a bench."""

    def say(self, text: str) -> None:
        """What is being done now."""
        ...

    def moved(self, what: str, done: int, total: int) -> None:
        """How far a long step is."""
        ...


class Unwatched:
    """Nobody watches."""

    def say(self, text: str) -> None:
        """Nobody hears it."""

    def moved(self, what: str, done: int, total: int) -> None:
        """Nobody sees it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A stopwatch."""

    clock: SystemClock

    def seconds(self, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> float:
        """Do the work once; return how long it took."""
        begun = self.clock.monotonic()
        work(*args, **kwargs)
        return self.clock.monotonic() - begun

    def cpu_seconds(self, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> float:
        """Do the work once; return the processor's time that this process took for it, over all its threads.

        Unlike the time on the wall it hardly changes when others use the machine; the servers' part is not in it.
        """
        begun = resource.getrusage(resource.RUSAGE_SELF)
        work(*args, **kwargs)
        ended = resource.getrusage(resource.RUSAGE_SELF)
        return ended.ru_utime - begun.ru_utime + ended.ru_stime - begun.ru_stime


def each(count: int, items: Iterable[T], do: Callable[[T], R]) -> list[R]:
    """Do something for every item, `count` at a time; results in order. The first failure is raised."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(do, items))
