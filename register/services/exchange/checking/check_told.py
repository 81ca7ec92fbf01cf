"""Compare what partners were told last with what the country says now, a portion a turn: what came apart is mended.

A removal follows from a fact by a row in the queue and a word in the log. Where either was lost or written over beside
the program, the person would stay found abroad and nobody would know: so once a day each extract that a partner is left
with is looked at. Whose report is withdrawn or gone is taken back; what was refused is decided again at once. It rings.
A draft with a mark that fits and that was put aside, or has another entry's number, waits again: only the program
decides what is not told. A report of which pseudonyms are missing, and that nobody goes on with, is gone on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.caller import system
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.errors import code_of
from register.logs import logger
from register.services.exchange.checking.go_round import TURN_S, go_round
from register.services.running.try_each import is_about_the_object
from register.services.signals.decide_sharing import take_back, take_back_nameless
from register.services.signals.share_signal import WAITING
from register.store.exchange.damages import Stored
from register.store.work import Work
from schemas.codes import Partition

TOLD: Final = "told"
"""What the alarm is about: partners have what the country says they may not."""
_PORTION: Final = 200
_NAMED: Final = 1_000


def check_told(register: Register, *, turn_s: float = TURN_S) -> None:
    """Go on with the day's round through what each partner was told."""
    partners, alike = others(register.partition), register.keys.fingerprint

    def look(after: str) -> str | None:
        at, _, seen = after.partition("/")
        number = int(at or 0)
        partner = partners[number]
        with register.work(system(register.partition, "worker")) as work:
            if not seen:
                _forget_what_was_removed(work, partner)
            begun = UUID(seen) if seen else None
            ended, live = work.exchange.drafts.live_after(partner, begun, _PORTION, alike=alike)
            again = work.exchange.drafts.wait_again(partner, begun, ended, alike=alike)
            _tell(work, partner, again)
            standing = work.signals.reports.standing(live)
            apart = _find_wrongly_told(work, partner, live, standing)
            # A change that gives less is told in its own transaction: what is found here only waits for pseudonyms.
            consumer = Consumer.PSEUDONYMISE
            work.running.outbox.add(consumer, *work.signals.sharing.overlooked(standing.values(), WAITING, consumer))
        for about in again:
            logger().error("draft.waits-again", partition=register.partition, partner=partner, object_id=str(about))
        for about in apart:
            try:
                _mend_sharing(register, partner, about)
            except Exception as error:
                if not is_about_the_object(error):
                    raise
                logger().error(
                    "told.not-mended", partition=register.partition, object_id=str(about), code=code_of(error)
                )
        if ended is not None:
            return f"{number}/{ended}"
        return f"{number + 1}/" if number + 1 < len(partners) else None

    go_round(register, TOLD, look, turn_s=turn_s)


def _find_wrongly_told(
    work: Work, partner: Partition, live: Sequence[UUID], standing: Mapping[UUID, SignalId]
) -> list[UUID]:
    """Of what a partner is left with, what it may not have by what stands here now."""
    refused = work.signals.sharing.refused(partner, standing.values())
    return [about for about in live if about not in standing or standing[about] in refused]


def _mend_sharing(register: Register, partner: Partition, about: UUID) -> None:
    alike = register.keys.fingerprint
    with register.work(system(register.partition, "worker")) as work:
        # As whoever shares: before any row is locked.
        work.signals.protections.wait_for_facts()
        signal_id = work.signals.reports.id_of_extract(about)
        if signal_id is not None:
            work.signals.reports.lock(signal_id)
        held = partner in work.exchange.drafts.holders(about, alike=alike)
        if not held or not _find_wrongly_told(work, partner, [about], work.signals.reports.standing([about])):
            return  # it was in between the fact and its word
        if signal_id is None:
            take_back_nameless(register, work, about)
        elif (sealed := work.signals.reports.get_sealed(signal_id)).withdrawn_at is not None:
            take_back(register, work, sealed)
        else:
            work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id, urgent=True)
        _tell(work, partner, [about])
    logger().error("extract.told-differed", partition=register.partition, partner=partner, object_id=str(about))


def _tell(work: Work, partner: Partition, differed: Sequence[UUID]) -> None:
    for about in differed:
        work.access.alarms.ring(rows_differ(TOLD))
        work.running.audit.note(AuditAction.EXTRACT_TOLD_DIFFERED, str(about), partner=partner)


def _forget_what_was_removed(work: Work, partner: Partition) -> None:
    """What somebody wrote into the log beside the program is no damage any more once an administrator took it out."""
    there = {str(one) for one in work.exchange.log.aside(partner)}
    noted = work.exchange.damages.first(Stored.DRAFT, partner, _NAMED)
    work.exchange.damages.clear(Stored.DRAFT, partner, [one for one in noted if one not in there])
