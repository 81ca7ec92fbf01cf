"""What the rules must know of a signal, with everything that other records of the country say of its persons.

Reads only; `keep_protection` writes down what was found. Nothing of another record is told: its inputs are compared
as blind values, and what comes out is that a key is withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.desk.intake import IntakeId
from register.domain.desk.victim import VictimId
from register.domain.signals.protecting.finding import Found
from register.domain.signals.protection import Interview, Known, Protection, Reasons, protect
from register.domain.signals.signal import Signal, SignalId
from register.mou.facts import LOOSE, KeyFacts, RecordFacts
from register.mou.keys import PublishableKeys, publishable_keys
from register.mou.record import facts_of
from register.pseudonyms.inputs import OF_A_RIGHTFUL_HOLDER, identifies_one, is_alike, is_of_a_name
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import (
    SubjectKey,
    fits_name,
    found_alike,
    owned_inputs,
    reporters_inputs,
    rightful_elsewhere,
    same_persons,
    subject_keys,
)
from register.store.signals.protections import InterviewRow, OwnedInput, Owner
from register.store.work import Work
from schemas.codes import FindingDecision
from schemas.signals.signal import SignalIn

ALIKE_MAX: Final = 20
"""How many records may be withheld because a name in them resembles one person's, until somebody has answered.

Else one report on somebody with a common name and the birth date that is typed where none is known would take all
who are called so, and what is known of them, from every partner. Those beyond are asked about, and stay as they are.
"""


_NONE: Final[Reasons] = MappingProxyType({})

Pair: TypeAlias = tuple[int, SignalId, int]
"""A subject of the signal, and a protected subject of another one."""


class By(IntEnum):
    """By what a key meets what a protected person of another signal owns; the higher, the surer it is one person."""

    SHARED = 0  # several people may use it
    HOLDERS = 1  # a document that the protected person used, and that belongs to somebody else
    ALIKE = 2  # the same birth date, and one name within the other
    ONE_PERSON = 3  # a document with its issuer, a full name with a full birth date


@dataclass(frozen=True, slots=True)
class Met:
    """A key of the signal that is made of what a protected person of another signal owns.

    Attributes:
        own: the subject has it as their own: it is no document used as a look-alike's, false or found.
        of_a_name: it is a name with a birth: two people may have both in common.
    """

    owner: Owner
    subject_n: int
    family: str
    blind: bytes
    by: By
    own: bool
    of_a_name: bool

    @property
    def pair(self) -> Pair:
        """Of whom the question is whether they are one person."""
        return (self.subject_n, self.owner.signal_id, self.owner.subject_n)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One signal as the rules see it.

    Attributes:
        before: why its subjects were protected when they were last looked at.
        reasons: why they are now; holds at least what was found before.
        owned: what its protected subjects own.
        fresh: of the values owned, those that were not kept before, or not as what identifies the person.
        alike: by what records are looked for that have a longer or shorter name of a protected subject; its number.
        present: (subject, blind) of the keys that it has.
        met: its keys that are made of what a person owns who is protected in another signal.
    """

    facts: RecordFacts
    keys: PublishableKeys
    before: Reasons
    reasons: Reasons
    owned: tuple[OwnedInput, ...]
    fresh: frozenset[bytes]
    alike: Mapping[bytes, int]
    present: frozenset[tuple[int, bytes]]
    met: tuple[Met, ...]

    @property
    def new(self) -> bool:
        """Whether there is a reason that was not there before."""
        return any(why - self.before.get(n, frozenset()) for n, why in self.reasons.items())


def assess(
    register: Register,
    work: Work,
    signal: Signal,
    organisation: Organisation,
    keys: Collection[SubjectKey] | None = None,
    *,
    restored: Reasons = _NONE,
) -> Assessed:
    """Look at a signal with all that is known now.

    Args:
        register: of the country.
        work: the open transaction; the signal is locked in it, or was made in it.
        signal: as it now is.
        organisation: that submitted it.
        keys: its match keys, where they have been derived already.
        restored: reasons that were lifted, and protect again from now on.
    """
    form, country, secret = signal.form, signal.partition, register.keys.blind_index
    derived = subject_keys(form, country) if keys is None else keys
    before = work.protections.reasons(signal.id)
    owned = owned_inputs(form, country)
    blind = {x: blind_index(secret, x) for x in _all(owned, derived)}
    # The values of its own protected persons are asked about too: they tell the register unit of a second record.
    met = _met(work, signal.id, derived, blind)
    findings = work.findings.of_signal(signal.id)
    others = _others(findings, work.findings.because_of(signal.id))
    known = replace(
        _known(work, signal),
        before=before,
        restored=restored,
        lifted=work.protections.lifted(signal.id),
        elsewhere=_recognised(work, signal.id, met, findings, others),
    )
    reasons = protect(form, register.day_of(signal.recorded_at), known)
    kept = work.protections.inputs(signal.id)
    # Of a person who is protected again everything counts again, also what the form has no more.
    again = (reasons.keys() | restored.keys()) - before.keys()
    woken = [x for x in work.protections.dormant(signal.id) if x.subject_n in again]
    told = {blind_index(secret, x) for x in reporters_inputs(form, country)}
    withheld = (
        kept.keys()
        | {x.blind for x in woken}
        | told
        | {f.question.blind for f in findings if f.decision is FindingDecision.WITHHOLD}
    )
    # A document of hers stays withheld under whomever it stands; a name and birth date may be a namesake's.
    hers = {(m.subject_n, m.blind) for m in met if m.by is By.ONE_PERSON and not (m.of_a_name and m.pair in others)}
    facts = [
        KeyFacts(
            n=k.subject,
            id=blind[k.key],
            inputs_of=frozenset(n for n, theirs in owned.items() if n != k.subject and theirs & k.inputs),
            of_protected=(k.subject, blind[k.key]) in hers or any(blind[x] in withheld for x in (k.key, *k.inputs)),
            of_nobody=k.subject == LOOSE and k.of_nobody,
            of_reporter=k.subject == LOOSE and k.of_reporter,
            perhaps_reporters=k.subject == LOOSE and k.perhaps_reporters,
        )
        for k in derived
    ]
    record = facts_of(signal, organisation, facts, reasons)
    # Who only resembles somebody is protected, and passes it on to nobody until a person has said that it is her.
    firm = [n for n in sorted(reasons) if reasons[n] != {Protection.ALIKE}]
    holders = {n: rightful_elsewhere(form, n, country) for n in firm}
    theirs = (
        *(OwnedInput(n, blind[x], identifies_one(x) and x not in holders[n]) for n in firm for x in owned.get(n, ())),
        # What is the reporter's stays so in this record, whatever is said of it later; other records do not ask.
        *(OwnedInput(LOOSE, x, one_person=False) for x in sorted(told)),
        *woken,
    )
    # Also what is kept, and only now found to identify its person: other records are looked at for it, too.
    fresh = {x for x in theirs if x.blind not in kept or (x.one_person and not kept[x.blind])}
    looked_for = {x.subject_n for x in fresh} & {s.n for s in form.subjects}
    return Assessed(
        facts=record,
        keys=publishable_keys(record, register.edition),
        before=before,
        reasons=reasons,
        owned=theirs,
        fresh=frozenset(x.blind for x in fresh if x.subject_n != LOOSE),
        alike={blind_index(secret, x): n for n in looked_for for x in found_alike(form, n)},
        present=frozenset((k.subject, blind[k.key]) for k in derived),
        met=met,
    )


def still_says(register: Register, work: Work, signal: Signal, numbers: Collection[int]) -> frozenset[Protection]:
    """What the report, its interviews and the ladder say by themselves today of these persons, whatever was found.

    Of somebody who was taken off the ladder, or found to be none, the ladder says nothing.
    """
    known = replace(_known(work, signal), lifted=dict.fromkeys(numbers, frozenset({Protection.LADDER})))
    said = protect(signal.form, register.day_of(signal.recorded_at), known)
    return frozenset(reason for n in numbers for reason in said.get(n, ()))


def one_with(signal: Signal, n: int) -> frozenset[int]:
    """The numbers under which a person stands in a report: entered twice, they are protected under both."""
    return frozenset({n}).union(*(one for one in same_persons(signal.form, signal.partition) if n in one))


def _known(work: Work, signal: Signal) -> Known:
    """What interviews and the ladder say, and who is one person; nothing of what was found before or elsewhere."""
    return Known(
        ladder=work.protections.on_ladder(signal.id),
        standing=work.protections.standing_on_ladder(signal.id),
        interviews=tuple(_interview(work, signal.form, row) for row in work.protections.interviews(signal.id)),
        same=same_persons(signal.form, signal.partition),
    )


def _met(
    work: Work, signal_id: SignalId, keys: Collection[SubjectKey], blind: Mapping[MatchKey, bytes]
) -> tuple[Met, ...]:
    """What stands with a protected person of another record: each key and each such person once, by the surest."""
    inputs = {blind[x]: x for k in keys for x in k.inputs}
    found: dict[tuple[int, bytes, SignalId, int], Met] = {}
    owners = work.protections.owners(inputs.keys(), signal_id)
    for k in keys:
        made_of = {blind[x] for x in k.inputs}
        for one in owners:
            if one.blind in made_of:
                met = Met(
                    one,
                    k.subject,
                    k.key.family,
                    blind[k.key],
                    _by(one, inputs[one.blind]),
                    k.use not in OF_A_RIGHTFUL_HOLDER,
                    is_of_a_name(inputs[one.blind]),
                )
                at = (k.subject, met.blind, one.signal_id, one.subject_n)
                if at not in found or found[at].by < met.by:
                    found[at] = met
    return tuple(found.values())


def _by(owner: Owner, made_of: MatchKey) -> By:
    if owner.one_person:
        return By.ONE_PERSON
    if is_alike(made_of):
        return By.ALIKE
    return By.HOLDERS if identifies_one(made_of) and not is_of_a_name(made_of) else By.SHARED


def _recognised(
    work: Work, signal_id: SignalId, met: Collection[Met], findings: Collection[Found], others: Collection[Pair]
) -> Reasons:
    """Subjects who are taken for somebody of another record: by what they have, or because somebody said so."""
    found: dict[int, set[Protection]] = {}
    for one in met:
        if one.subject_n == LOOSE or one.pair in others or not one.own:
            continue
        if one.by is By.ONE_PERSON:
            found.setdefault(one.subject_n, set()).add(Protection.SAME_PERSON)
        elif one.by is By.ALIKE and work.findings.unanswered_alike(one.owner, besides=signal_id) < ALIKE_MAX:
            found.setdefault(one.subject_n, set()).add(Protection.ALIKE)
    for said in findings:
        asked = said.question
        if said.decision is FindingDecision.SAME and asked.because_n in work.protections.reasons(asked.because):
            found.setdefault(asked.subject_n, set()).add(Protection.SAME_PERSON)
    return {n: frozenset(why) for n, why in found.items()}


def _others(here: Collection[Found], elsewhere: Collection[Found]) -> frozenset[Pair]:
    """Of whom a person said that they are two, in whichever of the two records it was asked."""
    asked = (one.question for one in here if one.decision is FindingDecision.ANOTHER)
    mirrored = (one.question for one in elsewhere if one.decision is FindingDecision.ANOTHER)
    return frozenset(
        {(one.subject_n, one.because, one.because_n) for one in asked}
        | {(one.because_n, one.about, one.subject_n) for one in mirrored}
    )


def _interview(work: Work, form: SignalIn, row: InterviewRow) -> Interview:
    """What an interview says, and whom in the signal its name fits, or that of the ladder."""
    names = set()
    if not row.withdrawn:
        names.add(work.intakes.get(IntakeId(row.intake)).form.name)
    if row.victim is not None:
        names.add(work.victims.get(VictimId(row.victim)).details.get("name"))
    who = frozenset(n for name in names if name for n in fits_name(form, name))
    return Interview(row.victim is not None, "UNKNOWN" if row.withdrawn else row.age_band, who, row.standing)


def _all(owned: Mapping[int, frozenset[MatchKey]], keys: Collection[SubjectKey]) -> set[MatchKey]:
    found = {x for theirs in owned.values() for x in theirs}
    return found | {k.key for k in keys} | {x for k in keys for x in k.inputs}
