"""What may not be held waits as stub and reason, without its body, and is looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.canonical import b64
from schemas.codes import Partition
from sync.status import exchange_status
from tests.integration.exchange.looking import held, record, rows, verdicts
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW


def _subject(role: str, category: str) -> dict[str, Any]:
    return {"n": 1, "role": role, "category": category, "kind": "person"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"edition": b64(bytes(32))}, "unknown-edition"),
        ({"record": {"reference": "SX-2026-1"}}, "foreign-reference"),
        ({"record": {"subjects": [_subject("VICTIM_PRESUMED", "VICTIM")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("VICTIM_NOT", "INVOLVED")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("COMPANION", "VICTIM")]}}, "protected-person"),
        ({"record": {"subjects": [_subject("REPORTER", "IN_RELATION")]}}, "protected-person"),
        ({"audience": ["SX"]}, "label-audience"),
        ({"retain_until": "2020-01-01"}, "retention-passed"),
        ({"legal_basis": "WPG10B"}, "refused-by-rule"),
        ({"ext": {"critical": {"later": 1}}}, "critical-unknown"),
    ],
)
def test_what_may_not_be_held_is_quarantined_without_its_body_and_the_rest_goes_on(
    trio: Net, changes: dict[str, Any], code: str
) -> None:
    bad = trio[CW].put(AW, number=1, **changes)
    good = trio[CW].put(AW, number=2)
    trio[CW].append()
    assert trio[AW].pull_all(CW) == 2
    assert held(trio[AW], CW, bad, good) == {good: "CW-2026-2"}
    assert verdicts(trio, AW, CW) == ["quarantined", "held"]
    row = record(trio, AW, bad)
    assert (row["live"], row["body_sealed"], row["data_key"], row["reference"]) == (False, None, None, None)
    status = next(p for p in exchange_status(trio[AW].register).partners if p.partner is CW)
    assert [(q.seq, q.code) for q in status.received.quarantine] == [(1, code)]
    if code in {"refused-by-rule", "protected-person"}:
        assert status.received.quarantine[0].rule
    there = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert there.sent.refused == ((1, code),)
    assert there.sent.not_converged == ("quarantine",)


def test_looking_again_pulls_the_entry_anew_and_holds_it_once_it_may_be_held(trio: Net) -> None:
    today = trio[CW].register.today()
    about = trio[CW].put(AW, retain_until=f"{today + timedelta(days=2)}")
    trio[CW].append()
    trio.clocks[AW].offset = timedelta(days=4)
    trio.clocks[CW].offset = timedelta(days=4)
    trio[AW].pull_all(CW)
    assert not held(trio[AW], CW, about)
    assert trio[AW].receiver.look_again(CW, not_since=0) == 0
    trio.clocks[AW].offset = trio.clocks[CW].offset = timedelta()
    assert trio[AW].receiver.look_again(CW, not_since=0) == 1
    assert held(trio[AW], CW, about)
    assert not rows(trio, "SELECT 1 FROM rtr.quarantine WHERE country = 'AW'")
    assert rows(trio, "SELECT 1 FROM rtr.search_key WHERE country = 'AW' AND record = :r", r=about)
    there = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert there.sent.converged


def test_what_was_looked_at_lately_is_left_alone(trio: Net) -> None:
    trio[CW].put(AW, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    asked = rows(trio, "SELECT count(*) AS n FROM rtr.request_seen WHERE country = 'CW'")
    assert trio[AW].receiver.look_again(CW, not_since=3600) == 0
    assert rows(trio, "SELECT count(*) AS n FROM rtr.request_seen WHERE country = 'CW'") == asked


def test_a_newer_version_releases_the_older_one(trio: Net) -> None:
    about = trio[CW].put(AW, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2, about=about)
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, about) == {about: "CW-2026-2"}
    assert verdicts(trio, AW, CW) == ["gone", "held"]


def test_a_version_that_may_not_be_held_takes_the_older_one_away(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].put(AW, number=2, about=about, legal_basis="WPG10B")
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert not held(trio[AW], CW, about)
    assert not rows(trio, "SELECT 1 FROM rtr.search_key WHERE country = 'AW' AND record = :r", r=about)


def test_a_victim_of_whom_only_is_told_that_there_is_one_is_held(trio: Net) -> None:
    there = trio[CW].put(AW, record={"subjects": [_subject("VICTIM_PRESUMED", "VICTIM")], "tokens": []})
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, there)
