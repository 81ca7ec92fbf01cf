"""Let organisations and people in by a list: the only way into the register, for the demo as for a country.

Operators' work, on the node's own role; no door of the API and no page writes these rows. A list is applied as a
whole or not at all, and twice is the same as once. What it comes to is judged by `register.domain.access.admission`;
here it is read under a lock, written, numbered and left in the audit log, one leaf a row that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from register.core import Register
from register.domain.access.admission import (
    Admitted,
    Change,
    Fault,
    Outcome,
    Plan,
    Standing,
    key_of,
    name_of,
    plan_authorisations,
    plan_organisations,
)
from register.domain.access.caller import Task, system
from register.domain.access.organisation import Authorisation
from register.domain.running.audit_action import AuditAction
from register.errors import CallerError
from register.store.work import Work

By = Mapping[str, Any]
"""Who applies a list, in codes and numbers for the leaves: for instance the operating system's user and a hash."""


class ListHasFaults(CallerError):
    """A list of organisations or authorisations has faults; nothing of it was applied.

    Attributes:
        faults: each with its place in the list.
    """

    code = "list-has-faults"
    advice = "Correct the places named and apply the list again; nothing was changed."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} places of the list cannot be as they are")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a list changed, or would change.

    Attributes:
        left_out: what stands in the register and not in the list; it stays.
    """

    changes: tuple[Change, ...]
    left_out: tuple[str, ...]
    dry_run: bool

    def count(self, outcome: Outcome) -> int:
        """How many rows came to this."""
        return sum(change.outcome is outcome for change in self.changes)


def apply_organisations(register: Register, given: Sequence[Admitted], *, by: By, dry_run: bool = False) -> Applied:
    """Bring the organisations and units of a list to the state that it gives.

    Raises:
        ListHasFaults: names every fault.
    """
    today = register.today()
    return _apply_plan(
        register, lambda s: plan_organisations(s, given, today), AuditAction.ORGANISATIONS_APPLIED, by, dry_run=dry_run
    )


def apply_authorisations(
    register: Register, given: Sequence[Authorisation], *, by: By, dry_run: bool = False
) -> Applied:
    """Add the authorisations of a list, and give those that are there the end and the training that it gives.

    Raises:
        ListHasFaults: names every fault.
    """
    today = register.today()
    return _apply_plan(
        register,
        lambda s: plan_authorisations(s, given, today),
        AuditAction.AUTHORISATIONS_APPLIED,
        by,
        dry_run=dry_run,
    )


def count_holders(register: Register, task: Task) -> int:
    """How many people and programs hold a task today: an authorisation in force, at an organisation that is."""
    today = register.today()
    with register.work(system(register.partition, "worker")) as work:
        actors = {
            one.actor for one in work.access.organisations.authorisations() if task in one.tasks and one.in_force(today)
        }
        return sum(
            any(
                task in grant.tasks and of.in_force(today)
                for grant, of in work.access.organisations.standing(actor, today)
            )
            for actor in actors
        )


def _apply_plan(
    register: Register, plan_for: Callable[[Standing], Plan], applied_as: AuditAction, by: By, *, dry_run: bool
) -> Applied:
    with register.work(system(register.partition, "worker")) as work:
        # Before anything is read: what two lists come to together is judged by the one that comes second.
        number = None if dry_run else work.access.organisations.lock_list()
        standing = Standing(
            country=register.partition,
            organisations={one.code: one for one in work.access.organisations.all()},
            units={unit.name: unit for unit in work.access.organisations.units()},
            authorisations=tuple(work.access.organisations.authorisations()),
        )
        plan = plan_for(standing)
        if plan.faults:
            raise ListHasFaults(plan.faults)
        applied = Applied(plan.changes, plan.left_out, dry_run)
        if number is not None:
            _write_plan(work, standing, plan, number)
            _leave_leaves(work, plan, applied_as, by)
    return applied


def _write_plan(work: Work, standing: Standing, plan: Plan, number: int) -> None:
    work.access.organisations.save(plan.organisations)
    work.access.organisations.save_units(plan.units)
    known = {key_of(grant) for grant in standing.authorisations}
    work.access.organisations.authorise([grant for grant in plan.authorisations if key_of(grant) not in known])
    for grant in plan.authorisations:
        if key_of(grant) in known:
            work.access.organisations.change_authorisation(grant)
    # Of whom no list speaks, nobody abroad learns that they came or left.
    if plan.organisations or plan.units or any(grant.asks_evaluators for grant in plan.authorisations):
        # By the clock where that is ahead: after a restore the next number lies above every number given out before.
        work.access.organisations.number_list(max(number + 1, int(work.clock.now().timestamp())))


def _leave_leaves(work: Work, plan: Plan, applied_as: AuditAction, by: By) -> None:
    work.running.audit.note(applied_as, "-", count=len(plan.changes), **by)
    grants = {name_of(grant): grant for grant in plan.authorisations}
    for change in plan.changes:
        if change.outcome is Outcome.UNCHANGED:
            continue
        grant = grants.get(change.name) if change.what == "authorisation" else None
        facts: dict[str, Any] = {}
        if grant is not None:
            facts = {
                "of": grant.actor,
                "at": grant.organisation,
                "tasks": sorted(grant.tasks),
                "begins": str(grant.begins),
                "ends": None if grant.ends is None else str(grant.ends),
            }
        about = "-" if grant is not None else change.name
        work.running.audit.note(AuditAction.named(f"{change.what}.{change.outcome}"), about, **facts, **by)
