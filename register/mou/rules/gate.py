"""The exit gate of a country: who keeps it, whom an approval comes from, and whether a record needs one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self, assert_never

from pydantic import Field, field_validator, model_validator

from register.domain.access.caller import Task
from register.domain.signals.reading import WHOLE_COUNTRY
from register.mou.facts import Label, RecordFacts, Terms
from register.mou.rules.table import Given, Holding, Sending, Verdict, predicate, require
from schemas.codes import Partition, Visibility, code_list

STANDING_PREFIX = "STANDING-"  # a reference that begins so must be one that the edition lists


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


class Gate(Given):
    """The gate of one country.

    Attributes:
        keeper: of records of all others.
        second: of what the keeper's own kind of organisation submitted: nobody lets his own record out.
        always: every record needs an approval; else those alone that are marked for single approval.
        two_persons: who recorded, changed or confirmed a record does not approve it, for whomever he works.
    """

    keeper: Keeper
    second: Keeper
    always: bool
    two_persons: bool

    def keeper_of(self, submitted_by: str) -> Keeper:
        """Who keeps the gate for a record that an organisation of this kind submitted."""
        return self.second if submitted_by == self.keeper.kind else self.keeper


class Standing(Given):
    """An approval given once for many records of a country."""

    ref: str
    owner: Partition
    visibilities: frozenset[Visibility]


class Gates(Given):
    """The gates of the countries, and standing approvals."""

    gates: Mapping[Partition, Gate]
    standing: tuple[Standing, ...] = ()

    @model_validator(mode="after")
    def _standing_approvals_are_of_a_gate(self) -> Self:
        for one in self.standing:
            if one.owner not in self.gates or not one.ref.startswith(STANDING_PREFIX):
                raise ValueError(f"standing approval {one.ref}: {one.owner} has no gate, or the name no prefix")
        return self

    def standing_for(self, terms: Terms) -> str | None:
        """The standing approval that covers a record on these terms, if there is one."""
        fits = (one for one in self.standing if one.owner is terms.owner and terms.visibility in one.visibilities)
        return next((one.ref for one in fits if terms.gate_ref in {None, "", one.ref}), None)

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


@predicate("GATE-1", Sending, Holding, given=Gates)
def exit_gate_has_approved(given: Gates, question: Sending | Holding) -> Verdict:
    """A record that is marked for single approval where nobody keeps a gate stays: nobody could give one."""
    terms = question.terms
    if not given.needs_approval(terms):
        return Verdict.SILENT
    if terms.owner not in given.gates:
        return Verdict.REFUSES
    return require(given.approval(terms) is not None)
