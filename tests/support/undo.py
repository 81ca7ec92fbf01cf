"""A unit of work that ends in an error, as a crash or a refused request would end it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from register.domain.access.caller import Caller
from register.store.work import Work
from tests.support.world import World


class Undone(Exception):
    """What ends it."""


@contextmanager
def undone(world: World, caller: Caller) -> Iterator[Work]:
    """Open a transaction of the caller that is rolled back when the block ends."""
    with suppress(Undone), world[caller.partition].work(caller) as work:
        yield work
        raise Undone
