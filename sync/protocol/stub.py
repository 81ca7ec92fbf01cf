"""Stubs and the chain over them (sync/README.md, step 2).

A log is named by (origin, recipient, incarnation) and counts 1, 2, 3 ... without holes, so its numbers say nothing
about entries that the recipient may not see. Chaining is pure: which drafts there are, and that only one appender is
at work, is the appender's matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange import BODY_BYTES_MAX, STUB_BYTES_MAX, Stub, document, read
from sync.protocol.refusals import BodyTooLarge, StubUnreadable


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
    try:
        stub = read(Stub, data)
    except DocumentRefused as refusal:
        raise StubUnreadable(str(refusal)) from refusal
    # Equal bytes after a round trip: canonical, and no member twice.
    if canonical.dumps_plain(document(stub)) != data:
        raise StubUnreadable(f"the stub of entry {stub.seq} is not in canonical form")
    return stub
