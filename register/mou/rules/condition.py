"""In what condition a record must be: confirmed, complete enough to be judged, still there, still in time."""

from __future__ import annotations

from register.mou.facts import RecordFacts
from register.mou.rules.table import (
    Given,
    Holding,
    Nothing,
    Provision,
    Seeing,
    Sending,
    Verdict,
    predicate,
    refuse_if,
    require,
)
from schemas.codes import SignalState


class Confirmation(Given):
    """Whether what the organisation's profile filled in counts before the register unit has confirmed it.

    Attributes:
        two_persons: who recorded a record, or widened where it may go, does not confirm it.
    """

    defaults_count: bool
    two_persons: bool


class States(Given):
    """States in which a signal is not sent."""

    states: frozenset[SignalState]


@predicate("CONFIRM-1", Sending, given=Confirmation)
def register_unit_has_confirmed(given: Confirmation, question: Sending) -> Verdict:
    """Legal basis, purpose, handling and visibility come from a profile until somebody looks at them.

    What somebody set beyond the profile, or beyond what was set before, is no default.
    """
    terms = question.terms
    return require(terms.confirmed or (given.defaults_count and not terms.widened))


@predicate("QUALITY-1", Sending, Holding, given=Nothing)
def quality_can_be_judged(_: Nothing, question: Provision) -> Verdict:
    """The receiver must be able to judge how accurate, current and reliable it is."""
    evaluation = question.terms.evaluation
    judged = evaluation is not None and bool(evaluation.scheme and evaluation.source and evaluation.information)
    return refuse_if(not judged or question.terms.last_verified_on is None)


@predicate("ORIGIN-1", Sending, Holding, given=Nothing)
def way_of_obtaining_is_known(_: Nothing, question: Provision) -> Verdict:
    """How it was obtained, in a code."""
    return refuse_if(not question.terms.acquisition)


@predicate("RETAIN-1", Sending, Holding, Seeing, given=Nothing)
def retention_has_not_ended(_: Nothing, question: Provision) -> Verdict:
    """The date itself is the last day. No date is no permission."""
    until = question.terms.retain_until
    return refuse_if(until is None or question.today > until)


@predicate("WITHDRAWN-1", Sending, Seeing, given=Nothing)
def not_withdrawn(_: Nothing, question: Provision) -> Verdict:
    """A received extract that was withdrawn is no longer there to be asked about."""
    return refuse_if(isinstance(question.terms, RecordFacts) and question.terms.withdrawn)


@predicate("STATE-1", Sending, given=States)
def state_shows_necessity(given: States, question: Sending) -> Verdict:
    """Where the owner sees nothing further to do, nobody abroad needs it."""
    return refuse_if(question.terms.state in given.states)
