"""Read one signal, with its timeline; the reading itself leaves a leaf in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.signal import Signal, SignalId
from register.domain.signal_document import document
from register.errors import NotFound
from register.mou.record import decide_all, facts_of, keyed_by_form, preview
from register.store.work import Work
from schemas.codes import Partition
from schemas.signal import SharingPreview, SignalOut


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a signal's timeline."""

    at: datetime
    what: str
    actor: str
    facts: dict[str, Any]
    reason: str | None


def read_signal(register: Register, caller: Caller, signal_id: SignalId) -> SignalOut:
    """Return a signal of the caller's own country.

    Whoever reads for the whole country needs REGISTER, ENRICH, CONSENT or PROSECUTE; with SUBMIT or READ_OWN one sees
    what the own organisation submitted. A signal he may not read is answered like one that is not there.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with register.work(caller) as work:
        signal = work.signals.get(signal_id)
        _check(caller, signal)
        work.audit.note("signal.read", str(signal_id), version=signal.version)
        return document(signal, _sharing(register, work, signal), work.signals.referrals(signal_id))


def read_history(register: Register, caller: Caller, signal_id: SignalId) -> list[HistoryLine]:
    """Return the timeline of a signal, oldest first; rights as for reading it."""
    with register.work(caller) as work:
        _check(caller, work.signals.get(signal_id))
        work.audit.note("signal.history-read", str(signal_id))
        return [HistoryLine(**e) for e in work.signals.events(signal_id)]


def signal_by_reference(register: Register, caller: Caller, reference: str) -> SignalId:
    """Return the id behind a reference of the own country; says nothing of the signal yet."""
    with register.work(caller) as work:
        return work.signals.id_of(reference)


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
    decided = work.signals.sharing(signal.id)
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
