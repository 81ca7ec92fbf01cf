"""A received extract that was damaged here is found before anybody asks, named to the operator, and whole again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from api.cli.running.checks import all_checks
from register.domain.running.node_finding import FindingCode
from register.services.exchange.checking.check_chains import check_chains
from register.services.exchange.checking.check_received import check_received
from register.services.exchange.checking.go_round import ROUND_EVERY
from register.services.running.check_node import check_node
from schemas.codes import Partition
from tests.integration.exchange.looking import held, record, rows
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW
FLIPPED = "set_byte({0}, 20, get_byte({0}, 20) # 1)"
BODY = (
    f"UPDATE rtr.received_record SET body_sealed = {FLIPPED.format('body_sealed')} WHERE country = 'AW' AND object = :o"
)
DATA_KEY = (
    f"UPDATE rtr.data_key SET wrapped = {FLIPPED.format('wrapped')} WHERE country = 'AW' AND id = "
    "(SELECT data_key FROM rtr.received_record WHERE country = 'AW' AND object = :o)"
)


def _damage(trio: Net, statement: str, about: UUID) -> None:
    rows(trio, statement, o=about)


def _findings(trio: Net) -> list[tuple[str, str]]:
    found = check_node(trio[AW].register)
    return [(one.about, one.detail) for one in found if one.code is FindingCode.RECEIVED_DAMAGED]


def _told(trio: Net) -> list[str]:
    found = rows(trio, "SELECT detail FROM rtr.to_do WHERE country = 'AW' AND done_at IS NULL")
    return [row["detail"] for row in found]


def _keys(trio: Net, about: UUID) -> list[tuple[object, ...]]:
    query = "SELECT * FROM rtr.search_key WHERE country = 'AW' AND record = :o ORDER BY key, subject, family"
    return [tuple(row.values()) for row in rows(trio, query, o=about)]


def _look(trio: Net) -> int:
    return check_received(trio[AW].register, turn_s=60)


def _held_by_aruba(trio: Net, *numbers: int) -> list[UUID]:
    made = [trio[CW].put(AW, number=n) for n in numbers]
    trio[CW].append()
    trio[AW].pull_all(CW)
    return made


@pytest.mark.parametrize("statement", [BODY, DATA_KEY], ids=["body", "data-key"])
def test_a_damaged_extract_is_found_named_and_fetched_anew_and_the_others_are_as_before(
    trio: Net, statement: str
) -> None:
    bad, good = _held_by_aruba(trio, 1, 2)
    before, keys = record(trio, AW, bad), _keys(trio, bad)
    _damage(trio, statement, bad)
    assert not _findings(trio)
    assert _look(trio) == 2
    assert _findings(trio) == [(CW, "1")]
    (said,) = [one for one in all_checks(trio[AW].register.settings) if one.name == "stored rows AW"]
    assert (said.ok, said.needed, said.detail) == (False, True, "received-damaged: CW 1")
    assert _told(trio) == ["damaged-received_record-CW"]
    assert trio[AW].receiver.fetch_damaged(CW) == 1
    assert held(trio[AW], CW, bad, good) == {bad: "CW-2026-1", good: "CW-2026-2"}
    after = record(trio, AW, bad)
    same = ("version", "commitment", "reference", "live", "first_held_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert _keys(trio, bad) == keys
    assert not _findings(trio)
    assert not _told(trio)
    assert [one.ok for one in all_checks(trio[AW].register.settings) if one.name == "stored rows AW"] == [True]
    assert trio[AW].receiver.fetch_damaged(CW) == 0


def test_search_keys_that_are_lost_or_strange_are_restored_by_the_look_and_hidden_ones_get_none(trio: Net) -> None:
    lost, strange, hidden = _held_by_aruba(trio, 1, 2, 3)
    keys = {about: _keys(trio, about) for about in (lost, strange)}
    assert all(keys.values())
    rows(trio, "DELETE FROM rtr.search_key WHERE country = 'AW' AND record = :o", o=lost)
    rows(trio, "UPDATE rtr.search_key SET key = 'x' || key WHERE country = 'AW' AND record = :o", o=strange)
    rows(trio, "UPDATE rtr.received_record SET hidden_at = now() WHERE country = 'AW' AND object = :o", o=hidden)
    rows(trio, "DELETE FROM rtr.search_key WHERE country = 'AW' AND record = :o", o=hidden)
    assert _look(trio) == 3
    assert {about: _keys(trio, about) for about in keys} == keys
    assert not _keys(trio, hidden)
    left = rows(trio, "SELECT id FROM rtr.audit_leaf WHERE country = 'AW' AND action = 'received.keys-restored'")
    assert len(left) == 2


def test_a_damaged_extract_that_its_origin_takes_back_is_damaged_no_more(trio: Net) -> None:
    (bad,) = _held_by_aruba(trio, 1)
    _damage(trio, BODY, bad)
    _look(trio)
    assert _findings(trio)
    trio[CW].retract(bad, AW)
    trio[CW].append()
    trio[AW].pull_all(CW)
    assert not _findings(trio)


def test_the_round_is_gone_once_a_day_and_goes_on_where_it_stopped(trio: Net) -> None:
    _held_by_aruba(trio, *range(1, 121))
    looks = []
    while looked_at := check_received(trio[AW].register, turn_s=0):
        looks.append(looked_at)
    assert looks == [50, 50, 20]
    assert check_received(trio[AW].register) == 0
    trio.clocks[AW].offset += ROUND_EVERY + timedelta(minutes=1)
    assert _look(trio) == 120


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"UPDATE rtr.log_entry SET stub = {FLIPPED.format('stub')} WHERE country = 'CW' AND seq = 2", "log_entry 2"),
        ("DELETE FROM rtr.log_entry WHERE country = 'CW' AND seq = 2", "log_entry 2"),
        ("DELETE FROM rtr.log_entry WHERE country = 'CW' AND seq = 3", "log_entry 3"),
        (f"UPDATE rtr.received_stub SET stub = {FLIPPED.format('stub')} WHERE country = 'AW' AND seq = 3",
         "received_stub 3"),
        ("DELETE FROM rtr.received_stub WHERE country = 'AW' AND seq = 1", "received_stub 1"),
    ],
)  # fmt: skip
def test_a_changed_or_missing_entry_of_a_log_is_named_before_anybody_pulls_it(
    trio: Net, statement: str, named: str
) -> None:
    _held_by_aruba(trio, 1, 2, 3)
    place = named.split(maxsplit=1)[0]
    kept = f"CREATE TABLE rtr.kept AS SELECT * FROM rtr.{place}"
    at, of = (CW, AW) if place == "log_entry" else (AW, CW)
    rows(trio, kept)
    try:
        rows(trio, statement)
        check_chains(trio[at].register, turn_s=60)
        found = [one for one in check_node(trio[at].register) if one.code is FindingCode.LOG_DAMAGED]
        assert [(one.about, one.detail) for one in found] == [(of, named)]
        # The row comes back from where it was kept, and the next round says so.
        rows(trio, f"DELETE FROM rtr.{place}")
        rows(trio, f"INSERT INTO rtr.{place} SELECT * FROM rtr.kept")
    finally:
        rows(trio, "DROP TABLE rtr.kept")
    trio.clocks[at].offset += ROUND_EVERY + timedelta(minutes=1)
    check_chains(trio[at].register, turn_s=60)
    assert not [one for one in check_node(trio[at].register) if one.code is FindingCode.LOG_DAMAGED]


def test_whole_logs_are_found_whole(trio: Net) -> None:
    _held_by_aruba(trio, 1, 2, 3)
    for country in (AW, CW):
        check_chains(trio[country].register, turn_s=60)
        assert not [one for one in check_node(trio[country].register) if one.code is FindingCode.LOG_DAMAGED]


def test_rows_that_are_whole_again_are_forgotten_and_those_that_are_not_are_kept(trio: Net) -> None:
    """Each portion asks about its own rows only, however many others are damaged."""
    bad = _held_by_aruba(trio, *range(1, 13))
    for one in bad:
        _damage(trio, BODY, one)
    _look(trio)
    assert _findings(trio) == [(CW, "12")]
    for one in bad[:5]:
        _damage(trio, BODY, one)  # a byte that is flipped twice is as it was
    trio.clocks[AW].offset += ROUND_EVERY + timedelta(minutes=1)
    _look(trio)
    assert _findings(trio) == [(CW, "7")]
    left = rows(trio, "SELECT record FROM rtr.damage WHERE country = 'AW'")
    assert {row["record"] for row in left} == {str(one) for one in bad[5:]}
