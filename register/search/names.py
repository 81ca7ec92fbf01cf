"""How the indexes of a host are called.

`rtr-<host>-<origin>-<kind>-m<mapping>-<generation>` is an index; `rtr-<host>-<origin>-<kind>-read` and `-write` are
its aliases. Searches read through the read alias, which holds exactly one generation. Every write goes to each
generation that carries the write alias: more than one while a rebuild fills the next, and until the last is retired.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from schemas.codes import Partition

_INDEX: Final = re.compile(r"rtr-([a-z]{2})-([a-z]{2})-(record|token)-m(\d+)-(\d{6})")


class Kind(StrEnum):
    """The two indexes of an origin."""

    RECORD = "record"
    TOKEN = "token"  # noqa: S105 the kind of an index, no secret


def read_alias(host: Partition, origin: Partition, kind: Kind) -> str:
    """The one name that searches use."""
    return f"{_build_stem(host, origin)}-{kind}-read"


def write_alias(host: Partition, origin: Partition, kind: Kind) -> str:
    """The mark of every generation that must get each change. A mark only: documents go to indexes by name."""
    return f"{_build_stem(host, origin)}-{kind}-write"


def index_name(host: Partition, origin: Partition, kind: Kind, mapping: int, number: int) -> str:
    """One generation of one index."""
    return f"{_build_stem(host, origin)}-{kind}-m{mapping}-{number:06d}"


def all_of(host: Partition, origin: Partition) -> str:
    """A pattern over all generations of both kinds. For upkeep; no search ever holds a pattern."""
    return f"{_build_stem(host, origin)}-*"


def parse(index: str) -> tuple[Kind, int, int] | None:
    """(kind, mapping, generation) of an index of ours, None for any other name."""
    found = _INDEX.fullmatch(index)
    return (Kind(found[3]), int(found[4]), int(found[5])) if found else None


def _build_stem(host: Partition, origin: Partition) -> str:
    return f"rtr-{Partition(host).lower()}-{Partition(origin).lower()}"
