"""Who may be the victim of a report, or lead to her, though no role says so: the register unit is asked.

A person who is missing has no role of their own, and by a relative one finds whom a report does not name. And what is
entered as a company may be what a child or a victim is called ("Lolarona, 15"), or a travel agency.
"""

from __future__ import annotations

from register.domain.signals.protecting.said_of_a_name import may_say_role, says_age, says_child, says_role
from register.domain.signals.protecting.who_told import PEOPLE, names_a_victim
from schemas.codes import PersonCategory, code_list
from schemas.signals.parts import SubjectIn
from schemas.signals.signal import SignalIn


def may_be_missing(form: SignalIn, subject: SubjectIn, assessed: str = "") -> bool:
    """Whether somebody may be the person who is missing: whom nothing blames, in a report of a missing person.

    Args:
        form: of the report.
        subject: of it.
        assessed: as what it was assessed since.
    """
    category = code_list("subject_role")[subject.role].extra["person_category"]
    missing = "MISSING_PERSON" in {form.signal_type, assessed}
    return missing and subject.kind in PEOPLE and category == PersonCategory.IN_RELATION


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


def perhaps_a_victim(form: SignalIn, subject: SubjectIn, assessed: str = "") -> bool:
    """Whether the register unit is asked of somebody whether they are a victim, or lead to one."""
    by_report = may_be_missing(form, subject, assessed) or leads_to_her(form, subject)
    # Who is called Melder, or "melder Jan": a surname that is such a word too is no reason to keep anybody for good.
    by_name = subject.kind != "company" and may_say_role(subject.name or "")
    return by_report or by_name or company_called_so(form, subject)
