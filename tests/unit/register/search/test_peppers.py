"""What hides a token, a record and a subject."""

from __future__ import annotations

from uuid import UUID

import pytest

from register.search.feeding.changes import TokenEntry, handles_of
from register.search.peppers import Peppers, is_digest
from schemas.codes import Partition
from tests.unit.register.search.scripted import PEPPERS, token

RECORD = UUID("0190d5a8-0000-7000-8000-000000000001")
OTHER = UUID("0190d5a8-0000-7000-8000-000000000002")


def test_a_token_is_hidden_alike_for_all_origins_and_differently_by_each_host() -> None:
    other_host = Peppers(token=b"u" * 32, identity=b"i" * 32)

    assert PEPPERS.peppered(token(1)) == PEPPERS.peppered(token(1))
    assert PEPPERS.peppered(token(1)) != other_host.peppered(token(1))
    assert token(1).hex() not in PEPPERS.peppered(token(1))


def test_every_digest_has_its_own_domain() -> None:
    same = Peppers(token=b"a" * 32, identity=b"b" * 32)
    digests = {
        same.peppered(RECORD.bytes),
        same.object_key(Partition.AW, RECORD),
        same.handle(Partition.AW, RECORD, 1, ()),
        same.document_id(Partition.AW, RECORD, 1, b""),
    }

    assert len(digests) == 4
    assert all(map(is_digest, digests))


def test_a_document_id_tells_origin_record_subject_and_token_apart() -> None:
    ids = {
        PEPPERS.document_id(origin, record, subject, value)
        for origin in (Partition.AW, Partition.CW)
        for record in (RECORD, OTHER)
        for subject in (1, 11)
        for value in (token(1), b"1" + token(1))
    }

    assert len(ids) == 16


def test_a_handle_stands_for_the_set_of_families() -> None:
    once = PEPPERS.handle(Partition.AW, RECORD, 1, ["phone", "p1"])

    assert once == PEPPERS.handle(Partition.AW, RECORD, 1, ["p1", "phone", "p1"])
    assert once != PEPPERS.handle(Partition.AW, RECORD, 1, ["phone"])
    assert once != PEPPERS.handle(Partition.AW, RECORD, 1, ["phonep1"])


def test_the_store_gets_for_each_subject_the_handle_that_the_index_will_return() -> None:
    entries = [TokenEntry(1, "phone", 1, token(1)), TokenEntry(1, "p1", 1, token(2)), TokenEntry(2, "p1", 1, token(3))]

    assert handles_of(PEPPERS, Partition.AW, RECORD, entries) == {
        1: (PEPPERS.handle(Partition.AW, RECORD, 1, ["phone", "p1"]), frozenset({"phone", "p1"})),
        2: (PEPPERS.handle(Partition.AW, RECORD, 2, ["p1"]), frozenset({"p1"})),
    }


@pytest.mark.parametrize(("first", "second"), [(b"t" * 31, b"i" * 32), (b"t" * 32, b"i" * 31), (b"t" * 32, b"t" * 32)])
def test_short_or_equal_peppers_are_refused(first: bytes, second: bytes) -> None:
    with pytest.raises(ValueError, match="pepper"):
        Peppers(token=first, identity=second)


def test_peppers_are_not_printed() -> None:
    assert "ttt" not in repr(PEPPERS)
