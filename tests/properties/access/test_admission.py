"""Whatever lists are applied one after another: nobody holds tasks that exclude, nothing is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from register.domain.access.admission import EXCLUDED, Standing, key_of, plan_authorisations
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation, Training
from schemas.codes import Partition
from tests.unit.register.access.test_admission import JIUMM

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
UMM = replace(JIUMM, code="AW-UMM")


@st.composite
def grants(draw: st.DrawFn) -> Authorisation:
    return Authorisation(
        partition=Partition.AW,
        actor=draw(st.sampled_from(["a", "b"])),
        actor_kind="person",
        organisation=draw(st.sampled_from(["AW-JIUMM", "AW-UMM"])),
        tasks=draw(st.frozensets(st.sampled_from(Task), min_size=1, max_size=3)),
        scope="all",
        begins=draw(DAYS),
        ends=draw(st.none() | DAYS),
        training=Training("T", FIRST, date(2099, 1, 1)),
    )


@given(
    lists=st.lists(st.tuples(st.lists(grants(), min_size=1, max_size=4), DAYS), max_size=6).map(
        lambda found: sorted(found, key=lambda one: one[1])
    )
)
def test_lists_in_any_order_bring_nobody_tasks_that_exclude_and_forget_nobody(
    lists: list[tuple[list[Authorisation], date]],
) -> None:
    held: dict[tuple[str, str, date], Authorisation] = {}
    for wanted, today in lists:
        standing = Standing(Partition.AW, {"AW-JIUMM": JIUMM, "AW-UMM": UMM}, {}, tuple(held.values()))
        plan = plan_authorisations(standing, wanted, today)
        if plan.faults:
            continue
        for grant in plan.authorisations:
            before = held.get(key_of(grant))
            assert before is None or (before.tasks, before.actor_kind) == (grant.tasks, grant.actor_kind)
        held |= {key_of(grant): grant for grant in plan.authorisations}
        again = replace(standing, authorisations=tuple(held.values()))
        assert not plan_authorisations(again, wanted, today).authorisations, "twice is the same as once"
        for day in (FIRST + timedelta(days=n) for n in range(45)):
            for actor in ("a", "b"):
                now = [g for g in held.values() if g.actor == actor and g.in_force(day)]
                tasks = frozenset(task for g in now for task in g.tasks)
                assert all(not (one in tasks and EXCLUDED[one] & tasks) for one in EXCLUDED)
                assert len({g.organisation for g in now}) <= 1
