"""The live set follows from stubs alone, at both ends alike; convergence says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import canonical, merkle
from schemas.exchange import wire
from schemas.exchange.wire import Receipt, Stub
from sync.protocol.documents.receipt import ReceiptFacts, ReceiptMark, draft_receipt
from sync.protocol.documents.stub import Tip, read_stub
from sync.protocol.liveset import AsOf, LiveObject, LiveSet, judge_convergence, live_root
from tests.simulator.builders import PUT, RETRACT, RETRACT_BYTES, an_id, chained, put_bytes
from tests.unit.exchange.scene import LOG, NOW, START, tip_of

A, B, C = an_id(1), an_id(2), an_id(3)
BODY = put_bytes()


def stubs(*drafts: tuple[str, str, int, bytes]) -> list[Stub]:
    return [read_stub(entry.stub) for entry in chained(START, *drafts)]


def live(*drafts: tuple[str, str, int, bytes]) -> list[tuple[str, int]]:
    return [(found.object, found.version) for found in LiveSet(stubs(*drafts))]


def test_an_object_lives_from_its_put_to_its_retract() -> None:
    assert live((PUT, B, 1, BODY), (PUT, A, 1, BODY), (RETRACT, B, 2, RETRACT_BYTES)) == [(A, 1)]


def test_only_the_newest_version_lives_and_a_put_above_a_retract_lives_again() -> None:
    assert live((PUT, A, 1, BODY), (PUT, A, 2, BODY), (RETRACT, B, 4, RETRACT_BYTES), (PUT, B, 5, BODY)) == [
        (A, 2),
        (B, 5),
    ]


def test_a_stale_put_after_a_retract_does_not_bring_an_object_back() -> None:
    assert live((PUT, A, 1, BODY), (RETRACT, A, 2, RETRACT_BYTES), (PUT, A, 1, BODY)) == []


def test_a_version_told_twice_lives_as_it_was_told_first() -> None:
    told = stubs((PUT, A, 1, BODY), (PUT, A, 1, put_bytes(reference="CW-2026-9")))
    assert LiveSet(told).root() == LiveSet(told[:1]).root()


def test_other_types_do_not_live() -> None:
    assert live(("contact.test", A, 1, b"{}"), ("query", B, 9, b"{}"), (PUT, B, 1, BODY)) == [(B, 1)]


def test_a_leaf_is_over_the_canonical_bytes_of_object_version_and_commitment() -> None:
    found = LiveObject(A, 3, bytes(range(32)))
    document = {"object": A, "version": 3, "commitment": canonical.b64(bytes(range(32)))}
    assert found.leaf() == merkle.leaf_hash(canonical.dumps(document))


def test_the_root_is_the_tree_head_over_the_leaves_sorted_by_object() -> None:
    objects = [LiveObject(name, 1, bytes(32)) for name in (A, B, C)]
    assert live_root(iter(objects)) == merkle.tree_head([found.leaf() for found in objects])
    with pytest.raises(ValueError, match="sorted by object"):
        live_root([objects[1], objects[0]])
    with pytest.raises(ValueError, match="sorted by object"):
        live_root([objects[0], objects[0]])


ENTRIES = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
TIP = tip_of(ENTRIES)
ROOT = LiveSet(read_stub(entry.stub) for entry in ENTRIES).root()


def receipt(applied: Tip = TIP, root: bytes | None = ROOT, quarantined: tuple[tuple[int, str], ...] = ()) -> Receipt:
    facts = ReceiptFacts(at=wire.instant(NOW), roster=1, live_root=root, quarantined=quarantined)
    return draft_receipt(LOG, ReceiptMark.none(LOG), applied, facts)[0]


def test_a_pair_has_converged_when_tip_root_quarantine_and_index_agree() -> None:
    assert judge_convergence(receipt(), TIP, ROOT, index_caught_up=True)


@pytest.mark.parametrize(
    ("newest", "index", "reasons"),
    [
        (None, True, ("no-receipt",)),
        (receipt(tip_of(ENTRIES[:1])), True, ("behind",)),
        (receipt(Tip(2, bytes(32))), True, ("other-log",)),
        (receipt(Tip(3, bytes(32))), True, ("other-log",)),
        (receipt(root=None), True, ("roots-differ",)),
        (receipt(root=bytes(32)), True, ("roots-differ",)),
        (receipt(quarantined=((1, "policy-refused"),)), True, ("quarantine",)),
        (receipt(), False, ("index-behind",)),
        (receipt(tip_of(ENTRIES[:1]), None), True, ("behind",)),
        (receipt(START, bytes(32)), False, ("behind", "roots-differ", "index-behind")),
    ],
)
def test_a_pair_that_has_not_converged_says_why(newest: Receipt | None, index: bool, reasons: tuple[str, ...]) -> None:  # noqa: FBT001 - a table
    found = judge_convergence(newest, TIP, ROOT, index_caught_up=index)
    assert (found.reasons, bool(found)) == (reasons, False)


@pytest.mark.parametrize(
    ("as_of", "stale"),
    [
        (AsOf(1, 5, 5, NOW), False),
        (AsOf(1, 4, 5, NOW), True),
        (AsOf(1, 5, 5, NOW - timedelta(minutes=3)), False),
        (AsOf(1, 5, 5, NOW - timedelta(minutes=3, seconds=1)), True),
        (AsOf(1, 0, None, None), True),
    ],
)
def test_a_copy_is_stale_when_entries_are_missing_or_the_head_is_old(as_of: AsOf, stale: bool) -> None:  # noqa: FBT001 - a table
    assert as_of.is_stale(NOW) is stale
