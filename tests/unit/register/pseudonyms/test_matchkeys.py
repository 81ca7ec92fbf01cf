"""Exact bytes, bounds, the local index, and the published vectors."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from register.pseudonyms.errors import InvalidInput, TooManyKeys
from register.pseudonyms.matchkeys import MatchKey, blind_index, check_record, check_search, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.oprf.voprf import VOPRF
from tests.unit.register.pseudonyms.normalisation_vectors import FOLDER, SELECTORS, text
from tests.unit.register.pseudonyms.support import phones, published_key

KEY = MatchKey("person.p1", 12, ("zeno", "testmán"))


def _published() -> list[tuple[str, dict[str, Any]]]:
    return [
        (path.stem, vector)
        for path in sorted(FOLDER.glob("*.json"))
        for vector in json.loads(path.read_text("utf-8"))["vectors"]
    ]


def test_input_is_each_field_after_its_length() -> None:
    assert KEY.input == (
        b"\x00\x06rtr/v1" + b"\x00\x09person.p1" + b"\x00\x0212" + b"\x00\x04zeno" + b"\x00\x08testm\xc3\xa1n"
    )


@pytest.mark.parametrize(("family", "expected"), [("phone", "phone"), ("person.p1", "person"), ("person.p0", "person")])
def test_class_is_the_family_before_the_dot(family: str, expected: str) -> None:
    assert MatchKey(family, 1, ("x",)).selector_class == expected


def test_values_are_in_no_repr() -> None:
    assert "testmán" not in repr(KEY)
    assert "0142" not in repr(Phone("+297 000 0142"))
    assert all("0142" not in repr(key) for key in derive(Phone("+297 000 0142"), mode=Mode.QUERY))


def test_blind_index_is_hmac_over_the_input_under_the_countrys_key() -> None:
    key = bytes(range(32))
    assert blind_index(key, KEY) == hmac.new(key, KEY.input, hashlib.sha256).digest()
    assert blind_index(bytes(32), KEY) != blind_index(key, KEY)


def test_blind_index_refuses_a_short_key() -> None:
    with pytest.raises(InvalidInput):
        blind_index(bytes(31), KEY)


def test_bounds_of_a_record() -> None:
    check_record([phones(range(24))] * 32)
    with pytest.raises(TooManyKeys, match="subject 2"):
        check_record([phones(range(24)), phones(range(25))])
    with pytest.raises(TooManyKeys, match="33 subjects"):
        check_record([phones(range(1))] * 33)


def test_bounds_of_a_search() -> None:
    check_search([phones(range(12))] * 4)
    with pytest.raises(TooManyKeys, match="49 keys"):
        check_search([phones(range(12))] * 4 + [phones(range(1))])


@pytest.mark.parametrize("selector_class", SELECTORS)
def test_published_file_is_what_the_code_makes(selector_class: str) -> None:
    assert (FOLDER / f"{selector_class}.json").read_text("utf-8") == text(selector_class)


def test_there_is_a_file_for_each_class_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(SELECTORS)


def test_published_vectors_hold_without_the_code_that_made_them() -> None:
    keys = [key for _, vector in _published() for key in vector.get("keys", ())]
    assert len(keys) > 100
    for key in keys:
        fields = ["rtr/v1", key["family"], str(key["version"]), *key["canonical"]]
        x = b"".join(len(f.encode()).to_bytes(2, "big") + f.encode() for f in fields)
        assert (x.hex(), key["token"]) == (key["x"], key["output"][:64])
        assert VOPRF.evaluate(published_key(), x).hex() == key["output"]


def test_what_is_registered_is_found_by_asking_the_same() -> None:
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for stem, vector in _published():
        value = json.dumps(vector["value"], sort_keys=True)
        found.setdefault((stem, value), {})[vector["mode"]] = [key["token"] for key in vector.get("keys", ())]
    assert all(set(modes["register"]) <= set(modes["query"]) for modes in found.values())
