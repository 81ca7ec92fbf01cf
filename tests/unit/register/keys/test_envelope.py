"""Sealed fields: each opens in its own place only, under its own data key only, while the month's key lives."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.keys.envelope import Envelope, FieldSealBroken
from register.keys.keystore import KeyStore, UnknownSecret
from register.store.running.sealing import OpenKey, Place
from schemas.codes import Partition

KEY_ID, OTHER_ID = UUID(int=1), UUID(int=2)
HOME = Place(Partition.AW, "selector", "0196/1", "H1", 1)
ELSEWHERE = [
    Place(Partition.CW, "selector", "0196/1", "H1", 1),
    Place(Partition.AW, "subject", "0196/1", "H1", 1),
    Place(Partition.AW, "selector", "0196/2", "H1", 1),
    Place(Partition.AW, "selector", "0196/1", "H0", 1),
    Place(Partition.AW, "selector", "0196/1", "H1", 2),
]


@pytest.fixture(scope="module")
def keystore(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    file = tmp_path_factory.mktemp("keys") / "aw.keystore"
    return KeyStore.create(file, b"a passphrase of the node", first=("kek/2029-01", "kek/2031-11", "kek/2031-12"))


@pytest.fixture(scope="module")
def envelope(keystore: KeyStore) -> Envelope:
    return Envelope(keystore)


def test_a_field_opens_in_its_own_place(envelope: Envelope) -> None:
    key = _key(envelope)
    assert key.open(HOME, "value", key.seal(HOME, "value", b"+297 000")) == b"+297 000"


@pytest.mark.parametrize("place", ELSEWHERE, ids=["country", "table", "row", "handling", "schema version"])
def test_a_field_moved_to_another_place_does_not_open(envelope: Envelope, place: Place) -> None:
    key = _key(envelope)
    with pytest.raises(FieldSealBroken):
        key.open(place, "value", key.seal(HOME, "value", b"+297 000"))


def test_a_field_moved_to_another_column_or_under_another_key_id_does_not_open(envelope: Envelope) -> None:
    _, plain = envelope.new_key("kek/2031-11", KEY_ID.bytes)
    key, renamed = OpenKey(KEY_ID, plain, envelope), OpenKey(OTHER_ID, plain, envelope)
    sealed = key.seal(HOME, "value", b"+297 000")
    with pytest.raises(FieldSealBroken):
        key.open(HOME, "details", sealed)
    with pytest.raises(FieldSealBroken):
        renamed.open(HOME, "value", sealed)


@given(plain=st.binary(max_size=64), at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed_wherever_it_is(plain: bytes, at: int, flip: int, envelope: Envelope) -> None:
    key = _key(envelope)
    sealed = bytearray(key.seal(HOME, "value", plain))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(FieldSealBroken):
        key.open(HOME, "value", bytes(sealed))


@given(cut=st.integers(0, 27))
def test_a_field_cut_short_is_refused_like_a_changed_one(cut: int, envelope: Envelope) -> None:
    key = _key(envelope)
    with pytest.raises(FieldSealBroken):
        key.open(HOME, "value", key.seal(HOME, "value", b"")[:cut])


def test_a_fresh_data_key_comes_back_from_its_wrapping(envelope: Envelope) -> None:
    kek, (wrapped, plain) = "kek/2031-11", envelope.new_key("kek/2031-11", KEY_ID.bytes)
    assert (kek, envelope.unwrap(kek, wrapped, KEY_ID.bytes)) == ("kek/2031-11", plain)
    assert plain not in wrapped


def test_a_wrapped_key_opens_under_its_own_id_and_month_only(envelope: Envelope) -> None:
    kek, (wrapped, _) = "kek/2031-11", envelope.new_key("kek/2031-11", KEY_ID.bytes)
    other = "kek/2031-12"
    for name, key_id in ((kek, OTHER_ID), (other, KEY_ID)):
        with pytest.raises(FieldSealBroken):
            envelope.unwrap(name, wrapped, key_id.bytes)
    with pytest.raises(FieldSealBroken):
        envelope.unwrap(kek, wrapped[:11], KEY_ID.bytes)


def test_no_two_data_keys_and_no_two_sealings_are_alike(envelope: Envelope) -> None:
    assert len({envelope.new_key("kek/2031-11", KEY_ID.bytes)[1] for _ in range(50)}) == 50
    key = _key(envelope)
    assert len({key.seal(HOME, "value", b"same") for _ in range(50)}) == 50


def test_what_a_destroyed_months_key_wrapped_is_gone(keystore: KeyStore, envelope: Envelope) -> None:
    kek, (wrapped, _) = "kek/2029-01", envelope.new_key("kek/2029-01", KEY_ID.bytes)
    keystore.destroy(kek)
    with pytest.raises(UnknownSecret):
        envelope.unwrap(kek, wrapped, KEY_ID.bytes)


def _key(envelope: Envelope) -> OpenKey:
    return OpenKey(KEY_ID, envelope.new_key("kek/2031-11", KEY_ID.bytes)[1], envelope)
