"""Canonical JSON, and the hashes that rest on it.

Everything that is signed or hashed in this product is JSON in the one form of RFC 8785, and every hash names what it
is for before the first byte of content, so that a hash of one kind can never be passed off as one of another.

Reading is strict: size and depth are checked on the bytes before a parser sees them; duplicate names, NaN, lone
surrogates and numbers that two programs could read differently are refused. No schema is checked here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn, TypeAlias

import rfc8785

Json: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None

MAX_DEPTH: Final = 20
MAX_ARRAY: Final = 2_000
MAX_INTEGER: Final = 2**53 - 1
HASH_BYTES: Final = 32
SALT_BYTES: Final = 32

# From here up to 1e21 RFC 8785 writes a float without exponent or point: as an integer that nobody may read again.
_FLOAT_AS_INTEGER_END: Final = 1e21
_ESCAPED: Final = re.compile(rb"\\.", re.DOTALL)
_FLOAT: Final = re.compile(rb"[0-9][.eE]")
_BEYOND_FIRST_PLANE: Final = re.compile(rb"[\xf0-\xf4]")
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(b for b in range(256) if b not in b"[]{}")


class DocumentRefused(ValueError):
    """Bytes that are not a document we read, or a value that has no canonical form.

    Attributes:
        code: too-large, too-deep, array-too-long, duplicate-name, number-not-exact, lone-surrogate, not-json or
            not-canonical.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def dumps(value: object) -> bytes:
    """Return the RFC 8785 bytes of any JSON value.

    Costs 135 to 180 microseconds for a body of an indicator: prefer `dumps_plain` where its promise holds.

    Raises:
        DocumentRefused: the value has no canonical form (NaN, an integer beyond 2^53, a lone surrogate).
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # it refuses other types itself
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as refusal:
        raise DocumentRefused("not-canonical", "the value has no canonical form") from refusal


def dumps_plain(value: object) -> bytes:
    """Return the RFC 8785 bytes of a value whose schema guarantees ASCII names, no floats and integers below 2^53.

    Ten times faster than `dumps`, and equal to it under that guarantee: only the order of names outside ASCII and the
    writing of floats differ (tests hold the two equal).

    Raises:
        DocumentRefused: a string holds a lone surrogate.
    """
    try:
        return _plain.encode(value).encode()
    except UnicodeEncodeError as refusal:
        raise DocumentRefused("lone-surrogate", "a string holds half a character") from refusal


_plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def loads(
    data: bytes, max_bytes: int, max_depth: int = MAX_DEPTH, max_array: int = MAX_ARRAY, *, canonical: bool = False
) -> Json:
    """Parse one JSON document strictly.

    Args:
        data: UTF-8, without a byte order mark.
        max_bytes: longest document to look at, in bytes.
        max_depth: deepest nesting of arrays and objects; `[[]]` is 2.
        max_array: most elements of one array.
        canonical: also refuse whatever is not its own RFC 8785 form.

    Raises:
        DocumentRefused: with a code for each reason.
    """
    if len(data) > max_bytes:
        raise DocumentRefused("too-large", f"{len(data)} bytes; at most {max_bytes} are read")
    outside = _outside_strings(data)
    if _deeper_than(max_depth, outside):
        raise DocumentRefused("too-deep", f"nested deeper than {max_depth} levels, or not closed")
    try:
        value: Json = _parse(data.decode("utf-8"))
        if b"\\u" in data:
            _plain.encode(value).encode()  # fails on a lone surrogate: only an escape can bring one in
    except UnicodeEncodeError as refusal:
        raise DocumentRefused("lone-surrogate", "a string holds half a character") from refusal
    except DocumentRefused:
        raise
    except (ValueError, RecursionError) as refusal:
        raise DocumentRefused("not-json", "not a JSON document in UTF-8") from refusal
    # Fewer commas than that in the whole document: no array can be too long, and the walk is saved.
    if data.count(b",") >= max_array and _longest_array(value) > max_array:
        raise DocumentRefused("array-too-long", f"an array of more than {max_array} elements")
    if canonical and _canonical_form(value, data, outside) != data:
        raise DocumentRefused("not-canonical", "not the form of RFC 8785")
    return value


def b64(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Return the bytes of base64url without padding, strictly: one spelling for each value.

    Raises:
        DocumentRefused: another alphabet, padding, unused bits that are not zero, or not `length` bytes.
    """
    try:
        raw = text.encode("ascii")
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    except ValueError as refusal:
        raise DocumentRefused("not-base64url", "not base64url without padding") from refusal
    if b64(data) != text or (length is not None and len(data) != length):
        raise DocumentRefused("not-base64url", "not base64url without padding, or not of the length agreed")
    return data


def domain_hash(label: str, *parts: bytes) -> bytes:
    """Return SHA-256(label || 00 || part || 00 || part ...), 32 bytes.

    Only the last part may have a varying length and hold a zero byte; the callers below see to it.
    """
    return hashlib.sha256(b"\x00".join((label.encode("ascii"), *parts))).digest()


def genesis(iss: str, aud: str, incarnation: int) -> bytes:
    """Return what entry 1 of a log names as the hash before it (wire.md 2)."""
    return domain_hash("rtr-sync-1/log", iss.encode("ascii"), aud.encode("ascii"), str(incarnation).encode("ascii"))


def stub_hash(stub: bytes) -> bytes:
    """Return SHA-256 of a stub's canonical bytes."""
    return hashlib.sha256(stub).digest()


def entry_hash(prev: bytes, stub: bytes) -> bytes:
    """Return the hash of an entry: SHA-256("rtr-sync-1/entry" 00 prev || SHA-256(stub)) (sync.md 2)."""
    return domain_hash("rtr-sync-1/entry", _exactly(prev, HASH_BYTES) + stub_hash(stub))


def body_commitment(salt: bytes, body: bytes) -> bytes:
    """Return what a stub says about its body: SHA-256("rtr-sync-1/body" 00 salt(32) || body) (sync.md 2)."""
    return domain_hash("rtr-sync-1/body", _exactly(salt, SALT_BYTES) + body)


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise ValueError(f"expected {length} bytes, got {len(data)}")
    return data


def _outside_strings(data: bytes) -> bytes:
    """Return a document without its strings. Escapes go first: the quotes left open and close strings."""
    plain = _ESCAPED.sub(b"", data) if b"\\" in data else data
    return b"".join(plain.split(b'"')[::2])


def _deeper_than(limit: int, outside: bytes) -> bool:
    """Say whether brackets nest deeper than `limit`, or do not close: one pass takes away the innermost level."""
    brackets = outside.translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _canonical_form(value: object, data: bytes, outside: bytes) -> bytes:
    """Return the canonical bytes of what `data` was parsed to, by the fast path where it is exact.

    UTF-16 order and code point order differ only where a character lies beyond the first plane (four bytes in UTF-8).
    """
    exact = not _FLOAT.search(outside) and not _BEYOND_FIRST_PLANE.search(data)
    return dumps_plain(value) if exact else dumps(value)


def _longest_array(value: object) -> int:
    if isinstance(value, dict):
        return max(map(_longest_array, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), *map(_longest_array, value)) if value else 0
    return 0


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DocumentRefused("duplicate-name", "an object names a member twice")
    return members


def _integer(text: str) -> int:
    # The length first: Python would spend quadratic time on a million digits before the value can be compared.
    if len(text) > len(str(-MAX_INTEGER)) or abs(value := int(text)) > MAX_INTEGER:
        raise DocumentRefused("number-not-exact", "an integer beyond 2^53 is not the same everywhere")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not abs(value) < float("inf") or MAX_INTEGER < abs(value) < _FLOAT_AS_INTEGER_END:
        raise DocumentRefused("number-not-exact", "a number that is not the same everywhere")
    return value


def _constant(name: str) -> NoReturn:
    raise DocumentRefused("number-not-exact", f"{name} is not JSON")


_parse = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
).decode
