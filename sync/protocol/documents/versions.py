"""Which versions two nodes speak with each other (sync/README.md, step 13)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schemas.exchange.wire import ENVELOPE_VERSION, SCHEMA_VERSION, ProtocolRange
from sync.protocol.refusals import NoCommonVersion

OWN: Final = ProtocolRange(envelope=(ENVELOPE_VERSION, ENVELOPE_VERSION), body=(SCHEMA_VERSION, SCHEMA_VERSION))


@dataclass(frozen=True, slots=True, order=True)
class SchemaVersion:
    """Version of a body. A minor one adds nothing but members of `ext`; a major one may change everything."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> SchemaVersion:
        """Return the version that a stub's `schema` names."""
        major, _, minor = text.partition(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


def reads_body(schema: str, own: ProtocolRange = OWN) -> bool:
    """Say whether a body of this version can be read here: any minor of a major in the range, older or newer."""
    return _within(schema, own.body)


# Of a page, all entries name the same few versions.
@lru_cache(maxsize=256)
def _within(schema: str, body: tuple[str, str]) -> bool:
    lowest, highest = (SchemaVersion.parse(version).major for version in body)
    return lowest <= SchemaVersion.parse(schema).major <= highest


def body_schema_for(recipient: ProtocolRange, own: ProtocolRange = OWN) -> str:
    """Return the body version to draft for a recipient: the highest that both ranges hold.

    Raises:
        NoCommonVersion: the ranges do not meet.
    """
    low = max(SchemaVersion.parse(recipient.body[0]), SchemaVersion.parse(own.body[0]))
    high = min(SchemaVersion.parse(recipient.body[1]), SchemaVersion.parse(own.body[1]))
    if low > high:
        raise NoCommonVersion(f"bodies: we write {'-'.join(own.body)}, the partner reads {'-'.join(recipient.body)}")
    return str(high)


def envelope_for(recipient: ProtocolRange, own: ProtocolRange = OWN) -> int:
    """Return the envelope version to send: the highest that both ranges hold.

    Raises:
        NoCommonVersion: the ranges do not meet.
    """
    low, high = max(recipient.envelope[0], own.envelope[0]), min(recipient.envelope[1], own.envelope[1])
    if low > high:
        raise NoCommonVersion(f"envelopes: we write {own.envelope}, the partner reads {recipient.envelope}")
    return high
