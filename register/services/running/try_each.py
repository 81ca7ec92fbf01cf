"""One object that cannot be brought on never stops those behind it.

Each of a portion is tried inside a savepoint. What fails about one object puts that object off with the code of what
went wrong, and after many tries before a person (`Outbox.postpone`); the rest of the portion goes on. What fails
about the machine (the database or the engine is away) is no object's fault: it ends the turn, and all are tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from register.core import Register
from register.errors import code_of
from register.logs import frames_of, logger
from register.search.errors import EngineRefused, EngineUnavailable, IndexMissing
from register.store.running.database import is_the_servers_trouble
from register.store.running.outbox import Lease
from register.store.work import Work

T = TypeVar("T")
_OF_THE_ENGINE = (EngineUnavailable, EngineRefused, IndexMissing)


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
    work.outbox.postpone(lease, code, longest_s=register.settings.worker.retry_max_s)
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
    return not is_the_servers_trouble(error) and not isinstance(error, _OF_THE_ENGINE)
