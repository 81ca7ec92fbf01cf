"""Withdraw a signal of which nothing opens any more: its key is lost, or what was sealed of it was damaged.

Taking back needs no plaintext: a retraction names the extract and no word of it. So a report that nobody can read any
more can still be taken from whoever has it abroad.
"""

from __future__ import annotations

from typing import Final

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.instant import to_ms
from register.domain.signals.reading import may_amend
from register.domain.signals.signal import AlreadyWithdrawn, SealedSignal, SignalId
from register.domain.signals.taken_up import TAKES_UP, TakenUp, only_brought_in
from register.errors import NotFound, NotPermitted, RegisterError
from register.keys.envelope import FieldSealBroken
from register.keys.keystore import UnknownSecret
from register.store.running.sealing import Erased
from register.store.work import Work
from schemas.codes import ToDoKind
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import WithdrawnUnread

UNREADABLE: Final[tuple[type[RegisterError], ...]] = (Erased, FieldSealBroken, UnknownSecret)
"""What is raised where the content of a signal does not open."""


def withdraw_unread(
    register: Register, caller: Caller, signal_id: SignalId, withdrawal: WithdrawIn, *, version: int
) -> WithdrawnUnread:
    """Withdraw a signal everywhere without opening anything of it; by the rights of any withdrawal.

    Raises:
        ChangedMeanwhile, NotFound: as for an amendment.
        AlreadyWithdrawn: it was withdrawn before.
        TakenUp: the register unit has taken it up, and the caller is not of it.
    """
    with register.looking(caller, "signal.not-withdrawn", signal_id, NotPermitted) as work:
        work.signals.lock(signal_id)
        found = work.signals.get_sealed(signal_id)
        _check(work, found, version)
        now, code = register.clock.now(), withdrawal.code.value
        work.signals.set_columns(
            signal_id, withdrawn_at=now, withdrawn_code=code, version=found.version + 1, updated_at=now
        )
        made = work.signals.get_sealed(signal_id)
        for kind in (ToDoKind.FINDING, ToDoKind.CONFIRM, ToDoKind.APPROVAL):
            work.to_do.close_of_signal(kind, signal_id)
        work.timeline.note(
            signal_id, "withdrawn", caller.actor, {"code": code}, reason=withdrawal.reason, ends=found.retain_until
        )
        work.audit.note("signal.withdrawn", str(signal_id), version=made.version, code=code, unread=True)
        # Urgent, as every withdrawal: the worker takes it back, and settles what was put off because it does not open.
        work.outbox.add("pseudonymise", signal_id, urgent=True)
    return WithdrawnUnread(
        id=signal_id,
        reference=made.reference,
        version=made.version,
        withdrawn_at=to_ms(now),
        next_steps=(
            "It was withdrawn unread; each partner that had its extract confirms with a receipt when it is gone.",
            "What was sealed of it does not open here: ask the operator for a backup before anybody relies on it.",
        ),
    )


def _check(work: Work, signal: SealedSignal, version: int) -> None:
    if not may_amend(work.caller, signal.organisation):
        raise NotFound(f"there is no signal {signal.id} in this register")
    if signal.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"{signal.reference} was withdrawn; it cannot change", reference=signal.reference)
    signal.check_version(version)
    if only_brought_in(work.caller, signal.organisation) and work.timeline.actors(signal.id, TAKES_UP):
        raise TakenUp(f"the register unit has taken {signal.reference} up; it withdraws it")
