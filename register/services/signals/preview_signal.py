"""Say what registering a form would do, before it is done: nothing is stored.

The same rules and the same ground as `record_signal` uses, on a signal that is never kept. `refusal_of` tells a
submitter at once, while the value is before his eyes, that a phone or document cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Organisation
from register.domain.signals.ground import ground_of
from register.domain.signals.protection import check_ages
from register.domain.signals.signal import LegalGround, Signal, SignalId, check_dates
from register.domain.signals.signal_document import questions
from register.mou.facts import LOOSE
from register.mou.keys import publishable_keys
from register.mou.record import facts_of, keys_of, loose_key, preview_sharing
from register.pseudonyms.errors import SelectorRefused
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import has_keys, keyed_subjects
from schemas.codes import SignalState
from schemas.signals.out import SharingPreview
from schemas.signals.reading import ReadingOut
from schemas.signals.signal import SignalIn

_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SignalPreview:
    """What would be stored and who would be told.

    Attributes:
        ground: what the record would rest on in law.
        organisation: the one that submits it; its profile fills in what the form leaves open.
        sharing: for each partner whether the extract may go, and by which rules.
        keyed: whether anything about the form could be matched at all.
        readings: how each value is read.
        loose_stay: of each value without an owner, whether it stays at home by what the form says.
        questions: what the report asks next, as the registered one will.
    """

    ground: LegalGround
    organisation: Organisation
    sharing: tuple[SharingPreview, ...]
    keyed: bool
    readings: tuple[ReadingOut, ...]
    questions: tuple[str, ...]
    loose_stay: tuple[bool, ...]


def preview_signal(register: Register, caller: Caller, form: SignalIn) -> SignalPreview:
    """Return what `record_signal` would do with this form now.

    Raises:
        TaskMissing, DateInFuture, AgeContradicted, CodeRetired, SelectorRefused: as registering it would.
    """
    caller.require(Task.SUBMIT)
    now = register.clock.now()
    today = register.day_of(now)
    check_dates(form, today)
    check_ages(form, today)
    register.check_codes(form, on=today)
    keyed = keyed_subjects(form, caller.partition)
    with register.work(caller) as work:
        organisation = work.access.organisations.get(caller.organisation or "")
    ground = ground_of(form, organisation, today=today, covenant=register.settings.covenant or None)
    signal = Signal(
        id=SignalId(_NIL),
        partition=caller.partition,
        reference="",
        state=SignalState.REGISTERED if form.kind == "submission" else SignalState.RECEIVED,
        version=1,
        organisation=organisation.code,
        actor=caller.actor,
        type_registered=form.signal_type,
        type_assessed=form.signal_type,
        form=form,
        ground=ground,
        extract_id=_NIL,
        pseudonyms="pending" if keyed else "none",
        last_necessity_at=now,
        recorded_at=now,
        changed_at=now,
    )
    facts = facts_of(signal, organisation, keys_of(form, keyed))
    keys = publishable_keys(facts, register.edition)
    return SignalPreview(
        ground,
        organisation,
        preview_sharing(facts, register.edition, today=today),
        bool(keyed),
        readings_of(form, caller.partition),
        questions(signal),
        tuple(bool(keys.rules_of(LOOSE, loose_key(form, one).id)) for one in form.selectors),
    )


def refusal_of(register: Register, form: SignalIn) -> str | None:
    """Return the code of the refusal if a value of the form cannot be read, for instance `phone-refused`."""
    refused = refused_of(register, form)
    return None if refused is None else refused.code


def readings_of_form(register: Register, form: SignalIn) -> tuple[ReadingOut, ...]:
    """Return how each value of a form is read."""
    return readings_of(form, register.partition)


def refused_of(register: Register, form: SignalIn) -> SelectorRefused | None:
    """Return the refusal of the first value of the form that cannot be read."""
    try:
        has_keys(form, register.partition)
    except SelectorRefused as refused:
        return refused
    return None
