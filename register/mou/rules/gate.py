"""The exit gate of a country: who keeps it, whom an approval comes from, and whether a record needs one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Self, assert_never

from pydantic import Field, field_validator, model_validator

from register.domain.access.caller import Task
from register.domain.signals.reading import WHOLE_COUNTRY
from register.mou.facts import GateWord, Label, RecordFacts, Terms
from register.mou.rules.table import Given, Holding, Seeing, Sending, Verdict, predicate, refuse_if, require
from schemas.codes import LegalBasis, Partition, Visibility, code_list


class Keeper(Given):
    """Whoever may say yes at a gate: a person with the task, at an organisation of the kind.

    Attributes:
        name: as people are told it.
    """

    name: str = Field(min_length=1)
    task: Task
    kind: str

    @field_validator("task")
    @classmethod
    def _sees_what_it_lets_go(cls, task: Task) -> Task:
        if task not in WHOLE_COUNTRY:
            raise ValueError(f"a keeper reads the whole country; {task} does not")
        return task

    @field_validator("kind")
    @classmethod
    def _is_a_kind(cls, kind: str) -> str:
        if kind not in code_list("organisation_kind"):
            raise ValueError(f"there is no kind of organisation {kind!r}")
        return kind


class Classes(Given):
    """What may be approved as a class, in advance and unread; every other record is approved one by one.

    Attributes:
        bases, visibilities: of the records.
        days_max: from its first day to its last.
        source: clause, or the document we rest on instead.
        assumed: True until a lawyer of the country has replaced it.
    """

    bases: frozenset[LegalBasis] = Field(min_length=1)
    visibilities: frozenset[Visibility] = Field(min_length=1)
    days_max: int = Field(ge=1, le=366)
    source: str = Field(min_length=1)
    assumed: bool

    def include(self, basis: LegalBasis, visibility: Visibility) -> bool:
        """Whether records of this basis and visibility may be approved as a class."""
        return basis in self.bases and visibility in self.visibilities


class Gate(Given):
    """The gate of one country.

    Attributes:
        keeper: of records of all others.
        second: of what the keeper's own kind of organisation submitted: nobody lets his own record out.
        always: every record needs an approval; else those alone that are marked for single approval.
        two_persons: who recorded, changed or confirmed a record does not approve it, for whomever he works.
        signed: an approval counts only with the signature of the keeper's organisation; else the word of the owner's
            node does too, where keeper and node share a machine.
        classes: what may be approved as a class, by a signature only; None: nothing.
    """

    keeper: Keeper
    second: Keeper
    always: bool
    two_persons: bool
    signed: bool
    classes: Classes | None = None

    def keeper_of(self, submitted_by: str) -> Keeper:
        """Who keeps the gate for a record that an organisation of this kind submitted."""
        return self.second if submitted_by == self.keeper.kind else self.keeper


class Standing(Given):
    """An approval that the edition itself gives for many records of a country.

    Attributes:
        ref: its name in the edition.
    """

    ref: str = Field(min_length=1)
    owner: Partition
    visibilities: frozenset[Visibility]


class Gates(Given):
    """The gates of the countries, and standing approvals."""

    gates: Mapping[Partition, Gate]
    standing: tuple[Standing, ...] = ()

    @model_validator(mode="after")
    def _standing_approvals_are_of_a_gate(self) -> Self:
        for one in self.standing:
            if one.owner not in self.gates or self.gates[one.owner].signed:
                raise ValueError(
                    f"standing approval {one.ref}: {one.owner} has no gate, or one that asks for signatures"
                )
        return self

    def takes_nodes_word(self, owner: Partition) -> bool:
        """Whether this country's node may vouch for its keeper; where there is no gate, nobody can."""
        gate = self.gates.get(owner)
        return gate is not None and not gate.signed

    def stands_for(self, terms: Terms) -> bool:
        """Whether a standing approval covers a record on these terms."""
        return any(one.owner is terms.owner and terms.visibility in one.visibilities for one in self.standing)

    def needs_approval(self, terms: RecordFacts | Label) -> bool:
        """Whether a record may leave, or be held, only with an approval. A label does not say what was marked."""
        gate = self.gates.get(terms.owner)
        match terms:
            case RecordFacts():
                return terms.single_approval or (gate is not None and gate.always)
            case Label():
                return gate is not None and gate.always
            case _:
                assert_never(terms)

    def word(self, terms: RecordFacts | Label, today: date) -> GateWord | None:
        """By whose word a record passes; None where nobody's counts.

        A record that nobody approved passes on a standing approval, and then its owner's node says so in the label.
        """
        if terms.gate is GateWord.SIGNED:
            return None if _is_over(terms, today) else GateWord.SIGNED
        vouched = terms.gate is GateWord.NODE or (
            isinstance(terms, RecordFacts) and not terms.single_approval and self.stands_for(terms)
        )
        return GateWord.NODE if vouched and self.takes_nodes_word(terms.owner) else None


@predicate("GATE-1", Sending, given=Gates)
def exit_gate_has_approved(given: Gates, question: Sending) -> Verdict:
    """A record that is marked for single approval where nobody keeps a gate stays: nobody could give one."""
    terms = question.terms
    if not given.needs_approval(terms):
        return Verdict.SILENT
    return require(terms.owner in given.gates and given.word(terms, question.today) is not None)


@predicate("GATE-1", Holding, given=Gates)
def label_shows_whose_word_it_passed_on(given: Gates, question: Holding) -> Verdict:
    """What the label cites must count, also where none was needed: its receiver cannot see what was marked."""
    terms = question.terms
    word = given.word(terms, question.today)
    if given.needs_approval(terms):
        return require(word is not None)
    return refuse_if(terms.gate is not None and word is None)


@predicate("GATE-1", Seeing, given=Gates)
def approval_has_not_run_out(_: Gates, question: Seeing) -> Verdict:
    """By the holder's own day: what its owner forgets to take back is hidden all the same."""
    return refuse_if(_is_over(question.terms, question.today))


def _is_over(terms: Terms, today: date) -> bool:
    return terms.gate_until is not None and today > terms.gate_until
