"""How the exchange stands with each partner, in both directions: for operators, pages and the command line.

From this country's own rows and nothing else: nobody is asked. Of what a partner has, it knows what receipts say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from register.core import Register
from register.domain.caller import Caller, system
from register.domain.exchange import Hearing, LogHead, QuarantineRow, Telling
from register.services.exchange_state import hearing, index_waiting, live_in_log, telling
from schemas import canonical
from schemas.codes import Partition
from schemas.exchange import Receipt, read
from sync.protocol.liveset import AsOf, LiveObject, converged, live_root
from sync.protocol.stub import LogId, Tip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPartner:
    """What a partner has of our log.

    Attributes:
        tip: number of our last entry.
        waiting: drafts without a number.
        acknowledged_to: last entry that the partner says it applied.
        last_receipt_at: when it said so.
        open_retracts: retractions that it has not confirmed; `overdue` are those past their time.
        refused: (number, code) of what it has in quarantine.
        stopped: code of why nothing more is appended.
        not_converged: codes of why the partner does not have it all; empty where it does.
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
            p.sent.converged and not (p.received.stale or p.received.quarantine or p.received.unconfirmed)
            for p in self.partners
        )


def exchange_status(register: Register, caller: Caller | None = None) -> ExchangeStatus:
    """Return how the exchange of one country stands; without a caller as the node itself."""
    caller = caller or system(register.partition, "worker")
    heard = {h.partner: h for h in hearing(register, caller)}
    return ExchangeStatus(
        tuple(
            PartnerStatus(t.partner, _received(register, heard[t.partner]), _sent(register, caller, t))
            for t in telling(register, caller)
        ),
        index_waiting(register, caller),
    )


def _received(register: Register, heard: Hearing) -> FromPartner:
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
    )


def _sent(register: Register, caller: Caller, told: Telling) -> ToPartner:
    newest = None
    if told.newest_receipt is not None:
        newest = read(Receipt, canonical.dumps(told.newest_receipt.claims))
    tip = _tip(register, told)
    return ToPartner(
        tip=tip.seq,
        waiting=told.waiting,
        acknowledged_to=newest.applied_to if newest else 0,
        last_receipt_at=told.last_receipt_at,
        open_retracts=told.open_retracts,
        overdue=told.overdue,
        refused=tuple((note.seq, note.code) for note in newest.quarantined) if newest else (),
        stopped=told.head.stopped if told.head else None,
        not_converged=_reasons(register, caller, told, newest, tip),
    )


def _tip(register: Register, told: Telling) -> Tip:
    head: LogHead | None = told.head
    if head is None:
        return LogId(register.partition, told.partner, register.settings.sync.incarnation).start()
    return Tip(head.tip_seq, head.tip_hash)


def _reasons(register: Register, caller: Caller, told: Telling, newest: Receipt | None, tip: Tip) -> tuple[str, ...]:
    waiting = ("drafts-waiting",) if told.waiting else ()
    if newest is None and tip.seq == 0:
        return waiting
    if newest is None or newest.live_root is None or newest.applied_to != tip.seq:
        # The walk over all that lives is saved where another reason holds already.
        root = canonical.unb64(newest.live_root) if newest and newest.live_root else b""
    else:
        rows = live_in_log(register, caller, told.partner)
        root = live_root(LiveObject(str(r.object), r.version, r.commitment) for r in rows)
    return (*waiting, *converged(newest, tip, root, index_caught_up=not told.open_retracts).reasons)
