"""Canonical JSON and its hashes: RFC 8785, strict reading, one meaning for each hash."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical
from schemas.canonical import DocumentRefused, b64, dumps, dumps_plain, loads, unb64

# RFC 8785 appendix B: the bits of a double, and how it is written.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_rfc_8785_prints_them(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert dumps(value) == text.encode()


def test_the_example_of_rfc_8785_gives_its_printed_bytes() -> None:
    given_text = (
        rb'{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        rb'"string":"\u20ac$\u000F\u000aA' + b"'" + rb'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert dumps(loads(given_text, 1000)) == expected.encode()


def test_names_are_sorted_by_utf16_units_as_in_rfc_8785() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = dumps({name: index for index, name in enumerate(names)})
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_canonical_form_is_judged_by_utf16_order_beyond_the_first_plane() -> None:
    right, wrong = '{"\U0001f600":1,"\ufb33":2}'.encode(), '{"\ufb33":2,"\U0001f600":1}'.encode()
    assert loads(right, 100, canonical=True) == loads(wrong, 100)
    with pytest.raises(DocumentRefused):
        loads(wrong, 100, canonical=True)


plain_names = st.text(st.characters(max_codepoint=127), max_size=8)
integers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def json_values(names: st.SearchStrategy[str], *leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.one_of(st.none(), st.booleans(), integers, strings, *leaves),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )


@given(json_values(plain_names))
def test_fast_form_equals_the_library_where_names_are_ascii_and_no_float_occurs(value: object) -> None:
    assert dumps_plain(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON value


floats = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2**53 <= abs(x) < 1e21)


@given(json_values(strings, floats))
def test_what_was_written_reads_back_as_canonical_whatever_its_names_and_numbers(value: object) -> None:
    written = dumps(value)
    assert dumps(loads(written, 100_000, canonical=True)) == written


@given(json_values(strings, floats))
def test_another_spelling_of_the_same_value_is_refused_as_not_canonical(value: object) -> None:
    spaced = json.dumps([value], separators=(", ", ": ")).encode() + b" "
    with pytest.raises(DocumentRefused) as refused:
        loads(spaced, 100_000, canonical=True)
    assert refused.value.code == "not-canonical"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "duplicate-name"),
        (b'{"a":{"b":1,"b":2}}', "duplicate-name"),
        (b'{"a":1,"\\u0061":2}', "duplicate-name"),
        (b"NaN", "number-not-exact"),
        (b"[-Infinity]", "number-not-exact"),
        (b"1e400", "number-not-exact"),
        (b"9007199254740992", "number-not-exact"),
        (b"-9007199254740992", "number-not-exact"),
        (b"1e20", "number-not-exact"),
        (b"9" * 900, "number-not-exact"),
        (b'"\\ud800"', "lone-surrogate"),
        (b'{"\\udc00":1}', "lone-surrogate"),
        (b'"\xed\xa0\x80"', "not-json"),
        (b'"\xff"', "not-json"),
        (b"\xef\xbb\xbf1", "not-json"),
        (b"", "not-json"),
        (b"{}x", "not-json"),
        (b"[1}", "not-json"),
        (b"'a'", "not-json"),
        (b"[" * 21 + b"]" * 21, "too-deep"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "too-deep"),
        (b"[" * 900, "too-deep"),
        (b"[" + b"0," * 2000 + b"0]", "array-too-long"),
        (b'"' + b"a" * 10_000 + b'"', "too-large"),
    ],
)
def test_a_document_that_two_programs_could_read_differently_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        loads(data, 8_000)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 20 + b"]" * 20,
        b'"' + b"[{" * 30 + b'"',
        rb'"\"[[[[[[[[[[[[[[[[[[[[[[[[[\\"',
        b"[" + b"0," * 1999 + b"0]",
        b'"' + b"," * 5000 + b'"',
        b"9007199254740991",
    ],
)
def test_bounds_are_on_structure_and_not_on_what_strings_hold(data: bytes) -> None:
    assert loads(data, 8_000) == json.loads(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_never_fail_otherwise(data: bytes) -> None:
    try:
        value = loads(data, 50)
    except DocumentRefused:
        return
    assert json.loads(data) == value


@given(st.binary(max_size=50))
def test_base64url_has_one_spelling(data: bytes) -> None:
    assert unb64(b64(data)) == data


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "AA\n", "A A", "+/+/", "é", "AAAAAA="])
def test_another_spelling_of_base64url_is_refused(text: str) -> None:
    with pytest.raises(DocumentRefused):
        unb64(text)


def test_base64url_of_another_length_than_agreed_is_refused() -> None:
    with pytest.raises(DocumentRefused):
        unb64(b64(bytes(31)), 32)


def test_hashes_of_the_log_are_the_ones_the_protocol_prints() -> None:
    prev, salt, stub, body = bytes(range(32)), bytes(range(32, 64)), b'{"seq":1}', b'{"label":{}}'
    assert canonical.genesis("CW", "AW", 1) == hashlib.sha256(b"rtr-sync-1/log\x00CW\x00AW\x001").digest()
    inner = hashlib.sha256(stub).digest()
    assert canonical.entry_hash(prev, stub) == hashlib.sha256(b"rtr-sync-1/entry\x00" + prev + inner).digest()
    assert canonical.body_commitment(salt, body) == hashlib.sha256(b"rtr-sync-1/body\x00" + salt + body).digest()


def test_a_short_salt_is_refused_since_it_would_shift_into_the_body() -> None:
    with pytest.raises(ValueError, match="expected 32 bytes"):
        canonical.body_commitment(bytes(31), b"body")
