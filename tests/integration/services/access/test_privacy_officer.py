"""`rtr doctor` says where nobody looks at how is asked, and who can change that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest

from api.cli.frame.check import Check
from api.cli.running.checks import all_checks
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation
from register.services.access.admit import apply_authorisations, count_holders
from schemas.codes import Partition
from tests.support.records.admitted import BY, TRAINED
from tests.support.world import World, world

AW = Partition.AW
OFFICER = Authorisation(
    partition=AW,
    actor="officer",
    actor_kind="person",
    organisation="AW-CMMA",
    tasks=frozenset({Task.PRIVACY}),
    scope="all",
    begins=date(2026, 1, 1),
    training=TRAINED,
)


@pytest.fixture
def here() -> Iterator[World]:
    with world(countries=(AW,)) as made:
        yield made


def check(here: World, env: Literal["trial", "production"] = "trial") -> Check:
    return next(one for one in all_checks(replace(here.settings, env=env)) if one.name == "privacy officer AW")


def test_doctor_says_that_nobody_holds_privacy_and_who_gives_it(here: World) -> None:
    found = check(here)
    assert (found.ok, found.detail) == (False, "nobody in AW holds PRIVACY today")
    assert "`rtr authorisation apply FILE`" in found.fix
    assert not found.needed
    assert check(here, "production").needed


def test_doctor_counts_who_holds_it(here: World) -> None:
    apply_authorisations(here[AW], [OFFICER], by=BY)
    found = check(here)
    assert (found.ok, found.detail) == (True, "1 holds PRIVACY")


def test_whoever_held_it_until_yesterday_or_holds_another_task_does_not_count(here: World) -> None:
    yesterday = here[AW].today() - timedelta(days=1)
    other = replace(OFFICER, actor="unit", organisation="AW-JIUMM", tasks=frozenset({Task.READ_OWN}))
    apply_authorisations(here[AW], [replace(OFFICER, ends=yesterday), other], by=BY)
    assert count_holders(here[AW], Task.PRIVACY) == 0
    assert not check(here).ok
