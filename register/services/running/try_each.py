"""What the jobs of the worker have in common: one look at what waits for them, and a portion that nothing stops.

Each object of a portion is tried inside a savepoint, so one that cannot be brought on never stops those behind it. What
fails about one object puts that object off with the code of what went wrong, and after many tries before a person
(`Outbox.postpone`); the rest of the portion goes on. What fails about the machine (the database or the engine is away,
the clock is wrong) is no object's fault: it ends the turn, and all are tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from register.core import Register
from register.domain.access.caller import system
from register.domain.running.consumer import Consumer
from register.errors import code_of
from register.logs import frames_of, logger
from register.search.errors import EngineRefused, EngineUnavailable, IndexMissing
from register.store.running.audit_leaves import ClockDiffers
from register.store.running.outbox import Lease
from register.store.running.server.database import is_the_servers_trouble
from register.store.work import Work
from schemas.codes import Partition

T = TypeVar("T")
_OF_THE_MACHINE = (EngineUnavailable, EngineRefused, IndexMissing, ClockDiffers)


@dataclass(frozen=True, slots=True)
class Waits:
    """What there is to do for jobs that take it from the country's own rows.

    Attributes:
        consumers: of the outbox, those for which objects are due.
        partners: those for which drafts wait to be appended.
        keys: whether data keys have ended that are not destroyed yet.
        removals: whether the index confirmed removals that no receipt has listed.
    """

    consumers: frozenset[Consumer]
    partners: frozenset[Partition]
    keys: bool
    removals: bool


def see_what_waits(register: Register, consumers: Collection[Consumer]) -> Waits:
    """Look once for all of them; nothing is leased and nothing is locked."""
    with register.work(system(register.partition, "worker")) as work:
        return Waits(
            work.running.outbox.due(consumers),
            work.exchange.log.partners_with_waiting(),
            work.keys.any_ended(),
            work.exchange.received.any_removals_done(),
        )


def try_each(
    register: Register, work: Work, leases: Sequence[Lease], bring: Callable[[Lease], T]
) -> list[tuple[Lease, T]]:
    """Bring each leased object on; return what came of those where it succeeded. The others are put off.

    Raises:
        Exception: the machine's trouble, not an object's; the transaction is to be rolled back.
    """
    done = []
    for lease in leases:
        try:
            with work.savepoint():
                result = bring(lease)
        except Exception as error:
            if not is_about_the_object(error):
                raise
            put_off(register, work, lease, error)
        else:
            done.append((lease, result))
    return done


def put_off(register: Register, work: Work, lease: Lease, error: Exception) -> None:
    """Try the object again later, and say in the log where it failed; never with what."""
    code = code_of(error)
    work.running.outbox.postpone(lease, code, longest_s=register.settings.worker.retry_max_s)
    logger().error(
        "object.put-off",
        partition=register.partition,
        consumer=lease.consumer,
        object_id=str(lease.object),
        attempts=lease.attempts,
        code=code,
        error_type=type(error).__name__,
        where=frames_of(error),
    )


def is_about_the_object(error: Exception) -> bool:
    """Whether another object may well succeed."""
    return not is_the_servers_trouble(error) and not isinstance(error, _OF_THE_MACHINE)
