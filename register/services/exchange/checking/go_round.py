"""A round through what is stored, once a day, a part of a second a turn: how far it has come is kept.

Nothing is held while it looks, and a crash has the last portion looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.store.exchange.damages import Walk

ROUND_EVERY: Final = timedelta(days=1)
TURN_S: Final = 0.3
"""Of work in one turn of one round, and what its last portion takes."""


def go_round(register: Register, name: str, look: Callable[[str], str | None], *, turn_s: float = TURN_S) -> None:
    """Go on with a round for a while, if it is under way or due.

    Args:
        register: whose rows.
        name: of the round.
        look: looks at one portion, after the place that it is given (empty at the beginning); returns where that
            portion ended, or None where nothing comes after it.
        turn_s: seconds after which no other portion is begun.
    """
    until = register.clock.monotonic() + turn_s
    while (walk := _under_way(register, name)) is not None:
        after = look(walk.after or "")
        with register.work(system(register.partition, "worker")) as work:
            work.exchange.damages.move(name, Walk(after, walk.began_at))
        if register.clock.monotonic() >= until:
            break


def _under_way(register: Register, name: str) -> Walk | None:
    now = register.clock.now()
    with register.work(system(register.partition, "worker")) as work:
        walk = work.exchange.damages.walk(name)
    # A round that lies ahead of the clock was begun before the clock was set back.
    if walk is None or (walk.after is None and not timedelta(0) <= now - walk.began_at < ROUND_EVERY):
        return Walk("", now)
    return None if walk.after is None else walk
