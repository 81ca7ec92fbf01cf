"""`rtr privacy`: what rang, in words, and the nights."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.codes import AlarmKind, code_list
from tests.unit.api.cli.desk import person
from tests.unit.api.client.builders import ID
from tests.unit.api.client.server import Answer

ROW = {
    "id": ID,
    "whose": "person",
    "about": "somebody",
    "actor": "somebody",
    "organisation": "AW-CMMA",
    "times": 2,
    "raised_at": "2026-03-11T10:00:00.000Z",
    "last_at": "2026-03-11T11:00:00.000Z",
}


@pytest.mark.parametrize("kind", AlarmKind)
def test_each_alarm_is_named_in_words(tmp_path: Path, kind: AlarmKind) -> None:
    with person(tmp_path, lambda _: Answer(200, {"items": [{**ROW, "kind": kind}], "next": None})) as officer:
        said = " ".join(officer.rtr("privacy", "alarms").stdout.split())
    assert code_list("alarm_kind")[kind].label() in said


@pytest.mark.parametrize("kind", AlarmKind)
def test_each_alarm_says_in_dutch_as_in_english_what_rang(kind: AlarmKind) -> None:
    one = code_list("alarm_kind")[kind]
    assert one.label("nl") != one.label("en")
    assert len(one.explain("nl")) > len(one.label("nl"))


NIGHT = {
    "evaluator": "NL", "day": "2026-03-09", "state": "finding", "listed": 7, "unasked": 2, "unlisted": 0,
    "looked_at": "2026-03-11T11:00:00.000Z",
}  # fmt: skip
FIGURES = {"since": "2026-02-09T10:00:00.000Z", "to_publish": 240, "published": 236, "unpublished": 4, "to_keep": 31}


def test_nights_are_listed_with_the_figure_of_what_is_not_published(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(200, {**FIGURES, "nights": [NIGHT]})) as officer:
        said = " ".join(officer.rtr("privacy", "nights").stdout.split())
        assert officer.rtr("--quiet", "privacy", "nights").stdout.strip() == "1 findings, 4 keys unpublished"
    assert "240 keys were evaluated to be published, of which 236 are and 4 are not; 31 were declared" in said
    assert "2026-03-09 NL finding 7 2 0" in said


def test_where_no_night_was_compared_yet_it_is_said(tmp_path: Path) -> None:
    with person(tmp_path, lambda _: Answer(200, {**FIGURES, "nights": []})) as officer:
        assert "No night was compared yet" in officer.rtr("privacy", "nights").stdout
