"""Read one signal, with its timeline; the reading itself leaves a leaf in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.signal import Signal, SignalId
from register.domain.signal_document import document
from register.errors import NotFound
from register.mou.record import decide_all, facts_of, keyed_by_form, preview
from register.store.sealing import Erased
from register.store.work import Work
from schemas.codes import Partition
from schemas.signal_out import SharingPreview, SignalOut


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a signal's timeline."""

    at: datetime
    what: str
    actor: str
    facts: dict[str, Any]
    reason: str | None


def read_signal(register: Register, caller: Caller, which: SignalId | str) -> SignalOut:
    """Return a signal of the caller's own country, by its id or its reference.

    Whoever reads for the whole country needs REGISTER, ENRICH, CONSENT or PROSECUTE; with SUBMIT or READ_OWN one sees
    what the own organisation submitted. A signal he may not read is answered like one that is not there; the attempt
    is logged.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with _looking(register, caller, which) as work:
        signal = _found(work, caller, which)
        work.audit.note("signal.read", str(signal.id), version=signal.version)
        return document(signal, _sharing(register, work, signal), work.referrals.of_signal(signal.id))


def read_history(register: Register, caller: Caller, signal_id: SignalId) -> list[HistoryLine]:
    """Return the timeline of a signal, oldest first; rights as for reading it."""
    with _looking(register, caller, signal_id) as work:
        _found(work, caller, signal_id)
        work.audit.note("signal.history-read", str(signal_id))
        return [HistoryLine(**e) for e in work.timeline.of(signal_id)]


@contextmanager
def _looking(register: Register, caller: Caller, which: SignalId | str) -> Iterator[Work]:
    """A transaction for reading; of a reading that found nothing, a leaf stays all the same."""
    try:
        with register.work(caller) as work:
            yield work
    except NotFound:
        with register.work(caller) as work:
            work.audit.note("signal.not-found", str(which))
        raise


def _found(work: Work, caller: Caller, which: SignalId | str) -> Signal:
    # One sentence for what is not there and what is not shown: a reference must not be told from none.
    nothing = NotFound(f"there is no signal {which} in this register")
    try:
        signal = work.signals.get(work.signals.id_of(which) if isinstance(which, str) else which)
        _check(caller, signal)
    except Erased:
        raise
    except NotFound:
        raise nothing from None
    return signal


def _check(caller: Caller, signal: Signal) -> None:
    # Those who register, enrich or decide see all of the country; READ_OWN and SUBMIT see their own organisation's.
    whole_country = any(caller.may(t) for t in (Task.REGISTER, Task.ENRICH, Task.PROSECUTE, Task.CONSENT))
    own = caller.organisation == signal.organisation and (caller.may(Task.SUBMIT) or caller.may(Task.READ_OWN))
    if not whole_country and not own:
        raise NotFound(f"there is no signal {signal.id} in this register")


def _sharing(register: Register, work: Work, signal: Signal) -> tuple[SharingPreview, ...]:
    """What was decided, once the worker has; the preview until then."""
    today = register.clock.now().date()
    facts = facts_of(signal, work.organisations.get(signal.organisation), keyed_by_form(signal))
    decided = work.sharing.of(signal.id)
    if not decided:
        return preview(facts, register.edition, today=today)
    sentences = {p: d.sentences for p, d in decide_all(facts, register.edition, today=today).items()}
    rules = register.edition.rules
    return tuple(
        SharingPreview(
            recipient=Partition(partner),
            allowed=allowed,
            rules=ids,
            sentences=sentences[partner] if allowed else tuple(rules[i].says for i in ids if i in rules),
        )
        for partner, (allowed, ids) in sorted(decided.items())
    )
