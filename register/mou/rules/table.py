"""The one table of rules: which questions each rule has a say in, and the code that gives it.

A rule's predicate is code by rule id; an edition says with which parameters it applies. Predicates are pure and
know nothing of one another, so that each can be read beside its clause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from register.mou.facts import AskerFacts, KeyFacts, Label, RecordFacts, Terms
from schemas.codes import Partition


class Verdict(Enum):
    """What one rule says to one question."""

    SILENT = "silent"  # no objection, and nothing to rest on
    RESTS_ON = "rests on"  # a permission may rest on this rule
    OBLIGES = "obliges"  # no objection, but who gets the record must heed the rule's sentence
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Provision:
    """A record of one country in the hands of another; the rules that concern both ends see only this."""

    terms: Terms
    to: Partition
    today: date


@dataclass(frozen=True, slots=True)
class Sending(Provision):
    """May the owner send it?

    Attributes:
        keys_withheld_by: where the record has keys and every one is withheld, the rules that withhold them.
        nobody_else: nobody stands in it but those who may be protected, and none of its keys is published.
    """

    terms: RecordFacts
    keys_withheld_by: frozenset[str] = frozenset()
    nobody_else: bool = False


@dataclass(frozen=True, slots=True)
class Holding(Provision):
    """May the receiver keep it?"""

    terms: Label


@dataclass(frozen=True, slots=True)
class Seeing(Provision):
    """May someone of another country be shown it?"""

    asker: AskerFacts


@dataclass(frozen=True, slots=True)
class SeeingOwn:
    """May someone be shown a record of his own country as the answer to a search?"""

    terms: Terms
    today: date
    asker: AskerFacts


@dataclass(frozen=True, slots=True)
class Asking:
    """Is a country asked at all?"""

    asker: AskerFacts
    target: Partition
    today: date


@dataclass(frozen=True, slots=True)
class Putting:
    """May the question be put at all, whoever is asked, and be it to the own register?"""

    asker: AskerFacts
    today: date


Question: TypeAlias = Sending | Holding | Seeing | SeeingOwn | Asking | Putting
"""What is asked of all rules at once; of the keys of one subject, `keys` asks."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """May a match key of a record become a token that partners hold?

    Attributes:
        hidden: numbers of the subjects of whom nothing is published.
        told_by_victim: the report is a victim's own, who need not stand among its subjects.
    """

    key: KeyFacts
    hidden: frozenset[int]
    told_by_victim: bool = False


class Given(BaseModel):
    """The parameters of a rule; an unknown or missing one is an error when the edition is loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Given):
    """The parameters of a rule that has none."""


Judge = Callable[[Any, Any], Verdict]
GivenT = TypeVar("GivenT", bound=Given)
QuestionT = TypeVar("QuestionT")


@dataclass(slots=True)
class Predicate:
    """A rule's parameters, and its judge for each kind of question that it has a say in."""

    given: type[Given]
    judges: dict[type, Judge] = field(default_factory=dict)


TABLE: dict[str, Predicate] = {}


def declare(rule_id: str, given: type[Given] = Nothing) -> None:
    """Enter a rule into the table. A rule without a judge is one that `decide` itself applies."""
    if rule_id in TABLE:
        raise ValueError(f"rule {rule_id} is declared twice")
    TABLE[rule_id] = Predicate(given)


def predicate(
    rule_id: str, *questions: type, given: type[GivenT]
) -> Callable[[Callable[[GivenT, QuestionT], Verdict]], Callable[[GivenT, QuestionT], Verdict]]:
    """Make a function the judge of a rule for these kinds of question."""
    if rule_id not in TABLE:
        declare(rule_id, given)
    entry = TABLE[rule_id]
    if entry.given is not given:
        raise ValueError(f"rule {rule_id} has two kinds of parameters")

    def enter(judge: Callable[[GivenT, QuestionT], Verdict]) -> Callable[[GivenT, QuestionT], Verdict]:
        for question in questions:
            if question in entry.judges:
                raise ValueError(f"rule {rule_id} has two judges for {question.__name__}")
            entry.judges[question] = judge
        return judge

    return enter


def refuse_if(objection: bool) -> Verdict:  # noqa: FBT001 - reads as a sentence: refuse_if(terms.onward)
    """Refuse where the objection holds, say nothing where it does not."""
    return Verdict.REFUSES if objection else Verdict.SILENT


def require(condition: bool) -> Verdict:  # noqa: FBT001 - as above
    """A permission may rest on the rule where the condition holds; it is refused where it does not."""
    return Verdict.RESTS_ON if condition else Verdict.REFUSES


def oblige_if(restricted: bool) -> Verdict:  # noqa: FBT001 - as above
    """The rule's sentence goes with the permission where the record is so restricted."""
    return Verdict.OBLIGES if restricted else Verdict.SILENT
