"""How the exchange with each partner stands, in both directions, from this country's own rows.

Whether a pair has converged takes the protocol's eyes on what a receipt says: `sync.status` adds it.
"""

from __future__ import annotations

from register.core import Register
from register.domain.caller import Caller
from register.domain.exchange import Hearing, LiveRow, Telling
from register.domain.partition import others
from register.store.work import Work
from schemas.codes import Partition


def telling(register: Register, caller: Caller) -> list[Telling]:
    """How far each partner is with what we tell it."""
    incarnation = register.settings.sync.incarnation
    with register.work(caller) as work:
        return [_telling(work, partner, incarnation) for partner in others(register.partition)]


def hearing(register: Register, caller: Caller, *, incarnation: int = 1) -> list[Hearing]:
    """How far we are with what each partner tells us."""
    with register.work(caller) as work:
        return [
            Hearing(
                partner=partner,
                cursor=work.received.cursor(partner, incarnation),
                quarantine=tuple(work.received.quarantined(partner, incarnation)),
                unconfirmed=work.received.unconfirmed(partner),
                unacknowledged=work.receipts.waiting(partner),
            )
            for partner in others(register.partition)
        ]


def index_waiting(register: Register, caller: Caller) -> int:
    """How many objects, own or received, the search index has not been brought up to."""
    with register.work(caller) as work:
        return work.outbox.waiting().get("index", 0)


def live_in_log(register: Register, caller: Caller, partner: Partition) -> list[LiveRow]:
    """What our log for a partner leaves in being, sorted by object."""
    with register.work(caller) as work:
        return work.log.live(partner, register.settings.sync.incarnation)


def _telling(work: Work, partner: Partition, incarnation: int) -> Telling:
    waiting, open_retracts = work.log.counts(partner)
    return Telling(
        partner=partner,
        head=work.log.head(partner, incarnation),
        waiting=waiting,
        newest_receipt=work.receipts.got(partner, incarnation),
        last_receipt_at=work.receipts.got_at(partner, incarnation),
        open_retracts=open_retracts,
        overdue=tuple(work.log.overdue(partner, work.clock.now())),
    )
