"""The worked cases of scoring: which word stands beside which evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.matching.evidence import Strength
from register.matching.score import count_carriers, rank, score
from register.matching.weights import default_weights
from schemas.codes import Partition

WEIGHTS = default_weights()
ZENO = {"person.p1": {"zeno-1979"}}
NUMBERS = ("phone", "email", "handle", "plate", "vessel", "company", "ticket")


def test_equal_names_and_full_birth_date_are_very_strong() -> None:
    scored = score(ZENO, ZENO, {}, WEIGHTS)
    assert scored.strength is Strength.VERY_STRONG
    assert [evidence.words for evidence in scored.evidence] == [
        "surname-exact",
        "given-names-exact",
        "birth-date-exact",
    ]


def test_names_and_birth_date_stay_very_strong_as_long_as_the_key_is_scored_at_all() -> None:
    assert score(ZENO, ZENO, {"zeno-1979": 25}, WEIGHTS).strength is Strength.VERY_STRONG


def test_a_namesake_born_in_another_year_is_no_hit() -> None:
    scored = score(ZENO, {"person.p1": {"zeno-1991"}}, {}, WEIGHTS)
    assert scored.strength is Strength.NONE
    assert scored.bits < 0


@pytest.mark.parametrize("family", NUMBERS)
def test_a_number_alone_is_named_for_what_it_is_and_never_ranked_above_possible(family: str) -> None:
    scored = score({family: {"a"}}, {family: {"a"}}, {}, WEIGHTS)
    assert scored.strength is Strength.SAME_NUMBER
    assert scored.strength.rank == Strength.POSSIBLE.rank
    assert 8 <= scored.bits <= 12


@pytest.mark.parametrize("family", ["document", "iban"])
def test_a_document_or_account_alone_is_a_match(family: str) -> None:
    scored = score({family: {"a"}}, {family: {"a"}}, {}, WEIGHTS)
    assert scored.strength is Strength.SAME_DOCUMENT
    assert scored.bits == 20


def test_a_same_document_stays_so_when_the_bearer_has_another_name() -> None:
    """A look-alike carries the passport of somebody else."""
    ours, theirs = {"document": {"d"}, "person.p1": {"x"}}, {"document": {"d"}, "person.p1": {"y"}}
    assert score(ours, theirs, {}, WEIGHTS).strength is Strength.SAME_DOCUMENT


def test_a_same_number_stays_so_when_the_names_differ_and_says_what_speaks_against() -> None:
    ours, theirs = {"phone": {"n"}, "person.p1": {"x"}}, {"phone": {"n"}, "person.p1": {"y"}}
    scored = score(ours, theirs, {}, WEIGHTS)
    assert scored.strength is Strength.SAME_NUMBER
    assert [evidence.words for evidence in scored.evidence] == ["names-and-birth-date-unequal", "phone-equal"]
    assert scored.bits < 12


def test_a_key_of_several_things_that_differs_says_so_of_them_together_and_of_none_alone() -> None:
    """Same phone, same name, birth date one day off: neither the surname nor the given names are another (C28)."""
    ours = {"phone": {"n"}, "person.p1": {"zeno-testman-1985-06-07"}}
    theirs = {"phone": {"n"}, "person.p1": {"zeno-testman-1985-06-08"}}
    attributes = {evidence.attribute for evidence in score(ours, theirs, {}, WEIGHTS).evidence}
    assert attributes == {"names_and_birth_date", "phone"}


@pytest.mark.parametrize(
    ("very_strong", "strong", "possible", "word"),
    [
        (0, -1, -2, Strength.VERY_STRONG),
        (1, 0, -1, Strength.STRONG),
        (2, 1, 0, Strength.POSSIBLE),
        (3, 2, 1, Strength.NONE),
    ],
)
def test_a_word_is_earned_by_exactly_its_bits(very_strong: int, strong: int, possible: int, word: Strength) -> None:
    bits = score(ZENO, ZENO, {}, WEIGHTS).bits
    just = replace(WEIGHTS, very_strong=bits + very_strong, strong=bits + strong, possible=bits + possible)
    assert score(ZENO, ZENO, {}, just).strength is word


def test_a_number_is_named_as_one_if_it_stands_alone_or_falls_short_of_strong() -> None:
    """Whatever the table says a number is worth: several people use one."""
    alone, both = {"phone": {"n"}}, {"phone": {"n"}, "handle": {"h"}}
    generous, strict = (
        replace(WEIGHTS, very_strong=3, strong=2, possible=1),
        replace(WEIGHTS, very_strong=90, strong=80),
    )
    assert score(alone, alone, {}, generous).strength is Strength.SAME_NUMBER
    assert score(both, both, {}, strict).strength is Strength.SAME_NUMBER
    assert score(both, both, {}, generous).strength is Strength.VERY_STRONG
    assert score(both, both, {}, replace(generous, very_strong=90)).strength is Strength.STRONG


def test_words_are_spelled_as_programs_know_them_and_stand_in_their_order() -> None:
    """search.md 4: a same number is possible, a same document a match."""
    assert {one.value: one.rank for one in Strength} == {
        "none": 0, "same-number": 1, "possible": 1, "strong": 2, "same-document": 3, "very-strong": 3,
    }  # fmt: skip


def test_two_numbers_of_one_subject_support_each_other() -> None:
    both = {"phone": {"n"}, "handle": {"h"}}
    assert score(both, both, {}, WEIGHTS).strength is Strength.VERY_STRONG


@pytest.mark.parametrize("family", ["person.p0", "person.p3", "person.p4"])
def test_a_weak_key_alone_is_no_hit(family: str) -> None:
    scored = score({family: {"a"}}, {family: {"a"}}, {}, WEIGHTS)
    assert scored.bits > 8
    assert scored.strength is Strength.NONE


def test_two_independent_weak_keys_are_a_hit() -> None:
    both = {"person.p3": {"pair+1979"}, "person.p4": {"pair+04-03"}}
    assert score(both, both, {}, WEIGHTS).strength.rank >= Strength.POSSIBLE.rank


def test_names_with_a_nationality_support_a_same_number() -> None:
    both = {"person.p0": {"names"}, "phone": {"n"}}
    assert score(both, both, {}, WEIGHTS).strength is Strength.VERY_STRONG


def test_an_attribute_takes_its_best_level_once() -> None:
    both = {"person.p1": {"exact"}, "person.p2": {"sound"}}
    exact_only = {"person.p1": {"exact"}}
    assert score(both, both, {}, WEIGHTS).bits == score(exact_only, exact_only, {}, WEIGHTS).bits


def test_a_spelling_variant_found_by_sound_is_not_held_against_the_names() -> None:
    ours = {"person.p1": {"testman"}, "person.p2": {"TSTMN"}}
    theirs = {"person.p1": {"testmann"}, "person.p2": {"TSTMN"}}
    assert all(evidence.bits > 0 for evidence in score(ours, theirs, {}, WEIGHTS).evidence)


def test_same_names_and_nationality_with_another_birth_date_are_not_all_the_same() -> None:
    ours = {"person.p0": {"names"}, "person.p1": {"names+1979"}}
    theirs = {"person.p0": {"names"}, "person.p1": {"names+1991"}}
    by_attribute = {evidence.attribute: evidence.bits for evidence in score(ours, theirs, {}, WEIGHTS).evidence}
    assert by_attribute["surname"] > 0
    assert by_attribute["names_and_birth_date"] < 0


def test_a_token_in_25_records_is_scored_and_in_26_is_too_common() -> None:
    phone = {"phone": {"switchboard"}}
    assert score(phone, phone, {"switchboard": 25}, WEIGHTS).strength is Strength.SAME_NUMBER
    common = score(phone, phone, {"switchboard": 26}, WEIGHTS)
    assert (common.strength, common.bits, common.too_common) == (Strength.NONE, 0.0, ("phone",))


def test_a_common_token_does_not_push_out_a_rare_one_of_the_same_family() -> None:
    both = {"phone": {"switchboard", "own"}}
    assert score(both, both, {"switchboard": 500}, WEIGHTS).bits == score(both, both, {}, WEIGHTS).bits


def test_a_family_that_is_known_to_be_there_but_not_equal_is_given_as_an_empty_set() -> None:
    scored = score({"document": {"d"}, "phone": {"n"}}, {"document": set(), "phone": {"n"}}, {}, WEIGHTS)
    assert {evidence.words: evidence.bits < 0 for evidence in scored.evidence} == {
        "document-unequal": True,
        "phone-equal": False,
    }


def test_a_family_the_table_does_not_know_counts_nothing() -> None:
    strange = {"person.p99": {"x"}}
    assert score(strange, strange, {}, WEIGHTS).evidence == ()


def test_hits_are_ranked_strongest_first_and_what_is_none_is_left_out() -> None:
    query = {"phone": {"n"}, "document": {"d"}, "person.p1": {"x"}}
    hits = {
        ("r1", 1): {"phone": {"n"}},
        ("r2", 1): {"person.p1": {"y"}},
        ("r2", 2): {"document": {"d"}},
        ("r3", 1): {"person.p1": {"x"}},
    }
    assert [key for key, _ in rank(query, hits, {}, WEIGHTS)] == [("r3", 1), ("r2", 2), ("r1", 1)]


@given(
    by_origin=st.dictionaries(st.sampled_from(Partition), st.integers(1, 10_000)),
    own=st.integers(1, 2),
    sides=st.sets(st.sampled_from(Partition), min_size=1, max_size=2),
)
def test_three_countries_together_make_no_value_too_common_for_what_two_others_know(
    by_origin: dict[Partition, int], own: int, sides: set[Partition]
) -> None:
    flooding = [one for one in by_origin if one not in sides][:3]
    carried = {**{one: by_origin[one] for one in flooding}, **dict.fromkeys(sides, own)}
    assert count_carriers(carried, sides) <= default_weights().too_common_over
    assert count_carriers({**carried, min(sides): 26}, sides) > default_weights().too_common_over
