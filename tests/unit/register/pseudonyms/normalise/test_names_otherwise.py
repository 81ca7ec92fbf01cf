"""What else a field for a name may hold: a married name, a nickname, a date, spoilt letters, two persons."""

from __future__ import annotations

from datetime import date

import pytest

from api.web.frame.languages import Words
from api.web.signals.reporting.reading import TWO_PERSONS, said
from register.pseudonyms.inputs import (
    adds_to_a_name,
    derive_compared_inputs,
    derive_owned_inputs,
    found_alike,
    identifies_one,
    is_alike,
    is_whole_name,
    made_of,
    names_indexed,
)
from register.pseudonyms.inputs.written import dates_in, other_names, two_in
from register.pseudonyms.matchkeys import derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.readings import readings_of
from schemas.codes import Partition
from tests.support.forms import a_form

BORN = Birth(1992, 3, 4)
TERVOORT = "Marjolein Tervoort"


def knows_again(owner: Person, other: Person) -> bool:
    """Whether somebody is taken for the owner in a report that comes later, and in one that was there before."""
    common = derive_owned_inputs(owner) & derive_compared_inputs(other)
    whole = any(map(is_whole_name, common)) and any(map(adds_to_a_name, common))
    later = whole or any(is_alike(key) or identifies_one(key) for key in common)
    looked_for = {*derive_owned_inputs(owner), *found_alike(owner)}
    return later and bool(looked_for & {*names_indexed(other), *derive(other, mode=Mode.REGISTER)})


@pytest.mark.parametrize(
    ("hers", "written"),
    [
        (TERVOORT, f"{TERVOORT} e/v Haspels"),
        (TERVOORT, f"{TERVOORT} w/v Haspels"),
        (TERVOORT, f"{TERVOORT} wed. Haspels"),
        (TERVOORT, f"{TERVOORT} gesch. van Haspels"),
        (TERVOORT, "Marjolein Haspels geb. Tervoort"),
        (TERVOORT, f"{TERVOORT} a.k.a. Mari"),
        (TERVOORT, f"{TERVOORT}, ook genaamd Mari"),
        (TERVOORT, f"{TERVOORT} alias Mari Tres Veces"),
        (TERVOORT, f"{TERVOORT} (roepnaam Mari)"),
        (TERVOORT, f"{TERVOORT} (04/03/1992)"),
        ("Ana QuiñPobobi", "Ana QuiÃ±Pobobi"),
        ("Ana QuiñBononu", "Ana Qui?Bononu"),
        ("Ana QuiñGipovo", "Ana Qui&ntilde;Gipovo"),
        ("Rosa Elena Quispe Mamani", "Rosa Quispe de Flores"),
        ("Олена Шевченко", "Olena Shevchenko"),
        ("Наталія Юрченко", "Nataliya Yurchenko"),
        ("Дмитрий Щукин", "Dmitrii Shchukin"),
        ("Adela Morcant y Berta Morcant", "Berta Morcant"),
    ],
)
def test_one_birth_date_and_another_reading_of_the_name_are_asked_about_either_way(hers: str, written: str) -> None:
    assert knows_again(Person(hers, BORN), Person(written, BORN))
    assert knows_again(Person(written, BORN), Person(hers, BORN))


@pytest.mark.parametrize(
    ("hers", "other"),
    [
        (Person("Ornela Vasquito", None, "DO"), Person("Ornela Vasquito Prunel", Birth(1995), "DO")),
        (Person("Ornela Vasquito", None, "DO"), Person("Ornela Vasquito Prunel", Birth(1995, 2, 3), "DO")),
        (Person("Adela Morcant y Berta Morcant", None, "CO"), Person("Berta Morcant", Birth(1999), "CO")),
        (Person("Adela y Berta Morcant", None, "CO"), Person("Adela Morcant", Birth(1999, 1, 2), "CO")),
        (Person("Ana Perez Soto", Birth(1999, 2, 3)), Person("Ana Perez Soto (03/02/1999)")),
    ],
)
def test_one_nationality_does_for_a_name_of_one_part_more_where_no_two_dates_tell_them_apart(
    hers: Person, other: Person
) -> None:
    assert knows_again(hers, other)
    assert knows_again(other, hers)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Person("Ornela Vasquito", Birth(1990, 1, 2), "DO"),
            Person("Ornela Vasquito Prunel", Birth(1995, 2, 3), "DO"),
        ),
        (Person("Ornela Vasquito", None, "DO"), Person("Ornela Vasquito Prunel", None, "VE")),
        (Person("Ornela Vasquito", None, "DO"), Person("Ornela Prunel Soto", None, "DO")),
        (Person("Ornela", None, "DO"), Person("Ornela Vasquito", None, "DO")),
    ],
)
def test_others_of_the_name_are_others(one: Person, other: Person) -> None:
    assert not knows_again(one, other)
    assert not knows_again(other, one)


def test_another_reading_of_a_name_identifies_nobody() -> None:
    found = derive_owned_inputs(Person(f"{TERVOORT} e/v Haspels", BORN)) & made_of(Person(TERVOORT, BORN))
    assert found
    assert not any(map(identifies_one, found))


@pytest.mark.parametrize(
    "name", ["Jan van der Berg", "Berg, Jan v.d.", "Zeno Testman", "María de los Ángeles Ruiz Soto"]
)
def test_most_names_are_read_in_one_way(name: str) -> None:
    assert other_names(name) == ()
    assert two_in(name) == ()
    assert dates_in(name) == ()


def test_two_persons_in_one_field_are_seen() -> None:
    both = ("Adela Morcant", "Berta Morcant")
    assert two_in("Adela Morcant y Berta Morcant") == both
    assert two_in("Adela en Berta Morcant") == both
    assert two_in("José Ortega y Gasset") == ()
    assert two_in("Morcant Lopez, Adela Maria") == ()


def test_the_reading_of_such_a_field_asks_to_enter_each_by_itself() -> None:
    person = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Adela Morcant y Berta Morcant"}
    [read] = readings_of(a_form(subjects=[person | {"nationality": "CO"}], selectors=[]), Partition.AW)
    assert read.others == ("Adela Morcant", "Berta Morcant")
    assert read.says.endswith("These may be two persons, Adela Morcant and Berta Morcant: enter each one by itself.")
    assert TWO_PERSONS.message in [line.message for line in said(read, Words("en", Partition.AW))]


def test_a_date_with_a_name_is_read_in_either_order_and_no_date_is_made_up() -> None:
    assert set(dates_in("Ana (03/02/1999)")) == {date(1999, 2, 3), date(1999, 3, 2)}
    assert dates_in("Ana 1999-02-03") == (date(1999, 2, 3),)
    assert dates_in("Ana 31/31/1999") == ()


def test_a_field_of_many_marks_is_read_in_a_dozen_ways_at_most() -> None:
    assert len(other_names(" y ".join(f"Ana{'a' * n} Soto{'o' * n}" for n in range(40)))) == 12


XIOMARA = Person("Xiomara Esther Villalobos Nava", Birth(1997, 10, 21), "VE")


@pytest.mark.parametrize(
    "little",
    [
        Person("Xiomara Esther Villalobos Nava"),
        Person("VILLALOBOS NAVA, Xiomara E."),
        Person("VILLALOBOS NAVA, Xiomara E.", None, "VE"),
        Person("Xiomara Villalobos", Birth(1997), "VE"),
        Person("Xiomara Villalobos", Birth(1997, 1, 21), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1979, 10, 21), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1997, 1, 21), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1997, 10, 12), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1998, 10, 21), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1998, 10, 21)),
        Person("Xiomara Esther Villalobos Nava", Birth(1997)),
    ],
)
def test_who_is_known_is_known_again_by_the_little_that_is_typed_of_her(little: Person) -> None:
    assert knows_again(XIOMARA, little)
    assert knows_again(little, XIOMARA) or "." in little.name
    assert derive_owned_inputs(little) & derive_compared_inputs(XIOMARA)
    assert any(is_alike(key) for key in derive_owned_inputs(XIOMARA) & derive_compared_inputs(little))


@pytest.mark.parametrize(
    "other",
    [
        Person("Xiomara Esther Villalobos Nava", None, "CO"),
        Person("Xiomara Esther Villalobos Nava", Birth(1988), "VE"),
        Person("Xiomara Esther Villalobos Nava", Birth(1988, 10, 3), "VE"),
        Person("Xiomara Villalobos", Birth(1988), "VE"),
        Person("Xiomara Villalobos", Birth(1997)),
        Person("Jose Villalobos Nava", Birth(1997, 10, 21), "VE"),
        Person("Xiomara V.", None, "VE"),
        Person("VILLALOBOS NAVA, Xiomara R.", None, "VE"),
    ],
)
def test_who_is_told_apart_by_the_little_that_is_typed_is_somebody_else(other: Person) -> None:
    assert not any(
        is_alike(key) or identifies_one(key) for key in derive_owned_inputs(XIOMARA) & derive_compared_inputs(other)
    )
    assert not any(
        is_alike(key) or identifies_one(key) for key in derive_owned_inputs(other) & derive_compared_inputs(XIOMARA)
    )


def test_knowing_somebody_again_by_little_costs_a_bounded_number_of_values() -> None:
    long = Person("Ana Berta Carla Dora Elisa Fanny Gloria Hilda", Birth(1990, 2, 3), "VE")
    for one in (XIOMARA, long):
        assert len([key for key in derive_owned_inputs(one) if ".little" in key.family]) <= 300
        assert len([key for key in names_indexed(one) if ".little" in key.family]) <= 250
