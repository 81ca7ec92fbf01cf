"""Who may be the victim of a report, or lead to her, though no role says so: the register unit is asked.

A person who is missing has no role of their own, and by a relative one finds whom a report does not name. Who lives in
a shelter is hidden there, and a child of whom the story tells may be anybody of whose age nothing is known. And what is
entered as a company may be what a child or a victim is called ("Lolarona, 15"), or a travel agency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from register.domain.signals.protecting.said_in_a_story import tells_child
from register.domain.signals.protecting.said_of_a_name import (
    ADULT_AT,
    may_say_role,
    not_to_share,
    says_age,
    says_child,
    says_role,
)
from register.domain.signals.protecting.said_of_a_value import is_spelling_name, says_hers
from register.domain.signals.protecting.who_told import PEOPLE, is_victims, names_a_victim
from schemas.codes import PersonCategory, code_list
from schemas.signals.parts import SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn


def may_be_missing(form: SignalIn, subject: SubjectIn, assessed: str = "") -> bool:
    """Whether somebody may be the person who is missing: whom nothing blames, in a report of a missing person.

    Args:
        form: of the report.
        subject: of it.
        assessed: as what it was assessed since.
    """
    missing = "MISSING_PERSON" in {form.signal_type, assessed}
    return missing and subject.kind in PEOPLE and _is_blamed_for_nothing(subject)


def may_live_there(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether somebody may live in the shelter that a report is about: whom nothing blames, also a group."""
    locality = form.place.locality or ""
    a_shelter = form.place.location_type == "SHELTER" or says_role(locality) or may_say_role(locality)
    return a_shelter and subject.kind != "company" and _is_blamed_for_nothing(subject)


def may_be_the_child_told(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether somebody may be the child that the account tells of, whatever they are blamed for.

    A year of birth in it counts by the days that the report speaks of.
    """
    nothing_said = subject.birth is None and subject.minor is None and not is_victims(subject)
    if not nothing_said or subject.kind not in PEOPLE:
        return False
    years = {form.period.from_.year, (form.period.to or form.period.from_).year, form.received_on.year}
    return tells_child(form.account, min(years) - ADULT_AT, max(years))


def leads_to_her(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether somebody is the relative of a victim whom a report on exploitation does not name."""
    unnamed = bool(form.exploitation_forms) and not names_a_victim(form)
    return unnamed and subject.kind in PEOPLE and subject.role == "RELATIVE"


def company_called_a_child(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether an age under 18 or a word for a child stands in the name of a company, of which none is asked."""
    name, at_school = subject.name, form.place.location_type == "SCHOOL"
    return subject.kind == "company" and name is not None and (says_child(name, at_school=at_school) or says_age(name))


def company_called_so(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether a company is called as a child is, a victim, a witness or a reporter."""
    name = subject.name or ""
    called = subject.kind == "company" and (says_role(name) or may_say_role(name))
    return called or company_called_a_child(form, subject)


def spells_another(form: SignalIn, typed: Iterable[str], holder: int, whom: Collection[int]) -> bool:
    """Whether a value is made of the name of one of these persons of the report, and not of its own holder's.

    Args:
        form: of the report.
        typed: the value in every writing.
        holder: number of whoever has it; 0 for nobody. A company's own name is no excuse: it may be called after her.
        whom: numbers of persons.
    """
    own = [one.name for one in form.subjects if one.n == holder and one.kind != "company" and one.name]
    names = [one.name for one in form.subjects if one.n in whom and one.n != holder and one.name]
    return any(is_spelling_name(text, her, own) for text in typed for her in names)


def value_may_be_hers(form: SignalIn, one: SelectorIn, holder: int) -> bool:
    """Whether a form alone says of a value, by what was typed with it or in it, that it may be a protected person's."""
    return says_hers(one) or spells_another(form, [one.value], holder, said_to_be_protected(form))


def company_named_after(form: SignalIn, subject: SubjectIn, whom: Collection[int]) -> bool:
    """Whether a company has the name of one of these persons of the report: it may be what she is found by."""
    return subject.kind == "company" and spells_another(form, [subject.name or ""], subject.n, whom)


def said_to_be_protected(form: SignalIn) -> frozenset[int]:
    """Numbers of those whom a form says to be victims or minors, by the role or an answer."""
    return frozenset(one.n for one in form.subjects if is_victims(one) or one.minor)


def perhaps_a_victim(form: SignalIn, subject: SubjectIn, assessed: str = "") -> bool:
    """Whether the register unit is asked of somebody whether they are a victim, or lead to one."""
    by_report = (
        may_be_missing(form, subject, assessed)
        or leads_to_her(form, subject)
        or may_live_there(form, subject)
        or may_be_the_child_told(form, subject)
    )
    # Who is called Melder, or "melder Jan": a surname that is such a word too is no reason to keep anybody for good.
    by_name = subject.kind != "company" and may_say_role(subject.name or "")
    named_after = company_named_after(form, subject, said_to_be_protected(form))
    by_name = by_name or named_after or not_to_share(subject.name or "")
    return by_report or by_name or company_called_so(form, subject)


def _is_blamed_for_nothing(subject: SubjectIn) -> bool:
    category = PersonCategory(code_list("subject_role")[subject.role].extra["person_category"])
    return category is PersonCategory.IN_RELATION
