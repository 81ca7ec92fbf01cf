"""Signing keys: made, kept as bytes, and taken in from the JSON documents of others.

A key here has exactly one algorithm, fixed by its type: Ed25519, ES256 (P-256) or PS256 (RSA of 2,048 to 4,096
bits); RS256 in place of PS256, and the older name EdDSA for Ed25519, only where who reads the key says so. Nothing
that a message says can make a key serve another one. Does not keep keys (the key store does),
does not seal, and shows no private key.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self, assert_never

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, RSAPublicNumbers

from register.errors import PartnerError
from register.keys.strict_json import NotStrictBase64, NotStrictJson, decode_base64url, encode_base64url, parse_object

Algorithm = Literal["Ed25519", "ES256", "PS256", "RS256"]
Older = Literal["RS256", "EdDSA"]

ALGORITHMS: Final[frozenset[Algorithm]] = frozenset(("Ed25519", "ES256", "PS256"))
OLDER: Final[frozenset[Older]] = frozenset(("RS256", "EdDSA"))
"""What most providers sign with, and how they call it (RFC 7518, 8037): let in by an issuer's settings only."""
KEY_SET_MAX_BYTES: Final = 262_144
KEY_SET_MAX_KEYS: Final = 100
_RSA_BITS: Final = range(2_048, 4_097)
_RSA_EXPONENT: Final = 65_537
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
# y of the points of order 1, 2, 4 and 8: under such a key a signature holds for messages nobody signed
_SMALL_ORDER_Y: Final = frozenset(
    (
        0,
        1,
        _P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    )
)


class UnusableKey(PartnerError):
    """A public key is not one that may verify signatures here."""

    code = "unusable-key"
    advice = "Publish an Ed25519, P-256 or RSA key (2,048 to 4,096 bits) for signatures, with the exact `alg`."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies, with the one algorithm it does so by. Made by the class methods, which check it."""

    algorithm: Algorithm
    key: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey = field(repr=False)

    @classmethod
    def of(cls, key: object) -> Self:
        """Wrap a key object of `cryptography`; raises `UnusableKey` for Ed448, other curves and weak RSA."""
        match key:
            case Ed25519PublicKey():
                return cls("Ed25519", _check_sound_key(key))
            case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
                return cls("ES256", key)
            case RSAPublicKey() if _is_sound(key):
                return cls("PS256", key)
            case _:
                raise UnusableKey(f"expected an Ed25519, P-256 or sound RSA key, got {type(key).__name__}")

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """Take an Ed25519 key from its 32 bytes (RFC 8032); raises `UnusableKey`."""
        try:
            return cls.of(Ed25519PublicKey.from_public_bytes(raw))
        except ValueError:
            raise UnusableKey(f"expected 32 bytes of an Ed25519 key, got {len(raw)}") from None

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], older: AbstractSet[Older] = frozenset()) -> Self:
        """Take a key from a JWK (RFC 7517, 8037, 9864).

        `use` must be `sig` and `key_ops` hold `verify` where they are given; `alg` must be exactly the algorithm
        of the key's type (`EdDSA` is not: it also names Ed448); private members are refused.

        Args:
            jwk: the document's members.
            older: with RS256, an RSA key serves that unless its `alg` says PS256; with EdDSA, a key's `alg` may be it.

        Raises:
            UnusableKey: with what was wrong, never with the key.
        """
        if {"d", "p", "q", "dp", "dq", "qi", "k", "priv"} & jwk.keys():
            raise UnusableKey("the document holds a private key; treat that key as lost")
        if jwk.get("use", "sig") != "sig":
            raise UnusableKey("the key's `use` is not `sig`")
        operations = jwk.get("key_ops", ["verify"])
        if not isinstance(operations, list) or "verify" not in operations:
            raise UnusableKey("the key's `key_ops` do not hold `verify`")
        try:
            made = cls.of(_key_object(jwk))
        except (KeyError, TypeError, AttributeError, ValueError, NotStrictBase64):
            raise UnusableKey("the key's members are missing or malformed") from None
        if made.algorithm == "PS256" and "RS256" in older and jwk.get("alg", "RS256") == "RS256":
            return replace(made, algorithm="RS256")
        names = {made.algorithm} | ({"EdDSA"} if made.algorithm == "Ed25519" and "EdDSA" in older else set())
        if jwk.get("alg", made.algorithm) not in names:
            raise UnusableKey(f"the key's `alg` is not {made.algorithm}")
        return made

    def raw(self) -> bytes:
        """The 32 bytes of an Ed25519 key; a `TypeError` for another one."""
        if not isinstance(self.key, Ed25519PublicKey):
            raise TypeError(f"a key for {self.algorithm} has no raw form")
        return self.key.public_bytes_raw()

    def jwk(self, kid: str) -> dict[str, str]:
        """The public JWK, with `kid`, `use` and `alg`."""
        return {**self._members(), "kid": kid, "use": "sig", "alg": self.algorithm}

    def thumbprint(self) -> str:
        """SHA-256 of the key's required members (RFC 7638), base64url: a kid that names the key itself."""
        return encode_base64url(hashlib.sha256(rfc8785.dumps(dict(self._members()))).digest())

    def _members(self) -> dict[str, str]:
        match self.key:
            case Ed25519PublicKey():
                return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(self.key.public_bytes_raw())}
            case EllipticCurvePublicKey():
                point = self.key.public_numbers()
                return {"kty": "EC", "crv": "P-256", "x": _encode_number(point.x, 32), "y": _encode_number(point.y, 32)}
            case RSAPublicKey():
                numbers = self.key.public_numbers()
                return {"kty": "RSA", "n": _encode_number(numbers.n), "e": _encode_number(numbers.e)}
            case _:
                assert_never(self.key)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs. Its repr shows the algorithm only."""

    algorithm: Algorithm
    key: Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh Ed25519 key."""
        return cls.of(Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, key: Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey) -> Self:
        """Wrap a key object of `cryptography`; raises `UnusableKey` as `PublicKey.of` does."""
        return cls(PublicKey.of(key.public_key()).algorithm, key)

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """Take an Ed25519 key from its 32 secret bytes (RFC 8032); raises `UnusableKey`."""
        try:
            return cls.of(Ed25519PrivateKey.from_private_bytes(raw))
        except ValueError:
            raise UnusableKey("expected the 32 secret bytes of an Ed25519 key") from None

    def raw(self) -> bytes:
        """The 32 secret bytes of an Ed25519 key, for the key store alone; a `TypeError` for another key."""
        if not isinstance(self.key, Ed25519PrivateKey):
            raise TypeError(f"a key for {self.algorithm} has no raw form")
        return self.key.private_bytes_raw()

    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey.of(self.key.public_key())


def read_key_set(document: bytes, older: AbstractSet[Older] = frozenset()) -> dict[str, PublicKey]:
    """Return the usable keys of a JWK set (RFC 7517, section 5) by their kid.

    Keys for other algorithms or for encryption are passed over, since providers publish those too.

    Args:
        document: as received.
        older: as for `PublicKey.from_jwk`.

    Raises:
        UnusableKey: too large, not strict JSON, no `keys`, a kid given twice, or no usable key at all.
    """
    if len(document) > KEY_SET_MAX_BYTES:
        raise UnusableKey(f"the key set is larger than {KEY_SET_MAX_BYTES} bytes")
    try:
        entries = parse_object(document).get("keys")
    except NotStrictJson as exc:
        raise UnusableKey(f"the key set is refused: {exc}") from None
    if not isinstance(entries, list) or len(entries) > KEY_SET_MAX_KEYS:
        raise UnusableKey(f"expected `keys` with at most {KEY_SET_MAX_KEYS} keys")
    named = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("kid"), str)]
    if len({entry["kid"] for entry in named}) != len(named):
        raise UnusableKey("two keys of the set have the same kid")
    usable: dict[str, PublicKey] = {}
    for entry in named:
        try:
            usable[entry["kid"]] = PublicKey.from_jwk(entry, older)
        except UnusableKey:
            continue
    if not usable:
        raise UnusableKey("the key set holds no key that may verify signatures here")
    return usable


def write_key_set(keys: Mapping[str, PublicKey]) -> bytes:
    """Return the JWK set of these keys, canonical (RFC 8785), ordered by kid."""
    return rfc8785.dumps({"keys": [dict(key.jwk(kid)) for kid, key in sorted(keys.items())]})


def _key_object(jwk: Mapping[str, Any]) -> Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey:
    match jwk["kty"], jwk.get("crv"):
        case "OKP", "Ed25519":
            return Ed25519PublicKey.from_public_bytes(decode_base64url(jwk["x"]))
        case "EC", "P-256":
            x, y = decode_base64url(jwk["x"]), decode_base64url(jwk["y"])
            if not len(x) == len(y) == 32:  # noqa: PLR2004 - RFC 7518, 6.2.1.2: full width, leading zeros kept
                raise ValueError
            numbers = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
            return numbers.public_key()
        case "RSA", None:
            n, e = decode_base64url(jwk["n"]), decode_base64url(jwk["e"])
            return RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
        case _:
            raise ValueError


def _is_sound(key: RSAPublicKey) -> bool:
    """Whether a modulus can be the product of two primes of a useful size, as far as that is seen at once."""
    numbers = key.public_numbers()
    whole = numbers.n % 2 == 1 and math.isqrt(numbers.n) ** 2 != numbers.n
    return key.key_size in _RSA_BITS and numbers.e == _RSA_EXPONENT and whole


def _check_sound_key(key: Ed25519PublicKey) -> Ed25519PublicKey:
    y = int.from_bytes(key.public_bytes_raw(), "little") & ((1 << 255) - 1)
    if y >= _P or y in _SMALL_ORDER_Y:
        raise UnusableKey("the Ed25519 key is not canonical or of small order")
    # RFC 8032, 5.1.3: there is an x for this y only where (y^2 - 1) / (d y^2 + 1) is a square (Euler's criterion).
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(square, (_P - 1) // 2, _P) not in {0, 1}:
        raise UnusableKey("the Ed25519 key is no point of the curve")
    return key


def _encode_number(value: int, width: int = 0) -> str:
    return encode_base64url(value.to_bytes(width or (value.bit_length() + 7) // 8))
