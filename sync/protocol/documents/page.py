"""Pages: a run of entries under one signature (sync/README.md, step 4).

A page has no time and no expiry, so one from a file bundle is as good as one from the network. Its plaintext depends on
the log and on which bodies are still there. Sealing is fresh each time and bound to the signed header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import EntryType
from schemas.exchange import wire
from schemas.exchange.wire import EntryLine, PageHeader, Stub, Typ
from sync.protocol.documents.signed import Signed, Trust, read_signed
from sync.protocol.documents.stub import LogId, Tip, read_stub
from sync.protocol.ports import Opener
from sync.protocol.refusals import BeyondTip, ChainBroken, CommitmentBroken, LogDamaged, PageBroken, StubUnreadable

SEAL_OVERHEAD_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry of this node's own log, as its tables hold it.

    Attributes:
        stub, body: canonical bytes; body and salt are None once erased.
        entry_hash, salt: 32 raw bytes.
    """

    seq: int
    type: str
    object: str
    version: int
    stub: bytes
    entry_hash: bytes
    body: bytes | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as received, its place in the chain and its body proven; the body is not read yet."""

    stub: Stub
    entry_hash: bytes
    line: EntryLine


def build_page(
    log: LogId,
    before: Tip,
    entries: Iterable[StoredEntry],
    newest: Mapping[str, int],
    *,
    roster: int,
    limit: int = wire.PAGE_ENTRIES_MAX,
    max_bytes: int = wire.PAGE_BYTES_MAX,
) -> tuple[PageHeader, bytes]:
    """Return the header to sign and the plaintext block of the next page.

    Args:
        log: whose log it is.
        before: the entry before the first one, or the log's start.
        entries: what follows, in order; read as far as the page reaches, which is at least one.
        newest: newest version of each object in `entries`, in this log; what is older goes without its body.
        roster: number of the newest roster, under which the page will be signed.
        limit: most entries; capped at 1,000.
        max_bytes: longest block; capped at 4 MiB. The first entry always fits.

    Raises:
        BeyondTip: there is no entry to send.
        LogDamaged: the stored hashes do not follow from each other.
    """
    limit, max_bytes = min(limit, wire.PAGE_ENTRIES_MAX), min(max_bytes, wire.PAGE_BYTES_MAX)
    lines: list[bytes] = []
    size, tip = 0, before
    for entry in entries:
        line = wire.encode_line(_build_line(entry, newest))
        size += len(line)
        if len(lines) >= limit or (lines and size > max_bytes):
            break
        # Hashing costs two microseconds; signing a story that our own tables contradict would cost our good name.
        if entry.seq != tip.seq + 1 or canonical.entry_hash(tip.hash, entry.stub) != entry.entry_hash:
            raise LogDamaged(f"entry {entry.seq} of the log for {log.recipient} does not follow entry {tip.seq}")
        tip = Tip(entry.seq, entry.entry_hash)
        lines.append(line)
    if not lines:
        raise BeyondTip(f"the log for {log.recipient} has no entry after {before.seq}")
    block = b"".join(lines)
    header = PageHeader(
        v=wire.ENVELOPE_VERSION,
        iss=log.origin,
        aud=log.recipient,
        inc=log.incarnation,
        roster=roster,
        first_seq=before.seq + 1,
        last_seq=tip.seq,
        prev=canonical.b64(before.hash),
        last=canonical.b64(tip.hash),
        entries=canonical.b64(hashlib.sha256(block).digest()),
    )
    return header, block


def seal_info(page_jws: bytes) -> bytes:
    """Return the HPKE info that binds a sealed block to its header: SHA-256 of the compact JWS."""
    return hashlib.sha256(page_jws).digest()


def read_header(page_jws: bytes, trust: Trust) -> Signed[PageHeader]:
    """Return a page's header; see `read_signed` for what is checked and refused."""
    return read_signed(page_jws, Typ.PAGE, PageHeader, trust)


def read_entries(header: Signed[PageHeader], sealed: bytes, opener: Opener) -> tuple[Entry, ...]:
    """Open a page and prove every entry in it; whatever fails makes the whole page bad.

    Raises:
        PartnerError: seal-broken, page-broken, stub-unreadable, chain-broken or commitment-broken.
    """
    claims = header.claims
    if len(sealed) > wire.PAGE_BYTES_MAX + SEAL_OVERHEAD_MAX:
        raise PageBroken(f"a sealed block of {len(sealed)} bytes; at most {wire.PAGE_BYTES_MAX} are taken")
    block = opener(sealed, header.digest)
    if canonical.b64(hashlib.sha256(block).digest()) != claims.entries:
        raise PageBroken("the block is not the one that the header was signed over")
    try:
        lines = wire.decode_block(block)
    except DocumentRefused as refusal:
        raise PageBroken(str(refusal)) from refusal
    if len(lines) != claims.last_seq - claims.first_seq + 1:
        raise PageBroken(f"{len(lines)} entries; the header says {claims.first_seq} to {claims.last_seq}")
    entries: list[Entry] = []
    reached = canonical.unb64(claims.prev)
    for seq, line in enumerate(lines, start=claims.first_seq):
        stub = read_stub(line.stub)
        if stub.seq != seq:
            raise StubUnreadable(f"entry {seq} carries number {stub.seq}")
        reached = canonical.entry_hash(reached, line.stub)
        entries.append(Entry(stub, reached, line))
        _check_commitment(stub, line)
    if canonical.b64(reached) != claims.last:
        raise ChainBroken(f"entries {claims.first_seq} to {claims.last_seq} do not end in the hash of the header")
    return tuple(entries)


def _check_commitment(stub: Stub, line: EntryLine) -> None:
    if line.body is None or line.salt is None:
        return
    if canonical.b64(canonical.body_commitment(line.salt, line.body)) != stub.commitment:
        raise CommitmentBroken(f"the body of entry {stub.seq} is not the one its stub commits to")


def _build_line(entry: StoredEntry, newest: Mapping[str, int]) -> EntryLine:
    if entry.type == EntryType.INDICATOR_RETRACT:
        # Never `gone`: a receiver that has been away must still learn why.
        return EntryLine(stub=entry.stub, body=entry.body, salt=entry.salt)
    superseded = entry.type == EntryType.INDICATOR_PUT and newest.get(entry.object, entry.version) > entry.version
    if entry.body is None or superseded:
        return EntryLine(stub=entry.stub, gone=True)
    return EntryLine(stub=entry.stub, body=entry.body, salt=entry.salt)
