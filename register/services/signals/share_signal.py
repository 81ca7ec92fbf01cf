"""Bring what partners may have of a signal to its present state: pseudonyms, decision, drafts, search keys.

The worker's main job, in three steps: read the signal; ask the evaluators, outside any transaction; then, in one
transaction on the locked signal, keep the tokens, let the rules say of each partner whether the extract may go, and
draft what changes. Doing it twice drafts nothing the second time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.caller import Caller, system
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import Signal, SignalId
from register.errors import OperatorError, Unreadable
from register.failpoints import Failpoint
from register.pseudonyms.client import Pending, Token, in_parts
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import SubjectKey, index_entries, subject_keys
from register.search.feeding.changes import TokenEntry, handles_of
from register.search.peppers import Peppers
from register.services.exchange.ask_evaluators import ask_evaluators, ask_on_tickets, hash_keys
from register.services.running.try_each import is_about_the_object, put_off
from register.services.signals.decide_sharing import (
    decide_sharing,
    kept_tokens,
    take_back,
    to_publish,
    withheld_anew,
)
from register.services.signals.protecting.assess_protection import assess_signal
from register.services.signals.protecting.keep_protection import begin_fact, keep_assessed, spread_protection
from register.services.signals.protecting.restore_never_asked import restore_never_asked
from register.store.exchange.damages import Stored
from register.store.running.outbox import Lease
from register.store.search.search_keys import KeyRow
from register.store.signals.own_tokens import STALE, TokenRow
from register.store.work import Work
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose

PARTIAL = "partial"
"""Of a signal that goes to partners with the pseudonyms it has, while a limit holds up the others."""
WAITING = frozenset({"pending", PARTIAL})


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of one signal.

    Attributes:
        pending: not all its keys have a pseudonym yet; it is tried again.
        drafted: partners for whom something was drafted.
    """

    pending: bool
    drafted: tuple[Partition, ...] = ()


def lease_signals(register: Register, limit: int) -> list[Lease]:
    """Take signals that wait, for a while."""
    with register.work(system(register.partition, "worker")) as work:
        return work.running.outbox.lease(Consumer.PSEUDONYMISE, limit, seconds=register.settings.worker.lease_s)


def share_signals(register: Register, limit: int) -> int:
    """Bring up to `limit` signals that wait to their present state; return how many were looked at.

    One that cannot be is put off with the code of what went wrong, and the others go on.

    Raises:
        Exception: the machine's trouble, no signal's; the leases run out and the signals are tried again.
    """
    leases = lease_signals(register, limit)
    for lease in leases:
        try:
            share_signal(register, lease)
        except Exception as error:
            if not is_about_the_object(error):
                raise
            with register.work(system(register.partition, "worker")) as work:
                put_off(register, work, lease, error)
                if isinstance(error, Unreadable):  # among them what passes for erased and was not withdrawn
                    # At once, without waiting for the day's look at all reports.
                    reference = work.signals.reports.get_sealed(SignalId(lease.object)).reference
                    work.exchange.damages.note(Stored.SIGNAL, work.partition, [reference])
                    work.access.alarms.ring(rows_differ(Stored.SIGNAL))
    return len(leases)


def share_signal(register: Register, lease: Lease) -> Shared:
    """Bring one leased signal to its present state. An error leaves it leased, and nothing done."""
    caller = system(register.partition, "worker")
    signal_id = SignalId(lease.object)
    try:
        return _share_leased(register, caller, lease, signal_id)
    except Unreadable:
        # What was withdrawn is taken back whether it opens or not; of anything else a person must know.
        with register.work(caller) as work:
            work.signals.protections.wait_for_facts()
            work.signals.reports.lock(signal_id)
            sealed = work.signals.reports.get_sealed(signal_id)
            if sealed.withdrawn_at is None:
                raise
            drafted = take_back(register, work, sealed)
            if not work.running.outbox.settle(lease):
                raise LeaseLost(f"another worker took over signal {signal_id}") from None
        return Shared(pending=False, drafted=tuple(drafted))


def _share_leased(register: Register, caller: Caller, lease: Lease, signal_id: SignalId) -> Shared:
    with register.work(caller) as work:
        signal = work.signals.reports.get(signal_id)
        keys = subject_keys(signal.form, register.partition)
        known = work.signals.own_tokens.of(signal_id)
        looked_at = assess_signal(register, work, signal, work.access.organisations.get(signal.organisation), keys)
    # Only of a signal that no fact has been recorded of since this version of the house.
    is_fact = bool(looked_at.fresh)
    fresh = _make_fresh(register, signal, keys, known, to_publish(register, keys, looked_at))
    if fresh is not None and fresh.rows:
        register.failpoints.hit(Failpoint.SHARE_PSEUDONYMISED)
    with register.work(caller) as work:
        # Before any row is locked: a fact that is recorded meanwhile waits, or is seen here.
        begin_fact(work) if is_fact else work.signals.protections.wait_for_facts()
        work.signals.reports.lock(signal_id)
        current = work.signals.reports.get(signal_id)
        if current.version != signal.version:
            # It changed while the evaluators worked; the row in the outbox is newer than this lease and stays due.
            work.running.outbox.settle(lease)
            return Shared(pending=current.pseudonyms in WAITING)
        organisation = work.access.organisations.get(current.organisation)
        found = assess_signal(register, work, current, organisation, keys)
        # Also of those in whom it rests by a decided question alone, whatever they share now.
        resting = {one.question.because for one in work.signals.findings.of_signal(signal_id)}
        if restore_never_asked(work, [signal_id, *resting], beside=found.compared):
            found = assess_signal(register, work, current, organisation, keys)
        # As they are in this transaction: a fact may have withheld some since they were read first.
        before = work.signals.own_tokens.of(signal_id)
        tokens = withheld_anew(before if fresh is None else fresh.rows, found)
        if _told_apart(tokens) == _told_apart(before):
            work.signals.own_tokens.withhold(signal_id, [new for new in tokens if new not in before])
        else:
            work.signals.own_tokens.set(signal_id, tokens, ends=current.ground.retain_until)
        waits = None if fresh is None else fresh.waits_for
        leaves = fresh is None or fresh.leaves
        if fresh is not None:
            current = _state_pseudonyms(register, work, current, fresh, grew=len(tokens) > len(before))
        drafted = []
        # What takes something back never waits for the keys that do.
        if leaves or work.signals.sharing.of(signal_id):
            drafted = decide_sharing(
                register, work, current, organisation, tokens, found,
                before=before, only_held=not leaves, quietly=waits is not None,
            )  # fmt: skip
        # A record of before parts of names were compared is not found by them yet.
        work.signals.own_tokens.add_blind(signal_id, index_entries(current.form, keys, register.keys.blind_index))
        keep_assessed(work, current, found)
        spread_protection(register, work, current, found)
        if leaves:
            _make_searchable(register, work, current, tokens)
        if not _settle_lease(register, work, lease, waits):
            raise LeaseLost(f"another worker took over signal {signal_id}")
    register.failpoints.hit(Failpoint.SHARE_COMMITTED)
    return Shared(pending=waits is not None, drafted=tuple(drafted))


def _told_apart(tokens: Sequence[TokenRow]) -> set[TokenRow]:
    """Pseudonyms without why they are withheld: what has not changed is not sealed again at each try."""
    return {replace(one, withheld_by=None) for one in tokens}


def _state_pseudonyms(register: Register, work: Work, signal: Signal, fresh: _Fresh, *, grew: bool) -> Signal:
    """Keep how far the pseudonyms of a signal are; what follows later is of a version of its own.

    Two sets of keys under one version could not be told apart by the index.
    """
    if signal.pseudonyms == "none":
        return signal
    state = "done" if fresh.waits_for is None else PARTIAL if fresh.leaves else "pending"
    if signal.pseudonyms == PARTIAL and not fresh.leaves:
        state = PARTIAL  # what partners were told of it stands
    changed = signal
    if grew and signal.pseudonyms == PARTIAL:
        changed = signal.changed(register.clock.now())
        work.signals.reports.set_columns(signal.id, version=changed.version, updated_at=changed.changed_at)
    if state != signal.pseudonyms:
        work.signals.reports.set_columns(signal.id, pseudonyms=state)
    return replace(changed, pseudonyms=state)


def _settle_lease(register: Register, work: Work, lease: Lease, waits: str | None) -> bool:
    if waits is None:
        return work.running.outbox.settle(lease)
    return work.running.outbox.postpone(lease, waits, longest_s=register.settings.worker.retry_max_s)


class LeaseLost(OperatorError):
    """Another worker took the object over; this one's result is dropped."""

    code = "lease-lost"
    advice = "Nothing to do: the other worker's result counts."


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a signal's keys have now.

    Attributes:
        rows: a pseudonym for each key that has one, to be judged anew.
        waits: of each key that has none yet, why.
    """

    rows: list[TokenRow]
    waits: list[Pending]

    @property
    def leaves(self) -> bool:
        """Whether the signal goes to partners with what it has.

        All its keys have a pseudonym, or those without are refused by a limit, which may take a month. Evaluators
        out of reach come back, and with them most often all keys at once: that is waited for, since each version is
        looked at, and perhaps approved, anew.
        """
        return all(one.limit is not None for one in self.waits)

    @property
    def waits_for(self) -> str | None:
        """The code of what holds keys up; None where nothing does."""
        if not self.waits:
            return None
        return self.waits[0].limit if self.leaves else "pseudonym-pending"


def _make_fresh(
    register: Register,
    signal: Signal,
    keys: Sequence[SubjectKey],
    known: Sequence[TokenRow],
    published: Collection[MatchKey],
) -> _Fresh | None:
    """The pseudonyms that the signal is to have from now on; None where those it has stay."""
    if signal.withdrawn_at is not None:
        # Nothing of it is published any more, and its retraction shall not wait for other countries.
        return None
    if signal.pseudonyms == "none":
        # An amendment may have taken the last key away.
        return _Fresh([], [])
    if signal.pseudonyms not in WAITING:
        return None
    # What is known is not asked for again: it would cost the quota, and a correction would wait for it.
    kept = kept_tokens(register, keys, known)
    have = {(t.subject_n, t.blind) for t in kept}
    blinds = [(k, blind_index(register.keys.blind_index, k.key)) for k in keys]
    made = _make_pseudonyms(register, signal, [k for k, blind in blinds if (k.subject, blind) not in have], published)
    return _Fresh([*kept, *_token_rows(register, made)], [t for _, t in made if isinstance(t, Pending)])


def _make_pseudonyms(
    register: Register, signal: Signal, keys: Sequence[SubjectKey], published: Collection[MatchKey]
) -> list[tuple[SubjectKey, Token | Pending]]:
    of: dict[Declared, list[MatchKey]] = {declared: [] for declared in Declared}
    for k in keys:
        of[Declared.PUBLISH if k.key in published else Declared.KEEP].append(k.key)
    answers: dict[MatchKey, Token | Pending] = {}
    for declared, theirs in of.items():
        ask = partial(_ask_evaluators, register, signal, declared)
        given = in_parts(theirs, ask)
        answers |= given
        answers |= ask_on_tickets(register, "worker", EvaluationPurpose.REGISTER, given, ask)
    return [(k, answers[k.key]) for k in keys]


def _ask_evaluators(
    register: Register,
    signal: Signal,
    declared: Declared,
    keys: Sequence[MatchKey],
    ticket: UUID | None = None,
) -> list[Token | Pending]:
    """Ask the evaluators in one request; what it is for is part of its name, as what is asked."""
    work = f"signal/{signal.id}/{signal.version}/{declared}/{hash_keys(register, keys)}".encode()
    asking = Asking(
        request_id=register.keys.evaluation_id(work, signal.id),
        country=register.partition,
        purpose=EvaluationPurpose.REGISTER,
        organisation=signal.organisation,
        actor=register.keys.hide_actor(signal.actor),
        legal_basis=signal.ground.legal_basis,
        declared=declared,
    )
    secret = register.keys.evaluation_secret(work)
    return ask_evaluators(register, "worker", keys, asking, about=signal.id, secret=secret, ticket=ticket)


def _token_rows(register: Register, fresh: list[tuple[SubjectKey, Token | Pending]]) -> list[TokenRow]:
    return [
        TokenRow(
            k.subject,
            t.family,
            t.version,
            t.epoch,
            t.value,
            k.use,
            STALE,
            blind_index(register.keys.blind_index, k.key),
        )
        for k, t in fresh
        if isinstance(t, Token)
    ]


def _make_searchable(register: Register, work: Work, signal: Signal, tokens: list[TokenRow]) -> None:
    """Own search keys hold all tokens, also those of victims: what partners send is matched against them here."""
    peppers = Peppers(*register.keys.peppers)
    rows: list[KeyRow] = []
    if signal.withdrawn_at is None:
        entries = [TokenEntry(t.subject_n, t.family, t.epoch, t.token) for t in tokens]
        handles = handles_of(peppers, register.partition, signal.extract_id, entries)
        rows = [
            KeyRow(peppers.peppered(t.token), t.subject_n, t.family, t.version, t.epoch, handles[t.subject_n][0])
            for t in tokens
        ]
    # A key that this signal carried too often to link anything may do so again without it.
    freed = work.search.keys.own_rare_again(register.partition, [signal.extract_id])
    work.search.keys.set(register.partition, signal.extract_id, rows)
    work.running.outbox.add_for(
        (Consumer.INDEX, Consumer.MATCH), [signal.extract_id], urgent=signal.withdrawn_at is not None
    )
    if freed:
        work.running.outbox.add(Consumer.MATCH, *freed)
