"""What a key is made of, at the edges: how few digits still tell a document, how long a name is compared by parts."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from register.pseudonyms.errors import DocumentRefused, PersonRefused
from register.pseudonyms.inputs import (
    adds_to_a_name,
    derive_compared_inputs,
    derive_owned_inputs,
    found_alike,
    found_elsewhere,
    identifies_one,
    is_alike,
    is_one_person,
    made_of,
    names_indexed,
)
from register.pseudonyms.matchkeys import MatchKey, Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle
from register.pseudonyms.normalise.person import TOKENS_MAX, Birth, Person, name_tokens
from register.pseudonyms.normalise.phone import Phone

BORN = Birth(1990, 3, 14)
NAMES = ("Ana", "Bela", "Cira", "Dora", "Elsa", "Fila", "Gina", "Hilda", "Irma")


def meets(owner: Selector, other: Selector) -> set[MatchKey]:
    """The inputs of an owner of which the other's keys are made."""
    return set(derive_owned_inputs(owner) & made_of(other))


def alike(owner: Person, other: Person) -> bool:
    return any(is_alike(key) for key in meets(owner, other))


@pytest.mark.parametrize(("number", "told"), [("AC12345K", False), ("AC123456K", True)])
def test_six_digits_tell_a_document_by_themselves_and_five_do_not(number: str, told: bool) -> None:  # noqa: FBT001
    digits = "".join(x for x in number if x.isdigit())
    other = Document("CO", "OTHER", f"X{digits}Y")
    assert bool(meets(Document("VE", "PASSPORT", number), other)) is told


@pytest.mark.parametrize(("name", "told"), [("5841255", False), ("58412555", True)])
def test_an_account_named_by_eight_digits_is_a_phone_and_by_seven_is_none(name: str, told: bool) -> None:  # noqa: FBT001
    phones = {key for key in derive_owned_inputs(Email(f"{name}@example.org")) if key.family == "phone"}
    assert phones == ({MatchKey("phone", 1, (f"+{name}",))} if told else set())


def test_an_account_named_by_a_number_is_made_of_that_phone() -> None:
    assert meets(Phone("+58 412 555 7701", "VE"), Handle("TELEGRAM", "584125557701"))


@pytest.mark.parametrize(
    ("day", "swapped"), [(Birth(1990, 3, 12), True), (Birth(1990, 3, 13), False), (Birth(1990, 5, 5), True)]
)
def test_day_and_month_may_be_changed_about_up_to_the_twelfth(day: Birth, swapped: bool) -> None:  # noqa: FBT001
    assert day.month is not None
    assert day.day is not None
    other = Birth(day.year, day.day, day.month) if swapped else Birth(day.year, 1, day.month)
    assert is_one_person([(Person("Ana Bela", day), None)], [(Person("Ana Bela", other), None)]) is swapped


def test_one_name_in_common_makes_nobody_the_same_person_and_two_do() -> None:
    one, two, three = (Person(" ".join(NAMES[:n]), BORN) for n in (1, 2, 3))
    assert not is_one_person([(one, None)], [(two, None)])
    assert is_one_person([(two, None)], [(three, None)])
    assert not alike(one, two)
    assert not alike(two, one)


@pytest.mark.parametrize(("names", "left_out"), [(n, out) for n in range(2, 10) for out in (1, 2, 3) if out < n])
def test_up_to_two_names_of_up_to_eight_may_be_left_out(names: int, left_out: int) -> None:
    fewer = names - left_out
    long, short = Person(" ".join(NAMES[:names]), BORN), Person(" ".join(NAMES[left_out:names]), BORN)
    told = left_out <= 2 and fewer >= 2 and names <= 8
    assert alike(long, short) is told
    assert alike(short, long) is told


def test_two_parts_of_one_name_are_two_people() -> None:
    for one, other in combinations(("Ana Perez Gomez", "Bela Perez Gomez", "Cira Perez Gomez"), 2):
        assert not alike(Person(one, BORN), Person(other, BORN))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("Ana Perezz Gomez", True),
        ("Ana Prez Gomez", True),
        ("Ana Perec Gomez", True),
        ("Ana Preez Gomez", True),
        ("Gomez Peres Ana", True),
        ("Ina Perez Gomez", True),
        ("Ana Pires Gomez", False),
        ("Ina Peres Gomez", False),
    ],
)
def test_one_letter_off_resembles_whoever_stands_first_and_two_do_not(other: str, told: bool) -> None:  # noqa: FBT001
    one, two = Person("Ana Perez Gomez", BORN), Person(other, BORN)
    assert alike(one, two) is alike(two, one) is told
    for here, there in ((one, two), (two, one)):
        keys = set(derive(there, mode=Mode.REGISTER))
        assert bool(found_alike(here) & keys) is told, "also in a report that was there before"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (Birth(1990, 3, 14), Birth(1990, 3, 15), True),
        (Birth(1990, 2, 28), Birth(1990, 3, 1), True),
        (Birth(1989, 12, 31), Birth(1990, 1, 1), True),
        (Birth(1990, 3, 4), Birth(1990, 4, 3), True),
        (Birth(1990, 3, 14), Birth(1990, 3, 16), False),
        (Birth(1990, 3, 14), Birth(1991, 3, 14), False),
    ],
)
def test_one_day_off_resembles_and_two_do_not(first: Birth, second: Birth, told: bool) -> None:  # noqa: FBT001
    one, two = Person("Ana Perez", first), Person("Perez, Ana", second)
    assert alike(one, two) is alike(two, one) is told
    assert bool(found_alike(one) & set(derive(two, mode=Mode.REGISTER))) is told


@pytest.mark.parametrize(("letters", "told"), [(58, True), (59, False)])
def test_a_name_of_sixty_four_letters_is_compared_letter_by_letter_and_a_longer_one_whole(
    letters: int,
    told: bool,  # noqa: FBT001
) -> None:
    long = "abcdefghijklmnopqrstuvwxyz" * 3
    assert alike(Person(f"Gomezz {long[:letters]}", BORN), Person(f"Gomeza {long[:letters]}", BORN)) is told


def test_a_person_is_looked_for_by_a_bounded_number_of_values() -> None:
    most = Person(" ".join(f"{name}abcde"[:8] for name in NAMES[:8]), BORN)
    assert len(found_alike(most)) < 4_000
    assert len(derive_owned_inputs(most)) < 300


def test_a_namesake_of_one_nationality_and_another_birth_date_is_somebody_else() -> None:
    one, two = Person("Ana Perez", BORN, "CO"), Person("Ana Perez", Birth(1970, 8, 20), "CO")
    assert not meets(one, two)
    without = Person("Ana Perez", None, "CO")
    assert {adds_to_a_name(key) for key in derive_owned_inputs(one) & derive_compared_inputs(without)} == {True, False}
    assert any(adds_to_a_name(key) for key in derive_owned_inputs(without) & derive_compared_inputs(one))
    single, bare = Person("Ana", BORN, "CO"), Person("Ana", None, "CO")
    assert not any(adds_to_a_name(key) for key in derive_owned_inputs(single) & derive_compared_inputs(bare))


@pytest.mark.parametrize("first", [None, Birth(1990), Birth(1990, 3), BORN])
@pytest.mark.parametrize("second", [None, Birth(1990), Birth(1990, 3), BORN])
def test_a_whole_name_is_found_as_far_as_the_births_are_known(first: Birth | None, second: Birth | None) -> None:
    one, two = Person("Ana Perez", first), Person("Perez, Ana", second)
    assert derive_owned_inputs(one) & (names_indexed(two) | set(derive(two, mode=Mode.REGISTER)))
    assert len(names_indexed(two)) <= 6
    namesake = Person("Ana Perez", Birth(1970, 8, 20))
    assert bool(derive_owned_inputs(one) & names_indexed(namesake)) is (first is None)


def test_an_account_meets_the_same_name_on_another_platform_and_a_number_does_not() -> None:
    one, two = Handle("instagram", "Ana.Perez_1"), Handle("tiktok", "ana_perez1")
    assert meets(one, two)
    assert set(found_elsewhere(one)) & set(derive(Handle("facebook", "anaperez1"), mode=Mode.REGISTER))
    assert not meets(one, Handle("tiktok", "anaperez2"))


@pytest.mark.parametrize("birth", [None, Birth(1990), Birth(1990, 3), Birth(1900, 1, 1)])
def test_without_a_whole_birth_date_nobody_is_recognised_by_a_part_of_a_name(birth: Birth | None) -> None:
    assert not alike(Person("Ana Bela Cira", birth), Person("Ana Bela", birth))
    for one, other in permutations((Person("Ana Bela Cira", birth), Person("Ana Bela", birth))):
        assert not found_alike(one) & names_indexed(other)


def test_records_are_looked_for_by_what_they_are_found_by() -> None:
    long, short = Person("Ana Bela Cira", BORN), Person("Ana Bela", BORN)
    assert found_alike(short) & names_indexed(long), "a longer name, by its parts"
    assert found_alike(long) & set(derive(short, mode=Mode.REGISTER)), "a shorter one, by its key"
    assert not found_alike(long) & set(derive(long, mode=Mode.REGISTER))


def test_what_only_resembles_identifies_nobody() -> None:
    assert not any(identifies_one(key) for key in derive_owned_inputs(Person("Ana Bela Cira", BORN)) if is_alike(key))


@pytest.mark.parametrize(("digits", "taken"), [(3, False), (4, True), (24, True), (25, False)])
def test_a_document_has_four_to_twenty_four_signs(digits: int, taken: bool) -> None:  # noqa: FBT001
    number = ("1928374650" * 3)[:digits]
    if taken:
        assert derive_owned_inputs(Document("VE", "PASSPORT", number))
    else:
        with pytest.raises(DocumentRefused):
            derive(Document("VE", "PASSPORT", number), mode=Mode.REGISTER)


def test_a_name_has_at_most_sixteen_parts() -> None:
    parts = [f"Nom{a}{b}" for a in "abcd" for b in "abcde"]
    assert derive_owned_inputs(Person(" ".join(parts[:TOKENS_MAX]), BORN))
    with pytest.raises(PersonRefused):
        derive(Person(" ".join(parts[: TOKENS_MAX + 1]), BORN), mode=Mode.REGISTER)


SPACED = [
    ("Ma. Belen Ruizz", "María Belén Ruizz"),
    ("Ma Belen Ruizz", "María Belén Ruizz"),
    ("Ana de la Cruzz", "Ana Delacruzz"),
    ("Ana Cruzz", "Delacruzz, Ana"),
    ("Ana Cruzz Valle", "ANA DELACRUZZ DELVALLE"),
    ("Ana de la Cruzz", "Anadelacruzz"),
    ("Ana Maria Solano", "Anamaria Solano"),
    ("Solano Ana María", "Solano, Anamaria"),
    ("Ana van der Bergh", "Ana Vanderbergh"),
    ("Bergh, Ana v.d.", "Ana Vanderbergh"),
    ("Ana Perez Gomez", "AnaPerez Gomez"),
    ("ANA\u200bBRICEÑO", "Ana Briceño"),
    ("Anab\u200briceño", "Ana Briceño"),
    ("An\u200ba Bri\u200bceño", "Ana Briceño"),
    ("\u0410na \u0410breu", "Ana Abreu"),
]
INITIALS = [
    ("Ana M. Uribe", "Ana Maria Uribe"),
    ("A.M. Vidal", "Ana Maria Vidal"),
    ("Vidal, AM", "Ana Maria Vidal"),
    ("Y. Noll", "Yesenia Noll"),
    ("Y. Noll", "Noll, Yesenia Maria"),
    ("A. Vidal Perez", "Ana Maria Vidal Perez"),
    ("A. M. J. Vidal", "Ana Maria Juana Vidal"),
]


@pytest.mark.parametrize(("name", "other"), SPACED + INITIALS)
def test_one_name_written_otherwise_is_one_or_resembles_in_both_directions(name: str, other: str) -> None:
    for one, two in ((Person(name, BORN), Person(other, BORN)), (Person(other, BORN), Person(name, BORN))):
        assert any(is_alike(key) or identifies_one(key) for key in meets(one, two))
        there = names_indexed(two) | set(derive(two, mode=Mode.REGISTER))
        assert (derive_owned_inputs(one) | found_alike(one)) & there, "also in a report that was there before"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Y. Noll", "Ana Noll"),
        ("A.M. Vidal", "Ana Vidal"),
        ("Ana M. Uribe", "Alba Maria Uribe"),
        ("Ana M. Uribe", "Ana Sofia Uribe"),
        ("Ana Maria Solano", "Anamarta Solana"),
        ("Ana Lacruzz", "Ana Decruzz Valle Soto Rey"),
    ],
)
def test_other_initials_and_other_letters_are_somebody_else(name: str, other: str) -> None:
    for one, two in ((Person(name, BORN), Person(other, BORN)), (Person(other, BORN), Person(name, BORN))):
        assert not meets(one, two)


@pytest.mark.parametrize(("name", "other"), SPACED + INITIALS)
def test_names_written_otherwise_tell_nothing_where_the_births_differ(name: str, other: str) -> None:
    assert not any(is_alike(key) for key in meets(Person(name, BORN), Person(other, Birth(1970, 8, 20))))
    # Three whole parts are enough by themselves.
    same = name_tokens(name) == name_tokens(other) and len(name_tokens(name)) > 2
    assert any(is_alike(key) for key in meets(Person(name, BORN), Person(other, None))) is same


def test_a_name_is_indexed_by_a_bounded_number_of_values() -> None:
    most = ("Delamarde Ladelena Vandelalo Dalalesa Deladona Dolodela Ledelara Ladalena", "Candelaria Magdalena Dalila")
    for name in most:
        assert len(derive_owned_inputs(Person(name, BORN))) < 400
        assert len(names_indexed(Person(name, BORN))) < 200
