"""The body of a `statistics` entry: what a country says about statistics, and its node's signature over exactly that.

The signature is of its own, beside that of the page: a release names the signed contributions it was made of, and
whoever has a contribution can check it without the page that brought it. What the document may hold is judged by
`register.statistics.release.statements`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from schemas import canonical
from schemas.exchange.wire import Document

STATISTICS_SCHEMA: Final = "1.0"
CONTRIBUTION_TYP: Final = "rtr-statistics+jws"
"""`typ` of the signature: a compact JWS whose payload (the canonical document) stands beside it, not in it."""

DetachedSignature = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,400}\.\.[A-Za-z0-9_-]{86}$", max_length=600)
]


class StatementKind(StrEnum):
    """What kind of word a country gives."""

    CONTRIBUTION = "contribution"
    FACT = "fact"
    RELEASE = "release"


class StatisticsEntry(Document):
    """Body of `statistics`.

    Attributes:
        kind: what the document is.
        document: its members; signed in their canonical form (RFC 8785).
        signature: of the country's node; key id in its header.
    """

    kind: StatementKind
    document: dict[str, Any]
    signature: DetachedSignature


def encode_entry(entry: StatisticsEntry) -> bytes:
    """Return the canonical bytes of a body: what is committed to, stored and sent."""
    return canonical.dumps(entry.model_dump(mode="json"))
