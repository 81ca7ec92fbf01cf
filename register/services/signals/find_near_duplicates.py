"""Warn of a report that is already there: the same phone, document, plate or person in the last days.

Compares with the country's own blind index only, and only with signals that the caller may read; each comparison
leaves a leaf in the audit log, also when nothing was found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.pseudonyms.signal_keys import blind_entries
from register.store.signals.near_duplicates import NearDuplicate
from schemas.signals.signal import SignalIn

WITHIN: Final = timedelta(days=14)
MOST: Final = 5


def find_near_duplicates(register: Register, caller: Caller, form: SignalIn) -> list[NearDuplicate]:
    """Return signals of the last fourteen days that share a value with the form, newest first, at most five.

    Those who register or enrich see the whole country's; anybody else those of the own organisation.

    Raises:
        TaskMissing: the caller may not submit.
        SelectorRefused: a value that cannot be read.
    """
    caller.require(Task.SUBMIT)
    blinds = [blind for _, _, blind in blind_entries(form, caller.partition, register.keys.blind_index)]
    if not blinds:
        return []
    whole = caller.may(Task.REGISTER) or caller.may(Task.ENRICH)
    with register.work(caller) as work:
        found = work.near_duplicates.of(
            blinds,
            since=register.clock.now() - WITHIN,
            organisation=None if whole else caller.organisation or "",
            most=MOST,
        )
        work.audit.note("signal.compared", "-", values=len(blinds), found=len(found))
    return found
