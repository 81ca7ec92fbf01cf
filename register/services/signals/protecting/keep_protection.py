"""A fact that protects somebody reaches what partners hold in the transaction of the fact itself.

Whoever records such a fact (a report, an amendment, an interview, a place on the ladder) calls `begin_fact` before it
locks anything and `fact_recorded` when the fact is stored. What the fact withholds is retracted here, and everywhere
in the country where the same document, or the same full name and birth date, stands: there the whole person is
protected. What only a person can answer becomes a finding of the register unit, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from types import MappingProxyType
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.protecting.finding import (
    LETS_GO,
    NAME_PART,
    OF_INTERVIEW,
    OF_PERSON,
    SAYS_NOBODYS,
    WHOLE_PERSON,
    Found,
    Question,
    waits,
)
from register.domain.signals.protection import PERHAPS, RECOGNISED, Protection, Reasons
from register.domain.signals.signal import Signal, SignalId
from register.errors import RegisterError, Unreadable, code_of
from register.logs import logger
from register.mou.facts import LOOSE
from register.pseudonyms.inputs import REACHING_ONE, found_meant, names_meant
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.normalise.person import Person
from register.services.signals.decide_sharing import decide_sharing, retract_unread, withheld_anew
from register.services.signals.protecting.assess_protection import (
    Assessed,
    By,
    Met,
    assess_signal,
    means_somebody,
    one_with,
)
from register.store.signals.protecting.protections import Carrier
from register.store.work import Work
from schemas.codes import Finding, ToDoKind, Urgency

ASKED_MAX: Final = 50
"""Of records that share one value with a protected person, in how many it waits until somebody decides: the newest.

A number that stands in more of them is a hotel's or an office's, and one report on somebody with it must not take it
from all of them. The others stay as they are until they are looked at for another reason; the log says how many.
"""
NOBODY: Final[Reasons] = MappingProxyType({})
_WITHIN: Final = frozenset({Finding.TAKEN_OFF, Finding.PERHAPS_MEANT})
"""What is asked about one record alone."""
_NO_SIGNAL: Final = SignalId(UUID(int=0))
_SAYS_WHOSE: Final = "KEYS-6"
"""The rule that withholds what is said to be nobody's beside somebody protected until the register unit agrees."""
_KEYS_WAIT: Final = "KEYS-7"
"""The rule by which a record stays at home of which nobody can read which keys are a protected person's."""


def begin_fact(work: Work) -> None:
    """Keep others from deciding what leaves until this transaction ends; before any row is locked in it."""
    work.signals.protections.record_fact()


def fact_recorded(register: Register, work: Work, signal_id: SignalId, *, replaced: Collection[int] = ()) -> Assessed:
    """Take back what a fact withholds, of the signal that it is about and of those that share something with it.

    In the transaction of the fact, which `begin_fact` began. Returns the signal as the rules now see it. `replaced`
    are numbers under which somebody else stands than before: what was said of those is asked anew.
    """
    signal = work.signals.reports.get(signal_id)
    anew = _ask_anew(work, signal, replaced)
    assessed = narrow_signal(register, work, signal, changed=True)
    spread_protection(register, work, signal, assessed)
    for other, as_now in _narrow_others(register, work, anew - {signal_id}):
        spread_protection(register, work, other, as_now)
    hurried = False
    for one in work.signals.findings.because_of(signal_id):
        # A victim who is marked in danger later is asked about within the hour from then on, too.
        if one.decision is None and one.question.urgency != (urgency := _decide_urgency(signal.form.urgency)):
            work.signals.findings.hurry(one.id, urgency)
            hurried = True
    if anew or hurried:
        _in_step(work, signal_id)
    return assessed


def named_at_the_desk(register: Register, one: Person | None) -> frozenset[bytes]:
    """The blind values by which whom an interview or the ladder names is compared with the persons of reports."""
    return frozenset(blind_index(register.keys.blind_index, x) for x in (names_meant(one) if one else ()))


def look_for_named(register: Register, work: Work, one: Person | None) -> None:
    """Look at the reports that have somebody of this whole name, in the transaction that keeps who is named."""
    wanted = {blind_index(register.keys.blind_index, x) for x in (found_meant(one) if one else ())}
    carriers = [x for x in work.signals.protections.carriers(wanted, _NO_SIGNAL) if not x.firm]
    for signal, found in _narrow_others(register, work, {x.signal_id for x in carriers}):
        spread_protection(register, work, signal, found)


def protects_in(register: Register, work: Work, signal_id: SignalId, interview: bytes) -> bool:
    """Whether an interview keeps somebody of the report at home that it stems from; not of one that does not open."""
    try:
        return means_somebody(register, work, work.signals.reports.get(signal_id), interview)
    except Unreadable:
        return False


def narrow_signal(
    register: Register, work: Work, signal: Signal, restored: Reasons = NOBODY, *, changed: bool = False
) -> Assessed:
    """Keep what is known of a signal's persons now, and take from partners what they may not have any more.

    It goes by the pseudonyms that are there: what takes back never waits for the evaluators of other countries.

    Args:
        register: of the country.
        work: the open transaction.
        signal: as it now is.
        restored: reasons that were lifted, and protect again.
        changed: the signal itself did: handling, visibility or an approval may let less of it leave.
    """
    organisation = work.access.organisations.get(signal.organisation)
    found = assess_signal(register, work, signal, organisation, restored=restored)
    keep_assessed(work, signal, found)
    if signal.withdrawn_at is not None or not work.signals.sharing.of(signal.id):
        # Nothing of it has left: the worker decides when its pseudonyms are there.
        return found
    before = work.signals.own_tokens.of(signal.id)
    tokens = withheld_anew(before, found)
    withheld = [new for old, new in zip(before, tokens, strict=True) if new != old and new.withheld_by is not None]
    if withheld or found.new or changed:
        work.signals.own_tokens.withhold(signal.id, withheld)
        if withheld:
            # What is never published stays out of the engine, too.
            work.running.outbox.add(Consumer.INDEX, signal.extract_id, urgent=True)
        kept = [new if new.withheld_by is not None else old for old, new in zip(before, tokens, strict=True)]
        decide_sharing(register, work, signal, organisation, kept, found, before=before, only_held=True)
    return found


def keep_assessed(work: Work, signal: Signal, found: Assessed) -> None:
    """Keep what was found of a signal's persons, and ask what only a person can answer."""
    told = {LOOSE: found.teller} if found.teller else {}
    work.signals.protections.add(signal.id, {**found.reasons, **told}, found.owned)
    returned = {n for n, why in found.before.items() if Protection.LEFT in why} - found.taken_off
    if returned:
        work.signals.protections.hold(signal.id, returned)
    if signal.withdrawn_at is None:
        _ask_questions(work, (one for one in questions_of(signal, found) if one.place not in found.asked))
        for one in found.outrun:
            bring_finding(work, one)
        for one in found.outgrown:
            bring_finding(work, _reopen_finding(work, one))
        if found.new or found.taken_off or any(place[3] in _WITHIN for place in found.asked):
            _in_step(work, signal.id)


def spread_protection(register: Register, work: Work, signal: Signal, found: Assessed) -> None:
    """Withhold everywhere in the country what is a protected person's; ask about what need not be theirs alone.

    Only what was found just now is looked for: what was known before has been looked for then, and each record that
    came since looks for itself. Whoever is recognised elsewhere is protected there as a whole, and so what is hers
    there is looked for in its turn.
    """
    waiting = [(signal, found)]
    while waiting:
        signal, found = waiting.pop()
        if not found.fresh:
            continue
        single = {x.blind for x in found.owned if x.one_person} | found.alike.keys()
        touched: set[SignalId] = set()
        shared: list[Carrier] = []
        for carrier in work.signals.protections.carriers(found.fresh | found.alike.keys() | found.elsewhere, signal.id):
            if carrier.blind in single:
                # Nothing of whoever is protected there already leaves; looking again would only take time, and the
                # more of it the more often somebody is reported.
                if not carrier.firm:
                    touched.add(carrier.signal_id)
            elif not carrier.protected:
                shared.append(carrier)
        waiting += _narrow_others(register, work, touched | _find_newest_carriers(work, signal, shared))


def _narrow_others(register: Register, work: Work, others: Collection[SignalId]) -> Iterable[tuple[Signal, Assessed]]:
    """Look at other signals that a fact concerns; one that does not open stops neither the fact nor the rest."""
    found = []
    # In the order in which their rows are locked.
    for other_id in sorted(others):
        work.signals.reports.lock(other_id)
        try:
            other = work.signals.reports.get(other_id)
            found.append((other, narrow_signal(register, work, other)))
        except Unreadable as error:
            _take_back_unread(register, work, other_id, error)
    return found


def _take_back_unread(register: Register, work: Work, signal_id: SignalId, error: RegisterError) -> None:
    """Take a signal that does not open from whoever has it: nobody can say which of its keys are protected now.

    The worker looks at it again, which decides anew once it opens, and tells the operator as long as it does not.
    """
    sealed = work.signals.reports.get_sealed(signal_id)
    logger().error("signal.damaged", partition=register.partition, object_id=str(signal_id), code=code_of(error))
    if sealed.withdrawn_at is None and any(allowed for allowed, _ in work.signals.sharing.of(signal_id).values()):
        retract_unread(register, work, sealed, _KEYS_WAIT)
    work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)


def questions_of(signal: Signal, found: Assessed) -> Iterable[Question]:
    """What is to be asked of a signal whose values stand with a protected person of another one."""
    # Of somebody whom this report protects by itself nothing changes with the answer: the other report asks.
    settled = {n for n, why in found.reasons.items() if why - RECOGNISED}
    # Of those who are protected for being recognised the oldest is asked about, by which all of them hang together
    # (`let_go`): in a hundred reports of one person there would else be ten thousand questions.
    linked = set(settled)
    for met in sorted((one for one in found.met if one.by >= By.ALIKE), key=lambda one: one.by, reverse=True):
        if met.subject_n in (settled if met.owner.by_itself else linked):
            continue
        if not met.owner.by_itself:
            linked.add(met.subject_n)
        yield _build_question(signal, met)
    yield from (_build_question(signal, met) for met in _oldest_of_each_value(found))
    urgency = _decide_urgency(signal.form.urgency)
    for n in sorted(found.taken_off):
        yield Question(Finding.TAKEN_OFF, signal.id, n, signal.id, n, OF_PERSON, WHOLE_PERSON, urgency)
    for n, family, blind in sorted(found.turned):
        yield Question(Finding.ALSO_A_REPORTERS, signal.id, n, signal.id, LOOSE, family, blind, urgency)
    for n, family, blind in sorted(found.hers):
        yield Question(Finding.ALSO_A_VICTIMS, signal.id, n, signal.id, LOOSE, family, blind, urgency)
    yield from _of_nobodys(signal, found, urgency)
    for n, family, blind in sorted(found.holders):
        yield Question(Finding.RIGHTFUL_HOLDER, signal.id, n, signal.id, LOOSE, family, blind, urgency)
    for n in sorted(found.tellers):
        yield Question(Finding.ALSO_A_REPORTERS, signal.id, n, signal.id, LOOSE, OF_PERSON, WHOLE_PERSON, urgency)
    for n in sorted(found.perhaps_victims):
        yield Question(Finding.ALSO_A_VICTIMS, signal.id, n, signal.id, LOOSE, OF_PERSON, WHOLE_PERSON, urgency)
    for n, interview in sorted(found.meant):
        yield Question(Finding.PERHAPS_MEANT, signal.id, n, signal.id, n, OF_INTERVIEW, interview, urgency)


def _of_nobodys(signal: Signal, found: Assessed, urgency: Urgency) -> Iterable[Question]:
    """Whether what somebody said to be nobody's is whoever told it's, or the protected person's beside whom it stands.

    One question, whoever is protected first: the answer is about the value, and about all who are protected when it is
    given. Who becomes so later has it asked again (`outgrown`).
    """
    here = (place for place in found.asked if place[:2] == (LOOSE, signal.id) and place[3] in SAYS_NOBODYS)
    asked = {place[4] for place in here if place[2:4] != (LOOSE, Finding.ALSO_A_VICTIMS)}
    told, beside = bool(found.teller), sorted(found.keys.hidden & found.reasons.keys())
    for family, blind in sorted(found.nobodys):
        if blind not in asked and _SAYS_WHOSE in found.keys.rules_of(LOOSE, blind):
            kind = Finding.ALSO_A_REPORTERS if told or not beside else Finding.ALSO_A_VICTIMS
            because = LOOSE if kind is Finding.ALSO_A_REPORTERS else beside[0]
            yield Question(kind, signal.id, LOOSE, signal.id, because, family, blind, urgency)


def _oldest_of_each_value(found: Assessed) -> Iterable[Met]:
    """Of those because of whom one value waits, one at a time: what a hotel's guests have is one question, not each's.

    While one of them is asked about, nobody else is: the answer is for all who are there when it is given.
    """
    asked = {met.of_value for met in found.waiting if met.place in found.asked}
    for met in sorted(found.waiting, key=lambda one: (one.owner.since, one.owner.signal_id, one.owner.subject_n)):
        if met.of_value not in asked:
            asked.add(met.of_value)
            yield met


def takes_two(register: Register, work: Work, question: Question) -> bool:
    """Whether two persons have to say that a question lets go.

    Whatever a question of the report itself says (`Question.takes_two`). Of two reports where what identifies one
    person agrees: a document, or the birth date and nearly the whole name; and of what one person is reached by, and
    of any value whose owner is called as the person who has it.
    """
    if question.takes_two or question.family in REACHING_ONE:
        return True
    if question.because == question.about:
        return False
    signal = work.signals.reports.get(question.about)
    met = assess_signal(register, work, signal, work.access.organisations.get(signal.organisation)).met
    if question.asked is Finding.SAME_PERSON:
        pair = (question.subject_n, question.because, question.because_n)
        return any(one.takes_two and one.pair == pair for one in met)
    value = (question.subject_n, question.asked, question.blind)
    called_so = {one.pair for one in met if one.by >= By.ALIKE}
    return any(one.of_value == value and one.pair in called_so for one in met)


def let_go(register: Register, work: Work, question: Question) -> None:
    """Somebody said that two are not one person: what rested on the likeness is looked at again, on both sides.

    Or that an interview was with another person than who may have been meant.
    """
    persons = _one_with(work, question.about, question.subject_n)
    if question.asked is Finding.PERHAPS_MEANT:
        for signal_id, n in persons:
            work.signals.protections.forget(signal_id, n, PERHAPS, for_good=False)
    persons += _one_with(work, question.because, question.because_n)
    look_again(register, work, persons, also=question.about, for_good=True)


def _one_with(work: Work, signal_id: SignalId, n: int) -> list[tuple[SignalId, int]]:
    """A person under all numbers of the report: what is forgotten under one would be found again by the other."""
    try:
        numbers = one_with(work.signals.reports.get(signal_id), n)
    except Unreadable:
        numbers = frozenset({n})
    return [(signal_id, one) for one in sorted(numbers)]


def protect_again(register: Register, work: Work, signal_id: SignalId) -> None:
    """A question is asked anew: what it withholds goes from partners now, and all of a report that does not open."""
    for signal, found in _narrow_others(register, work, {signal_id}):
        spread_protection(register, work, signal, found)


def look_again(
    register: Register, work: Work, persons: Iterable[tuple[SignalId, int]], *, also: SignalId, for_good: bool
) -> None:
    """Something protects these persons no more: forget what rested on it, here and further on.

    That is whoever was recognised as one of them, and is protected by nothing else. What is to be shared again is for
    the worker, as whatever is given; `also` is a signal that it looks at whatever comes of it. `for_good` where they
    are other people; else what they own counts again when anything protects them.
    """
    seen: set[tuple[SignalId, int]] = set()
    waiting = list(persons)
    while waiting:
        at = signal_id, n = waiting.pop()
        if at in seen or n == LOOSE:
            continue
        seen.add(at)
        work.signals.reports.lock(signal_id)
        if work.signals.protections.forget(signal_id, n, for_good=for_good):
            waiting += _thought_one_with(work, signal_id, n)
    gone = sorted({also, *(signal_id for signal_id, _ in seen)})
    opened: list[SignalId] = []
    for signal_id in gone:
        # Forgotten first, all of them: two that were recognised as each other must not hold each other up.
        for signal, found in _narrow_others(register, work, {signal_id}):
            spread_protection(register, work, signal, found)
            opened.append(signal_id)
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal_id)
        for one in work.signals.findings.because_of(signal_id):
            if one.decision is None and one.question.blind != WHOLE_PERSON:
                # Its value may wait because of somebody else, who is then asked about.
                work.running.outbox.add(Consumer.PSEUDONYMISE, one.question.about)
    for signal_id in opened:
        _in_step(work, signal_id)


def _thought_one_with(work: Work, signal_id: SignalId, n: int) -> list[tuple[SignalId, int]]:
    """Of whom it was asked whether they are this person, in whichever of the two records."""
    here = (one.question for one in work.signals.findings.of_signal(signal_id) if one.question.subject_n == n)
    there = (one.question for one in work.signals.findings.because_of(signal_id) if one.question.because_n == n)
    return [
        *((one.because, one.because_n) for one in here if one.asked is Finding.SAME_PERSON),
        *((one.about, one.subject_n) for one in there if one.asked is Finding.SAME_PERSON),
    ]


def _ask_anew(work: Work, signal: Signal, replaced: Collection[int]) -> set[SignalId]:
    """Let what was said of somebody count no more once somebody else has the number; return the signals asked about.

    Only what lets go: that something is hers, or is withheld, stays true of the record. And whoever is taken off was
    not when it was said before that what is left is not theirs.
    """
    asked_about, left = set(), work.signals.protections.reasons(signal.id)
    there = {one.n for one in signal.form.subjects}
    for one in (*work.signals.findings.of_signal(signal.id), *work.signals.findings.because_of(signal.id)):
        asked = one.question
        whose = {n for at, n in ((asked.about, asked.subject_n), (asked.because, asked.because_n)) if at == signal.id}
        late = asked.asked is Finding.TAKEN_OFF and not whose & there and not _has_left(left, whose)
        lets_go = one.decision in LETS_GO
        beside = bool(replaced) and asked.of_all_protected
        if (lets_go or one.proposed is not None) and (late or beside or whose & set(replaced)):
            _reopen_finding(work, one)
            asked_about.add(asked.about)
    return asked_about


def _reopen_finding(work: Work, one: Found) -> Found:
    """Let what lets go count no more, or what one person said of it; return the finding as it is asked now."""
    lets_go = one.decision in LETS_GO
    if lets_go or one.decision is None:
        work.signals.findings.reopen(one.id)
        # Nobody is let go any more, so nobody can object.
        work.running.to_do.close(ToDoKind.LET_GO, [one.id])
    else:
        work.signals.findings.forget_proposal(one.id)
    was = one.decision if lets_go else one.proposed
    work.running.audit.note(AuditAction.FINDING_ASKED_ANEW, str(one.id), signal=str(one.question.about), before=was)
    return work.signals.findings.get(one.id)


def _has_left(reasons: Reasons, numbers: Collection[int]) -> bool:
    return any(Protection.LEFT in reasons.get(n, ()) for n in numbers)


def _build_question(signal: Signal, met: Met) -> Question:
    subject_n, because, because_n, asked, value = met.place
    family = met.family if met.by is By.ONE_PERSON or met.by < By.ALIKE else NAME_PART
    return Question(asked, signal.id, subject_n, because, because_n, family, value, _decide_urgency(met.owner.urgency))


def _find_newest_carriers(work: Work, signal: Signal, carriers: Collection[Carrier]) -> set[SignalId]:
    """Of the signals that share a value with somebody protected, those asked about; the log says of the others."""
    by_value: dict[bytes, list[Carrier]] = {}
    for one in carriers:
        by_value.setdefault(one.blind, []).append(one)
    for several in by_value.values():
        if len(several) > ASKED_MAX:
            work.running.audit.note(
                AuditAction.PROTECTION_NOT_ASKED,
                str(signal.id),
                family=several[0].family,
                more=len(several) - ASKED_MAX,
            )
    return {one.signal_id for several in by_value.values() for one in several[-ASKED_MAX:]}


def _ask_questions(work: Work, questions: Iterable[Question]) -> None:
    """Ask the register unit: the one place that opens these questions. What was asked before is not asked again."""
    for one in questions:
        found = work.signals.findings.ask(one)
        if found is None:
            continue
        work.running.audit.note(
            AuditAction.PROTECTION_ASKED,
            str(one.about),
            finding=str(found.id),
            asked=one.asked.value,
            subject=one.subject_n,
            because=str(one.because),
            family=one.family,
            urgency=one.urgency.value,
        )
        bring_finding(work, found)


def bring_finding(work: Work, found: Found) -> None:
    """Let a finding wait for the register unit."""
    about = found.question.about
    references, _ = work.signals.findings.reports_named([found])
    work.running.to_do.bring(waits(found, references[about], still=True))


def _in_step(work: Work, signal_id: SignalId) -> None:
    """Let wait what still needs an answer, and nothing else, of what was found in a signal or because of it.

    What rests on somebody who is not protected any more needs none; nor does a value of somebody of whom nothing
    leaves anyway.
    """
    protected: dict[SignalId, Reasons] = {}

    def protected_in(signal: SignalId) -> Reasons:
        if signal not in protected:
            protected[signal] = work.signals.protections.reasons(signal)
        return protected[signal]

    found = [
        f
        for f in (*work.signals.findings.of_signal(signal_id), *work.signals.findings.because_of(signal_id))
        if not f.decision or f.proposed
    ]
    references, withdrawn = work.signals.findings.reports_named(found)
    for one in found:
        asked = one.question
        # Who told a record is never taken for anybody else.
        open_still = (asked.because_n == LOOSE or asked.because_n in protected_in(asked.because)) and (
            asked.asked is Finding.SAME_PERSON or asked.subject_n not in protected_in(asked.about)
        )
        if asked.asked in _WITHIN:
            open_still = _asks_still(work, asked)
        elif asked.subject_n == LOOSE and asked.because == asked.about:
            # Asked once, because of one of those beside whom it stands: it stays withheld as long as there is another.
            beside = protected_in(asked.about).values()
            open_still = asked.because_n == LOOSE or any(Protection.LEFT not in why for why in beside)
        # Of what is withdrawn nothing is asked anew; what waited then waits for somebody who looks why it was entered.
        if asked.about in withdrawn:
            continue
        work.running.to_do.bring(waits(one, references[asked.about], still=open_still))


def _asks_still(work: Work, asked: Question) -> bool:
    """Whether a question about one record is one still: who was taken off is, or may be whom an interview means."""
    why = work.signals.protections.reasons(asked.about).get(asked.subject_n, frozenset())
    there = {s.n for s in work.signals.reports.get(asked.about).form.subjects}
    if asked.asked is Finding.TAKEN_OFF:
        return bool(why) and asked.subject_n not in there
    return not why - RECOGNISED - PERHAPS


def _decide_urgency(of_victim: str) -> Urgency:
    """Within the hour where the victim's report says that somebody is in danger now; else within a day."""
    return Urgency.NOW if of_victim == Urgency.NOW else Urgency.DAY
