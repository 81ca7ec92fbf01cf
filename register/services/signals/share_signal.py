"""Bring what partners may have of a signal to its present state: pseudonyms, decision, drafts, search keys.

The worker's main job, in three steps: read the signal; ask the evaluators, outside any transaction; then, in one
transaction on the locked signal, keep the tokens, let the rules say of each partner whether the extract may go, and
draft what changes. Doing it twice drafts nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from register.core import Register
from register.domain.access.caller import system
from register.domain.access.organisation import Organisation
from register.domain.signals.signal import Signal, SignalId
from register.errors import OperatorError, RegisterError
from register.failpoints import Failpoint
from register.logs import logger
from register.mou.extract import Pseudonym, extract_of
from register.mou.keys import PublishableKeys, publishable_keys
from register.mou.record import decide_all, facts_of
from register.pseudonyms.client import Pending, Token, pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.signal_keys import SubjectKey, subject_keys
from register.search.feeding.changes import TokenEntry, handles_of
from register.search.peppers import Peppers
from register.store.exchange.drafts import Said
from register.store.running.outbox import Lease
from register.store.search.search_keys import KeyRow
from register.store.signals.own_tokens import TokenRow
from register.store.work import Work
from schemas.codes import EntryType, Partition, RetractReason
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.exchange.wire import SCHEMA_VERSION, IndicatorRetract, encode_body

CONSUMER = "pseudonymise"
INDEX = "index"
RETRACT_WITHIN = timedelta(hours=24)
"""A retraction is confirmed by every partner within this time (sync.md 7, assumed); safety of a victim: one hour."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of one signal.

    Attributes:
        pending: fewer than two partners answered; it is tried again.
        drafted: partners for whom something was drafted.
    """

    pending: bool
    drafted: tuple[Partition, ...] = ()


def lease_signals(register: Register, limit: int) -> list[Lease]:
    """Take signals that wait, for a while."""
    with register.work(system(register.partition, "worker")) as work:
        return work.outbox.lease(CONSUMER, limit, seconds=register.settings.worker.lease_s)


def share_signal(register: Register, lease: Lease) -> Shared:
    """Bring one leased signal to its present state.

    Raises:
        RegisterError: the lease was postponed with the error's code; other signals go on.
    """
    caller = system(register.partition, "worker")
    signal_id = SignalId(lease.object)
    try:
        with register.work(caller) as work:
            signal = work.signals.get(signal_id)
            known = work.own_tokens.of(signal_id)
        fresh = _fresh(register, signal)
    except RegisterError as error:
        _postpone(register, lease, error.code)
        raise
    if fresh is not None and any(isinstance(t, Pending) for _, t in fresh):
        _postpone(register, lease, "pseudonym-pending")
        return Shared(pending=True)
    if fresh:
        register.failpoints.hit(Failpoint.SHARE_PSEUDONYMISED)
    with register.work(caller) as work:
        work.signals.lock(signal_id)
        current = work.signals.get(signal_id)
        if current.version != signal.version:
            # It changed while the evaluators worked; the row in the outbox is newer than this lease and stays due.
            work.outbox.settle(lease)
            return Shared(pending=current.pseudonyms == "pending")
        organisation = work.organisations.get(current.organisation)
        tokens = _token_rows(register, current, organisation, fresh) if fresh is not None else known
        if fresh is not None:
            work.own_tokens.set(signal_id, tokens)
            if current.pseudonyms == "pending":
                work.signals.set_columns(signal_id, pseudonyms="done")
        drafted = _decide(register, work, current, organisation, tokens)
        _make_searchable(register, work, current, tokens)
        if not work.outbox.settle(lease):
            raise LeaseLost(f"another worker took over signal {signal_id}")
    register.failpoints.hit(Failpoint.SHARE_COMMITTED)
    return Shared(pending=False, drafted=tuple(drafted))


class LeaseLost(OperatorError):
    """Another worker took the object over; this one's result is dropped."""

    code = "lease-lost"
    advice = "Nothing to do: the other worker's result counts."


def _fresh(register: Register, signal: Signal) -> list[tuple[SubjectKey, Token | Pending]] | None:
    """The pseudonyms that the signal is to have from now on; None where those it has stay."""
    if signal.withdrawn_at is not None:
        # Nothing of it is published any more, and its retraction shall not wait for other countries.
        return None
    if signal.pseudonyms == "none":
        # An amendment may have taken the last key away.
        return []
    return _pseudonyms(register, signal) if signal.pseudonyms == "pending" else None


def _pseudonyms(register: Register, signal: Signal) -> list[tuple[SubjectKey, Token | Pending]]:
    keys = subject_keys(signal.form, register.partition)
    if register.evaluators is None:
        raise ValueError("this process was opened without evaluators")
    # A repeat asks the same: evaluators then answer again without a charge on the quota.
    work = f"signal/{signal.id}/{signal.version}".encode()
    asking = Asking(
        request_id=register.keys.evaluation_id(work, signal.id),
        country=register.partition,
        purpose=EvaluationPurpose.REGISTER,
        organisation=signal.organisation,
        actor=register.keys.hide_actor(signal.actor),
        legal_basis=signal.ground.legal_basis,
    )
    tokens = pseudonymise(
        [k.key for k in keys],
        register.evaluators,
        request=asking,
        epochs=EPOCHS,
        secret=register.keys.evaluation_secret(work),
        issued=register.clock.now(),
        settings=register.asking,
        on_fault=lambda country, fault: logger().warning(
            "evaluator.failed", partition=register.partition, country=country, code=fault.code
        ),
    )
    return list(zip(keys, tokens, strict=True))


def _token_rows(
    register: Register, signal: Signal, organisation: Organisation, fresh: list[tuple[SubjectKey, Token | Pending]]
) -> list[TokenRow]:
    facts = facts_of(signal, organisation, {k.subject for k, _ in fresh})
    keys = publishable_keys(facts, register.edition)
    return [
        TokenRow(k.subject, t.family, t.version, t.epoch, t.value, k.use, _withheld_by(keys, k.subject))
        for k, t in fresh
        if isinstance(t, Token)
    ]


def _withheld_by(keys: PublishableKeys, subject: int) -> str | None:
    rules = keys.loose_withheld if subject == 0 else keys.withheld.get(subject, ())
    return rules[0] if rules else None


def _decide(
    register: Register, work: Work, signal: Signal, organisation: Organisation, tokens: list[TokenRow]
) -> list[Partition]:
    now = register.clock.now()
    facts = facts_of(signal, organisation, {t.subject_n for t in tokens})
    keys = publishable_keys(facts, register.edition)
    decisions = decide_all(facts, register.edition, today=now.date())
    pseudonyms = [Pseudonym(t.subject_n, t.family, t.version, t.epoch, t.token, t.use) for t in tokens]
    said = {}
    for partner, decision in decisions.items():
        if decision.allowed:
            body = extract_of(signal, organisation, pseudonyms, recipient=partner, decision=decision, keys=keys)
            said[partner] = Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, encode_body(body), live=True)
        else:
            said[partner] = _retract(signal, now)
    drafted = work.drafts.say(signal.extract_id, said, keep_until=signal.ground.retain_until)
    work.sharing.set(signal.id, {p: (d.allowed, d.rules) for p, d in decisions.items()}, register.edition.hash, now)
    work.audit.note(
        "signal.shared",
        str(signal.id),
        extract=str(signal.extract_id),
        edition=register.edition.hash,
        decisions={p: {"allowed": d.allowed, "rules": list(d.rules)} for p, d in decisions.items()},
        drafted=[str(p) for p in drafted],
    )
    return drafted


def _retract(signal: Signal, now: datetime) -> Said:
    reason = RetractReason(signal.withdrawn_code) if signal.withdrawn_code else RetractReason.NARROWED
    body = encode_body(IndicatorRetract(reason=reason))
    return Said(EntryType.INDICATOR_RETRACT, SCHEMA_VERSION, body, live=False, due_at=now + RETRACT_WITHIN)


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
    freed = work.search_keys.own_rare_again(register.partition, [signal.extract_id])
    work.search_keys.set(register.partition, signal.extract_id, rows)
    work.outbox.add_for((INDEX, "match"), [signal.extract_id])
    if freed:
        work.outbox.add("match", *freed)


def _postpone(register: Register, lease: Lease, code: str) -> None:
    with register.work(system(register.partition, "worker")) as work:
        work.outbox.postpone(lease, code, longest_s=register.settings.worker.retry_max_s)
