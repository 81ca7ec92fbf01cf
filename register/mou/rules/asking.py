"""What a question must state, and who may ask across the border."""

from __future__ import annotations

from register.mou.rules.table import Asking, Nothing, Seeing, Verdict, predicate, refuse_if


@predicate("ASK-1", Asking, Seeing, given=Nothing)
def question_states_its_grounds(_: Nothing, question: Asking | Seeing) -> Verdict:
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
