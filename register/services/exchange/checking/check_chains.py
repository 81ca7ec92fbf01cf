"""Walk the logs that are stored here, hash by hash: what partners were told, and what they told.

A changed stub of ours would else be seen by the partner that pulls it, and a changed one of theirs by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.log import Link
from register.domain.partition import others
from register.services.exchange.checking.go_round import TURN_S, go_round
from register.store.exchange.damages import Stored
from register.store.work import Work
from schemas import canonical
from schemas.codes import Partition

_PORTION: Final = 500
_FOLLOWED: Final = 1
"""The incarnation of partners' logs that the receiver follows."""


def check_chains(register: Register, *, turn_s: float = TURN_S) -> None:
    """Go on with the day's round through all logs; what does not follow is noted by its number."""
    logs = [(place, partner) for place in (Stored.LOG_ENTRY, Stored.STUB) for partner in others(register.partition)]

    incarnations = {Stored.LOG_ENTRY: register.settings.sync.incarnation, Stored.STUB: _FOLLOWED}

    def look(after: str) -> str | None:
        at, _, seq = after.partition("/")
        number, last = int(at or 0), int(seq or 0)
        place, partner = logs[number]
        with register.work(system(register.partition, "worker")) as work:
            ended = _check_portion(work, place, partner, incarnations[place], last)
        if ended is not None:
            return f"{number}/{ended}"
        return f"{number + 1}/0" if number + 1 < len(logs) else None

    go_round(register, "chains", look, turn_s=turn_s)


def broken_links(start: bytes | None, after: int, links: Sequence[Link], end: int) -> list[int]:
    """Numbers that are missing, or whose stub does not give their hash after the hash before.

    Args:
        start: the hash at `after`; None where that entry is missing.
        after: the number before the first.
        links: those that are stored, in order.
        end: up to where there must be some.
    """
    broken: list[int] = []
    hash_before = start
    there = {link.seq: link for link in links}
    for seq in range(after + 1, max([end, *there]) + 1):
        link = there.get(seq)
        if link is None:
            broken.append(seq)
            hash_before = None
            continue
        # After a gap nothing says what the hash before was: the next is believed, and the ones after it follow.
        if hash_before is not None and canonical.entry_hash(hash_before, link.stub) != link.entry_hash:
            broken.append(seq)
        hash_before = link.entry_hash
    return broken


def _check_portion(work: Work, place: Stored, partner: Partition, incarnation: int, after: int) -> int | None:
    """Look at one portion; return its last number, or None where the log ends with it."""
    # The end first: what is appended meanwhile is beyond it.
    if place is Stored.LOG_ENTRY:
        head = work.exchange.log.head(partner, incarnation)
        tip, parties = (0 if head is None else head.tip_seq), (work.partition, partner)
        links = work.exchange.log.links(partner, incarnation, after=after, limit=_PORTION)
        start = work.exchange.log.hash_at(partner, incarnation, after)
    else:
        cursor = work.exchange.received.cursor(partner, incarnation)
        tip, parties = (0 if cursor is None else cursor.applied_to), (partner, work.partition)
        links = work.exchange.received.links(partner, incarnation, after=after, limit=_PORTION)
        start = work.exchange.received.hash_at(partner, incarnation, after)
    end = min(tip, after + _PORTION)
    links = [link for link in links if link.seq <= end]
    if end <= after:
        return None
    if after == 0:
        start = canonical.genesis(*parties, incarnation)
    broken = broken_links(start, after, links, end)
    whole = {str(seq) for seq in range(after + 1, end + 1)} - {str(seq) for seq in broken}
    work.exchange.damages.clear(place, partner, sorted(whole))
    work.exchange.damages.note(place, partner, [str(seq) for seq in broken])
    return end
