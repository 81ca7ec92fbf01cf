"""Rules of scoring that hold for any two subjects."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from hypothesis import assume, given
from hypothesis import strategies as st

from register.matching.evidence import Scored
from register.matching.score import rank, score
from register.matching.weights import default_weights

WEIGHTS = default_weights()
NAMES = sorted(WEIGHTS.families)
TOKENS = [f"t{i}" for i in range(6)]

Side = Mapping[str, AbstractSet[str]]

sides = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(TOKENS), max_size=3), max_size=8)
frequencies = st.dictionaries(st.sampled_from(TOKENS), st.integers(0, 40))


def compare(ours: Side, theirs: Side, df: Mapping[str, int] | None = None) -> Scored:
    return score(ours, theirs, df or {}, WEIGHTS)


def not_below(higher: Scored, lower: Scored) -> bool:
    return higher.bits >= lower.bits - 1e-9 and higher.strength.rank >= lower.strength.rank


@given(sides, sides, frequencies)
def test_swapping_the_two_subjects_changes_nothing(ours: Side, theirs: Side, df: Mapping[str, int]) -> None:
    assert compare(ours, theirs, df) == compare(theirs, ours, df)


@given(sides, sides, frequencies, st.sampled_from(NAMES), st.integers(1, 40))
def test_one_more_equal_key_never_lowers(
    ours: dict[str, set[str]], theirs: dict[str, set[str]], df: dict[str, int], family: str, seen: int
) -> None:
    """Neither in a family that was unequal, nor in one that was absent, nor beside another equal key."""
    more = {**ours, family: ours.get(family, set()) | {"new"}}, {**theirs, family: theirs.get(family, set()) | {"new"}}
    assert not_below(compare(*more, {**df, "new": seen}), compare(ours, theirs, df))


@given(sides, sides, frequencies, st.sampled_from(NAMES))
def test_a_family_present_on_both_sides_and_unequal_never_raises(
    ours: dict[str, set[str]], theirs: dict[str, set[str]], df: dict[str, int], family: str
) -> None:
    assume(family not in ours or family not in theirs)
    unequal = {**ours, family: {"mine"}}, {**theirs, family: {"yours"}}
    assert not_below(compare(ours, theirs, df), compare(*unequal, df))


@given(st.sampled_from(NAMES))
def test_a_family_that_is_all_there_is_and_unequal_counts_against(family: str) -> None:
    assert compare({family: {"mine"}}, {family: {"yours"}}).bits < 0


@given(sides, sides, frequencies, st.sampled_from(NAMES), st.sets(st.sampled_from(TOKENS), max_size=3))
def test_a_family_absent_on_one_side_counts_nothing(
    ours: dict[str, set[str]], theirs: dict[str, set[str]], df: dict[str, int], family: str, tokens: set[str]
) -> None:
    without = {name: held for name, held in theirs.items() if name != family}
    assert compare({**ours, family: tokens}, without, df) == compare(
        {name: held for name, held in ours.items() if name != family}, without, df
    )


@given(sides, sides, frequencies)
def test_no_attribute_speaks_twice_or_beyond_its_bounds(ours: Side, theirs: Side, df: Mapping[str, int]) -> None:
    scored = compare(ours, theirs, df)
    assert len({evidence.attribute for evidence in scored.evidence}) == len(scored.evidence)
    for evidence in scored.evidence:
        upper = 20 if evidence.attribute in {"document", "account"} else 12
        assert -12 <= evidence.bits <= upper
    assert scored.bits == sum(evidence.bits for evidence in scored.evidence)


@given(sides, sides, frequencies, st.sampled_from(TOKENS), st.integers(1, 40))
def test_the_more_records_carry_a_token_the_less_it_says(
    ours: Side, theirs: Side, df: dict[str, int], token: str, more: int
) -> None:
    commoner = {**df, token: df.get(token, 1) + more}
    assert not_below(compare(ours, theirs, df), compare(ours, theirs, commoner))


@given(sides, st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 3)), sides, max_size=5), frequencies)
def test_evidence_is_never_added_up_across_subjects(
    query: Side, hits: dict[tuple[int, int], Side], df: Mapping[str, int]
) -> None:
    """Each (record, subject) is worth what it is worth alone, whatever the other subjects of the record hold."""
    ranked = dict(rank(query, hits, df, WEIGHTS))
    alone = {key: compare(query, families, df) for key, families in hits.items()}
    assert ranked == {key: scored for key, scored in alone.items() if scored.is_hit}


def test_two_halves_of_a_hit_on_two_subjects_make_none() -> None:
    query = {"person.p3": {"pair+1979"}, "person.p4": {"pair+04-03"}}
    apart = {("r", 1): {"person.p3": {"pair+1979"}}, ("r", 2): {"person.p4": {"pair+04-03"}}}
    assert rank(query, apart, {}, WEIGHTS) == []
    assert rank(query, {("r", 1): query}, {}, WEIGHTS) != []
