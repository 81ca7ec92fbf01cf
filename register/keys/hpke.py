"""Sealing bytes to one country: HPKE base mode of RFC 9180 with X25519, HKDF-SHA-256 and AES-256-GCM.

Base mode proves nothing about who sealed: what is sealed here is named by a hash in a header that its origin signed.
Sealing is fresh each time; sealed bytes are compared by nobody. Keys are raw, 32 bytes; where they rest is the key
store's matter.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from register.errors import PartnerError

OVERHEAD_BYTES: Final = 48  # the encapsulated key (32) and the tag (16)
_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealBroken(PartnerError):
    """Sealed bytes do not open: changed on the way, sealed to another key, or bound to another header."""

    code = "seal-broken"
    advice = "Ask for the page again. If it stays, compare the sealing key of this country in both rosters."


def generate() -> bytes:
    """Return a fresh private key, raw."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> bytes:
    """Return the raw public key that belongs to a raw private key.

    Raises:
        ValueError: not 32 bytes.
    """
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(plaintext: bytes, public: bytes, *, info: bytes) -> bytes:
    """Return enc(32) || ciphertext, bound to `info`; 48 bytes longer than the plaintext.

    Raises:
        ValueError: the key is not 32 bytes, or a point of low order (that would seal to anybody).
    """
    return _suite.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info=info)


def open_sealed(sealed: bytes, private: bytes, *, info: bytes) -> bytes:
    """Return the plaintext of what `seal` made for this key under the same `info`.

    Raises:
        SealBroken: it does not open; nothing is told about why.
        ValueError: the private key is not 32 bytes.
    """
    key = X25519PrivateKey.from_private_bytes(private)
    if len(sealed) < OVERHEAD_BYTES:
        raise SealBroken(f"sealed bytes are at least {OVERHEAD_BYTES} long, got {len(sealed)}")
    try:
        return _suite.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError) as refusal:
        raise SealBroken("sealed bytes do not open under this country's key and this header") from refusal
