"""A fact that protects somebody reaches what partners hold in the transaction of the fact itself.

Whoever records such a fact (a report, an amendment, an interview, a place on the ladder) calls `begin_fact` before it
locks anything and `fact_recorded` when the fact is stored. What the fact withholds is retracted here, and everywhere
in the country where the same document, or the same full name and birth date, stands.

`ask_the_unit` is the one hook for what only a person can answer; it leaves a leaf until the to-do has a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from register.core import Register
from register.domain.signals.signal import Signal, SignalId
from register.services.signals.assess_protection import Assessed, assess
from register.services.signals.decide_sharing import decide_sharing, withheld_anew
from register.store.signals.protections import Carrier
from register.store.work import Work

ASK_WITHIN: Final = timedelta(hours=24)
"""Within which the register unit says what becomes of a value that is also a victim's (assumed)."""
_IN_DANGER: Final = timedelta(hours=1)


class Asked(StrEnum):
    """What the register unit is asked about a record that shares a value with a protected person's."""

    SAME_PERSON = "same-person"  # withheld at once: here in another role, there protected; is it one person?
    ALSO_A_VICTIMS = "also-a-victims"  # stays as it is: keep it for a stated reason, or withhold it?
    RIGHTFUL_HOLDER = "rightful-holder"  # a document that a protected person used, and that belongs to somebody else


@dataclass(frozen=True, slots=True)
class Finding:
    """One question for the register unit; says where it stands, and nothing of the value.

    Attributes:
        about: the record that has the value, and the number of its subject (0: of none).
        because: the record of the protected person.
        family: what kind of value it is.
        within: how long the answer may take.
    """

    asked: Asked
    about: SignalId
    subject_n: int
    because: SignalId
    family: str
    within: timedelta


def begin_fact(work: Work) -> None:
    """Keep others from deciding what leaves until this transaction ends; before any row is locked in it."""
    work.protections.record_fact()


def fact_recorded(register: Register, work: Work, signal_id: SignalId) -> tuple[Finding, ...]:
    """Take back what a fact withholds, of the signal that it is about and of those that share what identifies one.

    In the transaction of the fact, which `begin_fact` began.

    Returns:
        What the register unit was asked.
    """
    signal = work.signals.get(signal_id)
    found = narrow(register, work, signal)
    findings = spread(register, work, signal, found)
    ask_the_unit(work, findings)
    return findings


def narrow(register: Register, work: Work, signal: Signal) -> Assessed:
    """Keep what is known of a signal's persons now, and take from partners what they may not have any more."""
    organisation = work.organisations.get(signal.organisation)
    found = assess(register, work, signal, organisation)
    work.protections.add(signal.id, found.reasons, found.owned)
    if signal.withdrawn_at is not None or not work.sharing.of(signal.id):
        # Nothing of it has left: the worker decides when its pseudonyms are there.
        return found
    before = work.own_tokens.of(signal.id)
    tokens = withheld_anew(before, found)
    changed = [new for old, new in zip(before, tokens, strict=True) if new != old and new.withheld_by is not None]
    if changed or found.new:
        work.own_tokens.withhold(signal.id, changed)
        kept = [new if new.withheld_by is not None else old for old, new in zip(before, tokens, strict=True)]
        decide_sharing(register, work, signal, organisation, kept, found, before=before, only_held=True)
    return found


def spread(register: Register, work: Work, signal: Signal, found: Assessed) -> tuple[Finding, ...]:
    """Withhold everywhere in the country what identifies a protected person; say what else stands in two records.

    Only what was found just now is looked for: what was known before has been looked for then, and each record that
    came since looks for itself (`questions_of`).
    """
    if not found.fresh:
        return ()
    within = _within(signal)
    single = {x.blind for x in found.owned if x.one_person}
    findings = []
    touched: dict[SignalId, None] = {}
    for carrier in work.protections.carriers(found.fresh, signal.id):
        if carrier.blind in single:
            touched[carrier.signal_id] = None
        findings.append(_finding(carrier, signal.id, within, single=carrier.blind in single, used=found.used))
    for other_id in touched:
        work.signals.lock(other_id)
        narrow(register, work, work.signals.get(other_id))
    return tuple(findings)


def questions_of(signal: Signal, found: Assessed, *, known: Collection[bytes | None]) -> tuple[Finding, ...]:
    """What is to be asked of a signal whose values stand with a protected person of an older one.

    Args:
        signal: the newer one.
        found: what is known of it.
        known: its keys as they were before; nothing is asked of them again.
    """
    asked: dict[tuple[int, bytes, SignalId], Finding] = {}
    # A key may be made of several values of hers: the one that identifies her decides what is asked.
    for met in sorted(found.met, key=lambda one: not one.owner.one_person):
        if met.blind not in known:
            kind = Asked.SAME_PERSON if met.owner.one_person else Asked.ALSO_A_VICTIMS
            finding = Finding(kind, signal.id, met.subject_n, met.owner.signal_id, met.family, _within(signal))
            asked.setdefault((met.subject_n, met.blind, met.owner.signal_id), finding)
    return tuple(asked.values())


def ask_the_unit(work: Work, findings: Iterable[Finding]) -> None:
    """Ask the register unit: the one place that opens these questions, and where `to_do` takes them from."""
    for one in findings:
        work.audit.note(
            "protection.asked",
            str(one.about),
            asked=one.asked.value,
            subject=one.subject_n,
            because=str(one.because),
            family=one.family,
            hours=int(one.within.total_seconds() // 3600),
        )


def _finding(
    carrier: Carrier, because: SignalId, within: timedelta, *, single: bool, used: frozenset[bytes]
) -> Finding:
    asked = Asked.SAME_PERSON if single else Asked.ALSO_A_VICTIMS
    if carrier.blind in used:
        asked = Asked.RIGHTFUL_HOLDER
    return Finding(asked, carrier.signal_id, carrier.subject_n, because, carrier.family, within)


def _within(signal: Signal) -> timedelta:
    return _IN_DANGER if signal.form.urgency == "NOW" else ASK_WITHIN
