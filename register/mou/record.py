"""The facts of an own signal that the rules look at, and what they then say of each partner."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from register.domain.access.organisation import Organisation
from register.domain.partition import others
from register.domain.signals.signal import Signal
from register.mou.decide import Decision, may_send
from register.mou.edition import Edition
from register.mou.facts import Evaluation, HandlingTerms, LegalProfile, RecordFacts, SubjectFacts
from schemas.codes import LegalBasis, Partition, PersonCategory, code_list
from schemas.signals.out import SharingPreview

_THEME = frozenset({LegalBasis.WPG10B})
_PROFILES = {
    "police": LegalProfile.POLICE,
    "justice": LegalProfile.JUSTICE,
    "non-police": LegalProfile.NON_POLICE,
}
_ABOUT_MINORS = frozenset({"UNACCOMPANIED_MINOR"})
LOOSE = 0
"""The number under which keys that belong to no subject are counted."""


def facts_of(signal: Signal, organisation: Organisation, keyed: Collection[int]) -> RecordFacts:
    """Return the facts of a signal.

    Args:
        signal: as its owner holds it.
        organisation: the one that submitted it; its legal profile attaches to the record.
        keyed: numbers of the subjects that have match keys; `LOOSE` for keys of no subject.
    """
    ground, form = signal.ground, signal.form
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
        # The owner wants every partner to have it that the rules allow; naming fewer is a handling condition.
        audience=frozenset(others(signal.partition)),
        crime_class=ground.crime_class,
        source_profile=legal_profile(organisation),
        acquisition=ground.acquisition,
        evaluation=Evaluation(*ground.evaluation),
        gate_ref=ground.gate_ref,
        covenant_ref=ground.covenant_ref,
        contested=ground.contested,
        last_verified_on=ground.last_verified_on,
        retain_until=ground.retain_until,
        is_theme=ground.legal_basis in _THEME,
        confirmed=ground.confirmed_at is not None,
        single_approval=ground.single_approval,
        state=signal.state,
        withdrawn=signal.withdrawn_at is not None,
        about_minors=_about_minors(signal),
        subjects=tuple(
            SubjectFacts(
                n=s.n,
                role=s.role,
                category=PersonCategory(roles[s.role].extra["person_category"]),
                minor=bool(s.minor),
                has_keys=s.n in keyed,
            )
            for s in form.subjects
        ),
        loose_keys=LOOSE in keyed,
    )


def decide_all(facts: RecordFacts, edition: Edition, *, today: date) -> dict[Partition, Decision]:
    """What the rules say of each partner, in fixed order."""
    return {partner: may_send(facts, partner, edition, today=today) for partner in others(facts.owner)}


def preview(facts: RecordFacts, edition: Edition, *, today: date) -> tuple[SharingPreview, ...]:
    """The same in words for the submitter; what the worker decides when it drafts is what counts."""
    return tuple(
        SharingPreview(recipient=partner, allowed=d.allowed, rules=d.rules, sentences=d.sentences)
        for partner, d in decide_all(facts, edition, today=today).items()
    )


def keyed_by_form(signal: Signal) -> set[int]:
    """Numbers of the subjects that will have match keys, judged by the form alone (before any key is derived)."""
    keyed = {s.n for s in signal.form.subjects if s.selectors or (s.name and (s.birth or s.nationality))}
    return keyed | ({LOOSE} if signal.form.selectors else set())


def legal_profile(organisation: Organisation) -> LegalProfile | None:
    """Under which kind of law the organisation works; justice counts with the police."""
    return _PROFILES.get(organisation.legal_profile)


def _about_minors(signal: Signal) -> bool:
    form = signal.form
    seen = form.persons_seen
    only_children_seen = seen is not None and seen.children > 0 and seen.adults == 0
    return (
        only_children_seen or any(s.minor for s in form.subjects) or bool(_ABOUT_MINORS & set(form.smuggling_elements))
    )
