"""JSON and base64url as others send them, read without mercy.

For documents that need not be canonical (headers, claims, key sets of foreign providers): every text has one
reading or none. Documents of our own exchange are held to RFC 8785 on top of this, by their readers.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any, NoReturn


class NotStrictJson(ValueError):
    """The bytes are not one JSON object with one meaning. The message never repeats the content."""


class NotStrictBase64(ValueError):
    """The text is not canonical base64url without padding."""


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the one JSON object that `data` is, bounded in size by the caller.

    Raises:
        NotStrictJson: not UTF-8, not an object, a member named twice, NaN or an infinity, a lone surrogate,
            something after the end, or nesting deeper than the interpreter's stack.
    """
    try:
        value = json.loads(
            data.decode("utf-8", "strict"),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
            parse_float=_read_finite_number,
        )
        # json.loads lets "\ud800" through; such a text has no UTF-8 form and so no single reading
        json.dumps(value, ensure_ascii=False).encode("utf-8", "strict")
    except NotStrictJson:
        raise
    except (ValueError, RecursionError) as exc:
        raise NotStrictJson(f"not strict JSON ({type(exc).__name__})") from None
    if not isinstance(value, dict):
        raise NotStrictJson("expected a JSON object")
    return value


def decode_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding (RFC 7515, section 2).

    Raises:
        NotStrictBase64: padding, foreign characters, white space, or bits set that no byte holds
            (so that each value has one spelling).
    """
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotStrictBase64("not base64url") from None
    if encode_base64url(raw) != text:
        raise NotStrictBase64("not canonical base64url without padding")
    return raw


def encode_base64url(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson("a member is named twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise NotStrictJson("NaN and infinities are not JSON")


def _read_finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrictJson("a number is too large")
    return number
