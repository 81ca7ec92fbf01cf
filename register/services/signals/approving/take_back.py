"""Take back what left on a yes that has ended, whether the report opens or not.

In the transaction in which it ends, and from those alone who have something of it: nobody else is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from register.core import Register, repeat_if_deadlocked
from register.domain.signals.signal import Signal, SignalId
from register.errors import code_of
from register.logs import frames_of, logger
from register.services.running.try_each import is_about_the_object
from register.services.signals.decide_sharing import decide_sharing, withheld_anew
from register.services.signals.protecting.assess_protection import assess_signal
from register.store.work import Work

GATE: Final = "GATE-1"
"""The rule that holds a record back without an approval; every edition has it."""


def take_back_held(register: Register, work: Work, signal: Signal) -> None:
    """Say to the partners that have something of a signal what they may have of it now; nobody else is told."""
    if not work.signals.sharing.of(signal.id):
        return  # nothing of it was decided yet, so nobody has anything
    organisation = work.access.organisations.get(signal.organisation)
    found = assess_signal(register, work, signal, organisation)
    before = work.signals.own_tokens.of(signal.id)
    tokens = withheld_anew(before, found)
    decide_sharing(register, work, signal, organisation, tokens, found, before=before, only_held=True)


def end_either_way(register: Register, signal_id: SignalId, ways: Sequence[Callable[[SignalId], int]]) -> int:
    """End something of one report, opened; where that fails for whatever is in the report, without opening it.

    One that cannot be ended stops none of the others: it is named in the log and tried again.

    Args:
        register: of the country.
        signal_id: of the report.
        ways: the one that opens it, then the one that does not; each is one transaction, and says how many it ended.
    """
    for way in ways:
        try:
            return repeat_if_deadlocked(way)(signal_id)
        except Exception as error:
            if not is_about_the_object(error):
                raise
            logger().error(
                "approval.end-failed",
                partition=register.partition,
                object_id=str(signal_id),
                opened=way is ways[0],
                code=code_of(error),
                where=frames_of(error),
            )
    return 0
