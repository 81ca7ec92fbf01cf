"""Let protect again what was written as lifted beside the register: before it counts for anything, and once a day."""

from __future__ import annotations

from collections.abc import Collection

from register.domain.access.alarm import rows_differ
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.errors import Unreadable
from register.services.signals.protecting.assess_protection import one_with
from register.store.signals.protecting.liftings import Lifted
from register.store.work import Work


def restore_never_asked(work: Work, about: Collection[SignalId], *, beside: Collection[bytes] = ()) -> bool:
    """Look at what is said to be lifted in these reports, and where one of these values protects; whether any was not.

    Args:
        work: the open transaction of the worker.
        about: the reports.
        beside: blind values, as assessing compares them: whoever owns one protects it in other reports too.
    """
    in_force = work.signals.liftings.in_force(about, beside)
    forged = {(one.signal, one.by, one.subject) for one in in_force if not _was_asked(work, one)}
    for signal, lifting, subject in sorted(forged):
        work.signals.protections.restore(signal, lifting, subject=subject)
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal)
        work.running.audit.note(AuditAction.PROTECTION_RESTORED, str(signal), lifting=str(lifting))
        work.access.alarms.ring(rows_differ("lifting"))
    return bool(forged)


def _was_asked(work: Work, lifted: Lifted) -> bool:
    """Whether the lifting was asked about this report, reason and person, under whichever number she stands in it."""
    asked = lifted.asked
    if asked is None or (asked.signal, asked.protection) != (lifted.signal, lifted.reason):
        return False
    if asked.subject == lifted.subject:
        return True
    try:
        return lifted.subject in one_with(work.signals.reports.get(lifted.signal), asked.subject)
    except Unreadable:
        return False  # nobody can say that it is she: it protects
