"""Who may be asked this question, and by which rules the others are not."""

from __future__ import annotations

from dataclasses import dataclass

from register.core import Register
from register.domain.caller import Caller, Task
from register.domain.partition import others
from register.errors import CallerError, NotPermitted
from register.mou import edition as editions
from register.mou.decide import Decision, may_ask
from register.mou.edition import Edition
from register.mou.facts import AskerFacts
from schemas.codes import Partition
from schemas.search import SearchIn


class QuestionRefused(NotPermitted):
    """The rules do not allow this question to be asked of anybody; the message names the rule."""

    code = "question-refused"
    advice = "State what the rule asks for: purpose, legal basis of your own country, and the case."


class NoSuchEdition(CallerError):
    """The answer was asked for as an edition of the rules would have it that is not here."""

    code = "no-such-edition"
    advice = "Name an edition that this register has, or leave it out for the one in force."


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked, and by which rules not."""

    edition: Edition
    asker: AskerFacts
    refused: dict[Partition, Decision]

    @property
    def asked(self) -> tuple[Partition, ...]:
        """The countries that are asked, in their order."""
        return tuple(p for p in others(self.asker.partition) if p not in self.refused)


def plan_of(register: Register, caller: Caller, question: SearchIn) -> Plan:
    """Return who is asked by the rules in force, or by those of the edition that is simulated.

    Raises:
        NoSuchEdition: the edition to simulate is not here.
        QuestionRefused: the rules refuse the question itself.
    """
    edition = _edition(register, question.simulate_edition)
    asker = AskerFacts(
        partition=register.partition,
        purpose=question.purpose,
        legal_basis=question.legal_basis,
        case_ref=question.case,
        searches_shared=True,
        register_unit=caller.may(Task.REGISTER),
    )
    today = register.clock.now().date()
    decisions = {p: may_ask(asker, p, edition, today=today) for p in others(register.partition)}
    refused = {p: d for p, d in decisions.items() if not d.allowed}
    if len(refused) == len(decisions):
        # Refused everywhere by the same rules: it is the question that is at fault, not a country.
        shared = set.intersection(*(set(d.rules) for d in refused.values()))
        about_question = shared & {"ASK-1", "ASK-2", "ASK-3"}
        if about_question:
            reasons = " ".join(edition.rules[r].says for r in sorted(about_question))
            raise QuestionRefused(f"{', '.join(sorted(about_question))}: {reasons}", rules=sorted(about_question))
    return Plan(edition, asker, refused)


def _edition(register: Register, simulated: str | None) -> Edition:
    if simulated is None:
        return register.edition
    try:
        return editions.load(simulated)
    except editions.UnknownEdition:
        raise NoSuchEdition("there is no edition of that name here") from None
