"""Warn of a report that is already there: the same answers, phone, document, plate or person in the last days.

Compares with the country's own blind index only, and only with signals that the caller may read; each comparison
leaves a leaf in the audit log, also when nothing was found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.signal_keys import blind_entries, report_keys
from register.store.signals.near_duplicates import NearDuplicate
from register.store.work import Work
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
    with register.work(caller) as work:
        return near_duplicates_in(register, work, form)


def near_duplicates_in(register: Register, work: Work, form: SignalIn) -> list[NearDuplicate]:
    """Return the same in an open transaction, before the form itself is stored in it."""
    caller = work.caller
    secret = register.keys.blind_index
    as_it_is, alike = (blind_index(secret, key) for key in report_keys(form))
    blinds = [*(blind for _, _, blind in blind_entries(form, caller.partition, secret)), alike]
    whole = caller.may(Task.REGISTER) or caller.may(Task.ENRICH)
    found = work.near_duplicates.of(
        blinds,
        whole=as_it_is,
        since=register.clock.now() - WITHIN,
        organisation=None if whole else caller.organisation or "",
        most=MOST,
    )
    work.audit.note("signal.compared", "-", values=len(blinds), found=len(found))
    return found
