"""What somebody wrote to the database beside the register opens nothing, and rings.

A row that opens a report to whom it names is sealed for both. Whoever holds a log-in of the database may write such a
row, and cannot seal it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.caller import Caller, Task
from register.domain.running.audit_action import AuditAction
from register.errors import DoesNotOpen, NotFound
from register.store.running.sealing import NotSealed
from register.store.sealed_before import Marked


@contextmanager
def sealed(kind: str, about: object) -> Iterator[None]:
    """Around what opens such a row alone: whatever does not open there was not sealed for it."""
    try:
        yield
    except DoesNotOpen as error:
        raise NotSealed(f"{kind} {about} does not open beside what its row says") from error


@contextmanager
def forged_told(register: Register, caller: Caller, kind: str, about: UUID, nothing: NotFound) -> Iterator[None]:
    """Around a use case of such a row: a forged one leaves a leaf, and rings.

    Raises:
        NotSealed: it is forged, and the caller is of the register unit, who must know.
        NotFound: `nothing`, to anybody else: as of one that is not there.
    """
    try:
        yield
    except NotSealed as error:
        with register.work(caller) as work:
            # One that waits to be sealed anew is not forged; the worker, which looks at it then, rings where it is.
            if not work.running.sealed_before.awaits(Marked(kind), about):
                work.running.audit.note(AuditAction.named(f"{kind}.not-sealed"), str(about), code=error.code)
                work.access.alarms.ring(rows_differ(kind))
        if caller.may(Task.REGISTER):
            raise
        raise nothing from None
