"""Look through all received extracts, a portion a turn: does each open, and is it found by what its pseudonyms give?

Without it a damaged row is known only once somebody's question meets it, and one whose search keys are lost never. What
does not open is noted, and fetched anew from its origin (`sync.receiver`); search keys are derived, and restored here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.errors import OperatorError
from register.search.peppers import Peppers
from register.services.exchange.received_log import ReceivedLog, search_keys_of
from register.store.exchange.damages import Stored, Walk
from schemas.codes import Partition

WALK: Final = "received"
ROUND_EVERY: Final = timedelta(days=1)
TURN_S: Final = 1.0
"""Of work in one turn, at most about so much."""
_PORTION: Final = 50


def check_received(register: Register, *, turn_s: float = TURN_S) -> int:
    """Go on with the day's round for about a second; return how many were looked at. The round begins once a day."""
    until, looked_at = register.clock.monotonic() + turn_s, 0
    while (walk := _round(register)) is not None:
        with register.work(system(register.partition, "worker")) as work:
            portion = work.received.live_after(walk.after or "", _PORTION)
        for origin in dict.fromkeys(origin for origin, _ in portion):
            check_records(register, origin, [about for of, about in portion if of is origin])
        # Only now: what a crash left out is looked at again.
        with register.work(system(register.partition, "worker")) as work:
            after = f"{portion[-1][0]}/{portion[-1][1]}" if portion else None
            work.damages.move(WALK, replace(walk, after=after))
        looked_at += len(portion)
        if register.clock.monotonic() >= until:
            break
    return looked_at


def check_records(register: Register, origin: Partition, records: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Look at some live extracts; return those that do not open, and those whose search keys were restored."""
    peppers = Peppers(*register.keys.peppers)
    with register.work(system(register.partition, "worker")) as work:
        found, damaged = work.held.try_open(origin, records, also_hidden=True)
        work.damages.note(Stored.RECEIVED, origin, [str(one) for one in damaged])
        whole = [str(one) for one in found]
        if any(one.origin is origin and one.row in whole for one in work.damages.all()):
            work.damages.clear(Stored.RECEIVED, origin, whole)
        keys = work.search_keys.of_records(origin, list(found))
    # A hidden one has none, and differs here: it is asked again below, with its row locked.
    differing = [
        about
        for about, one in found.items()
        if set(keys[about]) != set(search_keys_of(peppers, origin, about, one.put))
    ]
    return damaged, [about for about in differing if _restore(register, origin, about)]


def _restore(register: Register, origin: Partition, about: UUID) -> bool:
    # Each in a transaction of its own: none waits with one locked for another.
    try:
        with register.work(system(register.partition, "worker")) as work:
            return ReceivedLog(work, origin, 1, register.keys.peppers).restore_search_keys(about)
    except OperatorError:
        return False  # damaged in this moment; the next round notes it


def _round(register: Register) -> Walk | None:
    """The round that is under way, or a new one; None until the next is due."""
    now = register.clock.now()
    with register.work(system(register.partition, "worker")) as work:
        walk = work.damages.walk(WALK)
    if walk is None or (walk.after is None and not timedelta(0) <= now - walk.began_at < ROUND_EVERY):
        return Walk("", now)
    return None if walk.after is None else walk
