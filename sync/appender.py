"""The one appender of a country: turns committed drafts into chained entries, in batches (README, step 3).

One transaction a batch: a batch is in the log whole or not at all, and its drafts are numbered with it, so an appender
that dies leaves nothing half done. Two at once are kept apart by the lease and, past it, by the fence in each log's
head. Nothing is signed here: pages are, when they are asked for.
"""

from __future__ import annotations

from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.log import LogHead, NewEntry
from register.failpoints import Failpoint
from register.logs import logger
from schemas.codes import Partition
from sync.protocol.documents.stub import DraftStub, LogId, Tip, chain

BATCH: Final = 1_000
LEASE_S: Final = 30.0


class Appender:
    """Appends for one country while it holds the lease."""

    def __init__(self, register: Register, owner: str, *, batch: int = BATCH, lease_s: float = LEASE_S) -> None:
        """Take the register.

        Args:
            register: the country's.
            owner: names this process among those that might append; fresh for each.
            batch: drafts a transaction.
            lease_s: for how long others wait before they take over; renewed before every batch.
        """
        self._register, self._owner, self._batch, self._lease_s = register, owner, batch, lease_s
        self._caller = system(register.partition, "worker")

    def turn(self) -> int:
        """Append one batch for each partner with drafts waiting; return how many entries, 0 if there was nothing to do.

        Raises:
            Fenced: another appender took over; nothing of the batch was written.
        """
        with self._register.work(self._caller) as work:
            partners = work.log.partners_waiting()
        return sum(self._append(partner) for partner in partners)

    def close(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self._register.work(self._caller) as work:
            work.log.release(self._owner)

    def _append(self, partner: Partition) -> int:
        log = LogId(self._register.partition, partner, self._register.settings.sync.incarnation)
        empty = LogHead(log.incarnation, 0, log.start().hash)
        with self._register.work(self._caller) as work:
            # In a transaction of its own: the lease shall hold while the batch is not committed yet.
            fence = work.log.lease(self._owner, self._lease_s)
        if fence is None:
            return 0
        with self._register.work(self._caller) as work:
            head = work.log.lock_head(partner, empty, fence)
            if head.stopped is not None:
                return 0
            drafts = work.log.waiting(partner, self._batch)
            entries, tip = chain(
                Tip(head.tip_seq, head.tip_hash),
                [DraftStub(str(d.id), d.type, str(d.object), d.version, d.schema, d.commitment) for d in drafts],
            )
            work.log.append(
                partner,
                LogHead(log.incarnation, tip.seq, tip.hash),
                [NewEntry(e.seq, d, e.stub, e.entry_hash) for e, d in zip(entries, drafts, strict=True)],
            )
            if entries:
                self._register.failpoints.hit(Failpoint.APPENDER_CHAINED)
        if entries:
            self._register.failpoints.hit(Failpoint.APPENDER_COMMITTED)
            logger().info(
                "exchange.appended", partition=log.origin, partner=partner, entries=len(entries), to_seq=tip.seq
            )
        return len(entries)
