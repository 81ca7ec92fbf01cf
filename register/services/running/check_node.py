"""Does the node do all its work? What is not as it should be, each with its code; errors become findings too.

Not readiness: see `check_readiness`. From this node's own rows and its engine; no partner is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.limits import Allowances, lower_limits
from register.domain.exchange.quotas import list_used_shares
from register.domain.partition import others
from register.domain.running.consumer import words_for
from register.domain.running.node_finding import (
    BACKUP,
    BACKUP_AFTER,
    CLOCK,
    QUEUE_AFTER,
    Beat,
    FindingCode,
    NodeFinding,
    findings_of_beats,
)
from register.errors import OperatorError
from register.keys.keystore import KeyStoreError
from register.services.running.check_keys import find_key_faults
from register.services.running.check_readiness import refuse_schema
from register.store.exchange.damages import Damage, Stored
from register.store.schema_revision import SchemaFit, fit_of
from schemas.codes import AlarmKind
from schemas.exchange.wire import Book, Roster, read

NAMED: Final = 5
"""Of damaged rows: enough to mend them by hand; more are a case for the whole backup."""
MUCH: Final = 0.8
"""The part of a limit from which on its evaluator's operator is told, before it refuses."""


def keep_beats(register: Register, beats: Sequence[Beat]) -> None:
    """Write down what this process says of its jobs."""
    with register.work(system(register.partition, "worker")) as work:
        work.running.beats.write(beats)


def check_node(register: Register) -> tuple[NodeFinding, ...]:
    """Look at workers, queues, dead letters, what they say of the clock, engine and backup.

    Raises:
        SchemaOlder: nothing can be asked that this program asks.
        DatabaseFull: nothing can be written down, which is the cause of all else.
        DatabaseUnavailable: nothing can be known.
    """
    with register.work(system(register.partition, "worker")) as work:
        revision = work.running.schema.read()
        refuse_schema(revision, SchemaFit.NEWER)
        fit = fit_of(revision)
        # By the clock that all of it was written by: this process's may be wrong too.
        now = work.running.beats.read_moments().database
        beats = work.running.beats.all()
        due = work.running.outbox.oldest_due()
        dead = (*work.running.outbox.stuck(), *work.search.indexed.dead_letters())
        damages = work.exchange.damages.told(NAMED)
        unsealed = work.running.sealed_before.count() + work.signals.own_tokens.count_in_plain()
        work.check_room()
    dumped_at = next((one.worked_at for one in beats if one.job == BACKUP), None)
    found = [*findings_of_beats(beats, now)]
    found += [
        NodeFinding(FindingCode.QUEUE_WAITS, name, at, words_for(name))
        for name, at in due.items()
        if at is None or now - at > QUEUE_AFTER
    ]
    if fit is not SchemaFit.FITS:
        found.append(NodeFinding(FindingCode.SCHEMA_DIFFERS, "", None, fit.value))
    if held := next((one for one in beats if one.job == CLOCK and one.code), None):
        found.append(NodeFinding(FindingCode.CLOCK_NOT_BELIEVED, "", held.failing_since, held.code or ""))
    if dead:
        found.append(NodeFinding(FindingCode.DEAD_LETTERS, "", min(one.since for one in dead), str(len(dead))))
    if register.index is not None and not (health := register.index.health()).reachable:
        found.append(NodeFinding(FindingCode.ENGINE_AWAY, "", None, health.reason or ""))
    found += [*_key_findings(register), *(_finding_of(one) for one in damages)]
    if unsealed:
        found.append(NodeFinding(FindingCode.SEAL_WAITS, "", None, str(unsealed)))
    if dumped_at is None or abs(now - dumped_at) > BACKUP_AFTER:
        found.append(NodeFinding(FindingCode.BACKUP_OLD, "", dumped_at))
    return (*found, *_partners_that_asked_much(register))


def _key_findings(register: Register) -> list[NodeFinding]:
    try:
        faults = find_key_faults(register)
    except KeyStoreError as error:
        return [NodeFinding(FindingCode.KEY_STORE_CLOSED, "", None, f"{error.code}: {error}")]
    return [NodeFinding(FindingCode.KEYS_LOST, "", None, told_of(faults))] if faults else []


def told_of(faults: Mapping[str, OperatorError]) -> str:
    """Codes and names of what is wrong with keys, in one line."""
    named = [f"{fault.code} {name}" for name, fault in sorted(faults.items())[:NAMED]]
    more = f" and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return ", ".join(named) + more


def find_damages(register: Register) -> list[NodeFinding]:
    """What is damaged of what the node stores, as its worker has found it so far."""
    with register.work(system(register.partition, "worker")) as work:
        return [_finding_of(one) for one in work.exchange.damages.told(NAMED)]


def _finding_of(one: Damage) -> NodeFinding:
    if one.place is Stored.RECEIVED:
        return NodeFinding(FindingCode.RECEIVED_DAMAGED, one.origin, one.since, str(one.count))
    code = FindingCode.OWN_DAMAGED if one.place is Stored.SIGNAL else FindingCode.LOG_DAMAGED
    more = f" and {one.count - len(one.rows)} more" if one.count > len(one.rows) else ""
    return NodeFinding(code, one.origin, one.since, f"{one.place} {', '.join(one.rows)}{more}")


def _partners_that_asked_much(register: Register) -> list[NodeFinding]:
    """Those that do, and those of which nobody has said yet that he looked at it: a sweep is over in minutes."""
    asking = partners_asking_much(register)
    with register.work(system(register.partition, "worker")) as work:
        rung = work.access.alarms.open_since(AlarmKind.PARTNER_ASKS_MUCH)
    seen = {one.about for one in asking}
    late = [
        NodeFinding(FindingCode.PARTNER_ASKS_MUCH, about, since, "not acknowledged yet")
        for about, since in sorted(rung.items())
        if about not in seen
    ]
    return [*asking, *late]


def partners_asking_much(register: Register) -> list[NodeFinding]:
    """Partners that used most of what this country's evaluator grants them, lately: for each the fullest limit."""
    now, found = register.clock.now(), []
    with register.work(system(register.partition, "worker")) as work:
        documents = work.exchange.rosters.all()
        if not documents:
            return []
        limits = lower_limits(read(Roster, documents[-1]).limits, register.settings.pseudonyms.lower)
        for partner in others(register.partition):
            full = [
                share
                for book in Book
                for share in list_used_shares(
                    work.exchange.evaluations.used_by(partner, book, now), Allowances(limits), book=book, now=now
                )
                if share.share >= MUCH
            ]
            if full:
                most = max(full, key=lambda one: one.share)
                told = f"{most.book} {most.selector_class} {most.figure} {most.share:.0%}"
                found.append(NodeFinding(FindingCode.PARTNER_ASKS_MUCH, partner, None, told))
    return found
