"""Canonical forms: doing it twice changes nothing, and ways of writing do not count."""

from __future__ import annotations

import re
import string
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from register.pseudonyms.errors import CharacterRefused, EmailRefused, SaysNone
from register.pseudonyms.matchkeys import Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.folding import fold, refuse_unassigned
from register.pseudonyms.normalise.handle import Handle, _platforms
from register.pseudonyms.normalise.person import Birth, Person, name_tokens
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.normalise.plate import Plate
from register.pseudonyms.normalise.stop import is_filler, says_none, stop_file

BORN = Birth(1979, 4, 3)
# Names that are no title, particle or placeholder: each part has four letters or more.
PART = st.text(string.ascii_lowercase + "áéíóúñçüøłß", min_size=4, max_size=9).filter(
    lambda part: fold(part) not in stop_file().placeholders | stop_file().describing
)
NAME = st.lists(PART, min_size=2, max_size=5, unique_by=fold)
ALNUM = string.ascii_uppercase + string.digits
LOCAL = st.integers(0, 9_999_999).map("{:07d}".format).filter(lambda digits: not is_filler(digits))
LOOK_ALIKE = str.maketrans("OISB", "0158")


def _registered(selector: Selector) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=Mode.REGISTER)]


def _known(code_point: int) -> bool:
    return unicodedata.category(chr(code_point)) not in {"Cn", "Cs", "Co"}


@given(text=st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    try:
        once = fold(text)
    except CharacterRefused:
        return
    assert fold(once) == once


@pytest.mark.slow
def test_folding_every_known_character_twice_is_folding_it_once() -> None:
    for code_point in range(sys.maxunicode + 1):
        character = chr(code_point)
        try:
            once = fold(character)
        except CharacterRefused:
            continue
        assert fold(once) == once, f"U+{code_point:04X}"


@pytest.mark.slow
def test_refused_characters_are_those_that_unicode_14_does_not_assign() -> None:
    """The table is our own, so that every Python gives this answer; one whose own tables are 14.0 must agree."""
    refused = 0
    for code_point in range(sys.maxunicode + 1):
        try:
            refuse_unassigned(chr(code_point))
        except CharacterRefused:
            refused += 1
            known = False
        else:
            known = True
        if unicodedata.unidata_version == "14.0.0":
            assert known is _known(code_point), f"U+{code_point:04X}"
    assert refused == sys.maxunicode + 1 - 144_762  # assigned characters, controls and format characters of 14.0


@given(parts=NAME, data=st.data())
def test_order_case_accents_titles_and_separators_of_a_name_do_not_count(parts: list[str], data: st.DataObject) -> None:
    expected = _registered(Person(" ".join(parts), BORN))
    shuffled = data.draw(st.permutations(parts))
    separator = data.draw(st.sampled_from([" ", "  ", ", ", "-", "\t", " . "]))
    title = data.draw(st.sampled_from(["", "Mr. ", "DRS ", "sra. ", "van der ", "de "]))
    change = data.draw(
        st.sampled_from([str.upper, str.title, fold, lambda s: unicodedata.normalize("NFD", s), lambda s: s + "\u200b"])
    )
    assert _registered(Person(title + change(separator.join(shuffled)), BORN)) == expected


@given(parts=NAME)
def test_tokens_of_a_name_are_their_own_tokens(parts: list[str]) -> None:
    tokens = name_tokens(" ".join(parts))
    assert name_tokens(" ".join(tokens)) == tokens


@given(parts=NAME, other=NAME)
def test_names_with_other_letters_have_other_keys(parts: list[str], other: list[str]) -> None:
    same = {fold(part) for part in parts} == {fold(part) for part in other}
    assert (_registered(Person(" ".join(parts), BORN)) == _registered(Person(" ".join(other), BORN))) is same


@given(
    code=st.sampled_from(["297", "599", "5999", "1721"]),
    local=LOCAL,
    data=st.data(),
)
def test_spellings_of_a_number_with_its_country_code_are_one(code: str, local: str, data: st.DataObject) -> None:
    expected = _registered(Phone(f"+{code}{local}"))
    assert _registered(Phone(*map(str, expected[0]))) == expected
    separator = data.draw(st.sampled_from([" ", "-", ".", "/", "  "]))
    prefix = data.draw(st.sampled_from(["+", "00", "", "tel:+", "011 "]))
    spelt = f"{prefix}{code}{separator}{local[:3]}{separator}{local[3:]}"
    assert _registered(Phone(spelt)) == expected


@given(region=st.sampled_from(["AW", "BQ", "CW", "SX"]), local=LOCAL)
def test_local_number_of_an_island_is_possible_there(region: str, local: str) -> None:
    code = {"AW": "+297", "BQ": "+599", "CW": "+5999", "SX": "+1721"}[region]
    registered = _registered(Phone(local, region))
    assert registered == [(code + local,)]
    assert set(registered) <= {key.values for key in derive(Phone(local), mode=Mode.QUERY)} | set(registered)


ENDS_UNREADABLE = re.compile(r"[0-9]X{2,}(?![A-Z])")  # 1234XX: how people write what they cannot read; it is refused
NUMBER = st.text(ALNUM, min_size=5, max_size=12).filter(
    lambda text: (
        any(map(str.isdigit, text))
        and not is_filler(text.translate(LOOK_ALIKE))
        and ENDS_UNREADABLE.search(text.translate(LOOK_ALIKE)) is None
    )
)


@given(number=NUMBER, data=st.data())
def test_spellings_of_a_document_number_are_one(number: str, data: st.DataObject) -> None:
    country = data.draw(st.sampled_from(["NL", "VE", "CO", "HT", "AW"]))
    kind = data.draw(st.sampled_from(["PASSPORT", "ID_CARD", "PERSONAL_NUMBER", "OTHER", "DRIVING_LICENCE"]))
    expected = _registered(Document(country, kind, number))
    alike = data.draw(st.sampled_from(["O0", "I1", "S5", "B8"]))
    separator = data.draw(st.sampled_from([" ", "-", ".", "/"]))
    for spelt in (number.lower(), separator.join(number), number.replace(alike[0], alike[1])):
        assert _registered(Document(country, kind, spelt)) == expected
    canonical = expected[0]
    if len(canonical[2]) >= 4:
        assert _registered(Document(*canonical)) == expected


@given(text=st.text(ALNUM, min_size=1, max_size=8), separator=st.sampled_from([" ", "-", ".", "·"]))
def test_spellings_of_a_plate_are_one(text: str, separator: str) -> None:
    expected = _registered(Plate("CW", text + "7"))
    assert _registered(Plate("cw", separator.join(text.lower()) + separator + "7")) == expected
    assert _registered(Plate(*expected[0])) == expected


@given(address=st.emails())
@example(address="NULL@A.aq")
def test_address_in_capitals_is_the_same_and_its_form_is_its_own(address: str) -> None:
    try:
        expected = _registered(Email(address))
    except (EmailRefused, SaysNone):  # quoted names and the like; a word for none before the @
        return
    assert _registered(Email(address.upper())) == expected
    assert _registered(Email(expected[0][0])) == expected


ACCOUNT = st.text(string.ascii_letters + string.digits + "_", min_size=4, max_size=20).filter(
    lambda name: (
        fold(name) not in _platforms()["instagram"].nobody | _platforms()["instagram"].post_behind
        and not says_none(name)
        and not says_none(name, stop_file().handle_words)
    )
)


@given(name=ACCOUNT)
def test_account_by_name_sign_or_address_is_one(name: str) -> None:
    expected = _registered(Handle("instagram", name))
    for spelt in (f"@{name}", name.upper(), f"https://www.instagram.com/{name}/", f"instagram.com/{name}?hl=nl"):
        assert _registered(Handle("IG", spelt)) == expected
