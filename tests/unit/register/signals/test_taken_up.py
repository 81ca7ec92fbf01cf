"""Of a report that was taken up nothing that tells who somebody is goes; what protects may always be said."""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.signals.taken_up import takes_away
from tests.support.forms import a_form

MAN: dict[str, Any] = {
    "n": 1, "role": "SUSPECT", "kind": "person", "name": "Pruebo Ficticio", "birth": {"year": 1984},
    "nationality": "CO", "selectors": [{"type": "PHONE", "value": "+297 000 0999"}],
}  # fmt: skip
UNKNOWN: dict[str, Any] = {"n": 1, "role": "SUSPECT", "kind": "unknown"}
ADDED = [
    {**MAN, "birth": {"year": 1984, "month": 5, "day": 17}},
    {**MAN, "selectors": [*MAN["selectors"], {"type": "PHONE", "value": "+297 000 0998"}]},
    {**MAN, "role": "VICTIM_POTENTIAL"},
    {**MAN, "minor": False},
]
REPLACED = [
    {**MAN, "name": "Otro Ficticio"},
    {**MAN, "name": None},
    {**MAN, "birth": {"year": 1985}},
    {**MAN, "nationality": "VE"},
    {**MAN, "selectors": []},
    {**MAN, "selectors": [{"type": "PHONE", "value": "+297 000 0001"}]},
    {**MAN, "role": "COMPANION"},
    {**MAN, "n": 2},
]


def after(*subjects: dict[str, Any]) -> tuple[int, ...]:
    return takes_away(a_form(subjects=[MAN]), a_form(subjects=list(subjects)))


@pytest.mark.parametrize("now", ADDED)
def test_adding_takes_nothing_away(now: dict[str, Any]) -> None:
    assert after(now) == ()


@pytest.mark.parametrize("now", REPLACED)
def test_leaving_out_and_replacing_do(now: dict[str, Any]) -> None:
    assert after(now) == (1,)


def test_somebody_who_was_unknown_may_be_told() -> None:
    known = {**UNKNOWN, "kind": "person", "name": "Pruebo Ficticio"}
    assert takes_away(a_form(subjects=[UNKNOWN]), a_form(subjects=[known])) == ()


def test_victim_stays_one_and_a_child_a_child() -> None:
    child = {**MAN, "role": "VICTIM_POTENTIAL", "minor": True, "birth": None}
    for now in ({**child, "role": "SUSPECT"}, {**child, "minor": None}):
        assert takes_away(a_form(subjects=[child]), a_form(subjects=[now])) == (1,)
