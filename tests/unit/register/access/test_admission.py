"""Who is let in: every reason for which a list is refused, by its place, and what it would change in plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from register.domain.access.admission import (
    EXCLUDED,
    Admitted,
    Outcome,
    Plan,
    Standing,
    plan_authorisations,
    plan_organisations,
)
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation, Organisation, Profile, Training, Unit
from schemas.access.admission import TASKS
from schemas.codes import Handling, LegalBasis, Partition, Purpose, Visibility
from schemas.exchange.lists import ORGANISATIONS_MAX

TODAY = date(2026, 11, 29)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
BEGAN = date(2020, 1, 1)
PROFILE = Profile(
    legal_basis=LegalBasis.AW_POLICE,
    purpose=Purpose.INVESTIGATE,
    evaluation=("4x4", "B", "2"),
    handling=Handling.H0,
    visibility=Visibility.V1,
    retention_class="POLICE",
    acquisition="OWN_TASK",
    contact_unit="JIUMM",
    routes=("police",),
)
JIUMM = Organisation(Partition.AW, "AW-JIUMM", "Intelligence unit", "intelligence", "police", PROFILE, BEGAN)
DESK = Unit("JIUMM", "AW-JIUMM", BEGAN)
GRANT = Authorisation(
    partition=Partition.AW,
    actor="s-17",
    actor_kind="person",
    organisation="AW-JIUMM",
    tasks=frozenset({Task.REGISTER, Task.READ_OWN}),
    scope="all",
    begins=date(2026, 1, 1),
    training=Training("Working with the register", date(2025, 12, 1), date(2027, 12, 1)),
)
NOBODY = Standing(Partition.AW, {}, {})
THERE = Standing(Partition.AW, {"AW-JIUMM": JIUMM}, {"JIUMM": DESK})


def admit(*given: Admitted, standing: Standing = NOBODY) -> Plan:
    return plan_organisations(standing, given, TODAY)


def grant(*given: Authorisation, before: tuple[Authorisation, ...] = (), **organisation: Any) -> Plan:
    there = replace(THERE, organisations={"AW-JIUMM": replace(JIUMM, **organisation)}, authorisations=before)
    return plan_authorisations(there, given, TODAY)


def places(plan: Plan) -> list[str]:
    return [".".join(map(str, fault.at)) for fault in plan.faults]


def outcomes(plan: Plan) -> list[Outcome]:
    return [change.outcome for change in plan.changes]


# --- organisations ---


def test_a_first_list_adds_organisation_and_unit() -> None:
    plan = admit(Admitted(JIUMM, (DESK,)))
    assert not plan.faults
    assert [(c.outcome, c.what, c.name) for c in plan.changes] == [
        (Outcome.ADDED, "organisation", "AW-JIUMM"),
        (Outcome.ADDED, "unit", "JIUMM"),
    ]
    assert (plan.organisations, plan.units) == ((JIUMM,), (DESK,))


def test_the_same_list_again_changes_nothing() -> None:
    plan = admit(Admitted(JIUMM, (DESK,)), standing=THERE)
    assert outcomes(plan) == [Outcome.UNCHANGED] * 2
    assert (plan.organisations, plan.units, plan.authorisations) == ((), (), ())


def test_what_changes_is_said_with_what_it_was() -> None:
    plan = admit(Admitted(replace(JIUMM, kind="police"), (DESK,)), standing=THERE)
    assert plan.changes[0].says == ("kind: intelligence -> police",)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": "CW-JIUMM"}, "organisation.0.code"),
        ({"partition": Partition.CW}, "organisation.0.code"),
        ({"legal_profile": "secret"}, "organisation.0.legal_profile"),
        ({"valid_to": date(2019, 1, 1)}, "organisation.0.ends"),
        ({"profile": replace(PROFILE, legal_basis=LegalBasis.WPG8)}, "organisation.0.profile.legal_basis"),
        ({"profile": replace(PROFILE, retention_class="FOR_EVER")}, "organisation.0.profile.retention"),
        ({"profile": replace(PROFILE, contact_unit="Nobody")}, "organisation.0.profile.contact"),
    ],
)
def test_an_organisation_that_cannot_be_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    plan = admit(Admitted(replace(JIUMM, **changes), (DESK,)), standing=THERE)
    assert place in places(plan)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"begins": date(2019, 1, 1)}, "organisation.0.unit.0.begins"),
        ({"ends": date(2019, 1, 1)}, "organisation.0.unit.0.ends"),
        ({"ends": YESTERDAY}, "organisation.0.profile.contact"),
    ],
)
def test_a_unit_that_cannot_be_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    assert place in places(admit(Admitted(JIUMM, (replace(DESK, **changes),))))


def test_a_unit_belongs_to_one_organisation() -> None:
    other = replace(JIUMM, code="AW-UMM")
    plan = admit(Admitted(other, (replace(DESK, organisation="AW-UMM"),)), standing=THERE)
    assert places(plan) == ["organisation.0.unit.0.name"]


def test_a_row_that_is_there_twice_is_refused() -> None:
    assert "organisation.1.code" in places(admit(Admitted(JIUMM, (DESK,)), Admitted(JIUMM)))
    assert "organisation.0.unit.1.name" in places(admit(Admitted(JIUMM, (DESK, DESK))))


def test_who_was_let_in_for_an_organisation_ends_with_it_and_does_not_come_back_with_it() -> None:
    standing = replace(THERE, authorisations=(GRANT,))
    gone = replace(JIUMM, valid_to=YESTERDAY)
    ended = admit(Admitted(gone, (replace(DESK, ends=YESTERDAY),)), standing=standing)
    assert not ended.faults
    assert [g.ends for g in ended.authorisations] == [YESTERDAY]
    assert ended.changes[-1].outcome is Outcome.ENDED
    after = Standing(Partition.AW, {"AW-JIUMM": gone}, {"JIUMM": DESK}, ended.authorisations)
    back = admit(Admitted(JIUMM, (DESK,)), standing=after)
    assert not back.faults
    assert not back.authorisations


def test_who_was_to_begin_after_the_end_of_an_organisation_does_not_come_back_with_it_either() -> None:
    later = replace(GRANT, begins=TOMORROW)
    ended = admit(
        Admitted(replace(JIUMM, valid_to=YESTERDAY), (replace(DESK, ends=YESTERDAY),)),
        standing=replace(THERE, authorisations=(later,)),
    )
    assert not ended.faults
    assert [one.in_force(TOMORROW) for one in ended.authorisations] == [False]


def test_an_organisation_is_not_ended_on_a_day_on_which_it_stood() -> None:
    last = date(2026, 3, 1)
    plan = admit(Admitted(replace(JIUMM, valid_to=last), (replace(DESK, ends=last),)), standing=THERE)
    assert places(plan) == ["organisation.0.ends"]
    gone = replace(THERE, organisations={"AW-JIUMM": replace(JIUMM, valid_to=last)})
    again = admit(Admitted(replace(JIUMM, valid_to=last), (replace(DESK, ends=last),)), standing=gone)
    assert not again.faults, "what ended before stays as it is"


def test_an_organisation_ends_with_all_of_its_units() -> None:
    standing = replace(THERE, units={"JIUMM": DESK, "JIUMM night desk": replace(DESK, name="JIUMM night desk")})
    plan = admit(Admitted(replace(JIUMM, valid_to=TODAY), (replace(DESK, ends=TODAY),)), standing=standing)
    assert places(plan) == ["organisation.0.ends"]
    assert "JIUMM night desk" in plan.faults[0].says


def test_an_organisation_does_not_begin_after_somebody_was_let_in_for_it() -> None:
    standing = replace(THERE, authorisations=(GRANT,))
    moved = replace(JIUMM, valid_from=TODAY)
    assert "organisation.0.begins" in places(admit(Admitted(moved, (replace(DESK, begins=TODAY),)), standing=standing))


def test_a_unit_that_another_organisation_names_as_its_contact_does_not_end_alone() -> None:
    other = replace(JIUMM, code="AW-UMM")
    standing = replace(THERE, organisations={"AW-JIUMM": JIUMM, "AW-UMM": other})
    moved = replace(JIUMM, profile=replace(PROFILE, contact_unit="Desk"))
    given = Admitted(moved, (replace(DESK, ends=TODAY), replace(DESK, name="Desk")))
    assert places(admit(given, standing=standing)) == ["organisation"]
    with_it = Admitted(replace(other, profile=moved.profile))
    assert not admit(given, with_it, standing=standing).faults


@pytest.mark.parametrize(("days", "faults"), [(0, []), (1, ["organisation.0.profile.contact"])])
def test_a_contact_stands_through_its_last_day_and_from_its_first(days: int, faults: list[str]) -> None:
    ends = replace(DESK, ends=TODAY - timedelta(days=days))
    assert places(admit(Admitted(JIUMM, (ends,)))) == faults
    begins = replace(DESK, begins=TODAY + timedelta(days=days))
    assert places(admit(Admitted(JIUMM, (begins,)))) == faults


def test_what_stands_counts_against_the_most_that_a_country_has() -> None:
    many = {f"AW-{n}": replace(JIUMM, code=f"AW-{n}") for n in range(ORGANISATIONS_MAX)}
    standing = replace(THERE, organisations=many)
    assert "organisation" in places(admit(Admitted(JIUMM, (DESK,)), standing=standing))
    assert not admit(Admitted(many["AW-0"]), standing=standing).faults


def test_what_a_list_leaves_out_stays_and_is_said() -> None:
    other = replace(JIUMM, code="AW-UMM")
    plan = admit(Admitted(other), standing=THERE)
    assert plan.left_out == ("AW-JIUMM", "JIUMM")
    assert plan.organisations == (other,)


# --- authorisations ---


def test_tasks_of_lists_are_those_of_the_register() -> None:
    assert set(TASKS) == {task.value for task in Task}


def test_an_authorisation_is_added_once_and_then_unchanged() -> None:
    assert outcomes(grant(GRANT)) == [Outcome.ADDED]
    again = grant(GRANT, before=(GRANT,))
    assert (outcomes(again), again.authorisations) == ([Outcome.UNCHANGED], ())


@pytest.mark.parametrize("ends", [YESTERDAY, TODAY, TOMORROW])
def test_an_authorisation_ends_by_its_last_day(ends: date) -> None:
    plan = grant(replace(GRANT, ends=ends), before=(GRANT,))
    assert (outcomes(plan), plan.faults) == ([Outcome.ENDED], ())


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"organisation": "AW-NOBODY"}, "organisation"),
        ({"partition": Partition.CW}, "organisation"),
        ({"begins": date(2019, 12, 31)}, "begins"),
        ({"ends": date(2025, 12, 31)}, "ends"),
        ({"tasks": frozenset()}, "tasks"),
        ({"actor": "system:worker"}, "actor"),
        ({"actor": "partner:CW"}, "actor"),
        ({"training": None}, "training"),
        ({"training": Training("T", TOMORROW, date(2028, 1, 1))}, "training.on"),
        ({"training": Training("T", date(2024, 1, 1), YESTERDAY)}, "training.until"),
        ({"training": Training("T", date(2024, 1, 1), date(2023, 1, 1))}, "training.until"),
    ],
)
def test_an_authorisation_that_cannot_be_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    assert f"authorisation.0.{place}" in places(grant(replace(GRANT, **changes)))


def test_an_authorisation_does_not_outlive_its_organisation() -> None:
    assert places(grant(GRANT, valid_to=date(2027, 1, 1))) == ["authorisation.0.ends"]


def test_a_person_is_let_in_after_the_training_and_trained_again_while_let_in() -> None:
    late = replace(GRANT, training=Training("Late", GRANT.begins + timedelta(days=1), date(2027, 12, 1)))
    assert places(grant(late)) == ["authorisation.0.training.on"]
    assert not grant(late, before=(GRANT,)).faults
    out = replace(GRANT, training=Training("Old", date(2025, 1, 1), YESTERDAY))
    assert places(grant(out, before=(GRANT,))) == ["authorisation.0.training.until"]


def test_a_program_needs_no_training() -> None:
    assert not grant(replace(GRANT, actor_kind="service", training=None)).faults


@pytest.mark.parametrize(
    "changes",
    [{"tasks": frozenset({Task.REGISTER})}, {"scope": "Z-1"}, {"actor_kind": "service"}],
)
def test_what_an_authorisation_was_given_for_does_not_change(changes: dict[str, Any]) -> None:
    assert grant(replace(GRANT, **changes), before=(GRANT,)).faults


def test_what_somebody_was_allowed_on_a_day_that_has_passed_is_not_taken_back() -> None:
    assert places(grant(replace(GRANT, ends=date(2026, 6, 1)), before=(GRANT,))) == ["authorisation.0.ends"]


def test_what_has_ended_does_not_begin_again() -> None:
    ended = replace(GRANT, ends=YESTERDAY)
    assert places(grant(GRANT, before=(ended,))) == ["authorisation.0.ends"]
    assert not grant(replace(GRANT, begins=TODAY), before=(ended,)).faults


@pytest.mark.parametrize(("one", "other"), [(one, other) for one, others in EXCLUDED.items() for other in others])
def test_tasks_that_exclude_each_other_are_given_to_nobody(one: Task, other: Task) -> None:
    both = replace(GRANT, tasks=frozenset({one, other}))
    first, second = (replace(GRANT, tasks=frozenset({task})) for task in (one, other))
    later = replace(second, begins=TODAY)
    assert "authorisation.0.tasks" in places(grant(both))
    assert "authorisation.1.tasks" in places(grant(first, later)), "nor by two rows"
    assert "authorisation.0.tasks" in places(grant(later, before=(first,))), "nor by two lists"
    assert not grant(later, before=(replace(first, ends=YESTERDAY),)).faults


def test_nobody_works_for_two_organisations_on_one_day() -> None:
    there = replace(THERE.organisations["AW-JIUMM"], code="AW-UMM")
    standing = replace(THERE, organisations={**THERE.organisations, "AW-UMM": there}, authorisations=(GRANT,))
    plan = plan_authorisations(standing, [replace(GRANT, organisation="AW-UMM")], TODAY)
    assert places(plan) == ["authorisation.0.organisation"]


@pytest.mark.parametrize(("later", "refused"), [(0, ["authorisation.0.organisation"]), (1, [])])
def test_work_for_another_organisation_begins_after_the_last_day_at_the_first(later: int, refused: list[str]) -> None:
    last = date(2026, 12, 31)
    there = replace(JIUMM, code="AW-UMM")
    ended, next_ = replace(GRANT, ends=last), replace(GRANT, organisation="AW-UMM", begins=last + timedelta(days=later))
    for before, wanted in ((ended, next_), (next_, ended)):
        organisations = {**THERE.organisations, "AW-UMM": there}
        standing = replace(THERE, organisations=organisations, authorisations=(before,))
        assert places(plan_authorisations(standing, [wanted], TODAY)) == refused


def test_the_same_authorisation_twice_is_refused() -> None:
    assert places(grant(GRANT, GRANT)) == ["authorisation.1"]


def test_an_authorisation_counts_no_longer_than_its_training() -> None:
    until = date(2027, 12, 1)
    assert GRANT.in_force(until)
    assert not GRANT.in_force(until + timedelta(days=1))


def test_a_country_lets_no_more_in_to_ask_than_partners_take_in_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.domain.access.admission.ACTORS_MAX", 2)
    asks = frozenset({Task.SUBMIT})
    three = [replace(GRANT, actor=f"s-{n}", tasks=asks) for n in range(3)]
    assert places(grant(*three)) == ["authorisation"]
    assert places(grant(three[0], before=(three[1], replace(three[2], ends=YESTERDAY)))) == ["authorisation"]
    reader = replace(GRANT, actor="s-9", tasks=frozenset({Task.AUDIT}))
    assert places(grant(*three[:2], reader)) == [], "who neither reports nor searches is not listed"


@pytest.mark.parametrize(
    ("ends", "until", "last"),
    [
        (None, None, None),
        (TODAY, None, TODAY),
        (None, YESTERDAY, YESTERDAY),
        (TODAY, YESTERDAY, YESTERDAY),
        (TODAY, TOMORROW, TODAY),
    ],
)
def test_an_authorisation_ends_by_its_last_day_or_with_the_training(
    ends: date | None, until: date | None, last: date | None
) -> None:
    held = replace(GRANT, ends=ends, training=Training("Working with the register", BEGAN, until))
    assert held.last_day == last
    for day in (YESTERDAY, TODAY, TOMORROW):
        assert held.in_force(day) == (last is None or day <= last)
