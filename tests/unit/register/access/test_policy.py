"""The table of who may do what: a task opens what is marked for it, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from register.domain.access.caller import Caller, Kind, Task, TaskMissing
from register.domain.access.policy import PeopleOnly, UseCase
from schemas.codes import Partition


def holding(*tasks: Task, kind: Kind = "person") -> Caller:
    return Caller(
        partition=Partition.AW, function="api", kind=kind, actor="aw-1", organisation="AW-X", tasks=frozenset(tasks)
    )


@pytest.mark.parametrize(("use", "task"), list(product(UseCase, Task)))
def test_one_task_opens_what_is_marked_for_it_and_nothing_else(use: UseCase, task: Task) -> None:
    if not use.policy.tasks or task in use.policy.tasks:
        use.check(holding(task))
    else:
        with pytest.raises(TaskMissing):
            use.check(holding(task))


@pytest.mark.parametrize("use", [use for use in UseCase if use.policy.tasks])
def test_whoever_holds_nothing_or_all_else_is_told_which_tasks_would_do(use: UseCase) -> None:
    for others in ((), tuple(set(Task) - set(use.policy.tasks))):
        with pytest.raises(TaskMissing) as refused:
            use.check(holding(*others))
        assert all(task in str(refused.value) for task in use.policy.tasks)


def test_what_a_person_answers_for_is_done_by_no_program_whatever_its_tasks() -> None:
    with pytest.raises(PeopleOnly):
        UseCase.APPROVE_RELEASE.check(holding(*Task, kind="service"))
    with pytest.raises(TaskMissing):
        UseCase.APPROVE_RELEASE.check(holding(kind="service"))


def test_use_case_that_no_task_opens_is_about_the_callers_own_only() -> None:
    for use in UseCase:
        assert bool(use.policy.tasks) == (use.policy.scope != "the caller's own")
