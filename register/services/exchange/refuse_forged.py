"""What somebody wrote into a country's log beside the program gets no number: one row of it stopped all behind it.

A partner that pulls an entry that is not in order takes nothing behind it, removals neither. So each draft is known by
its mark before it is numbered; one without a mark that fits is put aside, and rings.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.exchange.draft_marks import is_own
from register.domain.exchange.log import WaitingDraft
from register.domain.running.audit_action import AuditAction
from register.logs import logger
from register.store.exchange.damages import Stored
from register.store.work import Work
from schemas.codes import Partition

_NAMED: Final = 20


def refuse_forged(register: Register, work: Work, partner: Partition, drafts: list[WaitingDraft]) -> list[WaitingDraft]:
    """Return the drafts that the program wrote, in order; in the caller's transaction the others are put aside."""
    alike, country = register.keys.fingerprint, register.partition
    forged = [one for one in drafts if not is_own(alike, country, asdict(one) | {"partner": partner})]
    if not forged:
        return drafts
    names = [str(one.id) for one in forged]
    work.exchange.log.put_aside([one.id for one in forged])
    work.exchange.damages.note(Stored.DRAFT, partner, names)
    work.access.alarms.ring(rows_differ(Stored.DRAFT))
    work.running.audit.note(AuditAction.DRAFT_REFUSED, str(partner), count=len(names), drafts=names[:_NAMED])
    logger().error("draft.refused", partition=country, partner=partner, count=len(names), draft_id=names[0])
    aside = set(names)
    return [one for one in drafts if str(one.id) not in aside]
