"""Who sends, who may have it, and under which covenant."""

from __future__ import annotations

from datetime import date

from register.mou.rules.table import (
    Asking,
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
from schemas.codes import Partition


class Covenant(Given):
    """A written decision on a cooperation: its parties and the days on which it holds."""

    ref: str
    holds_from: date
    holds_until: date | None = None
    parties: frozenset[Partition]

    def holds(self, today: date) -> bool:
        """Whether it is active on this day; both ends included."""
        return self.holds_from <= today and (self.holds_until is None or today <= self.holds_until)


class Covenants(Given):
    """The covenants that a provision may cite."""

    covenants: tuple[Covenant, ...]


@predicate("RECIPIENT-1", Sending, Holding, given=Nothing)
def own_country_is_no_recipient(_: Nothing, question: Provision) -> Verdict:
    """Also a record that came back through a partner: it must not count twice."""
    return refuse_if(question.to is question.terms.owner)


@predicate("OWNER-1", Sending, given=Nothing)
def only_the_owner_sends(_: Nothing, question: Sending) -> Verdict:
    """To its own named recipients the owner may send a record of any handling code."""
    return refuse_if(question.terms.sender is not question.terms.owner)


@predicate("AUDIENCE-1", Sending, Seeing, given=Nothing)
def recipient_is_named(_: Nothing, question: Provision) -> Verdict:
    """An empty audience is nobody."""
    return require(question.to in question.terms.audience)


@predicate("AUDIENCE-1", Holding, given=Nothing)
def label_is_made_for_me(_: Nothing, question: Holding) -> Verdict:
    """A label that names others as well tells who else has the record."""
    return require(question.terms.audience == {question.to})


@predicate("COVENANT-1", Sending, Holding, given=Covenants)
def covenant_is_active(given: Covenants, question: Provision) -> Verdict:
    """Both countries must be parties."""
    cited = (one for one in given.covenants if one.ref == question.terms.covenant_ref and one.holds(question.today))
    return require(any({question.terms.owner, question.to} <= one.parties for one in cited))


@predicate("COVENANT-1", Asking, given=Covenants)
def covenant_covers_the_question(given: Covenants, question: Asking) -> Verdict:
    """A question, and the request that follows, cites none itself; one between both countries must stand."""
    pair = {question.asker.partition, question.target}
    abroad = question.target is not question.asker.partition
    return refuse_if(abroad and not any(pair <= one.parties and one.holds(question.today) for one in given.covenants))
