"""Numbers that look random to whoever lacks the seed, and are the same for ever to whoever has it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from schemas.canonical import dumps_plain

_WORD_BYTES: Final = 8
_BLOCK_BYTES: Final = 1024


class Stream:
    """Whole numbers drawn one after another from SHAKE256 of a seed."""

    def __init__(self, seed: bytes) -> None:
        """Begin at the first number of this seed."""
        self._seed = seed
        self._block = b""
        self._at = 0
        self._blocks = 0

    def below(self, limit: int) -> int:
        """The next number from 0 to `limit` - 1, each equally likely (by rejection)."""
        whole = 1 << (8 * _WORD_BYTES)
        fair = whole - whole % limit
        while (word := self._word()) >= fair:
            pass
        return word % limit

    def fraction(self) -> float:
        """The next number from 0 up to but not 1; for simulations, never for rounding."""
        return (self._word() >> 11) / (1 << 53)

    def _word(self) -> int:
        if self._at == len(self._block):
            name = self._seed + self._blocks.to_bytes(_WORD_BYTES, "big")
            self._block, self._at, self._blocks = hashlib.shake_256(name).digest(_BLOCK_BYTES), 0, self._blocks + 1
        word = int.from_bytes(self._block[self._at : self._at + _WORD_BYTES], "big")
        self._at += _WORD_BYTES
        return word


def keyed_seed(key: bytes, *parts: str | int) -> bytes:
    """HMAC-SHA-256 of the parts in one unambiguous spelling; 32 bytes, a secret like the key."""
    return hmac.new(key, dumps_plain(list(parts)), hashlib.sha256).digest()
