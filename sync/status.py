"""How the exchange stands with each partner, in both directions: for operators, pages and the command line.

From this country's own rows and nothing else: nobody is asked. Of what a partner has, it knows what receipts say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.exchange.log import Hearing, LiveRow, LogHead, QuarantineRow, Telling
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.domain.running.node_finding import FindingCode, NodeFinding
from register.domain.running.to_do import withdrawals_unproven
from register.services.exchange.exchange_state import live_in_logs, standing
from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.wire import Receipt, read
from sync.protocol.documents.request import LEEWAY_SECONDS
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.liveset import AsOf, LiveObject, judge_convergence, live_root

LEEWAY: Final = timedelta(seconds=LEEWAY_SECONDS)
"""How far two clocks may differ, as for every signed request."""
DIFFERS: Final = frozenset({"roots-differ", "other-log"})
RECEIPT_OF_TOMORROW: Final = "receipt-from-the-future"
"""The newest receipt says that it was given later than it came."""
DOUBTS: Final = frozenset(
    {
        FindingCode.WITHDRAWALS_OVERDUE,
        FindingCode.WITHDRAWALS_REFUSED,
        FindingCode.PARTNER_DIFFERS,
        FindingCode.RECEIPT_OF_TOMORROW,
    }
)
"""What leaves open whether the partner has removed what it was to remove, and does not go by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromPartner:
    """What we have of a partner's log.

    Attributes:
        as_of: how fresh it is.
        stale: entries are known to be missing, or the newest head is too old.
        behind: entries known to be missing; None before the first head.
        quarantine: entries not applied, with code and rule.
        unconfirmed: retractions that our index has not confirmed.
        unacknowledged: receipts that the partner has not taken.
        last_error: code of what was refused or failed last; None once a pull succeeded again.
        halted: code of why the log is followed no more.
        set_back_at: since when the partner's log ends before what it gave us; None where it does not.
    """

    as_of: AsOf
    stale: bool
    behind: int | None
    quarantine: tuple[QuarantineRow, ...]
    unconfirmed: int
    unacknowledged: int
    last_success_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    halted: str | None
    set_back_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPartner:
    """What a partner has of our log.

    Attributes:
        tip: number of our last entry.
        waiting: drafts without a number.
        acknowledged_to: last entry that the partner says it applied.
        last_receipt_at: when it said so.
        open_retracts: retractions that it has not confirmed; `overdue` are those past their time.
        refused: (number, code) of what it has in quarantine; `retracts_refused` are those that are retractions.
        stopped: code of why nothing more is appended; `stopped_at` since when.
        not_converged: codes of why the partner does not have it all; empty where it does.
        held_back, held_back_since: as in `Telling`.
    """

    tip: int
    waiting: int
    acknowledged_to: int
    last_receipt_at: datetime | None
    open_retracts: int
    overdue: tuple[UUID, ...]
    refused: tuple[tuple[int, str], ...]
    stopped: str | None
    not_converged: tuple[str, ...]
    retracts_refused: tuple[int, ...] = ()
    stopped_at: datetime | None = None
    held_back: int = 0
    held_back_since: datetime | None = None

    @property
    def converged(self) -> bool:
        """Whether the partner has it all, and has removed what it was to remove."""
        return not self.not_converged


@dataclass(frozen=True, slots=True)
class PartnerStatus:
    """One partner, both directions."""

    partner: Partition
    received: FromPartner
    sent: ToPartner


@dataclass(frozen=True, slots=True)
class ExchangeStatus:
    """All partners; `index_waiting` objects are not yet as our index should have them."""

    partners: tuple[PartnerStatus, ...]
    index_waiting: int

    @property
    def converged(self) -> bool:
        """Whether everything told has arrived, on both sides as far as this node knows."""
        return not self.index_waiting and all(
            p.sent.converged
            and not (p.received.stale or p.received.quarantine or p.received.unconfirmed or p.received.set_back_at)
            for p in self.partners
        )


def exchange_status(register: Register, caller: Caller | None = None) -> ExchangeStatus:
    """Return how the exchange of one country stands; without a caller as the node itself."""
    caller = caller or system(register.partition, "worker")
    found = standing(register, caller)
    newest = {told.partner: _read_newest_receipt(told) for told in found.telling}
    # The walk over all that lives is saved where another reason holds already; the receipt's own root then stands in.
    tips = {told.partner: _find_tip(register, told) for told in found.telling}
    whole = {partner: tip.seq for partner, tip in tips.items() if _has_all(newest[partner], tip)}
    roots = {partner: _root_said(receipt) for partner, receipt in newest.items()}
    roots |= {partner: _derive_live_root(rows) for partner, rows in live_in_logs(register, caller, whole).items()}
    return ExchangeStatus(
        tuple(
            PartnerStatus(
                told.partner,
                _describe_received(register, heard),
                _describe_sent(register, told, newest[told.partner], roots[told.partner]),
            )
            for told, heard in zip(found.telling, found.hearing, strict=True)
        ),
        found.index_waiting,
    )


def note_doubts(register: Register) -> None:
    """Have it wait for somebody where what we took back may still be at a partner, and no longer where it may not.

    A receipt at the tip proves little by itself: that removals are late, refused or told otherwise is seen here, from
    the same status that everybody reads.
    """
    caller = system(register.partition, "worker")
    found = exchange_findings(exchange_status(register, caller))
    doubted = {one.about for one in found if one.code in DOUBTS}
    with register.work(caller) as work:
        for partner in others(register.partition):
            work.running.to_do.bring(withdrawals_unproven(partner, waits=str(partner) in doubted))


def read_exchange_status(register: Register, caller: Caller) -> ExchangeStatus:
    """The same for somebody who asks for it, with the leaf that says that he did.

    Raises:
        TaskMissing: only those with the task REGISTER or SEARCH_SHARED.
    """
    if not caller.may(Task.REGISTER):
        caller.require(Task.SEARCH_SHARED)
    with register.work(caller) as work:  # committed before anything is shown
        work.running.audit.note(AuditAction.EXCHANGE_STATUS_READ, "-")
    return exchange_status(register, caller)


def exchange_findings(status: ExchangeStatus) -> tuple[NodeFinding, ...]:
    """What of the exchange is not as it should be, for the operator."""
    return tuple(
        finding
        for one in status.partners
        for finding in (
            *_standing_still(str(one.partner), one),
            *_found_received(str(one.partner), one.received),
            *_found_sent(str(one.partner), one.sent),
        )
    )


def _standing_still(partner: str, one: PartnerStatus) -> Iterator[NodeFinding]:
    heard, told = one.received, one.sent
    if heard.halted:
        yield NodeFinding(FindingCode.LOG_HALTED, partner, heard.last_error_at, heard.halted)
    if heard.set_back_at:
        yield NodeFinding(FindingCode.ORIGIN_BEHIND, partner, heard.set_back_at)
    if told.stopped:
        yield NodeFinding(FindingCode.LOG_STOPPED, partner, told.stopped_at, told.stopped)
    if told.held_back:
        yield NodeFinding(FindingCode.REMOVALS_HELD_BACK, partner, told.held_back_since, str(told.held_back))


def _found_received(partner: str, heard: FromPartner) -> Iterator[NodeFinding]:
    if heard.stale:
        yield NodeFinding(FindingCode.PARTNER_STALE, partner, heard.last_success_at, heard.last_error or "")
    if heard.quarantine:
        oldest = min(row.seen_at for row in heard.quarantine)
        yield NodeFinding(FindingCode.ENTRIES_REFUSED, partner, oldest, str(len(heard.quarantine)))


def _found_sent(partner: str, told: ToPartner) -> Iterator[NodeFinding]:
    since = told.last_receipt_at
    if not told.stopped and DIFFERS & set(told.not_converged):
        yield NodeFinding(FindingCode.PARTNER_DIFFERS, partner, since)
    if RECEIPT_OF_TOMORROW in told.not_converged:
        yield NodeFinding(FindingCode.RECEIPT_OF_TOMORROW, partner, since)
    if told.retracts_refused:
        yield NodeFinding(FindingCode.WITHDRAWALS_REFUSED, partner, since, str(len(told.retracts_refused)))
    if told.refused:
        yield NodeFinding(FindingCode.PARTNER_REFUSES, partner, None, str(len(told.refused)))
    if told.overdue:
        yield NodeFinding(FindingCode.WITHDRAWALS_OVERDUE, partner, None, str(len(told.overdue)))


def _describe_received(register: Register, heard: Hearing) -> FromPartner:
    cursor = heard.cursor
    as_of = AsOf(
        incarnation=cursor.incarnation if cursor else 1,
        seq=cursor.applied_to if cursor else 0,
        tip_seq=cursor.head_seq if cursor else None,
        at=cursor.head_at if cursor else None,
    )
    oldest = timedelta(seconds=register.settings.sync.head_stale_after_s)
    return FromPartner(
        as_of=as_of,
        stale=as_of.is_stale(register.clock.now(), max_age=oldest),
        behind=None if as_of.tip_seq is None else max(0, as_of.tip_seq - as_of.seq),
        quarantine=heard.quarantine,
        unconfirmed=heard.unconfirmed,
        unacknowledged=heard.unacknowledged,
        last_success_at=cursor.last_success_at if cursor else None,
        last_error=cursor.last_error if cursor else None,
        last_error_at=cursor.last_error_at if cursor else None,
        halted=cursor.halted if cursor else None,
        set_back_at=cursor.origin_behind_at if cursor else None,
    )


def _describe_sent(register: Register, told: Telling, newest: Receipt | None, root: bytes) -> ToPartner:
    tip = _find_tip(register, told)
    stopped = told.head.stopped if told.head else None
    # By receipts that a backup has forgotten all may seem well: a log that says no more never is.
    reasons = (*(["log-stopped"] if stopped else []), *(["drafts-waiting"] if told.waiting else []))
    if newest is not None or tip.seq:
        reasons = (*reasons, *judge_convergence(newest, tip, root, index_caught_up=not told.open_retracts).reasons)
    if newest is not None and told.last_receipt_at is not None and _is_of_tomorrow(newest, told.last_receipt_at):
        reasons = (*reasons, RECEIPT_OF_TOMORROW)
    return ToPartner(
        tip=tip.seq,
        waiting=told.waiting,
        acknowledged_to=newest.applied_to if newest else 0,
        last_receipt_at=told.last_receipt_at,
        open_retracts=told.open_retracts,
        overdue=told.overdue,
        refused=tuple((note.seq, note.code) for note in newest.quarantined) if newest else (),
        retracts_refused=told.retracts_refused,
        stopped=stopped,
        not_converged=reasons,
        stopped_at=told.head.stopped_at if told.head else None,
        held_back=told.held_back,
        held_back_since=told.held_back_since,
    )


def _is_of_tomorrow(newest: Receipt, got_at: datetime) -> bool:
    return datetime.fromisoformat(newest.at) - got_at > LEEWAY


def _read_newest_receipt(told: Telling) -> Receipt | None:
    if told.newest_receipt is None:
        return None
    return read(Receipt, canonical.dumps(told.newest_receipt.claims))


def _has_all(newest: Receipt | None, tip: Tip) -> bool:
    return newest is not None and newest.live_root is not None and newest.applied_to == tip.seq


def _root_said(newest: Receipt | None) -> bytes:
    return canonical.unb64(newest.live_root) if newest and newest.live_root else b""


def _derive_live_root(rows: Iterable[LiveRow]) -> bytes:
    return live_root(LiveObject(str(row.object), row.version, row.commitment) for row in rows)


def _find_tip(register: Register, told: Telling) -> Tip:
    head: LogHead | None = told.head
    if head is None:
        return LogId(register.partition, told.partner, register.settings.sync.incarnation).start()
    return Tip(head.tip_seq, head.tip_hash)
