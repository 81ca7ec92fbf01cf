"""Warn of a report that is already there: the same answers, phone, document, plate or person in the last days.

Withdrawn ones are compared as long as they are kept: whoever withdraws a report and enters it again is told. And a
mark that asks for an approval of each sending passes on to what repeats the report, else a second entry would take it
off without its keeper.

Compares with the country's own blind index only, and only with signals that the caller may read; each comparison
leaves a leaf in the audit log, also when nothing was found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.running.audit_action import AuditAction
from register.domain.signals.history import SignalEvent
from register.domain.signals.signal import SignalId
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.signal_keys import blind_entries, report_keys, subject_keys
from register.store.signals.near_duplicates import NearDuplicate
from register.store.work import Work
from schemas.signals.signal import SignalIn

WITHIN: Final = timedelta(days=14)
MOST: Final = 5
MARK_WITHIN: Final = timedelta(days=90)
"""Assumed: how long a mark passes on; longer than a warning, which only saves work."""


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
    as_it_is, blinds = _derive_blinds(register, form)
    found = work.signals.near_duplicates.of(
        blinds,
        whole=as_it_is,
        since=register.clock.now() - WITHIN,
        organisation=_decide_whose(work.caller),
        most=MOST,
    )
    work.running.audit.note(AuditAction.SIGNAL_COMPARED, "-", values=len(blinds), found=len(found))
    return found


def with_mark_of_repeated(
    register: Register, work: Work, form: SignalIn, *, stored: SignalId | None = None
) -> tuple[SignalIn, NearDuplicate | None]:
    """Return the form, marked for single approval where it repeats a report that is; and that report.

    Only of reports that the caller may read: to whoever may not, a mark that comes from nowhere would tell that
    another report has one of these values.

    Args:
        register: of the country.
        work: the open transaction.
        form: as it is to be stored.
        stored: the signal that it is a correction of; a mark that the keeper took off that one stays off.
    """
    if form.single_approval or (
        stored is not None and work.signals.timeline.actors(stored, {SignalEvent.APPROVAL_LIFTED})
    ):
        return form, None
    as_it_is, blinds = _derive_blinds(register, form)
    found = work.signals.near_duplicates.of(
        blinds,
        whole=as_it_is,
        since=register.clock.now() - MARK_WITHIN,
        organisation=_decide_whose(work.caller),
        most=1,
        marked=True,
        besides=stored,
    )
    if not found:
        return form, None
    return form.model_copy(update={"single_approval": True}), found[0]


def _derive_blinds(register: Register, form: SignalIn) -> tuple[bytes, list[bytes]]:
    """What a report is known again by: as a whole, to the last letter; and each value, and however it is written."""
    secret = register.keys.blind_index
    as_it_is, alike = (blind_index(secret, key) for key in report_keys(form))
    return as_it_is, [*(blind for _, _, blind in blind_entries(subject_keys(form, register.partition), secret)), alike]


def _decide_whose(caller: Caller) -> str | None:
    """Whose reports are compared: those who register or enrich see the whole country's."""
    return None if caller.may(Task.REGISTER) or caller.may(Task.ENRICH) else caller.organisation or ""
