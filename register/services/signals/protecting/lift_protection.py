"""Lift a protection that rests on a fact that was wrong: the register unit asks, the victim's side answers.

Two persons of two organisations, neither of whom brought the report in; a program never. What nothing says any more
can be lifted, and nothing else: while the report, an interview or the ladder still says it, that is to be corrected
first. What the rules then allow is for the worker, which asks every rule again. Either side reverses it alone, since
that protects, and what partners got since is retracted in the same transaction. Each step leaves a leaf; nothing of it
stands in the report's timeline, which whoever reported it reads, and nothing of it is told abroad.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final, assert_never

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Organisation
from register.domain.desk.record import require_any
from register.domain.instant import to_ms, to_ms_or_none
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.protecting.lifting import (
    SECONDS,
    AlreadyAsked,
    FactStands,
    Lifting,
    LiftingId,
    NotTheSecond,
    NotToBeLifted,
    RefusedBefore,
    check_fits,
    may_know,
    require_no_reporter,
    waits,
)
from register.domain.signals.protection import PERHAPS, RECOGNISED, Protection
from register.domain.signals.signal import Signal, SignalId
from register.errors import NotFound, RegisterError, Unreadable
from register.mou.ladder.victims_side import require_victims_side, standing_for_victims
from register.services.signals.protecting.assess_protection import one_with, still_says
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    look_again,
    narrow_signal,
    protect_again,
    spread_protection,
)
from register.services.signals.protecting.tell_forged import forged_told, sealed
from register.store.work import Work
from schemas.codes import LiftingDecision, LiftingState
from schemas.form import PAGE_MAX, Page
from schemas.signals.lifting import (
    DecideLiftingIn,
    LiftedPerson,
    LiftIn,
    LiftingOut,
    LiftingSummary,
    ProtectedPerson,
    ProtectionOut,
)

_REFUSED: tuple[type[RegisterError], ...] = (NotTheSecond, FactStands)
_ACTIONS: Final[Mapping[LiftingState, AuditAction]] = MappingProxyType(
    {
        LiftingState.ASKED: AuditAction.PROTECTION_LIFTING_ASKED,
        LiftingState.LIFTED: AuditAction.PROTECTION_LIFTING_LIFTED,
        LiftingState.REFUSED: AuditAction.PROTECTION_LIFTING_REFUSED,
        LiftingState.TAKEN_BACK: AuditAction.PROTECTION_LIFTING_TAKEN_BACK,
        LiftingState.REVERSED: AuditAction.PROTECTION_LIFTING_REVERSED,
    }
)
_OF_THE_LADDER_ALONE = "STATUS_NOT"


def read_protection(register: Register, caller: Caller, signal_id: SignalId) -> ProtectionOut:
    """Return why each person of a report is protected, and what was asked about it; the reading is logged.

    Raises:
        TaskMissing: that is the register unit's to know.
        NotFound: there is no such report.
    """
    caller.require(Task.REGISTER)
    with register.looking(caller, AuditAction.PROTECTION_NOT_FOUND, signal_id) as work:
        signal = work.signals.reports.get(signal_id)
        reasons, lifted = work.signals.protections.reasons(signal_id), work.signals.protections.lifted(signal_id)
        liftings = work.signals.liftings.of_signal(signal_id)
        seconds = standing_for_victims(_list_organisations_now(register, work), register.today())
        work.running.audit.note(AuditAction.PROTECTION_READ, str(signal_id), version=signal.version)
    return ProtectionOut(
        signal=signal.id,
        reference=signal.reference,
        persons=tuple(
            ProtectedPerson(
                subject=n,
                person=_find_person(signal, n),
                reasons=_list_codes(reasons.get(n)),
                lifted=_list_codes(lifted.get(n)),
            )
            for n in sorted(reasons.keys() | lifted.keys())
        ),
        liftings=tuple(_summarise_lifting(one) for one in liftings),
        seconds=tuple(one.code for one in seconds if one.code != caller.organisation),
    )


@repeat_if_deadlocked
def ask_lifting(register: Register, caller: Caller, asked: LiftIn) -> LiftingOut:
    """Ask an organisation of the victim's side whether the fact behind a protection was wrong; nothing changes yet.

    Raises:
        TaskMissing: asking is the register unit's.
        NotFound: there is no such report.
        NotTheSecond: the caller brought the report in, or is a program.
        NotToBeLifted: this reason does not protect the person, or the mistake does not go with it.
        FactStands: something still says it, or, where only the ladder's status was wrong, something else protects.
        NotOfTheVictimsSide: the organisation does not stand for the victim, or is the caller's own.
        AlreadyAsked: the same is asked already.
        RefusedBefore: another organisation was asked the same, and refused.
    """
    caller.require(Task.REGISTER)
    signal_id = SignalId(asked.signal)
    with register.looking(caller, AuditAction.PROTECTION_LIFTING_NOT_ASKED, signal_id, *_REFUSED) as work:
        begin_fact(work)
        register.check_codes(asked, on=register.today())
        work.signals.reports.lock(signal_id)
        signal = work.signals.reports.get(signal_id)
        require_no_reporter(caller, signal.actor)
        organisations = _list_organisations_now(register, work)
        require_victims_side(asked.second, organisations, register.today(), besides=caller.organisation or "")
        made = Lifting(
            id=LiftingId(register.clock.new_id()),
            version=1,
            signal=signal_id,
            reference=signal.reference,
            reported_by=signal.actor,
            ends=signal.ground.retain_until,
            subject=asked.subject,
            protection=Protection(asked.protection),
            because=asked.because,
            asked_by=caller.actor,
            asked_for=caller.organisation or "",
            asked_at=register.clock.now(),
            second=asked.second,
            state=LiftingState.ASKED,
            note=asked.note,
        )
        _check_liftable(register, work, signal, made)
        _check_unanswered(work, signal, made, standing_for_victims(organisations, register.today()))
        work.signals.liftings.add(made)
        work.running.to_do.bring(waits(made))
        work.running.audit.note(AuditAction.PROTECTION_LIFTING_ASKED, str(signal_id), **_list_lifting_facts(made))
        return _build_document(work, signal, made)


def list_liftings(register: Register, caller: Caller, *, cursor: str | None, limit: int) -> Page[LiftingSummary]:
    """Return one page, newest first: all of the country for the register unit, else what was asked of the own.

    Raises:
        TaskMissing: the caller may read none.
        BadCursor: the cursor is none of ours.
    """
    require_any(caller, *sorted(SECONDS | {Task.READ_OWN}))
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else after_cursor(cursor)
    second = None if caller.may(Task.REGISTER) else caller.organisation or ""
    with register.work(caller) as work:
        found = work.signals.liftings.page(second=second, before=before, limit=limit + 1)
        work.running.audit.note(AuditAction.PROTECTION_LIFTINGS_LISTED, "-", count=min(len(found), limit))
    items = tuple(_summarise_lifting(one) for one in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].id) if len(found) > limit else None)


def read_lifting(register: Register, caller: Caller, lifting_id: LiftingId) -> LiftingOut:
    """Return a lifting, with the person as the report now has them; the reading is logged.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    miss = AuditAction.PROTECTION_LIFTING_NOT_FOUND
    with _guard_lifting(register, caller, lifting_id), register.looking(caller, miss, lifting_id) as work:
        found = _known_to(work, caller, lifting_id)
        work.running.audit.note(
            AuditAction.PROTECTION_LIFTING_READ, str(lifting_id), signal=str(found.signal), version=found.version
        )
        return _build_document(work, _find_readable_signal(work, found.signal), found)


@repeat_if_deadlocked
def decide_lifting(
    register: Register, caller: Caller, lifting_id: LiftingId, said: DecideLiftingIn, *, version: int
) -> LiftingOut:
    """Lift, refuse, take the question back, or reverse what was lifted; of a report that does not open all but lift.

    Raises:
        NotFound: there is none that this caller may know of.
        ChangedMeanwhile: `version` is not the present one.
        LiftingSettled: this cannot be said any more, or not yet.
        NotTheSecond: the caller is not one of those who may say it.
        FreshSignInNeeded: it is to be lifted, and the caller signed in too long ago.
        NotToBeLifted, FactStands: what protects the person has changed since it was asked.
        DataKeyLost, FieldSealBroken, UnknownSecret: it is to be lifted, and the report does not open.
    """
    miss = AuditAction.PROTECTION_LIFTING_NOT_DECIDED
    with _guard_lifting(register, caller, lifting_id), register.looking(caller, miss, lifting_id, *_REFUSED) as work:
        # One at a time in the country, so nobody decides the same meanwhile, and no fact comes between.
        begin_fact(work)
        before = _known_to(work, caller, lifting_id)
        state = before.check(caller, said.decision, version)
        if said.decision is LiftingDecision.LIFT:
            register.require_fresh_sign_in(caller)
        work.signals.reports.lock(before.signal)
        if said.decision is LiftingDecision.LIFT:
            _check_liftable(register, work, work.signals.reports.get(before.signal), before)
        signal = _find_readable_signal(work, before.signal)
        decided = work.signals.liftings.decide(lifting_id, state, caller.actor)
        work.running.to_do.bring(waits(decided))
        match said.decision:
            case LiftingDecision.LIFT:
                _lift_protection_of(register, work, work.signals.reports.get(before.signal), decided)
            case LiftingDecision.REVERSE:
                _reverse_lifting_of(register, work, signal, decided)
            case LiftingDecision.REFUSE | LiftingDecision.TAKE_BACK:
                pass
            case _:
                assert_never(said.decision)
        work.running.audit.note(_ACTIONS[state], str(before.signal), **_list_lifting_facts(decided))
        return _build_document(work, signal, work.signals.liftings.get(lifting_id))


def _lift_protection_of(register: Register, work: Work, signal: Signal, decided: Lifting) -> None:
    numbers = one_with(signal, decided.subject)
    work.signals.protections.lift(signal.id, numbers, decided.protection, decided.id)
    if decided.protection is Protection.LADDER:
        # Whom the interview meant that led there was known.
        for n in sorted(numbers):
            work.signals.protections.forget(signal.id, n, PERHAPS, for_good=False)
    look_again(register, work, [(signal.id, n) for n in sorted(numbers)], also=signal.id, for_good=False)


def _find_readable_signal(work: Work, signal_id: SignalId) -> Signal | None:
    """The report; None where it does not open, which keeps nobody from saying that a protection stays."""
    try:
        return work.signals.reports.get(signal_id)
    except Unreadable:
        return None


def _reverse_lifting_of(register: Register, work: Work, signal: Signal | None, decided: Lifting) -> None:
    if signal is None:
        work.signals.protections.restore(decided.signal, decided.id)
        protect_again(register, work, decided.signal)
        return
    restored = work.signals.protections.lifted_by(signal.id, decided.id)
    found = narrow_signal(register, work, signal, restored)
    # Also of somebody whom the form has no more, of whom nothing is derived anew.
    work.signals.protections.restore(signal.id, decided.id)
    spread_protection(register, work, signal, found)
    work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)


def _check_liftable(register: Register, work: Work, signal: Signal, asked: Lifting) -> None:
    check_fits(asked.protection, asked.because)
    numbers = one_with(signal, asked.subject)
    protecting = work.signals.protections.reasons(signal.id)
    if asked.protection not in protecting.get(asked.subject, ()):
        raise NotToBeLifted(f"{asked.protection} does not protect person {asked.subject}", pointer="/protection")
    if asked.protection in still_says(register, work, signal, numbers):
        raise FactStands(f"something still says {asked.protection} of person {asked.subject}")
    if asked.because == _OF_THE_LADDER_ALONE:
        others = {why for n in numbers for why in protecting.get(n, ())} - RECOGNISED - PERHAPS - {asked.protection}
        if others:
            raise FactStands(f"person {asked.subject} is protected by {', '.join(sorted(others))} too")


def _check_unanswered(work: Work, signal: Signal, made: Lifting, standing: Sequence[Organisation]) -> None:
    """Nobody asks around until somebody says yes: who refused may be asked again, as long as they can be asked at all.

    A refusal about a number that the report has no more counts for whoever is asked about now: else a person who is
    entered anew under another number would be nobody that anybody was asked about.
    """
    earlier = _about_the_same(work, signal, made)
    for one in earlier:
        if one.state is LiftingState.ASKED:
            raise AlreadyAsked(f"{one.second} is asked about person {one.subject} already", lifting=str(one.id))
    can_be_asked = {one.code for one in standing}
    refused = next((x for x in earlier if x.state is LiftingState.REFUSED and x.second in can_be_asked), None)
    if refused is not None and refused.second != made.second:
        raise RefusedBefore(f"{refused.second} has refused this; it can be asked again", second=refused.second)


def _about_the_same(work: Work, signal: Signal | None, made: Lifting) -> list[Lifting]:
    """The other liftings of this report that were asked about the same reason and person, newest first.

    Of a report that does not open: about the same number, since nobody can say who else she is.
    """
    numbers, there = frozenset({made.subject}), frozenset[int]()
    if signal is not None:
        numbers, there = one_with(signal, made.subject), frozenset(one.n for one in signal.form.subjects)
    return [
        one
        for one in work.signals.liftings.of_signal(made.signal)
        if one.id != made.id
        and one.protection is made.protection
        and (one.subject in numbers or (signal is not None and one.subject not in there))
    ]


def _known_to(work: Work, caller: Caller, lifting_id: LiftingId) -> Lifting:
    try:
        with sealed("lifting", lifting_id):
            found = work.signals.liftings.get(lifting_id)
    except NotFound:
        raise _refuse_lifting(lifting_id) from None
    if not may_know(caller, found.second):
        raise _refuse_lifting(lifting_id)
    return found


def _guard_lifting(register: Register, caller: Caller, lifting_id: LiftingId) -> AbstractContextManager[None]:
    return forged_told(register, caller, "lifting", lifting_id, _refuse_lifting(lifting_id))


def _refuse_lifting(lifting_id: LiftingId) -> NotFound:
    return NotFound(f"there is no lifting {lifting_id} in this register")


def _list_organisations_now(register: Register, work: Work) -> list[Organisation]:
    today = register.today()
    return [one for one in work.access.organisations.all() if one.in_force(today)]


def _list_lifting_facts(one: Lifting) -> dict[str, Any]:
    return {
        "lifting": str(one.id),
        "subject": one.subject,
        "protection": one.protection.value,
        "because": one.because,
        "asked_by": one.asked_by,
        "second": one.second,
        "version": one.version,
    }


def _find_person(signal: Signal, n: int) -> LiftedPerson | None:
    found = next((s for s in signal.form.subjects if s.n == n), None)
    if found is None:
        return None
    return LiftedPerson(
        role=found.role, name=found.name, birth=found.birth, nationality=found.nationality, minor=found.minor
    )


def _list_codes(reasons: frozenset[Protection] | None) -> tuple[str, ...]:
    return tuple(one.value for one in Protection if one in (reasons or ()))


def _build_document(work: Work, signal: Signal | None, one: Lifting) -> LiftingOut:
    earlier = [each for each in _about_the_same(work, signal, one) if each.asked_at <= one.asked_at]
    others = work.signals.protections.reasons(one.signal).get(one.subject, frozenset()) - {one.protection}
    return LiftingOut(
        **dict(_summarise_lifting(one)),
        signal_id=one.signal,
        asked_by=one.asked_by,
        decided_by=one.decided_by,
        reversed_by=one.reversed_by,
        note=one.note,
        person=None if signal is None else _find_person(signal, one.subject),
        damaged=signal is None,
        others=_list_codes(others),
        earlier=tuple(_summarise_lifting(each) for each in earlier),
        offered=tuple(x for x in one.offered(work.caller) if signal or x is not LiftingDecision.LIFT),
    )


def _summarise_lifting(one: Lifting) -> LiftingSummary:
    return LiftingSummary(
        id=one.id,
        version=one.version,
        signal=one.reference,
        subject=one.subject,
        protection=one.protection.value,
        because=one.because,
        second=one.second,
        state=one.state,
        asked_at=to_ms(one.asked_at),
        decided_at=to_ms_or_none(one.decided_at),
        reversed_at=to_ms_or_none(one.reversed_at),
        in_force=one.in_force,
    )
