"""The blinds of one request, all from one secret (pseudonyms.md 2).

A repeat of a request sends the same bytes, and a country's supervisor can later derive the blinds again from the
sealed secret and check what was asked.
"""

from __future__ import annotations

import hashlib
import hmac

from register.pseudonyms.errors import InvalidInput
from register.pseudonyms.oprf.group import Scalar, ristretto255

SECRET_BYTES = 32

_INFO = b"rtr-blind-v1"
_FIRST_BLOCK = b"\1"


class Blinds:
    """HKDF-SHA-512(secret, salt "", info "rtr-blind-v1" || I2OSP(i, 4) || key id, 64 bytes) modulo the order.

    Args:
        secret: at least 32 random bytes, used for one request only, kept sealed as long as the request may be
            repeated or checked.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise InvalidInput(f"expected a request secret of at least {SECRET_BYTES} bytes, got {len(secret)}")
        self._key = hmac.digest(bytes(hashlib.sha512().digest_size), secret, "sha512")

    def blind(self, position: int, key_id: str) -> Scalar:
        """The blind of the key at a position, counted from 0 over the whole request."""
        info = _INFO + position.to_bytes(4, "big") + key_id.encode("ascii")
        # 64 bytes are one block of HKDF-Expand with SHA-512.
        return ristretto255().reduce(hmac.digest(self._key, info + _FIRST_BLOCK, "sha512"))
