"""When a day's list is asked for, when its evaluator is silent, and what makes a day a finding."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from register.domain.exchange.reconciling import Asked, NightState, is_due, is_silent, reconcile_night
from schemas.exchange.evaluation import EvaluationPurpose

DAY = date(2026, 11, 29)
OVER = datetime(2026, 11, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEARCH, REGISTER = EvaluationPurpose.SEARCH, EvaluationPurpose.REGISTER
ID, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("since_it_was_over", "due", "silent"),
    [
        (timedelta(), False, False),
        (timedelta(hours=24) - SECOND, False, False),
        (timedelta(hours=24), True, False),
        (timedelta(days=4) - SECOND, True, False),
        (timedelta(days=4), True, True),
    ],
)
def test_a_day_is_compared_a_day_after_it_was_over_and_its_evaluator_is_silent_three_days_later(
    since_it_was_over: timedelta,
    due: bool,  # noqa: FBT001 - a case
    silent: bool,  # noqa: FBT001 - a case
) -> None:
    now = OVER + since_it_was_over
    assert (is_due(DAY, now), is_silent(DAY, now)) == (due, silent)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ({}, NightState.MATCHED),
        ({"listed": {}}, NightState.MATCHED),
        ({"asked": {}}, NightState.FINDING),
        ({"asked": {ID: Asked(SEARCH, 3, traced=False)}}, NightState.FINDING),
        ({"asked": {ID: Asked(SEARCH, 2, traced=True)}}, NightState.FINDING),
        ({"asked": {ID: Asked(SEARCH, 4, traced=True)}}, NightState.FINDING),
        ({"asked": {ID: Asked(REGISTER, 3, traced=True)}}, NightState.FINDING),
        ({"unlisted": [OTHER]}, NightState.FINDING),
        ({"bound": False}, NightState.FINDING),
    ],
)
def test_a_day_matches_where_each_request_was_asked_here_so_with_a_trace_and_none_is_left_out(
    what: dict[str, Any], state: NightState
) -> None:
    fits: dict[str, Any] = {
        "listed": {ID: (SEARCH, 3)},
        "asked": {ID: Asked(SEARCH, 3, traced=True)},
        "unlisted": [],
    }
    night = reconcile_night(DAY, **(fits | what))
    assert night.state is state
    assert night.unasked == ((ID,) if "asked" in what else ())
    assert night.unlisted == tuple(what.get("unlisted", ()))
