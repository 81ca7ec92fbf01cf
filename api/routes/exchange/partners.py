"""How the exchange stands, for coordinators and operators: from this country's own rows, nobody is asked."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.caller import Registered, SignedIn
from register.domain.partition import FACTS
from schemas.exchange.partners import PartnerOut, PartnersOut, ReceivedFrom, Refused, SentTo
from sync.status import FromPartner, PartnerStatus, ToPartner, read_exchange_status

router = APIRouter(prefix="/v1/partners", tags=["exchange"])


@router.get("")
def partners(register: Registered, caller: SignedIn) -> PartnersOut:
    """Per partner: last success, how far behind, refused entries with their rule, withdrawals not yet confirmed."""
    status = read_exchange_status(register, caller)
    return PartnersOut(
        country=register.partition,
        partners=tuple(partner_out(found) for found in status.partners),
        index_waiting=status.index_waiting,
    )


def partner_out(found: PartnerStatus) -> PartnerOut:
    """One partner's status as it is shown."""
    return PartnerOut(
        partner=found.partner,
        name=FACTS[found.partner].name,
        received=_describe_received(found.received),
        sent=_describe_sent(found.sent),
    )


def _describe_received(found: FromPartner) -> ReceivedFrom:
    return ReceivedFrom(
        applied_to=found.as_of.seq,
        behind=found.behind,
        head_at=found.as_of.at,
        stale=found.stale,
        last_success_at=found.last_success_at,
        last_error=found.last_error,
        last_error_at=found.last_error_at,
        refused=tuple(Refused(seq=q.seq, code=q.code, rule=q.rule) for q in found.quarantine),
        unconfirmed_withdrawals=found.unconfirmed,
        halted=found.halted,
        set_back_at=found.set_back_at,
    )


def _describe_sent(found: ToPartner) -> SentTo:
    return SentTo(
        tip=found.tip,
        waiting=found.waiting,
        acknowledged_to=found.acknowledged_to,
        last_receipt_at=found.last_receipt_at,
        open_withdrawals=found.open_retracts,
        overdue=len(found.overdue),
        refused=tuple(Refused(seq=seq, code=code) for seq, code in found.refused),
        withdrawals_refused=len(found.retracts_refused),
        stopped=found.stopped,
        stopped_at=found.stopped_at,
        held_back=found.held_back,
        held_back_since=found.held_back_since,
        converged=found.converged,
        reasons=found.not_converged,
    )
