"""Draft own words on statistics for every partner that has not been told: the worker's job.

A contribution carries no record and no person (Wpg 22), so no rule of the MoU picks its readers: all partners get it,
each in its own log. Doing it twice drafts nothing the second time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.services.statistics.statements.words import entry_of
from register.store.exchange.drafts import Said
from schemas.codes import EntryType
from schemas.statistics.entry import STATISTICS_SCHEMA, encode_entry

BODIES_KEPT: Final = timedelta(days=10 * 366)
"""How long a partner that comes back from loss can still pull them (assumed)."""


def send_words(register: Register) -> int:
    """Draft what is waiting; return how many drafts were written."""
    caller = system(register.partition, "worker")
    with register.work(caller) as work:
        leases = work.running.outbox.lease(Consumer.WORDS, 1, seconds=register.settings.worker.lease_s)
    if not leases:
        return 0
    drafted = 0
    ends = register.clock.now().date() + BODIES_KEPT
    alike = register.keys.fingerprint
    with register.work(caller) as work:
        own = work.statistics.statements.own_objects()
        for partner in others(register.partition):
            unsaid = set(own) - work.exchange.drafts.said_of(partner, own, alike=alike)
            for kind, row in work.statistics.statements.of_objects(unsaid):
                body = encode_entry(entry_of(kind, row))
                said = {partner: Said(EntryType.STATISTICS, STATISTICS_SCHEMA, body, live=True)}
                drafted += len(work.exchange.drafts.say(row.object, said, keep_until=ends, alike=alike))
        work.running.outbox.settle(leases[0])
        if drafted:
            work.running.audit.note(AuditAction.STATISTICS_DRAFTED, "-", drafts=drafted)
    return drafted
