"""Pairs at the edges: a person as entered of a victim, the person as entered again, and whether the two meet."""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.signals.protecting.papers import OF_ANOTHER
from register.pseudonyms.inputs import (
    adds_to_a_name,
    derive_compared_inputs,
    derive_owned_inputs,
    found_alike,
    found_meant,
    identifies_one,
    is_alike,
    is_of_unnamed,
    is_one_person,
    is_personal,
    is_whole_name,
    is_word_of_name,
    may_be_meant,
    may_name,
    names_indexed,
    names_meant,
    parts_of_name,
)
from register.pseudonyms.matchkeys import Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.signal_keys import named_inputs, owned_inputs, same_persons
from schemas.codes import DocumentUse, Partition
from schemas.codes.countries import UNKNOWN
from tests.support.forms import a_form

BORN = Birth(1990, 3, 14)
HER = "Marjolein Tervoort"
LONG = f"{'Maximiliana' * 3} {'Wolkenbrecht' * 3}"
"""Of more letters than are compared letter by letter."""


def meets_later(hers: Person, again: Person) -> bool:
    """Whether a report that comes later is taken for one on her, or is asked about."""
    common = derive_owned_inputs(hers) & derive_compared_inputs(again)
    whole = any(map(is_whole_name, common)) and any(map(adds_to_a_name, common))
    return whole or any(is_alike(key) or identifies_one(key) for key in common)


def is_looked_at(hers: Person, again: Person) -> bool:
    """Whether a report that was there before is looked at for her sake."""
    return bool(
        {*derive_owned_inputs(hers), *found_alike(hers)} & {*names_indexed(again), *derive(again, mode=Mode.REGISTER)}
    )


@pytest.mark.parametrize(
    ("hers", "again", "meet"),
    [
        # Day and month changed about, up to the twelfth, in another reading of the name.
        (Person(HER, Birth(1992, 3, 12)), Person(f"{HER} e/v Haspels", Birth(1992, 12, 3)), True),
        (Person(HER, Birth(1992, 3, 12)), Person(f"{HER} e/v Haspels", Birth(1992, 12, 4)), False),
        # A day off, and two.
        (Person(HER, Birth(1992, 3, 14)), Person(f"{HER} e/v Haspels", Birth(1992, 3, 15)), True),
        (Person(HER, Birth(1992, 3, 14)), Person(f"{HER} e/v Haspels", Birth(1992, 3, 16)), False),
        # A letter more at the end, and two.
        (Person("Ana Perez", BORN), Person("Ana Pereza", BORN), True),
        (Person("Ana Perez", BORN), Person("Ana Perezab", BORN), False),
        # A name of two letters stands in full beside an initial.
        (Person("M. Li", BORN), Person("Maria Li", BORN), True),
        (Person("M. Li", BORN), Person("Ana Li", BORN), False),
        # Of a name too long to be compared by its letters the other reading is looked for as it is.
        (Person(f"{LONG}, ook genaamd Mari", BORN), Person(LONG, BORN), True),
        (Person(f"{LONG}, ook genaamd Mari", BORN), Person(LONG, Birth(1970, 8, 20)), False),
        # What is known of her birth goes with each reading of her name, whatever dates were written there besides.
        (Person(f"{HER} e/v Haspels (7/8/2001)", Birth(1992), "CO"), Person(HER, Birth(1992, 3, 4), "CO"), True),
        (Person(f"{HER} e/v Haspels (7/8/2001)", Birth(1992), "CO"), Person(HER, Birth(1993, 3, 4), "CO"), False),
    ],
)
def test_a_person_entered_again_is_met_in_reports_that_follow_and_in_those_before(
    hers: Person,
    again: Person,
    meet: bool,  # noqa: FBT001 - a case
) -> None:
    assert meets_later(hers, again) is meet
    assert is_looked_at(hers, again) or not meet, "more may be looked at than meets her"


@pytest.mark.parametrize(("month", "met"), [(3, True), (12, True), (11, False)])
def test_the_twelfth_may_have_been_a_month_also_where_only_a_month_is_known(month: int, met: bool) -> None:  # noqa: FBT001
    twelfth, again = Person(HER, Birth(1992, 3, 12)), Person(HER, Birth(1992, month))
    assert is_one_person([(twelfth, None)], [(again, None)]) is met
    assert any(map(is_whole_name, derive_owned_inputs(twelfth) & derive_compared_inputs(again))) is met


@pytest.mark.parametrize(
    ("part", "told"),
    [("Ana", True), ("Li", False), ("Anna", True)],  # three letters tell something, two do not
)
def test_a_part_of_a_name_tells_something_beside_a_number_from_three_letters_on(part: str, told: bool) -> None:  # noqa: FBT001
    common = derive_owned_inputs(Person(f"{part} Tervoort")) & derive_compared_inputs(Person(f"{part} Haspels"))
    assert any(map(is_word_of_name, common)) is told


@pytest.mark.parametrize(
    ("interview", "report", "meant"),
    [
        ("CO", "CO", True),
        ("CO", None, True),
        ("CO", "VE", False),
        (None, "CO", True),
        (None, None, True),
        (UNKNOWN, None, True),
        ("CO", UNKNOWN, True),
    ],
)
def test_whom_an_interview_names_may_be_anybody_of_the_name_who_is_of_no_other_nation(
    interview: str | None,
    report: str | None,
    meant: bool,  # noqa: FBT001 - a case
) -> None:
    said, there = Person(HER, None, interview), Person(f"TERVOORT, {HER.split(maxsplit=1)[0]}", BORN, report)
    assert bool(names_meant(said) & may_be_meant(there)) is meant
    assert found_meant(said) & names_indexed(there), "looked at in either case, and told by the nation"


@pytest.mark.parametrize(
    ("said", "there", "may_be"),
    [
        ("M. Tervoort", "Marjolein Haspels", True),
        ("M.", "Marjolein Haspels", True),
        ("P.", "Marjolein Haspels", False),
        ("Marjo", "Marjolein Haspels", True),
        ("Marjolien", "Marjolein Haspels", True),
        ("La Flaca", "Marjolein Haspels", False),
    ],
)
def test_an_initial_the_beginning_of_a_name_or_one_but_for_a_letter_may_be_said_of_a_person(
    said: str,
    there: str,
    may_be: bool,  # noqa: FBT001 - a case
) -> None:
    for one, other in ((said, there), (there, said)):
        assert may_name(parts_of_name(one), parts_of_name(other)) is may_be


@pytest.mark.parametrize(
    ("value", "personal"),
    [
        (Phone("+58 412 555 7701", "VE"), True),
        (Email("nena.muestra@mail.example"), True),
        (Handle("INSTAGRAM", "nena.muestra"), True),
        (Document("VE", "PASSPORT", "ZT1000001"), False),
    ],
    ids=["phone", "mailbox", "account", "passport"],
)
def test_a_number_a_mailbox_and_an_account_are_what_mostly_one_person_uses(
    value: Selector,
    personal: bool,  # noqa: FBT001 - a case
) -> None:
    assert any(map(is_personal, derive_owned_inputs(value))) is personal


@pytest.mark.parametrize(
    "value",
    [
        {"type": "PHONE", "value": "+58 412 555 7701"},
        {"type": "EMAIL", "value": "nena.muestra@mail.example"},
        {"type": "SOCIAL_HANDLE", "value": "nena.muestra", "platform": "INSTAGRAM"},
    ],
    ids=lambda one: one["type"],
)
def test_whoever_has_what_is_all_that_is_known_of_an_unnamed_victim_may_be_her(value: dict[str, Any]) -> None:
    her = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "selectors": [value]}
    more = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Pruebo Ficticio", "selectors": [value]}
    unnamed, second = (a_form(subjects=[one], selectors=[]) for one in (her, more))
    common = owned_inputs(unnamed, Partition.AW)[1] & named_inputs(second, Partition.AW)[1]
    assert any(map(is_of_unnamed, common))
    assert not any(map(is_of_unnamed, owned_inputs(second, Partition.AW)[1])), "more is known of who has a name"


@pytest.mark.parametrize("use", [None, *DocumentUse])
def test_a_document_makes_two_entries_one_person_unless_it_was_used_as_somebody_elses(use: DocumentUse | None) -> None:
    passport = Document("VE", "PASSPORT", "ZT1000001")
    hers: list[tuple[Selector, str | None]] = [(Person("Ana Perez"), None), (passport, None)]
    other: list[tuple[Selector, str | None]] = [(Person("Pruebo Ficticio"), None), (passport, use)]
    own = use not in OF_ANOTHER
    assert is_one_person(hers, other) is own
    assert is_one_person(other, hers) is own


def test_a_person_entered_three_times_is_one_where_the_second_entry_joins_the_others() -> None:
    """By the name with the first, by the passport with the third, who share nothing themselves."""
    entries = [("Ana Bela Cruz", "ZT1000001"), ("Ana Bela Cruz Diaz", "ZT1000002"), ("Pruebo Ficticio", "ZT1000002")]
    form = a_form(
        subjects=[
            {"n": n, "role": "SUSPECT" if n > 1 else "VICTIM_POTENTIAL", "kind": "person", "name": name,
             "selectors": [{"type": "PASSPORT", "value": number, "country": "VE"}]}
            for n, (name, number) in enumerate(entries, start=1)
        ],
        selectors=[],
    )  # fmt: skip
    assert same_persons(form, Partition.AW) == (frozenset({1, 2, 3}),)
