"""A night is a finding exactly where a list and the book differ, whatever the two hold."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from register.domain.exchange.reconciling import Asked, NightState, reconcile_night
from schemas.exchange.evaluation import EvaluationPurpose

DAY = date(2026, 3, 1)
IDS = st.builds(lambda n: UUID(int=n), st.integers(0, 12))
SAID = st.tuples(st.sampled_from(EvaluationPurpose), st.integers(1, 3))


@given(st.dictionaries(IDS, SAID), st.dictionaries(IDS, st.tuples(SAID, st.booleans())), st.sets(IDS))
def test_a_night_is_a_finding_exactly_where_something_was_not_asked_so_or_is_missing(
    listed: dict[UUID, tuple[EvaluationPurpose, int]],
    book: dict[UUID, tuple[tuple[EvaluationPurpose, int], bool]],
    missing: set[UUID],
) -> None:
    asked = {one: Asked(said[0], said[1], traced) for one, (said, traced) in book.items()}
    night = reconcile_night(DAY, listed, asked, missing)
    strange = {one for one, said in listed.items() if book.get(one) != (said, True)}
    assert set(night.unasked) == strange
    assert set(night.unlisted) == missing
    assert (night.state is NightState.FINDING) == bool(strange or missing)
    assert night.listed == len(listed)
