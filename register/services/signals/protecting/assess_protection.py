"""What the rules must know of a signal, with everything that other records of the country say of its persons.

Reads only; `keep_protection` writes down what was found. Nothing of another record is told: its inputs are compared
as blind values, and what comes out is that a key is withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.desk.intake import IntakeId
from register.domain.desk.victim import VictimId
from register.domain.signals.protecting.finding import LETS_GO, NAME_PART, WHOLE_PERSON, Found, Place
from register.domain.signals.protecting.papers import OF_ANOTHER
from register.domain.signals.protecting.perhaps_victims import (
    company_named_after,
    perhaps_a_victim,
    spells_another,
)
from register.domain.signals.protecting.who_told import may_have_told
from register.domain.signals.protection import (
    PERHAPS,
    RECOGNISED,
    Interview,
    Known,
    Protection,
    Reasons,
    as_told,
    protect,
    teller_of,
)
from register.domain.signals.signal import Signal, SignalId
from register.errors import Unreadable, code_of
from register.logs import logger
from register.mou.facts import LOOSE, KeyFacts, RecordFacts
from register.mou.keys import PublishableKeys, protected_roles, publishable_keys, roles_beside
from register.mou.record import facts_of
from register.pseudonyms.inputs import (
    adds_to_a_name,
    identifies_one,
    is_alike,
    is_name_with_some_birth,
    is_nearly_one,
    is_of_a_name,
    is_of_unnamed,
    is_personal,
    is_whole_name,
    is_word_of_name,
    may_be_meant,
)
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import (
    SubjectKey,
    fits_name,
    found_alike,
    found_elsewhere,
    named_inputs,
    nearly_fits_name,
    owned_inputs,
    persons_of,
    reporters_inputs,
    rightful_elsewhere,
    same_persons,
    subject_keys,
)
from register.store.signals.protecting.protections import InterviewRow, OwnedInput, Owner
from register.store.work import Work
from schemas.codes import Finding, FindingDecision, Partition, Urgency
from schemas.signals.signal import SignalIn

ALIKE_MAX: Final = 20
"""How many records may be withheld because a name in them resembles one person's, until somebody has answered.

Else one report on somebody with a common name and the birth date that is typed where none is known would take all
who are called so, and what is known of them, from every partner. Those beyond are asked about, and stay as they are.
"""


_NONE: Final[Reasons] = MappingProxyType({})

Pair: TypeAlias = tuple[int, SignalId, int]
"""A subject of the signal, and a protected subject of another one, or of the same."""


OfValue: TypeAlias = tuple[int, Finding, bytes]
"""Under whom in the signal a value stands, what is asked of it, and the value."""


class By(IntEnum):
    """By what a key meets what a protected person of another signal owns; the higher, the surer it is one person."""

    SHARED = 0  # several people may use it
    HOLDERS = 1  # a document that the protected person used, and that belongs to somebody else
    ALIKE = 2  # one name, or nearly one, and something more in common
    NEARLY = 3  # nearly the same name, with the same whole birth date but for a day
    ONE_PERSON = 4  # a document with its issuer, a full name with a full birth date


_RESEMBLES: Final = frozenset({By.ALIKE, By.NEARLY})
"""By what somebody may be another one, and is asked about."""


@dataclass(frozen=True, slots=True)
class Met:
    """A key of the signal that is made of what a protected person of another signal owns, or a name alike in the same.

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

    @property
    def takes_two(self) -> bool:
        """Whether two persons have to say that they are not one."""
        return self.by >= By.NEARLY

    @property
    def asked(self) -> Finding:
        """What a person is asked of it."""
        if self.by >= By.ALIKE:
            return Finding.SAME_PERSON
        if self.owner.subject_n == LOOSE:
            return Finding.ALSO_A_REPORTERS
        return Finding.RIGHTFUL_HOLDER if self.by is By.HOLDERS else Finding.ALSO_A_VICTIMS

    @property
    def place(self) -> Place:
        """What tells the question from all others about the signal."""
        return (*self.pair, self.asked, WHOLE_PERSON if self.asked is Finding.SAME_PERSON else self.blind)

    @property
    def of_value(self) -> OfValue:
        """What one answer is for, because of whomever the value may be protected."""
        return (self.subject_n, self.asked, self.blind)

    def covered_by(self, answered: Mapping[OfValue, datetime]) -> bool:
        """Whether it was answered of this value when it was kept as this person's already."""
        at = answered.get(self.of_value)
        return at is not None and self.owner.since <= at


@dataclass(frozen=True, slots=True)
class Assessed:
    """One signal as the rules see it.

    Attributes:
        before: why its subjects were protected when they were last looked at.
        reasons: why they are now; holds at least what was found before.
        owned: what its protected subjects own.
        fresh: of the values owned, those that were not kept before, or not as what identifies the person.
        alike: by what records are looked for of somebody who is nearly a protected subject; its number.
        elsewhere: by what records are looked for that have an account of theirs on another platform.
        present: (subject, blind) of the keys that it has.
        met: its keys that are made of what a person owns who is protected in another signal, or who told it, and who is
            nearly somebody protected in this one.
        waiting: of these, what is withheld for that alone until somebody has decided.
        compared: by what records are looked for of somebody protected who owns one of its values.
        asked: the questions about it that stand already, as `Question.place` names them.
        teller: what was said of who told it, now or before.
        tellers: numbers of those who may be whoever told it, a victim or who does not want to be known, until somebody
            has said.
        perhaps_victims: numbers of those who may be a victim, or lead to one, until somebody has said.
        taken_off: numbers of those who are protected in it, and whom its form has no more.
        turned: (subject, family, blind) of the keys that were the reporter's, and that are somebody's now or nobody's.
        holders: (subject, family, blind) of documents that may be of somebody protected who is nobody of the report.
        hers: (subject, family, blind) of values that may be a protected person's by what was typed with them, or by
            her name in them.
        nobodys: (family, blind) of values of which somebody said that they are nobody's.
        meant: (subject, interview) of those who may be whom an interview means.
        asked_anew: of the tellers and perhaps victims, those of whom that was never asked before.
        outgrown: answers that a value is of nobody protected here, given before somebody became so.
        outrun: answers by one person that two are not one, of whom it is known for sure by now that they are.
    """

    facts: RecordFacts
    keys: PublishableKeys
    before: Reasons
    reasons: Reasons
    owned: tuple[OwnedInput, ...]
    fresh: frozenset[bytes]
    alike: Mapping[bytes, int]
    elsewhere: frozenset[bytes]
    present: frozenset[tuple[int, bytes]]
    met: tuple[Met, ...]
    waiting: tuple[Met, ...]
    compared: frozenset[bytes]
    asked: frozenset[Place]
    teller: frozenset[Protection] = frozenset()
    tellers: frozenset[int] = frozenset()
    perhaps_victims: frozenset[int] = frozenset()
    taken_off: frozenset[int] = frozenset()
    meant: frozenset[tuple[int, bytes]] = frozenset()
    turned: frozenset[tuple[int, str, bytes]] = frozenset()
    holders: frozenset[tuple[int, str, bytes]] = frozenset()
    hers: frozenset[tuple[int, str, bytes]] = frozenset()
    nobodys: frozenset[tuple[str, bytes]] = frozenset()
    asked_anew: frozenset[int] = frozenset()
    outgrown: tuple[Found, ...] = ()
    outrun: tuple[Found, ...] = ()

    @property
    def new(self) -> bool:
        """Whether there is a reason that was not there before, or somebody may be protected who may not have been."""
        return bool(self.asked_anew) or any(why - self.before.get(n, frozenset()) for n, why in self.reasons.items())


def assess_signal(
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
    kept_reasons = work.signals.protections.all_reasons(signal.id)
    before = {n: why for n, why in kept_reasons.items() if n != LOOSE}
    teller = teller_of(form, kept_reasons.get(LOOSE, frozenset()))
    perhaps = _perhaps_reporters(form, country, {LOOSE: teller})
    owned = owned_inputs(form, country)
    names = named_inputs(form, country)
    blind = {x: blind_index(secret, x) for x in _collect_match_keys(owned, derived, names)}
    # The values of its own protected persons are asked about too: they tell the register unit of a second record.
    met = _find_met(work, signal.id, derived, names, blind)
    findings = work.signals.findings.of_signal(signal.id)
    others, outrun = _find_other_persons(
        findings, work.signals.findings.because_of(signal.id), {m.pair for m in met if m.takes_two}
    )
    known = replace(
        _collect_known(register, work, signal, findings),
        before=before,
        restored=restored,
        lifted=work.signals.protections.lifted(signal.id),
    )
    today = register.day_of(signal.recorded_at)
    met = (*met, *_met_here(signal, protect(form, today, known), owned, names, blind))
    known = replace(known, elsewhere=_find_recognised(work, signal.id, met, findings, others))
    reasons = protect(form, today, known)
    kept = work.signals.protections.inputs(signal.id)
    # Of a person who is protected again everything counts again, also what the form has no more.
    woken = [
        x
        for x in work.signals.protections.dormant(signal.id)
        if x.subject_n in (reasons.keys() | restored.keys()) - before.keys()
    ]
    tellers, who_told = _find_tellers(signal, teller, findings)
    # Of a subject who told it what makes nobody else the same person: not the name, which may be a namesake's.
    told = {blind_index(secret, x) for x in reporters_inputs(form, country)} | _list_owned_things(
        who_told, owned, blind
    )
    # So does what is somebody's who is protected and nobody of the report, by the unit's word on it.
    told |= _kept_by_word(signal.id, derived, findings, blind)
    # What is also of who may have told it waits with them, under whomever it stands.
    perhaps_told = _list_owned_things(tellers, owned, blind)
    told_before = work.signals.protections.told_inputs(signal.id)
    # What was the reporter's stays at home under whomever it stands now, until a person has said what it is.
    once_told = told_before - told - kept.keys()
    turned = {k: blind[k.key] for k in derived if any(blind[x] in once_told for x in (k.key, *k.inputs))}
    outgrown = _find_outgrown(findings, {**reasons, LOOSE: teller}, kept_reasons)
    freed, nobodys = _find_freed_values(signal.id, [f for f in findings if f not in outgrown])
    perhaps_victims = _perhaps_victims(signal, findings, reasons.keys())
    of_others, said_hers = (
        _of_others(signal, derived, blind, findings, freed[Finding.RIGHTFUL_HOLDER]),
        _said_hers(signal, derived, blind, findings, freed[Finding.ALSO_A_VICTIMS], reasons.keys() | who_told),
    )
    # What has the name of who may be she waits with her, as her numbers do.
    perhaps_theirs = _list_owned_things(perhaps_victims, owned, blind) | {
        blind[x]
        for k in derived
        if k in said_hers or spells_another(form, k.typed, k.subject, tellers | perhaps_victims)
        for x in k.inputs
        if not (is_of_a_name(x) or is_alike(x))
    }
    withheld = (
        kept.keys()
        | {x.blind for x in woken}
        | told
        | {f.question.blind for f in findings if f.decision is FindingDecision.WITHHOLD}
    )
    told_here = {blind[k.key] for k in derived if any(blind[x] in told for x in (k.key, *k.inputs))}
    waiting = [m for m in _find_unanswered(met, findings) if _may_wait(m, reasons, others, told_here)]
    # Until somebody has decided it stays at home: what has gone cannot be called back from who has read it.
    wait = {(m.subject_n, m.blind) for m in waiting}
    # A document of hers stays withheld under whomever it stands; a name and birth date may be a namesake's.
    hers = {(m.subject_n, m.blind) for m in met if m.by is By.ONE_PERSON and not (m.of_a_name and m.pair in others)}
    made_of = {k: k.inputs - _told_apart(signal.id, k.subject, owned, others) for k in derived}
    facts = [
        KeyFacts(
            n=k.subject,
            id=blind[k.key],
            inputs_of=frozenset(n for n, theirs in owned.items() if n != k.subject and theirs & made_of[k]),
            of_protected=(k.subject, blind[k.key]) in hers
            or (k in turned and (k.subject, blind[k.key]) not in freed[Finding.ALSO_A_REPORTERS])
            or any(blind[x] in withheld for x in (k.key, *made_of[k])),
            waits=(k.subject, blind[k.key]) in wait
            or k in of_others
            or k in said_hers
            or k.subject in perhaps_victims
            or any(blind[x] in perhaps_theirs for x in k.inputs),
            of_nobody=k.subject == LOOSE and k.of_nobody and (LOOSE, blind[k.key]) in nobodys,
            of_reporter=(k.subject == LOOSE and k.of_reporter) or k.subject in who_told,
            perhaps_reporters=(k.subject == LOOSE and (k.perhaps_reporters or k.key in perhaps))
            or k.subject in tellers
            or any(blind[x] in perhaps_told for x in k.inputs),
        )
        for k in derived
    ]
    record = facts_of(
        signal,
        organisation,
        facts,
        {**reasons, LOOSE: teller},
        unsaid=tellers | who_told | perhaps_victims | known.victims | _by_word(reasons),
    )
    numbers = {s.n for s in form.subjects}
    # Who only resembles somebody is protected, and passes it on to nobody until a person has said that it is her.
    firm = [n for n in sorted(reasons) if reasons[n] != {Protection.ALIKE}]
    holders = {n: rightful_elsewhere(form, n, country) for n in firm}
    theirs = (
        *(OwnedInput(n, blind[x], identifies_one(x) and x not in holders[n]) for n in firm for x in owned.get(n, ())),
        # What is the reporter's stays so, whatever is said of it later in this record.
        *(OwnedInput(LOOSE, x, one_person=False) for x in sorted(told)),
        *woken,
    )
    # Also what is kept, and only now found to identify its person: other records are looked at for it, too.
    known_of = kept.keys() | told_before
    fresh = {x for x in theirs if x.blind not in known_of or (x.one_person and not kept.get(x.blind, False))}
    # Who has got a name since is looked for by each number again: it was too little without one.
    words = {blind[x] for of_one in owned.values() for x in of_one if is_word_of_name(x)}
    named_anew = {x.subject_n for x in fresh if x.blind in words}
    fresh |= {x for x in theirs if x.subject_n in named_anew}
    looked_for = {x.subject_n for x in fresh} & {LOOSE, *numbers}
    return Assessed(
        facts=record,
        keys=publishable_keys(record, register.edition),
        before=before,
        reasons=reasons,
        owned=theirs,
        fresh=frozenset(x.blind for x in fresh),
        alike={blind_index(secret, x): n for n in looked_for for x in found_alike(form, n)},
        elsewhere=frozenset(blind_index(secret, x) for n in looked_for for x in found_elsewhere(form, n, country)),
        present=frozenset((k.subject, blind[k.key]) for k in derived),
        met=met,
        waiting=tuple(waiting),
        compared=frozenset(blind.values()),
        asked=frozenset(f.question.place for f in findings),
        teller=teller,
        holders=frozenset((k.subject, k.key.family, blind[k.key]) for k in of_others if k.subject not in reasons),
        hers=frozenset((k.subject, k.key.family, blind[k.key]) for k in said_hers if k.subject not in reasons),
        nobodys=frozenset((k.key.family, blind[k.key]) for k in derived if k.subject == LOOSE and k.of_nobody),
        turned=frozenset((k.subject, k.key.family, at) for k, at in turned.items() if k.subject not in reasons),
        tellers=frozenset(n for n in tellers if n not in reasons),
        perhaps_victims=perhaps_victims - reasons.keys(),
        taken_off=frozenset(reasons.keys() - numbers),
        asked_anew=frozenset(
            (tellers - _said_of_persons(findings, Finding.ALSO_A_REPORTERS).keys())
            | (perhaps_victims - _said_of_persons(findings, Finding.ALSO_A_VICTIMS).keys())
        )
        - reasons.keys(),
        outgrown=outgrown,
        outrun=outrun,
        meant=frozenset(
            (n, one.id)
            for one in known.interviews
            for n in one.asked_about(form) & numbers
            if not reasons.get(n, frozenset()) - RECOGNISED - PERHAPS
        ),
    )


def _by_word(reasons: Reasons) -> frozenset[int]:
    """Who is protected by another record or an interview alone, until the unit has said that it is not they."""
    return frozenset(n for n, why in reasons.items() if not why - RECOGNISED - PERHAPS)


def still_says(register: Register, work: Work, signal: Signal, numbers: Collection[int]) -> frozenset[Protection]:
    """What the report, its interviews and the ladder say by themselves today of these persons, whatever was found.

    Of somebody who was taken off the ladder, or found to be none, the ladder says nothing.
    """
    findings = work.signals.findings.of_signal(signal.id)
    known = replace(
        _collect_known(register, work, signal, findings), lifted=dict.fromkeys(numbers, frozenset({Protection.LADDER}))
    )
    said = protect(signal.form, register.day_of(signal.recorded_at), known)
    return frozenset(reason for n in numbers for reason in said.get(n, ()))


def means_somebody(register: Register, work: Work, signal: Signal, interview: bytes) -> bool:
    """Whether an interview keeps somebody of the report at home that it stems from."""
    known = _collect_known(register, work, signal, work.signals.findings.of_signal(signal.id))
    mine = [one for one in known.interviews if one.id == interview]
    return any(one.protects(signal.form) or (one.who and one.says) for one in mine)


def one_with(signal: Signal, n: int) -> frozenset[int]:
    """The numbers under which a person stands in a report: entered twice, they are protected under both."""
    return frozenset({n}).union(*(one for one in same_persons(signal.form, signal.partition) if n in one))


def _collect_known(register: Register, work: Work, signal: Signal, findings: Collection[Found]) -> Known:
    """What interviews, the ladder and the unit say, and who is one person; nothing found before or elsewhere."""
    told_it = frozenset(
        n
        for n, said in _said_of_persons(findings, Finding.ALSO_A_REPORTERS).items()
        if said is FindingDecision.WITHHOLD
    )
    if told_it and Protection.TOLD_IT not in teller_of(
        signal.form, work.signals.protections.all_reasons(signal.id).get(LOOSE, frozenset())
    ):
        told_it = frozenset()  # who only does not want to be known is no victim
    said = _said_of_persons(findings, Finding.ALSO_A_VICTIMS)
    return Known(
        victims=frozenset(n for n, decision in said.items() if decision is FindingDecision.WITHHOLD),
        told_it=told_it,
        ladder=work.signals.protections.on_ladder(signal.id),
        standing=work.signals.protections.standing_on_ladder(signal.id),
        interviews=tuple(
            _read_interview(work, signal.form, row, findings) for row in work.signals.protections.interviews(signal.id)
        )
        + tuple(_find_naming_interviews(register, work, signal, findings)),
        same=same_persons(signal.form, signal.partition),
        roles=protected_roles(register.edition),
        beside=roles_beside(register.edition),
    )


def _find_met(
    work: Work,
    signal_id: SignalId,
    keys: Collection[SubjectKey],
    names: Mapping[int, frozenset[MatchKey]],
    blind: Mapping[MatchKey, bytes],
) -> tuple[Met, ...]:
    """What stands with a protected person of another record: each key and each such person once, by the surest."""
    inputs = {blind[x]: x for made_of in (*(k.inputs for k in keys), *names.values()) for x in made_of}
    found: dict[tuple[int, bytes, SignalId, int], Met] = {}
    # A part of a name is shared by very many: it is looked for only of those who have a number in common.
    words = {at for at, x in inputs.items() if is_word_of_name(x)}
    owners = work.signals.protections.owners(inputs.keys() - words, signal_id)
    if numbered := {one.signal_id for one in owners if is_personal(inputs[one.blind])}:
        owners += work.signals.protections.owners(words, signal_id, among=numbered)
    for k in keys:
        made_of = {blind[x] for x in k.inputs}
        for one in owners:
            if one.blind in made_of:
                met = Met(
                    one,
                    k.subject,
                    k.key.family,
                    blind[k.key],
                    _decide_by(one, inputs[one.blind]),
                    k.use not in OF_ANOTHER,
                    is_of_a_name(inputs[one.blind]),
                )
                at = (k.subject, met.blind, one.signal_id, one.subject_n)
                if at not in found or found[at].by < met.by:
                    found[at] = met
    return (*found.values(), *_by_name_and_more(keys, names, blind, owners))


def _list_owned_things(
    numbers: Collection[int], owned: Mapping[int, frozenset[MatchKey]], blind: Mapping[MatchKey, bytes]
) -> set[bytes]:
    """What these subjects own, without their names."""
    theirs = (x for n in numbers for x in owned.get(n, ()))
    return {blind[x] for x in theirs if not is_of_a_name(x) and not is_alike(x)}


def _told_apart(
    signal_id: SignalId, n: int, owned: Mapping[int, frozenset[MatchKey]], others: Collection[Pair]
) -> frozenset[MatchKey]:
    """What makes a subject nearly somebody of the same record of whom a person said that they are two."""
    theirs = (owned.get(because_n, ()) for who, because, because_n in others if (who, because) == (n, signal_id))
    return frozenset(x for one in theirs for x in one if is_alike(x))


def _met_here(
    signal: Signal,
    reasons: Reasons,
    owned: Mapping[int, frozenset[MatchKey]],
    names: Mapping[int, frozenset[MatchKey]],
    blind: Mapping[MatchKey, bytes],
) -> Iterator[Met]:
    """Who is nearly somebody whom this record itself protects, and stands in it under another number.

    Two persons in one record may well be two, twins for instance: so it is asked, as of two records.
    """
    firm = {n for n, why in reasons.items() if why - RECOGNISED}
    for n, name in names.items():
        for hers in sorted(firm) if n not in firm else ():
            if same := sorted(blind[x] for x in owned.get(hers, frozenset()) & name if is_alike(x)):
                owner = Owner(signal.id, hers, same[0], False, Urgency(signal.form.urgency), True, signal.recorded_at)
                yield Met(owner, n, NAME_PART, WHOLE_PERSON, By.ALIKE, own=True, of_a_name=True)


def _by_name_and_more(
    keys: Collection[SubjectKey],
    names: Mapping[int, frozenset[MatchKey]],
    blind: Mapping[MatchKey, bytes],
    owners: Collection[Owner],
) -> Iterator[Met]:
    """Who has one thing of a protected person, and of the name enough for them to be one.

    The whole name, no birth that tells them apart, and one thing more, were it the nationality or the year of the whole
    birth date; a number or an account
    and any part of the name; or a name that is nearly theirs; or a number that is all that is known of them.
    """
    by_person: dict[tuple[SignalId, int], list[Owner]] = {}
    for one in owners:
        by_person.setdefault((one.signal_id, one.subject_n), []).append(one)
    for n, name in names.items():
        named = {blind[x] for x in name if is_whole_name(x)}
        words = {blind[x] for x in name if is_word_of_name(x)}
        # Also of a person of whom too little is known for a key, whose number is.
        enough = {blind[x] for x in name if is_of_unnamed(x) or is_alike(x) or is_name_with_some_birth(x)}
        values = [k.inputs for k in keys if k.subject == n and k.use not in OF_ANOTHER]
        adds = {blind[x] for made_of in (name, *values) for x in made_of if adds_to_a_name(x)}
        personal = {blind[x] for made_of in values for x in made_of if is_personal(x)}
        for theirs in by_person.values():
            fits = (
                _has_both(theirs, named, adds)
                or _has_both(theirs, words, personal)
                or next((one for one in theirs if one.blind in enough), None)
            )
            if fits is not None and fits.subject_n != LOOSE:
                yield Met(fits, n, NAME_PART, WHOLE_PERSON, By.ALIKE, own=True, of_a_name=True)


def _has_both(owners: Collection[Owner], first: Collection[bytes], more: Collection[bytes]) -> Owner | None:
    """What a protected person has of the first values, where one of the others is theirs too."""
    same = next((one for one in owners if one.blind in first), None)
    return same if any(one.blind in more and not one.one_person for one in owners) else None


def _decide_by(owner: Owner, made_of: MatchKey) -> By:
    if owner.one_person:
        return By.ONE_PERSON
    if is_alike(made_of):
        return By.NEARLY if is_nearly_one(made_of) else By.ALIKE
    return By.HOLDERS if identifies_one(made_of) and not is_of_a_name(made_of) else By.SHARED


def _may_wait(met: Met, reasons: Reasons, others: Collection[Pair], told_here: Collection[bytes]) -> bool:
    """Whether a key leaves unless somebody says that it stays: it is a value that several may use.

    Of somebody who is protected here nothing leaves anyway, nor anything of whoever told it; and of two of whom it was
    said that they are two, a name in common says nothing more.
    """
    if met.by >= By.ALIKE or met.subject_n in reasons or met.blind in told_here:
        return False
    return not (met.of_a_name and met.pair in others)


def _find_unanswered(met: Collection[Met], findings: Collection[Found]) -> list[Met]:
    """Of what nobody has said anything.

    One answer covers who had the value then and was not asked about; not of whom it is asked anew, by an objection.
    """
    answered, said = _find_answered_until(findings), {f.question.place: f.decision for f in findings}
    return [m for m in met if said.get(m.place) is None and (m.place in said or not m.covered_by(answered))]


def _find_answered_until(findings: Collection[Found]) -> Mapping[OfValue, datetime]:
    """Until when each value has been answered about: one answer is for all who owned it then.

    Not what was answered about the report's own teller and persons, which says nothing of another report's.
    """
    answered: dict[OfValue, datetime] = {}
    of_others = (f for f in findings if f.decided_at is not None and f.question.because != f.question.about)
    for one in sorted(of_others, key=lambda f: f.decided_at or f.opened_at):
        asked = one.question
        answered[asked.subject_n, asked.asked, asked.blind] = one.decided_at or one.opened_at
    return answered


def _find_recognised(
    work: Work, signal_id: SignalId, met: Collection[Met], findings: Collection[Found], others: Collection[Pair]
) -> Reasons:
    """Subjects who are taken for somebody of another record: by what they have, or because somebody said so."""
    found: dict[int, set[Protection]] = {}
    unanswered = work.signals.findings.unanswered_alike(
        {m.pair[1:] for m in met if m.by in _RESEMBLES}, besides=signal_id
    )
    for one in met:
        if one.subject_n == LOOSE or one.pair in others or not one.own:
            continue
        if one.by is By.ONE_PERSON:
            found.setdefault(one.subject_n, set()).add(Protection.SAME_PERSON)
        elif one.by in _RESEMBLES and unanswered.get(one.pair[1:], 0) < ALIKE_MAX:
            found.setdefault(one.subject_n, set()).add(Protection.ALIKE)
    for said in findings:
        asked = said.question
        if said.decision is not FindingDecision.SAME or asked.asked is not Finding.SAME_PERSON:
            continue  # whom an interview means is nobody of another record
        if asked.because_n in work.signals.protections.reasons(asked.because):
            found.setdefault(asked.subject_n, set()).add(Protection.SAME_PERSON)
    return {n: frozenset(why) for n, why in found.items()}


def _find_other_persons(
    here: Collection[Found], elsewhere: Collection[Found], take_two: Collection[Pair]
) -> tuple[frozenset[Pair], tuple[Found, ...]]:
    """Of whom it was said that they are two, in whichever of the two records it was asked; and what counts no more.

    What one alone said counts as long as they only resemble each other. Once it takes two (a document agrees, or the
    whole birth date and nearly the name), what one said counts no more.
    """
    asked = ((one, (q.subject_n, q.because, q.because_n)) for one in here for q in (one.question,))
    mirrored = ((one, (q.because_n, q.about, q.subject_n)) for one in elsewhere for q in (one.question,))
    said = [(one, pair) for one, pair in (*asked, *mirrored) if one.decision is FindingDecision.ANOTHER]
    outrun = tuple(one for one, pair in said if pair in take_two and not one.by_two)
    return frozenset(pair for one, pair in said if one not in outrun), outrun


def _find_tellers(
    signal: Signal, teller: frozenset[Protection], findings: Collection[Found]
) -> tuple[frozenset[int], frozenset[int]]:
    """Who in the report may be whoever told it, and who is, by the register unit's word.

    Once it was asked of somebody it stays so until it is answered, whatever is said of the role or the teller later.
    """
    form = as_told(signal.form, {LOOSE: teller})
    there = {one.n for one in form.subjects}
    said = _said_of_persons(findings, Finding.ALSO_A_REPORTERS)
    may = {one.n for one in form.subjects if may_have_told(form, one)} | (said.keys() & there)
    perhaps = frozenset(n for n in may if said.get(n) is None)
    return perhaps, frozenset(n for n in may if said.get(n) is FindingDecision.WITHHOLD)


def _kept_by_word(
    signal_id: SignalId,
    keys: Collection[SubjectKey],
    findings: Collection[Found],
    blind: Mapping[MatchKey, bytes],
) -> set[bytes]:
    """What values are made of of which the unit said, of this report itself, that they are withheld for somebody."""
    said = {
        (f.question.subject_n, f.question.blind)
        for f in findings
        if f.decision is FindingDecision.WITHHOLD and f.question.because == signal_id
    }
    theirs = (x for k in keys if (k.subject, blind[k.key]) in said for x in k.inputs)
    return {blind[x] for x in theirs if not is_of_a_name(x) and not is_alike(x)}


def _find_freed_values(
    signal_id: SignalId, findings: Collection[Found]
) -> tuple[Mapping[Finding, frozenset[tuple[int, bytes]]], frozenset[tuple[int, bytes]]]:
    """What may leave by the unit's word on this report itself: (subject, value), by what was asked; what is nobody's.

    Who says that a document's holder is nobody protected has not said that it is not hers who is entered later.
    """
    kept = [f.question for f in findings if f.decision is FindingDecision.KEEP and f.question.because == signal_id]
    # That what was typed with a value does not make it a victim's says nothing of who told it, nor of those beside
    # whom it stands; and that it is none of theirs says nothing of a remark, of which two have to say so.
    beside = [q for q in kept if q.asked is Finding.ALSO_A_VICTIMS and q.because_n != LOOSE]
    by_asked = {
        asked: frozenset((q.subject_n, q.blind) for q in kept if q.asked is asked and q not in beside)
        for asked in Finding
    }
    return by_asked, by_asked[Finding.ALSO_A_REPORTERS] | {(q.subject_n, q.blind) for q in beside}


def _find_outgrown(findings: Collection[Found], reasons: Reasons, before: Reasons) -> tuple[Found, ...]:
    """What lets a value go as it was of none of those who were protected, where somebody is who was not then."""
    joined = any(why and (n not in before or (n == LOOSE and why - before[n])) for n, why in reasons.items())
    return tuple(f for f in findings if joined and f.decision in LETS_GO and f.question.of_all_protected)


def _of_others(
    signal: Signal,
    keys: Collection[SubjectKey],
    blind: Mapping[MatchKey, bytes],
    findings: Collection[Found],
    freed: Collection[tuple[int, bytes]],
) -> frozenset[SubjectKey]:
    """Documents that may be of somebody protected who is nobody of the report, and of whom nobody has said so.

    Once it was asked whose one is it stays so until it is answered, whatever is said of its use later.
    """
    asked = {
        f.question.blind
        for f in findings
        if f.question.asked is Finding.RIGHTFUL_HOLDER and f.question.because == signal.id and f.decision is None
    }
    return frozenset(
        k for k in keys if (k.perhaps_holders and (k.subject, blind[k.key]) not in freed) or blind[k.key] in asked
    )


def _said_hers(
    signal: Signal,
    keys: Collection[SubjectKey],
    blind: Mapping[MatchKey, bytes],
    findings: Collection[Found],
    freed: Collection[tuple[int, bytes]],
    protected: Collection[int],
) -> frozenset[SubjectKey]:
    """Values that may be a protected person's by what was typed with them, or by her name, until somebody has said.

    Once it was asked it stays so until it is answered, also where the words beside the value are taken out later.
    """
    asked = {
        (f.question.subject_n, f.question.blind)
        for f in findings
        if f.question.asked is Finding.ALSO_A_VICTIMS
        and (f.question.because, f.question.because_n) == (signal.id, LOOSE)
        and f.decision is None
    }

    def is_spelt(k: SubjectKey) -> bool:
        # Beside a protected person a value without an owner waits anyway, until somebody says that it is nobody's.
        asks = k.of_nobody if k.subject == LOOSE else True
        return asks and spells_another(signal.form, k.typed, k.subject, protected)

    return frozenset(
        k
        for k in keys
        if (at := (k.subject, blind[k.key])) in asked
        or (at not in freed and not k.of_reporter and (k.said_hers or is_spelt(k)))
    )


def _perhaps_victims(signal: Signal, findings: Collection[Found], protected: Collection[int]) -> frozenset[int]:
    """Who may be a victim, or lead to one, until the register unit has said; asked once, whatever is said later."""
    form, said = signal.form, _said_of_persons(findings, Finding.ALSO_A_VICTIMS)
    there = {one.n for one in form.subjects}
    may = {
        one.n
        for one in form.subjects
        if perhaps_a_victim(form, one, signal.type_assessed) or company_named_after(form, one, protected)
    }
    return frozenset(n for n in may | (said.keys() & there) if said.get(n) is None)


def _said_of_persons(findings: Collection[Found], asked: Finding) -> Mapping[int, FindingDecision | None]:
    """What the register unit said of each person of whom it was asked so; None: nothing yet."""
    return {
        f.question.subject_n: f.decision
        for f in findings
        if f.question.asked is asked and f.question.blind == WHOLE_PERSON
    }


def _perhaps_reporters(form: SignalIn, country: Partition, reasons: Reasons) -> frozenset[MatchKey]:
    """What may be a reporter's who did not want to be known, at any time, and nobody has said whose it is."""
    told = as_told(form, reasons)
    if told is form:
        return frozenset()
    return frozenset(k.key for k in subject_keys(told, country) if k.subject == LOOSE and k.perhaps_reporters)


def _read_interview(work: Work, form: SignalIn, row: InterviewRow, findings: Collection[Found]) -> Interview:
    """What an interview says, and whom in the signal its name fits or somebody said that it means.

    One whose name does not open may mean anybody in the signal, as what stands in clear says of her: each is withheld
    and asked about until the register unit has said who it is, and everything else goes on.
    """
    names, unread = set(), False
    try:
        if not row.withdrawn:
            names.add(work.desk.intakes.get(IntakeId(row.intake)).form.name)
        if row.victim is not None:
            names.add(work.desk.victims.get(VictimId(row.victim)).details.get("name"))
    except Unreadable as error:
        unread = True
        said_so = {"partition": work.partition, "object_id": str(row.intake), "code": code_of(error)}
        logger().error("interview.damaged", **said_so)
    said = {f.question.subject_n: f.decision for f in findings if f.question.blind == row.intake.bytes}
    others = frozenset(n for n, decision in said.items() if decision is FindingDecision.ANOTHER)
    hers = frozenset(n for n, decision in said.items() if decision is FindingDecision.SAME)
    given = [name for name in names if name]
    return Interview(
        row.victim is not None,
        "UNKNOWN" if row.withdrawn else row.age_band,
        hers | (frozenset(n for name in given for n in fits_name(form, name)) - others),
        row.standing,
        nearly=frozenset(persons_of(form) if unread else (n for x in given for n in nearly_fits_name(form, x))),
        others=others,
        held=not row.withdrawn,
        id=row.intake.bytes,
    )


def _find_naming_interviews(
    register: Register, work: Work, signal: Signal, findings: Collection[Found]
) -> Iterator[Interview]:
    """The interviews of other reports or of none, and places on the ladder, that name somebody like one here."""
    secret = register.keys.blind_index
    mine = {n: {blind_index(secret, x) for x in may_be_meant(one)} for n, one in persons_of(signal.form).items()}
    for row in work.signals.protections.interviews_naming({x for theirs in mine.values() for x in theirs}, signal.id):
        said = {f.question.subject_n: f.decision for f in findings if f.question.blind == row.intake.bytes}
        yield Interview(
            row.victim is not None,
            "UNKNOWN" if row.withdrawn else row.age_band,
            who=frozenset(n for n, decision in said.items() if decision is FindingDecision.SAME),
            standing=row.standing,
            nearly=frozenset(n for n, theirs in mine.items() if theirs & row.named),
            others=frozenset(n for n, decision in said.items() if decision is FindingDecision.ANOTHER),
            held=not row.withdrawn,
            id=row.intake.bytes,
            stems=False,
            withholds=work.signals.findings.unanswered_meant(row.intake.bytes, besides=signal.id) < ALIKE_MAX,
        )


def _collect_match_keys(
    owned: Mapping[int, frozenset[MatchKey]], keys: Collection[SubjectKey], names: Mapping[int, frozenset[MatchKey]]
) -> set[MatchKey]:
    found = {x for theirs in (*owned.values(), *names.values()) for x in theirs}
    return found | {k.key for k in keys} | {x for k in keys for x in k.inputs}
