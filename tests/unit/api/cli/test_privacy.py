"""`rtr privacy alarms`: what rang, in words."""

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
