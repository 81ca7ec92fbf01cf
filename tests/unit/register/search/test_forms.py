"""Names, versions and documents: what is fixed between releases."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from register.search.feeding import versions
from register.search.feeding.changes import Put, Remove
from register.search.mapping import index_body, record_body, record_tombstone, token_body, token_tombstone
from register.search.names import Kind, index_name, parse, read_alias
from schemas.codes import Partition
from tests.integration.search.engine.builders import a_record
from tests.unit.register.search.scripted import PEPPERS, token

RECORD = UUID("0190d5a8-0000-7000-8000-000000000001")


def test_a_name_says_host_origin_kind_mapping_and_generation() -> None:
    name = index_name(Partition.CW, Partition.AW, Kind.TOKEN, 1, 7)

    assert name == "rtr-cw-aw-token-m1-000007"
    assert parse(name) == (Kind.TOKEN, 1, 7)
    assert read_alias(Partition.CW, Partition.AW, Kind.TOKEN) == "rtr-cw-aw-token-read"


@pytest.mark.parametrize(
    "name", ["rtr-cw-aw-token-read", "other", "rtr-cw-aw-token-m1-7", "rtr-cw-aw-token-m1-000007x", "rtr-*"]
)
def test_a_name_that_is_no_generation_of_ours_is_not_taken_for_one(name: str) -> None:
    assert parse(name) is None


def test_a_later_version_beats_a_removal_and_a_removal_beats_its_own_version() -> None:
    order = [step(v) for v in (1, 2, 3) for step in (versions.cleared, versions.held, versions.removed)]

    assert order == sorted(set(order))
    assert [versions.is_removed(each) for each in order] == [False, False, True] * 3


def test_clearing_for_a_version_in_force_never_beats_its_own_tokens() -> None:
    assert versions.held(4) < versions.sweep(versions.held(5)) < versions.held(5)
    assert versions.held(5) < versions.sweep(versions.removed(5)) < versions.held(6)


@pytest.mark.parametrize("version", [0, -1, 2**53])
def test_a_version_out_of_range_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="version"):
        Put(Partition.AW, RECORD, version, a_record(), ())
    with pytest.raises(ValueError, match="version"):
        Remove(Partition.AW, RECORD, version)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_mapping_is_strict_on_one_shard_and_names_every_field_that_is_written(kind: Kind) -> None:
    body = index_body(kind, aliases=("a",))
    today = date(2026, 4, 1)
    live = token_body(
        PEPPERS.peppered(token(1)),
        family="phone",
        epoch=1,
        handle=PEPPERS.handle(Partition.AW, RECORD, 1, ["phone"]),
        object_key=PEPPERS.object_key(Partition.AW, RECORD),
    )
    written = {
        Kind.RECORD: [record_body(Partition.AW, 1, a_record()), record_tombstone(1, today)],
        Kind.TOKEN: [live, token_tombstone(today)],
    }[kind]

    assert body["mappings"]["dynamic"] == "strict"
    assert body["settings"] == {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}
    for document in written:
        assert document.keys() <= body["mappings"]["properties"].keys()


def test_a_tombstone_of_a_token_says_nothing_of_whose_it_was() -> None:
    assert token_tombstone(date(2026, 4, 1)) == {"gone_on": "2026-04-01"}
