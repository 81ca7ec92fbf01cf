"""Who may be asked this question, and by which rules the others are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.partition import others
from register.errors import CallerError
from register.mou import edition as editions
from register.mou.asking import asker_of, require_question
from register.mou.decide import Decision, may_ask, may_see
from register.mou.edition import Edition
from register.mou.facts import AskerFacts, Terms
from register.mou.rules.use import Blind
from schemas.codes import Partition, Visibility
from schemas.search.question import SearchIn


class NoSuchEdition(CallerError):
    """The answer was asked for as an edition of the rules would have it that is not here."""

    code = "no-such-edition"
    advice = "Name an edition that this register has, or leave it out for the one in force."


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked, and by which rules not.

    Attributes:
        editions: all of them must allow what is asked and shown. An edition that is simulated comes first, so that its
            reasons are given; the one in force stays beside it, so that a simulation never shows more than it does.
    """

    editions: tuple[Edition, ...]
    asker: AskerFacts
    refused: dict[Partition, Decision]

    @property
    def edition(self) -> Edition:
        """The rules that the answer speaks of."""
        return self.editions[0]

    @property
    def blind(self) -> frozenset[Visibility]:
        """Whose matches are hidden from everybody but the register unit."""
        return frozenset().union(*(e.given("VISIBILITY-1", Blind).visibilities for e in self.editions))

    def may_see(self, terms: Terms, *, today: date) -> Decision:
        """Whether an extract may be shown, and which of its fields."""
        decisions = [may_see(self.asker, terms, e, today=today) for e in self.editions]
        refused = next((d for d in decisions if not d.allowed), None)
        if refused is not None:
            return refused
        return replace(decisions[0], shows=tuple(f for f in decisions[0].shows if all(f in d.shows for d in decisions)))

    @property
    def asked(self) -> tuple[Partition, ...]:
        """The countries that are asked, in their order."""
        return tuple(p for p in others(self.asker.partition) if p not in self.refused)


def plan_of(register: Register, caller: Caller, question: SearchIn) -> Plan:
    """Return who is asked by the rules in force, and by those of the edition that is simulated as well.

    Raises:
        NoSuchEdition: the edition to simulate is not here.
        QuestionRefused: the rules refuse the question itself.
    """
    simulated = () if question.simulate_edition is None else (_load_edition(question.simulate_edition),)
    asker = asker_of(caller, purpose=question.purpose, legal_basis=question.legal_basis, case=question.case)
    return plan_for(register, asker, (*simulated, register.edition))


def plan_for(register: Register, asker: AskerFacts, rules: tuple[Edition, ...]) -> Plan:
    """Return who is asked by all of these rules; raises `QuestionRefused`."""
    today = register.today()
    require_question(asker, rules, today)
    refused = {}
    for country in others(register.partition):
        decisions = (may_ask(asker, country, e, today=today) for e in rules)
        decision = next((d for d in decisions if not d.allowed), None)
        if decision is not None:
            refused[country] = decision
    return Plan(rules, asker, refused)


def _load_edition(name: str) -> Edition:
    try:
        return editions.load(name)
    except editions.UnknownEdition:
        raise NoSuchEdition("there is no edition of that name here") from None
