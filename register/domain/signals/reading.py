"""Who may look at which of the own country's signals, and who may change them: asked by services, and by pages.

Pure: a page asks it which buttons to show, and the service that is behind the button asks it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from register.domain.access.caller import Caller, Task
from register.domain.signals.protecting.finding import Found
from register.domain.signals.referral import Referral
from schemas.codes import Finding

WHOLE_COUNTRY: Final = frozenset({Task.REGISTER, Task.ENRICH, Task.CONSENT, Task.PROSECUTE})
"""Those who register, enrich or decide see all signals of their country."""
OWN_ORGANISATION: Final = frozenset({Task.SUBMIT, Task.READ_OWN})
"""Those who submit or read see what their own organisation submitted."""
REFERRED_TO: Final = frozenset({Task.SUBMIT, Task.READ_OWN, Task.ENRICH})
"""At the organisation that something was referred to, those who read the referral and the report behind it."""


class Change(StrEnum):
    """What can be done to a signal that is in the register."""

    RECLASSIFY = "reclassify"
    REFER = "refer"
    STEP = "step"
    CONFIRM = "confirm"
    CONSENT = "consent"
    UNCONSENT = "unconsent"
    APPROVE = "approve"
    SIGN = "sign"
    UNAPPROVE = "unapprove"
    LIFT = "lift"
    WITHDRAW = "withdraw"


CHANGES: Final[Mapping[Change, frozenset[Task]]] = MappingProxyType(
    {
        Change.RECLASSIFY: frozenset({Task.REGISTER, Task.ENRICH}),
        Change.REFER: frozenset({Task.REGISTER, Task.ENRICH}),
        Change.STEP: frozenset({Task.REGISTER}),
        Change.CONFIRM: frozenset({Task.REGISTER}),
        # The prosecutor, as the edition names him, to a provision on a basis that asks for it (`register.mou.keeping`).
        Change.CONSENT: frozenset({Task.PROSECUTE}),
        Change.UNCONSENT: frozenset({Task.PROSECUTE}),
        # Of those the edition says whose organisation keeps the gate for which record (`register.mou.keeping`).
        Change.APPROVE: frozenset({Task.CONSENT, Task.PROSECUTE}),
        Change.SIGN: frozenset({Task.CONSENT, Task.PROSECUTE}),
        Change.UNAPPROVE: frozenset({Task.CONSENT, Task.PROSECUTE}),
        Change.LIFT: frozenset({Task.CONSENT, Task.PROSECUTE}),
        Change.WITHDRAW: frozenset({Task.REGISTER, Task.ENRICH}),
    }
)
"""Any one of the tasks allows the change, on every signal of the country."""


def reads_country(caller: Caller) -> bool:
    """Whether he sees the signals of every organisation of his country."""
    return bool(WHOLE_COUNTRY & caller.tasks)


def may_read(caller: Caller, organisation: str) -> bool:
    """Whether he may read what this organisation submitted."""
    return reads_country(caller) or (caller.organisation == organisation and bool(OWN_ORGANISATION & caller.tasks))


def is_told_of_persons(caller: Caller, organisation: str) -> bool:
    """Whether he learns that persons of this organisation's report were compared with those of another one.

    Whoever entered it is told what lets them go and may object; all else that was compared is the register unit's.
    """
    return caller.may(Task.REGISTER) or (caller.organisation == organisation and may_read(caller, organisation))


def is_told_what_waits(caller: Caller, organisation: str) -> bool:
    """Whether they learn of a report of this organisation that something in it waits because of another report.

    Whoever enters reports there may know why theirs is not found abroad. Who reads for the whole country and asks its
    own register may not: that a report waits, and whose number it has, would together say who is protected.
    """
    own = caller.organisation == organisation and bool(OWN_ORGANISATION & caller.tasks)
    return own or caller.may(Task.REGISTER)


def shows_finding(caller: Caller, found: Found) -> bool:
    """Whether a reader of the report that a finding is about sees where in it something waits, and what was decided.

    Of what stands in another report too the register unit alone: a report with a thousand numbers would else tell
    whoever enters it which of them are protected persons'. Nor does anybody else learn whom an interview means.
    """
    asked = found.question
    of_one = asked.about == asked.because and asked.asked is not Finding.PERHAPS_MEANT
    return of_one or caller.may(Task.REGISTER)


def may_answer(caller: Caller, to: str) -> bool:
    """Whether he may know of a referral to this organisation, and read what was asked of it."""
    return caller.may(Task.REGISTER) or (caller.organisation == to and bool(REFERRED_TO & caller.tasks))


def may_know(caller: Caller, referral: Referral) -> bool:
    """Whether they may know of this referral: also who sent it, while they may still read the whole country."""
    return may_answer(caller, referral.to) or (referral.sent_by == caller.actor and reads_country(caller))


def may_take_back(caller: Caller, referral: Referral) -> bool:
    """Whether they may take it back: who sent it, and the register unit."""
    own = referral.sent_by == caller.actor and bool(CHANGES[Change.REFER] & caller.tasks)
    return own or caller.may(Task.REGISTER)


def shows_report(referral: Referral) -> bool:
    """Whether the referral still gives its addressee the right to read what was referred.

    Not once it declined: it does not need to know. Not once it was taken back, or the report withdrawn: it holds no
    more.
    """
    return referral.holds


def shows_note(caller: Caller, referral: Referral) -> bool:
    """Whether he still reads what was asked: it may name a victim and an address, as the report behind it does."""
    return not referral.withdrawn and (shows_report(referral) or may_take_back(caller, referral))


def may_list(caller: Caller) -> bool:
    """Whether there is any signal that he could read."""
    return bool((WHOLE_COUNTRY | OWN_ORGANISATION) & caller.tasks)


def sees_hits_of_own_reports(caller: Caller) -> bool:
    """Whether hits on a report that he brought in or changed himself show to him.

    To who may search, what he finds so is what a search would tell him. To the register unit's other persons it would
    be a search that they may not make: somebody else of the unit looks.
    """
    return caller.may(Task.SEARCH_SHARED)


def may_amend(caller: Caller, organisation: str) -> bool:
    """Whether he may correct a signal of the organisation, or take it back: who brought it in may, and the unit."""
    own = caller.may(Task.SUBMIT) and caller.organisation == organisation
    return own or caller.may(Task.REGISTER) or caller.may(Task.ENRICH)


def may_change(caller: Caller, change: Change, organisation: str) -> bool:
    """Whether his tasks allow this to a signal of the organisation; its state, or the edition, may still forbid it."""
    if change is Change.WITHDRAW and caller.may(Task.SUBMIT) and caller.organisation == organisation:
        return True  # who brought it in may take it back, until the register unit has taken it up
    return bool(CHANGES[change] & caller.tasks)
