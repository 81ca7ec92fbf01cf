"""Accounts, vessels and companies: one thing has one form however it is written, and a wrong digit makes no key."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, imo

from register.pseudonyms.errors import CheckFails, NoKey, NotComparedYet, SaysNone, SelectorRefused
from register.pseudonyms.matchkeys import Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.company import Company
from register.pseudonyms.normalise.iban import Account
from register.pseudonyms.normalise.stop import is_filler
from register.pseudonyms.normalise.vessel import Vessel

DIGITS = st.text(string.digits, min_size=10, max_size=10).filter(lambda digits: not is_filler(digits))
BANK = st.text(string.ascii_uppercase, min_size=4, max_size=4)
SEPARATOR = st.sampled_from(["", " ", "-", ".", "  "])


def _forms(selector: Selector, mode: Mode = Mode.REGISTER) -> list[tuple[str, ...]]:
    return [key.values for key in derive(selector, mode=mode)]


def _dutch(bank: str, account: str) -> str:
    bban = bank + account
    return f"NL{iban.calc_check_digits('NL00' + bban)}{bban}"


@given(bank=BANK, account=DIGITS, separator=SEPARATOR, data=st.data())
def test_spellings_of_an_iban_are_one(bank: str, account: str, separator: str, data: st.DataObject) -> None:
    number = _dutch(bank, account)
    label = data.draw(st.sampled_from(["", "IBAN ", "iban: ", "Rekening ", "cuenta no. "]))
    change = data.draw(st.sampled_from([str.upper, str.lower]))
    grouped = separator.join(number[i : i + 4] for i in range(0, len(number), 4))
    for mode in Mode:
        assert _forms(Account(label + change(grouped)), mode) == [(number,)]
    assert _forms(Account(number)) == _forms(Account(*_forms(Account(number))[0]))


@given(bank=BANK, account=DIGITS, place=st.integers(0, 17), data=st.data())
def test_an_iban_with_one_wrong_letter_or_digit_makes_no_key(
    bank: str, account: str, place: int, data: st.DataObject
) -> None:
    number = _dutch(bank, account)
    among = string.ascii_uppercase if number[place].isalpha() else string.digits
    other = data.draw(st.sampled_from([one for one in among if one != number[place]]))
    with pytest.raises(NoKey):
        derive(Account(number[:place] + other + number[place + 1 :]), mode=Mode.QUERY)


@given(first=DIGITS, second=DIGITS, bank=BANK)
def test_two_accounts_have_two_keys(first: str, second: str, bank: str) -> None:
    assert (_forms(Account(_dutch(bank, first))) == _forms(Account(_dutch(bank, second)))) is (first == second)


@given(bank=BANK, account=DIGITS)
def test_letters_read_for_digits_of_an_iban_are_put_right(bank: str, account: str) -> None:
    number = _dutch(bank, account)
    read = number[:2] + number[2:4].translate(str.maketrans("01", "Ol")) + number[4:8]
    assert _forms(Account(read + number[8:].translate(str.maketrans("0158", "OISB")))) == [(number,)]


SIX = st.integers(100_000, 999_999).map(str)


@given(six=SIX, separator=SEPARATOR, label=st.sampled_from(["IMO", "imo ", "IMO no. ", "IMO: ", "MV Prueba, IMO-"]))
def test_spellings_of_an_imo_number_are_one(six: str, separator: str, label: str) -> None:
    number = six + imo.calc_check_digit(six)
    if is_filler(number):
        return
    spelt = number[:3] + separator + number[3:]
    for text in (label + spelt, number):
        assert _forms(Vessel(text)) == [("imo", number)]


@given(six=SIX, digit=st.sampled_from(string.digits))
def test_an_imo_number_whose_check_digit_does_not_fit_makes_no_key(six: str, digit: str) -> None:
    number = six + digit
    if digit == imo.calc_check_digit(six) or is_filler(number):
        return
    with pytest.raises(CheckFails):
        derive(Vessel(f"IMO {number}"), mode=Mode.QUERY)
    with pytest.raises(NotComparedYet):
        derive(Vessel(number), mode=Mode.QUERY)


@given(number=st.integers(0, 999_999_999).map("{:09d}".format))
def test_an_mmsi_names_a_country_or_makes_no_key(number: str) -> None:
    ship = number.removeprefix("98") if number.startswith("98") else number.removeprefix("8")
    try:
        found = _forms(Vessel(f"MMSI {number}"))
    except CheckFails:
        assert not 201 <= int(ship[:3]) <= 775
    except SaysNone:
        assert is_filler(number)
    else:
        assert found == [("mmsi", number)]
        assert 201 <= int(ship[:3]) <= 775


@given(letters=st.sampled_from(["", "H", "N"]), number=st.integers(11, 99_999), zeros=st.integers(0, 3))
def test_zeros_before_and_the_head_office_behind_an_islands_company_do_not_count(
    letters: str, number: int, zeros: int
) -> None:
    expected = [("AW", f"{letters}{number}")]
    for text in (f"{letters}{'0' * zeros}{number}", f"{letters}-{number}.0", f"{letters.lower()} {number} (0)"):
        try:
            assert _forms(Company("AW", text)) == expected
        except SaysNone:
            assert is_filler(str(number), running=False)


@given(digits=st.integers(1_000_000, 89_999_999).filter(lambda n: not is_filler(f"{n:08d}")))
def test_a_venezuelan_company_is_one_with_and_without_its_check_digit(digits: int) -> None:
    with_zeros = f"J{digits:08d}"
    assert _forms(Company("VE", with_zeros)) == [("VE", with_zeros)]
    for check in "059":
        assert _forms(Company("VE", f"RIF {with_zeros[0]}-{with_zeros[1:]}-{check}")) == [("VE", with_zeros)]


@given(text=st.text(max_size=40))
def test_whatever_is_typed_makes_keys_or_is_refused_in_words(text: str) -> None:
    for selector in (Account(text), Vessel(text), Company("CW", text)):
        try:
            found = _forms(selector)
        except SelectorRefused:
            continue
        assert found
