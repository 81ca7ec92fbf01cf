"""A leaf for what was refused: its own transaction, since a refusal rolls back all else, the leaf of the step too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.caller import Caller
from register.domain.running.audit_action import AuditAction
from register.errors import RegisterError
from register.store.work import Work


@contextmanager
def noted(register: Register, caller: Caller, action: AuditAction, about: str) -> Iterator[Work]:
    """One unit of work that leaves a leaf also where it ends in a refusal, and rings where a release was forged.

    Args:
        register: where.
        caller: who asks.
        action: of the leaf that a refusal leaves; done, the step notes its own.
        about: what it is about.

    Raises:
        RegisterError: the refusal, once its leaf is written.
    """
    try:
        with register.work(caller) as work:
            yield work
            ring_if_forged(work, work)
    except RegisterError as refusal:
        with register.work(caller) as after:
            ring_if_forged(work, after)
            after.running.audit.note(action, about, refused=refusal.code)
        raise


def ring_if_forged(read: Work, work: Work) -> None:
    """Ring, in `work`, where a state or an approval that was read in `read` is not the one that was sealed."""
    if read.statistics.releases.differ:
        work.access.alarms.ring(rows_differ("release"))
