"""What a country answers, from what was found and judged: every line of the table that needs no store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from register.domain.exchange.held import HeldExtract
from register.domain.exchange.log import OutOfDate
from register.matching.answers import (
    LIMITED,
    NOT_COMPUTED,
    NOTHING,
    TOO_COMMON,
    Candidate,
    Limit,
    Question,
    answer_of,
    cut_off_words,
    not_asked,
    not_computed,
)
from register.mou import edition as editions
from register.mou.decide import Decision, may_ask, may_see
from register.mou.facts import AskerFacts, LegalProfile
from register.mou.label import terms_of
from schemas import canonical
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.exchange.wire import IndicatorPut, read
from schemas.search.question import HITS_MAX, Answer, CommonOut

AW, CW = Partition.AW, Partition.CW
DEMO, STRICT = editions.load("demo"), editions.load("strict")
TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
COMMON = CommonOut(family="phone", records=26, month_from="2026-01", month_to="2026-02")


def an_extract(**label: Any) -> IndicatorPut:
    whole: dict[str, Any] = {
        "label": {
            "acquisition": "OWN_TASK",
            "audience": ["AW"],
            "contested": False,
            "covenant_ref": "MOU-2019",
            "edition": DEMO.hash,
            "evaluation": {"scheme": "4x4", "source": "B", "information": "2"},
            "handling": {"code": "H0", "conditions": []},
            "last_verified_on": "2026-11-01",
            "legal_basis": "CW_NONPOLICE",
            "onward": False,
            "purpose": "ADMINISTRATIVE",
            "retain_until": "2028-01-01",
            "review_by": "2027-01-01",
            "rules": ["SHARED-1"],
            "source_profile": "NON_POLICE",
            "visibility": "V0",
        }
        | label,
        "record": {
            "reference": "CW-2026-0001",
            "signal_type": "HT",
            "reporting_class": "HT",
            "period": {"from": "2026-01", "to": "2026-02"},
            "exploitation_forms": ["LABOUR"],
            "acts": [],
            "means": [],
            "smuggling_elements": ["FEE_DEBT"],
            "recruitment": [],
            "indicators": [],
            "location_type": "BAR_CLUB",
            "sector": None,
            "persons_seen": {"adults": 2, "children": 1},
            "subjects": [
                {"n": 1, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"},
                {"n": 2, "role": "TRANSPORTER", "category": "INVOLVED", "kind": "person"},
            ],
            "tokens": [
                {
                    "family": "document",
                    "version": 1,
                    "epoch": 1,
                    "token": "A" * 43,
                    "n": 2,
                    "use": "LOOKALIKE",
                }
            ],
            "contact": {"unit": "A unit", "routes": ["police", "legal"]},
        },
        "ext": {},
    }
    whole["record"].pop("sector")
    return read(IndicatorPut, canonical.dumps(whole))


def a_candidate(*keys: str, family: str = "phone", subject: int = 1, number: int = 1, **label: Any) -> Candidate:
    held = HeldExtract(CW, UUID(int=number), 1, an_extract(**label))
    return Candidate(held, subject, {family: set(keys)}, _seen(held))


def _seen(held: HeldExtract) -> Decision:
    return may_see(ASKER, terms_of(held), DEMO, today=TODAY)


ASKER = AskerFacts(
    partition=AW,
    purpose=Purpose.COORDINATE,
    legal_basis=LegalBasis.AW_NONPOLICE,
    profile=LegalProfile.NON_POLICE,
    case_ref="Z-1",
    searches_shared=True,
)


def asked(*keys: str, family: str = "phone", **df: int) -> Question:
    return Question({family: set(keys)}, df)


def test_nothing_found_is_nothing_that_may_be_shown() -> None:
    answer = answer_of(CW, asked("a"), [], [], stale=None)
    assert (answer.answer, answer.words, answer.hits) == (Answer.NOTHING, NOTHING, ())


def test_what_agrees_in_nothing_is_a_miss_like_any_other() -> None:
    empty = answer_of(CW, asked("a"), [], [], stale=None)
    assert answer_of(CW, asked("a"), [a_candidate("b")], [], stale=None) == empty


def test_an_equal_key_is_a_hit() -> None:
    answer = answer_of(CW, asked("a"), [a_candidate("a")], [], stale=None)
    assert (answer.answer, answer.words) == (Answer.HIT, "Curaçao: 1 shared extract matches.")
    assert [(h.strength, h.role) for h in answer.hits] == [("same-number", "GUARANTOR")]


def test_a_key_that_is_too_common_makes_no_hit() -> None:
    answer = answer_of(CW, asked("a", a=26), [a_candidate("a")], [COMMON], stale=None)
    assert (answer.answer, answer.words) == (Answer.TOO_COMMON, TOO_COMMON)
    assert (answer.hits, answer.too_common) == ((), (COMMON,))


def test_a_hit_beside_a_common_key_is_a_hit_and_still_says_what_is_common() -> None:
    question = Question({"phone": {"a", "b"}}, {"a": 26, "b": 1})
    answer = answer_of(CW, question, [a_candidate("b")], [COMMON], stale=None)
    assert (answer.answer, answer.too_common) == (Answer.HIT, (COMMON,))


@pytest.mark.parametrize("found", [[], ["a"]])
def test_stale_stands_beside_whatever_is_answered(found: list[str]) -> None:
    candidates = [a_candidate(*found)] if found else []
    assert answer_of(CW, asked("a"), candidates, [], stale=OutOfDate(AT)).stale_since == AT


def test_the_strongest_hit_comes_first_whatever_order_they_were_found_in() -> None:
    weak, strong = a_candidate("a", number=1), a_candidate("p", family="person.p1", number=2)
    question = Question({"phone": {"a"}, "person.p1": {"p"}}, {})
    for order in ([weak, strong], [strong, weak]):
        answer = answer_of(CW, question, order, [], stale=None)
        assert [h.record.int for h in answer.hits] == [2, 1]


def test_two_subjects_of_one_extract_are_two_hits_on_one_extract() -> None:
    answer = answer_of(CW, asked("a"), [a_candidate("a", subject=n) for n in (1, 2)], [], stale=None)
    assert [h.role for h in answer.hits] == ["GUARANTOR", "TRANSPORTER"]
    assert answer.words == "Curaçao: 1 shared extract matches."


def test_hits_are_bounded() -> None:
    many = [a_candidate("a", number=n) for n in range(1, HITS_MAX + 5)]
    assert len(answer_of(CW, asked("a"), many, [], stale=None).hits) == HITS_MAX


@pytest.mark.parametrize(
    ("visibility", "shown"),
    [
        ("V0", {"signal_type", "month_from", "month_to", "role", "exploitation_forms", "smuggling_elements",
                "location_type", "persons_seen"}),
        ("V1", {"signal_type", "month_from", "month_to", "role", "smuggling_elements", "location_type",
                "persons_seen"}),
        ("V2", {"month_from", "month_to"}),
    ],
)  # fmt: skip
def test_visibility_decides_what_a_hit_shows(visibility: str, shown: set[str]) -> None:
    (hit,) = answer_of(CW, asked("a"), [a_candidate("a", visibility=visibility)], [], stale=None).hits
    limited = {
        "signal_type", "month_from", "month_to", "role", "document_use", "exploitation_forms", "smuggling_elements",
        "location_type", "sector", "persons_seen",
    }  # fmt: skip
    assert {name for name in limited if getattr(hit, name)} == shown
    assert hit.reference == "CW-2026-0001"
    assert hit.contact.unit == "A unit"


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (None, set()),
        ("signal_type", {"signal_type"}),
        ("period", {"month_from", "month_to"}),
        ("subjects", {"role", "document_use"}),
        ("exploitation_forms", {"exploitation_forms"}),
        ("smuggling_elements", {"smuggling_elements"}),
        ("location_type", {"location_type"}),
        ("sector", {"sector"}),
        ("persons_seen", {"persons_seen"}),
    ],
)
def test_hit_shows_what_the_decision_names_and_no_other_field_of_a_record_that_has_them_all(
    field: str | None, shown: set[str]
) -> None:
    found = a_candidate("d", family="document", subject=2)
    record = found.held.put.record.model_copy(update={"sector": "HOSPITALITY"})
    held = replace(found.held, put=found.held.put.model_copy(update={"record": record}))
    decision = replace(found.decision, shows=() if field is None else (field,))
    (hit,) = answer_of(
        CW, asked("d", family="document"), [replace(found, held=held, decision=decision)], [], stale=None
    ).hits
    limited = {
        "signal_type", "month_from", "month_to", "role", "document_use", "exploitation_forms", "smuggling_elements",
        "location_type", "sector", "persons_seen",
    }  # fmt: skip
    assert {name for name in limited if getattr(hit, name)} == shown


@pytest.mark.parametrize(
    ("routes", "ways"),
    [(["police", "legal"], "police request or legal assistance"), ([], "a request")],
)
def test_next_step_names_the_unit_the_record_and_the_ways_that_its_owner_takes(routes: list[str], ways: str) -> None:
    found = a_candidate("a")
    contact = found.held.put.record.contact.model_copy(update={"routes": tuple(routes)})
    record = found.held.put.record.model_copy(update={"contact": contact})
    held = replace(found.held, put=found.held.put.model_copy(update={"record": record}))
    (hit,) = answer_of(CW, asked("a"), [replace(found, held=held)], [], stale=None).hits
    assert hit.next_step == f"Ask A unit for the content of CW-2026-0001 by {ways}."


def test_how_a_document_was_used_shows_with_its_subject_only() -> None:
    mine, other = (
        answer_of(CW, asked("d", family="document"), [a_candidate("d", family="document", subject=n)], [], stale=None)
        for n in (2, 1)
    )
    assert [h.document_use for h in (*mine.hits, *other.hits)] == ["LOOKALIKE", None]


def test_conditions_are_told() -> None:
    handling = {"code": "H3", "conditions": ["NO_CONTACT"]}
    (hit,) = answer_of(CW, asked("a"), [a_candidate("a", handling=handling, contested=True)], [], stale=None).hits
    assert (hit.do_not_contact, hit.contested) == (True, True)
    assert len(hit.obligations) >= 2


def test_bits_are_rounded_to_a_tenth_and_every_evidence_is_named() -> None:
    (hit,) = answer_of(CW, asked("p", family="person.p1"), [a_candidate("p", family="person.p1")], [], stale=None).hits
    assert hit.bits == pytest.approx(sum(e.bits for e in hit.evidence), abs=0.2)
    assert hit.bits == round(hit.bits, 1)
    assert all(e.words and e.family == "person.p1" for e in hit.evidence)


def test_bits_keep_their_tenth() -> None:
    (hit,) = answer_of(CW, asked("a", a=3), [a_candidate("a")], [], stale=None).hits
    assert (hit.bits, [one.bits for one in hit.evidence]) == (10.4, [10.4])


def test_not_asked_says_rule_reason_and_way_and_never_nothing() -> None:
    answer = not_asked(CW, may_ask(ASKER, CW, STRICT, today=TODAY))
    assert (answer.answer, answer.rules) == (Answer.NOT_ASKED, ("REQUEST-1",))
    assert answer.words == "Curaçao was not asked; send a request instead."
    assert len(answer.reasons) == len(answer.ways) == 1


def test_a_limit_is_told_with_its_slot_and_ways_and_is_no_miss() -> None:
    limit = Limit("evaluator-actor-full", "You have used up your part.", ("Ask again.",), AT)
    answer = not_computed(CW, None, limit)
    assert (answer.answer, answer.words, answer.limit, answer.retry_at) == (
        Answer.NOT_COMPUTED, LIMITED, "evaluator-actor-full", AT,
    )  # fmt: skip
    assert (answer.reasons, answer.ways) == ((limit.says,), limit.ways)


def test_not_computed_is_no_miss() -> None:
    answer = not_computed(CW, OutOfDate(AT))
    assert (answer.answer, answer.words, answer.stale_since) == (Answer.NOT_COMPUTED, NOT_COMPUTED, AT)


@pytest.mark.parametrize("kind", ["hit", "nothing", "too common", "not computed", "limited"])
def test_country_that_is_cut_off_says_so_in_every_answer(kind: str) -> None:
    """A hit may have been taken back there since, and "nothing" may be something by now."""
    stale = OutOfDate(AT, cut_off=True)
    limit = Limit("evaluator-country-full", "Full.", ("Wait.",), None)
    answer = {
        "hit": lambda: answer_of(CW, asked("a"), [a_candidate("a")], [], stale=stale),
        "nothing": lambda: answer_of(CW, asked("a"), [], [], stale=stale),
        "too common": lambda: answer_of(CW, asked("a", a=26), [], [COMMON], stale=stale),
        "not computed": lambda: not_computed(CW, stale),
        "limited": lambda: not_computed(CW, stale, limit),
    }[kind]()
    assert (answer.stale_since, answer.cut_off) == (AT, True)
    assert answer.words.endswith(cut_off_words(CW))
    assert "Curaçao" in cut_off_words(CW)
