"""Register a signal: stored, audited and queued in one transaction; nothing in it waits for another country."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import date
from typing import Final

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.ground import ground_of
from register.domain.signal import Signal, SignalId, check_dates
from register.domain.signal_document import document
from register.mou.record import facts_of, keyed_by_form, preview
from register.pseudonyms.signal_keys import blind_entries, has_keys
from register.store.signals import ReferenceTaken
from register.store.work import Work
from schemas.canonical import dumps
from schemas.codes import Partition, SignalState
from schemas.signal import SignalIn
from schemas.signal_out import SignalOut

_DRAWS: Final = 20


def record_signal(register: Register, caller: Caller, form: SignalIn, key: str) -> SignalOut:
    """Store a signal in the caller's partition and queue it for those who may have it.

    Args:
        register: the caller's country's.
        caller: with the task SUBMIT.
        form: the eight questions and whatever else is known.
        key: the Idempotency-Key: the same key with the same form gives the first answer again.

    Returns:
        The signal with its reference, who may receive what and by which rule (a preview), and what happens next.

    Raises:
        TaskMissing: the caller may not submit.
        DateInFuture: names the field.
        KeyReused, InFlight: about the Idempotency-Key.
        BadSelector: a phone, document or date that cannot be read; says what to type instead.
    """
    caller.require(Task.SUBMIT)
    now = register.clock.now()
    check_dates(form, now.date())

    def make(work: Work) -> bytes:
        return _store(register, work, form, SignalId(register.clock.new_id())).model_dump_json().encode()

    request = dumps(form.model_dump(mode="json"))
    for _ in range(_DRAWS):
        # A reference that another request draws and commits at the same moment shows when the signal is stored, and
        # costs its whole transaction: rare, and cheaper than a lock that every request would wait for.
        with suppress(ReferenceTaken):
            # Read back from the very bytes that a repeat will get.
            return SignalOut.model_validate_json(register.once(caller, key, request, make))
    raise ReferenceTaken


def _store(register: Register, work: Work, form: SignalIn, signal_id: SignalId) -> SignalOut:
    now, caller = register.clock.now(), work.caller
    organisation = work.organisations.get(caller.organisation or "")
    # Derived before anything is written: a selector that cannot be read is the submitter's to correct, now.
    blinds = blind_entries(form, caller.partition, register.keys.blind_index)
    signal = Signal(
        id=signal_id,
        partition=caller.partition,
        reference=_draw_reference(work, caller.partition, now.date()),
        state=SignalState.REGISTERED if form.kind == "submission" else SignalState.RECEIVED,
        version=1,
        organisation=organisation.code,
        actor=caller.actor,
        type_registered=form.signal_type,
        type_assessed=form.signal_type,
        form=form,
        ground=ground_of(form, organisation, today=now.date(), covenant=register.settings.covenant or None),
        extract_id=register.clock.new_id(),
        pseudonyms="pending" if has_keys(form, caller.partition) else "none",
        last_necessity_at=now,
        recorded_at=now,
        changed_at=now,
    )
    work.signals.add(signal)
    work.own_tokens.set_blind(signal_id, blinds, fresh=True)
    work.timeline.note(
        signal_id, "recorded", caller.actor, {"state": signal.state}, reason=None, ends=signal.ground.retain_until
    )
    work.outbox.add("pseudonymise", signal_id)
    work.audit.note("signal.recorded", str(signal_id), kind=form.kind, type=form.signal_type)
    facts = facts_of(signal, organisation, keyed_by_form(signal))
    return document(signal, preview(facts, register.edition, today=now.date()))


def _draw_reference(work: Work, partition: Partition, today: date) -> str:
    """A reference with a drawn number: a counted one would tell a partner how many signals there are."""
    digits = 4
    while True:
        for _ in range(20):
            number = secrets.randbelow(10**digits - 1) + 1
            reference = f"{partition}-{today.year}-{number:0{digits}d}"
            if not work.signals.reference_is_taken(reference):
                return reference
        digits += 1  # the year is getting full at this length
