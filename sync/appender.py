"""The one appender of a country: turns committed drafts into chained entries, in batches (README, steps 3 and 10).

Before its first append to a log it asks the partner for the newest receipt that it gave, and appends nothing as long as
that cannot be asked: a node that was restored from a backup does not know that it was. A receipt of what this node does
not remember stops the log, with code and time; registering goes on, and so do the logs for other partners. It asks
again whenever the log does not end where this process last saw it: another process appended, or the database was
exchanged under it.

One transaction a batch: a batch is in the log whole or not at all, and its drafts are numbered with it, so an appender
that dies leaves nothing half done. Two at once are kept apart by the lease and, past it, by the fence in each log's
head. Nothing is signed here: pages are, when they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.log import LogHead, NewEntry
from register.domain.partition import others
from register.errors import PartnerError
from register.failpoints import Failpoint
from register.logs import logger
from register.services.exchange.refuse_forged import refuse_forged
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import GivenReceipts, Receipt, Typ, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Signed, read_signed
from sync.protocol.documents.stub import DraftStub, LogId, Tip, chain
from sync.protocol.refusals import Malformed, OriginRestored
from sync.stopping import check_newest, stop_log, tip_of
from sync.transport.partner import NoSuchPartner, PartnerHttp, PartnerRefused, PartnerUnreachable
from sync.trust import trust_of

BATCH: Final = 1_000
_RECEIPTS: Final = "/sync/v1/receipts/latest"
_ANSWER_BYTES_MAX: Final = 2 * 1024 * 1024
LEASE_S: Final = 30.0
_ASKED_A_TURN: Final = 2
_GROWTH: Final = 1.5
_SERVERS_TROUBLE: Final = 500


class NewestReceipt(Protocol):
    """How the partner is asked; a process that appends where no partner can be has one of its own."""

    def __call__(self, log: LogId, disowned: AbstractSet[bytes], /) -> Signed[Receipt] | None:
        """The newest receipt that the log's recipient gave, of this incarnation or a later one; None if it gave none.

        Args:
            log: ours.
            disowned: digests of receipts that are passed over.

        Raises:
            PartnerError: it cannot be asked, or its answer is not believed.
        """
        ...


class AskedReceipt:
    """`NewestReceipt` over HTTP.

    A receipt is signed evidence and may be older than its key: one whose key was revoked since proves all the same that
    the partner knows more than we do. That the answer is the newest is the word of the connection alone, which is the
    partner's by its certificate: whoever can change answers can hide a receipt, and what is then appended is a fork
    that the partner refuses and keeps the proof of.
    """

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._own, self._http, self._rosters = register.partition, http, rosters

    def __call__(self, log: LogId, disowned: AbstractSet[bytes] = frozenset(), /) -> Signed[Receipt] | None:
        """Ask the recipient; of the disowned ones among its answer nothing is said.

        Raises:
            PartnerUnreachable, PartnerRefused, NoSuchPartner: it cannot be asked.
            PartnerError: what it answered is no receipt of its own about a log of ours.
        """
        answer = self._http.get(log.recipient, _RECEIPTS, bytes_max=_ANSWER_BYTES_MAX)
        try:
            canonical.loads(answer.body, _ANSWER_BYTES_MAX)
            given = read(GivenReceipts, answer.body).receipts
        except DocumentRefused as refusal:
            raise Malformed(f"{log.recipient} does not say which receipt it gave last: {refusal}") from refusal
        # By digest alone: whether its signature holds was asked when it was refused.
        counting = [one for one in given if hashlib.sha256(one.receipt.encode("ascii")).digest() not in disowned]
        newest = max(counting, key=lambda one: one.inc, default=None)
        if newest is None or newest.inc < log.incarnation:
            return None
        trust = trust_of(self._own, self._rosters(), log.recipient)
        receipt = read_signed(newest.receipt.encode("ascii"), Typ.RECEIPT, Receipt, trust, new=False)
        if (said := receipt.claims.inc) != newest.inc:
            raise Malformed(f"{log.recipient} names a receipt of incarnation {said} as one of {newest.inc}")
        return receipt


class Appender:
    """Appends for one country while it holds the lease; may be used from several threads, one a partner."""

    def __init__(
        self,
        register: Register,
        owner: str,
        newest_receipt: NewestReceipt,
        *,
        batch: int = BATCH,
        lease_s: float = LEASE_S,
    ) -> None:
        """Take the register.

        Args:
            register: the country's.
            owner: names this process among those that might append; fresh for each.
            newest_receipt: asks partners what they acknowledged.
            batch: drafts a transaction.
            lease_s: for how long others wait before they take over; renewed before every batch.
        """
        self._register, self._owner, self._batch, self._lease_s = register, owner, batch, lease_s
        self._newest_receipt = newest_receipt
        self._caller = system(register.partition, "worker")
        self._agreed: dict[Partition, Tip] = {}  # where this process saw a log end last, agreed with its partner
        self._waits: dict[Partition, tuple[float, float]] = {}  # of who gave no answer: until when, and how long

    def turn(self) -> int:
        """Append one batch for each partner; return how many entries, 0 if there was nothing to do. As `append_to`."""
        return sum(self.append_to(partner) for partner in others(self._register.partition))

    def append_to(self, partner: Partition) -> int:
        """Append one batch of the drafts that wait for a partner, once it was asked what it acknowledged.

        Returns:
            How many entries; 0 where none waits, the partner gives no answer, the log is stopped, or another appender
            holds the lease.

        Raises:
            Fenced: another appender took over; nothing of the batch was written.
            PartnerError: the partner's answer is refused, or it refuses to answer; nothing is appended meanwhile.
        """
        log = LogId(self._register.partition, partner, self._register.settings.sync.incarnation)
        for _ in range(_ASKED_A_TURN):
            tip = self._agreed.get(partner) or self._ask(log)
            if tip is None:
                return 0
            appended = self._append(log, tip)
            if appended is not None:
                return appended
            self._agreed.pop(partner, None)
        return 0

    def has_agreed(self, partner: Partition) -> bool:
        """Whether there is nothing to do for a partner until a draft waits: what it acknowledged is known."""
        return partner in self._agreed

    def close(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self._register.work(self._caller) as work:
            work.exchange.log.release(self._owner)

    def _ask(self, log: LogId) -> Tip | None:
        """Where the log ends, if the partner acknowledged no more than that; None where nothing may be appended."""
        partner, clock = log.recipient, self._register.clock
        until, waited_s = self._waits.get(partner, (0.0, 0.0))
        if clock.monotonic() < until:
            return None
        with self._register.work(self._caller) as work:
            head = work.exchange.log.head(partner, log.incarnation)
            disowned = work.exchange.receipts.disowned(partner)
        if head is not None and head.stopped is not None:
            return None
        try:
            newest = self._newest_receipt(log, disowned)
        except PartnerError as error:
            if not _is_away(error):
                raise
            sync = self._register.settings.sync
            wait_s = min(max(sync.poll_min_s, waited_s * _GROWTH), sync.poll_max_s)
            self._waits[partner] = clock.monotonic() + wait_s, wait_s
            logger().info("exchange.not-asked", partition=log.origin, partner=partner, code=error.code)
            return None
        self._waits.pop(partner, None)
        return self._compare(log, newest)

    def _compare(self, log: LogId, newest: Signed[Receipt] | None) -> Tip | None:
        partner = log.recipient
        with self._register.work(self._caller) as work:
            tip = tip_of(work, log)
            try:
                check_newest(work, log, tip, newest)
            except OriginRestored as error:
                work.exchange.log.begin(partner, _build_empty_head(log))
                if newest is not None and stop_log(work, log, newest, error.code):
                    logger().error(
                        "exchange.alarm", partition=log.origin, partner=partner, code=error.code, detail=str(error)
                    )
                return None
        self._agreed[partner] = tip
        return tip

    def _append(self, log: LogId, tip: Tip) -> int | None:
        """Append one batch behind `tip`; None where the log does not end there any more."""
        partner = log.recipient
        with self._register.work(self._caller) as work:
            if not work.exchange.log.has_waiting(partner):
                return 0
        with self._register.work(self._caller) as work:
            # In a transaction of its own: the lease shall hold while the batch is not committed yet.
            fence = work.exchange.log.lease(self._owner, self._lease_s)
        if fence is None:
            return 0
        with self._register.work(self._caller) as work:
            head = work.exchange.log.lock_head(partner, _build_empty_head(log), fence)
            if head.stopped is not None:
                self._agreed.pop(partner, None)  # a receipt that came in says what this process was not told
                return 0
            if Tip(head.tip_seq, head.tip_hash) != tip:
                return None
            drafts = refuse_forged(self._register, work, partner, work.exchange.log.waiting(partner, self._batch))
            entries, after = chain(
                tip, [DraftStub(str(d.id), d.type, str(d.object), d.version, d.schema, d.commitment) for d in drafts]
            )
            work.exchange.log.append(
                partner,
                LogHead(log.incarnation, after.seq, after.hash),
                [NewEntry(e.seq, d, e.stub, e.entry_hash) for e, d in zip(entries, drafts, strict=True)],
            )
            if entries:
                self._register.failpoints.hit(Failpoint.APPENDER_CHAINED)
        self._agreed[partner] = after
        if entries:
            self._register.failpoints.hit(Failpoint.APPENDER_COMMITTED)
            logger().info(
                "exchange.appended", partition=log.origin, partner=partner, entries=len(entries), to_seq=after.seq
            )
        return len(entries)


def _build_empty_head(log: LogId) -> LogHead:
    return LogHead(log.incarnation, 0, log.start().hash)


def _is_away(error: PartnerError) -> bool:
    """Whether it is no fault of anybody's words: the partner gives no answer, or cannot serve now."""
    if isinstance(error, PartnerRefused):
        return error.status >= _SERVERS_TROUBLE
    return isinstance(error, PartnerUnreachable | NoSuchPartner)
