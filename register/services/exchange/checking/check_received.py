"""Look through all received extracts, a portion a turn: does each open, and is it found by what its pseudonyms give?

Without it a damaged row is known only once somebody's question meets it, and one whose search keys are lost never. What
does not open is noted, and fetched anew from its origin (`sync.receiver`); search keys are derived, and restored here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.errors import OperatorError
from register.search.peppers import Peppers
from register.services.exchange.checking.go_round import TURN_S, go_round
from register.services.exchange.received_log import ReceivedLog, search_keys_of
from register.store.exchange.damages import Stored
from schemas.codes import Partition

_PORTION: Final = 50


def check_received(register: Register, *, turn_s: float = TURN_S) -> int:
    """Go on with the day's round; return how many were looked at."""
    looked_at = 0

    def look(after: str) -> str | None:
        nonlocal looked_at
        with register.work(system(register.partition, "worker")) as work:
            portion = work.exchange.received.live_after(after, _PORTION)
        for origin in dict.fromkeys(origin for origin, _ in portion):
            check_records(register, origin, [about for of, about in portion if of is origin])
        looked_at += len(portion)
        return f"{portion[-1][0]}/{portion[-1][1]}" if portion else None

    go_round(register, "received", look, turn_s=turn_s)
    return looked_at


def check_records(register: Register, origin: Partition, records: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Look at some live extracts; return those that do not open, and those whose search keys were restored."""
    peppers = Peppers(*register.keys.peppers)
    with register.work(system(register.partition, "worker")) as work:
        found, damaged = work.exchange.held.try_open(origin, records, also_hidden=True)
        work.exchange.damages.note(Stored.RECEIVED, origin, [str(one) for one in damaged])
        work.exchange.damages.clear(Stored.RECEIVED, origin, [str(one) for one in found])
        keys = work.search.keys.of_records(origin, list(found))
    # A hidden one has none, and differs here: it is asked again below, with its row locked.
    differing = [
        about
        for about, one in found.items()
        if set(keys[about]) != set(search_keys_of(peppers, origin, about, one.put))
    ]
    return damaged, [about for about in differing if _restore_search_keys(register, origin, about)]


def _restore_search_keys(register: Register, origin: Partition, about: UUID) -> bool:
    # Each in a transaction of its own: none waits with one locked for another.
    try:
        with register.work(system(register.partition, "worker")) as work:
            return ReceivedLog(work, origin, 1, register.keys.peppers).restore_search_keys(about)
    except OperatorError:
        return False  # damaged in this moment; the next round notes it
