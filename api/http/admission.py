"""How many requests one country's application works on at once, and who is sent away first when there are too many.

Without a bound each request more makes every other one slower, until all of them fail together. With it those who are
let in are served about as fast as ever, and the others are told at once when to come back. Who reports somebody in
danger, and a partner's node, must be the last to be sent away: each kind of work may fill a share of the places only,
and the shares are ordered (operation.md, "Overload").

Counted are requests that were read whole (bounds.py), so a slow sender holds no place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from register.errors import OperatorError, RegisterError
from register.logs import logger

COME_BACK_S: Final = 2
"""Seconds that whoever is sent away is asked to wait: longer than the slowest search, shorter than a person's
patience."""


class Work(StrEnum):
    """What a request is for, as far as its method and address say it."""

    WATCH = "watch"
    PARTNER = "partner"
    ENTRY = "entry"
    READING = "reading"
    SEARCH = "search"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all places.

    Attributes:
        of_all: beyond it nobody more is let in for this work, whoever holds them.
        own: how many this work alone may hold.
    """

    of_all: float
    own: float


ONE_PARTNER: Final = 0.25
"""Of all places, how many a single partner may hold: half of what they may together."""
NOT_COUNTED: Final = Shares(1.0, 1.0)
SHARES: Final = {
    Work.WATCH: NOT_COUNTED,
    Work.PARTNER: Shares(1.0, 0.5),  # they come from outside, and must leave room for those who register
    Work.ENTRY: Shares(1.0, 1.0),
    Work.READING: Shares(0.8, 0.8),
    Work.SEARCH: Shares(0.6, 0.6),
    Work.FIGURES: Shares(0.3, 0.3),
}
_WATCHED: Final = frozenset({"/health", "/health/", "/ready", "/ready/"})
_PARTNERS: Final = ("/sync", "/evaluate", "/.well-known/rtr-sync")
_SEARCHES: Final = ("/v1/searches", "/v1/hits", "/v1/records", "/search", "/hits")
_FIGURES: Final = ("/v1/statistics", "/v1/releases", "/figures")
_CASEWORK: Final = "/search/requests"
"""A page about people who wait, not a search, though it stands beside them."""
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Overloaded(OperatorError):
    """So many requests are being worked on that this one was not begun."""

    code = "overloaded"
    advice = (
        "Send it again after the seconds in `Retry-After`; nothing was done. An operator who sees this often raises "
        "`requests_max`, with `database.pool_size`, or adds a machine."
    )


def work_of(method: str, path: str) -> Work:
    """Say what a request is for."""
    if path in _WATCHED:
        return Work.WATCH
    within = f"{path}/"
    if within.startswith(f"{_CASEWORK}/"):
        return Work.READING if method in _READS else Work.ENTRY
    for work, places in ((Work.PARTNER, _PARTNERS), (Work.SEARCH, _SEARCHES), (Work.FIGURES, _FIGURES)):
        if any(within.startswith(f"{place}/") for place in places):
            return work
    return Work.READING if method in _READS else Work.ENTRY


class PartnersPlaces:
    """How many places each partner holds, so that one of them leaves the others room; used from several threads.

    Only a request whose signature was found good can be told to be a partner's: whoever has none shares what all of
    them may hold, and is refused within milliseconds.
    """

    def __init__(self, most: int) -> None:
        """Take how many one partner may hold."""
        self._most, self._lock = most, threading.Lock()
        self._held: Counter[str] = Counter()

    @classmethod
    def of(cls, all_places: int) -> Self:
        """For an application with so many places in all."""
        return cls(int(ONE_PARTNER * all_places))

    @contextmanager
    def held_by(self, partner: str) -> Iterator[None]:
        """Hold one more for a partner meanwhile.

        Raises:
            Overloaded: it holds as many as it may.
        """
        with self._lock:
            full = self._held[partner] >= self._most
            self._held[partner] += not full
        if full:
            logger().warning("request.sent-away", job=str(Work.PARTNER), partner=partner, count=self._most)
            raise Overloaded(f"too many requests of {partner} are open", retry_after_s=COME_BACK_S)
        try:
            yield
        finally:
            with self._lock:
                self._held[partner] -= 1


class Admission:
    """Counts the requests that are worked on; one beyond the bound of its kind gets 503 at once."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Scope, RegisterError], Response], most: int) -> None:
        """Stand before an application.

        Args:
            app: works on what is let in.
            refuse: makes the answer of a refusal.
            most: places in all, at least 10.
        """
        self._app, self._refuse, self._most = app, refuse, most
        self._open: Counter[Work] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Everything here runs in one event loop: what is counted cannot be counted by two."""
        work = work_of(scope["method"], scope["path"]) if scope["type"] == "http" else Work.WATCH
        if work is Work.WATCH:
            await self._app(scope, receive, send)
            return
        if not self._has_place(work):
            # One line a minute and kind, however many are sent away (register/logs.py).
            logger().warning("request.sent-away", job=str(work), count=self._open.total())
            error = Overloaded("too many requests are open", retry_after_s=COME_BACK_S)
            await self._refuse(scope, error)(scope, receive, send)
            return
        self._open[work] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[work] -= 1

    def _has_place(self, work: Work) -> bool:
        shares = SHARES[work]
        return self._open.total() < int(shares.of_all * self._most) and self._open[work] < int(shares.own * self._most)
