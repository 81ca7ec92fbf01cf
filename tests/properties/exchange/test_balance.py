"""What was evaluated to be published, against what is: a figure that nothing old hides anything behind."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from register.domain.exchange.balance import derive_balance
from schemas.exchange.evaluation import Declared

reports = st.integers(0, 4).map(lambda n: UUID(int=n))
registered = st.lists(st.tuples(reports, st.sampled_from(Declared), st.integers(1, 50)), max_size=12)
published = st.dictionaries(reports, st.integers(0, 80), max_size=5)


@given(registered, published)
def test_each_key_counts_once_and_nothing_is_published_that_was_not_evaluated(
    asked: list[tuple[UUID, Declared, int]], told: dict[UUID, int]
) -> None:
    found = derive_balance(asked, told)
    assert found.to_publish + found.to_keep == sum(keys for _, _, keys in asked)
    assert 0 <= found.published <= found.to_publish
    assert found.unpublished == found.to_publish - found.published


@given(registered, published, st.integers(1, 50))
def test_what_is_evaluated_for_a_report_of_which_nothing_goes_shows_in_full(
    asked: list[tuple[UUID, Declared, int]], told: dict[UUID, int], keys: int
) -> None:
    invented = UUID(int=99)
    more = derive_balance([*asked, (invented, Declared.PUBLISH, keys)], told)
    assert more.unpublished == derive_balance(asked, told).unpublished + keys


@given(registered, published)
def test_what_a_report_publishes_hides_nothing_that_was_asked_for_another(
    asked: list[tuple[UUID, Declared, int]], told: dict[UUID, int]
) -> None:
    by_report = [[row for row in asked if row[0] == report] for report in {row[0] for row in asked}]
    assert derive_balance(asked, told).unpublished == sum(derive_balance(one, told).unpublished for one in by_report)
