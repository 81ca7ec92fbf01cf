"""Who in a report may be whoever told it: a reporter who does not want to be known, or the victim herself.

A form alone says it; that it was so at any time, and what the register unit said of it, is for `assess_protection`.
"""

from __future__ import annotations

from typing import Final

from register.domain.signals.protecting.said_of_a_value import parts_of
from register.domain.signals.protecting.said_of_oneself import teller_says_victim
from schemas.codes import PersonCategory, SubjectRole, code_list
from schemas.signals.parts import SubjectIn
from schemas.signals.signal import SignalIn

PEOPLE: Final = frozenset({"person", "unknown"})
_MAY_HAVE_TOLD: Final = frozenset({"RELATIVE", "COMPANION", "CUSTOMER", "WITNESS", "OFFICIAL"})
"""Roles of those who see what happens and are not blamed for it: one of them may be who told it."""


def may_have_told(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether a subject may be whoever told it, by the role, or because a victim did."""
    unnamed = form.reporter_anonymous and subject.kind in PEOPLE and subject.role in _MAY_HAVE_TOLD
    return unnamed or may_be_she(form, subject)


def told_by_herself(form: SignalIn) -> bool:
    """Whether a victim told the report, by its source or by what the story says in the first person."""
    return form.source == "VICTIM" or teller_says_victim(form.account)


def may_be_she(form: SignalIn, subject: SubjectIn) -> bool:
    """Whether a subject may be the victim who told the report, or her company.

    Where no victim is named, anybody may be she, whatever they are blamed for: victims are made to commit crimes, and
    who tells is entered as somebody's companion. A company is hers where it has the name of a person of the report, or
    where no person stands in it.
    """
    if not told_by_herself(form) or is_victims(subject):
        return False
    people = [one for one in form.subjects if one.kind != "company"]
    if subject.kind != "company":
        return not names_a_victim(form)
    words = parts_of(subject.name or "")
    return not people or any(words & parts_of(one.name or "") for one in people)


def is_victims(subject: SubjectIn) -> bool:
    """Whether somebody has the role of a victim, also of one who was found to be none: they stay protected as one."""
    category = PersonCategory(code_list("subject_role")[subject.role].extra["person_category"])
    return category is PersonCategory.VICTIM


def names_a_victim(form: SignalIn) -> bool:
    """Whether a report says of one of its persons that it is the victim: who was found to be none answers nothing."""
    return any(is_victims(one) and one.role != SubjectRole.VICTIM_NOT for one in form.subjects)
