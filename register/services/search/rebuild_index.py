"""Fill the search index again where it is gone: the engine lost its data, was replaced, or is met for the first time.

The index is derived, so nothing is read back from anywhere but PostgreSQL: every live object of the origins whose
index is missing is put before the feed, which brings it to its present state like any other. A new mapping is not
here: `SearchIndex.rebuild` fills a generation beside the one that serves.
"""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import system
from register.domain.partition import PARTITIONS
from register.logs import logger
from schemas.codes import Partition

INDEX = "index"


def refill_missing(register: Register) -> tuple[Partition, ...]:
    """Make the indexes that are missing and queue what belongs in them; return their origins. Cheap to repeat.

    Raises:
        EngineUnavailable, EngineRefused: nothing is lost; call it again.
    """
    if register.index is None:
        return ()
    missing = register.index.missing(PARTITIONS)
    if not missing:
        return ()
    queued = 0
    # Queued before the indexes are made: killed in between, the next look finds them missing again.
    with register.work(system(register.partition, "worker")) as work:
        for origin in missing:
            own = origin is register.partition
            objects = work.signals.live_extracts() if own else [row.object for row in work.received.live(origin)]
            work.outbox.add(INDEX, *objects)
            queued += len(objects)
    register.index.prepare(missing)
    logger().info("index.refilled", partition=register.partition, count=len(missing), entries=queued)
    return missing
