"""Match keys as bytes: no two different keys share an input, and every derivation keeps the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.pseudonyms.errors import SelectorRefused
from register.pseudonyms.matchkeys import KEYS_SELECTOR_MAX, MatchKey, Selector, blind_index, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.phone import REGIONS, Phone
from register.pseudonyms.normalise.plate import Plate

TEXT = st.text(max_size=20)
COUNTRY = st.sampled_from(["AW", "BQ", "CW", "NL", "SX", "VE", "CO", "HT", "aw", "", "XX", "AN", "XXX"])
KEYS = st.builds(
    MatchKey,
    st.sampled_from(["phone", "person.p1", "person.p0"]),
    st.integers(1, 200),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=4).map(tuple),
)
SELECTORS: st.SearchStrategy[Selector] = st.one_of(
    st.builds(Phone, st.one_of(TEXT, st.text("0123456789 +-()", max_size=18)), st.sampled_from([None, *REGIONS])),
    st.builds(Email, st.one_of(TEXT, st.emails())),
    st.builds(Document, COUNTRY, st.sampled_from(["PASSPORT", "ID_CARD", "RESIDENCE_PERMIT", "OTHER", ""]), TEXT),
    st.builds(Plate, COUNTRY, TEXT),
    st.builds(Handle, st.sampled_from(["fb", "TikTok", "x", ""]), TEXT, st.one_of(st.none(), TEXT)),
    st.builds(
        Person,
        TEXT,
        st.one_of(st.none(), st.builds(Birth, st.integers(1900, 2030), st.integers(0, 13), st.integers(0, 32))),
        st.one_of(st.none(), COUNTRY),
    ),
)


def _fields(x: bytes) -> list[str]:
    """Read an input back, as only an unambiguous encoding allows."""
    fields = []
    while x:
        length = int.from_bytes(x[:2], "big")
        assert len(x) >= 2 + length
        fields.append(x[2 : 2 + length].decode())
        x = x[2 + length :]
    return fields


@given(key=KEYS)
def test_input_can_be_read_back_to_the_key_it_was_made_of(key: MatchKey) -> None:
    head, family, version, *values = _fields(key.input)
    assert (head, MatchKey(family, int(version), tuple(values))) == ("rtr/v1", key)


@given(one=KEYS, other=KEYS)
def test_different_keys_have_different_inputs_and_local_entries(one: MatchKey, other: MatchKey) -> None:
    assert (one == other) is (one.input == other.input)
    assert (one == other) is (blind_index(bytes(32), one) == blind_index(bytes(32), other))


@given(selector=SELECTORS)
def test_whatever_is_typed_gives_keys_within_bounds_or_a_refusal_that_does_not_repeat_it(selector: Selector) -> None:
    try:
        registered = derive(selector, mode=Mode.REGISTER)
    except SelectorRefused as refusal:
        with pytest.raises(type(refusal)):
            derive(selector, mode=Mode.QUERY)
        return
    asked = derive(selector, mode=Mode.QUERY)
    assert set(registered) <= set(asked)
    assert len(asked) <= KEYS_SELECTOR_MAX
    assert all(0 < len(key.input) <= 65_535 for key in asked)
    assert len(set(asked)) == len(asked)


@given(noise=st.text(st.characters(min_codepoint=0x400, max_codepoint=0x4FF), min_size=4, max_size=12))
def test_no_refusal_repeats_the_value(noise: str) -> None:
    for selector in (Phone(noise), Email(noise), Document("NL", "PASSPORT", noise), Plate("CW", noise)):
        with pytest.raises(SelectorRefused) as refused:
            derive(selector, mode=Mode.REGISTER)
        assert noise not in str(refused.value)
        assert noise not in repr(refused.value.details)
