"""What must hold of every signed document, not only of those somebody thought of."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from register.keys import jws
from register.keys.jwk import PrivateKey
from register.keys.strict_json import NotStrictBase64, decode_base64url, encode_base64url

KEY = PrivateKey.from_raw(bytes(range(32)))
KEYS = {"AW-1": KEY.public()}
TYP = "rtr-head+jws"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


def refused(compact: str, typ: str = TYP) -> bool:
    try:
        jws.verify(compact, typ=typ, keys=KEYS)
    except jws.SignedDocumentRefused:
        return True
    return False


@given(payload=st.binary(min_size=1, max_size=300))
def test_signed_bytes_come_out_as_they_went_in(payload: bytes) -> None:
    assert jws.verify(jws.sign(payload, typ=TYP, kid="AW-1", key=KEY), typ=TYP, keys=KEYS).payload == payload


@given(claims=st.dictionaries(st.text(st.characters(codec="utf-8")), json_values, max_size=4))
def test_signed_claims_come_out_as_they_went_in(claims: dict[str, Any]) -> None:
    assert jws.verify(jws.sign(claims, typ=TYP, kid="AW-1", key=KEY), typ=TYP, keys=KEYS).claims() == claims


@given(payload=st.binary(min_size=1, max_size=60), data=st.data())
def test_change_of_any_single_character_is_refused(payload: bytes, data: st.DataObject) -> None:
    compact = jws.sign(payload, typ=TYP, kid="AW-1", key=KEY)
    place = data.draw(st.integers(0, len(compact) - 1))
    other = data.draw(st.sampled_from(LETTERS + ".=+/ \n\x00\u00e9").filter(lambda c: c != compact[place]))

    assert refused(compact[:place] + other + compact[place + 1 :])


def test_change_of_every_character_to_every_letter_is_refused() -> None:
    """The whole neighbourhood of one document, so that no unused bit anywhere is overlooked."""
    compact = jws.sign(b"{}", typ=TYP, kid="AW-1", key=KEY)

    believed = [
        (place, other)
        for place, here in enumerate(compact)
        for other in LETTERS
        if other != here and not refused(compact[:place] + other + compact[place + 1 :])
    ]

    assert believed == []


@given(payload=st.binary(min_size=1, max_size=60), data=st.data())
def test_character_lost_or_added_is_refused(payload: bytes, data: st.DataObject) -> None:
    compact = jws.sign(payload, typ=TYP, kid="AW-1", key=KEY)
    place = data.draw(st.integers(0, len(compact) - 1))

    assert refused(compact[:place] + compact[place + 1 :])
    assert refused(compact[:place] + data.draw(st.sampled_from(LETTERS)) + compact[place:])


@given(one=st.binary(min_size=1, max_size=40), two=st.binary(min_size=1, max_size=40))
def test_parts_of_two_documents_do_not_make_a_third(one: bytes, two: bytes) -> None:
    first, second = (jws.sign(payload, typ=TYP, kid="AW-1", key=KEY).split(".") for payload in (one, two))

    assert (one == two) != refused(f"{first[0]}.{first[1]}.{second[2]}")


@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,90}"))
def test_no_text_at_all_is_believed_or_breaks_the_door(text: str) -> None:
    assert refused(text)


@given(header=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "jwk", "x5t"]), json_values))
def test_no_header_breaks_the_door(header: dict[str, Any]) -> None:
    encoded = encode_base64url(json.dumps(header).encode())

    assert refused(f"{encoded}.e30.{encode_base64url(bytes(64))}")


@given(raw=st.binary(max_size=100))
def test_base64url_comes_back_as_it_went(raw: bytes) -> None:
    assert decode_base64url(encode_base64url(raw)) == raw


@given(text=st.text(LETTERS + "=+/\n ", max_size=12))
def test_each_value_has_one_spelling_in_base64url(text: str) -> None:
    try:
        raw = decode_base64url(text)
    except NotStrictBase64:
        return
    assert encode_base64url(raw) == text
