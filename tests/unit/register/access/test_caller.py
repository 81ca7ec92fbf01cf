"""A caller is what the doors made of him, and may do what his authorisations name."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task, TaskMissing, partner, system
from register.errors import NotPermitted
from schemas.codes import Partition


def a_caller(**changes: Any) -> Caller:
    known: dict[str, Any] = {"partition": Partition.AW, "function": "api", "kind": "person", "actor": "p-17"}
    return Caller(**{**known, **changes})


def test_task_that_is_missing_is_named() -> None:
    with pytest.raises(NotPermitted, match=r"SEARCH_SHARED \(X\)") as caught:
        a_caller(tasks=frozenset({Task.SUBMIT})).require(Task.SEARCH_SHARED)

    assert isinstance(caught.value, TaskMissing)
    assert caught.value.details == {"task": "SEARCH_SHARED"}


@pytest.mark.parametrize("task", Task)
def test_task_that_is_held_passes_and_no_other(task: Task) -> None:
    caller = a_caller(tasks=frozenset({task}))

    caller.require(task)
    assert [other for other in Task if caller.may(other)] == [task]


def test_letters_are_those_of_the_role_table() -> None:
    assert {task.letter: task.name for task in Task} == {
        "S": "SUBMIT",
        "T": "REGISTER",
        "E": "ENRICH",
        "O": "READ_OWN",
        "X": "SEARCH_SHARED",
        "C": "CONSENT",
        "P": "PROSECUTE",
        "K": "STATISTICS",
        "D": "AUDIT",
        "F": "PRIVACY",
    }
    assert [Task.of_letter(task.letter) for task in Task] == list(Task)


@pytest.mark.parametrize("letter", ["", "s", "Z", "ST"])
def test_other_letters_are_no_tasks(letter: str) -> None:
    with pytest.raises(ValueError, match="STEOXCPKDF"):
        Task.of_letter(letter)


def test_system_and_partner_hold_no_task() -> None:
    own, theirs = system(Partition.AW, "worker"), partner(Partition.AW, Partition.CW)

    assert (own.kind, own.actor, own.tasks) == ("system", "system:worker", frozenset())
    assert (theirs.kind, theirs.actor, theirs.partition, theirs.tasks) == (
        "partner",
        "partner:CW",
        Partition.AW,
        frozenset(),
    )


def test_country_is_no_partner_of_itself() -> None:
    with pytest.raises(ValueError, match="no partner of itself"):
        partner(Partition.AW, Partition.AW)


@pytest.mark.parametrize("changes", [{"function": "owner"}, {"kind": "admin"}, {"actor": ""}])
def test_caller_of_an_unknown_kind_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="known"):
        a_caller(**changes)


def test_caller_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_caller().partition = Partition.CW  # type: ignore[misc]
