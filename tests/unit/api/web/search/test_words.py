"""Whatever a search answers has words on the page, in both languages; a code or a number never stands alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.web.frame.languages import Words, catalogue
from api.web.search.answer import ANSWERS, EVIDENCE, FAMILIES, STRENGTHS, WHOLE_HITS, name_families, show_country
from register.matching.evidence import Strength
from register.matching.weights import default_weights
from register.mou import edition as editions
from register.mou.rules.table import Asking
from schemas.codes import Partition, Visibility
from schemas.search.question import Answer, ContactOut, CountryAnswer, EvidenceOut, HitOut

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DUTCH = {str(m.id) for m in catalogue("nl") if m.id and m.string}


def a_hit(strength: str = "very-strong", *words: str, **parts: Any) -> HitOut:
    whole: dict[str, Any] = {
        "record": UUID(int=1),
        "owner": Partition.CW,
        "reference": "CW-2026-1",
        "visibility": Visibility.V1,
        "strength": strength,
        "bits": 10.0,
        "evidence": tuple(
            EvidenceOut(attribute=w.rpartition("-")[0], family="phone", bits=10.0, words=w) for w in words
        ),
        "contact": ContactOut(unit="A unit", routes=("police", "legal")),
        "next_step": "-",
    }
    return HitOut(**whole | parts)


def of(*hits: HitOut) -> CountryAnswer:
    return CountryAnswer(country=Partition.CW, answer=Answer.HIT, words="-", hits=hits)


def test_every_answer_and_every_strength_has_its_words() -> None:
    assert set(ANSWERS) == set(Answer)
    assert set(STRENGTHS) | {"none", "same-number", "same-document"} == set(Strength)


def test_every_evidence_that_the_weights_can_give_has_its_words() -> None:
    weights = default_weights()
    given = {e.words for f in weights.families.values() for said in (*f.agreeing, f.common, f.against) for e in said}

    assert given - set(EVIDENCE) == set()
    assert set(weights.families) - set(FAMILIES) == set()


@pytest.mark.parametrize("name", editions.list_packaged_editions())
def test_dutch_says_what_would_allow_a_question_and_how_the_rules_are_called(name: str) -> None:
    edition = editions.load(name)
    judging = {rule.allows for rule, _ in edition.judges_of[Asking]} | {edition.rules["EDITION-1"].allows}

    assert judging - DUTCH == set()
    assert edition.title in DUTCH


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("phone-equal", "Same phone number"),
        ("plate-equal", "Same number plate"),
        ("email-equal", "Same e-mail address"),
    ],
)
def test_equal_number_is_called_what_it_is(words: str, heading: str) -> None:
    (one,) = show_country(of(a_hit("same-number", words, "names-and-nationality-unequal")), AT).whole

    assert one.heading.message == heading
    assert one.is_number
    assert one.is_plain, "what speaks against is no agreement"


def test_person_is_ranked_in_words_and_what_agrees_is_named() -> None:
    (one,) = show_country(of(a_hit("strong", "surname-sound", "birth-date-exact", "phone-unequal")), AT).whole

    assert "likely the same person" in one.heading.message
    assert [text.message for text in one.agrees] == ["Surname that sounds the same", "Same birth date"]
    assert len(one.reasons) == 3


def test_only_the_strongest_stand_there_whole() -> None:
    country = show_country(of(*(a_hit(reference=f"CW-2026-{n}") for n in range(WHOLE_HITS + 4))), AT)

    assert (len(country.whole), len(country.more)) == (WHOLE_HITS, 4)


def test_route_that_this_register_does_not_know_is_not_offered() -> None:
    (one,) = show_country(of(a_hit(contact=ContactOut(unit="A unit", routes=("pigeon", "legal")))), AT).whole

    assert one.routes == ["legal"]
    assert "pigeon" not in one.button


def test_what_matched_is_named_once() -> None:
    assert [t.message for t in name_families(["phone", "person.p1", "phone", "new", "newer"])] == [
        "phone number",
        "name and birth date",
        "value",
    ]


@pytest.mark.parametrize(("language", "number", "said"), [("en", 9.66, "+9.7"), ("nl", -1.5, "\u22121,5")])
def test_bits_are_written_with_their_sign_as_the_language_does(language: str, number: float, said: str) -> None:
    assert Words(language, Partition.AW).signed(number) == said


@pytest.mark.parametrize(("language", "said"), [("en", "May 2025"), ("nl", "mei 2025")])
def test_month_is_said_in_words(language: str, said: str) -> None:
    assert Words(language, Partition.AW).month_of("2025-05") == said


@pytest.mark.parametrize(("age_s", "arriving"), [(None, False), (0, True), (59, True), (60, False), (7_200, False)])
def test_what_was_heard_this_minute_is_not_called_old(age_s: int | None, *, arriving: bool) -> None:
    since = None if age_s is None else AT - timedelta(seconds=age_s)
    assert show_country(of().model_copy(update={"stale_since": since}), AT).arriving is arriving
