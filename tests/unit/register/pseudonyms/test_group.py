"""The strict layer over libsodium: RFC 9496, and everything that must be refused."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.pseudonyms.errors import InvalidElement, InvalidInput, InvalidScalar, LibraryMissing
from register.pseudonyms.oprf import libsodium
from register.pseudonyms.oprf.group import ORDER, Element, Ristretto255, Scalar, ristretto255, small_scalar
from tests.unit.register.pseudonyms.oracle import refusal

GENERATOR = Element(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
TWICE = bytes.fromhex("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919")
IDENTITY = bytes(32)
TWO = small_scalar(2)

# RFC 9496, appendix A.3, in its order.
INVALID = {
    "non-canonical": """
        00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
        f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
        edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
    """,
    "negative": """
        0100000000000000000000000000000000000000000000000000000000000000
        01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
        ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20
        c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
        c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78
        47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
        f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72
        87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
    """,
    "non-square": """
        26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371
        4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
        de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b
        bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
        2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08
        f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
        8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731
        2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
    """,
    "negative xy": """
        3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e
        a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
        d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e
        8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
        32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b
        227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
        5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e
        445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
    """,
    "y is zero": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}
ENCODINGS = [(why, bytes.fromhex(text)) for why, texts in INVALID.items() for text in texts.split()]


@pytest.mark.parametrize(("why", "encoded"), ENCODINGS, ids=lambda value: value if isinstance(value, str) else "")
def test_invalid_encoding_is_refused_wherever_an_element_goes_in(why: str, encoded: bytes) -> None:
    group, bad = ristretto255(), Element(encoded)
    assert refusal(encoded) == why, "the list itself is right"
    doors: list[Callable[[], Any]] = [
        lambda: group.element(encoded),
        lambda: group.multiply(TWO, bad),
        lambda: group.add(bad, GENERATOR),
        lambda: group.add(GENERATOR, bad),
    ]
    for door in doors:
        with pytest.raises(InvalidElement):
            door()


@given(encoded=st.binary(min_size=32, max_size=32))
def test_decoding_agrees_with_the_steps_of_the_rfc(encoded: bytes) -> None:
    even = bytes([encoded[0] & 0xFE]) + encoded[1:31] + bytes([encoded[31] & 0x7F])
    for candidate in (encoded, even):
        if refusal(candidate) is None and candidate != IDENTITY:
            assert ristretto255().element(candidate) == candidate
        else:
            with pytest.raises(InvalidElement):
                ristretto255().element(candidate)


def test_second_encoding_that_older_libraries_accept_is_refused() -> None:
    """The highest bit is no part of an element: set, it must not give the same element under another name."""
    twin = Element(GENERATOR[:31] + bytes([GENERATOR[31] | 0x80]))
    assert refusal(twin) == "non-canonical"
    for door in (ristretto255().element, lambda e: ristretto255().multiply(TWO, e)):
        with pytest.raises(InvalidElement):
            door(twin)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_only_the_exact_length_is_taken(length: int) -> None:
    group = ristretto255()
    with pytest.raises(InvalidElement):
        group.element(GENERATOR[:1] * length)
    with pytest.raises(InvalidScalar):
        group.scalar(b"\1" * length)
    with pytest.raises(InvalidInput):
        group.reduce(b"\1" * (length + 1))


@pytest.mark.parametrize("value", [bytearray(32), memoryview(GENERATOR), GENERATOR.hex(), None])
def test_only_bytes_are_taken(value: Any) -> None:
    with pytest.raises(InvalidElement):
        ristretto255().element(value)
    with pytest.raises(InvalidScalar):
        ristretto255().multiply_base(value)


def test_identity_is_refused_on_the_way_in() -> None:
    group = ristretto255()
    for door in (group.element, lambda e: group.multiply(TWO, e), lambda e: group.add(e, GENERATOR)):
        with pytest.raises(InvalidElement):
            door(Element(IDENTITY))


def test_identity_is_refused_on_the_way_out() -> None:
    group = ristretto255()
    minus_one = Scalar((ORDER - 1).to_bytes(32, "little"))
    with pytest.raises(InvalidElement):
        group.add(GENERATOR, group.multiply_base(minus_one))


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**252 + 2**200, 2**255 - 1, 2**256 - 1])
def test_scalar_outside_of_one_to_order_less_one_is_refused(number: int) -> None:
    group, bad = ristretto255(), Scalar(number.to_bytes(32, "little"))
    doors: list[Callable[[], Any]] = [
        lambda: group.scalar(bad),
        lambda: group.multiply(bad, GENERATOR),
        lambda: group.multiply_base(bad),
        lambda: group.scalar_add(bad, TWO),
        lambda: group.scalar_multiply(TWO, bad),
        lambda: group.scalar_invert(bad),
    ]
    for door in doors:
        with pytest.raises(InvalidScalar):
            door()


@pytest.mark.parametrize("number", [1, 2, 2**252 - 1, 2**252, ORDER - 1])
def test_scalar_below_the_order_is_taken(number: int) -> None:
    assert ristretto255().scalar(number.to_bytes(32, "little")) == number.to_bytes(32, "little")


def test_zero_is_refused_on_the_way_out() -> None:
    with pytest.raises(InvalidScalar):
        ristretto255().scalar_subtract(TWO, TWO)
    with pytest.raises(InvalidScalar):
        ristretto255().reduce(bytes(64))


def test_generator_and_its_double_are_those_of_the_rfc() -> None:
    group = ristretto255()
    assert group.multiply_base(small_scalar(1)) == GENERATOR
    assert group.multiply_base(TWO) == group.add(GENERATOR, GENERATOR) == group.multiply(TWO, GENERATOR) == TWICE


@given(one=st.integers(1, ORDER - 1), other=st.integers(1, ORDER - 1))
def test_scalar_arithmetic_is_that_of_integers_modulo_the_order(one: int, other: int) -> None:
    group = ristretto255()
    a, b = Scalar(one.to_bytes(32, "little")), Scalar(other.to_bytes(32, "little"))

    def number(value: bytes) -> int:
        return int.from_bytes(value, "little")

    assert number(group.scalar_multiply(a, b)) == one * other % ORDER
    assert number(group.scalar_invert(a)) == pow(one, -1, ORDER)
    if (one + other) % ORDER:
        assert number(group.scalar_add(a, b)) == (one + other) % ORDER
    if one != other:
        assert number(group.scalar_subtract(a, b)) == (one - other) % ORDER


def test_wheel_carries_a_library_that_computes_the_same(tmp_path: Path) -> None:
    group = Ristretto255(libsodium.load_from_wheel(tmp_path / "lib"))
    assert group.multiply_base(TWO) == TWICE
    assert group.hash_to_element(b"x", b"tag") == ristretto255().hash_to_element(b"x", b"tag")


def test_library_is_unpacked_once_and_repaired_if_changed(tmp_path: Path) -> None:
    runtime = tmp_path / "lib"
    libsodium.load_from_wheel(runtime)
    (unpacked,) = runtime.iterdir()
    genuine, written = unpacked.read_bytes(), unpacked.stat().st_mtime_ns
    libsodium.load_from_wheel(runtime)
    assert [file.stat().st_mtime_ns for file in runtime.iterdir()] == [written]
    unpacked.unlink()
    unpacked.write_bytes(b"not a library")
    libsodium.load_from_wheel(runtime)
    assert [file.read_bytes() for file in runtime.iterdir()] == [genuine]


def test_runtime_folder_that_others_may_read_is_refused(tmp_path: Path) -> None:
    runtime = tmp_path / "open"
    runtime.mkdir()
    runtime.chmod(0o755)
    with pytest.raises(LibraryMissing):
        libsodium.load_from_wheel(runtime)


def test_runtime_folder_is_made_private(tmp_path: Path) -> None:
    libsodium.load_from_wheel(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_wheel_is_used_where_the_system_has_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda _name: None)
    assert Ristretto255(libsodium.load(tmp_path / "lib")).multiply_base(TWO) == TWICE
    assert list((tmp_path / "lib").iterdir())
