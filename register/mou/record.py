"""The facts of an own signal that the rules look at, and what they then say of each partner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from register.domain.access.organisation import Organisation
from register.domain.partition import day_in, others
from register.domain.signals import protection
from register.domain.signals.protecting.perhaps_victims import perhaps_a_victim, value_may_be_hers
from register.domain.signals.protecting.who_told import may_have_told
from register.domain.signals.protection import Reasons
from register.domain.signals.signal import LegalGround, Signal
from register.mou.decide import Decision, may_send
from register.mou.edition import Edition
from register.mou.facts import (
    LOOSE,
    Evaluation,
    GateWord,
    HandlingTerms,
    KeyFacts,
    LegalProfile,
    RecordFacts,
    SubjectFacts,
)
from schemas.codes import LegalBasis, Partition, PersonCategory, code_list
from schemas.exchange.wire import approval_in
from schemas.signals.out import SharingPreview
from schemas.signals.parts import KEYED_TYPES, SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

_THEME = frozenset({LegalBasis.WPG10B})
_PROFILES = {
    "police": LegalProfile.POLICE,
    "justice": LegalProfile.JUSTICE,
    "non-police": LegalProfile.NON_POLICE,
}


def facts_of(
    signal: Signal,
    organisation: Organisation,
    keys: Collection[KeyFacts],
    protected: Reasons | None = None,
    *,
    unsaid: Collection[int] | None = None,
) -> RecordFacts:
    """Return the facts of a signal.

    Who was protected in it and stands in it no more still holds what nobody has said of whose it is.

    Args:
        signal: as its owner holds it.
        organisation: the one that submitted it; its legal profile attaches to the record.
        keys: its match keys, or `keyed_by_form`.
        protected: why its subjects are or were protected, and what was said of who told it, where other records
            were asked; else by the form alone.
        unsaid: numbers of those who may be whoever told it, or a victim, by what the register unit has said; else by
            the form alone.
    """
    if unsaid is None:
        unsaid = _find_unsaid_persons(protection.as_told(signal.form, protected or {}), signal.type_assessed)
    ground, form = signal.ground, signal.form
    before = protected or {}
    found = protection.protect(form, day_in(signal.partition, signal.recorded_at), protection.Known(before=before))
    left = protection.find_gone_reasons(form, found)
    there = {s.n for s in form.subjects}
    reasons = {n: why for n, why in found.items() if n in there or n in left}
    teller = protection.teller_of(form, before.get(LOOSE, frozenset()))
    keyed = {key.n for key in keys}
    roles = code_list("subject_role")
    return RecordFacts(
        owner=signal.partition,
        sender=signal.partition,
        legal_basis=ground.legal_basis,
        purpose=ground.purpose,
        visibility=ground.visibility,
        handling=HandlingTerms(
            code=ground.handling, conditions=ground.handling_conditions, expires=ground.handling_expires
        ),
        # Every partner that the rules allow is to have it, unless whoever approved it named fewer.
        audience=ground.recipients or frozenset(others(signal.partition)),
        named_recipients=ground.recipients,
        consent=_consent_of(ground),
        consented_to=_consented_to(ground),
        crime_class=ground.crime_class,
        source_profile=legal_profile(organisation),
        acquisition=ground.acquisition,
        evaluation=Evaluation(*ground.evaluation),
        gate=_word_of(ground),
        gate_until=ground.ends,
        covenant_ref=ground.covenant_ref,
        contested=ground.contested,
        last_verified_on=ground.last_verified_on,
        retain_until=ground.retain_until,
        is_theme=ground.legal_basis in _THEME,
        confirmed=ground.confirmed_at is not None,
        widened=ground.widened,
        single_approval=ground.single_approval,
        state=signal.state,
        withdrawn=signal.withdrawn_at is not None,
        about_minors=_about_minors(signal, reasons, unsaid),
        told_by_victim=protection.Protection.TOLD_IT in teller,
        gone=tuple(_build_protected_facts(n, why) for n, why in sorted(left.items())),
        subjects=tuple(
            replace(
                _build_protected_facts(s.n, reasons.get(s.n, frozenset())),
                role=s.role,
                category=PersonCategory(roles[s.role].extra["person_category"]),
                unsaid=s.n in unsaid,
                has_keys=s.n in keyed,
            )
            for s in form.subjects
        ),
        loose_keys=LOOSE in keyed,
        keys=tuple(keys),
    )


def _build_protected_facts(n: int, why: frozenset[protection.Protection]) -> SubjectFacts:
    """What of a subject tells why they are protected; of whom the form has no more, that alone is known."""
    return SubjectFacts(
        n=n,
        role="UNKNOWN",
        category=PersonCategory.IN_RELATION,
        victim=any(reason.of_victims for reason in why),
        minor=any(reason.of_minors for reason in why),
        witness=bool({protection.Protection.WITNESS, protection.Protection.RELATIVE} & why),
        recognised=bool(protection.RECOGNISED & why),
    )


def decide_all(facts: RecordFacts, edition: Edition, *, today: date) -> dict[Partition, Decision]:
    """What the rules say of each partner, in fixed order."""
    return {partner: may_send(facts, partner, edition, today=today) for partner in others(facts.owner)}


def preview_sharing(facts: RecordFacts, edition: Edition, *, today: date) -> tuple[SharingPreview, ...]:
    """The same in words for the submitter; what the worker decides when it drafts is what counts."""
    return tuple(
        SharingPreview(recipient=partner, allowed=d.allowed, rules=d.rules, sentences=d.sentences)
        for partner, d in decide_all(facts, edition, today=today).items()
    )


def keyed_by_form(signal: Signal, protected: Reasons | None = None) -> list[KeyFacts]:
    """The keys that a signal will have, judged by the form alone (before any is derived): one for whoever has any.

    Values that say "none" are taken for values here; whoever derives the keys knows better (`keys_of`).
    """
    keyed = {s.n for s in signal.form.subjects if _may_be_keyed(s.selectors) or _is_named(s)}
    return keys_of(signal.form, keyed | ({LOOSE} if _may_be_keyed(signal.form.selectors) else set()), protected)


def keys_of(form: SignalIn, keyed: Collection[int], protected: Reasons | None = None) -> list[KeyFacts]:
    """One key for each subject that has any (`LOOSE`: of none), as the rules look at it before keys are derived.

    `protected` as for `facts_of`.
    """
    form = protection.as_told(form, protected or {})
    loose = {loose_key(form, x).id: loose_key(form, x) for x in form.selectors} if LOOSE in keyed else {}
    told = {one.n for one in form.subjects if may_have_told(form, one)}
    others = {one.n for one in form.subjects if not _is_named(one) and _has_only_others(form, one)}
    others |= {one.n for one in form.subjects if perhaps_a_victim(form, one)}
    of_persons = (KeyFacts(n=n, perhaps_reporters=n in told, waits=n in others) for n in sorted(keyed) if n != LOOSE)
    return [*of_persons, *(one for _, one in sorted(loose.items()))]


def loose_key(form: SignalIn, x: SelectorIn) -> KeyFacts:
    """A value without an owner as the rules look at it by the form alone, in which no word of the register unit is."""
    said = (x.of_reporter, form.perhaps_reporters(x), _may_be_of_another(form, x, LOOSE))
    return KeyFacts(n=LOOSE, id=bytes(said), of_reporter=said[0], perhaps_reporters=said[1], waits=said[2])


def _has_only_others(form: SignalIn, subject: SubjectIn) -> bool:
    keyed = [one for one in subject.selectors if one.type in KEYED_TYPES]
    return bool(keyed) and all(_may_be_of_another(form, one, subject.n) for one in keyed)


def _may_be_of_another(form: SignalIn, one: SelectorIn, holder: int) -> bool:
    """Whether the unit is asked of a value by what the form says with it: a document, a remark, a victim's name."""
    return value_may_be_hers(form, one, holder) or protection.of_another(form, one, loose=holder == LOOSE)


def _may_be_keyed(selectors: Iterable[SelectorIn]) -> bool:
    return any(one.type in KEYED_TYPES for one in selectors)


def _is_named(subject: SubjectIn) -> bool:
    return bool(subject.name and ((subject.birth and subject.birth.day) or subject.nationality))


def _word_of(ground: LegalGround) -> GateWord | None:
    # A signed approval is for the record as it was read: whoever drafts the extract compares the two.
    if ground.gate_approval is not None:
        return GateWord.SIGNED
    return None if ground.gate_ref is None else GateWord.NODE


def _consent_of(ground: LegalGround) -> GateWord | None:
    if ground.consent is not None:
        return GateWord.SIGNED
    return None if ground.prosecutor_consent is None else GateWord.NODE


def _consented_to(ground: LegalGround) -> frozenset[Partition]:
    return frozenset() if ground.consent is None else frozenset(approval_in(ground.consent).recipients)


def legal_profile(organisation: Organisation) -> LegalProfile | None:
    """Under which kind of law the organisation works; justice counts with the police."""
    return profile_called(organisation.legal_profile)


def profile_called(word: str | None) -> LegalProfile | None:
    """The legal profile that lists of organisations call so; None for any other word."""
    return None if word is None else _PROFILES.get(word)


def _find_unsaid_persons(form: SignalIn, assessed: str = "") -> frozenset[int]:
    """Who may be whoever told it, or a victim or lead to one, by the form alone."""
    return frozenset(s.n for s in form.subjects if may_have_told(form, s) or perhaps_a_victim(form, s, assessed))


def _about_minors(signal: Signal, reasons: Reasons, unsaid: Collection[int]) -> bool:
    form = signal.form
    seen = form.persons_seen
    only_children_seen = seen is not None and seen.children > 0 and seen.adults == 0
    a_child = any(reason.of_minors for why in reasons.values() for reason in why)
    # What is entered as a company and called as a child is one, unless the register unit has said otherwise.
    called = any(n in unsaid or reasons.get(n) for n in protection.companies_called_children(form))
    return only_children_seen or a_child or called or protection.is_about_a_child(form)
