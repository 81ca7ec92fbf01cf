"""Who sends, who may have it, under which covenant, and through which exit gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import assert_never

from register.mou.facts import Label, RecordFacts, Terms
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
from schemas.codes import Partition, Visibility

STANDING_PREFIX = "STANDING-"  # a reference that begins so must be one that the edition lists


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


class Standing(Given):
    """An approval given once for many records of a country."""

    ref: str
    owner: Partition
    visibilities: frozenset[Visibility]


class Gates(Given):
    """The countries whose records pass an exit gate (with the name of who keeps it), and standing approvals."""

    gates: Mapping[Partition, str]
    standing: tuple[Standing, ...] = ()

    def standing_for(self, terms: Terms) -> str | None:
        """The standing approval that covers a record on these terms, if there is one."""
        fits = (one for one in self.standing if one.owner is terms.owner and terms.visibility in one.visibilities)
        return next((one.ref for one in fits if terms.gate_ref in {None, "", one.ref}), None)

    def approval(self, terms: RecordFacts | Label) -> str | None:
        """The approval on which a record may pass; None where it may not, or needs none and cites none.

        A record without a reference passes on a standing approval, a label must cite what it passed on.
        """
        if terms.gate_ref and not terms.gate_ref.startswith(STANDING_PREFIX):
            return terms.gate_ref
        match terms:
            case RecordFacts():
                return None if terms.single_approval else self.standing_for(terms)
            case Label():
                return self.standing_for(terms) if terms.gate_ref else None
            case _:
                assert_never(terms)


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


@predicate("GATE-1", Sending, Holding, given=Gates)
def exit_gate_has_approved(given: Gates, question: Sending | Holding) -> Verdict:
    """Whether an approval is needed depends on the country, whether there is one on the record."""
    if question.terms.owner not in given.gates:
        return Verdict.SILENT
    return require(given.approval(question.terms) is not None)
