"""What is read the short way reads as it would the long way: the same stubs, the same bodies, the same refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.exchange import wire
from schemas.exchange.wire import IndicatorPut, Stub
from sync.protocol.documents.page import Entry
from sync.protocol.documents.stub import DraftStub, Tip, chain, read_stub
from sync.protocol.entries import QuarantineCode, read_bodies
from sync.protocol.refusals import StubUnreadable
from tests.simulator.builders import PUT, an_id, chained, put_bytes
from tests.unit.exchange.scene import START

BODY = put_bytes()
(STORED,) = chained(START, (PUT, an_id(1), 1, BODY))
STUB: dict[str, Any] = json.loads(STORED.stub)


def stub_the_long_way(data: bytes) -> Stub | None:
    try:
        stub = wire.read(Stub, data)
    except DocumentRefused:
        return None
    return stub if canonical.dumps_plain(wire.document(stub)) == data else None


def stub_as_read(data: bytes) -> Stub | None:
    try:
        return read_stub(data)
    except StubUnreadable:
        return None


def body_the_long_way(body: bytes) -> IndicatorPut | QuarantineCode:
    try:
        canonical.loads(body, wire.BODY_BYTES_MAX, canonical=True)
    except DocumentRefused:
        return QuarantineCode.BODY_UNREADABLE
    try:
        return wire.read(IndicatorPut, body)
    except DocumentRefused:
        return QuarantineCode.SCHEMA_INVALID


def body_as_read(body: bytes) -> object:
    line = wire.EntryLine(stub=STORED.stub, body=body, salt=STORED.salt)
    return read_bodies([Entry(read_stub(STORED.stub), STORED.entry_hash, line)])[1]


scalars = st.one_of(
    st.integers(-2, 2**54), st.booleans(), st.none(), st.floats(allow_nan=False),
    st.text('aAz09._- "\\é', max_size=45),
    st.sampled_from(["1.0", "0.0", "01.0", "10000.1", "indicator.put", "a" * 41, "a.b.", an_id(7), "A" * 43, "B" * 43]),
)  # fmt: skip


@given(changes=st.dictionaries(st.sampled_from([*STUB, "else"]), scalars, max_size=2))
def test_a_stub_is_read_and_refused_as_by_its_schema(changes: dict[str, Any]) -> None:
    data = json.dumps(STUB | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert stub_as_read(data) == stub_the_long_way(data)


@given(at=st.integers(0, len(STORED.stub) - 1), byte=st.integers(0, 255), cut=st.integers(0, 1))
def test_a_stub_with_one_byte_changed_or_added_is_read_and_refused_as_by_its_schema(
    at: int, byte: int, cut: int
) -> None:
    data = STORED.stub[:at] + bytes([byte]) + STORED.stub[at + cut :]
    assert stub_as_read(data) == stub_the_long_way(data)


@given(seq=st.integers(1, 2**53 - 1), version=st.integers(1, 2**53 - 1))
def test_every_stub_that_is_written_is_read_as_it_was_meant(seq: int, version: int) -> None:
    (entry,), _ = chain(Tip(seq - 1, b"\0" * 32), [_draft(version)])
    read = read_stub(entry.stub)
    assert (read.seq, read.version, read.object) == (seq, version, an_id(2))


def _draft(version: int) -> DraftStub:
    return DraftStub(an_id(1), "indicator.put", an_id(2), version, "1.0", b"\1" * 32)


@given(at=st.integers(0, len(BODY) - 1), insert=st.binary(max_size=3), cut=st.integers(0, 3))
def test_a_body_with_some_bytes_changed_is_read_and_refused_as_the_long_way(at: int, insert: bytes, cut: int) -> None:
    body = BODY[:at] + insert + BODY[at + cut :]
    if body:
        assert body_as_read(body) == body_the_long_way(body)


EMPTY = b'{"critical":{},"optional":{}}'


def extended(ext: bytes) -> bytes:
    """The body with these extensions."""
    return BODY.replace(EMPTY, ext, 1)


OTHERWISE = {
    "as written": BODY,
    "a member twice": BODY.replace(b'"contested":false', b'"contested":false,"contested":false'),
    "a space within": BODY.replace(b'"contested":false', b'"contested": false'),
    "a float for a number": BODY.replace(b'"epoch":1', b'"epoch":1.0'),
    "a text for a flag": BODY.replace(b'"onward":false', b'"onward":"false"'),
    "a space before": b" " + BODY,
    "a space behind": BODY + b" ",
    "something optional": extended(b'{"critical":{},"optional":{"a":1.5}}'),
    "something critical": extended(b'{"critical":{"new":[1]},"optional":{}}'),
    "nested too deep": extended(b'{"critical":{},"optional":' + b'{"a":' * 30 + b"1" + b"}" * 30 + b"}"),
    "an array too long": extended(b'{"critical":{},"optional":{"a":[' + b"1," * 3_000 + b"1]}}"),
    "half a character": extended(b'{"critical":{},"optional":{"a":"\\ud800"}}'),
    "a number that is not exact": extended(b'{"critical":{},"optional":{"a":9007199254740993}}'),
}


@pytest.mark.parametrize("body", OTHERWISE.values(), ids=OTHERWISE)
def test_a_body_written_in_another_way_is_read_and_refused_as_the_long_way(body: bytes) -> None:
    assert body_as_read(body) == body_the_long_way(body)
