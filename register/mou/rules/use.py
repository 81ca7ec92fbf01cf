"""For what a record may be used, how it is handled, and how much of it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from register.mou.rules.table import (
    Given,
    Holding,
    Nothing,
    Provision,
    Seeing,
    SeeingOwn,
    Sending,
    Verdict,
    oblige_if,
    predicate,
    refuse_if,
    require,
)
from schemas.codes import Handling, HandlingCondition, LegalBasis, Purpose, Visibility

# Members of a shared extract that an edition may show; its tokens never are.
Showable = Literal[
    "reference",
    "signal_type",
    "reporting_class",
    "period",
    "exploitation_forms",
    "acts",
    "means",
    "smuggling_elements",
    "recruitment",
    "indicators",
    "sector",
    "location_type",
    "movement",
    "persons_seen",
    "subjects",
    "summary",
    "contact",
]


class PurposesOfBasis(Given):
    """For which purposes records of a legal basis may be provided; a basis that is not named, for none."""

    purposes: Mapping[LegalBasis, frozenset[Purpose]]


class CompatiblePurposes(Given):
    """By a record's purpose, the purposes of a question that may be answered with it."""

    compatible: Mapping[Purpose, frozenset[Purpose]]


class Blind(Given):
    """The visibilities at which a match shows nothing to anybody but the owner's register unit."""

    visibilities: frozenset[Visibility]


class Shown(Given):
    """By visibility, the fields of an extract that a hit shows."""

    shown: Mapping[Visibility, tuple[Showable, ...]]


@predicate("PURPOSE-1", Sending, Holding, given=PurposesOfBasis)
def purpose_fits_the_basis(given: PurposesOfBasis, question: Provision) -> Verdict:
    """The purpose travels with the record."""
    terms = question.terms
    return require(terms.purpose in given.purposes.get(terms.legal_basis, frozenset()))


@predicate("PURPOSE-2", Seeing, given=CompatiblePurposes)
def question_has_a_compatible_purpose(given: CompatiblePurposes, question: Seeing) -> Verdict:
    """Another use needs a new consent of the owner."""
    return require(question.asker.purpose in given.compatible.get(question.terms.purpose, frozenset()))


@predicate("HANDLING-1", Sending, Holding, Seeing, SeeingOwn, given=Nothing)
def not_in_court(_: Nothing, question: Provision | SeeingOwn) -> Verdict:
    """H1, or the condition NO_COURT."""
    handling = question.terms.handling
    return oblige_if(handling.code is Handling.H1 or HandlingCondition.NO_COURT in handling.conditions)


@predicate("HANDLING-2", Sending, Holding, Seeing, given=Nothing)
def no_onward_spread(_: Nothing, question: Provision) -> Verdict:
    """H2, or the condition NO_ONWARD. The owner's own provision to whom it names is no onward spread."""
    handling = question.terms.handling
    if handling.code is not Handling.H2 and HandlingCondition.NO_ONWARD not in handling.conditions:
        return Verdict.SILENT
    return Verdict.REFUSES if question.terms.onward else Verdict.OBLIGES


@predicate("HANDLING-3", Sending, Holding, Seeing, given=Nothing)
def structured_conditions_are_met(_: Nothing, question: Provision) -> Verdict:
    """H3 stands for structured conditions: without one it is a riddle, and riddles are refused."""
    handling = question.terms.handling
    if handling.code is Handling.H3 and not handling.conditions:
        return Verdict.REFUSES
    if HandlingCondition.EXPIRY in handling.conditions and handling.expires is None:
        return Verdict.REFUSES
    return refuse_if(handling.expires is not None and question.today > handling.expires)


@predicate("HANDLING-4", Sending, given=Nothing)
def recipient_is_named_by_the_condition(_: Nothing, question: Sending) -> Verdict:
    """A label cannot say more than AUDIENCE-1 checks: it is made for one recipient."""
    named = HandlingCondition.NAMED_RECIPIENTS in question.terms.handling.conditions
    return refuse_if(named and question.to not in question.terms.named_recipients)


@predicate("HANDLING-5", Sending, Holding, Seeing, SeeingOwn, given=Nothing)
def no_contact_with_the_subject(_: Nothing, question: Provision | SeeingOwn) -> Verdict:
    """Shown beside a number as "do not call it"."""
    return oblige_if(HandlingCondition.NO_CONTACT in question.terms.handling.conditions)


@predicate("CONTESTED-1", Sending, Holding, Seeing, SeeingOwn, given=Nothing)
def contested_is_said(_: Nothing, question: Provision | SeeingOwn) -> Verdict:
    """The mark travels; it stops nothing."""
    return oblige_if(question.terms.contested)


@predicate("VISIBILITY-1", Sending, Holding, Seeing, given=Blind)
def blind_match_never_shows_abroad(given: Blind, question: Provision) -> Verdict:
    """A blind match must equal a miss, so the record is not even there to be matched."""
    return refuse_if(question.terms.visibility in given.visibilities)


@predicate("VISIBILITY-1", SeeingOwn, given=Blind)
def blind_match_shows_to_the_register_unit(given: Blind, question: SeeingOwn) -> Verdict:
    """The unit that keeps the record decides what becomes of the match."""
    return refuse_if(question.terms.visibility in given.visibilities and not question.asker.register_unit)


@predicate("VISIBILITY-2", Seeing, given=Shown)
def hit_shows_what_its_visibility_allows(given: Shown, question: Seeing) -> Verdict:
    """A visibility for which the edition shows no field shows no hit."""
    return require(bool(given.shown.get(question.terms.visibility)))


@predicate("OWN-1", SeeingOwn, given=Nothing)
def own_record(_: Nothing, __: SeeingOwn) -> Verdict:
    """What the person is authorised to read of it is the register's business, not the MoU's."""
    return Verdict.RESTS_ON
