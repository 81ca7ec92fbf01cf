"""Destroy the data keys that have ended: the second step of an erasure, which only the worker's role can take.

Whoever erased ended the keys in the transaction of what was erased, and from then on they open nothing
(`store.running.sealing`). A worker that is killed in between has lost nothing: what it did not commit still waits.
"""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import system


def destroy_keys(register: Register, limit: int) -> int:
    """Destroy at most `limit` data keys that have ended, the first to end first; return how many.

    The audit log says of each lot why, who ended it, how many and which: ids of keys, which tell nothing of a person.
    """
    with register.work(system(register.partition, "worker")) as work:
        destroyed = work.keys.destroy_ended(limit)
        for lot in destroyed:
            work.audit.note(
                "data-keys.destroyed",
                "-",
                reason=lot.reason,
                by=lot.by,
                count=len(lot.keys),
                keys=[str(key) for key in lot.keys],
            )
    return sum(len(lot.keys) for lot in destroyed)
