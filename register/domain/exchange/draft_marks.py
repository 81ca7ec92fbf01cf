"""The mark of a draft, by which the program knows its own: whoever only writes rows has none that fits.

What a partner has is known from drafts with such a mark, and from nothing that could be written beside the program.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.codes import Partition

MARKED: Final = ("id", "partner", "object", "version", "type", "schema", "commitment", "content_hash")
"""What stands in clear of a draft and never changes."""


def mark_of(alike: Callable[[bytes], bytes], country: Partition, row: Mapping[Any, Any]) -> bytes:
    """A keyed hash of what stands in clear of a draft, which nobody makes without the country's keys."""
    told = [country, *(row[name].hex() if isinstance(row[name], bytes) else str(row[name]) for name in MARKED)]
    # No object's id, with which the hash of a content begins, has these bytes.
    return alike(b"rtr-draft\x00" + "\x1f".join(told).encode())


def is_own(alike: Callable[[bytes], bytes], country: Partition, row: Mapping[Any, Any]) -> bool:
    """Whether the program wrote a draft, as it stands; one of before there were marks is believed."""
    return not row["mark"] or hmac.compare_digest(row["mark"], mark_of(alike, country, row))
