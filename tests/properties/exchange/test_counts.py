"""What evaluators granted, compared with each other: two make a pseudonym, so nobody grants much alone."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from register.domain.exchange.counts import ALONE_MAX, granted_alone, root_of
from register.domain.partition import others
from schemas.codes import Partition
from schemas.exchange.wire import Book

AW, BQ, CW, NL, SX = Partition
PHONES = (Book.SEARCHES, "phone")
requests = st.lists(
    st.tuples(
        st.sampled_from(others(AW)),
        st.sampled_from(others(AW)),
        st.sampled_from(("phone", "plate")),
        st.integers(1, 300),
    ).filter(lambda one: one[0] is not one[1]),
    max_size=20,
)
Granted = dict[Partition, dict[tuple[Partition, Book, str], int]]


def counted(asked: list[tuple[Partition, Partition, str, int]]) -> Granted:
    """What evaluators counted of requests that two of them granted each."""
    found: Granted = {one: {} for one in Partition}
    for first, second, name, keys in asked:
        for evaluator in (first, second):
            at = (AW, Book.SEARCHES, name)
            found[evaluator][at] = found[evaluator].get(at, 0) + keys
    return found


@given(requests)
def test_what_two_evaluators_granted_each_time_is_never_found(
    asked: list[tuple[Partition, Partition, str, int]],
) -> None:
    assert granted_alone(counted(asked)) == []


@given(requests, st.sampled_from(others(AW)), st.integers(ALONE_MAX + 1, 5_000))
def test_what_one_granted_beyond_all_others_together_is_found_whatever_else_was_asked(
    asked: list[tuple[Partition, Partition, str, int]], evaluator: Partition, keys: int
) -> None:
    granted = counted(asked)
    at = (AW, *PHONES)
    of_others = sum(granted[one].get(at, 0) for one in others(AW) if one is not evaluator)
    granted[evaluator][at] = of_others + keys
    (found,) = [one for one in granted_alone(granted) if one.selector_class == "phone"]
    assert (found.country, found.book, found.evaluator, found.keys) == (AW, Book.SEARCHES, evaluator, keys)


def test_of_a_country_one_of_whose_evaluators_is_not_known_nothing_is_said() -> None:
    granted: Granted = {one: {} for one in Partition if one is not SX}
    granted[NL][AW, *PHONES] = 10_000
    assert granted_alone(granted) == []
    assert len(granted_alone({**granted, SX: {}})) == 1


def test_an_evaluator_is_none_for_its_own_country() -> None:
    granted: Granted = {one: {} for one in Partition}
    granted[BQ][CW, *PHONES] = granted[NL][CW, *PHONES] = 1_000
    granted[CW][CW, *PHONES] = 5_000
    assert granted_alone(granted) == []


def test_what_is_kept_is_looked_at_with_what_is_registered_alone() -> None:
    granted: Granted = {one: {} for one in Partition}
    granted[NL][AW, Book.KEPT, "phone"] = granted[NL][AW, Book.REGISTRATIONS, "phone"] = 1_000
    assert [one.book for one in granted_alone(granted)] == [Book.REGISTRATIONS]


@given(st.sets(st.uuids(), max_size=20), st.uuids())
def test_the_root_stands_for_one_set_of_ids_in_whatever_order(ids: set[UUID], more: UUID) -> None:
    assert root_of(sorted(ids)) == root_of(sorted(ids, reverse=True))
    if more not in ids:
        assert root_of({*ids, more}) != root_of(ids)
