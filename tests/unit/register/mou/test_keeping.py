"""The gate is kept by whom the edition names: task, kind of organisation, a second, never who submitted."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.access.organisation import Organisation
from register.mou.edition import Edition, UnusableEdition, list_packaged_editions, load, read
from register.mou.facts import SubjectFacts
from register.mou.keeping import NoGateHere, NotTheKeeper, gate_of, is_keeper, require_keeper, stands_alone
from rtr_trial.demo.made_up import data
from schemas.codes import Partition
from tests.unit.register.mou.examples import CHILD, SUSPECT, VICTIM, a_record
from tests.unit.register.mou.test_editions import SOURCES, changed

AW, BQ, NL = Partition.AW, Partition.BQ, Partition.NL
ORGANISATIONS = {one.code: one.registered() for one in data.organisations()}
SECOND_BLOCK = (
    'second = { name = "deputy prosecutor general, at an organisation of his own", task = "PROSECUTE", '
    'kind = "prosecution" }\n'
)


def somebody(organisation: str, *tasks: Task, **parts: Any) -> tuple[Caller, Organisation]:
    whole: dict[str, Any] = {
        "partition": Partition(organisation[:2]), "function": "api", "kind": "person", "actor": "somebody",
        "organisation": organisation, "tasks": frozenset(tasks),
    }  # fmt: skip
    return Caller(**(whole | parts)), ORGANISATIONS[organisation]


def without(country: Partition) -> Edition:
    """An edition that names no gate for a country."""
    text = SOURCES["demo"].decode()
    start = text.index(f"[rule.parameters.gates.{country}]")
    return read((text[:start] + text[text.index("\n\n", start) + 2 :]).encode())


@pytest.mark.parametrize("name", list_packaged_editions())
@pytest.mark.parametrize("submitted", [one for one in sorted(ORGANISATIONS) if one.startswith("BQ")])
def test_only_the_prosecutor_approves_in_the_caribbean_netherlands(name: str, submitted: str) -> None:
    """Domain.md 7: a police unit that owns a record approved its own exit."""
    for organisation, task in product((one for one in ORGANISATIONS if one.startswith("BQ")), Task):
        caller, own = somebody(organisation, task)
        right = organisation == "BQ-OM" and task is Task.PROSECUTE and submitted != "BQ-OM"
        assert is_keeper(load(name), caller, own, ORGANISATIONS[submitted]) is right, (organisation, task)


@pytest.mark.parametrize("name", list_packaged_editions())
def test_in_the_netherlands_the_national_unit_approves_for_others_and_the_prosecutor_for_it(name: str) -> None:
    unit, desk = somebody("NL-LE", *Task)
    prosecutor, office = somebody("NL-OM", Task.PROSECUTE)
    border, police = ORGANISATIONS["NL-KMAR"], ORGANISATIONS["NL-AVIM"]
    assert is_keeper(load(name), unit, desk, border)
    assert not is_keeper(load(name), prosecutor, office, border)
    for own in (police, desk):
        assert is_keeper(load(name), prosecutor, office, own)
        assert not is_keeper(load(name), unit, desk, own)


def test_keepers_own_record_needs_another_organisation() -> None:
    prosecutor, office = somebody("BQ-OM", Task.PROSECUTE)
    with pytest.raises(NotTheKeeper, match="deputy prosecutor general"):
        require_keeper(load("demo"), prosecutor, office, office)


def test_program_approves_nothing_whatever_its_tasks() -> None:
    program, office = somebody("BQ-OM", *Task, kind="service")
    with pytest.raises(NotTheKeeper):
        require_keeper(load("demo"), program, office, ORGANISATIONS["BQ-KPCN"])


def test_who_holds_no_keepers_task_is_told_the_task() -> None:
    unit, own = somebody("BQ-KPCN", Task.REGISTER, Task.CONSENT)
    with pytest.raises(TaskMissing, match="PROSECUTE"):
        require_keeper(load("demo"), unit, own, own)


@pytest.mark.parametrize("name", list_packaged_editions())
@pytest.mark.parametrize("protected", [VICTIM, CHILD])
def test_record_with_somebody_protected_in_it_leaves_on_no_approval_of_its_class(
    name: str, protected: SubjectFacts
) -> None:
    edition = load(name)
    assert not stands_alone(a_record(subjects=(SUSPECT,)), edition)
    assert stands_alone(a_record(subjects=(SUSPECT, protected)), edition)


def test_country_without_a_keeper_says_so() -> None:
    with pytest.raises(NoGateHere, match="no keeper"):
        gate_of(without(AW), AW)


@pytest.mark.parametrize("country", Partition)
@pytest.mark.parametrize("name", list_packaged_editions())
def test_every_country_has_a_keeper_and_a_second_in_every_edition_that_ships(name: str, country: Partition) -> None:
    gate = gate_of(load(name), country)
    assert gate.keeper.name != gate.second.name
    assert gate.two_persons


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (changed(SECOND_BLOCK, ""), "gates.BQ.second: Field required"),
        (changed('task = "PROSECUTE", kind = "prosecution"', 'task = "PROSECUTE", kind = "prosecutor"'),
         "no kind of organisation 'prosecutor'"),
        (changed('task = "CONSENT"', 'task = "SUBMIT"'), "SUBMIT does not"),
        (
            changed("signed = false\nkeeper", "signed = true\nkeeper", name="demo"),
            "standing approval STANDING-NL-DEMO",
        ),
        (changed("signed = true\nkeeper", "keeper", name="strict"), "gates.NL.signed: Field required"),
    ],
)  # fmt: skip
def test_gate_that_nobody_could_keep_is_refused_when_the_edition_is_loaded(data: bytes, why: str) -> None:
    with pytest.raises(UnusableEdition) as refusal:
        read(data)
    assert why in str(refusal.value)
