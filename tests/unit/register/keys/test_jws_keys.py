"""Signing keys: one algorithm each, taken from others only when they are what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa

from register.keys.jwk import PrivateKey, PublicKey, UnusableKey, read_key_set, write_key_set
from register.keys.strict_json import encode_base64url

KEY = PrivateKey.from_raw(bytes(range(32)))
P256 = PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))
RSA = PrivateKey.of(rsa.generate_private_key(65_537, 2_048))
FIELD = 2**255 - 19


def jwk(**changes: Any) -> dict[str, Any]:
    whole = {**KEY.public().jwk("k1"), **changes}
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize("key", [KEY, P256, RSA])
def test_public_key_survives_the_way_out_and_in(key: PrivateKey) -> None:
    public = key.public()

    again = PublicKey.from_jwk(public.jwk("k1"))

    assert again.algorithm == public.algorithm
    assert again.thumbprint() == public.thumbprint()


def test_raw_bytes_survive_the_way_out_and_in() -> None:
    assert PrivateKey.from_raw(KEY.raw()).public().raw() == KEY.public().raw()
    assert PublicKey.from_raw(KEY.public().raw()).jwk("k") == KEY.public().jwk("k")


def test_thumbprint_is_the_published_one() -> None:
    """RFC 8037, A.3."""
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})

    assert key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_fresh_keys_differ() -> None:
    assert PrivateKey.generate().raw() != PrivateKey.generate().raw()


def test_private_key_is_not_shown() -> None:
    assert repr(KEY) == "PrivateKey(algorithm='Ed25519')"


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"use": None, "key_ops": ["encrypt"]},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"key_ops": []},
        {"alg": "EdDSA"},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": 1},
        {"crv": "Ed448"},
        {"crv": "X25519"},
        {"crv": None},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA"},
        {"kty": None},
        {"x": None},
        {"x": 1},
        {"x": ""},
        {"x": "AAAA"},
        {"x": KEY.public().jwk("k")["x"] + "="},
        {"d": "AAAA"},
    ],
)
def test_key_that_is_not_exactly_one_for_signatures_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableKey):
        PublicKey.from_jwk(jwk(**changes))


@pytest.mark.parametrize("changes", [{"use": None}, {"alg": None}, {"key_ops": ["verify"]}, {"use": None, "alg": None}])
def test_key_that_leaves_out_what_it_may_is_taken(changes: dict[str, Any]) -> None:
    assert PublicKey.from_jwk(jwk(**changes)).raw() == KEY.public().raw()


@pytest.mark.parametrize(
    "key",
    [
        ed448.Ed448PrivateKey.generate().public_key(),
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        rsa.generate_private_key(65_537, 1_024).public_key(),  # noqa: S505 - refused for it
        rsa.generate_private_key(3, 2_048).public_key(),
        dsa.generate_private_key(1_024).public_key(),  # noqa: S505 - refused for it
        "a text",
    ],
    ids=["Ed448", "P-384", "secp256k1", "RSA 1024", "RSA with exponent 3", "DSA", "text"],
)
def test_other_kinds_of_key_are_refused(key: object) -> None:
    with pytest.raises(UnusableKey):
        PublicKey.of(key)


def times_eight_is_neutral(y: int) -> bool:
    """Whether the point of that y has an order that divides 8, by the curve's own equations (RFC 8032, 5.1)."""
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
    root = pow(square, (FIELD + 3) // 8, FIELD)
    if root * root % FIELD != square:
        root = root * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert root * root % FIELD == square, "not on the curve"
    x = root
    for _ in range(3):
        bend = d * x * x * y * y % FIELD
        x, y = 2 * x * y * pow(1 + bend, -1, FIELD) % FIELD, (y * y + x * x) * pow(1 - bend, -1, FIELD) % FIELD
    return (x, y) == (0, 1)


SMALL = [
    0,
    1,
    FIELD - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
]


@pytest.mark.parametrize("y", SMALL)
@pytest.mark.parametrize("sign", [0, 1])
def test_key_of_small_order_is_refused(y: int, sign: int) -> None:
    """Under such a key a signature can hold for a message that was never signed."""
    assert times_eight_is_neutral(y)

    with pytest.raises(UnusableKey):
        PublicKey.from_raw((y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("y", [FIELD, FIELD + 1, FIELD + 18])
def test_key_in_a_second_spelling_is_refused(y: int) -> None:
    with pytest.raises(UnusableKey):
        PublicKey.from_raw(y.to_bytes(32, "little"))


def test_point_off_the_curve_is_no_p256_key() -> None:
    bent = P256.public().jwk("k1")
    bent["y"] = bent["x"]

    with pytest.raises(UnusableKey):
        PublicKey.from_jwk(bent)


def test_short_coordinate_is_no_p256_key() -> None:
    bent = P256.public().jwk("k1")
    bent["x"] = encode_base64url(b"\x01" * 31)

    with pytest.raises(UnusableKey):
        PublicKey.from_jwk(bent)


def test_key_set_survives_the_way_out_and_in() -> None:
    keys = {"a": KEY.public(), "b": P256.public(), "c": RSA.public()}

    again = read_key_set(write_key_set(keys))

    assert {kid: key.thumbprint() for kid, key in again.items()} == {kid: key.thumbprint() for kid, key in keys.items()}


def test_keys_of_a_set_that_serve_other_ends_are_passed_over() -> None:
    document = {
        "keys": [
            KEY.public().jwk("good"),
            {**KEY.public().jwk("sealing"), "use": "enc"},
            {**RSA.public().jwk("old"), "alg": "RS256"},
            {"kty": "oct", "k": "AAAA", "kid": "shared"},
            {**KEY.public().jwk("x"), "kid": None},
            "no key at all",
        ]
    }

    assert list(read_key_set(json.dumps(document).encode())) == ["good"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":[],"keys":[]}',
        json.dumps({"keys": [KEY.public().jwk("a"), P256.public().jwk("a")]}).encode(),
        json.dumps({"keys": [KEY.public().jwk(str(n)) for n in range(101)]}).encode(),
        b'{"keys":[' + b" " * 300_000 + b"]}",
    ],
    ids=["empty", "list", "no keys", "object", "no entry", "twice", "kid twice", "too many", "too large"],
)
def test_key_set_that_is_odd_is_refused_as_a_whole(document: bytes) -> None:
    with pytest.raises(UnusableKey):
        read_key_set(document)
