"""Stubs and the chain over them (sync/README.md, step 2).

A log is named by (origin, recipient, incarnation) and counts 1, 2, 3 ... without holes, so its numbers say nothing
about entries that the recipient may not see. Chaining is pure: which drafts there are, and that only one appender is
at work, is the appender's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import BODY_BYTES_MAX, STUB_BYTES_MAX, Stub, document, read
from sync.protocol.refusals import BodyTooLarge, StubUnreadable

_UUID7: Final = rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_NUMBER: Final = rb"[1-9][0-9]{0,14}"
# A stub as we write it, and as every node does: what matches is canonical and within the schema, member by member
# (32 bytes leave four bits of the last character of a hash, so it is one of sixteen). All else is read the long way.
_STUB: Final = re.compile(
    rb'\{"commitment":"(?P<commitment>[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])","id":"(?P<id>' + _UUID7 + rb")"
    rb'","object":"(?P<object>' + _UUID7 + rb")"
    rb'","schema":"(?P<schema>(?:0|[1-9][0-9]{0,3})\.(?:0|[1-9][0-9]{0,3}))","seq":(?P<seq>' + _NUMBER + rb")"
    rb',"type":"(?P<type>(?=[a-z.]{1,40}")[a-z]+(?:\.[a-z]+)*)","version":(?P<version>' + _NUMBER + rb")\}"
)


@dataclass(frozen=True, slots=True)
class LogId:
    """One log: what `origin` tells `recipient` in one incarnation."""

    origin: Partition
    recipient: Partition
    incarnation: int = 1

    def start(self) -> Tip:
        """Return the tip of the empty log."""
        return Tip(0, canonical.genesis(self.origin, self.recipient, self.incarnation))


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a log: number and hash of its last entry."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class DraftStub:
    """What a stub needs besides its number. commitment: 32 raw bytes; version counts per (object, recipient)."""

    id: str
    type: str
    object: str
    version: int
    schema: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Chained:
    """An entry with its place: canonical stub bytes and entry hash (32 raw bytes)."""

    seq: int
    draft: DraftStub
    stub: bytes
    entry_hash: bytes


def commit(body: bytes, salt: bytes) -> bytes:
    """Return the commitment of a draft's canonical body under a fresh salt of 32 bytes.

    Raises:
        BodyTooLarge: the body is longer than 256 KiB.
    """
    if len(body) > BODY_BYTES_MAX:
        raise BodyTooLarge(f"a body of {len(body)} bytes; at most {BODY_BYTES_MAX}")
    return canonical.body_commitment(salt, body)


def chain(tip: Tip, drafts: Iterable[DraftStub]) -> tuple[tuple[Chained, ...], Tip]:
    """Give drafts their places after `tip`, in order; return the entries and the new tip."""
    entries: list[Chained] = []
    for seq, draft in enumerate(drafts, start=tip.seq + 1):
        stub = canonical.dumps_plain(
            {
                "seq": seq,
                "id": draft.id,
                "type": draft.type,
                "object": draft.object,
                "version": draft.version,
                "schema": draft.schema,
                "commitment": canonical.b64(draft.commitment),
            }
        )
        tip = Tip(seq, canonical.entry_hash(tip.hash, stub))
        entries.append(Chained(seq, draft, stub, tip.hash))
    return tuple(entries), tip


def read_stub(data: bytes) -> Stub:
    """Return the stub in canonical bytes.

    Raises:
        StubUnreadable: too long, not a stub, or not in canonical form.
    """
    if len(data) > STUB_BYTES_MAX:
        raise StubUnreadable(f"a stub of {len(data)} bytes; at most {STUB_BYTES_MAX}")
    if (match := _STUB.fullmatch(data)) is not None:
        told = match.groupdict()
        return Stub.model_construct(
            seq=int(told["seq"]),
            id=told["id"].decode("ascii"),
            type=told["type"].decode("ascii"),
            object=told["object"].decode("ascii"),
            version=int(told["version"]),
            schema_=told["schema"].decode("ascii"),
            commitment=told["commitment"].decode("ascii"),
        )
    try:
        stub = read(Stub, data)
    except DocumentRefused as refusal:
        raise StubUnreadable(str(refusal)) from refusal
    # Equal bytes after a round trip: canonical, and no member twice.
    if canonical.dumps_plain(document(stub)) != data:
        raise StubUnreadable(f"the stub of entry {stub.seq} is not in canonical form")
    return stub
