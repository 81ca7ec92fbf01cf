"""A question travels in the form: what comes back is what was taken, and anything else is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.frame.guard import Posted, UnreadableForm
from api.web.search.question import (
    FIELDS,
    PERSON,
    Question,
    probe_of,
    question_of,
    read_ground,
    read_thing,
    search_of,
    subject_of,
)
from api.web.signals.reporting.answers import Reader
from register.domain.access.caller import Caller
from register.domain.access.case import read_case
from register.mou.asking import grounds_for
from register.mou.edition import load
from register.pseudonyms.normalise.stop import is_filler, says_none
from schemas.codes import LegalBasis, Partition, code_list
from schemas.search.question import SELECTORS_MAX

DEMO = load("demo")
TODAY = date(2026, 3, 1)
GROUND = {"purpose": "COORDINATE", "legal_basis": "AW_NONPOLICE", "case": "Z-2026-04"}
PHONE = {"kind": "phone", "number": "+297 000 0142"}
ZENO = {"kind": PERSON, "name": "Zeno Testman", "year": "1979", "month": "4", "day": "3", "nationality": "CO",
        "unreal": ""}  # fmt: skip
THINGS: list[dict[str, str]] = [
    ZENO,
    PHONE,
    {"kind": "document", "document_type": "PASSPORT", "number": "ZZ0000017", "country": "CO"},
    {"kind": "plate", "number": "A-99901", "country": "AW"},
    {"kind": "email", "number": "name@example.org"},
    {"kind": "handle", "platform": "INSTAGRAM", "number": "testnaam"},
    {"kind": "mark", "mark_type": "VESSEL", "number": "IMO 9074729", "country": ""},
]


def posted(things: list[str], **ground: str) -> Posted:
    return Posted({**{name: (value,) for name, value in (GROUND | ground).items()}, "thing": tuple(things)})


def test_question_comes_back_as_it_was_sent() -> None:
    question = Question(GROUND, THINGS)
    assert question_of(posted(question.carried)) == question


def test_every_kind_of_thing_is_asked_about() -> None:
    assert {thing["kind"] for thing in THINGS} == set(FIELDS)
    subject = subject_of(THINGS)
    assert subject is not None
    assert [s.type for s in subject.selectors] == ["PHONE", "PASSPORT", "PLATE", "EMAIL", "SOCIAL_HANDLE", "VESSEL"]
    assert (subject.name, subject.birth and subject.birth.day, subject.nationality) == ("Zeno Testman", 3, "CO")
    asked = search_of(Question(GROUND, THINGS), subject)
    assert (asked.case, asked.legal_basis, asked.simulate_edition) == ("Z-2026-04", LegalBasis.AW_NONPOLICE, None)


@pytest.mark.parametrize("things", [[], [{**ZENO, "year": "", "month": "", "day": "", "nationality": ""}]])
def test_too_little_to_match_is_no_question(things: list[dict[str, str]]) -> None:
    assert subject_of(things) is None


def test_name_alone_can_be_looked_at_before_a_number_is_added() -> None:
    alone = {**ZENO, "year": "", "month": "", "day": "", "nationality": ""}
    assert probe_of(alone) is not None
    assert subject_of([alone, PHONE]) is not None


@pytest.mark.parametrize(
    "thing",
    ["", "null", "[]", "{", '{"kind":"phone"}', '{"kind":"phone","number":1}', '{"kind":"moon","number":"1"}',
     '{"number":"1"}', '{"kind":"plate","number":"A1","country":"XX"}', "[" * 90_000, '{"kind":["phone"]}'],
)  # fmt: skip
def test_thing_that_no_page_took_is_refused(thing: str) -> None:
    with pytest.raises(UnreadableForm):
        question_of(posted([thing]))


def test_question_is_about_one_person_and_so_many_numbers() -> None:
    full = Question(GROUND, [ZENO, *([PHONE] * SELECTORS_MAX)])
    assert question_of(posted(full.carried)) == full
    assert not full.has_room("phone")
    assert not full.has_room(PERSON)
    for more in (PHONE, ZENO):
        with pytest.raises(UnreadableForm):
            question_of(posted(full.with_thing(more).carried))


@pytest.mark.parametrize("number", [0, 1, 2, 99])
def test_removing_takes_one_thing_and_no_other(number: int) -> None:
    things = THINGS[:3]
    assert list(Question(GROUND, things).without(number).things) == [t for n, t in enumerate(things) if n != number]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("purpose", ""), ("purpose", "FISHING"), ("legal_basis", ""), ("legal_basis", "CW_POLICE"), ("case", ""),
     ("case", "x" * 101), ("case", "a\x00b"), ("case", "none"), ("case", "1111")],
)  # fmt: skip
def test_ground_that_is_missing_or_of_another_country_is_a_fault_of_its_own_field(field: str, typed: str) -> None:
    reader = Reader(GROUND | {field: typed}, TODAY)
    read_ground(
        reader,
        *grounds_for(a_caller(Partition.AW, "non-police"), DEMO),
        lambda text: read_case(text, Partition.AW, this_year=2026, says_none=says_none, is_filler=is_filler),
    )
    assert [fault.field for fault in reader.faults] == [field]


@pytest.mark.parametrize("country", Partition)
def test_each_organisation_is_offered_the_grounds_of_its_own_profile_and_country(country: Partition) -> None:
    police, _ = grounds_for(a_caller(country, "police"), DEMO)
    others, purposes = grounds_for(a_caller(country, "non-police"), DEMO)
    assert set(others) < set(police) <= set(LegalBasis)
    assert all(
        "NONPOLICE" in basis and country in code_list("legal_basis")[basis].extra["partitions"] for basis in others
    )
    assert "INVESTIGATE" not in purposes
    assert grounds_for(a_caller(country, None), DEMO) == ([], [])


def a_caller(country: Partition, profile: str | None) -> Caller:
    return Caller(partition=country, function="api", kind="person", actor="p", legal_profile=profile)


anything = st.text(max_size=40) | st.sampled_from(["yes", "1979", "AW", "PASSPORT", "INSTAGRAM", "<script>", "\ud800"])


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_thing_that_passes_is_one_that_a_search_takes(kind: str, data: st.DataObject) -> None:
    thing = read_thing(kind, Reader({name: data.draw(anything) for name in FIELDS[kind]}, TODAY))
    if thing is not None:
        assert probe_of(thing) is not None
        assert question_of(posted(Question(GROUND, [thing]).carried)).things == [thing]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | anything, lambda x: st.lists(x) | st.dictionaries(anything, x)
    )
)
def test_nothing_sent_as_a_thing_makes_the_page_fall_over(value: Any) -> None:
    try:
        question_of(posted([json.dumps(value)]))
    except UnreadableForm:
        return
    assert isinstance(value, dict)


@pytest.mark.parametrize(("day", "month"), [("31", "6"), ("30", "februari"), ("29", "2")])
def test_a_birth_date_that_does_not_exist_is_asked_with_what_remains(day: str, month: str) -> None:
    typed = {**ZENO, "day": day, "month": month, "year": "1979"}
    thing = read_thing(PERSON, Reader(typed, TODAY))
    assert thing is not None
    assert (thing["day"], thing["unreal"]) == ("", day), "and the page says so"
    assert question_of(posted(Question(GROUND, [thing]).carried)).things == [thing]
    subject = subject_of([thing])
    assert subject is not None
    assert subject.birth is not None
    assert (subject.birth.year, subject.birth.day) == (1979, None)


@pytest.mark.parametrize("typed", [{"day": "32"}, {"month": ""}, {"month": "13"}, {"year": "790"}, {"day": "x"}])
def test_what_is_no_date_at_all_is_still_mended_first(typed: dict[str, str]) -> None:
    assert read_thing(PERSON, Reader({**ZENO, **typed}, TODAY)) is None


def test_a_day_that_no_page_of_ours_has_noted_is_not_taken() -> None:
    with pytest.raises(UnreadableForm):
        question_of(posted([json.dumps({**ZENO, "unreal": "<b>"})]))
