"""Basis x owner x recipient x purpose x visibility x approval x edition, whole, against a table written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from register.mou.decide import may_ask, may_hold, may_see, may_send
from register.mou.edition import load
from register.mou.facts import GateWord, Label, LegalProfile, RecordFacts
from schemas.codes import Partition
from tests.unit.register.mou.examples import TODAY, USUAL_BASIS, a_label, a_record, an_asker
from tests.unit.register.mou.expected import ANSWERED, ASKED, POLICE, PURPOSES, Cell, all_cells, allowed_cells, grid

EDITIONS = ("strict", "demo")


def facts_of(cell: Cell) -> dict[str, Any]:
    return {
        "owner": cell.owner,
        "legal_basis": cell.basis,
        "source_profile": LegalProfile.POLICE if cell.basis in POLICE else LegalProfile.NON_POLICE,
        "purpose": cell.purpose,
        "visibility": cell.visibility,
        "gate": None if cell.approval == "none" else GateWord(cell.approval),
    }


@cache
def all_records() -> Mapping[Cell, RecordFacts]:
    """What the owner would send in each cell; to whom is the question, so that five cells share a record."""
    records: dict[tuple[str, ...], RecordFacts] = {}
    made: dict[Cell, RecordFacts] = {}
    for cell in all_cells():
        about = (cell.owner, cell.basis, cell.purpose, cell.visibility, cell.approval)
        if about not in records:
            records[about] = a_record(sender=cell.owner, **facts_of(cell))
        made[cell] = records[about]
    return made


@cache
def all_labels(theirs: str) -> Mapping[Cell, Label]:
    """What the recipient of each cell holds, sent under an edition."""
    by = load(theirs).hash
    return {c: a_label(audience=frozenset({c.to}), edition=by, **facts_of(c)) for c in all_cells()}


@pytest.mark.parametrize("edition", EDITIONS)
def test_sent_is_exactly_what_the_table_allows(edition: str) -> None:
    allowed, rules = allowed_cells(edition), load(edition)
    wrongly_allowed, wrongly_refused = [], []
    for cell, record in all_records().items():
        decision = may_send(record, cell.to, rules, today=TODAY)
        if decision.allowed and cell not in allowed:
            wrongly_allowed.append(cell)
        if not decision.allowed and cell in allowed:
            wrongly_refused.append((cell, decision.rules))
    assert wrongly_allowed == []
    assert wrongly_refused == []


@pytest.mark.parametrize("own", EDITIONS)
@pytest.mark.parametrize("theirs", EDITIONS)
def test_held_is_what_the_table_allows_under_both_editions(own: str, theirs: str) -> None:
    """A label without a word on its approval passes no gate: the receiver sees nothing that was approved."""
    both = allowed_cells(own) & allowed_cells(theirs)
    gated = {Partition.NL, Partition.BQ}
    allowed = {cell for cell in both if cell.approval != "none" or cell.owner not in gated}
    mine, other, wrong = load(own), load(theirs), []
    for cell, label in all_labels(theirs).items():
        decision = may_hold(label, cell.to, mine, other, today=TODAY)
        if decision.allowed is not (cell in allowed):
            wrong.append((cell, decision.rules))
    assert wrong == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_asked_is_exactly_whom_the_table_names(edition: str) -> None:
    answers = {
        (asker, target): may_ask(
            an_asker(partition=asker, legal_basis=USUAL_BASIS[asker]), target, load(edition), today=TODAY
        ).allowed
        for asker in Partition
        for target in Partition
    }
    assert answers == grid(ASKED, edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_record_answers_only_questions_of_a_purpose_in_the_table(edition: str) -> None:
    answers = {
        (of_record, of_question): may_see(
            an_asker(purpose=PURPOSES[of_question]),
            a_record(purpose=PURPOSES[of_record]),
            load(edition),
            today=TODAY,
        ).allowed
        for of_record in PURPOSES
        for of_question in PURPOSES
    }
    assert answers == grid(ANSWERED, edition)


def test_the_table_is_not_empty_and_the_matrix_is_whole() -> None:
    """13 bases x 5 owners x 5 recipients x 5 purposes x 4 visibilities x 3 approvals; sums counted by hand."""
    assert len(all_cells()) == 13 * 5 * 5 * 5 * 4 * 3
    # strict: two owners, four recipients, 3 + 3 + 1 + 4 purposes, 3 visibilities.
    assert len(allowed_cells("strict")) == 2 * 4 * 11 * 3
    # demo: the same two with 4 + 4 + 1 + 5 purposes and 3 + 3 + 1; three owners with 4 + 5 purposes and 3 + 3 + 3.
    assert len(allowed_cells("demo")) == 2 * 4 * 14 * 7 + 3 * 4 * 9 * 9
