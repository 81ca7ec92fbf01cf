"""Who asks, for the rules; and the refusal of a question that nobody may be asked.

What is refused here depends on nothing that is in any register, so that it can be said with its rule, before anything
is looked up, and tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from register.domain.access.caller import Caller, Task
from register.errors import NotPermitted
from register.mou.decide import may_put
from register.mou.edition import Edition
from register.mou.facts import AskerFacts
from register.mou.record import profile_called
from register.mou.rules.asking import GroundsOfProfile, PurposesOfProfile, RoutesOfProfile
from schemas.codes import LegalBasis, Purpose, code_list


class QuestionRefused(NotPermitted):
    """The rules do not allow this question to be asked of anybody; the message names the rule."""

    code = "question-refused"
    advice = "State what the rule asks for: the case, and purpose, ground and route of your own organisation."


def asker_of(
    caller: Caller, *, purpose: Purpose, legal_basis: LegalBasis, case: str, route: str | None = None
) -> AskerFacts:
    """The facts of somebody who may search what others share; `route` where content is requested."""
    return AskerFacts(
        partition=caller.partition,
        purpose=purpose,
        legal_basis=legal_basis,
        profile=profile_called(caller.legal_profile),
        case_ref=case,
        route=route,
        searches_shared=caller.may(Task.SEARCH_SHARED),
        register_unit=caller.may(Task.REGISTER),
    )


def require_question(asker: AskerFacts, editions: Iterable[Edition], today: date) -> None:
    """Do nothing if every edition lets the question be put; raise `QuestionRefused`, with its rules, if not."""
    refusing = {
        rule.id: rule
        for edition in editions
        if not (decision := may_put(asker, edition, today=today)).allowed
        for rule in reversed(decision.because)
    }
    if refusing:
        ids = sorted(refusing)
        reasons = " ".join(refusing[rule].says for rule in ids)
        raise QuestionRefused(f"{', '.join(ids)}: {reasons}", rules=ids)


def grounds_for(caller: Caller, edition: Edition) -> tuple[list[str], list[str]]:
    """The legal bases of the caller's country and the purposes that the rules let the caller's organisation ask on."""
    profile = profile_called(caller.legal_profile)
    if profile is None:
        return [], []
    bases = edition.given("ASK-4", GroundsOfProfile).grounds.get(profile, frozenset())
    purposes = edition.given("ASK-5", PurposesOfProfile).purposes.get(profile, frozenset())
    lawful = [one.code for one in code_list("legal_basis") if caller.partition in one.extra["partitions"]]
    return [code for code in lawful if code in bases], [c for c in code_list("purpose").codes if c in purposes]


def routes_for(caller: Caller, edition: Edition) -> frozenset[str]:
    """The routes by which the caller's organisation may request content."""
    profile = profile_called(caller.legal_profile)
    return frozenset() if profile is None else edition.given("ASK-6", RoutesOfProfile).routes.get(profile, frozenset())
