"""What hangs on today hangs on the country's own calendar: evening on the islands is tomorrow in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from register.core import Register
from register.domain.access.caller import Task
from register.services.desk.keep_intakes import record_intake
from register.services.statistics.asked import RuleSaysNo
from register.services.statistics.owner_statistics import owner_statistics
from register.services.statistics.statements.contribute import contribute
from schemas.codes import Partition
from schemas.desk.intake import IntakeIn
from tests.support.clock import HandClock
from tests.support.world import World

AW = Partition.AW
EVENING = datetime(2026, 1, 1, 1, 30, tzinfo=UTC)
"""Of New Year's Eve in Aruba."""
MORNING = datetime(2026, 1, 1, 4, 30, tzinfo=UTC)
BY_SOURCE = "notifications-by-source"


def at(two: World, now: datetime) -> Register:
    return replace(two[AW], clock=HandClock(now))


def test_year_travels_once_it_is_over_on_the_island(two: World) -> None:
    counter, jiumm = two.caller("AW-CMMA", Task.STATISTICS), two.caller("AW-JIUMM", Task.ENRICH)
    intake = IntakeIn.model_validate({"held_on": "2025-03-04", "sex": "FEMALE", "age_band": "30-39"})
    record_intake(two[AW], jiumm, intake, str(two[AW].clock.new_id()))

    def refused(now: datetime) -> set[str]:
        tables = owner_statistics(at(two, now), counter, 2025).registered
        return {why.code for table in tables for one in table.verdicts for why in one.why}

    assert "period-open" in refused(EVENING)
    assert "period-open" not in refused(MORNING)


def test_year_is_contributed_once_it_is_over_on_the_island(two: World) -> None:
    counter = two.caller("AW-CMMA", Task.STATISTICS)
    with pytest.raises(RuleSaysNo) as refused:
        contribute(at(two, EVENING), counter, BY_SOURCE, "2025")
    assert "period-open" in str(refused.value.details)
    assert contribute(at(two, MORNING), counter, BY_SOURCE, "2025").is_new
