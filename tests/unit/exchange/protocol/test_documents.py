"""Documents and frames of the exchange: closed, exact, and found in a block without parsing the body."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.exchange import wire
from schemas.exchange.wire import EntryLine, IndicatorPut, PageAnswer, PageHeader, Stub, frame, read, unframe
from tests.simulator.builders import a_put, an_id, put_bytes, salt_of

STUB = canonical.dumps_plain(
    {
        "seq": 1,
        "id": an_id(1),
        "type": "indicator.put",
        "object": an_id(2),
        "version": 1,
        "schema": "1.0",
        "commitment": canonical.b64(bytes(32)),
    }
)


def test_a_body_reads_back_as_it_was_written() -> None:
    assert wire.encode_body(read(IndicatorPut, put_bytes())) == put_bytes()
    assert canonical.dumps(canonical.loads(put_bytes(), 10_000)) == put_bytes()


def test_extensions_are_written_by_the_library_whatever_they_hold() -> None:
    put = a_put(ext={"optional": {"\U0001f600": 1e30, "\ufb33": 0.5}})
    assert wire.encode_body(put) == canonical.dumps(wire.document(put))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"onward":false', b'"onward":0'),
        (b'"onward":false', b'"onward":false,"colour":"red"'),
        (b'"visibility":"V1"', b'"visibility":"V9"'),
        (b'"audience":["AW"]', b'"audience":["AW","CW"]'),
        (b'"review_by":"2027-01-10"', b'"review_by":"2027-01-10T00:00:00Z"'),
        (b'"to":"2026-01"', b'"to":"2026-01-31"'),
        (b'"to":"2026-01"', b'"to":"2024-01"'),
        (b'"n":1,"token"', b'"n":2,"token"'),
        (b'"means":[]', b'"meaning":[]'),
        (b'"from":"2025-11"', b'"first":"2025-11"'),
        (b'"reference":"CW-2026-1"', b'"reference":"Jan Testman"'),
    ],
)
def test_a_body_with_anything_but_its_fields_is_refused(old: bytes, new: bytes) -> None:
    assert old in put_bytes()
    with pytest.raises(DocumentRefused) as refused:
        read(IndicatorPut, put_bytes().replace(old, new))
    assert refused.value.code == "schema-invalid"


def test_a_refusal_names_fields_and_never_their_content() -> None:
    with pytest.raises(DocumentRefused) as refused:
        read(IndicatorPut, put_bytes().replace(b'"CW-2026-1"', b'"Zeno Testman"'))
    assert "record.reference" in str(refused.value)
    assert "Zeno" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"seq": 2**53},
        {"seq": True},
        {"seq": "1"},
        {"id": "01900000-0000-4000-8000-000000000001"},
        {"id": an_id(1).upper().replace("0", "A")},
        {"commitment": "A" * 42 + "B"},
        {"schema": "1"},
        {"type": "Indicator.Put"},
        {"extra": 1},
    ],
)
def test_a_stub_is_exact(change: dict[str, object]) -> None:
    values = canonical.loads(STUB, 1_000)
    assert isinstance(values, dict)
    with pytest.raises(DocumentRefused):
        read(Stub, canonical.dumps_plain(values | change))


@pytest.mark.parametrize(("first", "last"), [(2, 1), (1, 1_001)])
def test_a_page_header_spans_one_to_a_thousand_entries(first: int, last: int) -> None:
    zero = canonical.b64(bytes(32))
    claims = {
        "v": 1,
        "iss": "CW",
        "aud": "AW",
        "inc": 1,
        "roster": 1,
        "from": first,
        "to": last,
        "prev": zero,
        "last": zero,
        "entries": zero,
    }
    with pytest.raises(DocumentRefused):
        read(PageHeader, canonical.dumps(claims))


def test_times_are_utc_with_milliseconds() -> None:
    at = datetime(2026, 2, 1, 8, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=-4)))
    assert wire.instant(at) == "2026-02-01T12:00:00.123Z"
    assert wire.parse_instant("2026-02-01T12:00:00.123Z") == datetime(2026, 2, 1, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-02-01T12:00:00Z", "2026-02-01T12:00:00.123+00:00", "2026-02-30T12:00:00.000Z", "now"]
)
def test_other_spellings_of_a_time_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|day is out of range"):
        wire.parse_instant(text)


# --- frames and blocks ---


@pytest.mark.parametrize("answer", [PageAnswer(b"head", b"page", b"sealed"), PageAnswer(b"head", b"", b"")])
def test_an_answer_is_three_parts_each_after_its_length(answer: PageAnswer) -> None:
    framed = frame(answer)
    assert framed.startswith(struct.pack(">I", 4) + b"head")
    assert unframe(framed) == answer


GOOD = frame(PageAnswer(b"head", b"page", b"sealed"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:-1],
        GOOD + b"x",
        GOOD[:8],
        GOOD[:3],
        b"\xff\xff\xff\xff" + GOOD[4:],
        frame(PageAnswer(b"", b"page", b"sealed")),
        frame(PageAnswer(b"head", b"page", b"")),
        frame(PageAnswer(b"head", b"", b"sealed")),
    ],
)
def test_a_cut_or_padded_answer_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentRefused):
        unframe(data)


LINES = [EntryLine(STUB, put_bytes(), salt_of(1)), EntryLine(STUB, gone=True), EntryLine(STUB)]


def test_a_block_is_canonical_lines_each_with_its_body_after_it_and_reads_back() -> None:
    block = wire.encode_block(LINES)
    assert wire.decode_block(block) == LINES
    first, body, *rest = block.splitlines()
    assert body == LINES[0].body
    assert canonical.loads(first, 10_000, canonical=True)["body"] == len(body)  # type: ignore[index, call-overload]
    for line in rest:
        canonical.loads(line, 10_000, canonical=True)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_whatever_stands_in_a_body_its_entry_and_those_after_it_read_back(bodies: list[bytes]) -> None:
    lines = [EntryLine(STUB, body, salt_of(at)) for at, body in enumerate(bodies)]
    assert wire.decode_block(wire.encode_block(lines)) == lines


def test_a_body_that_holds_lines_of_entries_is_one_body() -> None:
    within = EntryLine(STUB, wire.encode_block(LINES), salt_of(2))
    assert wire.decode_block(wire.encode_block([within, *LINES])) == [within, *LINES]


SALT = b"A" * 43


@pytest.mark.parametrize(
    "block",
    [
        b'{"body":2,"stub":%s}\n{}\n' % STUB,
        b'{"salt":"%s","stub":%s}\n' % (SALT, STUB),
        b'{"gone":false,"stub":%s}\n' % STUB,
        b'{"gone":true,"salt":"%s","stub":%s}\n' % (SALT, STUB),
        b'{"stub":%s,"body":2}\n{}\n' % STUB,
        b'{"body":2,"salt":"%sB","stub":%s}\n{}\n' % (SALT[1:], STUB),
        b'{"body":{},"salt":"%s","stub":%s}\n' % (SALT, STUB),
        b'{"body":02,"salt":"%s","stub":%s}\n{}\n' % (SALT, STUB),
        b'{"body":-1,"salt":"%s","stub":%s}\n\n' % (SALT, STUB),
        b'{"body":1,"salt":"%s","stub":%s}\n{}\n' % (SALT, STUB),
        b'{"body":3,"salt":"%s","stub":%s}\n{}\n' % (SALT, STUB),
        b'{"body":9999999,"salt":"%s","stub":%s}\n{}\n' % (SALT, STUB),
        b'{"body":2,"salt":"%s","stub":%s}\n{}' % (SALT, STUB),
        b'{"body":2,"salt":"%s","stub":%s}{}\n' % (SALT, STUB),
        b' {"stub":%s}\n' % STUB,
        b'{"stub":%s}' % STUB,
        b'{"stub":%s}\n\n' % STUB,
        b"\n",
        b"",
    ],
)
def test_a_block_that_is_not_framed_as_entries_is_refused(block: bytes) -> None:
    with pytest.raises(DocumentRefused):
        wire.decode_block(block)


def test_a_line_cannot_have_a_body_and_be_gone() -> None:
    with pytest.raises(ValueError, match="a body has a salt"):
        EntryLine(STUB, b"{}", salt_of(1), gone=True)
    with pytest.raises(ValueError, match="a body has a salt"):
        EntryLine(STUB, b"{}")
