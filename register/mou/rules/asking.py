"""What a question must state, and who may ask it: grounds, purposes and routes belong to the asker's organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from register.mou.facts import LegalProfile
from register.mou.rules.table import Asking, Given, Nothing, Putting, Seeing, Verdict, predicate, refuse_if
from schemas.codes import LegalBasis, Purpose

_T = TypeVar("_T")


class GroundsOfProfile(Given):
    """By legal profile, the legal bases on which its organisations ask; a profile that is not named, on none."""

    grounds: Mapping[LegalProfile, frozenset[LegalBasis]]


class PurposesOfProfile(Given):
    """By legal profile, the purposes for which its organisations ask."""

    purposes: Mapping[LegalProfile, frozenset[Purpose]]


class RoutesOfProfile(Given):
    """By legal profile, the routes by which its organisations request content."""

    routes: Mapping[LegalProfile, frozenset[str]]


@predicate("ASK-1", Asking, Seeing, Putting, given=Nothing)
def question_states_its_grounds(_: Nothing, question: Asking | Seeing | Putting) -> Verdict:
    """Purpose, legal basis and case: also for one's own register."""
    asker = question.asker
    return refuse_if(asker.purpose is None or asker.legal_basis is None or not asker.case_ref)


@predicate("ASK-2", Asking, given=Nothing)
def asker_may_ask_abroad(_: Nothing, question: Asking) -> Verdict:
    """One's own register is no business of this authorisation."""
    return refuse_if(question.target is not question.asker.partition and not question.asker.searches_shared)


@predicate("ASK-2", Seeing, given=Nothing)
def asker_may_see_from_abroad(_: Nothing, question: Seeing) -> Verdict:
    """As above."""
    return refuse_if(not question.asker.searches_shared)


@predicate("ASK-4", Asking, Seeing, Putting, given=GroundsOfProfile)
def ground_is_one_of_the_askers_profile(given: GroundsOfProfile, question: Asking | Seeing | Putting) -> Verdict:
    """A missing basis is ASK-1's business; an organisation without a known profile asks on no ground."""
    asker = question.asker
    return refuse_if(
        asker.legal_basis is not None and asker.legal_basis not in _find_given(given.grounds, asker.profile)
    )


@predicate("ASK-5", Asking, Seeing, Putting, given=PurposesOfProfile)
def purpose_is_one_of_the_askers_profile(given: PurposesOfProfile, question: Asking | Seeing | Putting) -> Verdict:
    """A missing purpose is ASK-1's business."""
    asker = question.asker
    return refuse_if(asker.purpose is not None and asker.purpose not in _find_given(given.purposes, asker.profile))


@predicate("ASK-6", Asking, Putting, given=RoutesOfProfile)
def route_is_one_of_the_askers_profile(given: RoutesOfProfile, question: Asking | Putting) -> Verdict:
    """Whether the owner takes the route is the owner's to say; this is whether the asker may take it."""
    asker = question.asker
    return refuse_if(asker.route is not None and asker.route not in _find_given(given.routes, asker.profile))


def _find_given(given: Mapping[LegalProfile, frozenset[_T]], profile: LegalProfile | None) -> frozenset[_T]:
    return frozenset() if profile is None else given.get(profile, frozenset())
