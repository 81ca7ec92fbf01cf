"""Valid wholes for tests of the exchange: a test names only what matters to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from schemas import canonical
from schemas.codes import EntryType, Partition, RetractReason
from schemas.exchange import wire
from schemas.exchange.wire import IndicatorPut, IndicatorRetract
from sync.protocol.documents.page import StoredEntry
from sync.protocol.documents.stub import DraftStub, Tip, chain, commit

EDITION = canonical.b64(hashlib.sha256(b"edition one").digest())
LATER_EDITION = canonical.b64(hashlib.sha256(b"edition two").digest())


def an_id(number: int) -> str:
    """A UUIDv7 that tells its number."""
    return f"01900000-0000-7000-8000-{number:012x}"


def a_put(audience: Partition | None = Partition.AW, reference: str = "CW-2026-1", **changes: Any) -> IndicatorPut:
    """A valid body; `changes` replace members of its label, `ext` the extensions."""
    ext = changes.pop("ext", {})
    label = {
        "purpose": "COORDINATE",
        "legal_basis": "CW_NONPOLICE",
        "source_profile": "NON_POLICE",
        "acquisition": "OWN_TASK",
        "evaluation": {"scheme": "4x4", "source": "B", "information": "2"},
        "handling": {"code": "H1"},
        "visibility": "V1",
        "audience": [audience] if audience else [],
        "onward": False,
        "edition": EDITION,
        "rules": ["EXCHANGE-2"],
        "covenant_ref": "MOU-2019",
        "contested": False,
        "last_verified_on": "2026-01-10",
        "review_by": "2027-01-10",
        "retain_until": "2031-01-10",
    }
    record = {
        "reference": reference,
        "signal_type": "HT",
        "reporting_class": "HT",
        "period": {"from": "2025-11", "to": "2026-01"},
        "exploitation_forms": ["LABOUR"],
        "acts": ["RECRUIT"],
        "means": [],
        "smuggling_elements": [],
        "recruitment": [],
        "indicators": [{"group": "WORK_CONDITIONS", "strength": "M"}],
        "subjects": [{"n": 1, "role": "SUSPECT", "category": "INVOLVED", "kind": "person"}],
        "tokens": [{"family": "phone", "version": 1, "epoch": 1, "token": EDITION, "n": 1}],
        "contact": {"unit": "Coördinator Curaçao", "routes": ["POLICE"]},
    }
    return wire.read(IndicatorPut, canonical.dumps({"label": label | changes, "record": record, "ext": ext}))


def put_bytes(audience: Partition | None = Partition.AW, **changes: Any) -> bytes:
    """The canonical bytes of `a_put`."""
    return wire.encode_body(a_put(audience, **changes))


UNREADABLE: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "not UTF-8": b'{"ext":"\xff\xfe"}',
    "plain text": b"not a document",
    "a space before": b" " + put_bytes(),
    "a line feed within": put_bytes().replace(b",", b",\n", 1),
    "line feeds alone": b"\n\n\n",
    "a line of a block": b'{}\n{"stub":{}}\n',
    "what looks like the end of its line": b'{"x":"}","salt":"' + b"A" * 43 + b'","stub":{}}\n',
    "nested ten thousand deep": b'{"ext":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "never closed": b'{"ext":' * 10_000,
    "not canonical": put_bytes().replace(b'{"ext"', b'{ "ext"'),
    "half a character": b'{"ext":"\\ud800"}',
    "a number of many digits": b'{"ext":' + b"9" * 100_000 + b"}",
}
"""Bodies that no honest origin sends: of some no reader gets as far as a document."""

RETRACT_BYTES = wire.encode_body(IndicatorRetract(reason=RetractReason.WITHDRAWN))
A_DAY = date(2026, 2, 1)


def salt_of(number: int) -> bytes:
    """A salt that tells its number."""
    return hashlib.sha256(b"salt %d" % number).digest()


def chained(tip: Tip, *drafts: tuple[str, str, int, bytes] | tuple[str, str, int, bytes, str]) -> list[StoredEntry]:
    """Entries after `tip` from (type, object, version, body) and perhaps the schema."""
    stubs, bodies = [], []
    for number, (type_, name, version, body, *rest) in enumerate(drafts, start=tip.seq + 1):
        salt = salt_of(number)
        schema = rest[0] if rest else wire.SCHEMA_VERSION
        commitment = commit(body, salt) if len(body) <= wire.BODY_BYTES_MAX else canonical.body_commitment(salt, body)
        stubs.append(DraftStub(an_id(10_000 + number), type_, name, version, schema, commitment))
        bodies.append((body, salt))
    entries, _ = chain(tip, stubs)
    return [
        StoredEntry(
            entry.seq,
            entry.draft.type,
            entry.draft.object,
            entry.draft.version,
            entry.stub,
            entry.entry_hash,
            body,
            salt,
        )
        for entry, (body, salt) in zip(entries, bodies, strict=True)
    ]


def newest_of(entries: list[StoredEntry]) -> Mapping[str, int]:
    """Newest version of each object."""
    newest: dict[str, int] = {}
    for entry in entries:
        newest[entry.object] = max(entry.version, newest.get(entry.object, 0))
    return newest


PUT, RETRACT = EntryType.INDICATOR_PUT.value, EntryType.INDICATOR_RETRACT.value
