"""Looks for planted values wherever they must not be: plain, normalised, hashed or merely written in another base.

`Needles` is made from what was planted. A haystack is bytes; blobs that it shows in hexadecimal are looked into as
well. Short numbers are looked for as typed only: three digits stand in any dump.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

SHORTEST_NUMBER = 7
"""Digits: shorter ones would be found by chance."""
_HEX_BLOB = re.compile(rb"\\\\?x((?:[0-9a-f]{2})+)")
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Needles:
    """All forms of the planted values."""

    def __init__(self, planted: Iterable[str]) -> None:
        self._forms: dict[bytes, str] = {}
        for value in planted:
            for name, form in _forms(value):
                self._forms.setdefault(form, f"{value} {name}")

    def __len__(self) -> int:
        return len(self._forms)

    def found_in(self, haystack: bytes) -> list[str]:
        """Which values, and in which form; empty if none."""
        blobs = b"\x00".join(bytes.fromhex(m[1].decode()) for m in _HEX_BLOB.finditer(haystack))
        plain = _UUID.sub(b"", _HEX_BLOB.sub(b"", haystack))
        places = (plain, plain.lower(), blobs, blobs.lower())
        return sorted({said for form, said in self._forms.items() if any(form in place for place in places)})


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    spellings = dict.fromkeys(_spellings(value))
    for text in spellings:
        raw = text.encode()
        yield "as text", raw
        yield "in base64", base64.b64encode(raw).rstrip(b"=")
        yield "in base64url", base64.urlsafe_b64encode(raw).rstrip(b"=")
        yield "in hexadecimal", raw.hex().encode()
        for name in ("sha256", "sha1", "md5"):
            digest = hashlib.new(name, raw, usedforsecurity=False).digest()
            yield f"{name} in hexadecimal", digest.hex().encode()
            yield f"{name} in base64", base64.b64encode(digest).rstrip(b"=")
            yield name, digest
    if value.isascii():
        yield "escaped", value.encode("unicode_escape")
    else:
        yield "escaped in JSON", value.encode("ascii", "backslashreplace").lower()


def _spellings(value: str) -> Iterator[str]:
    yield value
    yield value.lower()
    yield value.upper()
    bare = "".join(c for c in unicodedata.normalize("NFKD", value) if not unicodedata.combining(c)).lower()
    yield bare
    letters = re.sub(r"[^0-9a-z]", "", bare)
    if len(letters) >= SHORTEST_NUMBER:
        yield letters
    digits = re.sub(r"\D", "", value)
    if len(digits) >= SHORTEST_NUMBER:
        yield digits
