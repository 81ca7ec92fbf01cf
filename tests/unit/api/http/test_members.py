"""A member given twice is an emergency lost in silence: told for any JSON text, without a value (C18)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.validation import repeated_member


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"urgency":"NOW","urgency":"NORMAL"}', "`urgency`"),
        (b'{"place":{"island":"AW","island":"BQ"}}', "`island`"),
        (b'[{"a":1},{"a":1}]', None),
        (b'{"+2975600142":1,"+2975600142":2}', "a member"),
        (b"{", None),
        (b"\xff", None),
    ],
)
def test_which_member_stands_twice(body: bytes, said: str | None) -> None:
    assert repeated_member(body) == said


@given(document=st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_what_a_program_writes_has_each_member_once(document: object) -> None:
    assert repeated_member(json.dumps(document)) is None
