"""Data at rest: a fresh data key a record, wrapped under the month in which the record ends (security.md 2).

A field is sealed by AES-256-GCM with a random nonce and associated data that names its place, so that no sealed
field can be moved to another row, column, country or handling. Destroying a data key, or the month's key, makes
what was sealed under it unreadable for ever. This is the implementation of the port
`register.store.running.sealing.Sealer`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from register.errors import DoesNotOpen
from register.keys.keystore import KeyStore

_NONCE = 12


class FieldSealBroken(DoesNotOpen):
    """A sealed field does not open: it was moved, changed, or sealed under another key."""

    code = "field-seal-broken"
    advice = "Do not edit sealed columns by hand; restore the row from a backup and keep the audit log as evidence."


class Envelope:
    """Seals with data keys that only this country's key store can unwrap."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore
        self.agreed: set[tuple[str, str]] = set()

    def check_of(self, kek: str) -> str | None:
        """The check value of a month's key; None where the key store has none of this name."""
        return self._keystore.check_of(kek)

    def make(self, keks: Sequence[str]) -> None:
        """Make the months' keys that are not there; for who has asked the database that it knows none of them."""
        self._keystore.make(keks)

    def new_key(self, kek: str, key_id: bytes) -> tuple[bytes, bytes]:
        """Make a data key under a month's key (`kek/YYYY-MM`): (wrapped, plain).

        Raises:
            UnknownSecret: the key store lacks the month's key; none is made here.
        """
        plain = secrets.token_bytes(32)
        nonce = secrets.token_bytes(_NONCE)
        wrapping = AESGCM(self._keystore.get(kek))
        return nonce + wrapping.encrypt(nonce, plain, _wrap_aad(kek, key_id)), plain

    def unwrap(self, kek: str, wrapped: bytes, key_id: bytes) -> bytes:
        """Open a data key.

        Raises:
            FieldSealBroken: it was wrapped for another id or under another key.
            UnknownSecret: the key store lacks the month's key.
            KeyStoreError: it cannot be read at all, which says nothing of what is sealed.
        """
        wrapping = AESGCM(self._keystore.get(kek))
        try:
            return wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _wrap_aad(kek, key_id))
        except (InvalidTag, ValueError):  # the latter: too short to hold a nonce
            raise FieldSealBroken("a data key does not open under the key it names") from None

    def seal(self, key: bytes, place: bytes, plain: bytes) -> bytes:
        """Seal one field; `place` is its associated data."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, plain, place)

    def open(self, key: bytes, place: bytes, sealed: bytes) -> bytes:
        """Open one field.

        Raises:
            FieldSealBroken: it does not belong to this place or was changed.
        """
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
        except (InvalidTag, ValueError):  # the latter: too short to hold a nonce
            raise FieldSealBroken("a sealed field does not open in its place") from None


def _wrap_aad(kek: str, key_id: bytes) -> bytes:
    return b"rtr-data-key\x00" + kek.encode() + b"\x00" + key_id
