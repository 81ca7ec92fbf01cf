"""Derive anew what own reports are found by: a newer release may read a value otherwise than the one that stored it.

Nothing does so by itself. What a report was found by stands in the country's own index and in its pseudonyms, and a
rule that reads numbers, names or documents better finds old reports only once their keys are made by it. Looking says
how many that are; doing it puts them before the worker, which asks the evaluators for the pseudonyms that are missing,
asks every rule again, and tells partners what changed.

What the new keys make a protected person's is known before any pseudonym is asked for: two reports may share a value
by today's rules only, and the worker may reach the one that has it of nobody protected first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, system
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import Signal, SignalId
from register.errors import NotFound, code_of
from register.logs import logger
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.signal_keys import index_entries, subject_keys
from register.services.running.try_each import is_about_the_object
from register.services.signals.protecting.assess_protection import assess_signal
from register.services.signals.protecting.keep_protection import begin_fact, keep_assessed, spread_protection
from register.store.work import Work

_PORTION: Final = 50
_DONE: Final = frozenset({"done", "none"})
"""Of a report whose pseudonyms do not wait for anybody; those of the others are made by today's rules anyway."""


@dataclass(slots=True)
class Rederived:
    """What came of all own reports that are not withdrawn.

    Attributes:
        looked_at: how many there are.
        differ: of them, what they are found by here is not what today's rules make of them.
        new, gone: values that they would be found by, and would not be found by any more.
        asked_anew: of those that differ, how many need other pseudonyms.
        unreadable: how many could not be looked at: they do not open, or a value of theirs cannot be read any more.
    """

    looked_at: int = 0
    differ: int = 0
    new: int = 0
    gone: int = 0
    asked_anew: int = 0
    unreadable: int = 0


def rederive_keys(register: Register, *, apply: bool) -> Rederived:
    """Look at all own reports, and where `apply` says so put what differs in step."""
    # As who corrects a report: a worker cannot take a value out of the index.
    caller, found, after = system(register.partition, "api"), Rederived(), ""
    asking: list[SignalId] = []
    while True:
        with register.work(caller) as work:
            portion = work.signals.reports.references_after(after, _PORTION)
        if not portion:
            break
        for signal_id, _ in portion:
            with _each_by_itself(register, signal_id, found):
                if _rederive(register, caller, signal_id, found, apply=apply):
                    asking.append(signal_id)
        after = str(portion[-1][0])
    for signal_id in asking if apply else ():
        with _each_by_itself(register, signal_id, found):
            _put_before_the_worker(register, caller, signal_id)
    return found


@contextmanager
def _each_by_itself(register: Register, signal_id: SignalId, found: Rederived) -> Iterator[None]:
    """Go on with the others where one does not open or cannot be read; it is counted and logged."""
    try:
        yield
    except Exception as error:
        if not is_about_the_object(error):
            raise
        found.unreadable += 1
        said = {"partition": register.partition, "object_id": str(signal_id), "code": code_of(error)}
        logger().error("signal.keys-not-rederived", **said)


@repeat_if_deadlocked
def _rederive(register: Register, caller: Caller, signal_id: SignalId, found: Rederived, *, apply: bool) -> bool:
    with register.work(caller) as work:
        if apply:
            begin_fact(work)
            work.signals.reports.lock(signal_id)
        try:
            signal = work.signals.reports.get(signal_id)
        except NotFound:
            return False  # erased meanwhile
        if signal.withdrawn_at is not None:
            return False
        keys = subject_keys(signal.form, register.partition)
        entries = index_entries(signal.form, keys, register.keys.blind_index)
        derived, stored = {(n, blind) for n, _, blind in entries}, work.signals.own_tokens.blinds_of(signal_id)
        new, gone = len(derived - stored), len(stored - derived)
        asks = _needs_other_pseudonyms(register, work, signal)
        differs = asks or derived != stored
        if differs and apply:
            work.signals.own_tokens.set_blind(signal_id, entries)
            # Not what it has at partners: that is of the older keys, and is replaced once there are pseudonyms.
            assessed = assess_signal(register, work, signal, work.access.organisations.get(signal.organisation))
            keep_assessed(work, signal, assessed)
            spread_protection(register, work, signal, assessed)
            if not asks:
                # In this transaction: its index is in step from now on, and no later run would look at it again.
                work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)
            work.running.audit.note(
                AuditAction.SIGNAL_KEYS_REDERIVED, str(signal_id), new=new, gone=gone, asked_anew=asks
            )
    found.looked_at += 1
    found.differ += differs
    found.new += new
    found.gone += gone
    found.asked_anew += asks
    return asks


@repeat_if_deadlocked
def _put_before_the_worker(register: Register, caller: Caller, signal_id: SignalId) -> None:
    with register.work(caller) as work:
        work.signals.protections.wait_for_facts()
        work.signals.reports.lock(signal_id)
        try:
            signal = work.signals.reports.get(signal_id)
        except NotFound:
            return  # erased meanwhile
        if signal.withdrawn_at is None and _needs_other_pseudonyms(register, work, signal):
            _have_asked(register, work, signal)
            work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)


def _needs_other_pseudonyms(register: Register, work: Work, signal: Signal) -> bool:
    if signal.pseudonyms not in _DONE:
        return False
    keys = subject_keys(signal.form, register.partition)
    wanted = {(x.subject, blind_index(register.keys.blind_index, x.key)) for x in keys}
    return wanted != {(x.subject_n, x.blind) for x in work.signals.own_tokens.of(signal.id)}


def _have_asked(register: Register, work: Work, signal: Signal) -> None:
    # A version of its own: the index could not tell two sets of keys under one apart.
    changed = signal.changed(register.clock.now())
    work.signals.reports.set_columns(
        signal.id, version=changed.version, updated_at=changed.changed_at, pseudonyms="pending"
    )
