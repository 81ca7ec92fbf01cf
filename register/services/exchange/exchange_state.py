"""How the exchange with each partner stands, in both directions, from this country's own rows.

Whether a pair has converged takes the protocol's eyes on what a receipt says: `sync.status` adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.exchange.log import Hearing, LiveRow, StandsStill, Telling
from register.domain.partition import others
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with all partners, each once and in the same order in both directions.

    Attributes:
        telling: how far each partner is with what we tell it.
        hearing: how far we are with what each partner tells us.
        index_waiting: how many objects, own or received, the search index has not been brought up to.
    """

    telling: tuple[Telling, ...]
    hearing: tuple[Hearing, ...]
    index_waiting: int


def standing(register: Register, caller: Caller, *, incarnation: int = 1) -> Standing:
    """Return how it stands; `incarnation` is that of the partners' logs."""
    own = register.settings.sync.incarnation
    with register.work(caller) as work:
        telling, hearing, waiting = work.exchange.standing.read(
            others(register.partition), own=own, theirs=incarnation, now=work.clock.now()
        )
    return Standing(tuple(telling), tuple(hearing), waiting)


def standing_still(register: Register, caller: Caller) -> tuple[StandsStill, ...]:
    """Return the logs that go on no more: codes and partners, for whoever may look at the exchange; else nothing.

    No leaf of its own: it says nothing of any record, and stands on a page that everybody opens.
    """
    if not any(map(caller.may, (Task.REGISTER, Task.SEARCH_SHARED, Task.PRIVACY))):
        return ()
    with register.work(caller) as work:
        return tuple(work.exchange.standing.standing_still())


def live_in_logs(register: Register, caller: Caller, tips: Mapping[Partition, int]) -> dict[Partition, list[LiveRow]]:
    """What our log for each of these partners leaves in being at a number of it, sorted by object."""
    with register.work(caller) as work:
        return work.exchange.standing.live(tips, register.settings.sync.incarnation)
