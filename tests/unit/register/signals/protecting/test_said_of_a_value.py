"""What stands beside a value, whose name an address is made of, and what age an account tells."""

from __future__ import annotations

import pytest

from register.domain.signals.protecting.said_of_a_name import tells_age
from register.domain.signals.protecting.said_of_a_value import is_spelling_name, not_understood, says_hers
from schemas.signals.parts import SelectorIn

HERS = "Katherinne Oropeza Blanco"


def phone(value: str) -> SelectorIn:
    return SelectorIn(type="PHONE", value=value)


def mail(value: str) -> SelectorIn:
    return SelectorIn(type="EMAIL", value=value)


def passport(value: str) -> SelectorIn:
    return SelectorIn(type="PASSPORT", value=value, country="VE")


@pytest.mark.parametrize(
    "one",
    [
        *map(phone, ["594 7106 melder", "594 7110 victima", "tel. 594 7105 (kind)", "594 7102 nummer van haar"]),
        *map(phone, ["594 7111 niet delen", "594 7104 moeder van het meisje", "+1 721 555 7301 (victim)"]),
        *map(phone, ["594 7105(kind)", "hers: 594 7105", "594 7105 no compartir", "594 7105 di su mai"]),
        *map(phone, ["594 7105 sè li", "594 7105 manman", "manman li 594 7105", "594 7105 (kaptive)", "594 7105 mãe"]),
        *map(phone, ["594 7105 di e señora", "594 7105 su celular", "594 7105 klikspaan", "594 7105 kien a yama"]),
        *map(phone, ["594 7105 sa mère", "594 7105 irmã dela", "594 7105 quien llamó", "594 7105 snitch"]),
        *map(mail, ["Maria Gomez (victim) <mg7108@gmail.com>", "Lola, 15 <x1@gmail.com>"]),
        passport("AV7113131 (van het slachtoffer)"),
        SelectorIn(type="SOCIAL_HANDLE", platform="FACEBOOK", value="lola_98(victim)"),
    ],
    ids=lambda one: one.value,
)
def test_a_remark_beside_a_value_is_understood_by_the_words_that_stand_with_names(one: SelectorIn) -> None:
    assert says_hers(one)
    assert not_understood(one) is None


@pytest.mark.parametrize(
    "one",
    [
        *map(phone, ["594 7105", "tel. 594 7105", "(whatsapp) 594 7105", "594 7105 mobiel", "594 7105 thuis"]),
        *map(phone, ["Nr.: 594-7105", "56O Ol42", "https://wa.me/2975947105"]),
        *map(mail, ["mg7108@gmail.com", "mailto:mg@gmail.com", "mari @ hotmail . com", "victim.support@gmail.com"]),
        SelectorIn(type="PLATE", value="BES-0017", country="BQ"),
        *map(passport, ["AUA 7113131", "AV7113131", "V-12345678", "No. AB123456 (kopie)", "AB1234567 exp 12 jan 2030"]),
        passport("P<NLDVANDERBERG<<ROSA<MARIA<<<<<<<<<<<<<<<<<"),
        SelectorIn(type="SOCIAL_HANDLE", platform="FACEBOOK", value="https://facebook.com/baby.rosa"),
    ],
    ids=lambda one: one.value,
)
def test_a_label_and_the_value_itself_are_no_remark(one: SelectorIn) -> None:
    assert not says_hers(one)
    assert not_understood(one) is None


@pytest.mark.parametrize(
    ("one", "beside"),
    [
        (phone("594 7105 Jan de Boer"), "Jan de Boer"),
        (phone("594 7105 Jan van Dam"), "Jan van Dam"),
        (mail("Maria Gomez <mg7108@gmail.com>"), "Maria Gomez"),
    ],
)
def test_what_nothing_understands_is_shown_as_it_was_typed(one: SelectorIn, beside: str) -> None:
    assert (says_hers(one), not_understood(one)) == (False, beside)


@pytest.mark.parametrize(
    ("text", "own", "spelt"),
    [
        ("katherinne.oropeza98@hotmail.com", [], True),
        ("katherinne_oropeza", [], True),
        ("https://facebook.com/KatherinneOropeza", [], True),
        ("k.oropeza@example.org", [], True),
        ("Katherinne Nails & Spa", [], True),
        ("jose.oropeza@hotmail.com", ["José Oropeza Blanco"], False),
        ("katherinne@hotmail.com", ["José Oropeza Blanco"], True),
        ("rosa1998@hotmail.com", [], False),
    ],
)
def test_an_address_is_of_a_name_by_two_parts_or_by_one_that_is_no_other_word(
    text: str, own: list[str], *, spelt: bool
) -> None:
    assert is_spelling_name(text, HERS, own) is spelt


@pytest.mark.parametrize(("text", "spelt"), [("ana.banana", True), ("banana99", False), ("analia", True)])
def test_a_short_part_of_a_name_counts_by_itself_or_with_another(text: str, *, spelt: bool) -> None:
    assert is_spelling_name(text, "Ana Lia van den Berg") is spelt


@pytest.mark.parametrize(
    "account",
    [
        "Lola is 15 jaar",
        "tiene 15 años",
        "15 years old",
        "e tin 15 aña",
        "edad 15",
        "leeftijd: 15",
        "17yo",
        "16-jarige",
    ],
)
def test_an_age_under_eighteen_in_digits_is_told(account: str) -> None:
    assert tells_age(account)


@pytest.mark.parametrize(
    "account",
    [
        "25 jaar",
        "al 15 jaar",
        "15 jaar geleden",
        "since 10 years",
        "hace 12 años",
        "4 jaar celstraf",
        "room 15",
        "18 jaar",
    ],
)
def test_a_duration_an_adults_age_and_a_bare_number_are_none(account: str) -> None:
    assert not tells_age(account)
